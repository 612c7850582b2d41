/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flap.h: the loop guard: who plugs two ports of a switch together, in a VM or
 * outside, makes frames go round; the switch then sees one MAC come from here
 * and from there in turn.
 *
 * Theory of operation
 * -------------------
 * Only MACs that are learned can flap: a port whose MAC is guarded cannot be a
 * part of it. A worker counts the moves of a MAC; one that moved more than
 * FLAP_MOVES times within FLAP_WINDOW_NS is in a loop, and of the two ports
 * that it was last seen on the younger one, which came up later, is blocked:
 * it sends and gets nothing. An uplink is never blocked: it was there first.
 * After FLAP_FIRST_NS the port is tried again; if the loop is still there it
 * is blocked for twice as long, up to 64 times, and from the beginning once it
 * was well for FLAP_FORGET_NS.
 *
 * Ports of one team (team.h) may have one MAC in turn: that is no loop.
 *
 * Who writes: any worker blocks, by compare-and-swap on `until`, and tells the
 * main thread by a mail; the main thread says what happened, keeps it for
 * show, and says when the port is tried again. Nobody unblocks: time does.
 *
 * Before it in the walk: worker.c, forward.c (learning), deliver.
 */
#ifndef CORE_FLAP_H
#define CORE_FLAP_H

#include <stdatomic.h>

#include <vswitch/types.h>

#define FLAP_MOVES     8u
#define FLAP_WINDOW_NS UINT64_C(10000000000)
#define FLAP_FIRST_NS  UINT64_C(10000000000)
#define FLAP_DOUBLINGS 6u
#define FLAP_FORGET_NS UINT64_C(600000000000)
#define FLAP_WATCHED   64u

struct vs_mac_key;
struct vs_port;
struct vs_snapshot;
struct vs_switch;
struct vs_worker;

/* Why a port is blocked. */
struct vs_loop_found {
	struct vs_vsid vsid;
	struct vs_mac mac;
	struct vs_port_id port, other; /* the blocked one, the one that stays */
	uint32_t seconds;	       /* it is blocked for so long */
	uint64_t until_ns;
};

/* A port as the guard knows it; outlives snapshots. */
struct flap_port {
	_Atomic uint64_t until; /* blocked till then */
	_Atomic uint32_t strikes;
	_Atomic uint64_t born; /* generation in which it came up */
};

struct flap_state {
	struct flap_port port[VS_PORTS_MAXIMUM];
	struct vs_loop_found found[VS_PORTS_MAXIMUM]; /* the main thread's */
	uint64_t next; /* no port is tried again before; UINT64_MAX: none */
};

/* A MAC that moved lately; a worker's own. */
struct flap_watch {
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint16_t moves;
	uint64_t since;
};

/* flap_moved - a worker saw a MAC move between ports. */
void flap_moved(struct vs_worker *worker, const struct vs_mac_key *key,
		struct vs_port_id from, struct vs_port_id to);
/* flap_blocks - is this port, which has the guard, blocked now? */
bool flap_blocks(const struct vs_worker *worker, const struct vs_port *port);

/* -- the main thread -- */

void flap_init(struct flap_state *loop);
/* flap_follow - ports come up and leave with a snapshot. */
void flap_follow(struct vs_switch *sw, const struct vs_snapshot *old,
		 const struct vs_snapshot *new);
/* flap_say - a worker blocked a port. */
void flap_say(struct vs_switch *sw, const struct vs_loop_found *found);
/* flap_poll - say who is tried again; when to ask next. */
uint64_t flap_poll(struct vs_switch *sw);

#endif
