// SPDX-License-Identifier: Apache-2.0
/*
 * stack.c: the extensions' hooks, in order: down from the top on ingress, up
 * from the bottom on egress. Calls each hook once per burst, with the rights
 * of its class; books its answers under its name. What an extension may ask
 * meanwhile is services.c. Before: admit, policy_egress; after:
 * policy_ingress, deliver.
 */
#include <vswitch/wire.h>

#include "core/rights.h"

_Static_assert(sizeof(struct vs_burst) == sizeof(struct vs_delivery_burst) &&
		       sizeof(struct vs_burst) ==
			       sizeof(struct vs_outbound_burst),
	       "bursts have one layout");

static struct hook_call hook_call(struct vs_worker *worker,
				  const struct vs_stack_member *member,
				  unsigned rights)
{
	const struct attachment_shard *shard =
		&member->attachment->shard[worker->index];

	return (struct hook_call){
		.call = {.struct_size = sizeof(struct vs_call),
			 .worker = worker->index,
			 .tracing = worker->probe,
			 .now_ns = worker->now,
			 .host = services(),
			 .state = member->state,
			 .shard = shard->shard},
		.worker = worker,
		.member = member,
		.rights = rights,
	};
}

/* Before a hook, and after: its answers are its own. */
static void hook_begin(struct vs_worker *worker, const struct hook_call *hook)
{
	rights_lend(worker, hook);
	worker->station = hook->member->ext->name;
	WALK_TRACE(worker, "sees it");
}

static void hook_end(struct vs_worker *worker, const struct hook_call *hook)
{
	rights_end(worker, NULL);
	worker->walk.cacheable = 0;
	walk_settle(worker, hook->member);
}

/* Whoever may write may have edited. */
static void reparse_edited(struct vs_worker *worker)
{
	uint64_t rest = worker->walk.edited & worker->run.burst.live;

	worker->walk.edited = 0;
	for (; rest; rest &= rest - 1) {
		struct vs_packet *packet =
			run_packet(worker, (unsigned)__builtin_ctzll(rest));

		flow_edited(worker, packet);
		vs_packet_parse(packet);
		if (packet->view.size < VS_ETHERNET_SIZE)
			walk_drop(packet, VS_REASON_RUNT);
	}
	walk_settle(worker, NULL);
}

/* -- ingress ----------------------------------------------------------------
 */

/* Only those are asked whose answer the flow cache does not know. */
static void filter_ingress(struct vs_worker *worker,
			   const struct vs_stack_member *member)
{
	uint16_t at = (uint16_t)(member - worker->snapshot->member);
	struct vs_burst *burst = &worker->run.burst;
	struct hook_call hook;
	uint64_t hidden;

	hook = hook_call(worker, member,
			 RIGHTS_NOT_WIRE | RIGHT_HOLD | RIGHTS_EDIT);
	hook_begin(worker, &hook);
	hidden = worker->flow.known ? flow_hide(worker, FLOW_IN, at) : 0;
	if (burst->live)
		member->ext->filter->ingress(&hook.call, burst);
	if (worker->walk.cacheable)
		flow_note(worker, FLOW_IN, at);
	burst->live |= hidden;
	hook_end(worker, &hook);
	if (worker->walk.edited)
		reparse_edited(worker);
}

static void member_ingress(struct vs_worker *worker,
			   const struct vs_stack_member *member)
{
	const struct vs_extension *ext = member->ext;
	struct vs_burst *burst = &worker->run.burst;
	struct hook_call hook;

	if (ext->capture) {
		hook = hook_call(worker, member, 0);
		hook_begin(worker, &hook);
		unwritten_note(worker);
		ext->capture->ingress(&hook.call,
				      (const struct vs_capture_burst *)burst);
		unwritten_check(worker, member);
		hook_end(worker, &hook);
	} else {
		filter_ingress(worker, member);
	}
}

/* Of these members, bits, those that must be asked now. */
static uint32_t asked(const struct vs_worker *worker, uint32_t members,
		      enum flow_side side)
{
	uint64_t live = worker->run.burst.live;

	return members && live
		       ? members & ~flow_passes(&worker->flow, live, side)
		       : 0;
}

void stack_descend(struct vs_worker *worker, uint16_t from)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	/* below `from`, which may be VS_STACK_MAXIMUM */
	uint32_t rest = snapshot->ingress & (uint32_t)(UINT64_MAX << from);

	if (worker->flow.active)
		flow_begin(worker);
	if (worker->walk.edited)
		reparse_edited(worker);
	while ((rest = asked(worker, rest, FLOW_IN))) {
		member_ingress(worker, &snapshot->member[__builtin_ctz(rest)]);
		rest &= rest - 1;
	}
}

void stack_decide(struct vs_worker *worker)
{
	const struct vs_stack_member *member = worker->snapshot->forward;
	struct vs_packet *packet;
	struct hook_call hook;

	WALK_EACH (packet, worker) {
		packet->destinations = NULL;
		packet->destination.value = 0;
	}
	if (!member->ext->forward->decide || !worker->run.burst.live) {
		worker->run.learn = worker->run.burst.live;
		return;
	}
	hook = hook_call(worker, member,
			 RIGHTS_NOT_WIRE | RIGHTS_EDIT | RIGHT_CHOOSE);
	hook_begin(worker, &hook);
	member->ext->forward->decide(
		&hook.call, (struct vs_decision_burst *)&worker->run.burst);
	hook_end(worker, &hook);
	if (worker->walk.edited)
		reparse_edited(worker);
}

/* -- egress -----------------------------------------------------------------
 */

static void call_egress(const struct hook_call *hook, struct vs_burst *burst)
{
	const struct vs_extension *ext = hook->member->ext;

	if (ext->capture)
		ext->capture->egress(&hook->call,
				     (const struct vs_sight_burst *)burst);
	else if (ext->filter)
		ext->filter->egress(&hook->call,
				    (struct vs_delivery_burst *)burst);
	else
		ext->forward->egress(&hook->call,
				     (struct vs_delivery_burst *)burst);
}

static void member_egress(struct vs_worker *worker,
			  const struct vs_stack_member *member)
{
	uint16_t at = (uint16_t)(member - worker->snapshot->member);
	const struct vs_extension *ext = member->ext;
	struct vs_burst *burst = &worker->run.burst;
	uint64_t hidden = 0;
	struct hook_call hook =
		hook_call(worker, member,
			  ext->capture ? 0u : RIGHTS_NOT_WIRE | RIGHT_EXCLUDE);

	hook_begin(worker, &hook);
	if (!ext->capture && worker->flow.known)
		hidden = flow_hide(worker, FLOW_OUT, at);
	unwritten_note(worker);
	if (burst->live)
		call_egress(&hook, burst);
	unwritten_check(worker, member);
	if (worker->walk.cacheable)
		flow_note(worker, FLOW_OUT, at);
	burst->live |= hidden;
	hook_end(worker, &hook);
}

void stack_ascend(struct vs_worker *worker)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	uint32_t rest = snapshot->egress;

	while ((rest = asked(worker, rest, FLOW_OUT))) {
		uint32_t last = 31u - (uint32_t)__builtin_clz(rest);

		member_egress(worker, &snapshot->member[last]);
		rest &= ~(UINT32_C(1) << last);
	}
}

/* -- the translate class and the wire ---------------------------------------
 */

void stack_from_wire(struct vs_worker *worker)
{
	const struct vs_stack_member *member = worker->snapshot->translate;
	struct hook_call hook;

	worker->run.certain = UINT64_MAX;
	if (!member || !member->ext->translate->from_wire)
		return;
	hook = hook_call(worker, member,
			 RIGHTS_WIRE | RIGHTS_EDIT | RIGHT_SET_VSID);
	hook_begin(worker, &hook);
	member->ext->translate->from_wire(&hook.call, &worker->run.burst);
	worker->run.certain = worker->walk.cacheable;
	worker->walk.cacheable = 0;
	rights_end(worker, NULL); /* from_wire books receipt, then settles */
}

void stack_to_wire(struct vs_worker *worker)
{
	const struct vs_stack_member *member = worker->snapshot->translate;
	struct hook_call hook;
	struct vs_packet *packet;

	if (member->ext->translate->to_wire) {
		hook = hook_call(worker, member,
				 RIGHTS_WIRE | RIGHT_REFLECT |
					 RIGHT_HOLD_OUTBOUND | RIGHT_ANSWER);
		hook_begin(worker, &hook);
		member->ext->translate->to_wire(
			&hook.call,
			(struct vs_outbound_burst *)&worker->run.burst);
		hook_end(worker, &hook);
	}
	worker->station = "to wire";
	WALK_EACH (packet, worker)
		walk_drop(packet, VS_REASON_UNTRANSLATED);
	walk_settle(worker, NULL);
}

bool stack_mirror(struct vs_worker *worker, struct vs_packet *packet,
		  const struct vs_ip *to)
{
	const struct vs_stack_member *member = worker->snapshot->translate;
	const struct hook_call *before = worker->run.hook;
	uint32_t sent = worker->run.mirrored;
	struct hook_call hook;

	if (!member || !member->ext->translate->mirror)
		return false;
	hook = hook_call(worker, member, RIGHTS_WIRE | RIGHT_COPY);
	rights_lend(worker, &hook);
	member->ext->translate->mirror(&hook.call, vs_packet_frame(packet), to);
	rights_end(worker, before);
	return worker->run.mirrored != sent;
}

bool stack_may_send(struct vs_worker *worker, const struct vs_claim *claim)
{
	const struct vs_stack_member *member = worker->snapshot->translate;
	struct hook_call *hook = &worker->run.guard;

	if (!hook->worker)
		*hook = hook_call(worker, member, 0);
	return member->ext->translate->may_send(&hook->call, claim);
}

bool stack_serves(const struct vs_snapshot *snapshot, struct vs_vsid vsid)
{
	const struct vs_stack_member *member = snapshot->translate;

	return member && vsid.value && member->ext->translate->serves &&
	       member->ext->translate->serves(member->state, vsid);
}

void stack_wire_seen(struct vs_worker *worker,
		     const struct vs_wire_frame *frame)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	const struct hook_call *before = worker->run.hook;
	uint16_t i;

	for (i = 0; i < snapshot->members; i++) {
		const struct vs_stack_member *member = &snapshot->member[i];
		struct hook_call hook;

		if (!member->ext->capture || !member->ext->capture->wire)
			continue;
		hook = hook_call(worker, member, 0);
		rights_lend(worker, &hook);
		member->ext->capture->wire(&hook.call, frame);
	}
	rights_end(worker, before);
}

/* -- outside of bursts --------------------------------------------------------
 */

static unsigned idle_rights(const struct vs_extension *ext)
{
	if (ext->capture)
		return 0;
	return ext->translate ? RIGHTS_WIRE : RIGHTS_NOT_WIRE;
}

void stack_tick(struct vs_worker *worker)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	uint16_t i;

	for (i = 0; i < snapshot->members; i++) {
		const struct vs_stack_member *member = &snapshot->member[i];
		struct attachment_shard *shard =
			&member->attachment->shard[worker->index];
		struct hook_call hook;

		if (!member->ext->tick ||
		    (worker->now < shard->deadline &&
		     shard->ticked_under == snapshot->generation))
			continue;
		hook = hook_call(worker, member, idle_rights(member->ext));
		rights_lend(worker, &hook);
		shard->ticked_under = snapshot->generation;
		shard->deadline = member->ext->tick(&hook.call);
		rights_end(worker, NULL);
	}
}

uint64_t stack_deadline(const struct vs_worker *worker)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	uint64_t first = UINT64_MAX;
	uint16_t i;

	for (i = 0; snapshot && i < snapshot->members; i++) {
		const struct vs_stack_member *member = &snapshot->member[i];
		const struct attachment_shard *shard =
			&member->attachment->shard[worker->index];

		if (!member->ext->tick)
			continue;
		if (shard->ticked_under != snapshot->generation)
			return 0;
		if (shard->deadline < first)
			first = shard->deadline;
	}
	return first;
}

void stack_noted(struct vs_worker *worker, const struct mail *mail)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	uint16_t i;

	for (i = 0; i < snapshot->members; i++) {
		const struct vs_stack_member *member = &snapshot->member[i];
		struct hook_call hook;

		if (member->attachment->id != mail->attachment ||
		    !member->ext->noted_shard)
			continue;
		hook = hook_call(worker, member, idle_rights(member->ext));
		rights_lend(worker, &hook);
		member->ext->noted_shard(&hook.call, &mail->note);
		rights_end(worker, NULL);
	}
}
