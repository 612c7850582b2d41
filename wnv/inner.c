/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inner.c: reads the customer frame of a provider packet. Nothing here looks
 * at policy, and nothing is written.
 *
 * Before it: codec.c found where the frame begins. After it: translate_in.c.
 */
#include "inner.h"

#include <string.h>

#include <vswitch/wire.h>

#include "learn.h"

#define ND_LINK_ADDRESS_SOURCE 1u
#define ND_LINK_ADDRESS_TARGET 2u
#define TCP_SIZE	       20u
#define ARP_REQUEST	       1u
#define EXTENSIONS	       8u /* as many as core's parser follows */

#define IPV6_HOP      0u
#define IPV6_ROUTING  43u
#define IPV6_FRAGMENT 44u
#define IPV6_OPTIONS  60u

/* A piece of the frame that was cut out with its bounds. */
struct piece {
	const uint8_t *bytes;
	uint32_t size;
};

static void note_tcp(struct wnv_inner *inner, const struct piece *piece,
		     uint32_t offset)
{
	if (offset <= piece->size && piece->size - offset >= TCP_SIZE)
		inner->l4 = (uint16_t)(inner->l3 + offset);
}

static bool read_ipv4(const struct piece *piece, struct wnv_inner *inner)
{
	const uint8_t *ip = piece->bytes;
	uint32_t header, total;

	if (piece->size < VS_IPV4_SIZE || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 15u) * 4;
	total = vs_load16(ip + 2);
	if (header < VS_IPV4_SIZE || total < header || total > piece->size)
		return false;
	inner->ip = true;
	inner->tos = ip[1];
	inner->source.ip = vs_ip_from_v4(ip + 12);
	inner->has_source = vs_load32(ip + 12) != 0;
	inner->target.ip = vs_ip_from_v4(ip + 16);
	if (ip[9] == VS_IP_UDP && !(vs_load16(ip + 6) & 0x3fff) &&
	    total - header >= 8 && learn_is_dhcp(ip + header))
		inner->dhcp = (uint16_t)(inner->l3 + header);
	if (ip[9] == VS_IP_TCP && !(vs_load16(ip + 6) & 0x3fff))
		note_tcp(inner, &(struct piece){ip, total}, header);
	return true;
}

/* The link-layer address options of ND name the sender's MAC, or lie. */
static void check_nd_options(const struct piece *options,
			     struct wnv_inner *inner)
{
	uint32_t at = 0;

	while (at + 8 <= options->size) {
		const uint8_t *option = options->bytes + at;
		uint32_t size = option[1] * 8u;

		if (size == 0 || size > options->size - at)
			return;
		if ((option[0] == ND_LINK_ADDRESS_SOURCE ||
		     option[0] == ND_LINK_ADDRESS_TARGET) &&
		    memcmp(option + 2, inner->source_mac.octet, 6) != 0)
			inner->false_owner = true;
		at += size;
	}
}

static void read_nd(const struct piece *icmp, struct wnv_inner *inner)
{
	uint8_t type = icmp->bytes[0];
	uint32_t fixed = type == VS_ND_ROUTER_SOLICIT  ? 8
			 : type == VS_ND_ROUTER_ADVERT ? 16
			 : type == VS_ND_REDIRECT      ? 40
						       : 24;

	if (type < VS_ND_ROUTER_SOLICIT || type > VS_ND_ADVERT ||
	    icmp->size < fixed)
		return;
	inner->teaches = type == VS_ND_SOLICIT || type == VS_ND_ADVERT;
	inner->seeks = type == VS_ND_SOLICIT;
	if (type == VS_ND_ADVERT) {
		inner->advertised.ip = vs_ip_from_v6(icmp->bytes + 8);
		inner->advertises = true;
		if (vs_ip_is_v4(&inner->advertised.ip)) /* mapped */
			inner->false_owner = true;
	}
	check_nd_options(
		&(struct piece){icmp->bytes + fixed, icmp->size - fixed},
		inner);
}

/* Where an IPv6 chain of extension headers ends. */
struct chain {
	uint32_t offset;
	uint8_t next;
	bool fragment, later; /* later: not the first of them */
};

/* False: cut, or longer than anybody needs. */
static bool chain_walk(const struct piece *packet, struct chain *chain)
{
	unsigned int i;

	for (i = 0; i <= EXTENSIONS; i++) {
		const uint8_t *header = packet->bytes + chain->offset;
		bool fragment = chain->next == IPV6_FRAGMENT;
		uint32_t size;

		if ((chain->next != IPV6_HOP && chain->next != IPV6_ROUTING &&
		     chain->next != IPV6_OPTIONS && !fragment) ||
		    chain->later)
			return true;
		if (packet->size - chain->offset < 8)
			return false;
		size = fragment ? 8 : (header[1] + 1u) * 8;
		if (size > packet->size - chain->offset)
			return false;
		if (fragment && vs_load16(header + 2) & 0xfff9)
			chain->fragment = true;
		if (fragment && vs_load16(header + 2) & 0xfff8)
			chain->later = true;
		chain->next = header[0];
		chain->offset += size;
	}
	return false;
}

/* What a guard must see of the transport; false: it is hidden from it. */
static bool read_transport6(const struct piece *packet,
			    const struct chain *chain, struct wnv_inner *inner)
{
	struct piece rest = {packet->bytes + chain->offset,
			     packet->size - chain->offset};

	if (chain->later)
		return true;
	if (chain->next == VS_IP_TCP && !chain->fragment)
		note_tcp(inner, packet, chain->offset);
	if (chain->next == VS_IP_UDP && !chain->fragment && rest.size >= 8 &&
	    learn_is_dhcp6(rest.bytes))
		inner->dhcp = (uint16_t)(inner->l3 + chain->offset);
	if (chain->next != VS_IP_ICMP6)
		return true;
	/* RFC 7112, RFC 6980: ICMPv6 shows its type at once, and neighbour
	 * discovery is never fragmented. */
	if (chain->fragment &&
	    (rest.size < 4 || (rest.bytes[0] >= VS_ND_ROUTER_SOLICIT &&
			       rest.bytes[0] <= VS_ND_REDIRECT)))
		return false;
	if (rest.size >= 4)
		read_nd(&rest, inner);
	return true;
}

static bool read_ipv6(const struct piece *piece, struct wnv_inner *inner)
{
	const uint8_t *ip = piece->bytes;
	struct chain chain = {.offset = VS_IPV6_SIZE};
	struct vs_ip source, target;
	uint32_t payload;

	if (piece->size < VS_IPV6_SIZE || ip[0] >> 4 != 6)
		return false;
	payload = vs_load16(ip + 4);
	source = vs_ip_from_v6(ip + 8);
	target = vs_ip_from_v6(ip + 24);
	if (payload > piece->size - VS_IPV6_SIZE || vs_ip_is_v4(&source) ||
	    vs_ip_is_v4(&target))
		return false;
	inner->ip = true;
	inner->tos = (uint8_t)(ip[0] << 4 | ip[1] >> 4);
	inner->source.ip = source;
	inner->has_source = !vs_ip_is_unspecified(&source);
	inner->target.ip = target;
	chain.next = ip[6];
	return chain_walk(&(struct piece){ip, VS_IPV6_SIZE + payload},
			  &chain) &&
	       read_transport6(&(struct piece){ip, VS_IPV6_SIZE + payload},
			       &chain, inner);
}

static bool read_arp(const struct piece *piece, struct wnv_inner *inner)
{
	static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};
	const uint8_t *arp = piece->bytes;

	if (piece->size < VS_ARP_SIZE || memcmp(arp, head, sizeof(head)) != 0)
		return false;
	inner->source.ip = vs_ip_from_v4(arp + 14);
	inner->has_source = vs_load32(arp + 14) != 0;
	inner->teaches = true;
	inner->seeks = vs_load16(arp + 6) == ARP_REQUEST &&
		       memcmp(arp + 14, arp + 24, 4) != 0;
	inner->target.ip = vs_ip_from_v4(arp + 24);
	inner->false_owner = memcmp(arp + 8, inner->source_mac.octet, 6) != 0;
	return true;
}

static bool read_network(const struct piece *frame, struct wnv_inner *inner)
{
	struct piece piece = {frame->bytes + VS_ETHERNET_SIZE,
			      frame->size - VS_ETHERNET_SIZE};

	switch (inner->ether_type) {
	case VS_TYPE_IPV4:
		return read_ipv4(&piece, inner);
	case VS_TYPE_IPV6:
		return read_ipv6(&piece, inner);
	case VS_TYPE_ARP:
		return read_arp(&piece, inner);
	default:
		return true;
	}
}

bool wnv_inner_read(const uint8_t *bytes, uint32_t size,
		    struct wnv_inner *inner, enum wnv_reason *reason)
{
	struct piece frame = {bytes, size};

	memset(inner, 0, sizeof(*inner));
	*reason = WNV_INNER_SHORT;
	if (size < VS_ETHERNET_SIZE)
		return false;
	memcpy(inner->target_mac.octet, bytes, 6);
	memcpy(inner->source_mac.octet, bytes + 6, 6);
	inner->ether_type = vs_load16(bytes + 12);
	inner->l3 = VS_ETHERNET_SIZE;
	*reason = WNV_INNER_VLAN; /* RFC 7637 3.2: MUST be dropped */
	if (inner->ether_type == VS_TYPE_VLAN ||
	    inner->ether_type == VS_TYPE_QINQ)
		return false;
	*reason = WNV_INNER_SRC_MCAST;
	if (vs_mac_is_group(&inner->source_mac) ||
	    vs_mac_is_zero(&inner->source_mac))
		return false;
	*reason = WNV_LINK_LOCAL_MCAST;
	if (wnv_mac_is_link_local(&inner->target_mac))
		return false;
	*reason = WNV_INNER_BAD_IP;
	return read_network(&frame, inner);
}
