/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite.c: see rewrite.h.
 *
 * Before it: rewrite_out.c, rewrite_in.c. After it: the outbox, or admit.
 */
#include "rewrite.h"

#include <string.h>

#include <vswitch/wire.h>

#define IP_DCCP	    33u
#define IP_UDP_LITE 136u

#define IPV6_HOP      0u
#define IPV6_ROUTING  43u
#define IPV6_FRAGMENT 44u
#define IPV6_OPTIONS  60u
#define EXTENSIONS    8u /* as many as core's parser follows */

#define ICMP_UNREACHABLE 3u
#define ICMP_QUENCH	 4u
#define ICMP_EXCEEDED	 11u
#define ICMP_PARAMETER	 12u
#define ICMP6_LAST_ERROR 4u /* 1: unreachable, 2: too big, 3, 4 */
#define ICMP_SIZE	 8u
#define ICMP_CHECKSUM	 2u

/* Where a transport keeps the checksum that covers a pseudo-header. */
struct transport {
	uint8_t protocol, offset;
	bool ipv6_only, zero_is_none;
};

static const struct transport transports[] = {
	{VS_IP_TCP, 16, false, false}, {VS_IP_UDP, 6, false, true},
	{VS_IP_ICMP6, 2, true, false}, {IP_UDP_LITE, 6, false, true},
	{IP_DCCP, 6, false, false},
};

/* Find the transport's field; `skipped` bytes of it went in earlier fragments
 * and the packet's bytes end at `end`. */
static void find_checksum(struct rewrite_packet *packet, uint32_t skipped,
			  uint32_t end)
{
	const struct transport *found = NULL;
	uint32_t at;
	size_t i;

	for (i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (transports[i].protocol == packet->protocol)
			found = &transports[i];
	if (!found || (found->ipv6_only && !packet->ipv6) ||
	    skipped > found->offset)
		return;
	at = packet->l4 + found->offset - skipped;
	if (at + 2 > end)
		return;
	packet->checksum = (uint16_t)at;
	packet->end = (uint16_t)(at + 2);
	packet->zero_is_none = found->zero_is_none;
}

static bool read_ipv4(const uint8_t *bytes, uint32_t size,
		      struct rewrite_packet *packet)
{
	const uint8_t *ip = bytes + packet->l3;
	uint32_t room = size - packet->l3, header, total;
	uint16_t field;

	if (room < VS_IPV4_SIZE)
		return false;
	header = (ip[0] & 15u) * 4;
	total = vs_load16(ip + 2);
	field = vs_load16(ip + 6);
	if (header < VS_IPV4_SIZE || header > room || total < header)
		return false;
	packet->l4 = (uint16_t)(packet->l3 + header);
	packet->end = (uint16_t)(packet->l3 + VS_IPV4_SIZE);
	packet->protocol = ip[9];
	packet->fragment = field & 0x3fff;
	packet->later = field & 0x1fff;
	find_checksum(packet, (field & 0x1fffu) * 8,
		      packet->l3 + (total < room ? total : room));
	return true;
}

/* An extension header and its size, or 0: it is none, or cut. */
static uint32_t extension_size(uint8_t type, const uint8_t *header,
			       uint32_t room)
{
	uint32_t size;

	if (type != IPV6_HOP && type != IPV6_ROUTING && type != IPV6_OPTIONS &&
	    type != IPV6_FRAGMENT)
		return 0;
	if (room < 8)
		return 0;
	size = type == IPV6_FRAGMENT ? 8 : (header[1] + 1u) * 8;
	return size <= room ? size : 0;
}

static bool read_ipv6(const uint8_t *bytes, uint32_t size,
		      struct rewrite_packet *packet)
{
	uint32_t at = packet->l3 + VS_IPV6_SIZE, end, skipped = 0, step;
	unsigned int i;

	if (size - packet->l3 < VS_IPV6_SIZE)
		return false;
	end = at + vs_load16(bytes + packet->l3 + 4);
	end = end < size ? end : size;
	packet->end = (uint16_t)at;
	packet->protocol = bytes[packet->l3 + 6];
	for (i = 0; i < EXTENSIONS && !packet->later; i++) {
		const uint8_t *header = bytes + at;

		step = extension_size(packet->protocol, header, end - at);
		if (!step)
			break;
		if (packet->protocol == IPV6_ROUTING && header[3])
			packet->target_counts = false;
		if (packet->protocol == IPV6_FRAGMENT) {
			skipped = vs_load16(header + 2) & 0xfff8u;
			packet->fragment = vs_load16(header + 2) & 0xfff9;
			packet->later = skipped != 0;
		}
		packet->protocol = header[0];
		at += step;
	}
	packet->l4 = (uint16_t)at;
	find_checksum(packet, skipped, end);
	return true;
}

bool rewrite_read(const uint8_t *bytes, uint32_t size, uint16_t l3,
		  struct rewrite_packet *packet)
{
	*packet = (struct rewrite_packet){
		.l3 = l3,
		.checksum = VS_ABSENT,
		.target_counts = true,
	};
	if (l3 >= size)
		return false;
	if (size > VS_ABSENT)
		size = VS_ABSENT;
	packet->ipv6 = bytes[l3] >> 4 == 6;
	if (packet->ipv6)
		return read_ipv6(bytes, size, packet);
	return bytes[l3] >> 4 == 4 && read_ipv4(bytes, size, packet);
}

struct rewrite_addresses rewrite_get(const uint8_t *bytes,
				     const struct rewrite_packet *packet)
{
	const uint8_t *ip = bytes + packet->l3;

	if (packet->ipv6)
		return (struct rewrite_addresses){vs_ip_from_v6(ip + 8),
						  vs_ip_from_v6(ip + 24)};
	return (struct rewrite_addresses){vs_ip_from_v4(ip + 12),
					  vs_ip_from_v4(ip + 16)};
}

/* A sum before and after. */
struct change {
	uint64_t before, after;
};

static void change_field(uint8_t *field, const struct change *change)
{
	vs_store16(field, vs_checksum_update(vs_load16(field), change->before,
					     change->after));
}

/* The pseudo-header's sum itself, not its complement. */
static void change_partial(uint8_t *field, const struct change *change)
{
	vs_store16(field, vs_sum_fold((uint64_t)vs_load16(field) +
				      (uint16_t)~vs_sum_fold(change->before) +
				      vs_sum_fold(change->after)));
}

static void change_transport(uint8_t *bytes,
			     const struct rewrite_packet *packet,
			     const struct change *change, bool partial)
{
	uint8_t *field = bytes + packet->checksum;

	if (packet->checksum == VS_ABSENT)
		return;
	if (partial) {
		change_partial(field, change);
		return;
	}
	if (packet->zero_is_none && vs_load16(field) == 0)
		return;
	change_field(field, change);
	if (packet->zero_is_none && vs_load16(field) == 0)
		vs_store16(field, 0xffff);
}

void rewrite_apply(uint8_t *bytes, const struct rewrite_packet *packet,
		   const struct rewrite_addresses *to, bool partial)
{
	uint8_t *ip = bytes + packet->l3,
		*source = ip + (packet->ipv6 ? 8 : 12);
	uint32_t size = packet->ipv6 ? 16 : 4, from = 16 - size;
	uint32_t counted = packet->target_counts ? 2 * size : size;
	struct change all = {.before = vs_sum(0, source, 2 * size)};
	struct change pseudo = {.before = vs_sum(0, source, counted)};

	memcpy(source, to->source.octet + from, size);
	memcpy(source + size, to->target.octet + from, size);
	all.after = vs_sum(0, source, 2 * size);
	pseudo.after = vs_sum(0, source, counted);
	if (!packet->ipv6)
		change_field(ip + 10, &all);
	change_transport(bytes, packet, &pseudo, partial);
}

bool rewrite_is_partial(const struct rewrite_packet *packet,
			const struct vs_offload *offload)
{
	return packet->checksum != VS_ABSENT &&
	       offload->csum_start != VS_ABSENT &&
	       (uint32_t)offload->csum_start + offload->csum_offset ==
		       packet->checksum;
}

static bool is_error(const struct rewrite_packet *packet, uint8_t type)
{
	if (packet->ipv6)
		return packet->protocol == VS_IP_ICMP6 && type != 0 &&
		       type <= ICMP6_LAST_ERROR;
	return packet->protocol == VS_IP_ICMP &&
	       (type == ICMP_UNREACHABLE || type == ICMP_QUENCH ||
		type == ICMP_EXCEEDED || type == ICMP_PARAMETER);
}

bool rewrite_quote_read(const uint8_t *bytes, uint32_t size,
			const struct rewrite_packet *packet,
			struct rewrite_quote *quote)
{
	uint32_t at = packet->l4 + ICMP_SIZE;

	if (packet->fragment || at >= size ||
	    !is_error(packet, bytes[packet->l4]) ||
	    !rewrite_read(bytes, size, (uint16_t)at, &quote->packet) ||
	    quote->packet.ipv6 != packet->ipv6)
		return false;
	quote->checksum = (uint16_t)(packet->l4 + ICMP_CHECKSUM);
	return true;
}

void rewrite_quote_apply(uint8_t *bytes, const struct rewrite_quote *quote,
			 const struct rewrite_addresses *to, bool partial)
{
	/* an even place of the ICMP message: sums may begin there */
	uint8_t *from = bytes + quote->packet.l3;
	uint32_t size = (uint32_t)quote->packet.end - quote->packet.l3;
	struct change change = {.before = vs_sum(0, from, size)};

	rewrite_apply(bytes, &quote->packet, to, false);
	change.after = vs_sum(0, from, size);
	if (!partial)
		change_field(bytes + quote->checksum, &change);
}
