/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nexthop.c: the answer of nexthop.h. It asks what translate_out.c and
 * router.c ask, in the same order; a scenario holds the two together.
 */
#include "nexthop.h"

#include <errno.h>
#include <stdio.h>

#include "path_mtu.h"
#include "redirects.h"
#include "resolve.h"
#include "routes.h"
#include "state.h"

const struct vs_field nexthop_arguments[NEXTHOP_ARGUMENTS] = {
	[NEXTHOP_PORT] = {.name = "port",
			  .kind = VS_KIND_NAME,
			  .help = "the port that would send; without it vsid= "
				  "says where"},
	[NEXTHOP_CA] = {.name = "ca",
			.kind = VS_KIND_IP,
			.flags = VS_FIELD_REQUIRED,
			.help = "the customer address that it would send to"},
	[NEXTHOP_VSID] = {.name = "vsid",
			  .kind = VS_KIND_VSID,
			  .minimum = VS_VSID_MINIMUM,
			  .maximum = VS_VSID_MAXIMUM,
			  .unset = "the port's",
			  .help = "the subnet that it would send from"},
	[NEXTHOP_SOURCE] = {.name = "src",
			    .kind = VS_KIND_IP,
			    .unset = "the port's address",
			    .help = "the customer address that it would send "
				    "with"},
};

/* One question, and what was found out. */
struct inquiry {
	const struct nexthop_sight *sight;
	struct vs_reply *reply;
	const struct wnv_subnet *subnet;
	const struct vs_port_profile *profile; /* of the port; NULL: none */
	struct wnv_ca target, source;
	bool has_source;
	struct wnv_dynamic dynamic;
};

static void text(const struct inquiry *inquiry, const char *name,
		 const char *words)
{
	inquiry->reply->ops->text(inquiry->reply, name, words);
}

static void address(const struct inquiry *inquiry, const char *name,
		    const struct vs_ip *ip)
{
	char words[VS_IP_TEXT];

	text(inquiry, name, vs_ip_format(ip, words));
}

static void mac(const struct inquiry *inquiry, const char *name,
		const struct vs_mac *octets)
{
	char words[VS_MAC_TEXT];

	text(inquiry, name, vs_mac_format(octets, words));
}

static void dropped(const struct inquiry *inquiry, enum wnv_reason reason)
{
	char words[400];

	snprintf(words, sizeof(words), "dropped %s: %s",
		 wnv_reasons[reason].name, wnv_reasons[reason].help);
	text(inquiry, "verdict", words);
}

/* -- who sends --------------------------------------------------------------
 */

static int find_subnet(struct inquiry *inquiry, const struct vs_value *values,
		       struct vs_error *error)
{
	const struct vs_value *port = &values[NEXTHOP_PORT];
	struct vs_vsid vsid = {0};

	if (port->present &&
	    !wnv_port_vsid(inquiry->sight->state, port->text, &vsid))
		return vs_error_set(
			error, ENOENT, "port",
			"no port \"%s\" with wnv on its switch: see "
			"vsctl port list",
			port->text);
	if (values[NEXTHOP_VSID].present)
		vsid = values[NEXTHOP_VSID].vsid;
	if (!vsid.value)
		return vs_error_set(error, EINVAL, "vsid",
				    "from which subnet? Name a port that is "
				    "in one, or say vsid=");
	inquiry->subnet = wnv_subnet_find(inquiry->sight->state, vsid);
	if (inquiry->subnet)
		return 0;
	return vs_error_set(error, ENOENT, "vsid",
			    "%u is no subnet of the policy: see vsctl subnet "
			    "list",
			    vsid.value);
}

static void find_source(struct inquiry *inquiry, const struct vs_value *values)
{
	const struct vs_port_profile *profile = NULL;
	bool v4 = vs_ip_is_v4(&inquiry->target.ip);
	uint16_t i;

	if (values[NEXTHOP_PORT].present)
		profile = wnv_port_profile(inquiry->sight->state,
					   values[NEXTHOP_PORT].text);
	inquiry->profile = profile;
	if (values[NEXTHOP_SOURCE].present) {
		inquiry->source.ip = values[NEXTHOP_SOURCE].ip;
		inquiry->has_source = true;
		return;
	}
	for (i = 0; profile && i < profile->address_count; i++) {
		if (vs_ip_is_v4(&profile->addresses[i].ip) != v4)
			continue;
		inquiry->source.ip = profile->addresses[i].ip;
		inquiry->has_source = true;
		return;
	}
}

static const struct wnv_record *source_record(struct inquiry *inquiry)
{
	return inquiry->has_source
		       ? wnv_resolve(inquiry->sight->state,
				     inquiry->subnet->vsid, &inquiry->source,
				     &inquiry->dynamic)
		       : NULL;
}

/* Its port's, or that of the record of its address; zero: unknown. */
static struct vs_mac source_mac(const struct inquiry *inquiry,
				const struct wnv_record *record)
{
	if (inquiry->profile && inquiry->profile->has_mac)
		return inquiry->profile->mac;
	return record ? record->mac : (struct vs_mac){{0}};
}

static const struct wnv_provider *source_pa(struct inquiry *inquiry)
{
	/* it may overwrite what a record of the target points to */
	struct vs_mac mac = source_mac(inquiry, source_record(inquiry));

	return wnv_provider_speaking(
		inquiry->sight->state, inquiry->subnet->vsid,
		inquiry->has_source ? &inquiry->source : NULL, &mac);
}

/* -- the provider's part ----------------------------------------------------
 */

static void tell_path(const struct inquiry *inquiry,
		      const struct wnv_provider *source,
		      const struct wnv_pa *target)
{
	const struct nexthop_sight *sight = inquiry->sight;
	const struct wnv_peer *peer = wnv_peer_find(sight->state, target);
	struct provider_prospect found = provider_look_from(
		sight->provider, sight->state, source, target, sight->now_ns);
	char words[160], pa[VS_IP_TEXT];
	uint16_t mtu = 0;

	if (found.result == WNV_PA_WAY_FAMILY) {
		dropped(inquiry, WNV_PA_FAMILY);
		return;
	}
	text(inquiry, "pa-state", found.sight.state);
	if (found.result == WNV_PA_WAY_FOUND) {
		text(inquiry, "uplink", found.way.via->device);
		address(inquiry, "pa-next-hop", &found.way.hop.ip);
		if (!vs_mac_is_zero(&found.sight.mac))
			mac(inquiry, "pa-next-hop-mac", &found.sight.mac);
	}
	if (peer && peer->tally)
		mtu = path_mtu_of(sight->provider->tallies, peer->tally,
				  sight->now_ns);
	if (mtu)
		inquiry->reply->ops->number(inquiry->reply, "path-mtu", mtu);
	if (found.result != WNV_PA_WAY_FOUND) {
		dropped(inquiry, WNV_PA_NO_ROUTE);
		return;
	}
	snprintf(words, sizeof(words), "sent to %s through %s",
		 vs_ip_format(&target->ip, pa), found.way.via->device);
	text(inquiry, "verdict", words);
}

/* The PA of a record, or where its host said that the VM went, as outbound.c
 * follows it. */
static struct wnv_pa target_of(const struct inquiry *inquiry,
			       const struct wnv_record *record)
{
	const struct nexthop_sight *sight = inquiry->sight;
	const struct wnv_peer *peer =
		wnv_rule_tunnels(record->rule)
			? wnv_redirected(sight->state, record, sight->now_ns)
			: NULL;
	char words[160], from[VS_IP_TEXT], at[VS_IP_TEXT];

	if (!peer)
		return record->pa;
	snprintf(words, sizeof(words),
		 "%s, whom the record names, said that the VM is at %s; "
		 "followed until the record says so",
		 vs_ip_format(&record->pa.ip, from),
		 vs_ip_format(&peer->pa.ip, at));
	text(inquiry, "redirect", words);
	return peer->pa;
}

static void tell_remote(struct inquiry *inquiry,
			const struct wnv_record *record)
{
	static const char *const rules[WNV_RULES] = {
		[WNV_RULE_ENCAP] = "encap",
		[WNV_RULE_NONE] = "none",
		[WNV_RULE_VXLAN] = "vxlan",
		[WNV_RULE_REWRITE] = "rewrite",
	};
	const struct wnv_provider *source;
	struct wnv_pa target;

	text(inquiry, "rule", rules[record->rule]);
	if (record->rule == WNV_RULE_NONE) {
		dropped(inquiry, WNV_RULE_NONE_REMOTE);
		return;
	}
	if (!(record->flags & WNV_RECORD_USABLE) || record->peer == WNV_NONE) {
		dropped(inquiry, WNV_RECORD_UNUSABLE);
		return;
	}
	target = target_of(inquiry, record);
	address(inquiry, "target-pa", &target.ip);
	source = source_pa(inquiry);
	if (!source) {
		dropped(inquiry, WNV_NO_SOURCE_PA);
		return;
	}
	address(inquiry, "source-pa", &source->pa.ip);
	tell_path(inquiry, source, &target);
}

/* -- the customer's part ----------------------------------------------------
 */

static void tell_record(struct inquiry *inquiry,
			const struct wnv_record *record, const char *way)
{
	text(inquiry, "way", way);
	if (!vs_ip_is_unspecified(&record->ca.ip))
		address(inquiry, "next-hop", &record->ca.ip);
	mac(inquiry, "next-hop-mac", &record->mac);
	inquiry->reply->ops->number(inquiry->reply, "next-hop-vsid",
				    record->vsid.value);
	if (record->flags & WNV_RECORD_LOCAL)
		text(inquiry, "verdict", "delivered on this host");
	else
		tell_remote(inquiry, record);
}

static void tell_gateway(const struct inquiry *inquiry)
{
	const struct wnv_subnet *subnet = inquiry->subnet;
	bool v4 = vs_ip_is_v4(&inquiry->target.ip);
	uint16_t i;

	for (i = 0; i < subnet->gateway_count; i++) {
		if (vs_ip_is_v4(&subnet->gateways[i].ip) != v4 ||
		    wnv_is_link_local6(&subnet->gateways[i].ip))
			continue;
		address(inquiry, "gateway", &subnet->gateways[i].ip);
		mac(inquiry, "gateway-mac", &subnet->gateway_mac);
		return;
	}
}

static void tell_route(const struct inquiry *inquiry,
		       const struct wnv_route *route)
{
	char prefix[VS_PREFIX_TEXT], hop[VS_IP_TEXT], words[160];

	if (!route || route->on_link)
		return;
	snprintf(words, sizeof(words), "%s via %s",
		 vs_prefix_format(&route->prefix, prefix),
		 vs_ip_format(&route->next_hop.ip, hop));
	text(inquiry, "route", words);
}

static void tell_passage(struct inquiry *inquiry)
{
	static const char *const ways[] = {
		[WNV_WAY_RECORD] = "record, through the gateway",
		[WNV_WAY_VIA] = "customer route",
		[WNV_WAY_OUTSIDE] = "gateway wildcard",
	};
	const struct wnv_state *state = inquiry->sight->state;
	struct wnv_passage passage;

	if (!wnv_network_has_router(state, inquiry->subnet->network)) {
		dropped(inquiry, WNV_NOT_ROUTED);
		return;
	}
	tell_gateway(inquiry);
	wnv_passage_find(state, inquiry->subnet->network, &inquiry->target,
			 inquiry->sight->now_ns, &passage);
	tell_route(inquiry, passage.route);
	switch (passage.way) {
	case WNV_WAY_GATEWAY:
		text(inquiry, "verdict", "answered here, by the gateway");
		break;
	case WNV_WAY_UNKNOWN:
		dropped(inquiry, WNV_NO_LOOKUP_RECORD);
		break;
	case WNV_WAY_NO_HOP:
		dropped(inquiry, WNV_NEXT_HOP_UNUSABLE);
		break;
	case WNV_WAY_NONE:
		dropped(inquiry, WNV_NO_ROUTE);
		break;
	default:
		tell_record(inquiry, passage.record, ways[passage.way]);
		break;
	}
}

static void tell_target(struct inquiry *inquiry)
{
	const struct wnv_record *record;

	if (wnv_subnet_is_gateway(inquiry->subnet, &inquiry->target)) {
		tell_gateway(inquiry);
		text(inquiry, "verdict", "answered here, by the gateway");
		return;
	}
	record = wnv_resolve(inquiry->sight->state, inquiry->subnet->vsid,
			     &inquiry->target, &inquiry->dynamic);
	if (record)
		tell_record(inquiry, record,
			    record->type == WNV_TYPE_DYNAMIC ? "record, learned"
							     : "record");
	else if (wnv_subnet_holds(inquiry->subnet, &inquiry->target))
		dropped(inquiry, WNV_NO_LOOKUP_RECORD);
	else
		tell_passage(inquiry);
}

int nexthop_tell(const struct nexthop_sight *sight,
		 const struct vs_value *values, struct vs_reply *reply,
		 struct vs_error *error)
{
	struct inquiry inquiry = {
		.sight = sight,
		.reply = reply,
		.target.ip = values[NEXTHOP_CA].ip,
		.dynamic.now_ns = sight->now_ns,
	};
	const struct wnv_record *record;
	struct vs_mac sender;
	int result = find_subnet(&inquiry, values, error);

	if (result || !inquiry.subnet)
		return result;
	if (vs_ip_is_group(&inquiry.target.ip) ||
	    vs_ip_is_unspecified(&inquiry.target.ip))
		return vs_error_set(error, EINVAL, "ca",
				    "a group or unspecified address has no "
				    "next hop: name a VM's address");
	find_source(&inquiry, values);
	if (inquiry.has_source)
		address(&inquiry, "source", &inquiry.source.ip);
	record = source_record(&inquiry);
	sender = source_mac(&inquiry, record);
	if (!vs_mac_is_zero(&sender))
		mac(&inquiry, "source-mac", &sender);
	reply->ops->number(reply, "vsid", inquiry.subnet->vsid.value);
	address(&inquiry, "destination", &inquiry.target.ip);
	if (inquiry.has_source && !record)
		text(&inquiry, "odd",
		     "the source has no record: its frames are ca_spoof");
	tell_target(&inquiry);
	return 0;
}
