/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c: the customer routes of every routing domain (hnv.md A3.1 to A3.6):
 * how they are kept, and which way leads to a customer address.
 *
 * Routes of one prefix lie side by side, lowest metric first; the index finds
 * the first of them. A network says which prefix lengths it uses, so that a
 * search probes no others. Before: router.c asks for every frame that is to be
 * routed, guard.c for every source without a record.
 */
#include "routes.h"

#include <errno.h>
#include <stdlib.h>

#include "resolve.h"
#include "tables.h"
#include "wildcard.h"

/* -- building -------------------------------------------------------------- */

static int compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* Network and prefix; then which is taken first. */
static int compare_routes(const void *a, const void *b)
{
	const struct wnv_route *left = a, *right = b;
	int order = compare_numbers(left->network, right->network);

	if (!order)
		order = compare_numbers(left->prefix.length,
					right->prefix.length);
	if (!order)
		order = memcmp(left->prefix.ip.octet, right->prefix.ip.octet,
			       16);
	if (!order)
		order = compare_numbers(left->metric, right->metric);
	if (!order)
		order = memcmp(left->next_hop.ip.octet,
			       right->next_hop.ip.octet, 16);
	return order ? order
		     : compare_numbers(left->vsid.value, right->vsid.value);
}

static bool routes_alike(const struct wnv_route *a, const struct wnv_route *b)
{
	return a->network == b->network &&
	       wnv_prefix_equal(&a->prefix, &b->prefix);
}

static int index_routes(struct wnv_state *state)
{
	const struct wnv_route *route;
	uint32_t i;
	int error = wnv_index_create(&state->domains.by_prefix,
				     state->domains.route_count);

	for (i = 0; !error && i < state->domains.route_count; i++) {
		route = &state->domains.routes[i];
		if (i && routes_alike(route - 1, route)) {
			/* on-link is the only way; one way stands once */
			if (route->on_link || route[-1].on_link ||
			    (vs_vsid_equal(route->vsid, route[-1].vsid) &&
			     wnv_ca_equal(&route->next_hop,
					  &route[-1].next_hop)))
				return -EEXIST;
			continue;
		}
		wnv_index_add(&state->domains.by_prefix,
			      wnv_hash_prefix(state->seed, route->network,
					      &route->prefix),
			      i);
		state->domains.networks[route->network]
			.lengths[route->prefix.length / 64] |=
			1ull << route->prefix.length % 64;
	}
	return error;
}

int wnv_build_routes(struct wnv_state *state, const struct wnv_plan *plan)
{
	struct wnv_route on_link = {.on_link = true};
	const struct wnv_subnet *subnet;
	uint32_t i, j, total = plan->route_count;

	for (i = 0; i < state->subnet_count; i++)
		total += state->subnets[i].prefix_count;
	state->domains.networks = calloc(plan->network_count + 1,
					 sizeof(*state->domains.networks));
	state->domains.routes =
		calloc((size_t)total + 1, sizeof(*state->domains.routes));
	if (!state->domains.networks || !state->domains.routes)
		return -ENOMEM;
	state->domains.network_count = plan->network_count;
	for (i = 0; i < plan->network_count; i++) {
		state->domains.networks[i].rdid = plan->networks[i].rdid;
		state->domains.networks[i].external_router =
			plan->networks[i].external_router;
		state->domains.networks[i].redirect =
			plan->networks[i].redirect;
	}
	for (i = 0; i < plan->route_count; i++)
		state->domains.routes[state->domains.route_count++] =
			plan->routes[i];
	/* each subnet's on-link ones (A3.2) */
	for (i = 0; i < state->subnet_count; i++) {
		subnet = &state->subnets[i];
		on_link.network = subnet->network;
		on_link.vsid = subnet->vsid;
		for (j = 0; j < subnet->prefix_count; j++) {
			on_link.prefix = subnet->prefixes[j];
			state->domains.routes[state->domains.route_count++] =
				on_link;
		}
	}
	qsort(state->domains.routes, state->domains.route_count,
	      sizeof(*state->domains.routes), compare_routes);
	return index_routes(state);
}

/* -- searching ------------------------------------------------------------- */

static const struct wnv_route *route_at(const struct wnv_state *state,
					uint32_t network,
					const struct vs_prefix *prefix)
{
	WNV_INDEX_EACH(i, &state->domains.by_prefix,
		       wnv_hash_prefix(state->seed, network, prefix))
	if (state->domains.routes[i].network == network &&
	    wnv_prefix_equal(&state->domains.routes[i].prefix, prefix))
		return &state->domains.routes[i];
	return NULL;
}

/* All routes that cover an address: longest prefix, then lowest metric. */
struct route_walk {
	const struct wnv_state *state;
	const struct wnv_ca *ca;
	uint32_t network;
	unsigned int word;
	uint64_t lengths; /* of that word, not tried yet */
	const struct wnv_route *route;
};

static struct route_walk walk_routes(const struct wnv_state *state,
				     uint32_t network, const struct wnv_ca *ca)
{
	return (struct route_walk){
		.state = state,
		.ca = ca,
		.network = network,
		.word = 2,
		.lengths = state->domains.networks[network].lengths[2],
	};
}

static const struct wnv_route *next_prefix(struct route_walk *walk)
{
	const uint64_t *lengths =
		walk->state->domains.networks[walk->network].lengths;
	bool v4 = vs_ip_is_v4(&walk->ca->ip);
	const struct wnv_route *route;
	struct vs_prefix prefix;
	unsigned int bit;

	for (;;) {
		while (!walk->lengths) {
			if (!walk->word)
				return NULL;
			walk->lengths = lengths[--walk->word];
		}
		bit = 63 - (unsigned int)__builtin_clzll(walk->lengths);
		walk->lengths &= ~(1ull << bit);
		bit += walk->word * 64;
		/* an IPv6 block never holds a mapped address */
		if (v4 && bit < 96)
			return NULL;
		prefix = wnv_prefix_of(&walk->ca->ip, (uint8_t)bit);
		route = route_at(walk->state, walk->network, &prefix);
		if (route)
			return route;
	}
}

/* The next one, or NULL. */
static const struct wnv_route *walk_next(struct route_walk *walk)
{
	const struct wnv_state *state = walk->state;
	const struct wnv_route *end =
		state->domains.routes + state->domains.route_count;
	const struct wnv_route *route = walk->route;

	if (route && route + 1 < end && routes_alike(route, route + 1))
		walk->route = route + 1;
	else
		walk->route = next_prefix(walk);
	return walk->route;
}

const struct wnv_route *wnv_route_find(const struct wnv_state *state,
				       uint32_t network,
				       const struct wnv_ca *ca)
{
	struct route_walk walk = walk_routes(state, network, ca);

	return walk_next(&walk);
}

/* The subnet's own route to an address; prefixes of subnets do not overlap. */
static const struct wnv_route *on_link_route(const struct wnv_state *state,
					     uint32_t network,
					     const struct wnv_ca *ca)
{
	struct route_walk walk = walk_routes(state, network, ca);
	const struct wnv_route *route;

	while ((route = walk_next(&walk)))
		if (route->on_link)
			return route;
	return NULL;
}

const struct wnv_record *wnv_record_in_network(const struct wnv_state *state,
					       uint32_t network,
					       const struct wnv_ca *ca)
{
	const struct wnv_route *route = on_link_route(state, network, ca);

	return route ? wnv_record_find(state, route->vsid, ca) : NULL;
}

bool wnv_network_holds(const struct wnv_state *state, uint32_t network,
		       const struct wnv_ca *ca)
{
	return on_link_route(state, network, ca) != NULL;
}

bool wnv_network_has_router(const struct wnv_state *state, uint32_t network)
{
	return !state->domains.networks[network].external_router;
}

/* The next hop's record, if traffic can use it. */
static const struct wnv_record *hop_of(const struct wnv_state *state,
				       const struct wnv_route *route)
{
	const struct wnv_record *record =
		wnv_record_find(state, route->vsid, &route->next_hop);

	return record && record->flags & WNV_RECORD_USABLE ? record : NULL;
}

/* Without a record: by the best route whose next hop can be reached. */
static void find_via(const struct wnv_state *state, uint32_t network,
		     const struct wnv_ca *ca, struct wnv_passage *passage)
{
	struct route_walk walk = walk_routes(state, network, ca);
	const struct wnv_route *route;

	while ((route = walk_next(&walk))) {
		if (!passage->route)
			passage->route = route;
		if (route->on_link) {
			passage->way = WNV_WAY_UNKNOWN;
			return;
		}
		passage->way = WNV_WAY_NO_HOP;
		passage->record = hop_of(state, route);
		if (!passage->record)
			continue;
		passage->way = WNV_WAY_VIA;
		passage->route = route;
		return;
	}
}

void wnv_passage_find(const struct wnv_state *state, uint32_t network,
		      const struct wnv_ca *ca, uint64_t now_ns,
		      struct wnv_passage *passage)
{
	const struct wnv_route *route = on_link_route(state, network, ca);

	*passage = (struct wnv_passage){.way = WNV_WAY_NONE,
					.dynamic.now_ns = now_ns};
	if (route) {
		passage->subnet = wnv_subnet_find(state, route->vsid);
		passage->route = route;
		passage->record =
			wnv_resolve(state, route->vsid, ca, &passage->dynamic);
		if (wnv_subnet_is_gateway(passage->subnet, ca))
			passage->way = WNV_WAY_GATEWAY;
		else if (passage->record)
			passage->way = WNV_WAY_RECORD;
		if (passage->way != WNV_WAY_NONE)
			return;
		passage->route = NULL;
	}
	find_via(state, network, ca, passage);
	if (passage->way == WNV_WAY_NONE) {
		passage->record = wnv_wildcard_way(state, network, ca);
		if (passage->record)
			passage->way = WNV_WAY_OUTSIDE;
	}
	if (passage->record)
		passage->subnet = wnv_subnet_find(state, passage->record->vsid);
}

const struct wnv_record *wnv_forwarder_find(const struct wnv_state *state,
					    const struct wnv_subnet *subnet,
					    const struct wnv_ca *ca)
{
	struct route_walk walk = walk_routes(state, subnet->network, ca);
	bool external = !wnv_network_has_router(state, subnet->network);
	const struct wnv_record *record;
	const struct wnv_route *route;

	while ((route = walk_next(&walk))) {
		if (external && !vs_vsid_equal(route->vsid, subnet->vsid))
			continue;
		if (route->on_link)
			return NULL;
		record = hop_of(state, route);
		if (record)
			return record;
	}
	return NULL;
}
