/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h: the questions that the packet path asks policy.
 *
 * Theory of operation
 * -------------------
 * configure() (configure.h) turns the document into one immutable struct
 * wnv_state: networks (routing domains), subnets (VSIDs), lookup records,
 * customer routes, provider addresses and routes, peers. Everything here
 * reads such a state, from any worker, without locks; pointers that it hands
 * out live as long as the state does. A lookup is one hash and, as a rule,
 * one cache line of index and one of record.
 *
 * Example, frame from the wire with VSID 5001 from PA 192.0.2.2:
 *	subnet = wnv_subnet_find(state, vsid);     NULL: vsid_unknown
 *	wnv_outer_check(state, &source, &target, &reason)   (guard.h)
 *	wnv_inbound_check(state, subnet, &sight, &reason)
 */
#ifndef WNV_POLICY_H
#define WNV_POLICY_H

#include <vswitch/extension.h>

#include "address.h"
#include "codec.h"
#include "reason.h"

struct wnv_state;
struct learned;
struct redirects;

/* What a state begins with. Two states of an instance never have the same
 * serial, even if one lies where the other was: caches compare it. */
struct wnv_state_head {
	uint64_t serial;
	bool takes_vxlan;	 /* a record has rule=vxlan */
	bool rewrites;		 /* a record has rule=rewrite */
	bool shares;		 /* a record has type shared */
	bool applies;		 /* a network says redirect=apply */
	struct learned *learned; /* the instance's; NULL: nothing is learned */
	struct redirects *redirects; /* NULL: every network says off */
};

static inline uint64_t wnv_state_serial(const struct wnv_state *state)
{
	return ((const struct wnv_state_head *)state)->serial;
}

static inline struct learned *wnv_state_learned(const struct wnv_state *state)
{
	return ((const struct wnv_state_head *)(const void *)state)->learned;
}

/* wnv_state_of - the state behind vs_call.state; the host publishes one before
 * it calls a hook. */
static inline const struct wnv_state *wnv_state_of(const struct vs_state *state)
{
	return (const struct wnv_state *)state;
}

#define WNV_NONE UINT32_MAX /* "there is none" for the indices below */

enum wnv_rule {
	WNV_RULE_ENCAP,	  /* NVGRE */
	WNV_RULE_NONE,	  /* local delivery only, never on the wire (A2.6) */
	WNV_RULE_VXLAN,	  /* the VSID is the VNI */
	WNV_RULE_REWRITE, /* its PA stands for its CA on the wire (B2) */
	WNV_RULES
};

/* wnv_rule_tunnels - does it carry whole customer frames to the other host?
 * Then it can carry group frames, and speak for frames without an address. */
static inline bool wnv_rule_tunnels(uint8_t rule)
{
	return rule == WNV_RULE_ENCAP || rule == WNV_RULE_VXLAN;
}

/* wnv_rule_codec - which outer headers; of a rule that tunnels. */
static inline enum codec_kind wnv_rule_codec(uint8_t rule)
{
	return rule == WNV_RULE_VXLAN ? CODEC_VXLAN : CODEC_NVGRE;
}

enum wnv_type { /* hnv.md A2.7 */
		WNV_TYPE_STATIC,
		WNV_TYPE_DYNAMIC, /* learned: never part of a state */
		WNV_TYPE_GATEWAY, /* no CA: the key is (vsid, mac) */
		WNV_TYPE_L2ONLY,  /* its CA is unspecified: the key is (vsid,
				     mac) */
		WNV_TYPE_SHARED,
};

enum wnv_family {
	WNV_FAMILY_V4 = 1 << 0,
	WNV_FAMILY_V6 = 1 << 1,
};

enum wnv_record_flag {
	WNV_RECORD_LOCAL = 1 << 0,  /* its PA is ours, or a port of ours has it
				       and it has no PA */
	WNV_RECORD_USABLE = 1 << 1, /* traffic can use it */
	WNV_RECORD_AUTO = 1 << 2,   /* made from a port's `ca` */
	WNV_RECORD_WAITS = 1 << 3,  /* a port here has it, but its PA is not
				       on this host: that port waits */
	WNV_RECORD_TUNNELED = 1 << 4, /* rule=rewrite, and its PA carries NVGRE
					 or VXLAN as well (A4.8) */
	WNV_RECORD_VM_MAC = 1 << 5,   /* use-vm-mac; while it is checked */
	WNV_RECORD_PLUGGED = 1 << 6,  /* a port here has it in its ca */
};

struct wnv_record { /* lookup record, hnv.md A2; key (vsid, ca) */
	struct wnv_ca ca;
	struct wnv_pa pa; /* wnv_pa_is_set() says whether there is one */
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint8_t rule;	  /* enum wnv_rule */
	uint8_t flags;	  /* enum wnv_record_flag */
	uint8_t type;	  /* enum wnv_type */
	uint8_t families; /* enum wnv_family; of type gateway */
	/* an L2Only record's: how many CAs its port may have learned, 0 = any;
	 * and where they are counted (learned_owner()) */
	uint16_t ip_limit, owner;
	uint32_t peer; /* wnv_peer_at(); WNV_NONE: no PA, or a local one */
};

#define WNV_DSCP_COPY 0xffu

/* Whom group frames are copied to: one host, in one encapsulation. */
struct wnv_replica {
	uint32_t peer; /* wnv_peer_at() */
	uint8_t kind;  /* enum codec_kind */
};

/* Group frames of a subnet that travel by a group of the provider network
 * (group.h). */
struct wnv_group {
	struct vs_vsid vsid;
	struct wnv_ca ca; /* zeros: all that have no group of their own */
	struct wnv_pa pa;
	uint32_t peer; /* wnv_peer_at(): it stands for the group */
	uint8_t kind;  /* enum codec_kind */
};

struct wnv_subnet {
	struct vs_vsid vsid;
	uint32_t network; /* index of its routing domain */
	uint32_t kin;	  /* wnv_subnet_kin() */
	const struct vs_prefix *prefixes;
	const struct wnv_ca *gateways; /* v4 and v6; none: count 0 */
	/* the peers that group frames are replicated to: distinct remote PAs
	 * with a usable encap or vxlan record here */
	const struct wnv_replica *replicas;
	/* those of them with an L2Only record here: who is asked for a CA that
	 * nobody is known to have (A7.4) */
	const struct wnv_replica *seekers;
	const struct wnv_group *groups;
	uint32_t replica_count, seeker_count, group_count;
	uint16_t prefix_count;
	uint16_t gateway_count;
	uint16_t mtu; /* of the customer's IP packets */
	/* what its records' rules may add to them: known to fit the uplinks */
	uint16_t overhead;
	uint8_t dscp; /* 0..63 or WNV_DSCP_COPY */
	bool l2;      /* carry non-IP frames */
	bool slaac;   /* the gateway's advertisements let VMs number
			 themselves */
	struct vs_mac gateway_mac;
	uint64_t advertised_ns; /* since when (advertise.h); 0: it does not */
	uint16_t port_count;	/* ports of this switch in the VSID */
	bool rewrites;		/* a remote record here has rule=rewrite */
	/* the lowest of our PAs of each family with such a record here (IPv4,
	 * IPv6; a sender reaches those of its own family): group frames are
	 * taken only on it; not set: none */
	struct wnv_pa own_pa[2];
	/* the same of our L2Only records: questions for a CA that the asker's
	 * host knows nobody for come to their PAs only */
	struct wnv_pa seek_pa[2];
	struct vs_mac own_mac[2]; /* of a VM with such a record */
};

struct wnv_route { /* customer route; on-link ones are implied by subnets */
	struct vs_prefix prefix;
	bool on_link;
	uint32_t network;
	struct vs_vsid vsid;	/* where the prefix, or the next hop, lives */
	struct wnv_ca next_hop; /* on_link: all zero */
	uint32_t metric;	/* among equal prefixes the lowest is taken */
};

struct wnv_peer { /* a PA of another host, or a group of them */
	struct wnv_pa pa;
	bool flowid;	/* it reads the key's low byte as FlowID */
	uint16_t tally; /* its place in tally.h; 0: none */
	bool awaited; /* a subnet with a port here has a usable record of it */
};

struct provider_slot; /* provider.h */

struct wnv_provider { /* a PA of this host */
	struct wnv_pa pa;
	struct vs_mac mac;	  /* zero: the uplink's */
	struct vs_port_id uplink; /* 0: the uplink has no port id yet */
	uint8_t prefix_length;	  /* on-link, 128-bit form */
	uint16_t vlan;		  /* of its frames on the wire; 0: untagged */
	bool owned;	 /* we answer ARP and ND for it; else the kernel does */
	char device[16]; /* the uplink's key, for lists */
	/* owned: its life, shared by all states that have it; set before the
	 * state is published */
	struct provider_slot *slot;
};

struct wnv_provider_route {
	struct vs_prefix prefix;
	struct wnv_pa next_hop; /* not set: on-link */
	uint32_t metric;
	struct vs_port_id uplink;
	char device[16]; /* the uplink's key, for lists */
};

/* -- lookups ----------------------------------------------------------------
 */

/* wnv_subnet_find - NULL: the VSID is not in policy. */
const struct wnv_subnet *wnv_subnet_find(const struct wnv_state *state,
					 struct vs_vsid vsid);

/* wnv_subnet_kin - another one of its routing domain; of that again the next
 * one, and so on, each once, round to where it began. */
const struct wnv_subnet *wnv_subnet_kin(const struct wnv_state *state,
					const struct wnv_subnet *subnet);

/* wnv_subnet_is_gateway - is this one of the subnet's gateway addresses? */
bool wnv_subnet_is_gateway(const struct wnv_subnet *subnet,
			   const struct wnv_ca *ca);

/* wnv_subnet_advertises - is the gateway an IPv6 router that says so? */
bool wnv_subnet_advertises(const struct wnv_subnet *subnet);

/* Subnets with ports here that advertise: 0..wnv_advertiser_count() - 1. */
uint32_t wnv_advertiser_count(const struct wnv_state *state);
const struct wnv_subnet *wnv_advertiser_at(const struct wnv_state *state,
					   uint32_t index);

/* wnv_subnet_holds - is the address inside one of the subnet's prefixes? */
bool wnv_subnet_holds(const struct wnv_subnet *subnet, const struct wnv_ca *ca);

/* wnv_record_find - the record of (VSID, CA); a gateway has none. Under
 * slaac=on also that of the VM whose MAC made the address. */
const struct wnv_record *wnv_record_find(const struct wnv_state *state,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca);

/* Room for a record that was learned, and when it is asked for. */
struct wnv_dynamic {
	uint64_t now_ns;
	struct wnv_record record;
};

/* One of many questions of wnv_record_find, asked at once. */
struct wnv_seek {
	struct vs_vsid vsid;
	struct wnv_ca ca;
	uint32_t at;			 /* on the way */
	const struct wnv_record *record; /* the answer: of type static, or NULL:
					    ask wnv_record_find */
};

/* wnv_records_seek - of a million records each is far away: those of a burst
 * are looked for side by side, so that their ways here overlap.
 * wnv_records_are_many - is that worth its while? */
void wnv_records_seek(const struct wnv_state *state, struct wnv_seek *seeks,
		      uint32_t count);
bool wnv_records_are_many(const struct wnv_state *state);

/* wnv_record_by_mac - a record of (VSID, MAC): a local one if there is one,
 * then a usable one. */
const struct wnv_record *wnv_record_by_mac(const struct wnv_state *state,
					   struct vs_vsid vsid,
					   const struct vs_mac *mac);

/* wnv_shared_find - the record of type shared of (VSID, CA) and of this owner,
 * or NULL; wnv_record_find finds the first owner's, wnv_resolve that of who
 * has the address now. */
const struct wnv_record *wnv_shared_find(const struct wnv_state *state,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca,
					 const struct vs_mac *mac);

/* wnv_l2only_find - the L2Only record of (VSID, MAC), or NULL: what its VM's
 * addresses are is learned (A2.11). */
const struct wnv_record *wnv_l2only_find(const struct wnv_state *state,
					 struct vs_vsid vsid,
					 const struct vs_mac *mac);

/* wnv_record_by_mac_pa - a record of (VSID, MAC) with that PA. */
const struct wnv_record *wnv_record_by_mac_pa(const struct wnv_state *state,
					      struct vs_vsid vsid,
					      const struct vs_mac *mac,
					      const struct wnv_pa *pa);

/*
 * wnv_record_in_network - the record of a CA anywhere in the routing domain:
 * in the subnet whose prefix holds it. (Prefixes of one domain do not overlap;
 * a record outside its subnet's prefixes is found by wnv_record_find only.)
 */
const struct wnv_record *wnv_record_in_network(const struct wnv_state *state,
					       uint32_t network,
					       const struct wnv_ca *ca);

/* wnv_provider_find - our provider address, or NULL. */
const struct wnv_provider *wnv_provider_find(const struct wnv_state *state,
					     const struct wnv_pa *pa);

/*
 * wnv_provider_speaking - our PA that speaks for a sender of the subnet, by its
 * CA (NULL: none) or its MAC, or NULL: the other host will look for a record of
 * the source with exactly this one.
 */
const struct wnv_provider *wnv_provider_speaking(const struct wnv_state *state,
						 struct vs_vsid vsid,
						 const struct wnv_ca *ca,
						 const struct vs_mac *mac);

/* wnv_takes - is the encapsulation in use? NVGRE always is; UDP 4789 is the
 * kernel's own until a record says rule=vxlan. */
static inline bool wnv_takes(const struct wnv_state *state,
			     enum codec_kind kind)
{
	return kind != CODEC_VXLAN ||
	       ((const struct wnv_state_head *)state)->takes_vxlan;
}

/* wnv_pa_local - is it one of ours? */
static inline bool wnv_pa_local(const struct wnv_state *state,
				const struct wnv_pa *pa)
{
	return wnv_provider_find(state, pa) != NULL;
}

/* Our provider addresses, lowest first: 0..wnv_provider_count() - 1. */
uint16_t wnv_provider_count(const struct wnv_state *state);
const struct wnv_provider *wnv_provider_at(const struct wnv_state *state,
					   uint16_t index);

/* wnv_peer_find - a remote PA that a record or a peer object names, or NULL. */
const struct wnv_peer *wnv_peer_find(const struct wnv_state *state,
				     const struct wnv_pa *pa);

/* Peers by index, in order of their address: 0..wnv_peer_count() - 1. The
 * index holds for this state only. */
uint32_t wnv_peer_count(const struct wnv_state *state);
const struct wnv_peer *wnv_peer_at(const struct wnv_state *state,
				   uint32_t index);
uint32_t wnv_peer_index(const struct wnv_state *state,
			const struct wnv_peer *peer);

/* The core's questions (vs_translate_class). */
bool wnv_is_provider_ip(const struct wnv_state *state, const struct vs_ip *ip);
bool wnv_is_provider_mac(const struct wnv_state *state,
			 const struct vs_mac *mac);
bool wnv_is_remote(const struct wnv_state *state, struct vs_vsid vsid,
		   const struct vs_mac *mac);

#endif
