/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.h: everything that a walk reads, immutable once published: ports,
 * their MACs, the subnets' members, the stack with every extension's state.
 *
 * Built by the main thread through switch.h, read by workers, freed by the
 * main thread when the epoch says that nobody can see it. Nothing here is
 * ever written by a worker.
 */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include "core/switch.h"
#include "packet/packet.h"

#define VS_STACK_MAXIMUM 32u
#define VS_UPLINKS	 16u

/* What a tag on the port's device is. */
enum port_tags {
	PORT_TAGS_BYTES,  /* the guests' */
	PORT_TAGS_TENANT, /* a VSID's name (rdmap.h) */
	PORT_TAGS_VLAN,	  /* a VLAN (lane.h) */
};

/* A port as the walk reads it; the plan behind it for those who ask. */
struct vs_port {
	struct vs_port_id id;
	bool uplink, monitor;
	bool attached; /* has a link that is up */
	bool waits, mac_guard, ca_guard;
	uint8_t tags;	  /* enum port_tags */
	bool wanders;	  /* it may have MACs of plan.wandering */
	uint16_t policed; /* enum vs_policed */
	uint16_t vsid_count;
	struct vs_vsid vsid; /* stamped, unless tagged: vsids[0] */
	uint32_t oversize;   /* more bytes than this in a segment; 0 = any */
	struct vs_mac mac;   /* its own; zero if unknown */
	struct vs_acl *acl;
	struct vs_xacl *xacl;
	/* its flows were judged by rules of these stamps (xacl_flow.h) */
	uint32_t flow_born, flow_stamp;
	struct vs_link *link;
	struct vs_rate storm, bandwidth[2]; /* [inbound] */
	struct vs_port_plan plan;
};

/* (VSID, MAC) -> the port configured with it. */
struct vs_static_mac {
	struct vs_vsid vsid;
	struct vs_mac mac;
	struct vs_port_id port; /* 0 = free slot */
};

/* A VSID with local members (or 0): who is flooded to, who pays. */
struct vs_subnet {
	struct vs_vsid vsid;
	uint32_t group;		    /* in the MAC table */
	bool external;		    /* the external port is a member */
	bool used;		    /* slot of the hash */
	struct vs_port_set ports;   /* ordinary members */
	struct vs_port_set members; /* and the external port */
};

struct vs_stack_member {
	struct vs_attachment *attachment;
	const struct vs_extension *ext;
	const struct vs_state *state;
};

struct vs_snapshot {
	uint64_t generation; /* set by publish */
	struct vs_switch *sw;
	struct vs_snapshot *older; /* retired list */
	uint64_t retired_at;
	bool warned, acls;
	bool vlans;	   /* some port names one (lane.h) */
	bool captures;	   /* somebody looks at the wire */
	bool steady;	   /* entries may be (steady.h) */
	bool steady_acls;  /* extended ones without stateful rules */
	uint16_t *primary; /* by VLAN: its primary if it is private, else 0; or
			    * NULL */
	uint16_t policed;  /* enum vs_policed: what any port has */
	uint16_t members;
	uint32_t ingress, egress; /* 1 << those that have such a hook */
	uint32_t idle;		  /* 1 << captures that look at nothing */
	struct vs_stack_member member[VS_STACK_MAXIMUM];   /* top first */
	const struct vs_stack_member *forward, *translate; /* or NULL */
	uint16_t uplink_count;
	struct vs_port *uplinks[VS_UPLINKS];
	uint32_t mac_count, mac_slots; /* a power of two */
	struct vs_static_mac *macs;
	uint32_t subnet_count, subnet_slots; /* a power of two */
	struct vs_subnet *subnets;
	struct vs_port_set acl_ports; /* with rules */
	struct vs_port *port[VS_PORTS_MAXIMUM];
};

/* vs_snapshot_free - give states, rules and memory back. */
void vs_snapshot_free(struct vs_snapshot *snapshot);
/* vs_snapshot_seal - compute what depends on the whole; before publish. */
void vs_snapshot_seal(struct vs_snapshot *snapshot);
bool vs_snapshot_names_link(const struct vs_snapshot *snapshot,
			    const struct vs_link *link);
bool vs_snapshot_has(const struct vs_snapshot *snapshot,
		     const struct vs_attachment *attachment);

static inline const struct vs_port *
snapshot_port(const struct vs_snapshot *snapshot, struct vs_port_id id)
{
	return id.value < VS_PORTS_MAXIMUM ? snapshot->port[id.value] : NULL;
}

static inline uint32_t snapshot_mac_slot(const struct vs_snapshot *snapshot,
					 struct vs_vsid vsid,
					 const uint8_t *mac)
{
	uint32_t high, low;
	uint64_t word;

	__builtin_memcpy(&high, mac, 4);
	__builtin_memcpy(&low, mac + 2, 4);
	word = ((uint64_t)high << 32 | low) ^ (uint64_t)vsid.value << 20;
	word *= 0x9e3779b97f4a7c15u;
	word ^= word >> 32;
	return (uint32_t)((word * 0x9e3779b97f4a7c15u) >> 32) &
	       (snapshot->mac_slots - 1);
}

static inline void snapshot_mac_prefetch(const struct vs_snapshot *snapshot,
					 struct vs_vsid vsid,
					 const uint8_t *mac)
{
	__builtin_prefetch(
		&snapshot->macs[snapshot_mac_slot(snapshot, vsid, mac)]);
}

/* snapshot_mac - the port that owns (vsid, mac) by configuration, or 0. */
static inline struct vs_port_id snapshot_mac(const struct vs_snapshot *snapshot,
					     struct vs_vsid vsid,
					     const uint8_t *mac)
{
	uint32_t at = snapshot_mac_slot(snapshot, vsid, mac);
	const struct vs_static_mac *slot = &snapshot->macs[at];

	while (slot->port.value &&
	       (slot->vsid.value != vsid.value ||
		__builtin_memcmp(slot->mac.octet, mac, 6) != 0)) {
		at = (at + 1) & (snapshot->mac_slots - 1);
		slot = &snapshot->macs[at];
	}
	return slot->port;
}

/* snapshot_subnet - the VSID's members, or NULL. */
static inline const struct vs_subnet *
snapshot_subnet(const struct vs_snapshot *snapshot, struct vs_vsid vsid)
{
	uint32_t mask = snapshot->subnet_slots - 1;
	uint32_t at = (vsid.value * 0x9e3779b1u) >> 8 & mask;

	while (snapshot->subnets[at].used) {
		if (vs_vsid_equal(snapshot->subnets[at].vsid, vsid))
			return &snapshot->subnets[at];
		at = (at + 1) & mask;
	}
	return NULL;
}

/* port_has_vsid - the port's VSID set, asked by deliver only. */
bool port_has_more(const struct vs_port *port, struct vs_vsid vsid);
static inline bool port_has_vsid(const struct vs_port *port,
				 struct vs_vsid vsid)
{
	return vs_vsid_equal(port->vsid, vsid) || port_has_more(port, vsid);
}

/* lane_key - under what the MACs of a lane are known; `primary` is the
 * snapshot's, mostly NULL, read once by who asks for a burst. */
static inline struct vs_vsid lane_key_of(const uint16_t *primary,
					 struct vs_vsid vsid)
{
	if (__builtin_expect(!primary, 1) || !vs_vsid_is_vlan(vsid) ||
	    !primary[vs_vsid_vlan(vsid)])
		return vsid;
	return vs_vsid_of_vlan(primary[vs_vsid_vlan(vsid)]);
}

static inline struct vs_vsid lane_key(const struct vs_snapshot *snapshot,
				      struct vs_vsid vsid)
{
	return lane_key_of(snapshot->primary, vsid);
}

static inline void port_set_add(struct vs_port_set *set, struct vs_port_id id)
{
	set->word[id.value / 64] |= UINT64_C(1) << (id.value % 64);
}

static inline void port_set_remove(struct vs_port_set *set,
				   struct vs_port_id id)
{
	set->word[id.value / 64] &= ~(UINT64_C(1) << (id.value % 64));
}

static inline uint32_t port_set_count(const struct vs_port_set *set)
{
	uint32_t count = 0, i;
	uint64_t bits;

	for (i = 0; i < VS_PORTS_MAXIMUM / 64; i++)
		for (bits = set->word[i]; bits; bits &= bits - 1)
			count++;
	return count;
}

static inline bool port_set_has(const struct vs_port_set *set,
				struct vs_port_id id)
{
	return set->word[id.value / 64] >> (id.value % 64) & 1;
}

#endif
