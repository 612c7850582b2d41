// SPDX-License-Identifier: Apache-2.0
/*
 * doctor.c: the verb: gathers the facts, has them judged, shows the findings.
 * doctor_host.c asks the kernel, doctor_rules.c judges.
 */
#include "doctor.h"

#include <string.h>

#include "output.h"
#include "render.h"
#include "session.h"
#include "table.h"
#include "value.h"

void render_doctor(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *findings = json_object_get(result, "findings");
	json_t *finding;
	size_t i;

	(void)view;
	json_array_foreach(findings, i, finding)
	{
		fprintf(stream, "%-8s %s: %s\n",
			member_text(finding, "severity"),
			member_text(finding, "about"),
			member_text(finding, "what"));
		if (*member_text(finding, "cure"))
			fprintf(stream, "         # %s\n",
				member_text(finding, "cure"));
	}
	if (!json_array_size(findings))
		fputs("nothing found\n", stream);
}

/* A list, or nothing where the noun is not there. */
static void add_list(struct session *session, json_t *facts, const char *name,
		     json_t *params)
{
	struct complaint ignored = {0};
	json_t *result = NULL;

	if (client_call(&session->client, "object.list", params, &result,
			&ignored) == VS_EXIT_OK)
		json_object_set(facts, name,
				json_object_get(result, "objects"));
	json_decref(result);
	complaint_clear(&ignored);
}

static void add_drops(struct session *session, json_t *facts)
{
	struct complaint ignored = {0};
	json_t *result = NULL;

	if (client_call(&session->client, "drops", NULL, &result, &ignored) ==
	    VS_EXIT_OK)
		json_object_set(facts, "drops",
				json_object_get(result, "drops"));
	json_decref(result);
	complaint_clear(&ignored);
}

static enum vs_exit gather(struct session *session, json_t *facts,
			   struct complaint *complaint)
{
	enum vs_exit code =
		session_add(session, facts, "show", "show", complaint);

	if (!code)
		code = session_add(session, facts, "version", "hello",
				   complaint);
	if (code)
		return code;
	add_drops(session, facts);
	add_list(session, facts, "pa", json_pack("{s:s}", "noun", "pa"));
	add_list(session, facts, "peer", json_pack("{s:s}", "noun", "peer"));
	add_list(session, facts, "subnet",
		 json_pack("{s:s}", "noun", "subnet"));
	add_list(session, facts, "unusable",
		 json_pack("{s:s, s:{s:s}}", "noun", "ca", "where", "usable",
			   "no"));
	add_list(session, facts, "vxlan",
		 json_pack("{s:s, s:{s:s}}", "noun", "ca", "where", "rule",
			   "vxlan"));
	json_object_set_new(facts, "host",
			    doctor_host(session->client.fd,
					json_object_get(facts, "show")));
	return VS_EXIT_OK;
}

/* Errors are an answer too: the exit code tells a script. */
static enum vs_exit judged(const json_t *findings)
{
	const json_t *worst = json_array_get(findings, 0);

	return strcmp(member_text(worst, "severity"), "error") == 0
		       ? VS_EXIT_REFUSED
		       : VS_EXIT_OK;
}

enum vs_exit doctor_run(struct session *session, const struct verb *verb,
			const struct words *words, struct complaint *complaint)
{
	json_t *facts = json_object(), *params = NULL, *result;
	enum vs_exit code = verb_params(verb, words, &params, complaint);
	const struct view view = {.params = params};

	if (!code)
		code = gather(session, facts, complaint);
	if (!code) {
		result = json_pack("{s:o}", "findings", doctor_findings(facts));
		session->output.ops->result(&session->output, render_doctor,
					    &view, result);
		code = judged(json_object_get(result, "findings"));
		json_decref(result);
	}
	json_decref(params);
	json_decref(facts);
	return code;
}
