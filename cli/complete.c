// SPDX-License-Identifier: Apache-2.0
/*
 * complete.c: the hidden verb behind cli/vsctl.bash-completion. Candidates
 * are whole words, one a line; a field ends with '='. Without a daemon there
 * are only the verbs at the top. Never complains: the shell is no place for
 * it.
 */
#include <string.h>

#include "grammar.h"
#include "schema.h"
#include "session.h"
#include "value.h"

struct completion {
	struct session *session;
	const char *partial; /* the word being typed */
	const char *before;  /* what stands before each candidate: "ca=a," */
	int before_size;
};

static void offer(const struct completion *completion, const char *word,
		  const char *end)
{
	const char *typed = completion->partial + completion->before_size;

	if (strncmp(word, typed, strlen(typed)) == 0)
		fprintf(completion->session->output.stream, "%.*s%s%s\n",
			completion->before_size, completion->before, word, end);
}

static void offer_keys(const struct completion *completion, const char *noun)
{
	struct complaint ignored = {0};
	json_t *params = json_pack("{s:s, s:{}}", "noun", noun, "where");
	json_t *result = NULL, *object;
	size_t i;

	if (client_call(&completion->session->client, "object.list", params,
			&result, &ignored) == VS_EXIT_OK) {
		json_array_foreach(json_object_get(result, "objects"), i,
				   object)
		{
			offer(completion, member_text(object, "key"), "");
		}
	}
	complaint_clear(&ignored);
	json_decref(result);
}

static void offer_array(const struct completion *completion,
			const json_t *array, const char *member,
			const char *end)
{
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element)
	{
		offer(completion,
		      member ? member_text(element, member)
			     : json_string_value(element),
		      end);
	}
}

static void offer_values(const struct completion *completion,
			 const json_t *field)
{
	const char *refers = member_text(field, "refers");

	offer_array(completion, json_object_get(field, "choices"), NULL, "");
	if (strcmp(member_text(field, "kind"), "bool") == 0) {
		offer(completion, "yes", "");
		offer(completion, "no", "");
	}
	if (member_true(field, "any"))
		offer(completion, "any", "");
	if (*refers)
		offer_keys(completion, refers);
}

static const json_t *fields_of(const struct completion *completion,
			       const struct words *words)
{
	const json_t *schema = completion->session->schema;
	const json_t *method =
		schema_method(schema, words->at[0], grammar_verb(words));

	if (method)
		return json_object_get(method, "arguments");
	return json_object_get(schema_noun(schema, words->at[0]), "fields");
}

/* name=PART or name=a,b,PART */
static void complete_value(struct completion *completion,
			   const struct words *words)
{
	const json_t *noun =
		schema_noun(completion->session->schema, words->at[0]);
	const char *equals = strchr(completion->partial, '=');
	const char *comma = strrchr(equals, ',');
	const char *parent = schema_parent_field(noun);
	char name[64];
	const json_t *field;

	snprintf(name, sizeof(name), "%.*s",
		 (int)(equals - completion->partial), completion->partial);
	completion->before = completion->partial;
	completion->before_size =
		(int)((comma ? comma : equals) + 1 - completion->partial);
	field = fields_find(fields_of(completion, words), name);
	if (field)
		offer_values(completion, field);
	else if (parent && strcmp(parent, name) == 0)
		offer_keys(completion, member_text(noun, "parent"));
}

/* Is the field already on the line? */
static bool is_given(const struct words *words, const char *name)
{
	size_t size = strlen(name);

	for (int i = 1; i < words->count - 1; i++)
		if (strncmp(words->at[i], name, size) == 0 &&
		    words->at[i][size] == '=')
			return true;
	return false;
}

static int bare_count(const struct words *words)
{
	int count = 0;

	for (int i = 2; i < words->count - 1; i++)
		count += !grammar_is_pair(words->at[i]);
	return count;
}

static void complete_bare(const struct completion *completion,
			  const struct words *words)
{
	const json_t *noun =
		schema_noun(completion->session->schema, words->at[0]);
	const json_t *positional = json_object_get(noun, "positional");
	const char *verb = grammar_verb(words);
	bool add = strcmp(verb, "add") == 0;
	bool first = schema_parent_first(noun);
	bool del = first && strcmp(verb, "del") == 0;
	int at = bare_count(words);

	if (first && at == 0)
		offer_keys(completion, member_text(noun, "parent"));
	else if (at == (first ? 1 : 0) && !add && !del)
		offer_keys(completion, words->at[0]);
	else if ((add || del) && at >= 1)
		offer_values(
			completion,
			schema_field(noun,
				     json_string_value(json_array_get(
					     positional,
					     (size_t)(first ? at : at - 1)))
					     ?: ""));
}

static void complete_fields(const struct completion *completion,
			    const struct words *words)
{
	const json_t *noun =
		schema_noun(completion->session->schema, words->at[0]);
	const json_t *fields = fields_of(completion, words);
	const char *parent = schema_parent_field(noun);
	const char *verb = grammar_verb(words);
	bool input = strcmp(verb, "add") == 0 || strcmp(verb, "set") == 0;
	const json_t *edit = schema_edit(noun, verb);
	json_t *field;
	size_t i;

	json_array_foreach(fields, i, field)
	{
		const char *name = member_text(field, "name");
		bool key = field == schema_key(noun);

		if (!key && !is_given(words, name) &&
		    !(edit &&
		      !array_has(json_object_get(edit, "sets"), name)) &&
		    !(input && member_true(field, "status")))
			offer(completion, name, "=");
	}
	if (parent && !schema_parent_first(noun) && !is_given(words, parent))
		offer(completion, parent, "=");
}

static void complete_noun_verbs(const struct completion *completion,
				const char *noun)
{
	static const char *const object_verbs[] = {"add",  "set",  "del",
						   "list", "show", "help"};
	const json_t *schema = completion->session->schema;
	json_t *method;
	size_t i;

	for (i = schema_noun(schema, noun) ? 0 : 5; i < 6; i++)
		offer(completion, object_verbs[i], "");
	offer_array(completion,
		    json_object_get(schema_noun(schema, noun), "edits"), "verb",
		    "");
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (verb_of_noun(verb, noun))
			offer(completion, verb_of_noun(verb, noun), "");
	json_array_foreach(json_object_get(schema, "methods"), i, method)
	{
		const char *verb = member_text(method, "verb");

		if (schema_method(schema, noun, verb) == method)
			offer(completion, verb, "");
	}
}

/* What an answer lists under `list`, by `member`; twice is once for a shell. */
static void offer_answer(const struct completion *completion,
			 const char *method, const char *list,
			 const char *member)
{
	struct complaint ignored = {0};
	json_t *result = NULL;

	if (client_call(&completion->session->client, method, NULL, &result,
			&ignored) == VS_EXIT_OK)
		offer_array(completion, json_object_get(result, list), member,
			    "");
	complaint_clear(&ignored);
	json_decref(result);
}

/* name=PART of a verb */
static void complete_verb_value(struct completion *completion,
				const char *equals)
{
	completion->before = completion->partial;
	completion->before_size = (int)(equals + 1 - completion->partial);
	if (strncmp(completion->partial, "port=", 5) == 0)
		offer_keys(completion, "port");
	if (strncmp(completion->partial, "switch=", 7) == 0)
		offer_keys(completion, "switch");
	if (strncmp(completion->partial, "reason=", 7) == 0)
		offer_answer(completion, "drops", "drops", "reason");
}

static void complete_verb(struct completion *completion,
			  const struct verb *verb, bool first)
{
	const char *equals = strchr(completion->partial, '=');

	if (equals) {
		complete_verb_value(completion, equals);
		return;
	}
	for (size_t i = 0; i < ARGUMENTS && verb->arguments[i].name; i++) {
		const struct argument *argument = &verb->arguments[i];

		if (!argument->required)
			offer(completion, argument->name, "=");
		else if (first && strcmp(argument->name, "port") == 0)
			offer_keys(completion, "port");
	}
	if (first && strcmp(verb->name, "capture") == 0)
		offer(completion, "wire", "");
}

/* ext VERB NAME */
static void complete_ext(struct completion *completion,
			 const struct words *words)
{
	const struct verb *verb = ext_verbs;

	if (words->count == 2) {
		for (; verb->name; verb++)
			offer(completion, verb->name, "");
		return;
	}
	while (verb->name && strcmp(verb->name, words->at[1]) != 0)
		verb++;
	if (!verb->name)
		return;
	complete_verb(completion, verb, false);
	if (verb->arguments[0].required && !strchr(completion->partial, '='))
		offer_answer(completion, "ext.available", "extensions", "name");
}

static void complete_first(const struct completion *completion)
{
	const json_t *schema = completion->session->schema;
	json_t *method;
	size_t i;

	for (const struct verb *verb = verbs; verb->name; verb++)
		if (!strchr(verb->name, ' '))
			offer(completion, verb->name, "");
	offer_array(completion, json_object_get(schema, "nouns"), "name", "");
	json_array_foreach(json_object_get(schema, "methods"), i, method)
	{
		if (!*member_text(method, "noun"))
			offer(completion, member_text(method, "verb"), "");
	}
}

/* The arguments of an extension's verb of no noun; false: it is none. */
static bool complete_owned(struct completion *completion,
			   const struct words *words)
{
	const json_t *schema = completion->session->schema;
	const char *owner = schema_noun(schema, words->at[0])
				    ? NULL
				    : schema_verb_owner(schema, words->at[0]);
	json_t *argument, *method;
	size_t i;

	if (!owner)
		return false;
	method = schema_method(schema, owner, words->at[0]);
	json_array_foreach(json_object_get(method, "arguments"), i, argument)
	{
		const char *name = member_text(argument, "name");

		if (strcmp(name, "port") == 0 && words->count == 2)
			offer_keys(completion, "port");
		offer(completion, name, "=");
	}
	return true;
}

static void complete_line(struct completion *completion,
			  const struct words *words)
{
	const struct verb *verb = verb_find(words->at[0]);

	if (words->count == 1) {
		complete_first(completion);
	} else if (complete_owned(completion, words)) {
		return;
	} else if (strcmp(words->at[0], "ext") == 0) {
		complete_ext(completion, words);
	} else if (strcmp(words->at[0], "help") == 0) {
		if (words->count == 2)
			complete_first(completion);
	} else if (verb) {
		complete_verb(completion, verb, words->count == 2);
	} else if (grammar_is_pair(completion->partial)) {
		complete_value(completion, words);
	} else if (words->count == 2) {
		complete_noun_verbs(completion, words->at[0]);
	} else {
		complete_bare(completion, words);
		if (!verb_pair_find(words))
			complete_fields(completion, words);
	}
}

void complete_run(struct session *session, const struct words *words)
{
	struct completion completion = {.session = session, .before = ""};
	struct complaint ignored = {0};

	if (!words->count)
		return;
	completion.partial = words->at[words->count - 1];
	session_schema(session, &ignored);
	complaint_clear(&ignored);
	complete_line(&completion, words);
}
