/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply.h: vs_reply, which extensions and the engine write answers through,
 * made into JSON.
 *
 * Before this file: who answers. After it: the JSON, sent by request.c or
 * printed by vswitch-ext-run.
 */
#ifndef CONTROL_REPLY_H
#define CONTROL_REPLY_H

#include <jansson.h>

#include <vswitch/extension.h>

#define REPLY_DEPTH 16u

struct reply {
	struct vs_reply reply;
	json_t *stack[REPLY_DEPTH]; /* [0] is the whole */
	uint32_t depth;		    /* of the innermost open one */
	uint32_t lost; /* opened beyond the limit and not closed yet */
};

/* reply_start - write into an object, the caller's. */
void reply_start(struct reply *reply, json_t *whole);

#endif
