// SPDX-License-Identifier: Apache-2.0
/*
 * flow_cache.c: what a burst knows of its flows: looked up before the stack,
 * completed by the answers of those who had to be asked, kept for the next
 * frame. Decides which answers may stand for others. Called by stack.c and
 * policy.c; after this file: flow_table.c.
 */
#include "core/flow_table.h"

#include "core/walk.h"

void flow_enter(struct vs_worker *worker)
{
	worker->flow.active =
		worker->flow.table && worker->snapshot->steady_acls;
}

static uint64_t generation_now(const struct vs_worker *worker)
{
	return worker->snapshot->generation +
	       atomic_load_explicit(&worker->sw->invalidations,
				    memory_order_acquire);
}

/* -- looking up -------------------------------------------------------------
 */

void flow_begin(struct vs_worker *worker)
{
	worker->flow.generation = generation_now(worker);
	flow_table_look(worker->flow.table, &worker->run.burst, &worker->flow,
			worker->now);
}

/* The slot's verdicts, to be written: no entry is changed in its place. */
static struct flow_verdicts *own(struct flow_run *run, unsigned slot)
{
	struct flow_own *mine = &run->own[slot];

	if (run->now[slot] != &mine->verdicts) {
		flow_table_copy(run->table, run->now[slot], mine);
		run->now[slot] = &mine->verdicts;
	}
	return &mine->verdicts;
}

/* What is known of the way out is about another destination. */
static void forget_way_out(struct flow_verdicts *verdicts, struct vs_port_id to)
{
	verdicts->passes[FLOW_OUT] = 0;
	verdicts->judged[FLOW_OUT] = false;
	verdicts->rule[FLOW_OUT] = 0;
	verdicts->denied[FLOW_OUT] = 0;
	verdicts->reason[FLOW_OUT] = 0;
	verdicts->dropper[FLOW_OUT] = FLOW_NOBODY;
	verdicts->to = to;
}

void flow_turn(struct vs_worker *worker)
{
	struct flow_run *run = &worker->flow;
	uint64_t flooded = 0, turned = 0, rest;

	for (rest = run->known & worker->run.burst.live; rest;
	     rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);
		const struct vs_packet *packet = run_packet(worker, slot);

		if (packet->destinations)
			flooded |= UINT64_C(1) << slot;
		else if (!vs_port_equal(run->to[slot], packet->destination))
			turned |= UINT64_C(1) << slot;
	}
	run->known &= ~flooded;
	if (turned)
		run->all[FLOW_OUT] = 0;
	for (; turned; turned &= turned - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(turned);

		forget_way_out(own(run, slot),
			       run_packet(worker, slot)->destination);
	}
}

/* Entries that others of the burst point to may give way: they keep copies. */
static void keep_copies(struct flow_run *run)
{
	uint64_t rest;

	for (rest = run->known; rest; rest &= rest - 1)
		own(run, (unsigned)__builtin_ctzll(rest));
}

void flow_store(struct vs_worker *worker)
{
	struct flow_run *run = &worker->flow;
	uint64_t rest;

	keep_copies(run);
	for (rest = run->changed; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);
		const struct flow_own *mine = &run->own[slot];
		struct vs_vsid vsid = flow_vsid(&mine->key);
		const struct vs_subnet *subnet =
			snapshot_subnet(worker->snapshot, vsid);
		struct flow_item item = {.key = &mine->key,
					 .hash = mine->hash,
					 .group = subnet ? subnet->group
							 : VS_GROUPS - 1,
					 .generation = run->generation,
					 .now_ns = worker->now};

		flow_table_keep(worker->flow.table, &item, &mine->verdicts);
	}
	run->changed = 0;
}

void flow_edited(struct vs_worker *worker, const struct vs_packet *packet)
{
	worker->flow.known &= ~(UINT64_C(1) << packet->slot);
}

/* -- around a hook ----------------------------------------------------------
 */

static void drop_as_before(struct vs_packet *packet, enum flow_side side,
			   const struct flow_verdicts *verdicts)
{
	if (side == FLOW_IN)
		vs_drop(vs_packet_frame(packet), verdicts->reason[side]);
	else
		vs_delivery_drop(vs_packet_delivery(packet),
				 verdicts->reason[side]);
}

uint64_t flow_hide(struct vs_worker *worker, enum flow_side side,
		   uint16_t member)
{
	struct flow_run *run = &worker->flow;
	uint64_t rest, hidden = 0;

	for (rest = run->known & worker->run.burst.live; rest;
	     rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);
		const struct flow_verdicts *now = run->now[slot];

		if (now->dropper[side] == member)
			drop_as_before(run_packet(worker, slot), side, now);
		else if (!(now->passes[side] >> member & 1))
			continue;
		hidden |= UINT64_C(1) << slot;
	}
	worker->run.burst.live &= ~hidden;
	return hidden;
}

/* The answer of the hook for one frame; false: not one that may be kept. */
static bool note(struct vs_worker *worker, unsigned slot, enum flow_side side,
		 uint16_t member)
{
	const struct vs_packet *packet = run_packet(worker, slot);
	struct flow_verdicts *now = own(&worker->flow, slot);

	if (packet->edited)
		return false;
	if (!(worker->walk.answered >> slot & 1)) {
		now->passes[side] |= UINT32_C(1) << member;
		return true;
	}
	if (worker->run.gone >> slot & 1)
		now->reason[side] = worker->flow.excluded[slot];
	else if (packet->verdict.action == VS_DROP)
		now->reason[side] = packet->verdict.reason;
	else
		return false;
	now->dropper[side] = (uint8_t)member;
	return true;
}

void flow_note(struct vs_worker *worker, enum flow_side side, uint16_t member)
{
	struct flow_run *run = &worker->flow;
	uint64_t rest =
		worker->walk.cacheable & run->known & worker->run.burst.live;

	if (worker->walk.cacheable && worker->flow.table)
		worker->flow.active = true;
	worker->walk.cacheable = 0;
	for (; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);

		if (note(worker, slot, side, member))
			run->changed |= UINT64_C(1) << slot;
	}
}

/* -- the extended ACL -------------------------------------------------------
 */

bool flow_judged(const struct vs_worker *worker, const struct vs_packet *packet,
		 enum flow_side side, struct xacl_answer *answer)
{
	const struct flow_verdicts *now;

	if (!(worker->flow.known >> packet->slot & 1))
		return false;
	now = worker->flow.now[packet->slot];
	*answer = (struct xacl_answer){.reason = now->denied[side],
				       .rule = now->rule[side]};
	return now->judged[side];
}

void flow_note_judged(struct vs_worker *worker, const struct vs_packet *packet,
		      enum flow_side side, const struct xacl_answer *answer)
{
	uint64_t bit = UINT64_C(1) << packet->slot;
	struct flow_verdicts *now;

	if (!(worker->flow.known & bit))
		return;
	now = own(&worker->flow, packet->slot);
	now->judged[side] = true;
	now->denied[side] = answer->reason;
	now->rule[side] = answer->rule;
	worker->flow.changed |= bit;
}
