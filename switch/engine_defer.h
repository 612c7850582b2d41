/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_defer.h: methods of extensions that answer later (vs_main_host.defer):
 * the calls that wait, by their tokens.
 */
#ifndef ENGINE_DEFER_H
#define ENGINE_DEFER_H

#include "engine.h"

/* engine_defer - the method that runs now; a token, -EINVAL or -EBUSY. */
int engine_defer(struct engine_switch *es);
/* engine_defer_undo - it refused after all: its token is none. */
void engine_defer_undo(struct engine *engine, const struct request_call *call);
/* engine_deferred - the reply of a token; NULL: there is no such one. */
struct vs_reply *engine_deferred(struct engine_switch *es, int token);
/* engine_deferred_answer - send it, or the error. */
void engine_deferred_answer(struct engine_switch *es, int token,
			    const struct vs_error *error);
/* engine_defer_leave - the switch goes: who waits for it is told. */
void engine_defer_leave(struct engine_switch *es);

#endif
