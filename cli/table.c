// SPDX-License-Identifier: Apache-2.0
/*
 * table.c: text in columns. Cells are one JSON array of arrays; widths are
 * counted in characters of UTF-8, when all cells are known.
 */
#include "table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

#define COLUMNS 48u
#define GAP	"  "

struct table {
	json_t *headings;
	json_t *rows;
	bool right[COLUMNS];
};

static void *checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct table *table_create(const char *headings)
{
	struct table *table = checked(calloc(1, sizeof(*table)));
	char *copy = checked(strdup(headings)), *next = copy, *heading;

	table->headings = checked(json_array());
	table->rows = checked(json_array());
	while ((heading = strsep(&next, " ")))
		if (*heading)
			table_column(table, heading);
	free(copy);
	return table;
}

void table_destroy(struct table *table)
{
	if (!table)
		return;
	json_decref(table->headings);
	json_decref(table->rows);
	free(table);
}

void table_column(struct table *table, const char *heading)
{
	size_t at = json_array_size(table->headings);
	char *text = checked(strdup(heading));

	if (at >= COLUMNS) {
		free(text);
		return;
	}
	table->right[at] = text[0] == '#';
	for (char *c = text; *c; c++)
		if (*c == '_')
			*c = ' ';
	json_array_append_new(table->headings,
			      json_string(text + (text[0] == '#')));
	free(text);
}

void table_row(struct table *table)
{
	json_array_append_new(table->rows, json_array());
}

size_t table_rows(const struct table *table)
{
	return json_array_size(table->rows);
}

void table_cell(struct table *table, const char *text)
{
	json_t *row = json_array_get(table->rows, table_rows(table) - 1);
	char *clean;

	if (json_array_size(row) >= json_array_size(table->headings))
		return;
	clean = checked(strdup(text));
	for (char *c = clean; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	json_array_append_new(row, json_string(clean));
	free(clean);
}

void table_value(struct table *table, const json_t *value)
{
	char text[VALUE_SIZE];

	table_cell(table, value_text(value, text, sizeof(text)));
}

void table_values(struct table *table, const json_t *object,
		  const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		table_value(table, json_object_get(object, names[i]));
}

static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static const char *cell_at(const json_t *row, size_t column)
{
	const char *text = json_string_value(json_array_get(row, column));

	return text ? text : "";
}

/* 0: nothing in it. */
static size_t column_width(const struct table *table, size_t column)
{
	size_t width = 0, i;
	json_t *row;

	json_array_foreach(table->rows, i, row)
	{
		size_t cell = text_width(cell_at(row, column));

		width = cell > width ? cell : width;
	}
	if (width && width < text_width(cell_at(table->headings, column)))
		width = text_width(cell_at(table->headings, column));
	return width;
}

static void put_blanks(FILE *stream, size_t count)
{
	fprintf(stream, "%*s", (int)count, "");
}

static void print_row(const struct table *table, const json_t *row,
		      const size_t *widths, FILE *stream)
{
	size_t columns = json_array_size(table->headings), pending = 0;
	bool first = true;

	for (size_t i = 0; i < columns; i++) {
		const char *text = cell_at(row, i);
		size_t width;

		if (!widths[i])
			continue;
		text = *text ? text : "-";
		width = text_width(text);
		pending += first ? 0 : strlen(GAP);
		pending += table->right[i] ? widths[i] - width : 0;
		put_blanks(stream, pending);
		fputs(text, stream);
		/* what would only trail is never written */
		pending = table->right[i] ? 0 : widths[i] - width;
		first = false;
	}
	fputc('\n', stream);
}

void table_print(const struct table *table, FILE *stream, const char *indent)
{
	size_t widths[COLUMNS] = {0}, i;
	json_t *row;

	for (i = 0; i < json_array_size(table->headings); i++)
		widths[i] = column_width(table, i);
	fputs(indent, stream);
	print_row(table, table->headings, widths, stream);
	json_array_foreach(table->rows, i, row)
	{
		fputs(indent, stream);
		print_row(table, row, widths, stream);
	}
}
