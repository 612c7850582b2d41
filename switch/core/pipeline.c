// SPDX-License-Identifier: Apache-2.0
/*
 * pipeline.c: the walk, station by station, for a burst. What a station
 * decides is in its own file; here are the order, the wire's two ends and
 * deliver, the one place where a frame leaves.
 */
#include "core/pipeline.h"
#include "core/lane.h"
#include "core/rdmap.h"
#include "core/steady.h"
#include "core/walk_echo.h"
#include "packet/counter.h"

void pipeline_begin(struct vs_worker *worker)
{
	struct walk_run *run = &worker->run;

	run->burst.struct_size = sizeof(run->burst);
	run->burst.count = 0;
	run->burst.live = 0;
	worker->walk.answered = 0;
	worker->walk.cacheable = 0;
	worker->flow.known = 0;
	worker->flow.changed = 0;
	worker->walk.edited = 0;
	run->gone = 0;
	run->wire = 0;
	run->learn = 0;
	run->certain = 0;
	run->hook = NULL;
	worker->walk.denied = 0;
	run->guard.worker = NULL;
	run->claimed.ipv4 = false;
}

void pipeline_load(struct vs_worker *worker, struct vs_packet *packet)
{
	struct walk_run *run = &worker->run;
	uint8_t slot = (uint8_t)run->burst.count++;

	run->burst.frame[slot] = vs_packet_frame(packet);
	run->burst.live |= UINT64_C(1) << slot;
	run->recipes[slot] = 0;
	if (packet->edited) /* it was held by who edited it */
		worker->walk.edited |= UINT64_C(1) << slot;
	packet->slot = slot;
	packet->walk = &worker->walk;
	packet->verdict = (struct vs_verdict){0};
}

/* -- from wire --------------------------------------------------------------
 */

static void wire_inbound_seen(struct vs_worker *worker)
{
	struct vs_packet *packet;

	WALK_EACH (packet, worker) {
		struct vs_wire_frame seen = {
			.struct_size = sizeof(seen),
			.uplink = packet->view.port,
			.slice = packet->view.data,
			.slice_size = packet->view.size,
		};

		stack_wire_seen(worker, &seen);
	}
}

/* The row of a frame received on the uplink, under the VSID that the wire
 * said. */
static uint32_t row_from_wire(struct vs_worker *worker,
			      const struct vs_view *view)
{
	struct vs_vsid vsid = view->vsid;

	if (vsid.value && !snapshot_subnet(worker->snapshot, vsid) &&
	    !stack_serves(worker->snapshot, vsid))
		vsid.value = VS_LEDGER_NONE;
	return walk_row(worker, view->port, vsid);
}

/* Neighbours are mostly of one VSID. */
static void book_from_wire(struct vs_worker *worker)
{
	const struct vs_view *before = NULL;
	struct vs_packet *packet;
	uint32_t row = 0;

	WALK_EACH (packet, worker) {
		const struct vs_view *view = &packet->view;

		if (!before || !vs_vsid_equal(before->vsid, view->vsid) ||
		    !vs_port_equal(before->port, view->port))
			row = row_from_wire(worker, view);
		before = view;
		packet->ledger_row = row;
		walk_book_received(worker, packet);
	}
}

static void from_wire(struct vs_worker *worker)
{
	struct vs_packet *packet;

	worker->station = "from wire";
	WALK_EACH (packet, worker)
		vs_packet_parse(packet);
	if (worker->snapshot->captures)
		wire_inbound_seen(worker);
	stack_from_wire(worker);
	if (worker->snapshot->vlans)
		lane_from_wire(worker);
	book_from_wire(worker);
	walk_settle(worker, worker->snapshot->translate);
}

/* -- deliver ------------------------------------------------------------------
 */

/* May this frame leave on the external port? */
static uint16_t judge_external(struct vs_worker *worker,
			       const struct vs_view *view)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	const struct vs_subnet *subnet;

	if (view->flags & VS_FRAME_FROM_WIRE)
		return VS_REASON_HAIRPIN;
	if (!view->vsid.value || vs_vsid_is_vlan(view->vsid))
		return snapshot->uplink_count ? VS_REASON_NONE
					      : VS_REASON_NO_UPLINK;
	if (!snapshot->translate)
		return VS_REASON_NO_TRANSLATION;
	subnet = snapshot_subnet(snapshot, view->vsid);
	if (subnet ? subnet->external : stack_serves(snapshot, view->vsid))
		return VS_REASON_NONE;
	return VS_REASON_VSID_ACL;
}

/* May it leave on this port? The only test of a port's VSID set. */
static uint16_t judge_port(const struct vs_port *port,
			   const struct vs_view *view)
{
	if (!port || port->uplink)
		return VS_REASON_PORT_DOWN;
	if (vs_port_equal(port->id, view->port))
		return VS_REASON_HAIRPIN;
	if (!port_has_vsid(port, view->vsid))
		return VS_REASON_VSID_ACL;
	if (port->waits)
		return VS_REASON_PORT_WAITS;
	return port->attached ? VS_REASON_NONE : VS_REASON_PORT_DOWN;
}

static void count_kept_out(struct vs_worker *worker, struct vs_port_id to)
{
	counter_add(&worker->kept_out[to.value], 1);
}

/* What is not simply the port's: refused, asked for by the switch itself, or
 * for a port that may be blocked. */
static __attribute__((noinline)) void deliver_rarely(struct vs_worker *worker,
						     struct vs_packet *packet,
						     struct vs_port_id to,
						     uint16_t reason)
{
	const struct vs_port *port = snapshot_port(worker->snapshot, to);

	if (reason == VS_REASON_PORT_DOWN && port &&
	    walk_speaks_for(worker, port))
		reason = VS_REASON_NONE;
	if (!reason && port->policed & POLICED_LOOP &&
	    flap_blocks(worker, port))
		reason = VS_REASON_LOOP_BLOCKED;
	if (!reason) {
		outbox_append(worker, packet, port);
		return;
	}
	if (reason == VS_REASON_VSID_ACL) {
		if (lane_is_private(worker->snapshot, packet->view.vsid))
			reason = VS_REASON_PRIVATE_VLAN;
		else
			count_kept_out(worker, to);
	}
	walk_book_drop(worker, packet, reason);
}

static void deliver_port(struct vs_worker *worker, struct vs_packet *packet,
			 struct vs_port_id to)
{
	const struct vs_port *port = snapshot_port(worker->snapshot, to);
	uint16_t reason = judge_port(port, &packet->view);

	if (!reason && !(port->policed & POLICED_LOOP))
		outbox_append(worker, packet, port);
	else
		deliver_rarely(worker, packet, to, reason);
}

static void deliver_copy(struct vs_worker *worker, struct vs_packet *packet,
			 struct vs_port_id to)
{
	uint16_t reason;

	if (to.value != VS_PORT_EXTERNAL) {
		deliver_port(worker, packet, to);
		return;
	}
	reason = judge_external(worker, &packet->view);
	if (reason)
		walk_book_drop(worker, packet, reason);
	else
		worker->run.wire |= UINT64_C(1) << packet->slot;
}

bool port_takes(const struct vs_port *port, const struct vs_view *view)
{
	return judge_port(port, view) == VS_REASON_NONE;
}

static void deliver_set(struct vs_worker *worker, struct vs_packet *packet,
			const struct vs_port_set *set)
{
	unsigned i;

	for (i = 0; i < VS_PORTS_MAXIMUM / 64; i++) {
		uint64_t bits = set->word[i];

		for (; bits; bits &= bits - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(bits);
			struct vs_port_id to = {(uint16_t)(i * 64 + bit)};

			deliver_copy(worker, packet, to);
		}
	}
}

static void deliver_mirrored(struct vs_worker *worker, struct vs_packet *packet)
{
	struct vs_port_set to = {0};

	if (!mirror_received(worker, packet, &to))
		return;
	vs_ledger_replicate(worker->ledger, worker->ledger_index,
			    packet->ledger_row, port_set_count(&to));
	deliver_set(worker, packet, &to);
}

static void deliver(struct vs_worker *worker)
{
	struct vs_packet *packet;

	worker->station = "deliver";
	if (echo_awaited(worker))
		echo_catch(worker);
	WALK_EACH (packet, worker) {
		if (packet->destinations)
			deliver_set(worker, packet, packet->destinations);
		else
			deliver_copy(worker, packet, packet->destination);
		if (worker->snapshot->policed & POLICED_MIRROR_IN)
			deliver_mirrored(worker, packet);
		if (!(worker->run.wire >> packet->slot & 1))
			walk_answer(worker, packet, VS_SENT);
	}
	walk_settle(worker, NULL);
}

static void give_tag(const struct vs_port *port, struct vs_recipe *recipe)
{
	if (port->tags == PORT_TAGS_VLAN)
		lane_give(port, recipe);
	else
		rdmap_give(port, recipe);
}

void outbox_append(struct vs_worker *worker, struct vs_packet *packet,
		   const struct vs_port *port)
{
	struct vs_outbox *outbox = worker->outbox;
	struct vs_outbox_entry *entry;

	if (outbox->count == VS_OUTBOX_SIZE)
		outbox->flush(outbox);
	entry = &outbox->entry[outbox->count++];
	entry->packet = packet;
	entry->link = port->link;
	entry->recipe.frame = vs_packet_frame(packet);
	entry->recipe.slice_offset = 0;
	entry->recipe.slice_size = packet->view.size;
	entry->recipe.offload = packet->view.offload;
	entry->recipe.port = port->id;
	entry->recipe.lead_size = 0;
	entry->recipe.inner = 0;
	entry->recipe.encapsulation = VS_ENCAP_NONE;
	entry->steady = 0;
	if (worker->snapshot->steady)
		entry->steady = steady_leaves(worker, packet, port);
	if (port->tags)
		give_tag(port, &entry->recipe);
	vs_packet_ref(packet);
	walk_book_sent(worker, packet,
		       entry->recipe.lead_size + entry->recipe.slice_size);
	WALK_TRACE(worker, "leaves by %s", port->plan.info.name);
}

/* -- to wire ------------------------------------------------------------------
 */

static void send_raw(struct vs_worker *worker, struct vs_packet *packet,
		     const struct vs_port *uplink)
{
	if (!uplink || !uplink->attached) {
		walk_drop(packet, VS_REASON_NO_UPLINK);
		return;
	}
	outbox_append(worker, packet, uplink);
	if (worker->snapshot->captures) {
		struct vs_wire_frame seen = {
			.struct_size = sizeof(seen),
			.uplink = uplink->id,
			.outbound = true,
			.slice = packet->view.data,
			.slice_size = packet->view.size,
		};

		stack_wire_seen(worker, &seen);
	}
	walk_answer(worker, packet, VS_SENT);
}

/* Pass-through: to the provider side as it is, if it may be seen there. */
static void pass_through(struct vs_worker *worker, struct vs_packet *packet)
{
	if (guard_poses_as_provider(worker->snapshot, packet))
		walk_drop(packet, VS_REASON_PA_SPOOF);
	else
		send_raw(worker, packet, worker->snapshot->uplinks[0]);
}

static void to_wire(struct vs_worker *worker)
{
	struct vs_packet *packet;

	if (!worker->run.burst.live)
		return;
	worker->station = "to wire";
	WALK_EACH (packet, worker) {
		if (!packet->view.vsid.value ||
		    vs_vsid_is_vlan(packet->view.vsid))
			pass_through(worker, packet);
	}
	walk_settle(worker, NULL);
	if (worker->run.burst.live)
		stack_to_wire(worker);
}

/* The translate class's own frames: no walk, the uplink was named. */
static void emit_to_uplink(struct vs_worker *worker)
{
	struct vs_packet *packet;

	worker->station = "to wire";
	WALK_EACH (packet, worker)
		send_raw(worker, packet,
			 snapshot_port(worker->snapshot, packet->destination));
	walk_settle(worker, NULL);
}

/* The port was named: one copy each. */
static void destine(struct vs_worker *worker)
{
	struct vs_packet *packet;

	WALK_EACH (packet, worker)
		walk_count_copies(worker, packet);
}

void pipeline_run(struct vs_worker *worker, uint16_t entry)
{
	if (entry == ENTRY_UPLINK) {
		emit_to_uplink(worker);
		return;
	}
	if (entry == ENTRY_WIRE)
		from_wire(worker);
	if (entry == ENTRY_WIRE || entry == ENTRY_ADMIT)
		admit(worker);
	if (entry != ENTRY_DELIVER) {
		stack_descend(worker,
			      entry > ENTRY_DESCEND
				      ? (uint16_t)(entry - ENTRY_DESCEND)
				      : 0);
		policy_ingress(worker);
		if (worker->flow.changed)
			flow_store(worker);
		forward_decide(worker);
		if (worker->flow.known)
			flow_turn(worker);
	} else {
		destine(worker);
	}
	policy_egress(worker);
	stack_ascend(worker);
	if (worker->flow.changed)
		flow_store(worker);
	deliver(worker);
	to_wire(worker);
}
