/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.h: what the stations of the walk share: the worker, the running
 * burst, the books.
 *
 * Theory of operation
 * -------------------
 * One burst runs at a time. `live` has a bit for every packet that is still
 * without an answer; a station answers by vs_drop, vs_consume and so on,
 * which set the packet's verdict and its bit in `answered`; walk_settle after
 * each station books the answers, gives the packets back and clears `live`.
 * From decide on, a packet has `copies` destinations; each one taken away is
 * one dropped copy; the last one gone ends the packet.
 *
 * Example: a broadcast from vm1 in a VSID with vm2, vm3 and the wire: decide
 * chooses three (two replicas are booked), an ACL takes vm3 away (one
 * acl_deny), deliver appends vm2's entry (one sent) and leaves the packet to
 * to_wire, which gets two recipes from WNV (one more replica, two sent).
 * received 1 + replicas 3 = sent 3 + dropped 1.
 *
 * What a packet causes later (emit, reflect, release) waits in the queue and
 * runs when the burst has ended: no recursion.
 */
#ifndef CORE_WALK_H
#define CORE_WALK_H

#include "core/flow_cache.h"
#include "core/switch_state.h"
#include "core/worker.h"
#include "packet/pool.h"

#define RIGHTS_NOT_WIRE (RIGHT_EMIT_INGRESS | RIGHT_EMIT_PORT)
#define RIGHTS_WIRE	(RIGHT_EMIT_WIRE | RIGHT_EMIT_PORT | RIGHT_RECIPE)
#define FRAME_SHIFT	16u
#define RIGHTS_EDIT	(RIGHT_ANSWER | RIGHT_EDIT)

#define VS_INJECT_LIMIT 256u
#define VS_HOLDS	1024u
#define VS_HOLD_NS	UINT64_C(30000000000)
#define VS_LEARN_CACHE	1024u

/* Where in the walk a burst begins. */
enum walk_entry {
	ENTRY_WIRE,    /* a provider frame from an uplink */
	ENTRY_ADMIT,   /* a port's frame; translate's; a reflected one */
	ENTRY_UPLINK,  /* not walked: raw out of an uplink */
	ENTRY_DELIVER, /* to one port, chosen already: egress and deliver */
	ENTRY_DESCEND, /* + n: below the n-th member of the stack */
};

/* What the extension whose hook runs may ask of the host. */
enum hook_right {
	RIGHT_EMIT_INGRESS = 1 << 0,
	RIGHT_EMIT_WIRE = 1 << 1, /* ADMIT, UPLINK */
	RIGHT_EMIT_PORT = 1 << 2,
	RIGHT_RECIPE = 1 << 3,
	RIGHT_REFLECT = 1 << 4,
	RIGHT_HOLD = 1 << 5,
	RIGHT_HOLD_OUTBOUND = 1 << 6,
	RIGHT_COPY = 1 << 7, /* a recipe is a copy more, not the answer */
	/* with the frames of its burst, as frame.c knows it */
	RIGHT_ANSWER = VS_WALK_ANSWER << 16,
	RIGHT_EDIT = VS_WALK_EDIT << 16,
	RIGHT_SET_VSID = VS_WALK_SET_VSID << 16,
	RIGHT_EXCLUDE = VS_WALK_EXCLUDE << 16,
	RIGHT_CHOOSE = VS_WALK_CHOOSE << 16,
};

/* The call that a hook gets, and what the services find behind it. */
struct hook_call {
	struct vs_call call; /* first */
	struct vs_worker *worker;
	const struct vs_stack_member *member;
	unsigned rights;
};

/* What may_send said last in this burst: neighbours are often alike. */
struct guard_memo {
	struct vs_claim claim;
	bool may;
	bool ipv4; /* of an IPv4 header; no other is asked again */
};

/* The running burst. */
struct walk_run {
	struct hook_call guard; /* may_send's; worker NULL = not made yet */
	struct guard_memo claimed;
	struct vs_burst burst;
	uint64_t gone;	  /* of those: by losing the last destination */
	uint64_t wire;	  /* has the external port as a destination */
	uint64_t learn;	  /* vs_decision_learn */
	uint64_t certain; /* from the wire, cacheable (steady.h) */
	const struct hook_call *hook;	  /* whose hook runs, or NULL */
	uint64_t digest[VS_BURST_FRAMES]; /* unwritten.c's */
	uint32_t mirrored; /* copies that stack_mirror's hooks sent */
	uint16_t copies[VS_BURST_FRAMES];
	uint16_t recipes[VS_BURST_FRAMES];
	struct vs_port_set set[VS_BURST_FRAMES];
};

struct walk_queue {
	struct vs_packet *head, *tail;
	uint32_t count;
};

/* A packet that an extension keeps; vs_packet.entry is its index here. */
struct walk_hold {
	struct vs_packet *packet; /* NULL = free */
	struct vs_attachment *owner;
	bool below; /* VS_PASS: it goes on below its owner; else outbound */
	uint16_t passed; /* so many members of the stack stand above it */
	uint64_t until;	 /* then the host takes it back */
	uint16_t recipes;
};

struct walk_holds {
	uint32_t small, big, small_limit, big_limit;
	uint64_t due; /* no hold's `until` is before it */
	uint16_t free[VS_HOLDS];
	uint16_t free_count;
	struct walk_hold hold[VS_HOLDS];
};

/* The members of a stack by the numbers of their attachments. */
struct walk_stack {
	uint16_t count;
	uint32_t id[VS_STACK_MAXIMUM];
};

/* The last ledger row used for a source port. */
struct row_cache {
	uint32_t vsid, row;
};

/* Bookings of one kind under one row that the ledger has not seen yet. */
struct walk_gathered {
	uint32_t row, frames;
	uint64_t bytes;
};

/* MACs that this worker has learned or refreshed a moment ago. */
struct learn_cache {
	struct vs_mac_key key;
	struct vs_port_id port;
	uint16_t zero;
	uint64_t until;
};

struct vs_worker {
	struct vs_walk walk; /* first: packets in a burst point here */
	struct vs_switch *sw;
	const struct vs_snapshot *snapshot; /* NULL = parked */
	struct vs_pool *pool;
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_tracer *tracer;	 /* the probe's, during a trace */
	const char *station;		 /* for the tracer */
	struct vs_packet *recipe_packet; /* recipe_open to _commit */
	uint64_t now, random, generation;
	/* the last snapshot in which no port that is not in it had a packet
	 * here; the main thread reads it */
	_Atomic uint64_t settled;
	uint16_t index, ledger_index;
	bool probe;
	uint32_t made; /* frames that extensions made and have not given away */
	struct walk_stack stack; /* of the snapshot that was entered last */
	struct walk_queue queue;
	struct walk_run run;
	struct flow_run flow;
	struct walk_holds holds;
	struct walk_gathered received, sent;
	struct row_cache rows[VS_PORTS_MAXIMUM];
	/* copies that the VSID set of a port kept from it */
	_Atomic uint64_t kept_out[VS_PORTS_MAXIMUM];
	struct learn_cache learned[VS_LEARN_CACHE];
	struct flap_watch moving[FLAP_WATCHED];
	struct mailbox inbox;
};

/* -- the books (book.c) -- */

/* walk_row - the ledger row of a source port and VSID; of the switch itself
 * if the entered snapshot has no such port. */
uint32_t walk_row(struct vs_worker *worker, struct vs_port_id port,
		  struct vs_vsid vsid);
void walk_book_drop(struct vs_worker *worker, struct vs_packet *packet,
		    uint16_t reason);
/* walk_book_received, walk_book_sent - gathered: neighbours are mostly of one
 * row, and the ledger is told once. */
static inline void walk_book_received(struct vs_worker *worker,
				      const struct vs_packet *packet);
static inline void walk_book_sent(struct vs_worker *worker,
				  const struct vs_packet *packet,
				  uint32_t bytes);
/* walk_book_gathered - tell it; before the worker leaves the walk. */
void walk_book_gathered(struct vs_worker *worker);
/* walk_reason - an extension's answer as a global number. */
uint16_t walk_reason(const struct vs_stack_member *member, uint16_t reason);
/* walk_drop - vs_drop for a core station. */
static inline void walk_drop(struct vs_packet *packet, uint16_t reason)
{
	vs_drop(vs_packet_frame(packet), reason);
}
/* walk_settle - book what was answered by core (NULL) or by an extension. */
void walk_settle_slow(struct vs_worker *worker,
		      const struct vs_stack_member *member);
static inline void walk_settle(struct vs_worker *worker,
			       const struct vs_stack_member *member);
/* walk_answer - end a packet that is in the books already. */
static inline void walk_answer(struct vs_worker *worker,
			       struct vs_packet *packet, enum vs_action action);
/* walk_exclude - take one destination away, under a core reason. */
void walk_exclude(struct vs_packet *packet, struct vs_port_id port,
		  uint16_t reason);
/* walk_count_copies - the destinations are chosen: book the replicas, or
 * answer no_destination. */
void walk_count_copies(struct vs_worker *worker, struct vs_packet *packet);
/* walk_join - more destinations for a packet. */
void walk_join(struct vs_worker *worker, struct vs_packet *packet,
	       const struct vs_port_set *more);
/* walk_ops - what frame.c asks of the walk. */
const struct vs_walk_ops *walk_ops(void);

/* -- tracing: cheap when nobody looks (trace.c) -- */

void walk_trace(struct vs_worker *worker, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
#define WALK_TRACE(worker, ...)                                                \
	do {                                                                   \
		if (__builtin_expect((worker)->tracer != NULL, 0))             \
			walk_trace(worker, __VA_ARGS__);                       \
	} while (0)
void walk_trace_packet(struct vs_worker *worker,
		       const struct vs_packet *packet);

/* -- the queue of injected frames (inject.c) -- */

/* inject - the queue takes the packet over; `entry` = where it walks. Books
 * it as injected under its row; a full queue drops it: -ENOBUFS. */
int inject(struct vs_worker *worker, struct vs_packet *packet, uint16_t entry);
/* inject_again - the same for one that was held: it is in the books. */
void inject_again(struct vs_worker *worker, struct vs_packet *packet,
		  uint16_t entry);
/* inject_run - walk what is queued, at most VS_INJECT_LIMIT. */
void inject_run(struct vs_worker *worker);

/* -- holds (hold.c) -- */

void hold_init(struct walk_holds *holds, const struct vs_pool *pool);
/* hold_take - 0 or -ENOBUFS; the burst's reference becomes the hold's. */
int hold_take(struct vs_worker *worker, struct vs_packet *packet,
	      const struct vs_stack_member *member, bool below);
/* hold_of - the record of a held packet of this extension, or NULL. */
struct walk_hold *hold_of(struct vs_worker *worker,
			  const struct vs_packet *packet,
			  const struct vs_attachment *owner);
void hold_release(struct vs_worker *worker, struct walk_hold *hold,
		  const struct vs_stack_member *member,
		  struct vs_verdict verdict);
/* hold_let_go - what is held by extensions that left the stack goes on below
 * their place; what they kept outbound is dropped: who would send it? */
void hold_let_go(struct vs_worker *worker);
/* hold_expire - take back, and drop, what was kept for too long. hold_deadline
 * - when to ask again; UINT64_MAX: nothing is held. */
void hold_expire(struct vs_worker *worker);
uint64_t hold_deadline(const struct vs_worker *worker);
/* hold_next - walk what is held: *cursor from 0; NULL at the end. */
const struct vs_packet *hold_next(const struct vs_worker *worker,
				  uint32_t *cursor);
void hold_drop_all(struct vs_worker *worker);

/* -- frames under way when the stack changes (resume.c) -- */

/* resume_follow - a snapshot was entered: queued and held frames get their
 * place in its stack. */
void resume_follow(struct vs_worker *worker);

/* -- who broke a rule (accuse.c) -- */

enum accusation;
/* accuse - say once, as an event of the extension, what it did. */
void accuse(struct vs_worker *worker, struct vs_attachment *attachment,
	    enum accusation what, const char *text);

/* unwritten_note, _check - before and after a hook that may only look at the
 * frames of its burst (unwritten.c). */
void unwritten_note(struct vs_worker *worker);
void unwritten_check(struct vs_worker *worker,
		     const struct vs_stack_member *member);

/* -- stations -- */

void admit(struct vs_worker *worker);
/* guard_judge - 0, or the reason to drop a frame for its source. */
uint16_t guard_judge(struct vs_worker *worker, const struct vs_packet *packet);
/* guard_poses_as_provider - pa_spoof? */
bool guard_poses_as_provider(const struct vs_snapshot *snapshot,
			     const struct vs_packet *packet);
void stack_descend(struct vs_worker *worker, uint16_t from);
void stack_ascend(struct vs_worker *worker);
void stack_decide(struct vs_worker *worker);
void stack_from_wire(struct vs_worker *worker);
void stack_to_wire(struct vs_worker *worker);
/* stack_mirror - a copy to a host of the provider network: was it sent? */
bool stack_mirror(struct vs_worker *worker, struct vs_packet *packet,
		  const struct vs_ip *to);
bool stack_may_send(struct vs_worker *worker, const struct vs_claim *claim);
/* stack_serves - does the translate class take this VSID to the wire? */
bool stack_serves(const struct vs_snapshot *snapshot, struct vs_vsid vsid);
void stack_wire_seen(struct vs_worker *worker,
		     const struct vs_wire_frame *frame);
void stack_tick(struct vs_worker *worker);
uint64_t stack_deadline(const struct vs_worker *worker);
void stack_noted(struct vs_worker *worker, const struct mail *mail);
void policy_ingress(struct vs_worker *worker);
void policy_egress(struct vs_worker *worker);
void forward_decide(struct vs_worker *worker);
void forward_flood(struct vs_worker *worker, struct vs_packet *packet);
/* mac_table_learn - where a source MAC is; counts moves, keeps quotas. */
void mac_table_learn(struct vs_worker *worker, const struct vs_packet *packet,
		     struct vs_port_id port);

/* port_takes - would deliver give the frame to this port? */
bool port_takes(const struct vs_port *port, const struct vs_view *view);
/* services.c: the host table of data hooks */
const struct vs_host *services(void);
/* outbox_append - one entry for a whole packet on a port that has a link. */
void outbox_append(struct vs_worker *worker, struct vs_packet *packet,
		   const struct vs_port *port);

static inline struct vs_packet *run_packet(const struct vs_worker *worker,
					   unsigned slot)
{
	return vs_frame_packet(worker->run.burst.frame[slot]);
}

static inline const struct vs_port *walk_source(const struct vs_worker *worker,
						const struct vs_packet *packet)
{
	return snapshot_port(worker->snapshot, packet->view.port);
}

/* From the switch itself, or from an extension that named no source: no port's
 * policy holds for it (hnv.md C4.9, C8.16); its VSID does, at deliver. */
static inline bool walk_is_trusted(const struct vs_packet *packet)
{
	return !packet->view.port.value;
}

static inline void walk_gather(struct vs_worker *worker,
			       struct walk_gathered *gathered, uint32_t row,
			       uint32_t bytes)
{
	if (gathered->frames && gathered->row != row)
		walk_book_gathered(worker);
	gathered->row = row;
	gathered->frames++;
	gathered->bytes += bytes;
}

static inline void walk_book_received(struct vs_worker *worker,
				      const struct vs_packet *packet)
{
	walk_gather(worker, &worker->received, packet->ledger_row,
		    packet->view.size);
}

static inline void walk_book_sent(struct vs_worker *worker,
				  const struct vs_packet *packet,
				  uint32_t bytes)
{
	walk_gather(worker, &worker->sent, packet->ledger_row, bytes);
}

static inline void walk_settle(struct vs_worker *worker,
			       const struct vs_stack_member *member)
{
	if (worker->walk.answered)
		walk_settle_slow(worker, member);
}

static inline void walk_answer(struct vs_worker *worker,
			       struct vs_packet *packet, enum vs_action action)
{
	packet->verdict.action = (uint8_t)action;
	worker->walk.answered |= UINT64_C(1) << packet->slot;
}

#define WALK_EACH(packet, worker)                                              \
	for (uint64_t vs_rest_ = (worker)->run.burst.live;                     \
	     vs_rest_ &&                                                       \
	     ((packet) =                                                       \
		      run_packet(worker, (unsigned)__builtin_ctzll(vs_rest_)), \
	     true);                                                            \
	     vs_rest_ &= vs_rest_ - 1)

#endif
