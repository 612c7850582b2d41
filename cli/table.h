/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h: aligned columns.
 *
 *	struct table *table = table_create("PORT VSID #RX");
 *	table_row(table); table_cell(table, "web"); ... table_print(...)
 *
 * A heading that begins with '#' is a column of numbers, set to the right;
 * '_' in a heading is a blank. Columns in which every cell is empty are left
 * out, empty cells of the others are "-". Control characters become '?', so
 * that no name that a guest chose can drive the terminal.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

struct table;

/* Headings parted by blanks; table_destroy frees. Never NULL. */
struct table *table_create(const char *headings);
void table_destroy(struct table *table);

void table_column(struct table *table, const char *heading);
void table_row(struct table *table);

/* The next cell of the row; what is beyond the last heading is left out. */
void table_cell(struct table *table, const char *text);
void table_value(struct table *table, const json_t *value);
void table_values(struct table *table, const json_t *object,
		  const char *const *names, size_t count);

size_t table_rows(const struct table *table);

/* With headings, each line begun by the indent. */
void table_print(const struct table *table, FILE *stream, const char *indent);

#endif
