// SPDX-License-Identifier: Apache-2.0
/*
 * changes.c: what an apply, a diff or an undo changed, the log of
 * generations, and documents as they are.
 */
#include <stdint.h>
#include <string.h>

#include "render.h"
#include "table.h"
#include "value.h"

static const struct {
	const char *op;
	const char *sign, *word;
} ops[] = {
	{"add", "+", "added"},
	{"set", "~", "changed"},
	{"del", "-", "deleted"},
};
enum { OPS = sizeof(ops) / sizeof(ops[0]) };

static size_t op_of(const json_t *change)
{
	const char *op = member_text(change, "op");
	size_t i = 0;

	while (i < OPS - 1 && strcmp(ops[i].op, op) != 0)
		i++;
	return i;
}

static bool is_nested(const json_t *value)
{
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)value, name, member)
	{
		if (json_is_object(member))
			return true;
	}
	return false;
}

/* What holds objects reads like the document, else name=value. */
static void print_value(FILE *stream, const json_t *value)
{
	char text[VALUE_SIZE];

	if (!value || json_is_null(value))
		fputs("(unset)", stream);
	else if (is_nested(value))
		json_dumpf(value, stream, 0);
	else
		fputs(value_text(value, text, sizeof(text)), stream);
}

static bool is_empty(const json_t *value)
{
	return !value || json_is_null(value) ||
	       (json_is_object(value) && !json_object_size(value));
}

static void print_change(FILE *stream, const json_t *change)
{
	const json_t *before = json_object_get(change, "before");
	const json_t *after = json_object_get(change, "after");
	const char *sign = ops[op_of(change)].sign;

	fprintf(stream, "%s %s", sign, member_text(change, "path"));
	if (*sign == '~') {
		fputs(": ", stream);
		print_value(stream, before);
		fputs(" -> ", stream);
		print_value(stream, after);
	} else if (!is_empty(before) || !is_empty(after)) {
		fputs(": ", stream);
		print_value(stream, is_empty(after) ? before : after);
	}
	fputc('\n', stream);
}

static void print_sum(FILE *stream, const json_t *changes)
{
	size_t counts[OPS] = {0}, i;
	const char *gap = ": ";
	json_t *change;

	json_array_foreach(changes, i, change)
	{
		counts[op_of(change)]++;
	}
	fprintf(stream, "%zu change%s", i, i == 1 ? "" : "s");
	for (size_t op = 0; op < OPS; op++) {
		if (counts[op]) {
			fprintf(stream, "%s%zu %s", gap, counts[op],
				ops[op].word);
			gap = ", ";
		}
	}
}

/* Every change and their sum, the line not yet ended; false: there is none. */
static bool print_changes(FILE *stream, const json_t *changes)
{
	json_t *change;
	size_t i;

	if (!json_array_size(changes)) {
		fputs("no changes\n", stream);
		return false;
	}
	json_array_foreach(changes, i, change)
	{
		print_change(stream, change);
	}
	print_sum(stream, changes);
	return true;
}

void render_diff(FILE *stream, const struct view *view, const json_t *result)
{
	(void)view;
	if (print_changes(stream, json_object_get(result, "changes")))
		fputc('\n', stream);
}

void render_changes(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *generation = json_object_get(result, "generation");
	json_int_t confirm = member_number(result, "confirm_seconds");

	if (!print_changes(stream, json_object_get(result, "changes")))
		return;
	if (member_true(view->params, "dry_run"))
		fputs("; nothing was done (dry run)", stream);
	else if (json_is_integer(generation))
		fprintf(stream, "; generation %" JSON_INTEGER_FORMAT,
			json_integer_value(generation));
	fputc('\n', stream);
	if (confirm > 0)
		fprintf(stream,
			"goes back by itself in %" JSON_INTEGER_FORMAT
			" s, unless you type: vsctl confirm\n",
			confirm);
}

void render_check(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *findings = json_object_get(result, "findings");
	json_int_t errors = member_number(result, "errors");
	json_int_t warnings = member_number(result, "warnings");
	json_t *each;
	size_t i;

	(void)view;
	json_array_foreach(findings, i, each)
	{
		const char *path = member_text(each, "path");

		fprintf(stream, "%s: %s%s%s\n", member_text(each, "severity"),
			path, *path ? ": " : "", member_text(each, "text"));
	}
	if (!errors && !warnings)
		fputs("nothing found\n", stream);
	else
		fprintf(stream,
			"%" JSON_INTEGER_FORMAT " error%s, "
			"%" JSON_INTEGER_FORMAT " warning%s\n",
			errors, errors == 1 ? "" : "s", warnings,
			warnings == 1 ? "" : "s");
}

void render_kept(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *generation = json_object_get(result, "generation");

	(void)view;
	if (json_is_integer(generation))
		fprintf(stream, "kept: generation %" JSON_INTEGER_FORMAT "\n",
			json_integer_value(generation));
	else
		fputs("kept\n", stream);
}

void render_log(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *generations = json_object_get(result, "generations");
	struct table *table;
	json_t *generation;
	size_t i;

	(void)view;
	if (!json_array_size(generations)) {
		fputs("no generations: nothing was changed yet\n", stream);
		return;
	}
	table = table_create("#GENERATION TIME UID WHAT");
	json_array_foreach(generations, i, generation)
	{
		char when[64];

		table_row(table);
		table_value(table, json_object_get(generation, "generation"));
		table_cell(table,
			   value_time(json_object_get(generation, "time"), when,
				      sizeof(when)));
		table_value(table, json_object_get(generation, "uid"));
		table_value(table, json_object_get(generation, "summary"));
	}
	table_print(table, stream, "");
	table_destroy(table);
}

void render_json(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *document = json_object_get(result, "document");

	(void)view;
	json_dumpf(document ? document : result, stream,
		   JSON_INDENT(2) | JSON_ENCODE_ANY);
	fputc('\n', stream);
}
