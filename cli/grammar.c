// SPDX-License-Identifier: Apache-2.0
/*
 * grammar.c: what a typed line says. verbs.c calls it with the schema and sends
 * what comes out; it decides names and places, never values (except that a
 * mistyped choice is answered at once with the near one). After it:
 * grammar_request.c.
 */
#include "grammar.h"

#include <string.h>

#include "grammar_line.h"
#include "schema.h"
#include "value.h"

#define NAME_SIZE 64

static const char *const object_verbs[] = {"add", "set", "del", "list", "show"};
_Static_assert(sizeof(object_verbs) / sizeof(object_verbs[0]) == OBJECT_VERBS,
	       "a name for every verb");

bool grammar_is_pair(const char *word)
{
	size_t size = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return size && word[size] == '=' && word[0] >= 'a' && word[0] <= 'z';
}

const char *grammar_verb(const struct words *words)
{
	if (words->count < 2 || grammar_is_pair(words->at[1]))
		return "list";
	return words->at[1];
}

const char *line_noun(const struct line *line)
{
	return member_text(line->noun, "name");
}

const char *line_verb(const struct line *line)
{
	if (line->edit)
		return member_text(line->edit, "verb");
	return line->method ? member_text(line->method, "verb")
			    : object_verbs[line->verb];
}

/* -- names ----------------------------------------------------------------- */

static enum vs_exit unknown_verb(const struct line *line, const char *verb,
				 struct complaint *complaint)
{
	struct nearest nearest = {.word = verb};
	char hint[NEAREST_SIZE * 2];

	for (int i = 0; schema_key(line->noun) && i < OBJECT_VERBS; i++)
		nearest_offer(&nearest, object_verbs[i]);
	schema_offer_methods(line->schema, line_noun(line), &nearest);
	schema_offer_edits(line->noun, &nearest);
	nearest_hint(&nearest, hint, sizeof(hint));
	if (!*hint && schema_key(line->noun))
		return complain(complaint, VS_EXIT_USAGE,
				"%s has no verb %s; an object: vsctl %s show "
				"%s, some: vsctl %s list ... (see: vsctl %s "
				"help)",
				line_noun(line), verb, line_noun(line), verb,
				line_noun(line), line_noun(line));
	return complain(complaint, VS_EXIT_USAGE,
			"%s has no verb %s%s (see: vsctl %s help)",
			line_noun(line), verb, hint, line_noun(line));
}

static enum vs_exit find_verb(struct line *line, const char *verb,
			      struct complaint *complaint)
{
	bool objects = schema_key(line->noun);

	for (int i = 0; objects && i < OBJECT_VERBS; i++) {
		if (strcmp(object_verbs[i], verb) == 0) {
			line->verb = (enum object_verb)i;
			return VS_EXIT_OK;
		}
	}
	line->edit = schema_edit(line->noun, verb);
	if (line->edit) {
		line->verb = OBJECT_SET;
		return VS_EXIT_OK;
	}
	line->method = schema_method(line->schema, line_noun(line), verb);
	return line->method ? VS_EXIT_OK : unknown_verb(line, verb, complaint);
}

static bool is_filter(const struct line *line)
{
	return !line->method &&
	       (line->verb == OBJECT_LIST || line->verb == OBJECT_SHOW ||
		line->verb == OBJECT_DEL);
}

/* Does the name say which parent (or, as a filter, which ancestor)? */
static bool names_ancestor(const struct line *line, const char *name)
{
	const json_t *noun = line->noun;

	for (int depth = 0; noun && depth < 8; depth++) {
		const char *field = schema_parent_field(noun);

		if (!field)
			return false;
		if (strcmp(field, name) == 0 ||
		    strcmp(member_text(noun, "parent"), name) == 0)
			return depth == 0 || is_filter(line);
		noun = schema_noun(line->schema, member_text(noun, "parent"));
	}
	return false;
}

static bool names_parent(const struct line *line, const char *name)
{
	const char *field = schema_parent_field(line->noun);

	return field && (strcmp(field, name) == 0 ||
			 strcmp(member_text(line->noun, "parent"), name) == 0);
}

static enum vs_exit unknown_field(const struct line *line, const char *name,
				  struct complaint *complaint)
{
	const char *parent = schema_parent_field(line->noun);
	struct nearest nearest = {.word = name};
	char hint[NEAREST_SIZE * 2];

	if (line->method)
		fields_offer(json_object_get(line->method, "arguments"),
			     &nearest);
	else
		fields_offer(json_object_get(line->noun, "fields"), &nearest);
	if (parent)
		nearest_offer(&nearest, parent);
	return complain(complaint, VS_EXIT_USAGE,
			"%s %s has no field %s%s (see: vsctl %s help)",
			line_noun(line), line_verb(line), name,
			nearest_hint(&nearest, hint, sizeof(hint)),
			line_noun(line));
}

/* -- values ---------------------------------------------------------------- */

static enum vs_exit check_choice(const json_t *field, const char *value,
				 struct complaint *complaint)
{
	const json_t *choices = json_object_get(field, "choices");
	struct nearest nearest = {.word = value};
	char hint[NEAREST_SIZE * 2], all[VALUE_SIZE];
	json_t *choice;
	size_t i;

	if (!*value || member_true(field, "list") ||
	    strcmp(member_text(field, "kind"), "choice") != 0 ||
	    array_has(choices, value))
		return VS_EXIT_OK;
	json_array_foreach(choices, i, choice)
	{
		nearest_offer(&nearest, json_string_value(choice));
	}
	return complain(complaint, VS_EXIT_USAGE, "%s=%s: one of %s%s",
			member_text(field, "name"), value,
			value_text(choices, all, sizeof(all)),
			nearest_hint(&nearest, hint, sizeof(hint)));
}

enum vs_exit line_put(json_t *into, const char *name, const char *value,
		      bool list, struct complaint *complaint)
{
	const char *before = json_string_value(json_object_get(into, name));
	json_t *text;

	if (before && !list)
		return complain(complaint, VS_EXIT_USAGE, "%s is given twice",
				name);
	text = before ? json_sprintf("%s,%s", before, value)
		      : json_string(value);
	if (!text)
		return complain(complaint, VS_EXIT_USAGE, "%s: no UTF-8", name);
	json_object_set_new(into, name, text);
	return VS_EXIT_OK;
}

static enum vs_exit put_field(struct line *line, const json_t *field,
			      const char *value, struct complaint *complaint)
{
	const char *name = member_text(field, "name");
	enum vs_exit code = check_choice(field, value, complaint);

	if (code)
		return code;
	if (line->edit && !array_has(json_object_get(line->edit, "sets"), name))
		return complain(complaint, VS_EXIT_USAGE,
				"%s %s changes no %s: say %s set to do it",
				line_noun(line), line_verb(line), name,
				line_noun(line));
	if (member_true(field, "status") && !is_filter(line))
		return complain(complaint, VS_EXIT_USAGE,
				"%s.%s is read-only: the daemon measures it",
				line_noun(line), name);
	return line_put(line->fields, name, value, member_true(field, "list"),
			complaint);
}

static enum vs_exit set_once(const struct line *line, const char **where,
			     const char *what, const char *value,
			     struct complaint *complaint)
{
	if (*where && strcmp(*where, value) != 0)
		return complain(complaint, VS_EXIT_USAGE,
				"%s is %s already: what is %s? (see: vsctl %s "
				"help)",
				what, *where, value, line_noun(line));
	*where = value;
	return VS_EXIT_OK;
}

/* -- words ----------------------------------------------------------------- */

static enum vs_exit take_argument(struct line *line, const char *name,
				  const char *value,
				  struct complaint *complaint)
{
	const json_t *field =
		fields_find(json_object_get(line->method, "arguments"), name);

	if (field)
		return put_field(line, field, value, complaint);
	if (strcmp(name, "switch") == 0)
		return set_once(line, &line->on_switch, name, value, complaint);
	return unknown_field(line, name, complaint);
}

static enum vs_exit take_named(struct line *line, const char *name,
			       const char *value, struct complaint *complaint)
{
	const json_t *field = schema_field(line->noun, name);
	bool key = field && field == schema_key(line->noun);

	if (line->method)
		return take_argument(line, name, value, complaint);
	if (key && !is_filter(line))
		return set_once(line, &line->key, name, value, complaint);
	if (field)
		return put_field(line, field, value, complaint);
	if (names_parent(line, name))
		return set_once(line, &line->parent, name, value, complaint);
	if (names_ancestor(line, name))
		return line_put(line->fields, name, value, false, complaint);
	if (!is_filter(line) && schema_child(line->schema, line->noun, name))
		return line_put(line->fields, name, value, true, complaint);
	return unknown_field(line, name, complaint);
}

static enum vs_exit take_pair(struct line *line, const char *word,
			      struct complaint *complaint)
{
	size_t size = strcspn(word, "=");
	char name[NAME_SIZE];

	if (size >= sizeof(name))
		return complain(complaint, VS_EXIT_USAGE,
				"%.40s...: no field has so long a name", word);
	memcpy(name, word, size);
	name[size] = '\0';
	return take_named(line, name, word + size + 1, complaint);
}

bool line_has_key(const struct line *line)
{
	return !line->method && !line->as_added &&
	       !(line->verb == OBJECT_ADD && schema_parent_first(line->noun));
}

static const json_t *positional_field(const struct line *line, size_t at)
{
	const json_t *list;
	const char *name;

	if (line->method)
		return json_array_get(
			json_object_get(line->method, "arguments"), at);
	list = json_object_get(line->noun, "positional");
	name = json_string_value(json_array_get(
		list, at + (schema_parent_first(line->noun) ? 1 : 0)));
	return name ? schema_field(line->noun, name) : NULL;
}

/* "acl del web deny in": the words of add, where the key would be. */
static bool begins_as_added(const struct line *line, const char *word)
{
	const json_t *field;

	if (!is_filter(line) || !schema_parent_first(line->noun))
		return false;
	field = positional_field(line, 0);
	return field && array_has(json_object_get(field, "choices"), word);
}

static bool is_kind(const json_t *field, const char *kind)
{
	return strcmp(member_text(field, "kind"), kind) == 0;
}

static const json_t *condition_named(const struct line *line, const char *name)
{
	const json_t *field = schema_field(line->noun, name);

	return field && is_kind(field, "bool") ? field : NULL;
}

/* "ca list usable", "ca list unusable": yes or no without saying so, where the
 * key, an address or a number, can't be meant. NULL: it is no such word. */
static const json_t *condition(const struct line *line, const char *word,
			       const char **value)
{
	const json_t *key = schema_key(line->noun), *field;

	if (line->method || line->verb != OBJECT_LIST || is_kind(key, "text") ||
	    is_kind(key, "name"))
		return NULL;
	*value = "yes";
	field = condition_named(line, word);
	if (field || strncmp(word, "un", 2) != 0)
		return field;
	*value = "no";
	return condition_named(line, word + 2);
}

static enum vs_exit take_bare(struct line *line, const char *word, size_t at,
			      struct complaint *complaint)
{
	bool parent_first = !line->method && schema_parent_first(line->noun);
	const json_t *field;

	if (parent_first && at == 0)
		return set_once(line, &line->parent, "the parent", word,
				complaint);
	at -= parent_first ? 1 : 0;
	if (at == 0 && begins_as_added(line, word))
		line->as_added = true;
	if (line_has_key(line) && at == 0)
		return set_once(line, &line->key, "the key", word, complaint);
	at -= line_has_key(line) ? 1 : 0;
	field = positional_field(line, at);
	if (field)
		return put_field(line, field, word, complaint);
	return complain(complaint, VS_EXIT_USAGE,
			"%s: one word too many; fields are written name=value "
			"(see: vsctl %s help)",
			word, line_noun(line));
}

static enum vs_exit take_words(struct line *line, struct complaint *complaint)
{
	enum vs_exit code = VS_EXIT_OK;
	size_t bare = 0;

	for (int i = 0; !code && i < line->words.count; i++) {
		const char *word = line->words.at[i], *value;
		const json_t *field = condition(line, word, &value);

		if (grammar_is_pair(word))
			code = take_pair(line, word, complaint);
		else if (field)
			code = put_field(line, field, value, complaint);
		else
			code = take_bare(line, word, bare++, complaint);
	}
	return code;
}

/* -- the line ------------------------------------------------------------- */

enum vs_exit grammar_request(const json_t *schema, const struct words *words,
			     const struct options *options, json_t **made,
			     struct complaint *complaint)
{
	const char *verb = grammar_verb(words);
	bool said = words->count > 1 && verb == words->at[1];
	/* an extension with methods of its own is a noun without objects */
	json_t *bare = json_pack("{s:s}", "name", words->at[0]);
	const json_t *noun = schema_noun(schema, words->at[0]);
	struct line line = {
		.schema = schema,
		.noun = noun ? noun : bare,
		.options = options,
		.words = words_after(words, said ? 2 : 1),
		.fields = json_object(),
	};
	enum vs_exit code = find_verb(&line, verb, complaint);

	*made = NULL;
	if (!code)
		code = take_words(&line, complaint);
	if (!code)
		code = line_request(&line, made, complaint);
	json_decref(line.fields);
	json_decref(bare);
	return code;
}
