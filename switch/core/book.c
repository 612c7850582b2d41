// SPDX-License-Identifier: Apache-2.0
/*
 * book.c: what happens to a packet's copies, put into the ledger. Decides
 * nothing: stations and extensions answer, this file books the answer and
 * gives the reference back. Reasons of extensions become global here.
 */
#include <assert.h>
#include <errno.h>

#include "core/rights.h"
#include "core/walk_echo.h"

uint32_t walk_row(struct vs_worker *worker, struct vs_port_id port,
		  struct vs_vsid vsid)
{
	struct row_cache *cache = &worker->rows[port.value];

	if (cache->vsid != vsid.value || cache->row == UINT32_MAX) {
		/* rows of a port that left may be the main thread's by now */
		if (port.value > VS_PORT_EXTERNAL &&
		    !(worker->snapshot &&
		      snapshot_port(worker->snapshot, port)))
			return walk_row(worker, (struct vs_port_id){0}, vsid);
		cache->vsid = vsid.value;
		cache->row = vs_ledger_row(worker->ledger, worker->ledger_index,
					   port, vsid.value);
	}
	return cache->row;
}

void walk_book_drop(struct vs_worker *worker, struct vs_packet *packet,
		    uint16_t reason)
{
	vs_ledger_drop(worker->ledger, worker->ledger_index, packet->ledger_row,
		       reason);
	if (echo_awaited(worker))
		echo_dropped(worker, packet, reason);
	WALK_TRACE(worker, "dropped: %s: %s",
		   vs_switch_reason_name(worker->sw, reason),
		   vs_switch_reason(worker->sw, reason).help);
}

void walk_book_gathered(struct vs_worker *worker)
{
	struct walk_gathered *sent = &worker->sent;
	struct walk_gathered *received = &worker->received;

	if (received->frames)
		vs_ledger_receive(worker->ledger, worker->ledger_index,
				  received->row, received->frames,
				  received->bytes);
	if (sent->frames)
		vs_ledger_send(worker->ledger, worker->ledger_index, sent->row,
			       sent->frames, sent->bytes);
	*received = (struct walk_gathered){0};
	*sent = (struct walk_gathered){0};
}

uint16_t walk_reason(const struct vs_stack_member *member, uint16_t reason)
{
	uint16_t own;

	if (reason > VS_REASON_NONE && reason < VS_CORE_REASONS)
		return reason;
	if (!member || reason < VS_REASON_OWN)
		return VS_REASON_EXT_BAD_VERDICT;
	own = (uint16_t)(reason - VS_REASON_OWN);
	if (own >= member->ext->reason_count)
		return VS_REASON_EXT_BAD_VERDICT;
	return (uint16_t)(member->attachment->reason_base + own);
}

static void drop_one(struct vs_worker *worker, struct vs_packet *packet,
		     const struct vs_stack_member *member, uint16_t reason)
{
	if (reason == VS_REASON_EXT_BAD_VERDICT && member)
		accuse(worker, member->attachment, ACCUSE_VERDICT,
		       "answered what does not exist: dropped "
		       "ext_bad_verdict");
	walk_book_drop(worker, packet, reason);
}

static void settle_one(struct vs_worker *worker, struct vs_packet *packet,
		       const struct vs_stack_member *member)
{
	struct vs_verdict verdict = packet->verdict;

	switch (verdict.action) {
	case VS_DROP:
		drop_one(worker, packet, member,
			 walk_reason(member, verdict.reason));
		break;
	case VS_CONSUME:
		if (verdict.reason >= VS_CONSUMERS) {
			drop_one(worker, packet, member,
				 VS_REASON_EXT_BAD_VERDICT);
			break;
		}
		vs_ledger_consume(worker->ledger, worker->ledger_index,
				  packet->ledger_row,
				  (enum vs_consumer)verdict.reason);
		WALK_TRACE(worker, "answered: %s",
			   vs_consumer_name((enum vs_consumer)verdict.reason));
		break;
	case VS_HOLD: /* booked; the reference is the hold's now */
		return;
	default: /* VS_SENT, VS_REFLECT: booked by who did it */
		break;
	}
	vs_packet_unref(packet);
}

void walk_settle_slow(struct vs_worker *worker,
		      const struct vs_stack_member *member)
{
	uint64_t answered = worker->walk.answered & worker->run.burst.live;
	uint64_t rest;

	worker->run.burst.live &= ~answered;
	for (rest = answered; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);

		if (worker->run.gone >> slot & 1)
			vs_packet_unref(run_packet(worker, slot));
		else
			settle_one(worker, run_packet(worker, slot), member);
	}
	worker->walk.answered = 0;
}

/* -- what frame.c asks ------------------------------------------------------
 */

static struct vs_worker *walk_worker(struct vs_walk *walk)
{
	return (struct vs_worker *)walk;
}

/* A destination is gone already; its copy is a dropped one. */
static void walk_excluded(struct vs_walk *walk, struct vs_packet *packet,
			  struct vs_port_id port, uint16_t reason)
{
	struct vs_worker *worker = walk_worker(walk);
	const struct hook_call *hook = worker->run.hook;

	(void)port;
	if (reason == VS_REASON_NONE)
		reason = VS_REASON_EXCLUDED;
	worker->flow.excluded[packet->slot] = reason;
	walk_book_drop(worker, packet,
		       walk_reason(hook ? hook->member : NULL, reason));
	if (--worker->run.copies[packet->slot] == 0) {
		worker->run.gone |= UINT64_C(1) << packet->slot;
		worker->walk.answered |= UINT64_C(1) << packet->slot;
	}
}

void walk_exclude(struct vs_packet *packet, struct vs_port_id port,
		  uint16_t reason)
{
	vs_delivery_exclude(vs_packet_delivery(packet), port, reason);
}

/* From one destination to a set. */
static void widen(struct vs_worker *worker, struct vs_packet *packet)
{
	if (packet->destinations)
		return;
	packet->destinations = &worker->run.set[packet->slot];
	*packet->destinations = (struct vs_port_set){0};
	if (packet->destination.value)
		port_set_add(packet->destinations, packet->destination);
}

void walk_join(struct vs_worker *worker, struct vs_packet *packet,
	       const struct vs_port_set *more)
{
	uint32_t i;

	for (i = 0; i < VS_PORTS_MAXIMUM / 64; i++) {
		if (!more->word[i])
			continue;
		widen(worker, packet);
		packet->destinations->word[i] |= more->word[i];
	}
}

static int walk_add(struct vs_walk *walk, struct vs_packet *packet,
		    struct vs_port_id port)
{
	struct vs_worker *worker = walk_worker(walk);
	const struct vs_port *there = snapshot_port(worker->snapshot, port);

	if (port.value != VS_PORT_EXTERNAL && (!there || there->uplink))
		return rights_bad_port(worker);
	rights_note_vsid(worker, there, packet);
	if (vs_port_equal(port, packet->view.port) ||
	    (port.value == VS_PORT_EXTERNAL &&
	     packet->view.flags & VS_FRAME_FROM_WIRE))
		return -EINVAL;
	if (!packet->destinations) {
		if (!packet->destination.value ||
		    vs_port_equal(packet->destination, port)) {
			packet->destination = port;
			return 0;
		}
		widen(worker, packet);
	}
	port_set_add(packet->destinations, port);
	return 0;
}

static void walk_learn(struct vs_walk *walk, struct vs_packet *packet)
{
	walk_worker(walk)->run.learn |= UINT64_C(1) << packet->slot;
}

const struct vs_walk_ops *walk_ops(void)
{
	static const struct vs_walk_ops ops = {
		.excluded = walk_excluded,
		.decision_add = walk_add,
		.decision_learn = walk_learn,
		.refused = rights_refused,
	};

	return &ops;
}

void walk_count_copies(struct vs_worker *worker, struct vs_packet *packet)
{
	uint32_t copies = packet->destination.value ? 1 : 0;

	if (packet->destinations)
		copies = port_set_count(packet->destinations);
	worker->run.copies[packet->slot] = (uint16_t)copies;
	if (!copies)
		walk_drop(packet, VS_REASON_NO_DESTINATION);
	else if (copies > 1)
		vs_ledger_replicate(worker->ledger, worker->ledger_index,
				    packet->ledger_row, copies - 1);
}
