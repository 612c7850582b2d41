/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_switch.h: the life of one switch in the engine: made by a prepare,
 * published by a commit, taken away when nobody can see it any more.
 */
#ifndef ENGINE_SWITCH_H
#define ENGINE_SWITCH_H

#include "engine.h"

/* engine_switch_want - find or make the switch of an object of the candidate
 * and mark it wanted. Refused: what can't change while it exists. */
int engine_switch_want(struct engine *engine, const struct vs_object *object,
		       struct engine_switch **es, struct vs_error *error);
/* engine_switch_make_room - for all of the stack to leave; 0 or -ENOMEM. */
int engine_switch_make_room(struct engine_switch *es);
/* engine_switch_leave - detach when its grace period is over. */
void engine_switch_leave(struct engine_switch *es,
			 struct vs_attachment *attachment);
/* engine_switch_remove - unlink it at once, free it when the pump let go. */
void engine_switch_remove(struct engine_switch *es);
void engine_switch_commit(struct engine_switch *es);
void engine_switch_abort(struct engine_switch *es);
/* engine_switch_poll - every switch: grace periods, devices that changed,
 * switches that go. Returns the next deadline (ns). */
uint64_t engine_switch_poll(struct engine *engine, uint64_t now);
/* engine_switch_finish - at the end, when the pump is gone: free them all. */
void engine_switch_finish(struct engine *engine);

struct engine_port *engine_port_find(struct engine_switch *es,
				     const char *name);
/* engine_port_event - tell every extension on the switch. */
void engine_port_event(struct engine_port *port, enum vs_port_change change);

#endif
