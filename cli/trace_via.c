// SPDX-License-Identifier: Apache-2.0
/*
 * trace_via.c: `trace PORT FRAME via=WHERE`: the walk goes on at the other
 * host, with the very bytes that left this one. WHERE is the run directory or
 * the socket of a daemon that can be reached from here, or a host that ssh
 * knows.
 */
#define _GNU_SOURCE /* popen with e */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <vswitch/control.h>

#include "render.h"
#include "session.h"
#include "value.h"

#define WHERE_SIZE 108

/* -- asking the other daemon ------------------------------------------------
 */

static enum vs_exit ask_socket(const struct session *session, const char *where,
			       const char *hex, json_t **result,
			       struct complaint *complaint)
{
	char path[WHERE_SIZE + sizeof(VS_RPC_SOCKET) + 1];
	struct client client;
	struct stat info;
	enum vs_exit code;

	snprintf(path, sizeof(path), "%s", where);
	if (stat(where, &info) == 0 && S_ISDIR(info.st_mode))
		snprintf(path, sizeof(path), "%s/%s", where, VS_RPC_SOCKET);
	if (strlen(path) >= WHERE_SIZE)
		return complain(complaint, VS_EXIT_USAGE,
				"trace: via=%s: too long for a socket", where);
	client_init(&client, path, session->options->timeout_ms);
	code = client_call(&client, "trace", json_pack("{s:s}", "bytes", hex),
			   result, complaint);
	client_close(&client);
	return code;
}

/* What ssh, and the shell behind it, take for a name and nothing else. */
static bool is_host(const char *where)
{
	if (!*where || *where == '-')
		return false;
	for (; *where; where++)
		if (!isalnum((unsigned char)*where) && !strchr("@._:-", *where))
			return false;
	return true;
}

static enum vs_exit ask_ssh(const char *where, const char *hex, json_t **result,
			    struct complaint *complaint)
{
	char *line = NULL;
	FILE *output;
	json_t *error;
	int status;

	if (asprintf(&line, "ssh %s vsctl --json trace bytes=%s", where, hex) <
	    0)
		return complain(complaint, VS_EXIT_REFUSED, "out of memory");
	output = popen(line, "re"); /* NOLINT(cert-env33-c): is_host() */
	free(line);
	if (!output)
		return complain(complaint, VS_EXIT_UNREACHABLE,
				"trace: via=%s: ssh: %m", where);
	*result = json_loadf(output, 0, NULL);
	status = pclose(output);
	error = json_object_get(*result, "error");
	if (error)
		return complain_answer(complaint, json_incref(error));
	return status || !*result
		       ? complain(complaint, VS_EXIT_UNREACHABLE,
				  "trace: via=%s: ssh %s vsctl gave no answer",
				  where, where)
		       : VS_EXIT_OK;
}

static enum vs_exit ask(const struct session *session, const char *where,
			const char *hex, json_t **result,
			struct complaint *complaint)
{
	if (strchr(where, '/'))
		return ask_socket(session, where, hex, result, complaint);
	if (is_host(where))
		return ask_ssh(where, hex, result, complaint);
	return complain(complaint, VS_EXIT_USAGE,
			"trace: via=%s: a run directory, a socket, or a host "
			"that ssh knows",
			where);
}

/* -- both halves ------------------------------------------------------------
 */

static void render_both(FILE *stream, const struct view *view,
			const json_t *result)
{
	const json_t *there = json_object_get(result, "there");

	render_trace(stream, view, result);
	fprintf(stream, "at %s:\n", member_text(result, "via"));
	if (there)
		render_trace(stream, view, there);
	else
		fputs("nothing comes\n", stream);
}

/* Of several copies that left, the one that is addressed to the other host. */
static enum vs_exit go_on(const struct session *session, const char *where,
			  json_t *here, struct complaint *complaint)
{
	enum vs_exit code = VS_EXIT_OK;
	json_t *recipe;
	size_t i;

	json_array_foreach(json_object_get(here, "recipes"), i, recipe)
	{
		const char *hex = member_text(recipe, "hex");
		json_t *there = NULL;

		if (!*hex)
			continue;
		complaint_clear(complaint);
		code = ask(session, where, hex, &there, complaint);
		if (!code) {
			json_object_set_new(here, "there", there);
			break;
		}
		json_decref(there);
		if (code != VS_EXIT_ABSENT)
			break;
	}
	json_array_foreach(json_object_get(here, "recipes"), i, recipe)
	{
		json_object_del(recipe, "hex");
	}
	return code;
}

static enum vs_exit trace_on(struct session *session, json_t *params,
			     const char *where, struct complaint *complaint)
{
	const struct view view = {.params = params};
	json_t *here = NULL;
	enum vs_exit code;

	json_object_set_new(params, "hex", json_true());
	code = client_call(&session->client, "trace", json_incref(params),
			   &here, complaint);
	if (!code)
		code = go_on(session, where, here, complaint);
	if (!code) {
		json_object_set_new(here, "via", json_string(where));
		session->output.ops->result(&session->output, render_both,
					    &view, here);
	}
	json_decref(here);
	return code;
}

/* The other half, as another host's vsctl asks for it. */
static const struct verb of_bytes = {
	.name = "trace",
	.usage = "bytes=HEX [port=UPLINK]",
	.method = "trace",
	.arguments = {{.name = "bytes", .required = true}, {.name = "port"}},
	.render = render_trace,
};

static bool is_of_bytes(const struct words *words)
{
	return words->count && strncmp(words->at[0], "bytes=", 6) == 0;
}

enum vs_exit trace_run(struct session *session, const struct verb *verb,
		       const struct words *words, struct complaint *complaint)
{
	json_t *params, *via;
	enum vs_exit code;

	if (is_of_bytes(words))
		verb = &of_bytes;
	code = verb_params(verb, words, &params, complaint);
	if (code)
		return code;
	via = json_incref(json_object_get(params, "via"));
	if (!via)
		return session_query(session, verb->method, params,
				     verb->render, complaint);
	json_object_del(params, "via");
	code = trace_on(session, params, json_string_value(via), complaint);
	json_decref(params);
	json_decref(via);
	return code;
}
