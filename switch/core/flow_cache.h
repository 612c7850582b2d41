/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_cache.h: what the extensions and the extended ACLs answered about a
 * flow, so that they need not be asked for each of its frames (design 4).
 *
 * Theory of operation
 * -------------------
 * An extension marks an answer as cacheable if it is a function of the flow
 * key alone (vs_frame_cacheable in vswitch/packet.h says of what). A worker
 * has a cache of its own, of fixed size: an entry holds a flow's two composed
 * verdicts, one per half of the walk. A half knows, by one bit each, the
 * members of the stack that let the flow pass, the one that drops it and why,
 * and what the extended ACL says. Members that are not known are asked, as
 * ever: one filter that answers by payload costs itself, not the others.
 *
 * The egress half is about one destination; another one that decide chose
 * makes it unknown. Group frames, fragments, frames that somebody edited and
 * the probe's pass the cache by; copies of a flood have an ingress half only.
 * decide, deliver, translate, basic ACLs, guards and rates always run.
 *
 * An entry is of the generation that was read before the hooks ran: that of
 * the entered snapshot and of vs_host.invalidate. So a verdict never outlives
 * what it was made from.
 *
 * Example: ten filters of a hundred rules each and a TCP connection. The
 * first frame meets all ten, each of which says "cacheable"; its entry gets
 * ten bits. The second frame's look-up finds them: no hook is called.
 */
#ifndef CORE_FLOW_CACHE_H
#define CORE_FLOW_CACHE_H

#include <vswitch/packet.h>

#include "core/flow_key.h"
#include "core/xacl_flow.h"

struct vs_packet;
struct vs_snapshot;
struct vs_worker;

enum flow_side { FLOW_IN, FLOW_OUT, FLOW_SIDES };

#define FLOW_NOBODY 0xffu

/* What is known of a flow, of each half. */
struct flow_verdicts {
	uint32_t passes[FLOW_SIDES]; /* 1 << member of the stack */
	struct vs_port_id to;	     /* [FLOW_OUT] is about it; 0: about none */
	bool judged[FLOW_SIDES];     /* by the extended ACL: */
	uint32_t rule[FLOW_SIDES];   /* its rule, */
	uint16_t denied[FLOW_SIDES]; /* and its reason, 0 = passes */
	uint16_t reason[FLOW_SIDES]; /* the dropper's */
	uint8_t dropper[FLOW_SIDES]; /* member, or FLOW_NOBODY */
	uint16_t zero;
};

struct flow_table;

/* What is known here of a frame's flow; its entry, if there is one, says
 * less. */
struct flow_own {
	struct flow_key key;
	struct flow_verdicts verdicts;
	uint32_t hash;
};

/* The worker's flows, and what the running burst has of them; slots are the
 * burst's. */
struct flow_run {
	struct flow_table *table; /* NULL: every hook is always asked */
	bool active;		  /* somebody's answers are cacheable */
	uint64_t known;	  /* slots whose frame is of the flow of its key */
	uint64_t changed; /* slots that know more than their entry */
	uint32_t all[FLOW_SIDES]; /* members that all frames of it pass */
	uint64_t generation;
	/* what the egress hook that runs took a frame's last destination for */
	uint16_t excluded[VS_BURST_FRAMES];
	/* the entry's, or one of `own` where there is none or more is known */
	const struct flow_verdicts *now[VS_BURST_FRAMES];
	struct vs_port_id to[VS_BURST_FRAMES]; /* theirs */
	struct flow_own own[VS_BURST_FRAMES];
};

/* -- the stations -- */

/* flow_enter - a snapshot was entered: is anything in it worth a look-up? */
void flow_enter(struct vs_worker *worker);
/* flow_begin - look up the frames of a burst, before the stack. */
void flow_begin(struct vs_worker *worker);
/* flow_turn - destinations are chosen: is the egress half about them? */
void flow_turn(struct vs_worker *worker);
/* flow_store - keep what the burst has found out. */
void flow_store(struct vs_worker *worker);
/* flow_edited - the frame is of another flow now. */
void flow_edited(struct vs_worker *worker, const struct vs_packet *packet);

/* -- around a member's hook, which is running -- */

/* flow_passes - the members that all frames of the burst pass, as is known. */
static inline uint32_t flow_passes(const struct flow_run *run, uint64_t live,
				   enum flow_side side)
{
	return run->known && !(live & ~run->known) ? run->all[side] : 0;
}

/*
 * flow_hide - answer the frames whose answer is known and take them out of
 * `live`: the slots, to be put back before the answers are settled.
 */
uint64_t flow_hide(struct vs_worker *worker, enum flow_side side,
		   uint16_t member);
/* flow_note - the hook has answered the frames that are live. */
void flow_note(struct vs_worker *worker, enum flow_side side, uint16_t member);

/* -- the extended ACL -- */

/* flow_judged - its answer of before, if it is known. */
bool flow_judged(const struct vs_worker *worker, const struct vs_packet *packet,
		 enum flow_side side, struct xacl_answer *answer);
void flow_note_judged(struct vs_worker *worker, const struct vs_packet *packet,
		      enum flow_side side, const struct xacl_answer *answer);

#endif
