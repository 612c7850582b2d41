// SPDX-License-Identifier: Apache-2.0
/*
 * nouns.c: carries out a line that begins with a noun: asks for the schema,
 * has grammar.c make requests, sends them in order. If a child cannot be
 * added, the object that was just added for it goes away again.
 */
#include <string.h>

#include "grammar.h"
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

enum vs_exit noun_check(const json_t *schema, const char *word,
			struct complaint *complaint)
{
	const char *provider = schema_provider(schema, word);
	struct nearest nearest = {.word = word};
	char hint[NEAREST_SIZE * 2];

	if (schema_noun(schema, word) || has_methods(schema, word))
		return VS_EXIT_OK;
	if (provider)
		return complain(complaint, VS_EXIT_ABSENT,
				"%s is a noun of extension %s, which is not "
				"loaded; put it on a switch's stack: vsctl "
				"switch set NAME stack=%s",
				word, provider, provider);
	for (const struct verb *verb = verbs; verb->name; verb++)
		nearest_offer(&nearest, verb->name);
	schema_offer_nouns(schema, &nearest);
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

struct step {
	struct session *session;
	const char *verb;
	const json_t *request;
	json_t *result; /* of the latest request; owned */
};

static enum vs_exit step_run(struct step *step, struct complaint *complaint)
{
	struct session *session = step->session;
	json_t *params = json_object_get(step->request, "params");
	const char *method = member_text(step->request, "method");
	struct view view = {
		.noun = schema_noun(session->schema,
				    member_text(params, "noun")),
		.params = params,
	};
	enum vs_exit code;

	json_decref(step->result);
	code = client_call(&session->client, method, json_incref(params),
			   &step->result, complaint);
	if (code)
		return code;
	if (strcmp(step->verb, "show") == 0 &&
	    strcmp(method, "object.list") == 0 &&
	    !json_array_size(json_object_get(step->result, "objects"))) {
		char where[VALUE_SIZE];

		return complain(complaint, VS_EXIT_ABSENT, "no %s with %s",
				member_text(params, "noun"),
				value_text(json_object_get(params, "where"),
					   where, sizeof(where)));
	}
	session->output.ops->result(&session->output,
				    render_of(method, step->verb), &view,
				    step->result);
	return VS_EXIT_OK;
}

/* What a failed child leaves behind: nothing. */
static void take_back(struct session *session, const json_t *request)
{
	const json_t *params = json_object_get(request, "params");
	json_t *undo =
		json_pack("{s:s, s:s}", "noun", member_text(params, "noun"),
			  "key", member_text(params, "key"));
	struct complaint ignored = {0};
	json_t *result = NULL;

	if (json_object_get(params, "parent"))
		json_object_set(undo, "parent",
				json_object_get(params, "parent"));
	if (client_call(&session->client, "object.del", undo, &result,
			&ignored) == VS_EXIT_OK)
		fprintf(session->output.errors, "vsctl: took back: %s %s\n",
			member_text(params, "noun"),
			member_text(params, "key"));
	else
		fprintf(session->output.errors, "vsctl: %s %s stays: %s\n",
			member_text(params, "noun"), member_text(params, "key"),
			ignored.text);
	complaint_clear(&ignored);
	json_decref(result);
}

static enum vs_exit plan_run(struct session *session, const char *verb,
			     const json_t *plan, struct complaint *complaint)
{
	struct step step = {.session = session, .verb = verb};
	enum vs_exit code = VS_EXIT_OK;
	bool added = false;
	json_t *request;
	size_t i;

	json_array_foreach(plan, i, request)
	{
		step.request = request;
		if (added && session->options->dry_run) {
			fprintf(session->output.errors,
				"vsctl: not checked in a dry run, for its "
				"parent does not exist yet: %s %s\n",
				member_text(json_object_get(request, "params"),
					    "noun"),
				member_text(json_object_get(request, "params"),
					    "key"));
			continue;
		}
		code = step_run(&step, complaint);
		if (code)
			break;
		if (i == 0)
			added = strcmp(member_text(step.result, "result"),
				       "added") == 0;
	}
	json_decref(step.result);
	if (code && i && added)
		take_back(session, json_array_get(plan, 0));
	return code;
}

enum vs_exit noun_run(struct session *session, const struct words *words,
		      struct complaint *complaint)
{
	json_t *plan = NULL;
	enum vs_exit code = session_schema(session, complaint);

	if (!code)
		code = noun_check(session->schema, words->at[0], complaint);
	if (!code)
		code = grammar_plan(session->schema, words, session->options,
				    &plan, complaint);
	if (!code)
		code = plan_run(session, grammar_verb(words), plan, complaint);
	json_decref(plan);
	return code;
}
