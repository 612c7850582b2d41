/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.h: how a customer address is reached within its routing domain: by its
 * record, by a customer route and the record of its next hop, or not (hnv.md
 * A3). Asked for each routed frame, and by whoever explains one.
 *
 * Before this file: policy.h. After it: resolve.h, which adds what was learned.
 */
#ifndef WNV_ROUTES_H
#define WNV_ROUTES_H

#include "policy.h"

/* wnv_route_find - longest prefix of the routing domain, on-link ones too,
 * then lowest metric; whether the next hop can be reached or not. */
const struct wnv_route *wnv_route_find(const struct wnv_state *state,
				       uint32_t network,
				       const struct wnv_ca *ca);

/* How a customer address is reached from anywhere in its routing domain. */
enum wnv_way {
	WNV_WAY_NONE,	 /* no route covers it */
	WNV_WAY_RECORD,	 /* it has a record (A5.10: before any route) */
	WNV_WAY_VIA,	 /* the record of a route's next hop */
	WNV_WAY_GATEWAY, /* it is a gateway address: ours */
	WNV_WAY_UNKNOWN, /* in a subnet, but without a record */
	WNV_WAY_NO_HOP,	 /* routes, but no next hop can be used (A4.10) */
	WNV_WAY_OUTSIDE, /* no route, but a gateway wildcard (A2.10) */
};

struct wnv_passage {
	enum wnv_way way;
	/* RECORD, VIA, GATEWAY, OUTSIDE: where */
	const struct wnv_subnet *subnet;
	const struct wnv_record *record; /* RECORD, VIA, OUTSIDE */
	const struct wnv_route *route;	 /* the one taken, or the best */
	struct wnv_dynamic dynamic;	 /* where a learned record lies */
};

/* wnv_passage_find - until the passage is written again; longest prefix, then
 * lowest metric (A3.4); routes whose next hop has no usable record are passed
 * over. */
void wnv_passage_find(const struct wnv_state *state, uint32_t network,
		      const struct wnv_ca *ca, uint64_t now_ns,
		      struct wnv_passage *passage);

/*
 * wnv_forwarder_find - the record of who forwards for a CA that has none: the
 * next hop of the best route; under an external router (A3.14), of the best
 * one whose next hop is in `subnet`. NULL: nobody does.
 */
const struct wnv_record *wnv_forwarder_find(const struct wnv_state *state,
					    const struct wnv_subnet *subnet,
					    const struct wnv_ca *ca);

/* wnv_network_holds - is the CA in a prefix of one of its subnets? */
bool wnv_network_holds(const struct wnv_state *state, uint32_t network,
		       const struct wnv_ca *ca);

/* wnv_network_has_router - false: external-router=on, subnets of the network
 * meet at a VM only. */
bool wnv_network_has_router(const struct wnv_state *state, uint32_t network);

#endif
