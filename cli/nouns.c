// SPDX-License-Identifier: Apache-2.0
/*
 * nouns.c: carries out a line that begins with a noun: asks for the schema,
 * has grammar.c make a request, sends it.
 */
#include <stdlib.h>
#include <string.h>

#include "grammar.h"
#include "later.h"
#include "nearest.h"
#include "render.h"
#include "schema.h"
#include "session.h"
#include "value.h"

static bool has_methods(const json_t *schema, const char *extension)
{
	json_t *method;
	size_t i;

	json_array_foreach(json_object_get(schema, "methods"), i, method)
	{
		const char *verb = member_text(method, "verb");

		if (schema_method(schema, extension, verb))
			return true;
	}
	return false;
}

/* As ovs-vsctl has it: `list port`, `get port web`. */
static bool is_verb_of_nouns(const char *word)
{
	static const char *const all[] = {"add", "set", "del", "list", "get"};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i], word) == 0)
			return true;
	return false;
}

enum vs_exit noun_check(const json_t *schema, const char *word,
			struct complaint *complaint)
{
	const char *provider = schema_provider(schema, word);
	struct nearest nearest = {.word = word};
	char hint[NEAREST_SIZE * 2];

	if (schema_noun(schema, word) || has_methods(schema, word) ||
	    schema_verb_owner(schema, word))
		return VS_EXIT_OK;
	if (provider)
		return complain(complaint, VS_EXIT_ABSENT,
				"%s is a noun of extension %s, which is not "
				"loaded; put it on a switch's stack: vsctl "
				"switch set NAME stack=%s",
				word, provider, provider);
	if (later_instead(word))
		return complain(complaint, VS_EXIT_USAGE,
				"%s is not in this version yet; %s", word,
				later_instead(word));
	if (is_verb_of_nouns(word))
		return complain(complaint, VS_EXIT_USAGE,
				"the noun comes first, as in vsctl port %s%s",
				strcmp(word, "get") == 0 ? "show" : word,
				strcmp(word, "list") == 0 ? "" : " NAME");
	for (const struct verb *verb = verbs; verb->name; verb++)
		nearest_offer(&nearest, verb->name);
	schema_offer_nouns(schema, &nearest);
	schema_offer_verbs(schema, &nearest);
	return complain(complaint, VS_EXIT_USAGE,
			"no noun or verb %s%s (see: vsctl help)", word,
			nearest_hint(&nearest, hint, sizeof(hint)));
}

static output_render *render_of(const char *method, const char *verb)
{
	if (strcmp(method, "object.list") == 0)
		return strcmp(verb, "show") == 0 ? render_object : render_list;
	if (strcmp(method, "method.call") == 0)
		return render_answer;
	return render_change;
}

/* `show` of what is not there has the exit code of absence. */
static enum vs_exit check_shown(const char *verb, const json_t *params,
				const json_t *result,
				struct complaint *complaint)
{
	char where[VALUE_SIZE];

	if (strcmp(verb, "show") != 0 ||
	    !json_is_array(json_object_get(result, "objects")) ||
	    json_array_size(json_object_get(result, "objects")))
		return VS_EXIT_OK;
	return complain(complaint, VS_EXIT_ABSENT, "no %s with %s",
			member_text(params, "noun"),
			value_text(json_object_get(params, "where"), where,
				   sizeof(where)));
}

static enum vs_exit request_run(struct session *session, const char *verb,
				const json_t *request,
				struct complaint *complaint)
{
	json_t *params = json_object_get(request, "params");
	const char *method = member_text(request, "method");
	const struct view view = {
		.noun = schema_noun(session->schema,
				    member_text(params, "noun")),
		.params = params,
	};
	json_t *result = NULL;
	enum vs_exit code =
		client_call(&session->client, method, json_incref(params),
			    &result, complaint);

	if (!code)
		code = check_shown(verb, params, result, complaint);
	if (!code)
		session->output.ops->result(&session->output,
					    render_of(method, verb), &view,
					    result);
	json_decref(result);
	return code;
}

/* A line that begins with a noun, or with an extension's name. */
static enum vs_exit line_run(struct session *session, const struct words *words,
			     struct complaint *complaint)
{
	json_t *request = NULL;
	enum vs_exit code = grammar_request(
		session->schema, words, session->options, &request, complaint);

	if (!code)
		code = request_run(session, grammar_verb(words), request,
				   complaint);
	json_decref(request);
	return code;
}

/* `nexthop web 10.0.0.7` is `wnv nexthop web 10.0.0.7`. */
static enum vs_exit verb_of_run(struct session *session, const char *owner,
				const struct words *words,
				struct complaint *complaint)
{
	const char **at = calloc((size_t)words->count + 1, sizeof(*at));
	struct words whole = {.count = words->count + 1, .at = at};
	enum vs_exit code;

	if (!at)
		return complain(complaint, VS_EXIT_REFUSED, "out of memory");
	at[0] = owner;
	memcpy(at + 1, words->at, (size_t)words->count * sizeof(*at));
	code = line_run(session, &whole, complaint);
	free(at);
	return code;
}

enum vs_exit noun_run(struct session *session, const struct words *words,
		      struct complaint *complaint)
{
	enum vs_exit code = session_schema(session, complaint);
	const char *owner;

	if (!code)
		code = noun_check(session->schema, words->at[0], complaint);
	if (code)
		return code;
	owner = schema_noun(session->schema, words->at[0])
			? NULL
			: schema_verb_owner(session->schema, words->at[0]);
	return owner ? verb_of_run(session, owner, words, complaint)
		     : line_run(session, words, complaint);
}
