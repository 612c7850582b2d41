// SPDX-License-Identifier: Apache-2.0
/*
 * ext.c: the verbs of ext: which extensions there are, which a switch has. The
 * words are sent as they are; what is true of them the daemon knows.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ext_new.h"
#include "grammar.h"
#include "json_schema.h"
#include "nearest.h"
#include "render.h"
#include "session.h"
#include "table.h"
#include "value.h"

#define NAME                                                                   \
	{                                                                      \
		.name = "name", .required = true                               \
	}

const struct verb ext_verbs[] = {
	{.name = "list",
	 .usage = "[switch=NAME]",
	 .method = "ext.list",
	 .arguments = {{.name = "switch"}},
	 .render = render_ext},
	{.name = "available",
	 .usage = "",
	 .method = "ext.available",
	 .render = render_available},
	{.name = "load",
	 .usage = "NAME [PATH]",
	 .method = "ext.load",
	 .arguments = {NAME, {.name = "path"}},
	 .render = render_loaded},
	{.name = "unload",
	 .usage = "NAME",
	 .method = "ext.unload",
	 .arguments = {NAME},
	 .render = render_loaded},
	{.name = "reload",
	 .usage = "NAME",
	 .method = "ext.reload",
	 .arguments = {NAME},
	 .render = render_loaded},
	{.name = "enable",
	 .usage = "NAME [switch=NAME]",
	 .method = "ext.enable",
	 .dry = true,
	 .arguments = {NAME, {.name = "switch"}},
	 .render = render_change},
	{.name = "disable",
	 .usage = "NAME [switch=NAME]",
	 .method = "ext.disable",
	 .dry = true,
	 .arguments = {NAME, {.name = "switch"}},
	 .render = render_change},
	{.name = "order",
	 .usage = "NAME ... [switch=NAME]",
	 .method = "ext.order",
	 .dry = true,
	 .arguments = {{.name = "names", .required = true, .rest = true},
		       {.name = "switch"}},
	 .render = render_change},
	{.name = NULL},
};

/* `ext schema NAME`: of what the daemon has, or of core. */
static enum vs_exit show_schema(struct session *session,
				const struct words *words,
				struct complaint *complaint)
{
	enum vs_exit code = session_schema(session, complaint);
	json_t *made;

	if (code)
		return code;
	if (words->count != 1)
		return complain(complaint, VS_EXIT_USAGE,
				"usage: vsctl ext schema NAME");
	made = json_schema(session->schema, words->at[0]);
	if (!made)
		return complain(complaint, VS_EXIT_ABSENT,
				"no extension %s with objects is loaded",
				words->at[0]);
	session->output.ops->result(&session->output, render_json,
				    &(struct view){.params = NULL}, made);
	json_decref(made);
	return VS_EXIT_OK;
}

static const struct verb *find(const char *name)
{
	for (const struct verb *verb = ext_verbs; verb->name; verb++)
		if (strcmp(verb->name, name) == 0)
			return verb;
	return NULL;
}

static enum vs_exit unknown(const char *word, struct complaint *complaint)
{
	struct nearest nearest = {.word = word};
	char hint[96];

	for (const struct verb *verb = ext_verbs; verb->name; verb++)
		nearest_offer(&nearest, verb->name);
	return complain(complaint, VS_EXIT_USAGE, "ext has no verb %s%s", word,
			nearest_hint(&nearest, hint, sizeof(hint)));
}

enum vs_exit ext_run(struct session *session, const struct verb *verb,
		     const struct words *words, struct complaint *complaint)
{
	const char *word = words->count ? words->at[0] : "list";
	struct words rest = words_after(words, words->count ? 1 : 0);
	json_t *params;
	enum vs_exit code;

	if (words->count && grammar_is_pair(word)) { /* ext switch=lab */
		word = "list";
		rest = *words;
	}
	if (strcmp(word, "new") == 0)
		return ext_new(session, &rest, complaint);
	if (strcmp(word, "schema") == 0)
		return show_schema(session, &rest, complaint);
	verb = find(word);
	if (!verb)
		return unknown(word, complaint);
	if (session->options->dry_run && !verb->dry)
		return complain(complaint, VS_EXIT_USAGE,
				"ext %s knows no --dry-run: nothing was done",
				word);
	code = verb_params(verb, &rest, &params, complaint);
	if (code)
		return code;
	if (session->options->dry_run)
		json_object_set_new(params, "dry_run", json_true());
	return session_query(session, verb->method, params, verb->render,
			     complaint);
}

/* -- what is answered ------------------------------------------------------ */

/* "seen 12, matched 3", the zeros left out */
static void counts_cell(struct table *table, const json_t *counts)
{
	char text[256] = "";
	size_t at = 0;
	const char *name;
	json_t *count;

	json_object_foreach((json_t *)(uintptr_t)counts, name, count)
	{
		json_int_t value = json_integer_value(count);

		if (value && at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "%s%s %lld", at ? ", " : "",
					       name, (long long)value);
	}
	table_cell(table, text);
}

/* ext.list has a row of each counter, show a member. */
static void counters_cell(struct table *table, const json_t *counters)
{
	json_t *counts = json_object(), *counter;
	size_t i;

	if (json_is_object(counters))
		json_object_update(counts, (json_t *)(uintptr_t)counters);
	json_array_foreach(counters, i, counter)
	{
		json_object_set(counts, member_text(counter, "name"),
				json_object_get(counter, "value"));
	}
	counts_cell(table, counts);
	json_decref(counts);
}

static void extension_row(struct table *table, const json_t *extension)
{
	static const char *const names[] = {"name", "class", "version", "held"};
	const char *state = member_text(extension, "state");

	table_values(table, extension, names, sizeof(names) / sizeof(names[0]));
	counters_cell(table, json_object_get(extension, "counters"));
	counts_cell(table, json_object_get(extension, "dropped_for"));
	table_cell(table, strcmp(state, "ok") != 0 ? state : "");
}

void render_extensions(FILE *stream, const json_t *extensions,
		       const char *indent)
{
	struct table *table = table_create("EXTENSION CLASS VERSION #HELD "
					   "COUNTERS DROPPED_FOR STATE");
	json_t *each;
	size_t i;

	json_array_foreach(extensions, i, each)
	{
		table_row(table);
		extension_row(table, each);
	}
	if (i)
		table_print(table, stream, indent);
	table_destroy(table);
}

void render_ext(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *extensions = json_object_get(result, "extensions");
	struct table *table = table_create("SWITCH NAME CLASS VERSION #HELD "
					   "COUNTERS DROPPED_FOR STATE");
	json_t *each;
	size_t i;

	(void)view;
	json_array_foreach(extensions, i, each)
	{
		table_row(table);
		table_value(table, json_object_get(each, "switch"));
		extension_row(table, each);
	}
	if (i)
		table_print(table, stream, "");
	else
		fputs("no extensions on any stack\n", stream);
	table_destroy(table);
}

void render_available(FILE *stream, const struct view *view,
		      const json_t *result)
{
	static const char *const names[] = {"name", "class", "version",
					    "state"};
	const json_t *extensions = json_object_get(result, "extensions");
	const char *directory =
		json_string_value(json_object_get(result, "directory"));
	struct table *table = table_create("NAME CLASS VERSION STATE ABOUT");
	json_t *each;
	size_t i;

	(void)view;
	json_array_foreach(extensions, i, each)
	{
		const json_t *about = json_object_get(each, "help");

		table_row(table);
		table_values(table, each, names,
			     sizeof(names) / sizeof(names[0]));
		table_value(table,
			    about ? about : json_object_get(each, "why"));
	}
	if (i)
		table_print(table, stream, "");
	else
		fprintf(stream, "no extensions in %s\n",
			directory ? directory : "the extension directory");
	table_destroy(table);
}

void render_loaded(FILE *stream, const struct view *view, const json_t *result)
{
	const char *word = json_string_value(json_object_get(result, "result"));

	(void)view;
	fprintf(stream, "%s\n", word ? word : "done");
}
