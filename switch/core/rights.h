/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rights.h: who may do what with frames.
 *
 * Theory of operation
 * -------------------
 * While a hook runs, frame.c and services.c do for it only what its class may
 * in that half of the walk, and only with frames of the burst that it was
 * given or that it made itself. Core's own stations may all of it. Example: a
 * filter's egress hook that edits a frame gets NULL, the frame stays as it
 * was, and the event service_refused names the filter.
 *
 * A frame that an extension makes is its own until it emits or frees it, once.
 */
#ifndef CORE_RIGHTS_H
#define CORE_RIGHTS_H

#include "core/walk.h"

/* rights_lend - a hook runs from here; rights_end - it is over, and the one
 * of `before`, or core (NULL), goes on. */
void rights_lend(struct vs_worker *worker, const struct hook_call *hook);
void rights_end(struct vs_worker *worker, const struct hook_call *before);
/* rights_refused - frame.c's vs_walk_ops.refused. */
void rights_refused(struct vs_walk *walk, struct vs_packet *packet,
		    enum vs_walk_right right);
/* rights_bad_port - the running hook named one that is not there; -EINVAL. */
int rights_bad_port(struct vs_worker *worker);
/* rights_note_vsid - say if the port that the running hook named has not the
 * frame's VSID; deliver keeps it out. */
void rights_note_vsid(struct vs_worker *worker, const struct vs_port *port,
		      const struct vs_packet *packet);
/* rights_given - is it in the burst that the hook was given? */
bool rights_given(const struct hook_call *hook, const struct vs_packet *packet);
/* rights_make - a packet that is the extension's until it gives it away, once;
 * NULL: no buffer, or it has too many. */
struct vs_packet *rights_make(const struct hook_call *hook, bool big);
bool rights_give_away(const struct hook_call *hook, struct vs_packet *packet);
/* rights_reclaim - take back what extensions made that are not on the entered
 * stack; without a stack, of all. */
void rights_reclaim(struct vs_worker *worker);

#endif
