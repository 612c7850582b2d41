// SPDX-License-Identifier: Apache-2.0
/*
 * fdb.c: which MAC address lives behind which port, per VSID; and which
 * multicast group has members there.
 */
#include "render.h"
#include "table.h"
#include "value.h"

void render_fdb(FILE *stream, const struct view *view, const json_t *result)
{
	static const char *const names[] = {"switch", "vsid", "mac", "port",
					    "kind"};
	const json_t *entries = json_object_get(result, "entries");
	struct table *table =
		table_create("SWITCH VSID MAC PORT KIND #AGE #MOVES");
	json_t *entry;
	size_t i;

	(void)view;
	json_array_foreach(entries, i, entry)
	{
		const json_t *age = json_object_get(entry, "age_s");
		char text[32] = "";

		table_row(table);
		table_values(table, entry, names,
			     sizeof(names) / sizeof(names[0]));
		if (json_is_number(age))
			value_duration(json_number_value(age), text,
				       sizeof(text));
		table_cell(table, text);
		table_value(table, json_object_get(entry, "moves"));
	}
	if (i)
		table_print(table, stream, "");
	else
		fputs("no addresses learned\n", stream);
	table_destroy(table);
}

void render_groups(FILE *stream, const struct view *view, const json_t *result)
{
	static const char *const names[] = {"switch", "vsid", "group", "port"};
	const json_t *members = json_object_get(result, "members");
	struct table *table = table_create("SWITCH VSID GROUP PORT #AGE");
	json_t *member;
	size_t i;

	(void)view;
	json_array_foreach(members, i, member)
	{
		const json_t *age = json_object_get(member, "age_s");
		char text[32] = "";

		table_row(table);
		table_values(table, member, names,
			     sizeof(names) / sizeof(names[0]));
		if (json_is_number(age))
			value_duration(json_number_value(age), text,
				       sizeof(text));
		table_cell(table, text);
	}
	if (i)
		table_print(table, stream, "");
	else
		fputs("no members and no routers heard (switch set NAME "
		      "snooping=on)\n",
		      stream);
	table_destroy(table);
}

void render_flush(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *count = json_object_get(result, "flushed");

	(void)view;
	if (json_is_integer(count))
		fprintf(stream,
			"forgot %" JSON_INTEGER_FORMAT " learned addresses\n",
			json_integer_value(count));
	else
		fputs("forgot the learned addresses\n", stream);
}
