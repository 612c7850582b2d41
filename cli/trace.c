// SPDX-License-Identifier: Apache-2.0
/*
 * trace.c: the way of one synthetic frame through the switch, station by
 * station, what would leave, and how it ended.
 */
#include <string.h>

#include "render.h"
#include "table.h"
#include "value.h"

static void print_recipe(FILE *stream, const json_t *recipe)
{
	const char *encapsulation = member_text(recipe, "encapsulation");
	char text[VALUE_SIZE];

	if (strcmp(encapsulation, "none") == 0)
		encapsulation = "";
	fprintf(stream, "leaves by %s, %s bytes%s%s\n",
		member_text(recipe, "port"),
		value_text(json_object_get(recipe, "bytes"), text,
			   sizeof(text)),
		*encapsulation ? ", " : "", encapsulation);
}

void render_trace(FILE *stream, const struct view *view, const json_t *result)
{
	static const char *const names[] = {"station", "text"};
	struct table *table = table_create("STATION WHAT_HAPPENED");
	const json_t *verdict = json_object_get(result, "verdict");
	char text[VALUE_SIZE];
	json_t *element;
	size_t i;

	(void)view;
	json_array_foreach(json_object_get(result, "lines"), i, element)
	{
		table_row(table);
		table_values(table, element, names, 2);
	}
	if (i)
		table_print(table, stream, "");
	table_destroy(table);
	json_array_foreach(json_object_get(result, "recipes"), i, element)
	{
		print_recipe(stream, element);
	}
	if (verdict)
		fprintf(stream, "verdict: %s\n",
			value_text(verdict, text, sizeof(text)));
}
