// SPDX-License-Identifier: Apache-2.0
/*
 * request_port.c: port.save and port.restore: what extensions keep of a port,
 * as a document (port_saved.h). No change of the policy.
 *
 * Before this file: request.c. After it: the engine, whose extensions are
 * asked.
 */
#include <errno.h>
#include <stdlib.h>

#include "control/port_saved.h"
#include "control/request_private.h"

static struct port_saved *begin(struct request_call *call, const char **name,
				struct vs_error *error)
{
	const struct request_engine *engine = call->server->config.engine;
	struct port_saved *saved = NULL;

	if (call_need(call, "name", name, error))
		return NULL;
	if (engine->save_port && engine->restore_port)
		saved = calloc(1, sizeof(*saved));
	else
		vs_error_set(error, ENOTSUP, "", "no ports here");
	if (!saved && !error->code)
		vs_error_set(error, ENOMEM, "", "out of memory");
	return saved;
}

static void end(struct port_saved *saved)
{
	if (saved)
		port_saved_clear(saved);
	free(saved);
}

static void run_save(struct request_call *call)
{
	struct request_engine *engine = call->server->config.engine;
	struct vs_error error = {.code = 0};
	json_t *document = NULL;
	const char *name;
	struct port_saved *saved = begin(call, &name, &error);

	if (saved && engine->save_port(engine, name, saved, &error) == 0) {
		document = port_saved_write(saved);
		if (!document)
			vs_error_set(&error, ENOMEM, "", "out of memory");
	}
	end(saved);
	if (!saved)
		call_wrong(call, &error);
	else if (!document)
		request_refuse(call, &error);
	else
		call_answer(call, json_pack("{s:o}", "document", document));
}

static void run_restore(struct request_call *call)
{
	struct request_engine *engine = call->server->config.engine;
	struct vs_error error = {.code = 0};
	const char *name;
	struct port_saved *saved = begin(call, &name, &error);

	if (!saved) {
		call_wrong(call, &error);
		return;
	}
	if (!call->document)
		vs_error_set(&error, EINVAL, "document", "document: missing");
	else if (port_saved_read(call->document, saved, &error) == 0)
		engine->restore_port(engine, name, saved, request_reply(call),
				     &error);
	end(saved);
	if (error.code)
		request_refuse(call, &error);
	else
		request_finish(call);
}

static const char *const save_params[] = {"name", NULL};
static const char *const restore_params[] = {"name", "document", "fd", NULL};

const struct method request_port_methods[] = {
	{"port.save", run_save, save_params, false},
	{"port.restore", run_restore, restore_params, false},
	{NULL, NULL, NULL, false},
};
