// SPDX-License-Identifier: Apache-2.0
/*
 * session.c: what every verb needs: the schema, and one request with its
 * answer on the right output.
 */
#include "session.h"

#include <signal.h>
#include <unistd.h>

void session_open(struct session *session, const struct options *options)
{
	*session = (struct session){
		.options = options,
		.output = {options->json ? &output_json : &output_text, stdout,
			   stderr},
	};
	client_init(&session->client, options->socket, options->timeout_ms);
}

void session_close(struct session *session)
{
	json_decref(session->schema);
	session->schema = NULL;
	client_close(&session->client);
}

enum vs_exit session_schema(struct session *session,
			    struct complaint *complaint)
{
	if (session->schema)
		return VS_EXIT_OK;
	return client_call(&session->client, "schema.list", NULL,
			   &session->schema, complaint);
}

enum vs_exit session_add(struct session *session, json_t *facts,
			 const char *name, const char *method,
			 struct complaint *complaint)
{
	json_t *result = NULL;
	enum vs_exit code =
		client_call(&session->client, method, NULL, &result, complaint);

	if (!code)
		json_object_set(facts, name, result);
	json_decref(result);
	return code;
}

enum vs_exit session_query(struct session *session, const char *method,
			   json_t *params, output_render *render,
			   struct complaint *complaint)
{
	struct view view = {.params = json_incref(params)};
	json_t *result = NULL;
	enum vs_exit code = client_call(&session->client, method, params,
					&result, complaint);

	if (!code)
		session->output.ops->result(&session->output, render, &view,
					    result);
	json_decref(result);
	json_decref(params);
	return code;
}

/* All output is flushed piece by piece, so there is nothing to save. */
static void end(int signal_number)
{
	(void)signal_number;
	_exit(VS_EXIT_OK);
}

void session_endless(void)
{
	signal(SIGINT, end);
	signal(SIGTERM, end);
}
