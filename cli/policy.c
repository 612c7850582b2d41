// SPDX-License-Identifier: Apache-2.0
/*
 * policy.c: documents: read by document.c and sent, or fetched and printed.
 */
#include <string.h>
#include <unistd.h>

#include "document.h"
#include "render.h"
#include "session.h"
#include "value.h"

/* A call about a document, or, where that is empty, about the policy. */
struct document_call {
	json_t *params, *result;
	struct document document;
};

static void call_end(struct document_call *call)
{
	json_decref(call->params);
	document_free(&call->document);
	json_decref(call->result);
}

/* The document goes with it; the answer is shown. */
static enum vs_exit call_send(struct session *session, const struct verb *verb,
			      struct document_call *call,
			      struct complaint *complaint)
{
	struct view view = {.params = call->params};
	enum vs_exit code = VS_EXIT_OK;
	int fd = -1;

	if (call->document.json || call->document.text)
		code = client_enclose(call->params, &call->document, &fd,
				      complaint);
	if (!code)
		code = client_send(&session->client, verb->method,
				   json_incref(call->params), fd, complaint);
	if (fd >= 0)
		close(fd);
	if (!code)
		code = client_answer(&session->client, &call->result,
				     complaint);
	if (code)
		code = document_blame(&call->document, code, complaint);
	else
		session->output.ops->result(&session->output, verb->render,
					    &view, call->result);
	return code;
}

enum vs_exit apply_run(struct session *session, const struct verb *verb,
		       const struct words *words, struct complaint *complaint)
{
	struct document_call call = {0};
	enum vs_exit code = verb_params(verb, words, &call.params, complaint);
	const char *file;

	if (code)
		return code;
	file = member_text(call.params, "file");
	code = document_load(*file ? file : "-", session->options->timeout_ms,
			     &call.document, complaint);
	json_object_del(call.params, "file");
	if (verb->dry && session->options->dry_run)
		json_object_set_new(call.params, "dry_run", json_true());
	if (verb->dry && session->options->force)
		json_object_set_new(call.params, "force", json_true());
	if (!code)
		code = call_send(session, verb, &call, complaint);
	call_end(&call);
	return code;
}

enum vs_exit dump_run(struct session *session, const struct verb *verb,
		      const struct words *words, struct complaint *complaint)
{
	struct view view = {0};
	json_t *params, *result = NULL, *document;
	enum vs_exit code = verb_params(verb, words, &params, complaint);

	if (!code)
		code = client_call(&session->client, verb->method, params,
				   &result, complaint);
	if (code)
		return code;
	/* the document itself, in JSON too: apply reads both back */
	document = json_object_get(result, "document");
	session->output.ops->result(&session->output, verb->render, &view,
				    document ? document : result);
	json_decref(result);
	return VS_EXIT_OK;
}

/* What the policy, or a file that need not be applied, has wrong with it. */
enum vs_exit check_run(struct session *session, const struct verb *verb,
		       const struct words *words, struct complaint *complaint)
{
	struct document_call call = {0};
	enum vs_exit code = verb_params(verb, words, &call.params, complaint);

	if (!code && json_object_get(call.params, "file"))
		code = document_load(member_text(call.params, "file"),
				     session->options->timeout_ms,
				     &call.document, complaint);
	json_object_del(call.params, "file");
	if (!code)
		code = call_send(session, verb, &call, complaint);
	if (!code && member_number(call.result, "errors") > 0)
		code = VS_EXIT_REFUSED;
	call_end(&call);
	return code;
}

enum vs_exit policy_run(struct session *session, const struct verb *verb,
			const struct words *words, struct complaint *complaint)
{
	static const char *const known[] = {"apply",   "diff", "check", "dump",
					    "confirm", "undo", "log"};

	for (size_t i = 0; words->count && i < sizeof(known) / sizeof(known[0]);
	     i++)
		if (strcmp(known[i], words->at[0]) == 0)
			return verbs_run(session, words, complaint);
	return complain(complaint, VS_EXIT_USAGE, "usage: vsctl policy %s",
			verb->usage);
}
