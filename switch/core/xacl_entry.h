/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xacl_entry.h: under what the tables of xacl_flow.h have a frame's flow, or
 * its fragments, and what is said of one there: for xacl_flow.c, which judges
 * frames, and xacl_memory.c, which has the tables.
 */
#ifndef CORE_XACL_ENTRY_H
#define CORE_XACL_ENTRY_H

#include <string.h>

#include "core/lane.h"
#include "core/switch_state.h"
#include "core/tag.h"

#define XACL_SECOND UINT64_C(1000000000)

/* xacl_key.zone */
#define ZONE_PROTOCOL 24u /* shift */
#define ZONE_INBOUND  (1u << 22)
#define ZONE_PORT     7u /* shift; below it: the VSID's place in its port */
#define ZONE_VLAN     (1u << 23) /* the VLAN's number instead, in two pieces */
#define ZONE_MORE     17u	 /* shift; of the upper one */
#define ZONE_PORTS    (VS_PORTS_MAXIMUM - 1)
_Static_assert(VS_PORT_VSIDS <= 1u << ZONE_PORT, "a VSID's place fits");

/* The place of the VSID in the port's set, or VS_PORT_VSIDS. */
static inline uint16_t xacl_vsid_place(const struct vs_port *port,
				       struct vs_vsid vsid)
{
	uint16_t i;

	if (vs_vsid_equal(port->vsid, vsid))
		return 0;
	for (i = 1; i < port->vsid_count; i++)
		if (vs_vsid_equal(port->plan.vsids[i], vsid))
			return i;
	return VS_PORT_VSIDS;
}

/* A port of a private VLAN speaks in one lane and hears in another (lane.h):
 * its flows are the primary one's. */
static inline uint32_t xacl_vlan_zone(const struct vs_port *port,
				      struct vs_vsid vsid)
{
	const struct vs_lane_plan *lane = &port->plan.lane;
	uint32_t vlan = lane->mode >= VS_LANE_ISOLATED ? lane->vlan
						       : vs_vsid_vlan(vsid);
	uint32_t low = (1u << ZONE_PORT) - 1;

	return ZONE_VLAN | (vlan & low) | vlan >> ZONE_PORT << ZONE_MORE;
}

static inline struct vs_vsid xacl_vlan_of_zone(uint32_t zone)
{
	uint32_t low = zone & ((1u << ZONE_PORT) - 1);
	uint32_t high = zone >> ZONE_MORE & (TAG_VID >> ZONE_PORT);

	return vs_vsid_of_vlan((uint16_t)(high << ZONE_PORT | low));
}

/* What both kinds of key have; false: the frame will not get there, or does not
 * come from there. */
static inline bool xacl_key_begin(struct xacl_key *key,
				  const struct vs_port *port,
				  const struct xacl_tuple *tuple)
{
	bool vlan = vs_vsid_is_vlan(tuple->vsid);
	uint16_t place = vlan ? 0 : xacl_vsid_place(port, tuple->vsid);

	*key = (struct xacl_key){
		.zone = (uint32_t)tuple->protocol << ZONE_PROTOCOL |
			(uint32_t)port->id.value << ZONE_PORT |
			(vlan ? xacl_vlan_zone(port, tuple->vsid) : place),
		.local = tuple->local,
		.remote = tuple->remote,
	};
	return vlan ? port_has_vsid(port, tuple->vsid) ||
			       lane_is_secondary(&port->plan.lane, tuple->vsid)
		    : place < VS_PORT_VSIDS;
}

/* xacl_flow_key, xacl_fragment_key - false: no frame of the port's. */
static inline bool xacl_flow_key(struct xacl_key *key,
				 const struct vs_port *port,
				 const struct xacl_tuple *tuple)
{
	bool mine = xacl_key_begin(key, port, tuple);

	key->local_port = tuple->local_port;
	key->remote_port = tuple->remote_port;
	return mine;
}

static inline bool xacl_fragment_key(struct xacl_key *key,
				     const struct vs_port *port,
				     const struct xacl_tuple *tuple)
{
	bool mine = xacl_key_begin(key, port, tuple);

	if (tuple->inbound)
		key->zone |= ZONE_INBOUND;
	memcpy(&key->local_port, &tuple->fragment_id, 4);
	return mine;
}

/* xacl_group - who pays for an entry of the VSID. */
static inline uint32_t xacl_group(const struct vs_snapshot *snapshot,
				  struct vs_vsid vsid)
{
	const struct vs_subnet *subnet = snapshot_subnet(snapshot, vsid);

	return subnet ? subnet->group : VS_GROUPS - 1;
}

/* xacl_is_ours - was it judged by rules of this port, as it is now? */
static inline bool xacl_is_ours(const struct vs_port *port,
				const struct xacl_state *state)
{
	return state->stamp - port->flow_born <=
	       port->flow_stamp - port->flow_born;
}

static inline uint64_t xacl_idle_ns(const struct xacl_state *state)
{
	return state->idle_s * XACL_SECOND;
}

#endif
