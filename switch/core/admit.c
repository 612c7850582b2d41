// SPDX-License-Identifier: Apache-2.0
/*
 * admit.c: what no extension and no setting can get around: broken frames,
 * tags, spoofed sources. Parses each frame once. Before: the port that read
 * it, or from_wire; after: stack_descend.
 *
 * A port's own frame is judged by that port; a customer frame from the wire,
 * and what the switch injected, only by what every frame must hold.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/tag.h"
#include "core/team.h"
#include "packet/parse.h"

#define UNTAG_MAXIMUM	 2u
#define SEGMENTS_MAXIMUM 2048u
#define PREFETCHED	 4u

static const uint8_t link_local[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

/* Bytes that a device must carry: the frame, or a segment of it. */
static uint32_t segment_size(const struct vs_view *view)
{
	if (view->offload.gso == VS_GSO_NONE)
		return view->size;
	return (uint32_t)view->offload.header_size + view->offload.gso_size;
}

/*
 * The link writes a partial checksum wherever the sender says; in front of the
 * transport header that would be into addresses that the guards have read.
 */
static bool checksum_is_honest(const struct vs_view *view)
{
	uint32_t start = view->offload.csum_start;

	if (start == VS_ABSENT)
		return true;
	if (view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6))
		return start >= view->l4;
	return view->ether_type != VS_TYPE_ARP &&
	       start >= VS_ETHERNET_SIZE + TAG_SIZE * view->tags;
}

/* Does what came beside the frame fit its bytes? */
static bool offload_is_honest(const struct vs_view *view)
{
	const struct vs_offload *offload = &view->offload;

	if (!checksum_is_honest(view))
		return false;
	if (offload->gso == VS_GSO_NONE)
		return true;
	return parse_fits_gso(view, offload->gso) &&
	       (offload->csum_start == view->l4 ||
		offload->csum_start == VS_ABSENT) &&
	       view->size - view->payload <=
		       SEGMENTS_MAXIMUM * offload->gso_size;
}

/* The priority tag (VID 0) is no VLAN: it goes. */
static void untag(struct vs_packet *packet)
{
	tag_take_off(packet);
	vs_packet_parse(packet);
}

/* Off the wire a priority is the network's, from a VM it is the VM's wish
 * (hnv.md C8.5): the outer tag's goes unless the port keeps it. */
static void reset_priority(struct vs_worker *worker, struct vs_packet *packet)
{
	const struct vs_port *port = walk_source(worker, packet);
	uint8_t *tag;

	if (!port || port->uplink || port->policed & POLICED_PRIORITY ||
	    packet->view.flags & VS_FRAME_INJECTED ||
	    !(packet->view.vlan & TAG_PRIORITY))
		return;
	tag = vs_frame_edit(vs_packet_frame(packet), VS_ETHERNET_SIZE, 2);
	if (!tag) /* cut behind its type */
		return;
	tag[0] &= (uint8_t) ~(TAG_PRIORITY >> 8);
	vs_packet_parse(packet);
}

static bool has_priority_tag(const struct vs_view *view)
{
	return view->tags && !(view->vlan & TAG_VID) &&
	       view->size >= 12 + TAG_SIZE &&
	       vs_load16(view->data + 12) == VS_TYPE_VLAN;
}

/* Where a VSID or a VLAN says whose a frame is, a tag that is left over says
 * nothing, and might be read as another VLAN outside (lane.h). */
static bool tags_are_bytes(const struct vs_worker *worker,
			   const struct vs_view *view)
{
	return !view->vsid.value && !worker->snapshot->vlans;
}

/* What holds for every frame, whoever sent it. */
static uint16_t judge_frame(const struct vs_worker *worker,
			    const struct vs_view *view)
{
	const uint8_t *source = view->data + 6;
	uint32_t low;
	uint16_t high;

	if (view->size < VS_ETHERNET_SIZE)
		return VS_REASON_RUNT;
	if (view->flags & (VS_FRAME_BAD_IP | VS_FRAME_MAPPED_V6))
		return VS_REASON_BAD_IP;
	memcpy(&low, source, sizeof(low));
	memcpy(&high, source + 4, sizeof(high));
	if (source[0] & 1 || !(low | high))
		return VS_REASON_SOURCE_GROUP;
	if (view->data[0] & 1 && memcmp(view->data, link_local, 5) == 0 &&
	    view->data[5] < 0x10 &&
	    (view->vsid.value || view->flags & VS_FRAME_FROM_WIRE))
		return VS_REASON_LINK_LOCAL_MCAST;
	if (view->tags && !tags_are_bytes(worker, view))
		return VS_REASON_VLAN_NOT_ALLOWED;
	/* a merged tunnel that only passes is the provider network's */
	if (!offload_is_honest(view) &&
	    (view->vsid.value || !(view->flags & VS_FRAME_FROM_WIRE)))
		return VS_REASON_BAD_OFFLOAD;
	return VS_REASON_NONE;
}

/* The MAC belongs to another port, or to another host, by policy. */
static bool pinned_elsewhere(struct vs_worker *worker,
			     const struct vs_view *view)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	const struct vs_stack_member *translate = snapshot->translate;
	struct vs_port_id owner = snapshot_mac(
		snapshot, lane_key(snapshot, view->vsid), view->data + 6);
	struct vs_mac mac;

	if (owner.value)
		return !vs_port_equal(owner, view->port);
	if (view->flags & VS_FRAME_FROM_WIRE || !translate ||
	    !translate->ext->translate->is_remote)
		return false;
	memcpy(mac.octet, view->data + 6, sizeof(mac.octet));
	return translate->ext->translate->is_remote(translate->state,
						    view->vsid, &mac);
}

/* One of several VMs' in turn, which policy lets the port have. */
static bool may_wander_here(const struct vs_port *port,
			    const struct vs_view *view)
{
	const struct vs_wandering_macs *macs = &port->plan.wandering;

	for (uint16_t i = 0; i < macs->count; i++)
		if (memcmp(view->data + 6, macs->list[i].octet, 6) == 0)
			return true;
	return false;
}

static bool is_teams(struct vs_worker *worker, const struct vs_port *port,
		     const struct vs_view *view)
{
	return port->policed & POLICED_TEAM && team_shares(worker, port, view);
}

/* A frame that a VM or the wire sent, against its port. */
static uint16_t judge_source(struct vs_worker *worker,
			     const struct vs_port *port,
			     const struct vs_packet *packet)
{
	const struct vs_view *view = &packet->view;

	/* stamped with what is its own */
	if (!port->uplink && !port_has_vsid(port, view->vsid) &&
	    !lane_is_secondary(&port->plan.lane, view->vsid))
		return VS_REASON_VSID_ACL;
	if (port->oversize &&
	    segment_size(view) > port->oversize + TAG_SIZE * view->tags)
		return VS_REASON_OVERSIZE;
	if (!port->uplink && port->mac_guard) {
		if (memcmp(view->data + 6, port->mac.octet, 6) != 0 &&
		    !(port->wanders && may_wander_here(port, view)) &&
		    !is_teams(worker, port, view))
			return VS_REASON_MAC_SPOOF;
	} else if (pinned_elsewhere(worker, view) &&
		   !is_teams(worker, port, view)) {
		return VS_REASON_MAC_PINNED;
	}
	if (!port->uplink && port->ca_guard && view->vsid.value &&
	    !vs_vsid_is_vlan(view->vsid))
		return guard_judge(worker, packet);
	return VS_REASON_NONE;
}

static void admit_one(struct vs_worker *worker, struct vs_packet *packet)
{
	const struct vs_view *view = &packet->view;
	const struct vs_port *port;
	unsigned i = UNTAG_MAXIMUM;
	uint16_t reason;

	if (view->size >= VS_ETHERNET_SIZE) {
		vs_packet_parse(packet);
		while (view->tags && !tags_are_bytes(worker, view) &&
		       has_priority_tag(view) && i--)
			untag(packet);
		if (view->tags)
			reset_priority(worker, packet);
	}
	if (worker->tracer)
		walk_trace_packet(worker, packet);
	reason = judge_frame(worker, view);
	if (!reason && !(view->flags & VS_FRAME_INJECTED)) {
		port = walk_source(worker, packet);
		reason = judge_source(worker, port, packet);
		if (reason)
			mismatch_note(worker, packet, reason);
	}
	if (reason)
		walk_drop(packet, reason);
}

void admit(struct vs_worker *worker)
{
	struct vs_burst *burst = &worker->run.burst;
	struct vs_packet *packet;
	unsigned i;

	worker->station = "admit";
	for (i = 0; i < PREFETCHED && i < burst->count; i++)
		__builtin_prefetch(run_packet(worker, i)->view.data);
	WALK_EACH (packet, worker) {
		unsigned ahead = packet->slot + PREFETCHED;

		if (ahead < burst->count)
			__builtin_prefetch(
				run_packet(worker, ahead)->view.data);
		admit_one(worker, packet);
	}
	walk_settle(worker, NULL);
	worker->walk.edited = 0; /* all were parsed */
}
