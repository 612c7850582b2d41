/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.c: writes the frames of discovery.h. A question of ARP is a probe
 * (RFC 5227 2.1), a claim an announcement (3); of ND, a solicitation from the
 * link-local address of its MAC, and an unsolicited advertisement (RFC 4861
 * 7.2.6).
 *
 * Before it: probe.c, announce.c.
 */
#include "discovery.h"

#include <string.h>

#define ARP_REQUEST    1u
#define HOP_LIMIT_ND   255u
#define ND_OVERRIDE    0x20u
#define ND_LINK_SOURCE 1u
#define ND_LINK_TARGET 2u

static void write_arp(uint8_t *bytes, const struct discovery *said)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, ARP_REQUEST};
	const uint8_t *target = said->target.ip.octet + 12;

	vs_store16(bytes + 12, VS_TYPE_ARP);
	memcpy(bytes + 14, head, sizeof(head));
	memcpy(bytes + 22, said->from.octet, 6);
	if (said->claims)
		memcpy(bytes + 28, target, 4);
	memcpy(bytes + 38, target, 4);
}

/* RFC 4291 2.7.1: the group of all who have an address that ends like it. */
static void write_group(uint8_t *to, const struct wnv_ca *target)
{
	static const uint8_t head[13] = {0xff, 2, [11] = 1, [12] = 0xff};

	memcpy(to, head, sizeof(head));
	memcpy(to + 13, target->ip.octet + 13, 3);
}

static void write_addresses(uint8_t *ip, const struct discovery *said)
{
	static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
	const struct vs_ip own = wnv_link_local6(&said->from);

	if (said->claims) {
		memcpy(ip + 8, said->target.ip.octet, 16);
		memcpy(ip + 24, all_nodes, 16);
		return;
	}
	memcpy(ip + 8, own.octet, 16);
	if (vs_mac_is_group(&said->to))
		write_group(ip + 24, &said->target);
	else
		memcpy(ip + 24, said->target.ip.octet, 16);
}

static void write_nd(uint8_t *bytes, const struct discovery *said)
{
	uint8_t *ip = bytes + VS_ETHERNET_SIZE, *nd = ip + VS_IPV6_SIZE;
	uint64_t sum;

	vs_store16(bytes + 12, VS_TYPE_IPV6);
	ip[0] = 0x60;
	vs_store16(ip + 4, DISCOVERY_ND);
	ip[6] = VS_IP_ICMP6;
	ip[7] = HOP_LIMIT_ND;
	write_addresses(ip, said);
	nd[0] = said->claims ? VS_ND_ADVERT : VS_ND_SOLICIT;
	nd[4] = said->claims ? ND_OVERRIDE : 0;
	memcpy(nd + 8, said->target.ip.octet, 16);
	nd[24] = said->claims ? ND_LINK_TARGET : ND_LINK_SOURCE;
	nd[25] = 1;
	memcpy(nd + 26, said->from.octet, 6);
	sum = vs_sum_pseudo(ip, VS_IP_ICMP6, DISCOVERY_ND);
	vs_store16(nd + 2, vs_checksum(vs_sum(sum, nd, DISCOVERY_ND)));
}

uint32_t discovery_write(const struct discovery *said, uint8_t *bytes)
{
	bool v4 = vs_ip_is_v4(&said->target.ip);
	uint32_t size = v4 ? VS_ETHERNET_SIZE + VS_ARP_SIZE : DISCOVERY_SIZE;

	memset(bytes, 0, size);
	memcpy(bytes, said->to.octet, 6);
	memcpy(bytes + 6, said->from.octet, 6);
	if (v4)
		write_arp(bytes, said);
	else
		write_nd(bytes, said);
	return size;
}
