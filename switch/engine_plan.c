/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_plan.c: what a port of the policy becomes in a snapshot: its plan,
 * its ACL, what its device shall be like, an uplink's filter. Before it:
 * engine_build.c, which knows the order. Nothing is published here.
 */
#include "engine_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/acl.h"
#include "engine_switch.h"
#include "uplink_filter.h"

/* -- a port's plan ------------------------------------------------------------
 */

static void profile_port(struct build *build, const char *name,
			 struct vs_port_profile *profile)
{
	struct engine_switch *es = build->es;
	const struct vs_extension *lowest;
	uint16_t last;

	memset(profile, 0, sizeof(*profile));
	profile->struct_size = sizeof(*profile);
	if (!es->prepared_count)
		return;
	last = (uint16_t)(es->prepared_count - 1);
	lowest = es->prepared_stack[last].extension;
	if (lowest->translate && lowest->translate->profile &&
	    build->states[last])
		lowest->translate->profile(build->states[last], name, profile);
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

static bool value_or(const struct vs_value *value, bool unset)
{
	return value->present ? value->truth : unset;
}

static uint16_t add_rule(struct vs_acl_rule *rules, uint16_t count,
			 const struct vs_object *object, uint16_t field)
{
	const struct vs_value *value = object_value(object, field);
	struct vs_acl_rule *rule = &rules[count];
	uint16_t way = object_value(object, HOST_ACL_DIRECTION)->choice;

	if (!value->present)
		return count;
	memset(rule, 0, sizeof(*rule));
	rule->allow =
		object_value(object, HOST_ACL_ACTION)->choice == HOST_ACL_ALLOW;
	rule->inbound = way != HOST_ACL_OUT;
	rule->outbound = way != HOST_ACL_IN;
	rule->side = field == HOST_ACL_LOCAL || field == HOST_ACL_LOCAL_MAC
			     ? VS_ACL_LOCAL
			     : VS_ACL_REMOTE;
	rule->by_mac =
		field == HOST_ACL_LOCAL_MAC || field == HOST_ACL_REMOTE_MAC;
	if (rule->by_mac) {
		rule->any_mac = value->any;
		if (!value->any)
			rule->mac = value->mac;
		return (uint16_t)(count + 1);
	}
	if (!value->any) {
		rule->prefix = value->prefix;
		return (uint16_t)(count + 1);
	}
	/* "any" is both families: 0.0.0.0/0 and ::/0 (hnv.md D1.3) */
	rules[count + 1] = *rule;
	rule->prefix.ip = vs_ip_from_v4((const uint8_t[4]){0});
	rule->prefix.length = 96;
	return (uint16_t)(count + 2);
}

static int plan_acl(struct build *build, const struct vs_object *object,
		    struct vs_port_plan *plan)
{
	const struct schema_noun *noun = build_noun(build, HOST_ACL);
	const struct vs_object *acl = NULL;
	struct vs_acl_rule *rules;
	uint16_t count = 0;
	size_t objects = 0;

	while ((acl = store_next(build->store, noun, object, acl)))
		objects++;
	if (!objects)
		return 0;
	rules = calloc(objects * 2, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	while ((acl = store_next(build->store, noun, object, acl)))
		for (uint16_t f = HOST_ACL_LOCAL; f < HOST_ACL_FIELDS; f++)
			count = add_rule(rules, count, acl, f);
	plan->acl =
		vs_acl_build(rules, count, vs_switch_workers(build->es->sw));
	free(rules);
	return plan->acl ? 0 : -ENOMEM;
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

/* The device's MAC is the near end's, not that of who is behind it. */
static int unknown_mac(const struct vs_object *object, struct vs_error *error)
{
	char path[sizeof(error->path)];

	return vs_error_set(
		error, EINVAL, object_path(object, "mac", path, sizeof(path)),
		"a packet port must know the MAC of the VM or container "
		"behind %s: say mac=ADDRESS (or mac-guard=off)",
		object_value(object, VS_PORT_PACKET)->text);
}

static int add_ordinary(struct build *build, struct vs_snapshot *snapshot,
			const struct vs_object *object, struct vs_error *error)
{
	const struct vs_value *vsid = object_value(object, VS_PORT_VSID);
	struct engine_port *port =
		engine_port_find(build->es, object_key(object));
	struct vs_port_profile profile;
	struct vs_port_plan plan;

	profile_port(build, object_key(object), &profile);
	dress_port(port, object, &profile);
	plan_common(port, &plan);
	plan.waits = profile.waits[0] != '\0';
	plan.mac_guard =
		value_or(object_value(object, VS_PORT_MAC_GUARD), true);
	plan.ca_guard = value_or(object_value(object, VS_PORT_CA_GUARD), true);
	plan.mac = port->next_dress.mac;
	if (plan.mac_guard && port->intent.driver == DRIVER_PACKET &&
	    vs_mac_is_zero(&plan.mac))
		return unknown_mac(object, error);
	if (vsid->present)
		plan.vsids[0] = vsid->vsid;
	if (plan_acl(build, object, &plan))
		return vs_error_set(error, ENOMEM, "",
				    "port %s: no memory for its ACL",
				    object_key(object));
	return vs_snapshot_add_port(snapshot, &plan, error);
}

/*
 * An uplink takes in only what WNV needs while no port stands in the
 * provider's own network (VSID 0).
 */
static void plan_filter(struct build *build, struct engine_port *uplink,
			bool open)
{
	struct vs_provider providers[UPLINK_FILTER_ADDRESSES + 1];
	struct vs_ip addresses[UPLINK_FILTER_ADDRESSES + 1];
	struct port_filter *filter = &uplink->next_filter;
	const struct vs_extension *lowest = NULL;
	const struct vs_state *state = NULL;
	uint16_t count, own = 0;

	memset(filter, 0, sizeof(*filter));
	filter->promiscuous = open;
	if (build->es->prepared_count) {
		uint16_t last = (uint16_t)(build->es->prepared_count - 1);

		lowest = build->es->prepared_stack[last].extension;
		state = build->states[last];
	}
	if (!lowest || !lowest->translate || !lowest->translate->providers ||
	    !state)
		return;
	count = lowest->translate->providers(state, providers,
					     UPLINK_FILTER_ADDRESSES + 1);
	if (count > UPLINK_FILTER_ADDRESSES + 1)
		count = UPLINK_FILTER_ADDRESSES + 1;
	for (uint16_t i = 0; i < count; i++) {
		if (!vs_port_equal(providers[i].uplink, uplink->info.id))
			continue;
		addresses[own++] = providers[i].ip;
		filter->promiscuous |= !vs_mac_is_zero(&providers[i].mac);
	}
	if (!open && own)
		filter->count =
			uplink_filter_build(addresses, own, filter->program);
}

void build_plan_filters(struct build *build)
{
	const struct schema_noun *noun = build_noun(build, HOST_PORT);
	const struct vs_object *object = NULL;
	bool open = false;

	while ((object = store_next(build->store, noun, build->object,
				    object))) {
		const struct vs_value *vsid =
			object_value(object, VS_PORT_VSID);

		open |= !vsid->present || vsid->vsid.value == 0;
	}
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
		result = vs_snapshot_add_port(snapshot, &plan, error);
		if (result)
			return result;
	}
	return 0;
}
