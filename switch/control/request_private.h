/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request_private.h: a call in progress, and the table of methods.
 *
 * A call lives from its line to its answer. A change that finds the policy
 * busy waits in the server's queue: its document is read when the line comes,
 * so nothing of the line is needed later. Before this file: request.c. After
 * it: request_objects.c, request_list.c, request_policy.c,
 * request_schema.c.
 */
#ifndef CONTROL_REQUEST_PRIVATE_H
#define CONTROL_REQUEST_PRIVATE_H

#include <jansson.h>

#include "control/reply.h"
#include "control/request.h"
#include "control/schema.h"
#include "control/transaction.h"

#define REQUEST_QUEUE 64u

/* A method that control itself answers. */
struct method {
	const char *name;
	void (*run)(struct request_call *call);
	const char *const *params; /* member names, NULL-terminated */
	bool changes;		   /* waits while the policy is busy */
};

/* The tables of the other files, ended by name NULL. */
extern const struct method request_object_methods[];
extern const struct method request_list_methods[];
extern const struct method request_policy_methods[];
extern const struct method request_schema_methods[];
extern const struct method request_ext_methods[];
extern const struct method request_port_methods[];

struct request_call {
	struct request_server *server;
	struct request_client *client; /* NULL: gone */
	struct request_call *next;     /* of the server's calls */
	struct request_call *queued;   /* the next that waits */
	struct request_line *line;     /* while its line is being taken */
	json_t *id;
	json_t *params;
	json_t *document; /* params.document, or what the fd held */
	const struct method *method;
	uint64_t now_ns;
	int64_t wall_seconds;
	uint32_t uid;
	bool deferred;
	struct policy_waiter waiter;
	struct reply reply;
	struct vs_value values[SCHEMA_FIELDS]; /* an engine method's */
};

struct request_server {
	struct request_config config;
	struct request_client *clients;
	struct request_call *calls;
	struct request_call *queue; /* changes that wait, first in first out */
	uint32_t queue_count;
	bool draining;
	struct policy_idle idle;
	struct reply event;
};

/* client_write - one line; takes `json`. */
void client_write(struct request_client *client, json_t *json);
void client_refuse(struct request_client *client, json_t *id,
		   enum vs_rpc_error code, const struct vs_error *error);
/* call_create - of a request that is well formed; NULL: memory ran out. */
struct request_call *call_create(struct request_client *client,
				 struct request_line *line,
				 const json_t *request);
void call_free(struct request_call *call);

const struct schema *call_schema(const struct request_call *call);
const struct store *call_store(const struct request_call *call);
/* call_answer - result given away; frees the call. */
void call_answer(struct request_call *call, json_t *result);
/* call_refuse - with a code of control.h; frees the call. */
void call_refuse(struct request_call *call, enum vs_rpc_error code,
		 const struct vs_error *error);
/* call_wrong - the parameters are wrong, what they name does not exist, or
 * memory ran out: by error->code. */
void call_wrong(struct request_call *call, const struct vs_error *error);
/* call_text - a string member of params; NULL if absent, -EINVAL if no text */
int call_text(const struct request_call *call, const char *name,
	      const char **text, struct vs_error *error);
bool call_truth(const struct request_call *call, const char *name);
/* call_need - a string member that must be there. */
int call_need(const struct request_call *call, const char *name,
	      const char **text, struct vs_error *error);
/* call_change - what policy_change() wants to know of this call; the answer
 * is made when it ends: {result, changes, warnings, generation}. */
struct policy_change call_change(struct request_call *call,
				 const char *summary);

#endif
