/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guest.c: see guest.h.
 */
#include "guest.h"

#include <stdio.h>

static bool is_news(const struct outbound *out)
{
	return !(out->view->flags & VS_FRAME_REFLECTED) &&
	       out->call->host->mismatch(out->call, out->frame, NULL);
}

/* "its gateway is ..." as an address of the family, or that it has none. */
static void name_gateway(const struct wnv_subnet *subnet, bool v4, char *text,
			 size_t size)
{
	char ip[VS_IP_TEXT];
	uint16_t i;

	snprintf(text, size, "vsid %u has no gateway", subnet->vsid.value);
	for (i = 0; i < subnet->gateway_count; i++) {
		if (vs_ip_is_v4(&subnet->gateways[i].ip) != v4)
			continue;
		snprintf(text, size, "its gateway is %s",
			 vs_ip_format(&subnet->gateways[i].ip, ip));
		return;
	}
}

void guest_sends(const struct outbound *out, const struct wnv_ca *ca)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);
	char ip[VS_IP_TEXT], used[VS_MAC_TEXT], own[VS_MAC_TEXT], text[128];

	if (!is_news(out))
		return;
	vs_ip_format(&ca->ip, ip);
	vs_mac_format(&target, used);
	if (out->subnet->gateway_count)
		snprintf(text, sizeof(text),
			 "what is for %s goes to %s; its gateway is %s", ip,
			 used, vs_mac_format(&out->subnet->gateway_mac, own));
	else
		snprintf(text, sizeof(text),
			 "what is for %s goes to %s; vsid %u has no gateway",
			 ip, used, out->subnet->vsid.value);
	out->call->host->mismatch(out->call, out->frame, text);
}

/* The bits behind the prefix: all zero but the last, or all one but, in IPv4,
 * the last. */
static bool is_edge(const struct vs_prefix *prefix, const struct vs_ip *ip)
{
	bool first = ip->octet[15] & 1, last = true;
	unsigned int bit;

	if (prefix->length > 126)
		return false;
	for (bit = prefix->length; bit < 127; bit++) {
		if (ip->octet[bit / 8] & 0x80u >> bit % 8)
			first = false;
		else
			last = false;
	}
	return first || (last && vs_ip_is_v4(ip) && !(ip->octet[15] & 1));
}

static const struct vs_prefix *prefix_of(const struct wnv_subnet *subnet,
					 const struct vs_ip *ip)
{
	uint16_t i;

	for (i = 0; i < subnet->prefix_count; i++)
		if (vs_prefix_contains(&subnet->prefixes[i], ip))
			return &subnet->prefixes[i];
	return NULL;
}

void guest_asks(const struct outbound *out, const struct wnv_ca *ca)
{
	const struct vs_prefix *prefix = prefix_of(out->subnet, &ca->ip);
	char ip[VS_IP_TEXT], gateway[VS_IP_TEXT + 32], text[160];

	/* a VM with an address of its own choice may have it */
	if (vs_ip_is_link_local(&ca->ip) || out->subnet->seeker_count ||
	    (prefix && !is_edge(prefix, &ca->ip)) || !is_news(out))
		return;
	name_gateway(out->subnet, vs_ip_is_v4(&ca->ip), gateway,
		     sizeof(gateway));
	vs_ip_format(&ca->ip, ip);
	snprintf(text, sizeof(text), "asks for %s, %s; %s", ip,
		 prefix ? "which nobody has" : "which is not on its link",
		 gateway);
	out->call->host->mismatch(out->call, out->frame, text);
}
