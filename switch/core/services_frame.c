// SPDX-License-Identifier: Apache-2.0
/*
 * services_frame.c: frames that extensions make: new ones and copies, which are
 * theirs until they free them or emit them, and where an emitted one begins.
 * Before it: services.c. After it: inject.c.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/services_private.h"

/* A frame of the hook's own, its bytes not written yet. */
static struct vs_packet *make(const struct vs_call *call, uint32_t size,
			      struct vs_vsid vsid)
{
	struct vs_packet *packet;

	if (size > VS_BIG_SIZE - VS_PACKET_HEADROOM)
		return NULL;
	packet = rights_make(hook_of(call), size > VS_SMALL_SIZE);
	if (!packet)
		return NULL;
	packet->view.size = size;
	packet->view.vsid = vsid;
	packet->view.flags = VS_FRAME_INJECTED;
	return packet;
}

struct vs_frame *services_frame_new(const struct vs_call *call, uint32_t size,
				    struct vs_vsid vsid)
{
	struct vs_packet *packet = make(call, size, vsid);

	return packet ? vs_packet_frame(packet) : NULL;
}

void services_frame_free(const struct vs_call *call, struct vs_frame *frame)
{
	if (frame && rights_give_away(hook_of(call), vs_frame_packet(frame)))
		vs_packet_unref(vs_frame_packet(frame));
}

struct vs_frame *services_frame_copy(const struct vs_call *call,
				     const struct vs_frame *frame)
{
	const struct vs_view *view = vs_view(frame);
	struct vs_packet *packet = make(call, view->size, view->vsid);

	if (!packet)
		return NULL;
	memcpy(packet->buffer + VS_PACKET_HEADROOM, view->data, view->size);
	packet->view.offload = view->offload;
	packet->view.port = view->port;
	packet->view.flags |=
		view->flags & (VS_FRAME_FROM_WIRE | VS_FRAME_REFLECTED);
	vs_packet_parse(packet);
	return vs_packet_frame(packet);
}

static bool is_uplink(const struct vs_snapshot *snapshot, struct vs_port_id id)
{
	const struct vs_port *port = snapshot_port(snapshot, id);

	return port && port->uplink;
}

/* An answer to one port: it must be able to have it. */
static int enter_deliver(const struct hook_call *hook, struct vs_packet *packet,
			 struct vs_port_id to, struct vs_port_id from)
{
	struct vs_worker *worker = hook->worker;
	const struct vs_port *port = snapshot_port(worker->snapshot, to);

	if (from.value >= VS_PORTS_MAXIMUM || !port || port->uplink)
		return rights_bad_port(worker);
	rights_note_vsid(worker, port, packet);
	packet->view.port =
		vs_port_equal(from, to) ? (struct vs_port_id){0} : from;
	packet->ledger_row = walk_row(worker, from, packet->view.vsid);
	packet->destination = to;
	return ENTRY_DELIVER;
}

/* Below its maker; as if the port `from` had sent it, or, for a copy, the port
 * that sent the original. */
static int enter_ingress(const struct hook_call *hook, struct vs_packet *packet,
			 struct vs_port_id said)
{
	struct vs_worker *worker = hook->worker;
	struct vs_port_id from = said.value ? said : packet->view.port;
	const struct vs_port *port = snapshot_port(worker->snapshot, from);

	if (from.value && (!port || !(port->uplink ||
				      port_has_vsid(port, packet->view.vsid))))
		return said.value ? rights_bad_port(worker) : -EINVAL;
	packet->view.port = from;
	if (port && port->uplink)
		packet->view.flags |= VS_FRAME_FROM_WIRE;
	packet->ledger_row = walk_row(worker, from, packet->view.vsid);
	return ENTRY_DESCEND + (int)(hook->member - worker->snapshot->member) +
	       1;
}

/* Where an emitted frame begins, and whose it is; or -EINVAL, -EPERM. */
static int emit_entry(const struct hook_call *hook, struct vs_packet *packet,
		      enum vs_emit where, struct vs_port_id to,
		      struct vs_port_id from)
{
	struct vs_worker *worker = hook->worker;
	unsigned right = where == VS_EMIT_INGRESS ? RIGHT_EMIT_INGRESS
			 : where == VS_EMIT_PORT  ? RIGHT_EMIT_PORT
						  : RIGHT_EMIT_WIRE;

	if (!(hook->rights & right))
		return services_refuse_right(hook, "emit");
	switch (where) {
	case VS_EMIT_INGRESS:
		return enter_ingress(hook, packet, from);
	case VS_EMIT_ADMIT:
		packet->ledger_row =
			walk_row(worker, packet->view.port, packet->view.vsid);
		packet->view.flags |= VS_FRAME_FROM_WIRE;
		return ENTRY_ADMIT;
	case VS_EMIT_UPLINK:
		if (!is_uplink(worker->snapshot, to))
			return rights_bad_port(worker);
		packet->ledger_row = walk_row(worker, to, (struct vs_vsid){0});
		packet->destination = to;
		return ENTRY_UPLINK;
	case VS_EMIT_PORT:
		return enter_deliver(hook, packet, to, from);
	}
	return services_refuse_range(hook,
				     "emitted to a place that does not exist");
}

int services_emit(const struct vs_call *call, struct vs_frame *frame,
		  enum vs_emit where, struct vs_port_id to,
		  struct vs_port_id from)
{
	const struct hook_call *hook = hook_of(call);
	struct vs_packet *packet = vs_frame_packet(frame);
	int entry;

	if (!rights_give_away(hook, packet))
		return -EINVAL;
	entry = packet->view.size < VS_ETHERNET_SIZE
			? services_refuse_range(hook,
						"emitted a frame of no header")
			: emit_entry(hook, packet, where, to, from);
	if (entry < 0) {
		vs_packet_unref(packet);
		return entry;
	}
	packet->view.flags |= VS_FRAME_INJECTED;
	vs_packet_parse(packet);
	return inject(hook->worker, packet, (uint16_t)entry);
}
