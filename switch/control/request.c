// SPDX-License-Identifier: Apache-2.0
/*
 * request.c: from a line to a method, from a result to a line.
 *
 * Before this file: io/ctl_socket.c. After it: the methods of request_*.c, or
 * the engine's.
 */
#include "control/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/document.h"
#include "control/json_text.h"
#include "control/request_private.h"
#include "control/value.h"
#include "control/words.h"

/* -- changes of the policy
 * ------------------------------------------------------- */

static void drain(struct policy_idle *idle)
{
	struct request_server *server =
		(struct request_server *)((char *)idle -
					  offsetof(struct request_server,
						   idle));
	struct request_call *call;

	if (server->draining)
		return;
	server->draining = true;
	while (server->queue && !policy_busy(server->config.policy)) {
		call = server->queue;
		server->queue = call->queued;
		server->queue_count--;
		call->method->run(call);
	}
	server->draining = false;
}

static const char *outcome(const struct change_list *operations)
{
	static const char *const words[CHANGE_OPS] = {"added", "deleted",
						      "changed"};

	if (!operations->count)
		return "unchanged";
	return operations->count > 1 ? "changed" : words[operations->all[0].op];
}

static void change_done(struct policy_waiter *waiter,
			const struct policy_result *result,
			const struct vs_error *error)
{
	struct request_call *call =
		(struct request_call *)((char *)waiter -
					offsetof(struct request_call, waiter));

	if (error && error->code == ENOENT) {
		/* what the policy refuses is no missing object */
		call_refuse(call, VS_RPC_REFUSED, error);
	} else if (error) {
		request_refuse(call, error);
	} else {
		call_answer(call,
			    json_pack("{s:s, s:o, s:O, s:I, s:i}", "result",
				      outcome(result->operations), "changes",
				      change_describe(result->operations),
				      "warnings", result->warnings,
				      "generation",
				      (json_int_t)result->generation,
				      "confirm_seconds",
				      (int)result->confirm_seconds));
	}
}

struct policy_change call_change(struct request_call *call, const char *summary)
{
	call->waiter.done = change_done;
	return (struct policy_change){
		.summary = summary,
		.uid = call->uid,
		.now_ns = call->now_ns,
		.wall_seconds = call->wall_seconds,
		.dry_run = call_truth(call, "dry_run"),
		.force = call_truth(call, "force"),
		.waiter = &call->waiter,
	};
}

/* -- dispatch
 * -------------------------------------------------------------------- */

static void enqueue(struct request_call *call)
{
	struct request_server *server = call->server;
	struct request_call **link = &server->queue;
	struct vs_error error;

	if (server->queue_count == REQUEST_QUEUE) {
		vs_error_set(&error, EBUSY, "",
			     "%u changes wait already: try again",
			     REQUEST_QUEUE);
		request_refuse(call, &error);
		return;
	}
	while (*link)
		link = &(*link)->queued;
	*link = call;
	server->queue_count++;
}

static int check_params(const struct request_call *call, struct vs_error *error)
{
	const char *const *params = call->method->params;
	struct words_nearest nearest;
	const char *name;
	char hint[96];
	json_t *each;
	size_t i;

	json_object_foreach(call->params, name, each)
	{
		nearest = (struct words_nearest){.word = name};
		for (i = 0; params[i] && strcmp(params[i], name) != 0; i++)
			words_offer(&nearest, params[i]);
		if (!params[i])
			return vs_error_set(error, EINVAL, name,
					    "unknown member '%.60s'%s", name,
					    words_hint(&nearest, hint));
	}
	return 0;
}

/* What the memfd beside the line holds. A policy is glanced at first: parsed,
 * a text is many times its size. Answers by itself when it fails. */
static bool map_document(struct request_call *call)
{
	struct request_engine *engine = call->server->config.engine;
	struct vs_error error = {.code = 0};
	const char *bytes;
	size_t size;
	bool refused;

	if (engine->map(engine, call->line->fd, &bytes, &size, &error)) {
		call_wrong(call, &error);
		return false;
	}
	refused = call->method->changes &&
		  document_glance(call_schema(call), bytes, size, &error);
	if (!refused)
		json_text_load(bytes, size, &call->document, &error);
	engine->unmap(engine, bytes, size);
	if (refused)
		call_refuse(call, VS_RPC_REFUSED, &error);
	else if (error.code)
		call_wrong(call, &error);
	return !error.code;
}

/* params.document, or the document in the memfd that came beside the line.
 * Answers by itself when it fails. */
static bool take_document(struct request_call *call)
{
	struct vs_error error = {.code = 0};

	call->document = json_incref(json_object_get(call->params, "document"));
	if (!call_truth(call, "fd"))
		return true;
	if (!call->document && call->line->fd >= 0)
		return map_document(call);
	vs_error_set(&error, EINVAL, "fd",
		     call->document ? "document and fd: say one"
				    : "no file descriptor came beside the "
				      "request");
	call_wrong(call, &error);
	return false;
}

static void run_own(struct request_call *call)
{
	struct vs_error error = {.code = 0};

	if (check_params(call, &error))
		call_wrong(call, &error);
	else if (!take_document(call))
		return;
	else if (call->method->changes &&
		 (policy_busy(call->server->config.policy) ||
		  call->server->queue))
		enqueue(call);
	else
		call->method->run(call);
}

static int parse_params(struct request_call *call,
			const struct vs_field *fields, uint16_t count,
			struct vs_error *error)
{
	struct words_nearest nearest;
	const char *name;
	char hint[96];
	json_t *each;
	uint16_t i;
	int rc;

	json_object_foreach(call->params, name, each)
	{
		nearest = (struct words_nearest){.word = name};
		for (i = 0; i < count && strcmp(fields[i].name, name) != 0; i++)
			words_offer(&nearest, fields[i].name);
		if (i == count)
			return vs_error_set(error, EINVAL, name,
					    "unknown member '%.60s'%s", name,
					    words_hint(&nearest, hint));
		rc = value_parse(&fields[i], each, VALUE_TYPED,
				 &call->values[i], error);
		if (rc) {
			snprintf(error->path, sizeof(error->path), "%s", name);
			return rc;
		}
	}
	for (i = 0; i < count; i++)
		if ((fields[i].flags & VS_FIELD_REQUIRED) &&
		    !call->values[i].present)
			return vs_error_set(error, EINVAL, fields[i].name,
					    "%s: missing: %s", fields[i].name,
					    fields[i].help);
	return 0;
}

static void run_engine(struct request_call *call,
		       const struct request_method *method)
{
	struct vs_error error = {.code = 0};

	if (method->param_count > SCHEMA_FIELDS)
		vs_error_set(&error, E2BIG, "", "too many parameters");
	else
		parse_params(call, method->params, method->param_count, &error);
	if (error.code)
		call_wrong(call, &error);
	else
		method->run(call->server->config.engine, call);
}

static const struct method *own_method(const char *name)
{
	static const struct method *const tables[] = {
		request_object_methods, request_policy_methods,
		request_schema_methods, request_list_methods,
		request_ext_methods,	request_port_methods};
	const struct method *method;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (method = tables[i]; method->name; method++)
			if (strcmp(method->name, name) == 0)
				return method;
	return NULL;
}

static void dispatch(struct request_call *call, const char *name)
{
	const struct request_engine *engine = call->server->config.engine;
	struct vs_error error;
	uint16_t i;

	call->method = own_method(name);
	if (call->method) {
		run_own(call);
		return;
	}
	for (i = 0; i < engine->method_count; i++)
		if (strcmp(engine->methods[i].name, name) == 0) {
			run_engine(call, &engine->methods[i]);
			return;
		}
	vs_error_set(&error, ENOENT, "method", "no method '%.60s'", name);
	call_refuse(call, VS_RPC_NO_METHOD, &error);
}

/* -- lines
 * ----------------------------------------------------------------------- */

static bool id_is_good(const json_t *id)
{
	return json_is_string(id) || json_is_integer(id) || json_is_null(id);
}

/* What JSON-RPC 2.0 wants of a request; NULL = good, else what is wrong. */
static const char *judge(const json_t *request)
{
	static const char *const known[] = {"jsonrpc", "id", "method",
					    "params"};
	const json_t *params = json_object_get(request, "params");
	const char *version, *name;
	json_t *each;
	size_t i;

	if (json_is_array(request))
		return "a batch: send one request a line";
	if (!json_is_object(request))
		return "a request is a JSON object";
	version = json_string_value(json_object_get(request, "jsonrpc"));
	if (!version || strcmp(version, "2.0") != 0)
		return "jsonrpc: must be \"2.0\"";
	if (!json_object_get(request, "id"))
		return "id: missing: without it nobody could be answered";
	if (!id_is_good(json_object_get(request, "id")))
		return "id: must be a string, a whole number or null";
	if (!json_is_string(json_object_get(request, "method")))
		return "method: must be a string";
	if (params && !json_is_object(params))
		return "params: must be an object";
	json_object_foreach((json_t *)(uintptr_t)request, name, each)
	{
		for (i = 0; i < 4 && strcmp(name, known[i]) != 0; i++)
			;
		if (i == 4)
			return "a request has jsonrpc, id, method and params, "
			       "nothing else";
	}
	return NULL;
}

/* The call that this line made, unless it is answered already. */
static void forget_line(struct request_server *server,
			const struct request_line *line)
{
	struct request_call *call;

	for (call = server->calls; call; call = call->next)
		if (call->line == line)
			call->line = NULL;
}

static void take_request(struct request_client *client,
			 struct request_line *line, const json_t *request)
{
	const char *wrong = judge(request);
	struct request_server *server = client->server;
	json_t *id = json_object_get(request, "id");
	struct request_call *call;
	struct vs_error error;

	if (wrong) {
		vs_error_set(&error, EINVAL, "", "%s", wrong);
		client_refuse(client, id && id_is_good(id) ? id : json_null(),
			      VS_RPC_INVALID, &error);
		return;
	}
	call = call_create(client, line, request);
	if (!call) {
		vs_error_set(&error, ENOMEM, "", "out of memory");
		client_refuse(client, id, VS_RPC_INTERNAL, &error);
		return;
	}
	dispatch(call, json_string_value(json_object_get(request, "method")));
	forget_line(server, line);
}

void request_line(struct request_client *client, struct request_line *line)
{
	struct vs_error error = {.code = 0};
	json_t *request;
	int rc;

	if (line->size > VS_RPC_LINE_SIZE) {
		request_limit(client, "the request is longer than 1 MiB: send "
				      "a document as a sealed memfd");
		return;
	}
	rc = json_text_load(line->bytes, line->size, &request, &error);
	if (rc) {
		client_refuse(client, json_null(),
			      rc == -E2BIG ? VS_RPC_LIMIT : VS_RPC_PARSE,
			      &error);
		return;
	}
	take_request(client, line, request);
	json_decref(request);
}

/* -- server and clients
 * ------------------------------------------------------------ */

int request_server_create(struct request_server **out,
			  const struct request_config *config)
{
	struct request_server *server = calloc(1, sizeof(*server));

	*out = server;
	if (!server)
		return -ENOMEM;
	server->config = *config;
	server->idle.run = drain;
	policy_listen(config->policy, &server->idle);
	return 0;
}

void request_server_destroy(struct request_server *server)
{
	if (!server)
		return;
	policy_listen(server->config.policy, NULL);
	while (server->calls)
		call_free(server->calls);
	json_decref(server->event.stack[0]);
	free(server);
}

void request_client_open(struct request_server *server,
			 struct request_client *client)
{
	client->server = server;
	client->subscribed = client->streaming = false;
	client->next = server->clients;
	server->clients = client;
}

void request_client_close(struct request_client *client)
{
	struct request_client **link = &client->server->clients;
	struct request_call *call;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	for (call = client->server->calls; call; call = call->next)
		if (call->client == client)
			call->client = NULL;
}

bool request_client_waits(const struct request_client *client)
{
	const struct request_call *call = client->server->calls;

	while (call && call->client != client)
		call = call->next;
	return call || client->subscribed || client->streaming;
}

/* -- notifications
 * ------------------------------------------------------------------ */

void request_subscribe(struct request_call *call)
{
	if (call->client)
		call->client->subscribed = true;
}

bool request_listened(const struct request_server *server)
{
	const struct request_client *client = server->clients;

	while (client && !client->subscribed)
		client = client->next;
	return client;
}

struct vs_reply *request_event(struct request_server *server, const char *name)
{
	json_decref(server->event.stack[0]);
	reply_start(&server->event, json_object());
	server->event.reply.ops->text(&server->event.reply, "event", name);
	return &server->event.reply;
}

void request_event_send(struct request_server *server,
			struct request_client *only)
{
	struct request_client *client, *next;
	json_t *event = json_pack("{s:s, s:s, s:O}", "jsonrpc", "2.0", "method",
				  "event", "params", server->event.stack[0]);

	for (client = server->clients; client; client = next) {
		next = client->next;
		if (only ? client == only : client->subscribed)
			client_write(client, json_incref(event));
	}
	json_decref(event);
}
