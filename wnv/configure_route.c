/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_route.c: customer routes (hnv.md A3.1 to A3.5): the last step of
 * configure (draft.h), because a next hop is a record.
 */
#include <errno.h>

#include "draft.h"

/* The subnet that the next hop lives in: the one named, or the one that holds
 * it; NULL after a refusal. */
static const struct wnv_draft_subnet *
route_subnet(struct wnv_draft *draft, const struct vs_object *object,
	     uint32_t network, const struct wnv_ca *hop)
{
	const struct vs_value *vsid = wnv_value(draft, object, WNV_ROUTE_VSID);
	const struct wnv_placed_prefix *placed;
	const struct wnv_draft_subnet *subnet;
	char text[VS_IP_TEXT];

	vs_ip_format(&hop->ip, text);
	if (vsid->present) {
		subnet = wnv_draft_subnet_find(draft, vsid->vsid);
		if (!subnet || subnet->plan.network != network) {
			wnv_refuse(draft, AT(object, "vsid"), ENOENT,
				   "%u is no subnet of this network: name the "
				   "one that holds %s, or leave vsid out",
				   vsid->vsid.value, text);
			return NULL;
		}
		if (wnv_draft_subnet_holds(subnet, hop))
			return subnet;
		wnv_refuse(draft, AT(object, "next-hop"), EINVAL,
			   "%s is in no prefix of subnet %u: name an address "
			   "of that subnet",
			   text, vsid->vsid.value);
		return NULL;
	}
	placed = wnv_draft_on_link(draft, network, &hop->ip);
	if (placed)
		return &draft->subnets[placed->subnet];
	wnv_refuse(draft, AT(object, "next-hop"), EINVAL,
		   "%s is in no subnet of this network: name the address of a "
		   "VM that forwards",
		   text);
	return NULL;
}

/* All but the metric make a route what it is (A3.1). */
static bool route_twice(const struct wnv_draft *draft,
			const struct wnv_route *route)
{
	const struct wnv_route *other;
	uint32_t i;

	for (i = 0; i < draft->route_count; i++) {
		other = &draft->routes[i];
		if (other->network == route->network &&
		    other->prefix.length == route->prefix.length &&
		    vs_ip_equal(&other->prefix.ip, &route->prefix.ip) &&
		    vs_vsid_equal(other->vsid, route->vsid) &&
		    wnv_ca_equal(&other->next_hop, &route->next_hop))
			return true;
	}
	return false;
}

static int check_route(struct wnv_draft *draft, const struct vs_object *object,
		       const struct wnv_draft_subnet *subnet,
		       const struct wnv_route *route)
{
	const struct wnv_record *record;
	char text[VS_IP_TEXT], prefix[VS_PREFIX_TEXT];
	const struct wnv_placed_prefix *placed;

	vs_ip_format(&route->next_hop.ip, text);
	vs_prefix_format(&route->prefix, prefix);
	if (vs_ip_is_v4(&route->prefix.ip) != vs_ip_is_v4(&route->next_hop.ip))
		return wnv_refuse(draft, AT(object, "next-hop"), EINVAL,
				  "%s and %s are of different families", prefix,
				  text);
	if (wnv_draft_subnet_is_gateway(subnet, &route->next_hop))
		return wnv_refuse(
			draft, AT(object, "next-hop"), EINVAL,
			"%s is the gateway of subnet %u, which is the "
			"switch itself: name the VM that forwards",
			text, subnet->plan.vsid.value);
	placed = wnv_draft_on_link(draft, route->network, &route->prefix.ip);
	if (placed && placed->prefix.length == route->prefix.length)
		return wnv_refuse(
			draft, AT(object, NULL), EEXIST,
			"%s is on-link in subnet %u: remove the route or that "
			"prefix",
			prefix, draft->subnets[placed->subnet].plan.vsid.value);
	if (route_twice(draft, route))
		return wnv_refuse(
			draft, AT(object, NULL), EEXIST,
			"another route leads to %s via %s in subnet %u: keep "
			"one",
			prefix, text, subnet->plan.vsid.value);
	record = wnv_draft_record_find(draft, route->vsid, &route->next_hop);
	if (!record)
		wnv_warn(draft, object,
			 "next hop %s has no record: the route is unusable "
			 "until its ca is added",
			 text);
	else if (subnet->several_macs)
		wnv_warn(draft, object,
			 "next hop %s shares subnet %u with other VMs: a "
			 "gateway usually has a subnet of its own",
			 text, route->vsid.value);
	return 0;
}

static int draft_route(struct wnv_draft *draft, uint32_t network,
		       const struct vs_object *object)
{
	const struct vs_value *metric =
		wnv_value(draft, object, WNV_ROUTE_METRIC);
	const struct wnv_draft_subnet *subnet;
	struct wnv_route *routes,
		route = {
			.prefix = wnv_value(draft, object, WNV_ROUTE_PREFIX)
					  ->prefix,
			.network = network,
			.next_hop.ip =
				wnv_value(draft, object, WNV_ROUTE_NEXT_HOP)
					->ip,
		};
	int error;

	subnet = route_subnet(draft, object, network, &route.next_hop);
	if (!subnet)
		return -draft->error->code;
	route.vsid = subnet->plan.vsid;
	route.metric =
		metric->present ? (uint32_t)metric->number : WNV_METRIC_DEFAULT;
	error = check_route(draft, object, subnet, &route);
	if (error)
		return error;
	routes = wnv_grow(draft->routes, draft->route_count, sizeof(*routes));
	if (!routes)
		return wnv_no_memory(draft);
	draft->routes = routes;
	routes[draft->route_count++] = route;
	return 0;
}

/* Nothing passes between subnets that no route leads out of (A3.14). */
static void warn_unrouted(struct wnv_draft *draft, uint32_t network)
{
	uint32_t i, subnets = 0;

	if (!draft->networks[network].external_router)
		return;
	for (i = 0; i < draft->route_count; i++)
		if (draft->routes[i].network == network)
			return;
	for (i = 0; i < draft->subnet_count; i++)
		subnets += draft->subnets[i].plan.network == network;
	if (subnets > 1)
		wnv_warn(
			draft, draft->networks[network].object,
			"external-router=on, but no route of the network names "
			"the router VM: its subnets do not reach each other");
}

int wnv_draft_routes(struct wnv_draft *draft)
{
	const struct vs_object *object;
	uint32_t i;
	int error = 0;

	for (i = 0; i < draft->network_count; i++) {
		object = NULL;
		while (!error &&
		       (object = wnv_next(draft, &wnv_nouns[WNV_NOUN_ROUTE],
					  draft->networks[i].object, object)))
			error = draft_route(draft, i, object);
		if (!error)
			warn_unrouted(draft, i);
	}
	return error;
}
