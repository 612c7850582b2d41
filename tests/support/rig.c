// SPDX-License-Identifier: Apache-2.0
/*
 * rig.c: fake wires. Everything is the caller's thread; workers are entered
 * and parked around each call.
 */
#include "tests/support/rig.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

static struct rig *rig_of(struct vs_switch_owner *owner)
{
	return (struct rig *)(void *)((char *)owner -
				      offsetof(struct rig, owner));
}

struct rig_frame *rig_frame_new(struct rig *rig)
{
	if (rig->sent_count < RIG_FRAMES)
		return &rig->sent[rig->sent_count++];
	rig->lost++;
	return NULL;
}

static void keep(struct rig *rig, const struct vs_outbox_entry *entry)
{
	const struct vs_recipe *recipe = &entry->recipe;
	uint32_t size = recipe->slice_size;
	struct rig_frame *frame = rig_frame_new(rig);

	if (!frame)
		return;
	frame->port = recipe->port;
	frame->link = entry->link != NULL;
	frame->size = recipe->lead_size + recipe->slice_size;
	frame->lead_size = recipe->lead_size;
	memcpy(frame->bytes, recipe->lead, recipe->lead_size);
	if (size > RIG_BYTES - recipe->lead_size)
		size = RIG_BYTES - recipe->lead_size;
	memcpy(frame->bytes + recipe->lead_size,
	       vs_view(recipe->frame)->data + recipe->slice_offset, size);
}

static void flush(struct vs_outbox *outbox)
{
	struct rig *rig = (struct rig *)(void *)outbox;
	uint16_t i;

	for (i = 0; i < outbox->count && !rig->drop_sent; i++)
		if (rig->taker)
			rig->taker(rig, &outbox->entry[i]);
		else
			keep(rig, &outbox->entry[i]);
	vs_outbox_clear(outbox);
}

static void event(struct vs_switch_owner *owner, struct vs_switch *sw,
		  const char *source, const char *name, const char *text)
{
	struct rig *rig = rig_of(owner);
	struct rig_event *at = &rig->event[rig->event_count % RIG_EVENTS];

	(void)sw;
	rig->event_count++;
	snprintf(at->source, sizeof(at->source), "%s", source);
	snprintf(at->name, sizeof(at->name), "%s", name);
	snprintf(at->text, sizeof(at->text), "%s", text);
}

static void wake(struct vs_switch_owner *owner, struct vs_switch *sw,
		 uint16_t worker)
{
	(void)sw;
	(void)worker;
	rig_of(owner)->wakes++;
}

static void reconfigure(struct vs_switch_owner *owner, struct vs_switch *sw)
{
	(void)sw;
	rig_of(owner)->reconfigure = true;
}

static void link_retired(struct vs_switch_owner *owner, struct vs_link *link)
{
	(void)owner;
	link->retired++;
}

struct rig *rig_open(const struct vs_switch_params *params)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct vs_switch_params own = {.name = "rig",
				       .workers = 1,
				       .seed = 7,
				       .small_buffers = 256,
				       .big_buffers = 4};
	struct vs_error error;

	if (!rig)
		abort();
	rig->sent = calloc(RIG_FRAMES, sizeof(*rig->sent));
	rig->owner = (struct vs_switch_owner){.event = event,
					      .wake = wake,
					      .reconfigure = reconfigure,
					      .link_retired = link_retired};
	rig->outbox.flush = flush;
	rig->now = 1000000000;
	if (!rig->sent || vs_switch_create(&rig->sw, params ? params : &own,
					   &rig->owner, &error) < 0)
		abort();
	return rig;
}

void rig_close(struct rig *rig)
{
	rig_flush(rig);
	vs_switch_destroy(rig->sw);
	free(rig->sent);
	free(rig);
}

static struct vs_port_plan *plan_new(struct rig *rig, const char *name,
				     uint16_t id)
{
	struct vs_port_plan *plan;

	assert(rig->port_count < RIG_PORTS);
	plan = &rig->plan[rig->port_count++];
	*plan = (struct vs_port_plan){
		.info = {.struct_size = sizeof(plan->info),
			 .id = {id},
			 .mtu = 1500,
			 .up = true,
			 .mac = {{2, 0, 0, 0, (uint8_t)(id >> 8), (uint8_t)id}},
			 .if_index = id},
		.link = &rig->link[id],
		.mac_guard = true,
		.ca_guard = true,
		.vsid_count = 1,
	};
	rig->link[id].port.value = id;
	snprintf(plan->info.name, sizeof(plan->info.name), "%s", name);
	return plan;
}

struct vs_port_plan *rig_port(struct rig *rig, const char *name, uint16_t id,
			      uint32_t vsid)
{
	struct vs_port_plan *plan = plan_new(rig, name, id);

	plan->vsids[0].value = vsid;
	return plan;
}

struct vs_port_plan *rig_uplink(struct rig *rig, const char *name, uint16_t id)
{
	struct vs_port_plan *plan = plan_new(rig, name, id);

	plan->info.kind = VS_PORT_UPLINK;
	plan->mac_guard = false;
	plan->ca_guard = false;
	return plan;
}

struct vs_attachment *rig_attach(struct rig *rig,
				 const struct vs_extension *ext)
{
	struct vs_error error = {0};
	uint16_t at = rig->stack_count++;

	assert(at < RIG_STACK);
	if (vs_switch_attach(rig->sw, ext, &rig->stack[at], &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		abort();
	}
	rig->state[at] = vs_attachment_configure(rig->stack[at], NULL, &error);
	return rig->stack[at];
}

int rig_build(struct rig *rig, struct vs_snapshot **snapshot,
	      struct vs_error *error)
{
	struct vs_snapshot *made = vs_snapshot_begin(rig->sw);
	int code = 0;
	uint16_t i;

	for (i = 0; !code && i < rig->port_count; i++) {
		code = vs_snapshot_add_port(made, &rig->plan[i], error);
		if (code)
			break;
		rig->plan[i].acl = NULL;
		rig->plan[i].xacl = NULL;
	}
	for (i = 0; !code && i < rig->stack_count; i++)
		code = vs_snapshot_add_extension(made, rig->stack[i],
						 rig->state[i], error);
	if (code < 0)
		vs_snapshot_discard(made);
	else
		*snapshot = made;
	return code;
}

void rig_publish(struct rig *rig)
{
	struct vs_error error = {0};
	struct vs_snapshot *snapshot;

	if (rig_build(rig, &snapshot, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.path, error.text);
		abort();
	}
	vs_switch_publish(rig->sw, snapshot);
}

static struct vs_worker *worker_of(struct rig *rig, uint16_t port)
{
	uint16_t i;

	for (i = 0; i < rig->port_count; i++)
		if (rig->plan[i].info.id.value == port)
			return vs_switch_worker(rig->sw, rig->plan[i].worker);
	return vs_switch_worker(rig->sw, 0);
}

struct vs_packet *rig_packet(struct rig *rig, uint16_t port,
			     const uint8_t *bytes, uint32_t size)
{
	struct vs_packet *packet = vs_pool_take(
		vs_worker_pool(worker_of(rig, port)), size > VS_SMALL_SIZE);

	assert(packet);
	memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, size);
	packet->view.size = size;
	return packet;
}

void rig_flush(struct rig *rig)
{
	rig->outbox.flush(&rig->outbox);
}

void rig_burst(struct rig *rig, uint16_t port, struct vs_packet *packets[],
	       uint16_t count)
{
	struct vs_worker *worker = worker_of(rig, port);
	struct vs_input input = {.port = {port},
				 .count = count,
				 .packets = packets,
				 .now = rig->now};

	vs_worker_enter(worker);
	vs_worker_input(worker, &input, &rig->outbox);
	rig_flush(rig);
	vs_worker_park(worker);
}

void rig_walk(struct rig *rig, uint16_t port, struct vs_packet *packet)
{
	rig_burst(rig, port, &packet, 1);
}

void rig_input(struct rig *rig, uint16_t port, const uint8_t *bytes,
	       uint32_t size)
{
	rig_walk(rig, port, rig_packet(rig, port, bytes, size));
}

void rig_tick(struct rig *rig)
{
	uint16_t i;

	for (i = 0; i < vs_switch_workers(rig->sw); i++) {
		struct vs_worker *worker = vs_switch_worker(rig->sw, i);

		vs_worker_enter(worker);
		vs_worker_tick(worker, rig->now, &rig->outbox);
		rig_flush(rig);
		vs_worker_park(worker);
	}
	vs_switch_poll(rig->sw, rig->now);
}

void rig_advance(struct rig *rig, uint64_t ns)
{
	rig->now += ns;
	rig_tick(rig);
}

void rig_forget(struct rig *rig)
{
	rig->sent_count = 0;
	rig->lost = 0;
}

uint64_t rig_dropped_of(const struct rig *rig, uint16_t port, uint16_t reason)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;
	uint64_t sum = 0;

	while (vs_ledger_next(vs_switch_ledger(rig->sw), &cursor, &row))
		if (port == UINT16_MAX || row.port.value == port)
			sum += row.dropped[reason];
	return sum;
}

uint64_t rig_dropped(const struct rig *rig, uint16_t reason)
{
	return rig_dropped_of(rig, UINT16_MAX, reason);
}

struct vs_ledger_row rig_total(const struct rig *rig)
{
	return vs_ledger_total(vs_switch_ledger(rig->sw));
}

int64_t rig_balance(const struct rig *rig)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;

	while (vs_ledger_next(vs_switch_ledger(rig->sw), &cursor, &row))
		if (vs_ledger_balance(&row))
			return vs_ledger_balance(&row);
	return 0;
}

uint32_t rig_buffers_used(const struct rig *rig)
{
	uint32_t used = 0;
	uint16_t i;

	for (i = 0; i <= vs_switch_workers(rig->sw); i++) {
		struct vs_pool_stats stats;

		vs_pool_stats(vs_worker_pool(vs_switch_worker(rig->sw, i)),
			      &stats);
		used += stats.small_count - stats.small_free + stats.big_count -
			stats.big_free;
	}
	return used;
}

uint32_t rig_udp(uint8_t *bytes, uint32_t size, uint8_t from, uint8_t to)
{
	uint8_t *ip = bytes + 14, *udp = ip + 20;

	memset(bytes, 0, size);
	bytes[0] = 2;
	bytes[5] = to;
	bytes[6] = 2;
	bytes[11] = from;
	vs_store16(bytes + 12, VS_TYPE_IPV4);
	ip[0] = 0x45;
	vs_store16(ip + 2, (uint16_t)(size - 14));
	ip[8] = 64;
	ip[9] = VS_IP_UDP;
	vs_store32(ip + 12, 0x0a000000u + from);
	vs_store32(ip + 16, 0x0a000000u + to);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, 20)));
	vs_store16(udp, 1000);
	vs_store16(udp + 2, 2000);
	vs_store16(udp + 4, (uint16_t)(size - 34));
	return size;
}
