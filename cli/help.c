// SPDX-License-Identifier: Apache-2.0
/*
 * help.c: what can be typed. The verbs at the top come from the table in
 * verbs.c and need no daemon; nouns, their fields and methods come from the
 * daemon's schema, for only it knows which extensions are loaded.
 */
#include <string.h>

#include "grammar.h"
#include "render.h"
#include "schema.h"
#include "table.h"
#include "value.h"

#include "session.h"

void help_usage(const struct session *session)
{
	FILE *stream = session->output.stream;

	fputs("usage: vsctl [OPTION ...] NOUN [VERB] [KEY] [field=value ...]\n"
	      "       vsctl [OPTION ...] VERB [WHERE] [WHAT]\n\n"
	      "options:\n"
	      "  --json        the answer as JSON\n"
	      "  --dry-run     check and show, change nothing\n"
	      "  --all         del: yes, several objects\n"
	      "  --force       yes, what is in use may go\n"
	      "  -t SECS       wait so long for an answer (10; 0 = for ever)\n"
	      "  --rundir DIR  the daemon's run directory (" VS_RPC_RUNDIR ")\n"
	      "  -s SOCKET     or its very socket\n"
	      "  -h, --help    help on the words before it\n"
	      "  -V, --version\n\nverbs:\n",
	      stream);
	for (const struct verb *verb = verbs; verb->name; verb++)
		fprintf(stream, "  %-8s %s\n", verb->name, verb->help);
}

static void print_nouns(FILE *stream, const json_t *schema)
{
	struct table *table = table_create("NOUN FROM WHAT_IT_IS");
	json_t *element;
	size_t i;

	json_array_foreach(json_object_get(schema, "nouns"), i, element)
	{
		table_row(table);
		table_value(table, json_object_get(element, "name"));
		table_value(table, json_object_get(element, "extension"));
		table_value(table, json_object_get(element, "help"));
	}
	json_array_foreach(json_object_get(schema, "unavailable"), i, element)
	{
		table_row(table);
		table_value(table, json_object_get(element, "noun"));
		table_value(table, json_object_get(element, "extension"));
		table_cell(table, "(its extension is not loaded)");
	}
	fputs("\nnouns (verbs: add set del list show; a noun alone is "
	      "list):\n",
	      stream);
	table_print(table, stream, "  ");
	table_destroy(table);
}

static void help_overview(struct session *session)
{
	struct complaint complaint = {0};

	help_usage(session);
	if (session_schema(session, &complaint) == VS_EXIT_OK)
		print_nouns(session->output.stream, session->schema);
	else
		fprintf(session->output.stream,
			"\nnouns: a running daemon says which there are: %s\n",
			complaint.text);
	complaint_clear(&complaint);
}

static void help_verb(const struct session *session, const struct verb *verb)
{
	FILE *stream = session->output.stream;

	fprintf(stream, "usage: vsctl %s%s%s\n\n%s\n", verb->name,
		*verb->usage ? " " : "", verb->usage, verb->help);
	if (verb->more)
		fprintf(stream, "\n%s\n", verb->more);
}

/* "1..65535", "encap|rewrite", "mac" */
static void kind_cell(struct table *table, const json_t *field)
{
	const json_t *choices = json_object_get(field, "choices");
	json_int_t maximum = member_number(field, "maximum");
	char text[VALUE_SIZE];

	if (json_array_size(choices)) {
		value_text(choices, text, sizeof(text));
		for (char *c = text; *c; c++)
			if (*c == ',')
				*c = '|';
	} else if (maximum && strcmp(member_text(field, "kind"), "number") == 0)
		snprintf(text, sizeof(text),
			 "%" JSON_INTEGER_FORMAT "..%" JSON_INTEGER_FORMAT,
			 member_number(field, "minimum"), maximum);
	else
		snprintf(text, sizeof(text), "%s%s",
			 strcmp(member_text(field, "kind"), "bool") == 0
				 ? "yes|no"
				 : member_text(field, "kind"),
			 member_true(field, "list") ? ",..." : "");
	if (member_true(field, "any"))
		strncat(text, "|any", sizeof(text) - strlen(text) - 1);
	table_cell(table, text);
}

static void marks_cell(struct table *table, const json_t *field, bool key)
{
	const char *unset = member_text(field, "unset");
	char text[VALUE_SIZE];

	if (key)
		snprintf(text, sizeof(text), "the key");
	else if (member_true(field, "status"))
		snprintf(text, sizeof(text), "read-only");
	else if (member_true(field, "required"))
		snprintf(text, sizeof(text), "required");
	else
		snprintf(text, sizeof(text), "%s", unset);
	table_cell(table, text);
}

static void print_fields(FILE *stream, const json_t *fields, bool with_key)
{
	struct table *table = table_create("FIELD VALUE UNLESS_GIVEN MEANING");
	json_t *field;
	size_t i;

	json_array_foreach(fields, i, field)
	{
		table_row(table);
		table_value(table, json_object_get(field, "name"));
		kind_cell(table, field);
		marks_cell(table, field, with_key && i == 0);
		table_value(table, json_object_get(field, "help"));
	}
	if (i)
		table_print(table, stream, "  ");
	table_destroy(table);
}

static void print_usage(FILE *stream, const json_t *noun, const char *verb)
{
	const char *key = member_text(schema_key(noun), "name");
	const json_t *positional = json_object_get(noun, "positional");
	const char *parent = schema_parent_field(noun);
	bool first = schema_parent_first(noun);
	bool add = strcmp(verb, "add") == 0;
	/* no key is written, and del takes the same words */
	bool as_added = first && (add || strcmp(verb, "del") == 0);
	json_t *name;
	size_t i;

	fprintf(stream, "  vsctl %s %s", member_text(noun, "name"), verb);
	if (strcmp(verb, "list") == 0) {
		fputs(" [field=value ...]\n", stream);
		return;
	}
	if (first)
		fprintf(stream, " %s", parent ? parent : "PARENT");
	if (!as_added)
		fprintf(stream, " %s", key);
	json_array_foreach(positional, i, name)
	{
		if ((add || as_added) && (i || !first))
			fprintf(stream, " %s", json_string_value(name));
	}
	if (parent && !first)
		fprintf(stream, " %s=...", parent);
	if (add || as_added || strcmp(verb, "set") == 0)
		fputs(" [field=value ...]", stream);
	fputc('\n', stream);
}

static void print_methods(FILE *stream, const json_t *schema, const char *noun)
{
	json_t *method;
	size_t i;

	json_array_foreach(json_object_get(schema, "methods"), i, method)
	{
		const char *verb = member_text(method, "verb");

		if (schema_method(schema, noun, verb) != method)
			continue;
		fprintf(stream, "\n  vsctl %s %s ...: %s\n", noun, verb,
			member_text(method, "help"));
		print_fields(stream, json_object_get(method, "arguments"),
			     false);
	}
}

static void print_edits(FILE *stream, const json_t *noun)
{
	const char *parent = schema_parent_field(noun);
	json_t *edit, *name;
	size_t i, k;

	json_array_foreach(json_object_get(noun, "edits"), i, edit)
	{
		fprintf(stream, "  vsctl %s %s %s", member_text(noun, "name"),
			member_text(edit, "verb"),
			member_text(schema_key(noun), "name"));
		if (parent)
			fprintf(stream, " %s=...", parent);
		json_array_foreach(json_object_get(edit, "sets"), k, name)
		{
			fprintf(stream, " %s=...", json_string_value(name));
		}
		fprintf(stream, ": %s\n", member_text(edit, "help"));
	}
}

static void help_noun(const struct session *session, const char *name)
{
	static const char *const object_verbs[] = {"list", "show", "add", "set",
						   "del"};
	const json_t *noun = schema_noun(session->schema, name);
	FILE *stream = session->output.stream;

	fprintf(stream, "%s: %s (from %s)\n\n", name, member_text(noun, "help"),
		member_text(noun, "extension"));
	for (size_t i = 0; noun && i < 5; i++)
		print_usage(stream, noun, object_verbs[i]);
	print_edits(stream, noun);
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (verb_of_noun(verb, name))
			fprintf(stream, "  vsctl %s %s: %s\n", verb->name,
				verb->usage, verb->help);
	print_methods(stream, session->schema, name);
	if (noun) {
		fputc('\n', stream);
		print_fields(stream, json_object_get(noun, "fields"), true);
		fputs("\n  field= (empty) takes a field back to what holds "
		      "unless it is given\n",
		      stream);
	}
}

/* A verb of an extension, of no noun. False: it is none. */
static bool help_method(const struct session *session, const char *verb)
{
	const char *owner = schema_verb_owner(session->schema, verb);
	FILE *stream = session->output.stream;
	json_t *method, *argument;
	size_t i;

	if (!owner || schema_noun(session->schema, verb))
		return false;
	method = schema_method(session->schema, owner, verb);
	fprintf(stream, "usage: vsctl %s", verb);
	json_array_foreach(json_object_get(method, "arguments"), i, argument)
	{
		fprintf(stream, " %s=", member_text(argument, "name"));
	}
	fprintf(stream, "\n\n%s (from %s)\n\n", member_text(method, "help"),
		owner);
	print_fields(stream, json_object_get(method, "arguments"), false);
	return true;
}

/* A noun of the verb's name, if a daemon runs that has one. */
static void help_namesake(struct session *session, const struct verb *verb)
{
	struct complaint ignored = {0};

	if (session_schema(session, &ignored) == VS_EXIT_OK &&
	    schema_noun(session->schema, verb->name)) {
		fputc('\n', session->output.stream);
		help_noun(session, verb->name);
	}
	complaint_clear(&ignored);
}

enum vs_exit help_run(struct session *session, const struct words *words,
		      struct complaint *complaint)
{
	const struct verb *verb;
	enum vs_exit code;

	if (!words->count) {
		help_overview(session);
		return VS_EXIT_OK;
	}
	verb = verb_find(words->at[0]);
	if (verb) {
		help_verb(session, verb);
		help_namesake(session, verb);
		return VS_EXIT_OK;
	}
	code = session_schema(session, complaint);
	if (!code)
		code = noun_check(session->schema, words->at[0], complaint);
	if (!code && !help_method(session, words->at[0]))
		help_noun(session, words->at[0]);
	return code;
}
