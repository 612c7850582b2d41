// SPDX-License-Identifier: Apache-2.0
/*
 * list.c: objects of any noun, and what a change to one did. The columns come
 * from the schema: key, parent, fields, measured fields; what no object has
 * is left out.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "render.h"
#include "schema.h"
#include "table.h"
#include "value.h"

static bool is_number(const json_t *field)
{
	const char *kind = member_text(field, "kind");

	return !member_true(field, "list") &&
	       (strcmp(kind, "number") == 0 || strcmp(kind, "vsid") == 0);
}

static void add_heading(struct table *table, const char *name, bool number)
{
	char heading[80];
	size_t used = 0;

	if (number)
		heading[used++] = '#';
	for (; *name && used < sizeof(heading) - 1; name++)
		heading[used++] =
			(char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A'
							    : *name);
	heading[used] = '\0';
	table_column(table, heading);
}

static const json_t *object_value(const json_t *object, const char *name)
{
	const json_t *value =
		json_object_get(json_object_get(object, "fields"), name);

	if (!value)
		value = json_object_get(json_object_get(object, "status"),
					name);
	return value;
}

static struct table *list_table(const json_t *noun)
{
	const char *parent = schema_parent_field(noun);
	struct table *table = table_create("");
	json_t *field;
	size_t i;

	json_array_foreach(json_object_get(noun, "fields"), i, field)
	{
		/* keys are read as words, even when they are numbers */
		add_heading(table, member_text(field, "name"),
			    i && is_number(field));
		if (i == 0 && parent)
			add_heading(table, parent, false);
	}
	return table;
}

static void list_row(struct table *table, const json_t *noun,
		     const json_t *object)
{
	const json_t *parent = json_object_get(object, "parent");
	json_t *field;
	size_t i;

	table_row(table);
	json_array_foreach(json_object_get(noun, "fields"), i, field)
	{
		const char *name = member_text(field, "name");

		table_value(table, i ? object_value(object, name)
				     : json_object_get(object, "key"));
		if (i == 0 && schema_parent_field(noun))
			table_value(table, json_object_get(parent, "key"));
	}
}

static void print_none(FILE *stream, const struct view *view,
		       const json_t *result)
{
	const json_t *where = json_object_get(view->params, "where");
	const char *noun = member_text(result, "noun");
	char text[VALUE_SIZE];

	if (!*noun)
		noun = member_text(view->noun, "name");
	fprintf(stream, "no %s", noun);
	if (json_object_size(where))
		fprintf(stream, " with %s",
			value_text(where, text, sizeof(text)));
	fputc('\n', stream);
}

void render_list(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *objects = json_object_get(result, "objects");
	struct table *table;
	json_t *object;
	size_t i;

	if (!json_array_size(objects)) {
		print_none(stream, view, result);
		return;
	}
	table = list_table(view->noun);
	json_array_foreach(objects, i, object)
	{
		list_row(table, view->noun, object);
	}
	table_print(table, stream, "");
	table_destroy(table);
}

static void print_object(FILE *stream, const json_t *noun, const json_t *object)
{
	const json_t *parent = json_object_get(object, "parent");
	char text[VALUE_SIZE];
	json_t *field;
	size_t i;

	fprintf(stream, "%s %s\n", member_text(noun, "name"),
		value_text(json_object_get(object, "key"), text, sizeof(text)));
	if (schema_parent_field(noun) && json_is_object(parent))
		fprintf(stream, "  %-16s %s\n", schema_parent_field(noun),
			value_text(json_object_get(parent, "key"), text,
				   sizeof(text)));
	json_array_foreach(json_object_get(noun, "fields"), i, field)
	{
		const char *name = member_text(field, "name");
		const json_t *value = object_value(object, name);
		const char *unset = member_text(field, "unset");

		if (i == 0 || ((!value || json_is_null(value)) && !*unset))
			continue;
		if (value && !json_is_null(value))
			fprintf(stream, "  %-16s %s\n", name,
				value_text(value, text, sizeof(text)));
		else
			fprintf(stream, "  %-16s (%s)\n", name, unset);
	}
}

void render_object(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *objects = json_object_get(result, "objects");
	json_t *object;
	size_t i;

	if (!json_array_size(objects))
		print_none(stream, view, result);
	json_array_foreach(objects, i, object)
	{
		print_object(stream, view->noun, object);
	}
}

void render_change(FILE *stream, const struct view *view, const json_t *result)
{
	const char *noun = member_text(view->noun, "name");
	const char *key = member_text(view->params, "key");
	const char *parent = member_text(view->params, "parent");
	const char *did = member_text(result, "result");
	bool dry = member_true(view->params, "dry_run");
	const json_t *changes = json_object_get(result, "changes");

	if (dry && strcmp(did, "unchanged") != 0)
		fprintf(stream, "would be %s: ", did);
	else
		fprintf(stream, "%s: ", did);
	fprintf(stream, "%s%s%s", *noun ? noun : "the stack", *key ? " " : "",
		key);
	if (*parent)
		fprintf(stream, " (%s %s)", schema_parent_field(view->noun),
			parent);
	fputc('\n', stream);
	if (dry || json_array_size(changes) > 1 ||
	    (!*key && strcmp(did, "deleted") == 0))
		render_changes(stream, view, result);
}

static bool is_table(const json_t *value)
{
	return json_array_size(value) &&
	       json_is_object(json_array_get(value, 0));
}

void render_rows(FILE *stream, const json_t *rows, const char *indent)
{
	struct table *table = table_create("");
	json_t *columns = json_object(), *row, *value;
	const char *name;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_object_foreach(row, name, value)
		{
			json_object_set(columns, name, value);
		}
	}
	json_object_foreach(columns, name, value)
	{
		add_heading(table, name, json_is_number(value));
	}
	json_array_foreach(rows, i, row)
	{
		table_row(table);
		json_object_foreach(columns, name, value)
		{
			table_value(table, json_object_get(row, name));
		}
	}
	table_print(table, stream, indent);
	table_destroy(table);
	json_decref(columns);
}

void render_answer(FILE *stream, const struct view *view, const json_t *result)
{
	char text[VALUE_SIZE];
	const char *name;
	json_t *value;

	(void)view;
	if (is_table(result))
		render_rows(stream, result, "");
	else if (json_is_object(result) && !json_object_size(result))
		fputs("done\n", stream);
	else if (!json_is_object(result))
		fprintf(stream, "%s\n", value_text(result, text, sizeof(text)));
	json_object_foreach((json_t *)(uintptr_t)result, name, value)
	{
		if (is_table(value)) {
			fprintf(stream, "%s:\n", name);
			render_rows(stream, value, "  ");
		} else {
			fprintf(stream, "%-16s %s\n", name,
				value_text(value, text, sizeof(text)));
		}
	}
}
