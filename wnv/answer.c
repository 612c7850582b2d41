/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.c: writes the frames of answer.h, header by header.
 */
#include "answer.h"

#include <string.h>

#include <vswitch/wire.h>

#define HOP_LIMIT    64u
#define HOP_LIMIT_ND 255u
#define ND_ADVERT    (VS_IPV6_SIZE + 32u)
#define ND_ROUTER    0x80u
#define ND_SOLICITED 0x40u
#define ND_OVERRIDE  0x20u
#define ICMP_REPLY   0u
#define ICMP6_REPLY  129u
#define ARP_REPLY    2u

static bool send(const struct vs_call *call, struct vs_frame *frame,
		 const struct vs_frame *question)
{
	struct vs_port_id port = vs_view(question)->port;

	return call->host->emit(call, frame, VS_EMIT_PORT, port, port) == 0;
}

/* A frame of `size` bytes whose Ethernet header is written. */
static uint8_t *begin(const struct vs_call *call,
		      const struct vs_frame *question, const struct vs_mac *mac,
		      uint32_t size, struct vs_frame **frame)
{
	const struct vs_view *view = vs_view(question);
	uint8_t *bytes;

	*frame = call->host->frame_new(call, size, view->vsid);
	if (!*frame)
		return NULL;
	bytes = vs_frame_edit(*frame, 0, size);
	memset(bytes, 0, size);
	memcpy(bytes, view->data + 6, 6);
	memcpy(bytes + 6, mac->octet, 6);
	return bytes;
}

static void write_ipv6(uint8_t *ip, uint8_t hop_limit, uint32_t payload)
{
	ip[0] = 0x60;
	vs_store16(ip + 4, (uint16_t)payload);
	ip[6] = VS_IP_ICMP6;
	ip[7] = hop_limit;
}

/* ICMPv6 at `icmp`, which follows the header at `ip` directly. */
static void finish_icmp6(const uint8_t *ip, uint8_t *icmp, uint32_t size)
{
	uint64_t sum = vs_sum_pseudo(ip, VS_IP_ICMP6, size);

	vs_store16(icmp + 2, vs_checksum(vs_sum(sum, icmp, size)));
}

bool answer_arp(const struct vs_call *call, const struct vs_frame *question,
		const struct answer_as *as)
{
	static const uint8_t head[8] = {8, 6, 0, 1, 8, 0, 6, 4};
	const uint8_t *asked = vs_view(question)->data + VS_ETHERNET_SIZE;
	struct vs_frame *frame;
	uint8_t *p = begin(call, question, &as->mac,
			   VS_ETHERNET_SIZE + VS_ARP_SIZE, &frame);

	if (!p)
		return false;
	memcpy(p + 12, head, sizeof(head));
	vs_store16(p + 20, ARP_REPLY);
	memcpy(p + 22, as->mac.octet, 6);
	memcpy(p + 28, as->ca.ip.octet + 12, 4);
	memcpy(p + 32, asked + 8, 10); /* the asker's MAC and address */
	return send(call, frame, question);
}

bool answer_nd(const struct vs_call *call, const struct vs_frame *question,
	       const struct answer_as *as)
{
	static const uint8_t all_nodes_mac[6] = {0x33, 0x33, 0, 0, 0, 1};
	static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
	const struct vs_view *view = vs_view(question);
	struct vs_ip asker = vs_ip_from_v6(view->data + view->l3 + 8);
	bool probe = vs_ip_is_unspecified(&asker);
	struct vs_frame *frame;
	uint8_t *p = begin(call, question, &as->mac,
			   VS_ETHERNET_SIZE + ND_ADVERT, &frame);
	uint8_t *ip, *icmp;

	if (!p)
		return false;
	if (probe)
		memcpy(p, all_nodes_mac, 6);
	vs_store16(p + 12, VS_TYPE_IPV6);
	ip = p + VS_ETHERNET_SIZE;
	write_ipv6(ip, HOP_LIMIT_ND, ND_ADVERT - VS_IPV6_SIZE);
	memcpy(ip + 8, as->ca.ip.octet, 16);
	memcpy(ip + 24, probe ? all_nodes : asker.octet, 16);
	icmp = ip + VS_IPV6_SIZE;
	icmp[0] = VS_ND_ADVERT;
	icmp[4] = (uint8_t)((as->router ? ND_ROUTER : 0) |
			    (probe ? 0 : ND_SOLICITED) | ND_OVERRIDE);
	memcpy(icmp + 8, as->ca.ip.octet, 16);
	icmp[24] = 2; /* target link-layer address, 1 unit of 8 bytes */
	icmp[25] = 1;
	memcpy(icmp + 26, as->mac.octet, 6);
	finish_icmp6(ip, icmp, ND_ADVERT - VS_IPV6_SIZE);
	return send(call, frame, question);
}

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
	uint8_t kept[16];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

/* Swapping source and destination leaves every sum as it is. */
static void turn_round(uint8_t *bytes, const struct vs_view *view)
{
	uint8_t *ip = bytes + view->l3;
	uint64_t before;

	swap(bytes, bytes + 6, 6);
	if (view->flags & VS_FRAME_IPV6) {
		swap(ip + 8, ip + 24, 16);
		ip[7] = HOP_LIMIT;
		return;
	}
	swap(ip + 12, ip + 16, 4);
	before = vs_load16(ip + 8);
	ip[8] = HOP_LIMIT;
	vs_store16(ip + 10, vs_checksum_update(vs_load16(ip + 10), before,
					       vs_load16(ip + 8)));
}

bool answer_echo(const struct vs_call *call, const struct vs_frame *question)
{
	const struct vs_view *view = vs_view(question);
	struct vs_frame *frame = call->host->frame_copy(call, question);
	uint8_t *bytes, *icmp;
	uint64_t before;

	if (!frame)
		return false;
	bytes = vs_frame_edit(frame, 0, view->size);
	turn_round(bytes, view);
	icmp = bytes + view->l4;
	before = vs_load16(icmp);
	icmp[0] = view->flags & VS_FRAME_IPV6 ? ICMP6_REPLY : ICMP_REPLY;
	/* A partial checksum does not cover the type yet: the link adds it. */
	if (view->offload.csum_start == VS_ABSENT)
		vs_store16(icmp + 2,
			   vs_checksum_update(vs_load16(icmp + 2), before,
					      vs_load16(icmp)));
	return send(call, frame, question);
}
