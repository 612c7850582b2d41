/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane.h: VLANs of the provider's network inside of a switch: access ports,
 * trunks, private VLANs (hnv.md C8.7).
 *
 * Theory of operation
 * -------------------
 * A tag exists outside of the switch only. What comes in loses it and gets the
 * isolation id of its VLAN (vs_vsid_of_vlan) in the place of a VSID, before it
 * is booked; what leaves by a trunk or an uplink gets it in the lead of its
 * recipe, with the priority that it came with. So guards, learning, floods,
 * books and deliver keep VLANs apart by what keeps tenants apart, and need to
 * know nothing of tags.
 *
 * A switch has VLANs once one of its ports names one. From then on a tag from
 * the wire is a VLAN, and a port that names none is in none: it sends and gets
 * frames without a tag. Before, tags are bytes like others (VSID 0).
 *
 * Private VLANs are one-way lanes. A port sends in one lane and gets several:
 *
 *	port         sends in      gets
 *	isolated     secondary     primary
 *	community    secondary     primary, secondary
 *	promiscuous  primary       primary, its secondaries
 *
 * so that two isolated ports never meet, here or on another host whose trunk
 * carries the same tags. MACs of all these lanes are known under the primary
 * one (lane_key): an answer comes in another lane than the question.
 *
 * Example: primary 100, isolated 201, router promiscuous. vm1 (isolated) asks
 * for its router: the frame is in lane 201, which the router gets and vm2
 * does not. The answer is in lane 100, and goes to vm1's MAC, learned under
 * 100.
 *
 * Before it in the walk: worker.c or from_wire (in), deliver (out). After:
 * admit; the link.
 */
#ifndef CORE_LANE_H
#define CORE_LANE_H

#include <vswitch/host.h>

#define VS_LANE_WORDS 64u /* of a set of VLANs */

struct vs_packet;
struct vs_port;
struct vs_port_plan;
struct vs_snapshot;
struct vs_worker;

enum vs_lane_mode {
	VS_LANE_NONE, /* no VLAN: by VSID */
	VS_LANE_ACCESS,
	VS_LANE_TRUNK,
	VS_LANE_ISOLATED,
	VS_LANE_COMMUNITY,
	VS_LANE_PROMISCUOUS,
	VS_LANE_MODES
};

/* What is set for a port. */
struct vs_lane_plan {
	uint8_t mode;	    /* enum vs_lane_mode */
	bool untagged;	    /* trunk: what has no tag is in `vlan`, may be 0 */
	uint16_t vlan;	    /* access: its own; private: the primary */
	uint16_t secondary; /* isolated, community */
	uint64_t set[VS_LANE_WORDS]; /* trunk: allowed; promiscuous:
				      * secondaries */
};

static inline void lane_set_add(uint64_t *set, uint16_t vlan)
{
	set[vlan / 64] |= UINT64_C(1) << vlan % 64;
}

static inline bool lane_set_has(const uint64_t *set, uint16_t vlan)
{
	return set[vlan / 64] >> vlan % 64 & 1;
}

/* lane_vsids - what such a port gets, but for a trunk's allowed VLANs: into
 * room for VS_PORT_VSIDS; how many, at least 1. */
uint16_t lane_vsids(const struct vs_lane_plan *lane, struct vs_vsid *vsids);
/*
 * lane_next - what the port gets, one by one: *cursor from 0; false: no more.
 * Not the uplinks': what they get is the translate class's to say, too.
 */
bool lane_next(const struct vs_port_plan *plan, uint32_t *cursor,
	       struct vs_vsid *vsid);
/* lane_trunk_has - does the trunk (or a monitor of VLANs) carry it? */
static inline bool lane_trunk_has(const struct vs_lane_plan *lane,
				  struct vs_vsid vsid)
{
	return lane->mode == VS_LANE_TRUNK && vs_vsid_is_vlan(vsid) &&
	       lane_set_has(lane->set, vs_vsid_vlan(vsid));
}

/* lane_is_secondary - does an isolated port speak in it? It gets nothing of
 * it. */
static inline bool lane_is_secondary(const struct vs_lane_plan *lane,
				     struct vs_vsid vsid)
{
	return lane->mode == VS_LANE_ISOLATED && vs_vsid_is_vlan(vsid) &&
	       vs_vsid_vlan(vsid) == lane->secondary;
}

/* lane_join - a port is in the snapshot: note that there are VLANs, and the
 * primaries of its secondaries. 0 or -ENOMEM. */
int lane_join(struct vs_snapshot *snapshot, const struct vs_port *port);
/* lane_is_private - a VLAN with a primary or with secondaries. */
bool lane_is_private(const struct vs_snapshot *snapshot, struct vs_vsid vsid);

/* -- the walk -- */

/*
 * lane_take - the frame's tag becomes its lane: sets view.vsid and .priority
 * and takes the tag out of the bytes. 0, or the reason to drop it (VSID 0,
 * bytes as they were). The frame has not been parsed yet.
 */
uint16_t lane_take(const struct vs_port *port, struct vs_packet *packet);
/* lane_give - the recipe of a whole frame, now with the tag that it needs on
 * this port. */
void lane_give(const struct vs_port *port, struct vs_recipe *recipe);
/* lane_trace - say whose the port says that a frame is. */
void lane_trace(struct vs_worker *worker, const struct vs_port *port,
		struct vs_vsid vsid);
/* lane_from_wire - the same as lane_take for what the translate class passed:
 * frames of the uplink's own network. Only on a switch that has VLANs. */
void lane_from_wire(struct vs_worker *worker);

#endif
