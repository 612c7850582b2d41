// SPDX-License-Identifier: Apache-2.0
/*
 * acl_extended.c: extended ACL entries: texts to numbers, and what is refused.
 *
 * Before this file: acl_extended.h. After it: core/xacl.c.
 */
#include "control/acl_extended.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "control/host_nouns.h"
#include "control/schema.h"
#include "control/settings_cursor.h"

#define WEIGHTS	     65536u
#define REMARK_PAIRS 4000000u /* beyond, an apply would take too long */

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{"tcp", VS_IP_TCP},   {"udp", VS_IP_UDP}, {"icmp", VS_IP_ICMP},
	{"igmp", VS_IP_IGMP}, {"gre", VS_IP_GRE}, {"icmp6", VS_IP_ICMP6},
	{"esp", 50},	      {"ah", 51},	  {"sctp", 132},
};

static const struct vs_value *value_of(const struct vs_object *acl,
				       enum host_acl_field field)
{
	return object_value(acl, (uint16_t)field);
}

static bool has(const struct vs_object *acl, enum host_acl_field field)
{
	return value_of(acl, field)->present;
}

bool acl_is_extended(const struct vs_object *acl)
{
	return has(acl, HOST_ACL_WEIGHT);
}

/* -- texts ------------------------------------------------------------------
 */

/* A decimal number up to `maximum`, no sign, no blank; behind it *end. */
static bool number_of(const char *text, uint32_t maximum, uint32_t *number,
		      const char **end)
{
	*number = 0;
	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		*number = *number * 10 + (uint32_t)(*text - '0');
		if (*number > maximum)
			return false;
	}
	*end = text;
	return true;
}

static bool protocol_of(const char *text, uint16_t *protocol)
{
	const char *end;
	uint32_t number;

	*protocol = VS_XACL_PROTOCOL_ANY;
	if (!strcmp(text, "any"))
		return true;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!strcmp(text, protocols[i].name)) {
			*protocol = protocols[i].number;
			return true;
		}
	if (!number_of(text, UINT8_MAX, &number, &end) || *end)
		return false;
	*protocol = (uint16_t)number;
	return true;
}

const char *acl_protocol_text(uint8_t protocol, char text[ACL_PROTOCOL_TEXT])
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocol == protocols[i].number)
			return protocols[i].name;
	snprintf(text, ACL_PROTOCOL_TEXT, "%u", protocol);
	return text;
}

static bool ports_of(const char *text, struct vs_port_range *ports)
{
	uint32_t first, last;
	const char *end;

	*ports = (struct vs_port_range){.first = 1, .last = 0};
	if (!strcmp(text, "any"))
		return true;
	if (!number_of(text, UINT16_MAX, &first, &end))
		return false;
	last = first;
	if (*end == '-' && !number_of(end + 1, UINT16_MAX, &last, &end))
		return false;
	if (*end || last < first)
		return false;
	*ports = (struct vs_port_range){(uint16_t)first, (uint16_t)last};
	return true;
}

static bool is_any(const struct vs_port_range *ports)
{
	return ports->first > ports->last;
}

/* -- one entry --------------------------------------------------------------
 */

static int refuse(const struct vs_object *acl, enum host_acl_field field,
		  struct vs_error *error, const char *text)
{
	const char *name = object_noun(acl)->noun->fields[field].name;

	vs_error_set(error, EINVAL, "", "%s: %s", name, text);
	if (error)
		object_path(acl, name, error->path, sizeof(error->path));
	return -EINVAL;
}

static int check_ports(const struct vs_object *acl, enum host_acl_field field,
		       uint16_t protocol, struct vs_error *error)
{
	struct vs_port_range ports;

	if (!has(acl, field))
		return 0;
	if (!ports_of(value_of(acl, field)->text, &ports))
		return refuse(acl, field, error,
			      "a port or a range, as in 443 or 49152-49182, "
			      "up to 65535");
	if (is_any(&ports) || protocol == VS_XACL_PROTOCOL_ANY ||
	    protocol == VS_IP_TCP || protocol == VS_IP_UDP)
		return 0;
	return refuse(acl, field, error,
		      "only TCP and UDP have ports: say proto=tcp or "
		      "proto=udp, or leave the port out");
}

static bool is_v4(const struct vs_value *prefix)
{
	return vs_ip_is_v4(&prefix->prefix.ip) && prefix->prefix.length >= 96;
}

static int check_sides(const struct vs_object *acl, struct vs_error *error)
{
	const struct vs_value *local = value_of(acl, HOST_ACL_LOCAL);
	const struct vs_value *remote = value_of(acl, HOST_ACL_REMOTE);

	if (has(acl, HOST_ACL_LOCAL_MAC) || has(acl, HOST_ACL_REMOTE_MAC))
		return refuse(acl,
			      has(acl, HOST_ACL_LOCAL_MAC)
				      ? HOST_ACL_LOCAL_MAC
				      : HOST_ACL_REMOTE_MAC,
			      error,
			      "an extended rule (with weight) has no MACs; "
			      "write an entry without weight beside it, both "
			      "must allow");
	if (local->present && !local->any && remote->present && !remote->any &&
	    is_v4(local) != is_v4(remote))
		return refuse(acl, HOST_ACL_REMOTE, error,
			      "local and remote are of two families, which no "
			      "packet is; write one rule for each");
	return 0;
}

static int check_state(const struct vs_object *acl, struct vs_error *error)
{
	const struct vs_value *stateful = value_of(acl, HOST_ACL_STATEFUL);
	bool on = stateful->present && stateful->truth;

	if (on && value_of(acl, HOST_ACL_ACTION)->choice != HOST_ACL_ALLOW)
		return refuse(acl, HOST_ACL_STATEFUL, error,
			      "only a rule that allows makes flows; leave it "
			      "out");
	if (!on && has(acl, HOST_ACL_TIMEOUT))
		return refuse(acl, HOST_ACL_TIMEOUT, error,
			      "it is that of a flow: say stateful=on too");
	return 0;
}

/* What an entry without weight must not have. */
static int check_basic(const struct vs_object *acl, struct vs_error *error)
{
	for (enum host_acl_field field = HOST_ACL_WEIGHT + 1;
	     field < HOST_ACL_FRAMES; field++)
		if (has(acl, field))
			return refuse(
				acl, field, error,
				"only extended rules have it: say weight= "
				"too (1..65535, the highest first)");
	return 0;
}

int acl_extended_check(const struct vs_object *acl, struct vs_error *error)
{
	uint16_t protocol = VS_XACL_PROTOCOL_ANY;

	if (!acl_is_extended(acl))
		return check_basic(acl, error);
	if (value_of(acl, HOST_ACL_ACTION)->choice == HOST_ACL_METER)
		return refuse(acl, HOST_ACL_ACTION, error,
			      "an extended rule allows or denies; a meter has "
			      "no weight");
	if (value_of(acl, HOST_ACL_DIRECTION)->choice == HOST_DIRECTION_BOTH)
		return refuse(acl, HOST_ACL_DIRECTION, error,
			      "an extended rule has one direction: say in or "
			      "out, and write another for the other one");
	if (has(acl, HOST_ACL_PROTO) &&
	    !protocol_of(value_of(acl, HOST_ACL_PROTO)->text, &protocol))
		return refuse(acl, HOST_ACL_PROTO, error,
			      "any, tcp, udp, icmp, icmp6, igmp, gre, esp, ah, "
			      "sctp, or a number up to 255");
	if (has(acl, HOST_ACL_VSID) && has(acl, HOST_ACL_VLAN))
		return refuse(acl, HOST_ACL_VLAN, error,
			      "a frame is in a virtual subnet or in a VLAN: "
			      "leave out vsid or vlan");
	if (check_sides(acl, error) ||
	    check_ports(acl, HOST_ACL_LPORT, protocol, error) ||
	    check_ports(acl, HOST_ACL_RPORT, protocol, error))
		return -EINVAL;
	return check_state(acl, error);
}

static bool take_weight(uint8_t *taken, const struct vs_object *acl)
{
	uint32_t bit =
		(uint32_t)value_of(acl, HOST_ACL_WEIGHT)->number +
		(value_of(acl, HOST_ACL_DIRECTION)->choice == HOST_DIRECTION_IN
			 ? WEIGHTS
			 : 0);
	bool free = !(taken[bit / 8] >> bit % 8 & 1);

	taken[bit / 8] |= (uint8_t)(1u << bit % 8);
	return free;
}

int acl_extended_check_port(const struct store *store,
			    const struct vs_object *port,
			    struct vs_error *error)
{
	const struct schema_noun *noun =
		schema_host(store_schema(store), HOST_ACL);
	uint8_t taken[2 * WEIGHTS / 8] = {0};
	const struct vs_object *acl = NULL;

	if (!store_children(store, noun, port))
		return 0;
	while ((acl = store_next(store, noun, port, acl)))
		if (acl_is_extended(acl) && !take_weight(taken, acl))
			return refuse(acl, HOST_ACL_WEIGHT, error,
				      "another extended rule of this port and "
				      "direction has this weight; give each "
				      "its own, the highest decides first");
	return 0;
}

static bool take_prefix(const struct vs_value *value, struct vs_prefix *prefix)
{
	if (!value->present || value->any)
		return false;
	*prefix = value->prefix;
	return true;
}

static struct vs_port_range take_ports(const struct vs_value *value)
{
	struct vs_port_range ports = {.first = 1, .last = 0};

	if (value->present)
		ports_of(value->text, &ports);
	return ports;
}

void acl_extended_rule(const struct vs_object *acl, struct vs_xacl_rule *rule)
{
	const struct vs_value *timeout = value_of(acl, HOST_ACL_TIMEOUT);
	const struct vs_value *vsid = value_of(acl, HOST_ACL_VSID);
	const struct vs_value *vlan = value_of(acl, HOST_ACL_VLAN);
	const struct vs_value *proto = value_of(acl, HOST_ACL_PROTO);
	const struct vs_value *stateful = value_of(acl, HOST_ACL_STATEFUL);

	memset(rule, 0, sizeof(*rule));
	rule->allow = value_of(acl, HOST_ACL_ACTION)->choice == HOST_ACL_ALLOW;
	rule->inbound =
		value_of(acl, HOST_ACL_DIRECTION)->choice == HOST_DIRECTION_IN;
	rule->stateful = stateful->present && stateful->truth;
	rule->by_local =
		take_prefix(value_of(acl, HOST_ACL_LOCAL), &rule->local);
	rule->by_remote =
		take_prefix(value_of(acl, HOST_ACL_REMOTE), &rule->remote);
	rule->local_ports = take_ports(value_of(acl, HOST_ACL_LPORT));
	rule->remote_ports = take_ports(value_of(acl, HOST_ACL_RPORT));
	rule->protocol = VS_XACL_PROTOCOL_ANY;
	if (proto->present)
		protocol_of(proto->text, &rule->protocol);
	rule->weight = (uint16_t)value_of(acl, HOST_ACL_WEIGHT)->number;
	rule->idle_s =
		timeout->present ? (uint16_t)timeout->number : VS_XACL_IDLE_S;
	if (vsid->present)
		rule->vsid = vsid->vsid;
	if (vlan->present)
		rule->vsid = vs_vsid_of_vlan((uint16_t)vlan->number);
}

/* -- what a basic entry makes useless ---------------------------------------
 */

static bool covers(const struct vs_prefix *outer, const struct vs_prefix *inner)
{
	return outer->length <= inner->length &&
	       vs_prefix_overlaps(outer, inner);
}

static bool is_way(const struct vs_object *basic, const struct vs_object *rule)
{
	uint16_t way = value_of(basic, HOST_ACL_DIRECTION)->choice;

	return way == HOST_DIRECTION_BOTH ||
	       way == value_of(rule, HOST_ACL_DIRECTION)->choice;
}

/* The basic entry's side, where a rule has one too. */
static const struct vs_value *side_of(const struct vs_object *basic,
				      enum host_acl_field *field)
{
	*field = has(basic, HOST_ACL_LOCAL) ? HOST_ACL_LOCAL : HOST_ACL_REMOTE;
	return value_of(basic, *field);
}

/* Does a longer basic entry of the deny's side let some of the rule through? */
static bool is_saved(const struct store *store, const struct vs_object *deny,
		     const struct vs_object *rule)
{
	const struct schema_noun *noun = object_noun(rule);
	const struct vs_object *other = NULL;
	enum host_acl_field field, its;
	const struct vs_value *wanted, *side, *denied = side_of(deny, &field);

	wanted = value_of(rule, field);
	while ((other = store_next(store, noun, object_parent(rule), other))) {
		if (acl_is_extended(other) || !is_way(other, rule) ||
		    value_of(other, HOST_ACL_ACTION)->choice != HOST_ACL_ALLOW)
			continue;
		side = side_of(other, &its);
		if (its != field || !side->present || side->any ||
		    (!denied->any &&
		     side->prefix.length <= denied->prefix.length))
			continue;
		if (!wanted->present || wanted->any ||
		    vs_prefix_overlaps(&side->prefix, &wanted->prefix))
			return true;
	}
	return false;
}

static bool denies_all(const struct store *store, const struct vs_object *deny,
		       const struct vs_object *rule)
{
	const struct vs_value *denied, *wanted;
	enum host_acl_field field;

	if (value_of(deny, HOST_ACL_ACTION)->choice != HOST_ACL_DENY ||
	    !is_way(deny, rule))
		return false;
	if ((has(deny, HOST_ACL_LOCAL_MAC) &&
	     value_of(deny, HOST_ACL_LOCAL_MAC)->any) ||
	    (has(deny, HOST_ACL_REMOTE_MAC) &&
	     value_of(deny, HOST_ACL_REMOTE_MAC)->any))
		return true;
	denied = side_of(deny, &field);
	wanted = value_of(rule, field);
	if (!denied->present)
		return false;
	if (!denied->any && (!wanted->present || wanted->any ||
			     !covers(&denied->prefix, &wanted->prefix)))
		return false;
	return !is_saved(store, deny, rule);
}

static void remark(struct cursor_maker *maker, const struct vs_object *rule,
		   const struct vs_object *deny)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "the basic entry \"%.120s\" denies all that this rule "
		 "allows; both must allow: delete it, or add a basic allow of "
		 "a longer prefix",
		 object_key(deny));
	maker->ops->warn(maker, rule, text);
}

static void port_remarks(const struct store *store,
			 const struct vs_object *port,
			 struct cursor_maker *maker)
{
	const struct schema_noun *noun =
		schema_host(store_schema(store), HOST_ACL);
	size_t count = store_children(store, noun, port), basic = 0;
	const struct vs_object *deny = NULL, *rule = NULL;

	while ((deny = store_next(store, noun, port, deny)))
		basic += !acl_is_extended(deny);
	if (basic * count > REMARK_PAIRS)
		return;
	while (basic && basic < count &&
	       (rule = store_next(store, noun, port, rule))) {
		if (!acl_is_extended(rule) ||
		    value_of(rule, HOST_ACL_ACTION)->choice != HOST_ACL_ALLOW)
			continue;
		for (deny = NULL; (deny = store_next(store, noun, port, deny));)
			if (!acl_is_extended(deny) &&
			    denies_all(store, deny, rule)) {
				remark(maker, rule, deny);
				break;
			}
	}
}

void acl_extended_remarks(const struct store *store, struct cursor_maker *maker)
{
	const struct schema_noun *noun =
		schema_host(store_schema(store), HOST_PORT);
	const struct vs_object *port = NULL;

	if (!maker->ops || !maker->ops->warn)
		return;
	while ((port = store_next(store, noun, NULL, port)))
		port_remarks(store, port, maker);
}
