/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h: JSON-RPC 2.0: a line in, a line out, at once or later.
 *
 * What it decides: whether a request is well formed, which method runs, what
 * an answer looks like. Not: sockets, time, files; those are the shell's, who
 * includes this header and no JSON. policy.* and object.*, schema.list,
 * method.call, port.save and port.restore are answered here; the engine
 * registers the others in a table.
 *
 * Before this file: io/ctl_socket.c, which cuts lines. After it: apply.h, or
 * the engine's handler.
 */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include <vswitch/control.h>
#include <vswitch/extension.h>
#include <vswitch/settings.h>

struct policy;
struct port_saved;
struct request_server;
struct request_call;
struct request_client;
struct request_engine;
struct request_run;

/* -- what the engine gives ------------------------------------------------ */

/* A method of the engine. Its parameters are fields, as of a noun: parsed by
 * kind, unknown ones refused with the nearest name, required ones asked for. */
struct request_method {
	const char *name; /* "fdb.flush" */
	const struct vs_field *params;
	uint16_t param_count;
	/*
	 * Answer through request_reply() and then request_finish(), or
	 * request_refuse(); at once or later, exactly once.
	 */
	void (*run)(struct request_engine *engine, struct request_call *call);
};

/* Embedded in the engine's own struct. */
struct request_engine {
	const struct request_method *methods;
	uint16_t method_count;
	/* bytes of a sealed memfd (refuse what is not sealed or larger than
	 * VS_RPC_DOCUMENT_SIZE); unmapped before request_line() returns */
	int (*map)(struct request_engine *engine, int fd, const char **bytes,
		   size_t *size, struct vs_error *error);
	void (*unmap)(struct request_engine *engine, const char *bytes,
		      size_t size);
	/* write the VS_FIELD_STATUS columns of an object; may be NULL */
	void (*status)(struct request_engine *engine,
		       const struct vs_object *object, struct vs_reply *reply);
	/* write the objects that hold without standing in the document; may
	 * be NULL */
	void (*list)(struct request_engine *engine,
		     const struct vs_extension *extension,
		     const struct vs_noun *noun, struct vs_rows *rows);
	/* write rows, as object.list's are, of what holds above all objects of
	 * a noun of ours; of one parent or (NULL) of all; may be NULL */
	void (*built_in)(struct request_engine *engine,
			 const struct vs_noun *noun, const char *parent,
			 struct vs_reply *rows);
	/* what shall outlive a port (port_saved.h): fill it in, it is cleared
	 * in any case; and the other way round, with an answer; may be NULL */
	int (*save_port)(struct request_engine *engine, const char *name,
			 struct port_saved *saved, struct vs_error *error);
	int (*restore_port)(struct request_engine *engine, const char *name,
			    const struct port_saved *saved,
			    struct vs_reply *reply, struct vs_error *error);
	/* run an extension's method: `values` as its arguments; may be NULL */
	int (*call)(struct request_engine *engine,
		    const struct vs_extension *extension,
		    const struct request_run *run, struct vs_reply *reply,
		    struct vs_error *error);
};

struct request_run {
	const struct vs_method *method;
	const struct vs_value *values; /* method->argument_count of them */
	const char *sw; /* the switch named by the caller, NULL = any */
	struct request_call *call; /* whose fd an extension may take */
};

struct request_config {
	struct policy *policy;
	struct request_engine *engine;
};

/* 0 or -ENOMEM. Everything given outlives the server. */
int request_server_create(struct request_server **server,
			  const struct request_config *config);
/* Clients must be closed before. */
void request_server_destroy(struct request_server *server);

/* -- what the shell gives: clients and lines ------------------------------ */

struct request_client_ops {
	/* a whole line with its newline; valid during the call only. Never
	 * answers from inside; a client that can't keep up is closed later */
	void (*write)(struct request_client *client, const char *bytes,
		      size_t size);
};

/* Embedded in the shell's own struct; zero it, set ops and uid. */
struct request_client {
	const struct request_client_ops *ops;
	uint32_t uid; /* SO_PEERCRED */
	/* the server's */
	struct request_server *server;
	struct request_client *next;
	bool subscribed;
	bool streaming; /* it gave away a descriptor that is written to */
};

void request_client_open(struct request_server *server,
			 struct request_client *client);
/* request_client_close - what it still waits for goes on, unanswered. */
void request_client_close(struct request_client *client);
/* request_client_waits - for an answer, for events, or for what is written to
 * a descriptor of its own: then it need not ask anything to stay. */
bool request_client_waits(const struct request_client *client);

struct request_line {
	const char *bytes; /* without newline; need not end in NUL */
	size_t size;
	/* an fd passed beside it, or -1. A method that keeps it sets it to
	 * -1; whatever remains when request_line() returns the shell closes */
	int fd;
	uint64_t now_ns;      /* monotonic */
	int64_t wall_seconds; /* since 1970, for the log only */
};

/* request_line - take one request. Answers go to client->ops->write. */
void request_line(struct request_client *client, struct request_line *line);
/* request_limit - answer VS_RPC_LIMIT (id null) for what was never a line:
 * too long, too slow, too many clients. The shell closes afterwards. */
void request_limit(struct request_client *client, const char *text);

/* -- inside a handler ------------------------------------------------------ */

/* Parameter i of the method's table; never NULL, may be absent. */
const struct vs_value *request_value(const struct request_call *call,
				     uint16_t param);
/* The fd passed beside the request, now the caller's; -1 = none. Only while
 * run() has not returned. */
int request_take_fd(struct request_call *call);
/* The builder of the result; rows inside a list have name NULL. */
struct vs_reply *request_reply(struct request_call *call);
uint64_t request_now(const struct request_call *call);
/* NULL: the client is gone; still finish the call. */
struct request_client *request_call_client(const struct request_call *call);
/* An extension's method will be answered later: by request_finish() or
 * request_refuse(), after it has returned. */
void request_defer(struct request_call *call);
/* Sends the result and frees the call. */
void request_finish(struct request_call *call);
/* Sends an error and frees the call. error->code chooses: ENOENT absent,
 * EBUSY busy, EIO and ENOSPC storage, E2BIG limit, ETIMEDOUT time-out (exit
 * 5), others refused. */
void request_refuse(struct request_call *call, const struct vs_error *error);

/* -- notifications --------------------------------------------------------- */

/* From now on the client of this call gets every event (monitor). */
void request_subscribe(struct request_call *call);
/*
 * request_event - begin a notification {"method": "event", "params": {"event":
 * name, ...}}; fill it through the reply, then request_event_send(). To one
 * client, or with NULL to all that subscribed. One at a time.
 */
struct vs_reply *request_event(struct request_server *server, const char *name);
void request_event_send(struct request_server *server,
			struct request_client *only);
/* request_listened - would an event reach anybody? */
bool request_listened(const struct request_server *server);

#endif
