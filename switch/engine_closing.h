/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_closing.h: devices that their ports have let go; main thread only.
 *
 * Theory of operation
 * -------------------
 * A TAP's name is free when its last fd is closed, and that is two waits away
 * from a port that lets it go:
 *
 *   used     a published snapshot may name the link; the core's link_retired
 *            ends that
 *   closing  io/closer.h closes the fd, which takes the kernel a while
 *
 * All that time the name is taken, and a port that shall make a device of that
 * name waits for it, instead of hearing from the kernel that it is busy.
 *
 * Before it: engine_port.c; after it: io/closer.c, engine_port_attach of who
 * waits.
 */
#ifndef ENGINE_CLOSING_H
#define ENGINE_CLOSING_H

#include "engine_port.h"

struct engine_closing;

/* engine_closing_create - 0 or -errno; engine->run.closing. */
int engine_closing_create(struct engine *engine);
/* engine_closing_destroy - waits until everything is closed; ports and
 * switches must be gone. */
void engine_closing_destroy(struct engine *engine);
/* engine_closing_announce - the port lets its link go, which is to be closed
 * later: from now on the name is taken. */
void engine_closing_announce(const struct engine_port *port);
/* engine_closing_link - nobody uses this link of the port any more: its counts
 * stay the port's, its device is closed, it is freed. */
void engine_closing_link(struct engine_port *port, struct vs_link *link);
/* engine_link_retired - the same, said by the core, of whatever port of the
 * switch, which may be gone. */
void engine_link_retired(struct engine_switch *es, struct vs_link *link);
/* engine_closing_fd - what the port opened and no link has got; -1 = none. */
void engine_closing_fd(const struct engine_port *port, int fd);
/* engine_closing_has - the device that the port shall make is still there. */
bool engine_closing_has(const struct engine_port *port);

#endif
