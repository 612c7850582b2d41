/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moves.h: from where else a VM may speak, and who has just come here: what a
 * state knows of live migration (hnv.md A8, design 8 "moves").
 *
 * Theory of operation
 * -------------------
 * A record names one PA, and traffic goes there. Hosts learn of a move one
 * after the other, so for a while some frames come from the other end of it:
 *
 *   next-pa   policy says where the VM is going: that PA may speak for it too
 *   the past  a record's PA was another one until less than MOVES_GRACE_NS ago
 *
 * Both are entries of one list, with an end; it is short, for most VMs stand
 * still, and it is asked only where a frame did not come from the record's own
 * PA. A state is made from policy and from the state before it: what differs
 * in a record's PA becomes the past, and a port's address whose record has
 * become local is announced (announce.h). Immutable like all of a state.
 *
 * Each step also lists the first few records that name another PA now, be it
 * ours or another host's: somebody may watch (vsctl monitor).
 */
#ifndef WNV_MOVES_H
#define WNV_MOVES_H

#include "index.h"
#include "policy.h"

#define MOVES_GRACE_NS (UINT64_C(10) * 1000 * 1000 * 1000)
#define MOVES_FOR_EVER UINT64_MAX

struct wnv_change; /* state.h */

struct wnv_move { /* the VM of this MAC may speak from this PA, too */
	struct vs_vsid vsid;
	struct vs_mac mac;
	struct wnv_ca ca; /* unspecified: of a record without one */
	struct wnv_pa pa;
	uint64_t until_ns; /* MOVES_FOR_EVER: a next-pa */
};

struct wnv_moves {
	struct wnv_move *list;
	uint32_t count;
	struct wnv_index by_mac, by_pa;
};

/* A customer address that has come to a port of this host. */
struct wnv_arrival {
	struct vs_vsid vsid;
	struct vs_mac mac;
	struct wnv_ca ca;
	uint64_t since_ns;
	bool news; /* this state brought it, not one before */
};

struct wnv_arrivals {
	struct wnv_arrival *list;
	uint32_t count;
};

/* A VM whose record names another PA than in the state before. */
struct wnv_journey {
	struct vs_vsid vsid;
	struct vs_mac mac;
	struct wnv_ca ca; /* unspecified: of a record without one */
	struct wnv_pa from, to;
};

#define WNV_JOURNEYS 8u /* more are counted */

struct wnv_journeys {
	struct wnv_journey list[WNV_JOURNEYS];
	uint32_t count;
};

/* What the step to a state brought. */
struct wnv_step {
	struct wnv_arrivals arrivals;
	struct wnv_journeys journeys;
};

/* wnv_moves_build - a copy of the list with its indices; 0 or -ENOMEM. */
int wnv_moves_build(struct wnv_moves *moves, const struct wnv_move *list,
		    uint32_t count, uint64_t seed);
void wnv_moves_destroy(struct wnv_moves *moves);

/*
 * wnv_state_follow - what is still true of the past of `before`, and what the
 * step from it to `state` adds; before the state is published. 0 or -ENOMEM.
 * wnv_state_keep_moves - an amended state (amend.c) has policy's part of
 * base's list, but for what is said of those VMs anew.
 */
int wnv_state_follow(struct wnv_state *state, const struct wnv_state *before,
		     uint64_t now_ns);
int wnv_state_keep_moves(struct wnv_state *state, const struct wnv_state *base,
			 const struct wnv_change *changes, uint32_t count);

/* wnv_state_tell - events of the journeys, when the state is published. Main
 * thread. */
void wnv_state_tell(const struct wnv_state *state,
		    const struct vs_main_host *host);

/* -- the packet path's questions --------------------------------------------
 */

/* wnv_moved_mac - may the VM speak from that PA now, besides its record's? */
bool wnv_moved_mac(const struct wnv_state *state, struct vs_vsid vsid,
		   const struct vs_mac *mac, const struct wnv_pa *pa,
		   uint64_t now_ns);
/* wnv_moved_pa - the move that names the PA, if one does now. */
const struct wnv_move *wnv_moved_pa(const struct wnv_state *state,
				    const struct wnv_pa *pa, uint64_t now_ns);

const struct wnv_arrivals *wnv_state_arrivals(const struct wnv_state *state);

#endif
