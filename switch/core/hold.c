// SPDX-License-Identifier: Apache-2.0
/*
 * hold.c: packets that an extension keeps. The record says whose it is and
 * where it goes on; holds own at most half of each pool, so that nobody who
 * waits can starve the walk.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/attachment.h"
#include "core/walk.h"

void hold_init(struct walk_holds *holds, const struct vs_pool *pool)
{
	struct vs_pool_stats stats;
	uint16_t i;

	vs_pool_stats(pool, &stats);
	memset(holds, 0, sizeof(*holds));
	holds->small_limit = stats.small_count / 2;
	holds->big_limit = stats.big_count / 2;
	for (i = 0; i < VS_HOLDS; i++)
		holds->free[i] = (uint16_t)(VS_HOLDS - 1 - i);
	holds->free_count = VS_HOLDS;
}

static _Atomic uint32_t *held_counter(struct vs_worker *worker,
				      struct vs_attachment *owner)
{
	return &owner->shard[worker->index].held;
}

int hold_take(struct vs_worker *worker, struct vs_packet *packet,
	      const struct vs_stack_member *member, bool below)
{
	struct walk_holds *holds = &worker->holds;
	uint32_t *used = packet->big ? &holds->big : &holds->small;
	uint16_t at;

	if (packet->held || !holds->free_count ||
	    *used >= (packet->big ? holds->big_limit : holds->small_limit))
		return -ENOBUFS;
	++*used;
	if (holds->free_count == VS_HOLDS)
		holds->due = worker->now + VS_HOLD_NS;
	at = holds->free[--holds->free_count];
	holds->hold[at] = (struct walk_hold){
		.packet = packet,
		.owner = member->attachment,
		.below = below,
		.passed = (uint16_t)(member - worker->snapshot->member + 1),
		.until = worker->now + VS_HOLD_NS};
	packet->entry = at;
	packet->held = true;
	atomic_fetch_add_explicit(held_counter(worker, member->attachment), 1,
				  memory_order_relaxed);
	vs_ledger_hold(worker->ledger, worker->ledger_index, packet->ledger_row,
		       1);
	walk_answer(worker, packet, VS_HOLD);
	return 0;
}

struct walk_hold *hold_of(struct vs_worker *worker,
			  const struct vs_packet *packet,
			  const struct vs_attachment *owner)
{
	struct walk_hold *hold;

	if (!packet->held || packet->entry >= VS_HOLDS)
		return NULL;
	hold = &worker->holds.hold[packet->entry];
	return hold->packet == packet && hold->owner == owner ? hold : NULL;
}

/* The packet is in nobody's hands but the caller's. */
static struct vs_packet *hold_end(struct vs_worker *worker,
				  struct walk_hold *hold)
{
	struct walk_holds *holds = &worker->holds;
	struct vs_packet *packet = hold->packet;

	--*(packet->big ? &holds->big : &holds->small);
	holds->free[holds->free_count++] = packet->entry;
	atomic_fetch_sub_explicit(held_counter(worker, hold->owner), 1,
				  memory_order_release);
	vs_ledger_hold(worker->ledger, worker->ledger_index, packet->ledger_row,
		       -1);
	hold->packet = NULL;
	packet->held = false;
	packet->verdict = (struct vs_verdict){0};
	return packet;
}

/* Is it of the burst that the running hook was given, which held it? */
static bool is_in_burst(const struct vs_worker *worker,
			const struct vs_packet *packet)
{
	uint64_t answered = worker->walk.answered & worker->run.burst.live;

	return worker->run.hook && packet->slot < VS_BURST_FRAMES &&
	       answered >> packet->slot & 1 &&
	       run_packet(worker, packet->slot) == packet;
}

/* The burst has its reference back: the frame was answered otherwise. */
static void answer_otherwise(struct vs_worker *worker, struct vs_packet *packet,
			     struct vs_verdict verdict)
{
	packet->verdict = verdict;
	if (verdict.action == VS_PASS)
		worker->walk.answered &= ~(UINT64_C(1) << packet->slot);
}

void hold_release(struct vs_worker *worker, struct walk_hold *hold,
		  const struct vs_stack_member *member,
		  struct vs_verdict verdict)
{
	bool below = hold->below, sent = hold->recipes > 0;
	uint16_t passed = hold->passed;
	struct vs_packet *packet = hold_end(worker, hold);

	if (sent)
		verdict = (struct vs_verdict){.action = VS_SENT};
	else if (verdict.action != VS_DROP &&
		 !(verdict.action == VS_PASS && below))
		verdict = (struct vs_verdict){
			.action = VS_DROP, .reason = VS_REASON_EXT_BAD_VERDICT};
	if (is_in_burst(worker, packet)) {
		answer_otherwise(worker, packet, verdict);
		return;
	}
	if (verdict.action == VS_PASS) {
		inject_again(worker, packet,
			     (uint16_t)(ENTRY_DESCEND + passed));
		return;
	}
	if (!sent)
		walk_book_drop(worker, packet,
			       walk_reason(member, verdict.reason));
	vs_packet_unref(packet);
}

static void let_go(struct vs_worker *worker, struct walk_hold *hold,
		   bool goes_on)
{
	bool answered = hold->recipes > 0;
	uint16_t passed = hold->passed;
	struct vs_packet *packet = hold_end(worker, hold);

	if (goes_on) {
		inject_again(worker, packet,
			     (uint16_t)(ENTRY_DESCEND + passed));
		return;
	}
	if (!answered)
		walk_book_drop(worker, packet, VS_REASON_HOLD_LOST);
	vs_packet_unref(packet);
}

void hold_let_go(struct vs_worker *worker)
{
	uint32_t i;

	if (worker->holds.free_count == VS_HOLDS)
		return;
	for (i = 0; i < VS_HOLDS; i++) {
		struct walk_hold *hold = &worker->holds.hold[i];

		if (hold->packet &&
		    !vs_snapshot_has(worker->snapshot, hold->owner))
			let_go(worker, hold, hold->below);
	}
}

const struct vs_packet *hold_next(const struct vs_worker *worker,
				  uint32_t *cursor)
{
	const struct walk_holds *holds = &worker->holds;

	while (holds->free_count < VS_HOLDS && *cursor < VS_HOLDS)
		if (holds->hold[(*cursor)++].packet)
			return holds->hold[*cursor - 1].packet;
	return NULL;
}

static void take_back(struct vs_worker *worker, struct walk_hold *hold)
{
	bool answered = hold->recipes > 0;
	struct vs_packet *packet;

	accuse(worker, hold->owner, ACCUSE_HELD,
	       "kept a frame for over 30 seconds: dropped ext_held");
	packet = hold_end(worker, hold);
	if (!answered)
		walk_book_drop(worker, packet, VS_REASON_EXT_HELD);
	vs_packet_unref(packet);
}

void hold_expire(struct vs_worker *worker)
{
	struct walk_holds *holds = &worker->holds;
	uint64_t due = UINT64_MAX;
	uint32_t i;

	if (worker->now < hold_deadline(worker))
		return;
	for (i = 0; i < VS_HOLDS; i++) {
		struct walk_hold *hold = &holds->hold[i];

		if (hold->packet && worker->now >= hold->until)
			take_back(worker, hold);
		else if (hold->packet && hold->until < due)
			due = hold->until;
	}
	holds->due = due;
}

uint64_t hold_deadline(const struct vs_worker *worker)
{
	return worker->holds.free_count < VS_HOLDS ? worker->holds.due
						   : UINT64_MAX;
}

void hold_drop_all(struct vs_worker *worker)
{
	uint32_t i;

	for (i = 0; i < VS_HOLDS; i++)
		if (worker->holds.hold[i].packet)
			let_go(worker, &worker->holds.hold[i], false);
}
