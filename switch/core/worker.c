// SPDX-License-Identifier: Apache-2.0
/*
 * worker.c: the packet path's door: enter, a port's packets, ticks, the
 * probe's trace. Decides only whether the port may speak at all. Before:
 * io/pump.c; after: pipeline.c.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/flow_table.h"
#include "core/pipeline.h"
#include "core/rdmap.h"
#include "core/rights.h"
#include "core/walk_echo.h"
#include "core/worker_state.h"

#define PROBE_SMALL 64u
#define PROBE_BIG   4u

struct vs_worker *worker_create(struct vs_switch *sw, uint16_t index,
				uint64_t seed)
{
	bool probe = index == sw->params.workers;
	bool cached = !probe && !sw->params.uncached;
	struct vs_pool_params buffers = {
		.small_count = probe ? PROBE_SMALL : sw->params.small_buffers,
		.big_count = probe ? PROBE_BIG : sw->params.big_buffers,
	};
	struct vs_worker *worker = aligned_alloc(64, sizeof(*worker));
	uint32_t i;

	if (!worker)
		return NULL;
	memset(worker, 0, sizeof(*worker));
	worker->pool = vs_pool_create(&buffers);
	if (cached)
		worker->flow.table = flow_table_create(VS_GROUPS, seed);
	if (!worker->pool || (cached && !worker->flow.table)) {
		flow_table_destroy(worker->flow.table);
		vs_pool_destroy(worker->pool);
		free(worker);
		return NULL;
	}
	worker->walk.ops = walk_ops();
	worker->walk.burst = &worker->run.burst;
	worker->sw = sw;
	worker->index = index;
	worker->probe = probe;
	worker->ledger = probe ? sw->probe_ledger : sw->ledger;
	worker->ledger_index = probe ? 0 : index;
	worker->random = seed;
	for (i = 0; i < VS_PORTS_MAXIMUM; i++)
		worker->rows[i].row = UINT32_MAX;
	hold_init(&worker->holds, worker->pool);
	mailbox_init(&worker->inbox);
	return worker;
}

void worker_destroy(struct vs_worker *worker)
{
	if (!worker)
		return;
	while (worker->queue.head) {
		struct vs_packet *packet = worker->queue.head;

		worker->queue.head = packet->next;
		vs_packet_unref(packet);
	}
	hold_drop_all(worker);
	worker->snapshot = NULL;
	rights_reclaim(worker);
	vs_pool_destroy(worker->pool);
	flow_table_destroy(worker->flow.table);
	free(worker);
}

/* Is the packet booked under a port that is not there any more? */
static bool port_left(const struct vs_worker *worker,
		      const struct vs_packet *packet)
{
	struct vs_port_id port = vs_ledger_port(
		worker->ledger, worker->ledger_index, packet->ledger_row);

	return port.value > VS_PORT_EXTERNAL &&
	       !snapshot_port(worker->snapshot, port);
}

static bool has_packet_of_left(const struct vs_worker *worker)
{
	const struct vs_packet *packet;
	uint32_t cursor = 0;

	for (packet = worker->queue.head; packet; packet = packet->next)
		if (port_left(worker, packet))
			return true;
	while ((packet = hold_next(worker, &cursor)))
		if (port_left(worker, packet))
			return true;
	return false;
}

/* Let go of what is kept for ports that are not in the entered snapshot; what
 * still walks for them is waited for. */
static void settle(struct vs_worker *worker)
{
	uint32_t i;

	for (i = VS_PORT_EXTERNAL + 1; i < VS_PORTS_MAXIMUM; i++) {
		if (worker->snapshot->port[i])
			continue;
		worker->rows[i].row = UINT32_MAX;
		atomic_store_explicit(&worker->kept_out[i], 0,
				      memory_order_relaxed);
	}
	if (!has_packet_of_left(worker))
		atomic_store_explicit(&worker->settled, worker->generation,
				      memory_order_release);
}

void vs_worker_enter(struct vs_worker *worker)
{
	worker->snapshot = vs_epoch_enter(&worker->sw->epoch, worker->index);
	if (!worker->snapshot)
		return;
	if (worker->snapshot->generation != worker->generation) {
		worker->generation = worker->snapshot->generation;
		resume_follow(worker);
		flow_enter(worker);
		hold_let_go(worker);
		rights_reclaim(worker);
	}
	if (atomic_load_explicit(&worker->settled, memory_order_relaxed) !=
	    worker->generation)
		settle(worker);
}

void vs_worker_park(struct vs_worker *worker)
{
	worker->snapshot = NULL;
	vs_epoch_park(&worker->sw->epoch, worker->index);
}

void vs_worker_pin(struct vs_worker *worker)
{
	vs_epoch_pin(&worker->sw->epoch, worker->index, worker->snapshot);
}

void vs_worker_unpin(struct vs_worker *worker)
{
	vs_epoch_pin(&worker->sw->epoch, worker->index, NULL);
}

uint64_t vs_worker_generation(const struct vs_worker *worker)
{
	return worker->generation;
}

struct vs_pool *vs_worker_pool(struct vs_worker *worker)
{
	return worker->pool;
}

uint16_t vs_worker_index(const struct vs_worker *worker)
{
	return worker->index;
}

void vs_worker_stats(const struct vs_worker *worker,
		     struct vs_worker_stats *stats)
{
	*stats = (struct vs_worker_stats){
		.mailbox_full = mailbox_refused(&worker->inbox),
		.no_buffer = vs_pool_empty(worker->pool),
	};
}

uint16_t vs_worker_ports(const struct vs_worker *worker,
			 const struct vs_port_plan **plans, uint16_t room)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	uint16_t count = 0;
	uint32_t i;

	for (i = 0; snapshot && i < VS_PORTS_MAXIMUM; i++) {
		const struct vs_port *port = snapshot->port[i];

		if (!port || port->plan.worker != worker->index)
			continue;
		if (count < room)
			plans[count] = &port->plan;
		count++;
	}
	return count;
}

/* A tag that the kernel took out goes back into the bytes: one form only. */
static void restore_tag(struct vs_packet *packet)
{
	struct vs_view *view = &packet->view;
	uint16_t tci = view->vlan;
	uint8_t *bytes;

	view->tags = 0;
	view->vlan = VS_ABSENT;
	if (tci == VS_ABSENT || view->size < VS_ETHERNET_SIZE)
		return;
	if (vs_frame_push(vs_packet_frame(packet), 4) < 0) {
		view->size = 0; /* a runt: it must not pass untagged */
		return;
	}
	bytes = vs_frame_edit(vs_packet_frame(packet), 0, 16);
	memmove(bytes, bytes + 4, 12);
	vs_store16(bytes + 12, VS_TYPE_VLAN);
	vs_store16(bytes + 14, tci);
}

/* Why the port may not speak now; 0 = it may. */
static uint16_t judge_input(const struct vs_worker *worker,
			    const struct vs_port *port)
{
	if (!port || (!port->link && !walk_speaks_for(worker, port)))
		return VS_REASON_PORT_DOWN;
	if (port->waits)
		return VS_REASON_PORT_WAITS;
	if (port->policed & POLICED_LOOP && flap_blocks(worker, port))
		return VS_REASON_LOOP_BLOCKED;
	return port->monitor ? VS_REASON_VSID_ACL : VS_REASON_NONE;
}

/* A port's burst has one source and one VSID: one row. */
static void receive(struct vs_worker *worker, struct vs_port_id id,
		    struct vs_vsid vsid)
{
	uint32_t row = walk_row(worker, id, vsid);
	struct vs_packet *packet;
	uint64_t bytes = 0;

	WALK_EACH (packet, worker) {
		packet->ledger_row = row;
		bytes += packet->view.size;
	}
	vs_ledger_receive(worker->ledger, worker->ledger_index, row,
			  worker->run.burst.count, bytes);
}

/* On a multi-tenant port, and where there are VLANs, each frame says whose it
 * is; it is booked as it came. */
static void receive_tagged(struct vs_worker *worker, const struct vs_port *port)
{
	struct vs_packet *packet;

	worker->station = "input";
	WALK_EACH (packet, worker) {
		uint32_t size = packet->view.size;
		uint16_t reason = port->tags == PORT_TAGS_VLAN
					  ? lane_take(port, packet)
					  : rdmap_take(port, packet);
		struct vs_vsid vsid = packet->view.vsid;

		if (reason) {
			vsid.value = VS_LEDGER_NONE;
			walk_drop(packet, reason);
		} else {
			lane_trace(worker, port, vsid);
		}
		packet->ledger_row = walk_row(worker, port->id, vsid);
		vs_ledger_receive(worker->ledger, worker->ledger_index,
				  packet->ledger_row, 1, size);
	}
	walk_settle(worker, NULL);
}

static void stamp(struct vs_worker *worker, struct vs_port_id id,
		  const struct vs_port *port, struct vs_packet *packet)
{
	struct vs_view *view = &packet->view;

	view->port = id;
	view->vsid.value = port ? port->vsid.value : 0;
	view->priority = 0;
	view->flags = port && port->uplink ? VS_FRAME_FROM_WIRE : 0;
	if (view->tags)
		restore_tag(packet);
	packet->destinations = NULL;
	packet->destination.value = 0;
	pipeline_load(worker, packet);
}

static void input_burst(struct vs_worker *worker, struct vs_port_id id,
			struct vs_packet *const packets[], uint16_t count)
{
	const struct vs_port *port =
		worker->snapshot ? snapshot_port(worker->snapshot, id) : NULL;
	uint16_t refused = judge_input(worker, port);
	struct vs_packet *packet;
	uint16_t i;

	pipeline_begin(worker);
	for (i = 0; i < count; i++)
		stamp(worker, id, port, packets[i]);
	if (port && port->tags && !port->uplink)
		receive_tagged(worker, port);
	else if (refused || !port->uplink)
		receive(worker, id, port ? port->vsid : (struct vs_vsid){0});
	if (!refused) {
		pipeline_run(worker, port->uplink ? ENTRY_WIRE : ENTRY_ADMIT);
		return;
	}
	worker->station = "input";
	WALK_EACH (packet, worker)
		walk_drop(packet, refused);
	walk_settle(worker, NULL);
}

void vs_worker_input(struct vs_worker *worker, const struct vs_input *input,
		     struct vs_outbox *outbox)
{
	uint16_t done = 0;

	assert(input->port.value < VS_PORTS_MAXIMUM);
	worker->now = input->now;
	worker->outbox = outbox;
	while (done < input->count) {
		uint16_t some = (uint16_t)(input->count - done);

		if (some > VS_BURST_FRAMES)
			some = VS_BURST_FRAMES;
		input_burst(worker, input->port, input->packets + done, some);
		done = (uint16_t)(done + some);
	}
	if (worker->queue.head && worker->snapshot)
		inject_run(worker);
	walk_book_gathered(worker);
}

void vs_worker_tick(struct vs_worker *worker, uint64_t now,
		    struct vs_outbox *outbox)
{
	struct mail mail;

	worker->now = now;
	worker->outbox = outbox;
	if (!worker->snapshot)
		return;
	while (mailbox_take(&worker->inbox, &mail)) {
		if (mail.kind == MAIL_ECHO)
			echo_send(worker, &mail);
		else
			stack_noted(worker, &mail);
	}
	stack_tick(worker);
	hold_expire(worker);
	inject_run(worker);
	walk_book_gathered(worker);
}

uint64_t vs_worker_deadline(const struct vs_worker *worker)
{
	uint64_t ticks, holds;

	if (worker->queue.head || !mailbox_empty(&worker->inbox))
		return 0;
	ticks = stack_deadline(worker);
	holds = hold_deadline(worker);
	return ticks < holds ? ticks : holds;
}

void vs_worker_trace(struct vs_worker *probe, const struct vs_input *input,
		     struct vs_outbox *outbox, struct vs_tracer *tracer)
{
	assert(probe->probe);
	vs_worker_enter(probe);
	probe->tracer = tracer;
	vs_worker_input(probe, input, outbox);
	while (probe->queue.head) {
		struct vs_packet *rest = probe->queue.head;

		probe->queue.head = rest->next;
		vs_packet_unref(rest);
	}
	probe->queue = (struct walk_queue){0};
	probe->tracer = NULL;
	vs_worker_park(probe);
}

void vs_worker_book(struct vs_worker *worker, const struct vs_steady *went,
		    struct vs_link *links[2])
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	uint32_t row = walk_row(worker, went->from, went->vsid);
	const struct vs_port *port;

	links[0] = links[1] = NULL;
	walk_book_gathered(worker);
	vs_ledger_receive(worker->ledger, worker->ledger_index, row,
			  (uint32_t)went->frames, went->bytes);
	vs_ledger_send(worker->ledger, worker->ledger_index, row,
		       (uint32_t)went->frames, went->bytes);
	if (!snapshot)
		return;
	port = snapshot_port(snapshot, went->from);
	links[0] = port ? port->link : NULL;
	port = snapshot_port(snapshot, went->to);
	links[1] = port ? port->link : NULL;
}
