// SPDX-License-Identifier: Apache-2.0
/*
 * sight.c: a frame in words, in the order of its bytes. Wrong checksums are
 * words too, so that a script which expects none notices them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/scenario/script.h"

struct sight {
	const uint8_t *bytes;
	uint32_t size;
	char *text;
	size_t used;
};

static void say(struct sight *sight, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct sight *sight, const char *format, ...)
{
	va_list list;
	int more;

	va_start(list, format);
	more = vsnprintf(sight->text + sight->used, SCRIPT_TEXT - sight->used,
			 format, list);
	va_end(list);
	sight->used += (size_t)more;
	if (sight->used >= SCRIPT_TEXT)
		sight->used = SCRIPT_TEXT - 1;
}

static const char *mac(const uint8_t *at, char text[VS_MAC_TEXT])
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	static const uint8_t vm[5] = {2};
	struct vs_mac value;

	memcpy(value.octet, at, 6);
	if (memcmp(at, all, 6) == 0)
		snprintf(text, VS_MAC_TEXT, "all");
	else if (memcmp(at, vm, 5) == 0)
		snprintf(text, VS_MAC_TEXT, "%02x", at[5]);
	else
		vs_mac_format(&value, text);
	return text;
}

static const char *v4(const uint8_t *at, char text[VS_IP_TEXT])
{
	struct vs_ip ip = vs_ip_from_v4(at);

	return vs_ip_format(&ip, text);
}

static const char *v6(const uint8_t *at, char text[VS_IP_TEXT])
{
	struct vs_ip ip = vs_ip_from_v6(at);

	return vs_ip_format(&ip, text);
}

static void see_arp(struct sight *sight, uint32_t at)
{
	const uint8_t *arp = sight->bytes + at;
	char from[VS_IP_TEXT], to[VS_IP_TEXT], hardware[VS_MAC_TEXT];

	if (sight->size < at + VS_ARP_SIZE)
		return;
	v4(arp + 14, from);
	v4(arp + 24, to);
	if (vs_load16(arp + 6) == 1)
		say(sight, " arp who-has %s tell %s from %s", to, from,
		    mac(arp + 8, hardware));
	else
		say(sight, " arp from %s is-at %s to %s", from,
		    mac(arp + 8, hardware), to);
}

static void see_mss(struct sight *sight, const uint8_t *tcp)
{
	uint32_t at = 20, end = (uint32_t)(tcp[12] >> 4) * 4;

	while (at + 4 <= end && tcp[at] != 0) {
		if (tcp[at] == 2) {
			say(sight, " mss %u", vs_load16(tcp + at + 2));
			return;
		}
		at += tcp[at] == 1 || tcp[at + 1] < 2 ? 1 : tcp[at + 1];
	}
}

static void see_advert(struct sight *sight, const uint8_t *icmp, uint32_t size)
{
	char prefix[VS_IP_TEXT], hardware[VS_MAC_TEXT];
	uint32_t at = 16;

	say(sight, " ra lifetime %u", vs_load16(icmp + 6));
	if (icmp[5])
		say(sight, " flags %02x", icmp[5]);
	for (; at + 8 <= size && icmp[at + 1]; at += icmp[at + 1] * 8u)
		if (icmp[at] == 1)
			say(sight, " from %s", mac(icmp + at + 2, hardware));
		else if (icmp[at] == 5)
			say(sight, " mtu %u", vs_load32(icmp + at + 4));
		else if (icmp[at] == 3 && at + 32 <= size)
			say(sight, " prefix %s/%u%s%s",
			    v6(icmp + at + 16, prefix), icmp[at + 2],
			    icmp[at + 3] & 0x80 ? " on-link" : "",
			    icmp[at + 3] & 0x40 ? " slaac" : "");
}

static void see_icmp6(struct sight *sight, const uint8_t *icmp, uint32_t size)
{
	char target[VS_IP_TEXT], hardware[VS_MAC_TEXT];

	if (icmp[0] == 2)
		say(sight, " icmp 2/0 mtu %u", vs_load32(icmp + 4));
	else if (icmp[0] == VS_ND_SOLICIT && size >= 24)
		say(sight, " ns %s", v6(icmp + 8, target));
	else if (icmp[0] == VS_ND_ADVERT && size >= 32)
		say(sight, " na %s is-at %s%s%s%s", v6(icmp + 8, target),
		    mac(icmp + 26, hardware), icmp[4] & 0x80 ? " router" : "",
		    icmp[4] & 0x40 ? " solicited" : "",
		    icmp[4] & 0x20 ? " override" : "");
	else if (icmp[0] == VS_ND_ROUTER_ADVERT && size >= 16)
		see_advert(sight, icmp, size);
	else if (icmp[0] == VS_ND_ROUTER_SOLICIT)
		say(sight, " rs");
	else
		say(sight, " icmp %u/%u id %u", icmp[0], icmp[1],
		    vs_load16(icmp + 4));
}

static void see_icmp(struct sight *sight, const uint8_t *icmp)
{
	say(sight, " icmp %u/%u", icmp[0], icmp[1]);
	if (icmp[0] == 3)
		say(sight, " mtu %u", vs_load16(icmp + 6));
	else
		say(sight, " id %u", vs_load16(icmp + 4));
}

static void see_transport(struct sight *sight, const uint8_t *ip,
			  const uint8_t *l4, uint32_t size)
{
	uint8_t protocol = ip[0] >> 4 == 4 ? ip[9] : ip[6];
	uint64_t sum =
		protocol == VS_IP_ICMP ? 0 : vs_sum_pseudo(ip, protocol, size);
	bool summed = true;

	if (protocol == VS_IP_TCP && size >= 20) {
		say(sight, " tcp %u>%u%s seq %u", vs_load16(l4),
		    vs_load16(l4 + 2), l4[13] & 2 ? " syn" : "",
		    vs_load32(l4 + 4));
		if (size >= (uint32_t)(l4[12] >> 4) * 4)
			see_mss(sight, l4);
	} else if (protocol == VS_IP_UDP && size >= 8) {
		say(sight, " udp %u>%u", vs_load16(l4), vs_load16(l4 + 2));
	} else if (protocol == VS_IP_ICMP && size >= 8) {
		see_icmp(sight, l4);
	} else if (protocol == VS_IP_ICMP6 && size >= 8) {
		see_icmp6(sight, l4, size);
	} else {
		say(sight, " proto %u", protocol);
		summed = false;
	}
	if (summed && vs_sum_fold(vs_sum(sum, l4, size)) != 0xffff)
		say(sight, " bad-sum");
}

static void see_frame(struct sight *sight, const uint8_t *bytes, uint32_t size);

/* A frame in NVGRE, VXLAN or GRE alone; false: it is something else. */
static bool see_tunnel(struct sight *sight, uint8_t protocol, const uint8_t *l4,
		       uint32_t size)
{
	if (protocol == VS_IP_GRE && size > 22 &&
	    vs_load32(l4) == 0x20006558u) {
		say(sight, " nvgre %u", vs_load32(l4 + 4) >> 8);
		see_frame(sight, l4 + 8, size - 8);
		return true;
	}
	if (protocol == VS_IP_GRE && size > 18 && vs_load32(l4) == 0x6558u) {
		say(sight, " gre");
		see_frame(sight, l4 + 4, size - 4);
		return true;
	}
	if (protocol == VS_IP_UDP && size > 30 &&
	    vs_load16(l4 + 2) == VS_UDP_VXLAN &&
	    vs_load32(l4 + 8) == 0x08000000u) {
		say(sight, " vxlan %u", vs_load32(l4 + 12) >> 8);
		see_frame(sight, l4 + 16, size - 16);
		return true;
	}
	return false;
}

static void see_v4(struct sight *sight, uint32_t at)
{
	const uint8_t *ip = sight->bytes + at, *l4 = ip + (ip[0] & 15) * 4;
	unsigned int field = vs_load16(ip + 6);
	char from[VS_IP_TEXT], to[VS_IP_TEXT];
	uint32_t size = vs_load16(ip + 2);

	if (sight->size < at + VS_IPV4_SIZE || size > sight->size - at) {
		say(sight, " cut-ip");
		return;
	}
	say(sight, " ip %s>%s%s", v4(ip + 12, from), v4(ip + 16, to),
	    field & 0x4000 ? " df" : "");
	if (ip[8] != 64)
		say(sight, " ttl %u", ip[8]);
	if (vs_sum_fold(vs_sum(0, ip, (size_t)(l4 - ip))) != 0xffff)
		say(sight, " bad-ip-sum");
	size -= (uint32_t)(l4 - ip);
	if (field & 0x3fff)
		say(sight, " frag %u%s", (field & 0x1fff) * 8,
		    field & 0x2000 ? "+" : "");
	else if (!see_tunnel(sight, ip[9], l4, size))
		see_transport(sight, ip, l4, size);
}

static void see_v6(struct sight *sight, uint32_t at)
{
	const uint8_t *ip = sight->bytes + at;
	char from[VS_IP_TEXT], to[VS_IP_TEXT];
	uint32_t size = vs_load16(ip + 4);

	if (sight->size < at + VS_IPV6_SIZE ||
	    size > sight->size - at - VS_IPV6_SIZE) {
		say(sight, " cut-ip");
		return;
	}
	say(sight, " ip %s>%s", v6(ip + 8, from), v6(ip + 24, to));
	if (ip[7] != 64 && ip[7] != 255)
		say(sight, " ttl %u", ip[7]);
	if (!see_tunnel(sight, ip[6], ip + VS_IPV6_SIZE, size))
		see_transport(sight, ip, ip + VS_IPV6_SIZE, size);
}

static void see_frame(struct sight *sight, const uint8_t *bytes, uint32_t size)
{
	char from[VS_MAC_TEXT], to[VS_MAC_TEXT];
	uint32_t at = 14;
	uint16_t type;

	sight->bytes = bytes;
	sight->size = size;
	if (size < 18)
		return;
	say(sight, "%seth %s>%s", sight->used ? " " : "", mac(bytes + 6, from),
	    mac(bytes, to));
	type = vs_load16(bytes + 12);
	if (type == VS_TYPE_VLAN) {
		say(sight, " vlan %u", vs_load16(bytes + 14));
		type = vs_load16(bytes + 16);
		at = 18;
	}
	if (type == VS_TYPE_ARP)
		see_arp(sight, at);
	else if (type == VS_TYPE_IPV4 && size > at + VS_IPV4_SIZE)
		see_v4(sight, at);
	else if (type == VS_TYPE_IPV6 && size > at + VS_IPV6_SIZE)
		see_v6(sight, at);
	else
		say(sight, " type %04x", type);
}

const char *sight(const uint8_t *bytes, uint32_t size, char *text)
{
	struct sight sight = {.text = text};

	text[0] = 0;
	see_frame(&sight, bytes, size);
	say(&sight, " size %u", size);
	return text;
}
