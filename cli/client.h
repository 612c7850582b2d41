/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h: one connection to the daemon's control socket.
 *
 * JSON-RPC 2.0, one object per line (vswitch/control.h). Every wait has an
 * end: the timeout runs anew for each answer. Exit codes: UNREACHABLE when
 * nobody listens or the daemon goes away, TIMEOUT when it is silent, else
 * what the answer says.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <jansson.h>

#include "complaint.h"
#include "document.h"

struct client {
	int fd;		/* -1: not connected */
	int timeout_ms; /* -1: none */
	json_int_t id;	/* of the last request */
	char *buffer;	/* received and not yet taken */
	size_t used, size;
	char socket[108];
};

/* Only remembers where and how long; connects at the first call. */
void client_init(struct client *client, const char *socket, int timeout_ms);

/* Frees and closes; accepts a client that never connected. */
void client_close(struct client *client);

/*
 * One request and its answer. `params` is stolen (NULL = none), `*result` is
 * the caller's. Notifications that come in between are skipped.
 */
enum vs_exit client_call(struct client *client, const char *method,
			 json_t *params, json_t **result,
			 struct complaint *complaint);

/* The request alone; `fd` (-1 = none) travels beside it and stays open. */
enum vs_exit client_send(struct client *client, const char *method,
			 json_t *params, int fd, struct complaint *complaint);

/* The answer to the last request. */
enum vs_exit client_answer(struct client *client, json_t **result,
			   struct complaint *complaint);

/* The next message of any kind; waits up to timeout_ms (-1: for ever). */
enum vs_exit client_message(struct client *client, int timeout_ms,
			    json_t **message, struct complaint *complaint);

/*
 * Adds the document to params: as "document" when it is small, else as a sealed
 * memfd with "fd": true, and *fd is that memfd, the caller's to close (-1
 * otherwise).
 */
enum vs_exit client_enclose(json_t *params, const struct document *document,
			    int *fd, struct complaint *complaint);

#endif
