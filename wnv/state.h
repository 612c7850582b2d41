/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h: how a state is built and given back.
 *
 * A plan is plain arrays, already validated (configure.c does that; a test
 * writes them down). wnv_state_build copies everything it needs, derives what
 * follows from it (local, usable, peers, replicas, own PA, on-link routes) and
 * makes the indices. Main thread only.
 */
#ifndef WNV_STATE_H
#define WNV_STATE_H

#include "moves.h"
#include "policy.h"

/*
 * wnv_grow - room for one more element in an array of `count` (it doubles at
 * powers of two). The array's new place, or NULL: out of memory, the old one
 * is still there.
 */
void *wnv_grow(void *array, uint32_t count, size_t size);

struct wnv_network_plan {
	struct wnv_rdid rdid;
	bool external_router; /* A3.14: nothing is routed here */
	uint8_t redirect;     /* enum wnv_redirect */
};

struct wnv_subnet_plan {
	struct vs_vsid vsid;
	uint32_t network; /* index in networks */
	const struct vs_prefix *prefixes;
	const struct wnv_ca *gateways;
	uint16_t prefix_count, gateway_count;
	uint16_t mtu;
	uint16_t overhead; /* that its records are known to fit with */
	uint8_t dscp;
	bool l2;
	bool slaac;
	struct vs_mac gateway_mac; /* see wnv_gateway_mac() */
	uint16_t port_count;
};

/* A peer object; peers that records name need none. */
struct wnv_peer_plan {
	struct wnv_pa pa;
	bool flowid;
};

/* What policy knows of a port; `name` and the profile are copied. */
struct wnv_port_plan {
	const char *name;
	struct vs_vsid vsid; /* 0: none, or several */
	struct vs_port_profile profile;
};

struct wnv_plan {
	const struct wnv_network_plan *networks;
	const struct wnv_subnet_plan *subnets;
	/* ca, pa, vsid, mac, rule, and the flags LOCAL (for records without a
	 * PA), AUTO and WAITS are read; the rest is derived */
	const struct wnv_record *records;
	const struct wnv_route *routes; /* without the on-link ones */
	const struct wnv_provider *providers;
	const struct wnv_provider_route *provider_routes;
	const struct wnv_peer_plan *peers;
	const struct wnv_group *groups; /* `peer` is derived */
	const struct wnv_port_plan *ports;
	const struct wnv_move *moves; /* the next-pa of records */
	/* MACs of uplinks that carry a PA, for wnv_is_provider_mac */
	const struct vs_mac *provider_macs;
	uint32_t network_count, subnet_count, record_count, route_count;
	uint32_t peer_count, port_count, move_count, group_count;
	uint16_t provider_count, provider_route_count, provider_mac_count;
	uint64_t seed; /* of the hash tables; random */
};

/* wnv_gateway_mac - 02:56:53 and the VSID: the same on every host. */
struct vs_mac wnv_gateway_mac(struct vs_vsid vsid);

/*
 * wnv_state_build - 0 and a new state (give it back with wnv_state_free), or
 * -ENOMEM, or -EEXIST if a key stands twice in the plan.
 */
int wnv_state_build(const struct wnv_plan *plan, struct wnv_state **state);

/* wnv_state_set_serial - before the state is published. */
void wnv_state_set_serial(struct wnv_state *state, uint64_t serial);

/* wnv_state_advertise - since when its subnets advertise what they do: as in
 * `before` (or NULL) where nothing changed, else from now on; before the state
 * is published. */
void wnv_state_advertise(struct wnv_state *state,
			 const struct wnv_state *before, uint64_t now_ns);

/* wnv_state_set_learned - after wnv_state_set_serial, before the state is
 * published. */
void wnv_state_set_learned(struct wnv_state *state, struct learned *learned);
/* wnv_state_set_redirects - before the state is published, too. */
void wnv_state_set_redirects(struct wnv_state *state,
			     struct redirects *redirects);

/* wnv_state_set_tally - of a peer, before the state is published. */
void wnv_state_set_tally(struct wnv_state *state, uint32_t peer,
			 uint16_t tally);

/* wnv_state_set_slot - of an owned PA, before the state is published. */
void wnv_state_set_slot(struct wnv_state *state, uint16_t provider,
			struct provider_slot *slot);

/* One record goes, one comes, or both (amend.c). */
struct wnv_change {
	bool removes, adds;
	struct wnv_record before, after; /* vsid, ca, mac, pa, rule are read */
	struct wnv_pa next_pa;		 /* of the one that comes */
};

/* wnv_state_amends - can wnv_state_amend make this change? */
bool wnv_state_amends(const struct wnv_state *state,
		      const struct wnv_change *change);
/*
 * wnv_state_amend - a new state that is `base` but for some changes, all of
 * which wnv_state_amends said yes to; it shares with `base` what is equal, and
 * both live as long as they like. 0, -EAGAIN (build it from a plan: a peer has
 * no record any more) or -ENOMEM.
 */
int wnv_state_amend(const struct wnv_state *base,
		    const struct wnv_change *changes, uint32_t count,
		    struct wnv_state **state);
/* wnv_state_set_version, wnv_state_version - which settings (settings.h) it
 * was made from; 0: not known. */
void wnv_state_set_version(struct wnv_state *state, uint64_t version);
uint64_t wnv_state_version(const struct wnv_state *state);

/* wnv_state_free - NULL is allowed. */
void wnv_state_free(struct wnv_state *state);

/* All records, for lists: 0..wnv_record_count() - 1. */
uint32_t wnv_record_count(const struct wnv_state *state);
const struct wnv_record *wnv_record_at(const struct wnv_state *state,
				       uint32_t index);

/* wnv_port_has_mac - has a port here that MAC, by policy, in any VSID? Walks
 * them all. */
bool wnv_port_has_mac(const struct wnv_state *state, const struct vs_mac *mac);

/* wnv_port_profile - the profile of a port by name, or NULL. */
const struct vs_port_profile *wnv_port_profile(const struct wnv_state *state,
					       const char *name);
/* wnv_port_vsid - in which subnet it is: 0: in none, or in several. False:
 * there is no such port. */
bool wnv_port_vsid(const struct wnv_state *state, const char *name,
		   struct vs_vsid *vsid);

#endif
