/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_plan.c: what a port of the policy becomes in a snapshot: what its
 * device shall be like, an uplink's filter; its plan is control/port_plan.c's.
 * Before it: engine_build.c, which knows the order. Nothing is published here.
 */
#include "engine_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/port_mirror.h"
#include "control/port_plan.h"
#include "control/port_vsids.h"
#include "engine_switch.h"
#include "uplink_filter.h"

/* -- a port's plan ------------------------------------------------------------
 */

static struct port_place place_of(const struct build *build)
{
	const struct engine_switch *es = build->es;
	uint16_t count = es->prepared_count;

	return (struct port_place){
		.sw = es->sw,
		.store = build->store,
		.lowest =
			count ? es->prepared_stack[count - 1].extension : NULL,
		.state = count ? build->states[count - 1] : NULL,
	};
}

static void dress_port(struct engine_port *port, const struct vs_object *object,
		       const struct vs_port_profile *profile)
{
	const struct vs_value *mtu = object_value(object, VS_PORT_MTU);
	const struct vs_value *mac = object_value(object, VS_PORT_MAC);
	struct port_dress *dress = &port->next_dress;

	memset(dress, 0, sizeof(*dress));
	dress->mtu = mtu->present ? (uint16_t)mtu->number : profile->mtu;
	if (profile->has_mac)
		dress->mac = profile->mac;
	else if (mac->present)
		dress->mac = mac->mac;
	snprintf(port->next_refused, sizeof(port->next_refused), "%s",
		 profile->waits);
	if (!port->intent.netns[0])
		return;
	dress->address_count = profile->address_count;
	memcpy(dress->addresses, profile->addresses, sizeof(dress->addresses));
	dress->gateway_count = profile->gateway_count;
	memcpy(dress->gateways, profile->gateways, sizeof(dress->gateways));
}

static void plan_common(const struct engine_port *port,
			struct vs_port_plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->info = port->info;
	plan->link = port->link;
	plan->worker = port->worker;
	plan->vsid_count = 1; /* VSID 0 */
}

struct build_finder {
	struct port_finder finder; /* first */
	struct engine_switch *es;
};

static struct vs_port_id find_id(const struct port_finder *finder,
				 const char *name)
{
	const struct build_finder *of = (const struct build_finder *)finder;
	const struct engine_port *port = engine_port_find(of->es, name);

	return port ? port->info.id : (struct vs_port_id){0};
}

/* Who makes a port wait hears of it; of devices, which a rebuild is about, the
 * port's own line tells. */
static void remark_wait(const struct build *build,
			const struct vs_object *object, const char *waits)
{
	struct cursor_maker *maker = build->maker;
	char text[192];

	if (!waits[0] || maker == &build->engine->maker || !maker->ops->warn)
		return;
	snprintf(text, sizeof(text), "the port waits: %s", waits);
	maker->ops->warn(maker, object, text);
}

static int add_ordinary(struct build *build, struct vs_snapshot *snapshot,
			const struct vs_object *object, struct vs_error *error)
{
	struct engine_port *port =
		engine_port_find(build->es, object_key(object));
	const struct build_finder finder = {{find_id}, build->es};
	const struct port_place place = place_of(build);
	struct port_policy policy;
	struct vs_port_plan plan;

	port_plan_policy(&policy, &place, object, port->info.id);
	dress_port(port, object, &policy.profile);
	remark_wait(build, object, policy.profile.waits);
	plan_common(port, &plan);
	return port_plan_add(snapshot, &plan, &policy, &finder.finder, error);
}

/* Provider addresses while an uplink's filter is planned. */
struct uplink_addresses {
	struct vs_provider *all; /* of the switch */
	uint16_t all_count;
	struct vs_ip *tunnels; /* ours, where tunnels come to */
	struct vs_ip *plain;   /* ours, where all IP is for the extension */
	struct address_range *ranges; /* of those */
	struct vs_ip *groups;	      /* to be joined on this uplink */
	uint16_t tunnel_count, plain_count, group_count;
	bool queries; /* some are not the kernel's to answer for */
};

static void free_addresses(struct uplink_addresses *of)
{
	free(of->all);
	free(of->tunnels);
	free(of->plain);
	free(of->ranges);
	free(of->groups);
}

/* False: there are none, or no memory; then everything is let in. */
static bool take_addresses(const struct build *build,
			   struct uplink_addresses *of)
{
	const struct vs_extension *lowest;
	const struct vs_state *state;
	uint16_t last;

	memset(of, 0, sizeof(*of));
	if (!build->es->prepared_count)
		return false;
	last = (uint16_t)(build->es->prepared_count - 1);
	lowest = build->es->prepared_stack[last].extension;
	state = build->states[last];
	if (!lowest->translate || !lowest->translate->providers || !state)
		return false;
	of->all_count = lowest->translate->providers(state, NULL, 0);
	if (!of->all_count)
		return false;
	of->all = calloc(of->all_count, sizeof(*of->all));
	of->tunnels = calloc(of->all_count, sizeof(*of->tunnels));
	of->plain = calloc(of->all_count, sizeof(*of->plain));
	of->ranges = calloc(of->all_count, sizeof(*of->ranges));
	of->groups = calloc(of->all_count, sizeof(*of->groups));
	if (of->all && of->tunnels && of->plain && of->ranges && of->groups) {
		lowest->translate->providers(state, of->all, of->all_count);
		return true;
	}
	free_addresses(of);
	return false;
}

static void sort_address(struct uplink_addresses *of,
			 const struct vs_provider *provider,
			 struct port_filter *filter)
{
	if (provider->encapsulations & 1u << VS_ENCAP_NONE) {
		of->plain[of->plain_count++] = provider->ip;
	} else {
		of->tunnels[of->tunnel_count++] = provider->ip;
		if (of->tunnel_count <= PRIV_ADDRESSES)
			filter->addresses[filter->address_count++] =
				provider->ip;
	}
	filter->vxlan |= provider->encapsulations & 1u << VS_ENCAP_VXLAN;
}

/* The kernel joins it, untagged; in a VLAN the extension reports it itself. */
static void take_group(struct uplink_addresses *of,
		       const struct vs_provider *provider)
{
	uint16_t i;

	for (i = 0; i < of->group_count; i++)
		if (vs_ip_equal(&of->groups[i], &provider->ip))
			return;
	if (provider->vlan)
		of->queries = true;
	else
		of->groups[of->group_count++] = provider->ip;
}

/* A device drops MACs, tags and groups that it was not told of. */
static void open_device(const struct vs_provider *provider,
			struct port_filter *filter)
{
	filter->promiscuous |=
		!vs_mac_is_zero(&provider->mac) || provider->vlan;
	filter->groups |= provider->owned && !vs_ip_is_v4(&provider->ip);
	filter->echoes |= provider->owned;
}

/* The uplink's own addresses, then those of the others: what is for one of
 * ours may come by any uplink, as the fabric routes it. */
static void sort_addresses(struct uplink_addresses *of,
			   const struct engine_port *uplink,
			   struct port_filter *filter)
{
	for (unsigned int others = 0; others < 2; others++) {
		for (uint16_t i = 0; i < of->all_count; i++) {
			bool is_own = vs_port_equal(of->all[i].uplink,
						    uplink->info.id);

			bool group = vs_ip_is_group(&of->all[i].ip);

			if (is_own == (others != 0) || (group && !is_own))
				continue;
			sort_address(of, &of->all[i], filter);
			if (group)
				take_group(of, &of->all[i]);
			if (is_own)
				open_device(&of->all[i], filter);
		}
	}
}

/* The kernel is kept from exactly ours, from as many as it may be told; we
 * look at others between them as well. */
static void plan_ranges(struct uplink_addresses *of, struct port_filter *filter,
			struct uplink_filter_plan *plan)
{
	uint16_t count =
		address_ranges_join(of->plain, of->plain_count, of->ranges);

	filter->range_count = count < PRIV_RANGES ? count : PRIV_RANGES;
	if (count)
		memcpy(filter->ranges, of->ranges,
		       filter->range_count * sizeof(*of->ranges));
	plan->ranges = of->ranges;
	plan->range_count = address_ranges_shrink(of->ranges, count,
						  UPLINK_FILTER_RANGES / 2);
}

/*
 * An uplink takes in only what WNV needs while no port stands in the
 * provider's own network (VSID 0).
 */
static void plan_filter(struct build *build, struct engine_port *uplink,
			bool open)
{
	struct port_filter *filter = &uplink->next_filter;
	struct uplink_filter_plan plan;
	struct uplink_addresses of;

	memset(filter, 0, sizeof(*filter));
	filter->promiscuous = open;
	if (!take_addresses(build, &of)) {
		engine_groups_plan(uplink, NULL, 0);
		return;
	}
	sort_addresses(&of, uplink, filter);
	engine_groups_plan(uplink, of.groups, of.group_count);
	plan = (struct uplink_filter_plan){
		.addresses = of.tunnels,
		.count = of.tunnel_count,
		.echoes = filter->echoes,
		.vxlan = filter->vxlan,
		.queries = of.queries,
	};
	plan_ranges(&of, filter, &plan);
	if (!open && (of.tunnel_count || of.plain_count))
		filter->count = uplink_filter_build(&plan, filter->program);
	free_addresses(&of);
}

void build_plan_filters(struct build *build)
{
	const struct schema_noun *noun = build_noun(build, HOST_PORT);
	const struct vs_object *object = NULL;
	bool open = false;

	while ((object = store_next(build->store, noun, build->object, object)))
		open |= !port_is_monitor(object) &&
			!vs_vsid_is_tenant(port_vsid(object));
	for (struct engine_port *p = build->es->ports; p; p = p->next)
		open |= p->wanted && p->intent.driver == DRIVER_HOST;
	for (struct engine_port *p = build->es->ports; p; p = p->next)
		if (p->wanted && p->intent.driver == DRIVER_UPLINK)
			plan_filter(build, p, open);
}

int build_add_ports(struct build *build, struct vs_snapshot *snapshot,
		    struct vs_error *error)
{
	const struct schema_noun *noun = build_noun(build, HOST_PORT);
	const struct vs_object *object = NULL;
	struct vs_port_plan plan;
	int result;

	while ((object = store_next(build->store, noun, build->object,
				    object))) {
		result = add_ordinary(build, snapshot, object, error);
		if (result)
			return result;
	}
	for (struct engine_port *p = build->es->ports; p; p = p->next) {
		if (!p->wanted || (p->intent.driver != DRIVER_UPLINK &&
				   p->intent.driver != DRIVER_HOST))
			continue;
		plan_common(p, &plan);
		plan.mac_guard = p->intent.driver == DRIVER_HOST;
		plan.police.priority_tag = true; /* of the host, and the wire */
		result = vs_snapshot_add_port(snapshot, &plan, error);
		if (result)
			return result;
	}
	return 0;
}
