/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally.h: what went to and came from each remote PA, for `peer list`.
 *
 * Theory of operation
 * -------------------
 * A peer's index holds for one state only; its tally is a place in a fixed
 * table that stays the same from state to state. Each worker has a row of its
 * own in it, so counting is a load and a store; whoever asks adds the rows up
 * and may be a few frames behind. Place 0 is for those that found no room.
 *
 * A place is taken when a state names the PA and may be given to another PA
 * when no state does any more; until then a peer that comes back finds its
 * numbers again. Main thread: create, destroy, take, give, sum. Workers: add.
 */
#ifndef WNV_TALLY_H
#define WNV_TALLY_H

#include <stdalign.h>
#include <stdatomic.h>

#include "policy.h"

#define TALLIES 1024u

enum tally_count {
	TALLY_IN_FRAMES, /* customer frames; a super-frame is one */
	TALLY_IN_BYTES,	 /* of customer frames */
	TALLY_OUT_FRAMES,
	TALLY_OUT_BYTES,
	TALLY_DROPS, /* frames or copies from it or for it */
	TALLY_COUNTS
};

struct tally_row { /* one cache line */
	alignas(64) _Atomic uint64_t count[TALLY_COUNTS];
	_Atomic uint64_t heard_ns; /* 0 = never */
};

struct tally_sum {
	uint64_t count[TALLY_COUNTS];
	uint64_t heard_ns;
};

struct tally_place {
	struct wnv_pa pa; /* not set: never taken */
	uint32_t states;  /* that name it */
};

struct tallies {
	uint16_t workers;
	struct tally_place place[TALLIES];
	struct tally_row *rows; /* worker x TALLIES */
	/* path_mtu.h: until when (ms) << 16 | MTU; 0: nothing is known */
	_Atomic uint64_t path_mtu[TALLIES];
	_Atomic bool path_mtu_seen; /* some of them was ever set */
};

/* tallies_create - NULL: out of memory. */
struct tallies *tallies_create(uint16_t workers);
void tallies_destroy(struct tallies *tallies);

/* tallies_take - give every peer of a new state its place; 0 or -ENOMEM.
 * tallies_give - the state is gone. */
int tallies_take(struct tallies *tallies, struct wnv_state *state);
void tallies_give(struct tallies *tallies, const struct wnv_state *state);

/* tallies_sum - of all workers; place 0: all that found no room. */
struct tally_sum tallies_sum(const struct tallies *tallies, uint16_t place);

/* -- packet path: each worker its own row; a traced frame counts nothing ----
 */

/* tally_row - this worker's row of a place; NULL while tracing. */
static inline struct tally_row *
tally_row(const struct vs_call *call, struct tallies *tallies, uint16_t place)
{
	return call->tracing ? NULL
			     : &tallies->rows[call->worker * TALLIES + place];
}

static inline void tally_add(struct tally_row *row, enum tally_count what,
			     uint64_t amount)
{
	atomic_store_explicit(
		&row->count[what],
		atomic_load_explicit(&row->count[what], memory_order_relaxed) +
			amount,
		memory_order_relaxed);
}

/* tally_in - a frame came from the peer, was accepted, has `size` bytes. */
static inline void tally_in(const struct vs_call *call, struct tallies *tallies,
			    uint16_t place, uint32_t size)
{
	struct tally_row *row = tally_row(call, tallies, place);

	if (!row)
		return;
	tally_add(row, TALLY_IN_FRAMES, 1);
	tally_add(row, TALLY_IN_BYTES, size);
	atomic_store_explicit(&row->heard_ns, call->now_ns,
			      memory_order_relaxed);
}

/* tally_out - a frame, or one of its copies, left for the peer. */
static inline void tally_out(const struct vs_call *call,
			     struct tallies *tallies, uint16_t place,
			     uint32_t size)
{
	struct tally_row *row = tally_row(call, tallies, place);

	if (!row)
		return;
	tally_add(row, TALLY_OUT_FRAMES, 1);
	tally_add(row, TALLY_OUT_BYTES, size);
}

/* tally_drop - a frame from the peer or for it was dropped by name. */
static inline void tally_drop(const struct vs_call *call,
			      struct tallies *tallies, uint16_t place)
{
	struct tally_row *row = tally_row(call, tallies, place);

	if (row)
		tally_add(row, TALLY_DROPS, 1);
}

/* tally_heard - the peer gave a sign of life that is no frame. */
static inline void tally_heard(const struct vs_call *call,
			       struct tallies *tallies, uint16_t place)
{
	struct tally_row *row = tally_row(call, tallies, place);

	if (row)
		atomic_store_explicit(&row->heard_ns, call->now_ns,
				      memory_order_relaxed);
}

#endif
