/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk_echo.h: what the walk does for echoes in the name of a port's VM
 * (echo.h), and for a trace that speaks for a VM that is not there.
 */
#ifndef CORE_WALK_ECHO_H
#define CORE_WALK_ECHO_H

#include "core/walk.h"

static inline bool echo_awaited(const struct vs_worker *worker)
{
	return __builtin_expect(
		atomic_load_explicit(&worker->sw->echoes.waiting,
				     memory_order_relaxed) != 0,
		0);
}
/* echo_send - the main thread's mail: send it in as the port's VM. */
void echo_send(struct vs_worker *worker, const struct mail *mail);
/* echo_catch - at deliver: take what answers an echo out of the burst. */
void echo_catch(struct vs_worker *worker);
/* echo_dropped - is it one of ours that was dropped? Tell. */
void echo_dropped(struct vs_worker *worker, const struct vs_packet *packet,
		  uint16_t reason);

/* walk_speaks_for - does the trace take this port for up? */
static inline bool walk_speaks_for(const struct vs_worker *worker,
				   const struct vs_port *port)
{
	return worker->tracer &&
	       vs_port_equal(worker->tracer->spoken_for, port->id);
}

#endif
