/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_fast.h: which ports are in the fast path (io/fast.h), and from when
 * to when. Without it everything works, only slower.
 */
#ifndef ENGINE_FAST_H
#define ENGINE_FAST_H

#include "engine_port.h"

/* Where in held_fds a port keeps what it got for it. */
#define HELD_FAST 3

/* engine_fast_open - the maps, if the daemon shall have a fast path; the log
 * says why not. */
void engine_fast_open(struct engine *engine);
/* engine_fast_reaches - a netdev in the daemon's own namespace: programs there
 * can redirect to each other. */
bool engine_fast_reaches(const struct engine_port *port);
/* engine_fast_enter - its link may be taught: it holds the programs. */
void engine_fast_enter(struct engine_port *port);
/* engine_fast_leave - no frame is kept from its socket any more: its flows end
 * before its programs do, which are closed after this, and so is its link.
 * Twice is allowed. */
void engine_fast_leave(struct engine_port *port);

#endif
