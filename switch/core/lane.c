// SPDX-License-Identifier: Apache-2.0
/*
 * lane.c: VLANs: which lanes a port has, tags to lanes and back. See lane.h.
 */
#include "core/lane.h"

#include <errno.h>
#include <stdlib.h>

#include <vswitch/wire.h>

#include "core/reason.h"
#include "core/tag.h"
#include "core/walk.h"

#define VLANS	(VS_LANE_WORDS * 64)
#define NOBODYS (VLANS - 1) /* VLAN 4095 is on no wire (802.1Q) */

/* -- plans ------------------------------------------------------------------
 */

uint16_t lane_vsids(const struct vs_lane_plan *lane, struct vs_vsid *vsids)
{
	uint16_t vlan = lane->vlan, count = 0;

	if (lane->mode == VS_LANE_TRUNK && !lane->untagged)
		vlan = NOBODYS;
	vsids[count++] = vs_vsid_of_vlan(vlan);
	if (lane->mode == VS_LANE_COMMUNITY)
		vsids[count++] = vs_vsid_of_vlan(lane->secondary);
	if (lane->mode != VS_LANE_PROMISCUOUS)
		return count;
	for (vlan = 1; vlan <= VS_VLAN_MAXIMUM; vlan++)
		if (lane_set_has(lane->set, vlan) && count < VS_PORT_VSIDS)
			vsids[count++] = vs_vsid_of_vlan(vlan);
	return count;
}

bool lane_next(const struct vs_port_plan *plan, uint32_t *cursor,
	       struct vs_vsid *vsid)
{
	uint32_t at;

	for (at = *cursor; at < plan->vsid_count; at++) {
		if (vs_vsid_vlan(plan->vsids[at]) == NOBODYS)
			continue;
		*vsid = plan->vsids[at];
		*cursor = at + 1;
		return true;
	}
	if (plan->lane.mode != VS_LANE_TRUNK)
		return false;
	for (at = at - plan->vsid_count + 1; at <= VS_VLAN_MAXIMUM; at++) {
		if (!lane_set_has(plan->lane.set, (uint16_t)at))
			continue;
		*vsid = vs_vsid_of_vlan((uint16_t)at);
		*cursor = at + plan->vsid_count;
		return true;
	}
	return false;
}

/* -- snapshots --------------------------------------------------------------
 */

static int make_primaries(struct vs_snapshot *snapshot)
{
	if (!snapshot->primary)
		snapshot->primary = calloc(VLANS, sizeof(*snapshot->primary));
	return snapshot->primary ? 0 : -ENOMEM;
}

int lane_join(struct vs_snapshot *snapshot, const struct vs_port *port)
{
	const struct vs_lane_plan *lane = &port->plan.lane;
	uint16_t vlan;

	if (lane->mode == VS_LANE_NONE || port->monitor)
		return 0;
	snapshot->vlans = true;
	if (lane->mode < VS_LANE_ISOLATED)
		return 0;
	if (make_primaries(snapshot) < 0)
		return -ENOMEM;
	snapshot->primary[lane->vlan] = lane->vlan;
	if (lane->mode != VS_LANE_PROMISCUOUS) {
		snapshot->primary[lane->secondary] = lane->vlan;
		return 0;
	}
	for (vlan = 1; vlan <= VS_VLAN_MAXIMUM; vlan++)
		if (lane_set_has(lane->set, vlan))
			snapshot->primary[vlan] = lane->vlan;
	return 0;
}

bool lane_is_private(const struct vs_snapshot *snapshot, struct vs_vsid vsid)
{
	return snapshot->primary && vs_vsid_is_vlan(vsid) &&
	       snapshot->primary[vs_vsid_vlan(vsid)];
}

/* -- the walk ---------------------------------------------------------------
 */

static uint16_t lane_set(struct vs_packet *packet, struct vs_vsid vsid,
			 uint16_t tci, enum tag_found found)
{
	packet->view.vsid = vsid;
	packet->view.priority = (uint8_t)(tci >> TAG_PRIORITY0);
	if (found == TAG_VLAN)
		tag_take_off(packet);
	return VS_REASON_NONE;
}

/* The lane that a private port speaks in is not the first of those it gets. */
static struct vs_vsid own_lane(const struct vs_lane_plan *lane)
{
	bool secondary = lane->mode == VS_LANE_ISOLATED ||
			 lane->mode == VS_LANE_COMMUNITY;

	return vs_vsid_of_vlan(secondary ? lane->secondary : lane->vlan);
}

uint16_t lane_take(const struct vs_port *port, struct vs_packet *packet)
{
	const struct vs_lane_plan *lane = &port->plan.lane;
	struct vs_view *view = &packet->view;
	uint16_t tci, vlan;
	enum tag_found found = tag_find(view, &tci);
	bool trunk = lane->mode == VS_LANE_TRUNK;

	view->vsid.value = 0;
	if (view->size < VS_ETHERNET_SIZE)
		return VS_REASON_RUNT;
	if (found == TAG_OTHER)
		return VS_REASON_VLAN_NOT_ALLOWED;
	vlan = tci & TAG_VID;
	if (!(port->policed & POLICED_PRIORITY))
		tci = vlan;
	if (vlan && (!trunk || !lane_set_has(lane->set, vlan)))
		return VS_REASON_VLAN_NOT_ALLOWED;
	if (vlan)
		return lane_set(packet, vs_vsid_of_vlan(vlan), tci, found);
	if (trunk && !lane->untagged)
		return VS_REASON_UNTAGGED;
	return lane_set(packet, own_lane(lane), tci, found);
}

/* A native VLAN is sent without its tag. */
static bool needs_tag(const struct vs_port *port, uint16_t vlan)
{
	const struct vs_lane_plan *lane = &port->plan.lane;

	if (port->uplink)
		return true;
	return lane->mode == VS_LANE_TRUNK &&
	       !(lane->untagged && lane->vlan == vlan);
}

void lane_give(const struct vs_port *port, struct vs_recipe *recipe)
{
	const struct vs_view *view = vs_view(recipe->frame);
	uint16_t vlan = vs_vsid_vlan(view->vsid);

	if (vlan && needs_tag(port, vlan))
		tag_put_on(recipe,
			   (uint16_t)(vlan | view->priority << TAG_PRIORITY0));
}

void lane_from_wire(struct vs_worker *worker)
{
	struct vs_packet *packet;

	WALK_EACH (packet, worker) {
		struct vs_view *view = &packet->view;
		uint16_t tci;

		/* what keeps its tag here is dropped for it at admit */
		if (view->vsid.value ||
		    worker->walk.answered >> packet->slot & 1 ||
		    tag_find(view, &tci) != TAG_VLAN ||
		    (tci & TAG_VID) == NOBODYS)
			continue;
		lane_set(packet, vs_vsid_of_vlan(tci & TAG_VID), tci, TAG_VLAN);
		WALK_TRACE(worker, "its tag names VLAN %u", tci & TAG_VID);
	}
}
