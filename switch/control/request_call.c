// SPDX-License-Identifier: Apache-2.0
/*
 * request_call.c: a call's life and its answer: results, errors and their
 * codes.
 *
 * Before this file: request.c, a method. After it: the client's write.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/request_private.h"
#include "control/value.h"

/* -- answers
 * -------------------------------------------------------------------- */

void client_write(struct request_client *client, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	size_t size;
	char *line;

	if (text) {
		size = strlen(text);
		line = realloc(text, size + 2);
		if (line) {
			line[size] = '\n';
			client->ops->write(client, line, size + 1);
			text = line;
		}
	}
	free(text);
	json_decref(json);
}

static const char *errno_name(int code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{EINVAL, "EINVAL"},
		{ENOENT, "ENOENT"},
		{EEXIST, "EEXIST"},
		{EBUSY, "EBUSY"},
		{E2BIG, "E2BIG"},
		{ENOMEM, "ENOMEM"},
		{EIO, "EIO"},
		{ENOSPC, "ENOSPC"},
		{EPERM, "EPERM"},
		{EACCES, "EACCES"},
		{ENODEV, "ENODEV"},
		{EROFS, "EROFS"},
		{ENODATA, "ENODATA"},
		{EAGAIN, "EAGAIN"},
		{ETIMEDOUT, "ETIMEDOUT"},
		{ENOTSUP, "ENOTSUP"},
		{EADDRINUSE, "EADDRINUSE"},
		{EMFILE, "EMFILE"},
		{ENOTEMPTY, "ENOTEMPTY"},
		{EDQUOT, "EDQUOT"},
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	return "";
}

static enum vs_exit exit_of(enum vs_rpc_error code,
			    const struct vs_error *error)
{
	if (error->code == ETIMEDOUT)
		return VS_EXIT_TIMEOUT;
	switch (code) {
	case VS_RPC_ABSENT:
		return VS_EXIT_ABSENT;
	case VS_RPC_PARSE:
	case VS_RPC_INVALID:
	case VS_RPC_NO_METHOD:
	case VS_RPC_PARAMS:
		return VS_EXIT_USAGE;
	default:
		return VS_EXIT_REFUSED;
	}
}

static json_t *error_json(enum vs_rpc_error code, const struct vs_error *error)
{
	json_t *message = json_string(error->text);
	json_t *path = json_string(error->path);

	/* a text that was cut inside a character */
	if (!message)
		message = json_string("refused");
	if (!path)
		path = json_string("");
	return json_pack("{s:i, s:o, s:{s:o, s:s, s:i}}", "code", code,
			 "message", message, "data", "path", path, "errno",
			 errno_name(error->code), "exit", exit_of(code, error));
}

void client_refuse(struct request_client *client, json_t *id,
		   enum vs_rpc_error code, const struct vs_error *error)
{
	client_write(client,
		     json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id,
			       "error", error_json(code, error)));
}

void request_limit(struct request_client *client, const char *text)
{
	struct vs_error error;

	vs_error_set(&error, E2BIG, "", "%s", text);
	client_refuse(client, json_null(), VS_RPC_LIMIT, &error);
}

/* -- calls
 * ---------------------------------------------------------------------- */

void call_free(struct request_call *call)
{
	struct request_call **link = &call->server->calls;
	size_t i;

	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
	for (i = 0; i < SCHEMA_FIELDS; i++)
		value_clear(&call->values[i]);
	json_decref(call->id);
	json_decref(call->params);
	json_decref(call->document);
	json_decref(call->reply.stack[0]);
	free(call);
}

struct request_call *call_create(struct request_client *client,
				 struct request_line *line,
				 const json_t *request)
{
	struct request_call *call = calloc(1, sizeof(*call));
	json_t *params = json_object_get(request, "params");

	if (!call)
		return NULL;
	call->server = client->server;
	call->client = client;
	call->uid = client->uid;
	call->line = line;
	call->now_ns = line->now_ns;
	call->wall_seconds = line->wall_seconds;
	call->id = json_incref(json_object_get(request, "id"));
	call->params = params ? json_incref(params) : json_object();
	reply_start(&call->reply, json_object());
	call->next = call->server->calls;
	call->server->calls = call;
	return call;
}

void call_answer(struct request_call *call, json_t *result)
{
	if (call->client)
		client_write(call->client,
			     json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0",
				       "id", call->id, "result", result));
	else
		json_decref(result);
	call_free(call);
}

void call_refuse(struct request_call *call, enum vs_rpc_error code,
		 const struct vs_error *error)
{
	if (call->client)
		client_refuse(call->client, call->id, code, error);
	call_free(call);
}

void call_wrong(struct request_call *call, const struct vs_error *error)
{
	call_refuse(call,
		    error->code == ENOENT   ? VS_RPC_ABSENT
		    : error->code == ENOMEM ? VS_RPC_INTERNAL
		    : error->code == E2BIG  ? VS_RPC_LIMIT
					    : VS_RPC_PARAMS,
		    error);
}

static enum vs_rpc_error code_of(int code)
{
	switch (code) {
	case ENOENT:
	case ENODATA:
		return VS_RPC_ABSENT;
	case EBUSY:
		return VS_RPC_BUSY;
	case EIO:
	case ENOSPC:
	case EROFS:
	case EDQUOT:
		return VS_RPC_STORAGE;
	case E2BIG:
		return VS_RPC_LIMIT;
	case ENOMEM:
		return VS_RPC_INTERNAL;
	default:
		return VS_RPC_REFUSED;
	}
}

const struct schema *call_schema(const struct request_call *call)
{
	return policy_settings(call->server->config.policy)->schema;
}

const struct store *call_store(const struct request_call *call)
{
	return policy_store(call->server->config.policy);
}

int call_text(const struct request_call *call, const char *name,
	      const char **text, struct vs_error *error)
{
	const json_t *json = json_object_get(call->params, name);

	*text = json_string_value(json);
	if (!json || *text)
		return 0;
	return vs_error_set(error, EINVAL, name, "%s: must be a string", name);
}

int call_need(const struct request_call *call, const char *name,
	      const char **text, struct vs_error *error)
{
	int rc = call_text(call, name, text, error);

	if (rc == 0 && !*text)
		rc = vs_error_set(error, EINVAL, name, "%s: missing", name);
	return rc;
}

bool call_truth(const struct request_call *call, const char *name)
{
	return json_is_true(json_object_get(call->params, name));
}

/* -- what the engine's handlers use
 * ---------------------------------------------- */

const struct vs_value *request_value(const struct request_call *call,
				     uint16_t param)
{
	return &call->values[param];
}

int request_take_fd(struct request_call *call)
{
	int fd = -1;

	if (call->line) {
		fd = call->line->fd;
		call->line->fd = -1;
	}
	if (fd >= 0 && call->client)
		call->client->streaming = true;
	return fd;
}

struct vs_reply *request_reply(struct request_call *call)
{
	return &call->reply.reply;
}

uint64_t request_now(const struct request_call *call)
{
	return call->now_ns;
}

struct request_client *request_call_client(const struct request_call *call)
{
	return call->client;
}

void request_defer(struct request_call *call)
{
	call->deferred = true;
}

void request_finish(struct request_call *call)
{
	call_answer(call, json_incref(call->reply.stack[0]));
}

void request_refuse(struct request_call *call, const struct vs_error *error)
{
	call_refuse(call, code_of(error->code), error);
}
