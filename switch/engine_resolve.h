/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_resolve.h: what a port's VM would find out before it sends: its own
 * address, and the MAC of its next hop. Frames in somebody's name (trace,
 * ping) are completed by it.
 */
#ifndef ENGINE_RESOLVE_H
#define ENGINE_RESOLVE_H

#include "core/outbox.h"
#include "core/worker.h"
#include "describe.h"
#include "engine.h"

/* A walk of the probe worker. */
struct engine_walk {
	struct vs_tracer tracer;
	struct vs_outbox outbox; /* what would leave */
	struct engine_port *port;
	struct vs_worker *probe;
	char last[320]; /* line, while nobody else wants the lines */
};

/* engine_walk_begin - from this port; `tracer.line` may be set then. */
void engine_walk_begin(struct engine_walk *walk, struct engine_port *port);
/* engine_walk - walk these bytes; 0, and the outbox is valid until
 * engine_walk_end; or -errno: nothing to end. `size` < 0 is such an errno. */
int engine_walk(struct engine_walk *walk, const uint8_t *bytes, int size,
		struct vs_error *error);
void engine_walk_end(struct engine_walk *walk);

/* engine_resolve - fill in what the description leaves out; 0 or -EINVAL: what
 * can't be found out, and what to say instead; -EHOSTUNREACH: nobody says that
 * he has the target. */
int engine_resolve(struct engine_port *port, struct describe *d,
		   struct vs_error *error);
/* engine_resolve_vsid - of a frame with the description's tag from the port. */
struct vs_vsid engine_resolve_vsid(const struct engine_port *port,
				   const struct describe *d);

#endif
