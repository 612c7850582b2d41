/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port_plan.c: a port's object and profile to its plan.
 */
#include "control/port_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/acl_extended.h"
#include "control/host_nouns.h"
#include "control/port_lane.h"
#include "control/port_mirror.h"
#include "control/port_vsids.h"
#include "control/schema.h"
#include "control/stack.h"
#include "core/acl.h"

void port_plan_profile(const struct vs_extension *lowest,
		       const struct vs_state *state, const char *name,
		       struct vs_port_profile *profile)
{
	memset(profile, 0, sizeof(*profile));
	profile->struct_size = sizeof(*profile);
	if (lowest && state && lowest->translate && lowest->translate->profile)
		lowest->translate->profile(state, name, profile);
}

void port_plan_require(const struct store *store,
		       const struct vs_object *object,
		       struct vs_port_profile *profile)
{
	const struct vs_value *required = object_value(object, VS_PORT_REQUIRE);
	const struct vs_object *sw = object_switch(object);
	const char *names[STACK_NAMES];
	uint16_t count = stack_names(store_schema(store), sw, names), i, k;

	for (i = 0; i < required->count; i++) {
		for (k = 0; k < count; k++)
			if (!strcmp(names[k], required->list[i].text))
				break;
		if (k == count)
			snprintf(profile->waits, sizeof(profile->waits),
				 "it requires %.48s, which is not on the "
				 "stack: vsctl ext enable %.48s",
				 required->list[i].text,
				 required->list[i].text);
	}
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
	uint16_t action = object_value(object, HOST_ACL_ACTION)->choice;

	if (!value->present)
		return count;
	memset(rule, 0, sizeof(*rule));
	rule->allow = action == HOST_ACL_ALLOW;
	rule->meter = action == HOST_ACL_METER;
	rule->inbound = way != HOST_DIRECTION_OUT;
	rule->outbound = way != HOST_DIRECTION_IN;
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

uint16_t port_plan_acl_rules(const struct vs_object *object)
{
	struct vs_acl_rule rules[2];
	uint16_t count = 0;

	if (acl_is_extended(object))
		return 0;
	for (uint16_t f = HOST_ACL_LOCAL; !count && f < HOST_ACL_WEIGHT; f++)
		count = add_rule(rules, count, object, f);
	return count;
}

/* The rules of the entries that have a weight. */
static int plan_extended(struct vs_port_plan *plan,
			 const struct port_policy *policy, size_t objects)
{
	const struct schema_noun *noun =
		schema_host(store_schema(policy->store), HOST_ACL);
	struct vs_xacl_rule *rules = calloc(objects, sizeof(*rules));
	const struct vs_object *acl = NULL;
	uint32_t count = 0;

	if (!rules)
		return -ENOMEM;
	while ((acl = store_next(policy->store, noun, policy->object, acl)))
		if (acl_is_extended(acl))
			acl_extended_rule(acl, &rules[count++]);
	plan->xacl = policy->xacl && vs_xacl_is(policy->xacl, rules, count)
			     ? vs_xacl_ref(policy->xacl)
			     : vs_xacl_build(policy->xacl, rules, count,
					     policy->workers);
	free(rules);
	return plan->xacl ? 0 : -ENOMEM;
}

static int plan_acl(struct vs_port_plan *plan, const struct port_policy *policy)
{
	const struct schema_noun *noun =
		schema_host(store_schema(policy->store), HOST_ACL);
	const struct vs_object *acl = NULL;
	struct vs_acl_rule *rules;
	uint16_t count = 0;
	size_t objects = 0, extended = 0;

	while ((acl = store_next(policy->store, noun, policy->object, acl))) {
		objects++;
		extended += acl_is_extended(acl);
	}
	if (extended && plan_extended(plan, policy, extended))
		return -ENOMEM;
	objects -= extended;
	if (!objects)
		return 0;
	rules = calloc(objects * 2, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	while ((acl = store_next(policy->store, noun, policy->object, acl)))
		for (uint16_t f = HOST_ACL_LOCAL;
		     f < HOST_ACL_WEIGHT && !acl_is_extended(acl); f++)
			count = add_rule(rules, count, acl, f);
	plan->acl = policy->acl && vs_acl_is(policy->acl, rules, count)
			    ? vs_acl_ref(policy->acl)
			    : vs_acl_follow(policy->acl, rules, count,
					    policy->workers);
	free(rules);
	return plan->acl ? 0 : -ENOMEM;
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

/* A monitor of the provider's network sees its VLANs too, tagged. */
static void plan_monitor(struct vs_port_plan *plan)
{
	uint16_t i;

	for (i = 0; i < plan->vsid_count; i++)
		if (!plan->vsids[i].value)
			break;
	if (i == plan->vsid_count)
		return;
	plan->lane.mode = VS_LANE_TRUNK;
	plan->lane.untagged = true;
	for (i = 1; i <= VS_VLAN_MAXIMUM; i++)
		lane_set_add(plan->lane.set, i);
}

static void plan_vsids(struct vs_port_plan *plan,
		       const struct vs_object *object)
{
	uint16_t i;

	plan->tagged = port_is_tagged(object);
	plan->vsid_count = port_vsids(object, plan->vsids);
	for (i = 0; i < plan->vsid_count; i++)
		plan->tags[i] = port_tag(object, i);
	port_lane(object, &plan->lane);
	if (plan->monitor)
		plan_monitor(plan);
}

static uint64_t number_of(const struct vs_object *object, uint16_t field)
{
	const struct vs_value *value = object_value(object, field);

	return value->present ? value->number : 0;
}

/* FNV-1a: two names of one number are as likely as two equal GUIDs. */
static uint64_t team_of(const struct vs_object *object)
{
	const struct vs_value *team = object_value(object, VS_PORT_TEAM);
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *at;

	if (!team->present)
		return 0;
	for (at = team->text; *at; at++)
		hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

static void plan_police(struct vs_police *police,
			const struct vs_object *object)
{
	police->dhcp_guard =
		value_or(object_value(object, VS_PORT_DHCP_GUARD), false);
	police->router_guard =
		value_or(object_value(object, VS_PORT_ROUTER_GUARD), false);
	police->priority_tag =
		value_or(object_value(object, VS_PORT_PRIORITY_TAG), false);
	police->snooping = value_or(
		object_value(object_switch(object), VS_SWITCH_SNOOPING), false);
	police->loop_guard =
		value_or(object_value(object, VS_PORT_LOOP_GUARD), true);
	police->team = team_of(object);
	police->weight = (uint16_t)number_of(object, VS_PORT_BANDWIDTH_WEIGHT);
	if (!police->weight)
		police->weight = 1;
	police->storm_limit = (uint32_t)number_of(object, VS_PORT_STORM_LIMIT);
	police->bandwidth[false] = number_of(object, VS_PORT_BANDWIDTH_OUT);
	police->bandwidth[true] = number_of(object, VS_PORT_BANDWIDTH_IN);
}

void port_plan_drop(struct vs_port_plan *plan)
{
	vs_acl_unref(plan->acl);
	vs_xacl_unref(plan->xacl);
}

int port_plan_fill(struct vs_port_plan *plan, const struct port_policy *policy,
		   struct vs_error *error)
{
	const struct vs_object *object = policy->object;
	const struct vs_port_profile *profile = &policy->profile;
	const struct vs_value *mac = object_value(object, VS_PORT_MAC);

	plan->waits = profile->waits[0] != '\0';
	plan->mac_guard =
		value_or(object_value(object, VS_PORT_MAC_GUARD), true);
	plan->ca_guard =
		value_or(object_value(object, VS_PORT_CA_GUARD), true) &&
		!port_is_external(object);
	if (profile->has_mac)
		plan->mac = profile->mac;
	else if (mac->present)
		plan->mac = mac->mac;
	plan->wandering = profile->wandering;
	plan->monitor = port_is_monitor(object);
	if (plan->mac_guard && !plan->monitor && vs_mac_is_zero(&plan->mac) &&
	    object_value(object, VS_PORT_PACKET)->present)
		return unknown_mac(object, error);
	plan_vsids(plan, object);
	plan_police(&plan->police, object);
	if (plan_acl(plan, policy))
		return vs_error_set(error, ENOMEM, "",
				    "port %s: no memory for its ACL",
				    object_key(object));
	return 0;
}

void port_plan_policy(struct port_policy *policy,
		      const struct port_place *place,
		      const struct vs_object *object, struct vs_port_id id)
{
	*policy = (struct port_policy){
		.store = place->store,
		.object = object,
		.workers = vs_switch_workers(place->sw),
		.acl = vs_switch_acl(place->sw, id),
		.xacl = vs_switch_xacl(place->sw, id),
	};
	port_plan_profile(place->lowest, place->state, object_key(object),
			  &policy->profile);
	port_plan_require(place->store, object, &policy->profile);
}

int port_plan_add(struct vs_snapshot *snapshot, struct vs_port_plan *plan,
		  const struct port_policy *policy,
		  const struct port_finder *finder, struct vs_error *error)
{
	int result = port_plan_fill(plan, policy, error);

	port_mirror_plan(plan, policy->store, policy->object, finder);
	if (!result)
		result = vs_snapshot_add_port(snapshot, plan, error);
	if (result)
		port_plan_drop(plan);
	return result;
}
