/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_provider.c: uplinks, provider addresses and routes, peers: the
 * first step of configure (draft.h).
 */
#include <errno.h>
#include <stdio.h>

#include "draft.h"

#define PROVIDERS_MAXIMUM 4096u

int wnv_check_pa(struct wnv_draft *draft, const struct vs_object *object,
		 const char *field, const struct vs_ip *ip)
{
	char text[VS_IP_TEXT];

	vs_ip_format(ip, text);
	if (vs_ip_is_unspecified(ip) || wnv_ip_is_martian(ip))
		return wnv_refuse(draft, AT(object, field), EINVAL,
				  "%s cannot be a provider address: give a "
				  "unicast address of the provider network",
				  text);
	if (wnv_is_link_local6(ip))
		return wnv_refuse(draft, AT(object, field), EINVAL,
				  "%s means another host on every link: give a "
				  "global or unique local address",
				  text);
	return 0;
}

/* The kernel's own entry for an address on the uplink, or NULL. */
static const struct vs_prefix *kernel_has(const struct wnv_draft_uplink *uplink,
					  const struct vs_ip *ip)
{
	uint16_t i;

	for (i = 0; uplink->info && i < uplink->info->address_count; i++)
		if (vs_ip_equal(&uplink->info->addresses[i].ip, ip))
			return &uplink->info->addresses[i];
	return NULL;
}

/* The first address of a block is no host's (in IPv6 it is any router's, RFC
 * 4291 2.6.1), and neither is the last one in IPv4. */
static bool is_block_edge(const struct vs_ip *ip, uint8_t length)
{
	bool zeros = true, ones = vs_ip_is_v4(ip);
	unsigned int bit;

	for (bit = length; bit < 128; bit++) {
		if (ip->octet[bit / 8] & 0x80u >> bit % 8)
			zeros = false;
		else
			ones = false;
	}
	return length < 127 && (zeros || ones);
}

/* The on-link prefix of a PA: the kernel's, the document's, or none known. */
static int provider_prefix(struct wnv_draft *draft,
			   const struct vs_object *object,
			   const struct wnv_draft_uplink *uplink,
			   struct wnv_provider *provider)
{
	const struct vs_value *length = wnv_value(draft, object, WNV_PA_PREFIX);
	/* the kernel's addresses are in no VLAN: with one it is not theirs */
	const struct vs_prefix *kernel =
		provider->vlan ? NULL : kernel_has(uplink, &provider->pa.ip);
	bool ipv4 = vs_ip_is_v4(&provider->pa.ip);
	char text[VS_IP_TEXT];

	vs_ip_format(&provider->pa.ip, text);
	if (length->present && ipv4 && length->number > 32)
		return wnv_refuse(draft, AT(object, "prefix"), ERANGE,
				  "%u is out of range: an IPv4 prefix has 1 to "
				  "32 bits",
				  (unsigned int)length->number);
	provider->owned = !kernel;
	provider->prefix_length = 128;
	if (kernel) {
		provider->prefix_length = kernel->length;
		if (!vs_mac_is_zero(&provider->mac))
			wnv_warn(draft, object,
				 "%s is an address of %s itself, so its mac "
				 "has no effect",
				 text, uplink->name);
		return 0;
	}
	if (length->present) {
		provider->prefix_length =
			(uint8_t)((ipv4 ? 96 : 0) + length->number);
		if (!is_block_edge(&provider->pa.ip, provider->prefix_length))
			return 0;
		return wnv_refuse(draft, AT(object, "prefix"), EINVAL,
				  "%s is the first or last address of its /%u: "
				  "take another address or prefix",
				  text, (unsigned int)length->number);
	}
	if (!uplink->info || !uplink->info->mtu || draft->devices_changed) {
		wnv_warn(draft, object,
			 "%s reaches nobody until %s has the address, or "
			 "prefix= is written",
			 text, uplink->name);
		return 0;
	}
	return wnv_refuse(draft, AT(object, "prefix"), EINVAL,
			  "%s is not an address of %s, so its prefix length is "
			  "not known: write prefix=",
			  text, uplink->name);
}

static int draft_provider(struct wnv_draft *draft,
			  struct wnv_draft_uplink *uplink,
			  const struct vs_object *object)
{
	const struct vs_value *mac = wnv_value(draft, object, WNV_PA_MAC);
	struct wnv_provider provider = {
		.pa.ip = wnv_value(draft, object, WNV_PA_ADDRESS)->ip,
		.vlan = (uint16_t)wnv_value(draft, object, WNV_PA_VLAN)->number,
	};
	struct wnv_provider *providers;
	char text[VS_IP_TEXT];
	int error = wnv_check_pa(draft, object, NULL, &provider.pa.ip);

	if (error)
		return error;
	if (wnv_draft_pa_local(draft, &provider.pa))
		return wnv_refuse(draft, AT(object, NULL), EEXIST,
				  "%s stands at two uplinks: keep one",
				  vs_ip_format(&provider.pa.ip, text));
	if (draft->provider_count == PROVIDERS_MAXIMUM)
		return wnv_refuse(draft, AT(object, NULL), E2BIG,
				  "a switch has at most %u provider addresses",
				  PROVIDERS_MAXIMUM);
	if (mac->present)
		provider.mac = mac->mac;
	if (uplink->info)
		provider.uplink = uplink->info->id;
	snprintf(provider.device, sizeof(provider.device), "%.15s",
		 uplink->name);
	error = provider_prefix(draft, object, uplink, &provider);
	if (error)
		return error;
	providers = wnv_grow(draft->providers, draft->provider_count,
			     sizeof(*providers));
	if (!providers)
		return wnv_no_memory(draft);
	draft->providers = providers;
	wnv_index_add(&draft->index.by_pa,
		      wnv_hash_ip(draft->seed, 0, &provider.pa.ip),
		      draft->provider_count);
	providers[draft->provider_count++] = provider;
	uplink->has_pa = true;
	return 0;
}

static bool is_ipv4_block(const struct vs_prefix *prefix)
{
	return prefix->length >= 96 && vs_ip_is_v4(&prefix->ip);
}

/* Is the router on a link of one of the uplink's PAs? */
static bool on_some_link(const struct wnv_draft *draft,
			 struct vs_port_id uplink, const struct wnv_pa *router)
{
	const struct wnv_provider *provider;
	struct vs_prefix link;
	uint32_t i;

	for (i = 0; i < draft->provider_count; i++) {
		provider = &draft->providers[i];
		link = (struct vs_prefix){provider->pa.ip,
					  provider->prefix_length};
		if (vs_port_equal(provider->uplink, uplink) &&
		    vs_prefix_contains(&link, &router->ip))
			return true;
	}
	return false;
}

static int check_next_hop(struct wnv_draft *draft,
			  const struct vs_object *object,
			  const struct vs_prefix *prefix,
			  const struct vs_ip *hop)
{
	/* as IPv6 routers are named mostly; it is asked on the uplink only */
	if (!wnv_is_link_local6(hop)) {
		int error = wnv_check_pa(draft, object, "next-hop", hop);

		if (error)
			return error;
	}
	if (vs_ip_is_v4(hop) == is_ipv4_block(prefix))
		return 0;
	return wnv_refuse(draft, AT(object, "next-hop"), EINVAL,
			  "the prefix and the next hop are of two families: "
			  "write both as IPv4 or both as IPv6");
}

static int draft_provider_route(struct wnv_draft *draft,
				const struct wnv_draft_uplink *uplink,
				const struct vs_object *object)
{
	const struct vs_value *hop =
		wnv_value(draft, object, WNV_PAROUTE_NEXT_HOP);
	const struct vs_value *metric =
		wnv_value(draft, object, WNV_PAROUTE_METRIC);
	struct wnv_provider_route *routes,
		route = {
			.prefix = wnv_value(draft, object, WNV_PAROUTE_PREFIX)
					  ->prefix,
			.metric = WNV_METRIC_DEFAULT,
		};
	char text[VS_IP_TEXT];
	int error;

	if (metric->present)
		route.metric = (uint32_t)metric->number;
	if (uplink->info)
		route.uplink = uplink->info->id;
	snprintf(route.device, sizeof(route.device), "%s", uplink->name);
	if (hop->present) {
		error = check_next_hop(draft, object, &route.prefix, &hop->ip);
		if (error)
			return error;
		route.next_hop.ip = hop->ip;
		if (!wnv_is_link_local6(&hop->ip) &&
		    !on_some_link(draft, route.uplink, &route.next_hop))
			wnv_warn(draft, object,
				 "next hop %s is in the prefix of no pa of %s: "
				 "it must answer there all the same",
				 vs_ip_format(&hop->ip, text), uplink->name);
	}
	routes = wnv_grow(draft->provider_routes, draft->provider_route_count,
			  sizeof(*routes));
	if (!routes)
		return wnv_no_memory(draft);
	draft->provider_routes = routes;
	if (draft->provider_route_count == UINT16_MAX)
		return wnv_refuse(draft, AT(object, NULL), E2BIG,
				  "a switch has at most %u provider routes",
				  UINT16_MAX);
	routes[draft->provider_route_count++] = route;
	return 0;
}

static int draft_uplink(struct wnv_draft *draft, const struct vs_object *object)
{
	const struct vs_object *child = NULL;
	struct wnv_draft_uplink *uplinks, *uplink;
	int error = 0;

	uplinks =
		wnv_grow(draft->uplinks, draft->uplink_count, sizeof(*uplinks));
	if (!uplinks)
		return wnv_no_memory(draft);
	draft->uplinks = uplinks;
	uplink = &uplinks[draft->uplink_count++];
	*uplink = (struct wnv_draft_uplink){
		.object = object,
		.name = wnv_value(draft, object, VS_UPLINK_DEVICE)->text,
		.info = draft->settings->ops->port(draft->settings, object),
	};
	while (!error && (child = wnv_next(draft, &wnv_nouns[WNV_NOUN_PA],
					   object, child)))
		error = draft_provider(draft, uplink, child);
	while (!error && (child = wnv_next(draft, &wnv_nouns[WNV_NOUN_PAROUTE],
					   object, child)))
		error = draft_provider_route(draft, uplink, child);
	return error;
}

static int add_peer(struct wnv_draft *draft, const struct wnv_peer_plan *peer)
{
	struct wnv_peer_plan *peers =
		wnv_grow(draft->peers, draft->peer_count, sizeof(*peers));

	if (!peers)
		return wnv_no_memory(draft);
	draft->peers = peers;
	peers[draft->peer_count++] = *peer;
	return 0;
}

static int draft_peer(struct wnv_draft *draft, const struct vs_object *object)
{
	const struct vs_value *flowid =
		wnv_value(draft, object, WNV_PEER_FLOWID);
	struct wnv_peer_plan peer = {
		.pa.ip = wnv_value(draft, object, WNV_PEER_ADDRESS)->ip,
		.flowid = !flowid->present || flowid->truth,
	};
	char text[VS_IP_TEXT];
	int error = wnv_check_pa(draft, object, NULL, &peer.pa.ip);

	if (error)
		return error;
	if (wnv_draft_pa_local(draft, &peer.pa)) {
		wnv_warn(draft, object, "%s is a provider address of this host",
			 vs_ip_format(&peer.pa.ip, text));
		return 0;
	}
	return add_peer(draft, &peer);
}

/* A mirror's copies go to a peer, so that there is a way to it. */
static int draft_mirror(struct wnv_draft *draft, const struct vs_object *object)
{
	const struct vs_value *pa = wnv_value(draft, object, VS_MIRROR_PA);
	struct wnv_peer_plan peer = {.flowid = true};
	char text[VS_IP_TEXT];
	uint32_t i;
	int error;

	if (!pa->present)
		return 0;
	peer.pa.ip = pa->ip;
	error = wnv_check_pa(draft, object, "pa", &peer.pa.ip);
	if (error)
		return error;
	if (wnv_draft_pa_local(draft, &peer.pa))
		return wnv_refuse(draft, AT(object, "pa"), EINVAL,
				  "%s is a provider address of this host: a "
				  "mirror on it needs a monitor port, to=PORT",
				  vs_ip_format(&peer.pa.ip, text));
	for (i = 0; i < draft->peer_count; i++)
		if (vs_ip_equal(&draft->peers[i].pa.ip, &peer.pa.ip))
			return 0;
	return add_peer(draft, &peer);
}

int wnv_draft_providers(struct wnv_draft *draft)
{
	const struct vs_noun *uplink, *mirror;
	const struct vs_object *object = NULL;
	uint32_t count = 0;
	int error = 0;

	while ((object =
			wnv_next(draft, &wnv_nouns[WNV_NOUN_PA], NULL, object)))
		count++;
	if (wnv_index_create(&draft->index.by_pa, count))
		return wnv_no_memory(draft);
	uplink = draft->settings->ops->noun(draft->settings, "uplink");
	while (!error && uplink &&
	       (object = wnv_next(draft, uplink, NULL, object)))
		error = draft_uplink(draft, object);
	object = NULL;
	while (!error && (object = wnv_next(draft, &wnv_nouns[WNV_NOUN_PEER],
					    NULL, object)))
		error = draft_peer(draft, object);
	mirror = draft->settings->ops->noun(draft->settings, "mirror");
	while (!error && mirror &&
	       (object = wnv_next(draft, mirror, NULL, object)))
		error = draft_mirror(draft, object);
	return error;
}
