// SPDX-License-Identifier: Apache-2.0
/*
 * frame_ip.c: the words of IP and what stands on it, and what only the whole
 * frame tells: lengths, checksums, offload.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/scenario/frame.h"

#define ND_HOP_LIMIT 255
#define FRAGMENT_DF  0x4000u
#define FRAGMENT_MF  0x2000u
#define TCP_SYN	     2u

static void set_type(struct build *build, uint16_t type)
{
	vs_store16(build->frame->bytes + build->frame->size - 2, type);
}

static int word_ip(struct build *build, char **args)
{
	char text[128];
	char *target;
	struct vs_ip from, to;
	uint8_t *at;

	strncpy(text, args[0], sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	target = frame_split(text);
	if (!target || vs_ip_parse(text, &from) < 0 ||
	    vs_ip_parse(target, &to) < 0)
		return frame_fail(build, "ip SRC>DST");
	build->family = vs_ip_is_v4(&from) ? 4 : 6;
	set_type(build, build->family == 4 ? VS_TYPE_IPV4 : VS_TYPE_IPV6);
	build->l3 = build->frame->size;
	at = frame_grow(build, build->family == 4 ? 20 : 40);
	if (build->family == 4) {
		at[0] = 0x45;
		at[8] = 64;
		at[9] = 253;
		memcpy(at + 12, from.octet + 12, 4);
		memcpy(at + 16, to.octet + 12, 4);
	} else {
		at[0] = 0x60;
		at[6] = 253;
		at[7] = 64;
		memcpy(at + 8, from.octet, 16);
		memcpy(at + 24, to.octet, 16);
	}
	build->l4 = build->frame->size;
	return 0;
}

static int set_protocol(struct build *build, uint8_t protocol)
{
	if (!build->l3)
		return frame_fail(build, "a transport needs ip before it");
	build->frame->bytes[build->l3 + (build->family == 4 ? 9 : 6)] =
		protocol;
	return 0;
}

static int ports(struct build *build, const char *word, uint8_t *at)
{
	const char *mark = strchr(word, '>');

	if (!mark)
		return frame_fail(build, "SPORT>DPORT");
	vs_store16(at, frame_number(word, 0));
	vs_store16(at + 2, frame_number(mark + 1, 0));
	return 0;
}

static int word_udp(struct build *build, char **args)
{
	return set_protocol(build, VS_IP_UDP) < 0
		       ? -1
		       : ports(build, args[0], frame_grow(build, 8));
}

static int word_tcp(struct build *build, char **args)
{
	uint8_t *at = frame_grow(build, 20);

	at[12] = 0x50;
	at[13] = 0x10;
	return set_protocol(build, VS_IP_TCP) < 0 ? -1
						  : ports(build, args[0], at);
}

static int word_icmp(struct build *build, char **args)
{
	uint8_t *at = frame_grow(build, 8);

	(void)args;
	at[0] = 8;
	return set_protocol(build, VS_IP_ICMP);
}

static int word_gre(struct build *build, char **args)
{
	uint8_t *at = frame_grow(build, 8);

	vs_store16(at, 0x2000);
	vs_store16(at + 2, frame_number(args[0], 16));
	return set_protocol(build, VS_IP_GRE);
}

static int word_proto(struct build *build, char **args)
{
	return set_protocol(build, (uint8_t)frame_number(args[0], 0));
}

static uint8_t *header(struct build *build)
{
	return build->frame->bytes + build->l3;
}

static int word_df(struct build *build, char **args)
{
	(void)args;
	vs_store16(header(build) + 6, FRAGMENT_DF);
	return 0;
}

static int word_ttl(struct build *build, char **args)
{
	header(build)[build->family == 4 ? 8 : 7] =
		(uint8_t)frame_number(args[0], 0);
	return 0;
}

/* frag 1480+ (more follow), frag 2960 */
static int word_frag(struct build *build, char **args)
{
	unsigned int offset = frame_number(args[0], 0);
	bool more = strchr(args[0], '+') != NULL;

	if (build->family != 4 || offset % 8)
		return frame_fail(build, "frag OFFSET, of IPv4, in eights");
	vs_store16(header(build) + 4, 0x0bad);
	vs_store16(header(build) + 6,
		   (uint16_t)(offset / 8 | (more ? FRAGMENT_MF : 0)));
	return 0;
}

/* syn MSS, behind tcp */
static int word_syn(struct build *build, char **args)
{
	uint8_t *option = frame_grow(build, 4);
	uint8_t *tcp = build->frame->bytes + build->l4;

	tcp[12] = 0x60;
	tcp[13] = TCP_SYN;
	option[0] = 2;
	option[1] = 4;
	vs_store16(option + 2, frame_number(args[0], 0));
	return 0;
}

static int word_echo(struct build *build, char **args)
{
	uint8_t *at = frame_grow(build, 8);

	at[0] = build->family == 4 ? 8 : 128;
	vs_store16(at + 4, frame_number(args[0], 0));
	return set_protocol(build,
			    build->family == 4 ? VS_IP_ICMP : VS_IP_ICMP6);
}

/* icmp-error TYPE/CODE */
static int word_error(struct build *build, char **args)
{
	uint8_t *at = frame_grow(build, 8);
	const char *mark = strchr(args[0], '/');

	if (!mark)
		return frame_fail(build, "icmp-error TYPE/CODE");
	at[0] = (uint8_t)frame_number(args[0], 0);
	at[1] = (uint8_t)frame_number(mark + 1, 0);
	return set_protocol(build,
			    build->family == 4 ? VS_IP_ICMP : VS_IP_ICMP6);
}

static int neighbour(struct build *build, uint8_t type, const char *target,
		     const struct vs_mac *mac)
{
	uint8_t *at = frame_grow(build, mac ? 32 : 24);
	struct vs_ip ip;

	if (build->family != 6 || vs_ip_parse(target, &ip) < 0)
		return frame_fail(build, "ns and na: IPv6");
	header(build)[7] = ND_HOP_LIMIT;
	at[0] = type;
	memcpy(at + 8, ip.octet, 16);
	if (mac) {
		at[24] = type == VS_ND_SOLICIT ? 1 : 2;
		at[25] = 1;
		memcpy(at + 26, mac->octet, 6);
	}
	return set_protocol(build, VS_IP_ICMP6);
}

/* ns TARGET: from ::, a probe, without the sender's MAC */
static int word_ns(struct build *build, char **args)
{
	struct vs_ip from = vs_ip_from_v6(header(build) + 8);
	struct vs_mac mac;

	memcpy(mac.octet, build->frame->bytes + 6, 6);
	return neighbour(build, VS_ND_SOLICIT, args[0],
			 vs_ip_is_unspecified(&from) ? NULL : &mac);
}

/* na TARGET is-at MAC */
static int word_na(struct build *build, char **args)
{
	struct vs_mac mac;

	if (frame_mac(args[2], &mac) < 0)
		return frame_fail(build, "na TARGET is-at MAC");
	return neighbour(build, VS_ND_ADVERT, args[0], &mac);
}

/* rs: a router solicitation; from ::, without the sender's MAC */
static int word_rs(struct build *build, char **args)
{
	struct vs_ip from = vs_ip_from_v6(header(build) + 8);
	bool named = !vs_ip_is_unspecified(&from);
	uint8_t *at = frame_grow(build, named ? 16 : 8);

	(void)args;
	header(build)[7] = ND_HOP_LIMIT;
	at[0] = VS_ND_ROUTER_SOLICIT;
	if (named) {
		at[8] = 1;
		at[9] = 1;
		memcpy(at + 10, build->frame->bytes + 6, 6);
	}
	return set_protocol(build, VS_IP_ICMP6);
}

/* ra: a router advertisement, as a VM might send it */
static int word_ra(struct build *build, char **args)
{
	uint8_t *at = frame_grow(build, 16);

	(void)args;
	header(build)[7] = ND_HOP_LIMIT;
	at[0] = VS_ND_ROUTER_ADVERT;
	vs_store16(at + 6, 1800);
	return set_protocol(build, VS_IP_ICMP6);
}

static const struct word table[] = {
	{"ip", 1, word_ip},
	{"udp", 1, word_udp},
	{"tcp", 1, word_tcp},
	{"icmp", 0, word_icmp},
	{"gre", 1, word_gre},
	{"proto", 1, word_proto},
	{"df", 0, word_df},
	{"ttl", 1, word_ttl},
	{"frag", 1, word_frag},
	{"syn", 1, word_syn},
	{"echo", 1, word_echo},
	{"ns", 1, word_ns},
	{"na", 3, word_na},
	{"icmp-error", 1, word_error},
	{"member", 2, frame_word_member},
	{"rs", 0, word_rs},
	{"ra", 0, word_ra},
};

const struct word *frame_word_ip(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/* Where the transport's checksum stands, from its first byte; 0 = nowhere. */
static uint16_t checksum_at(uint8_t protocol)
{
	switch (protocol) {
	case VS_IP_TCP:
		return 16;
	case VS_IP_UDP:
		return 6;
	case VS_IP_ICMP:
	case VS_IP_ICMP6:
		return 2;
	default:
		return 0;
	}
}

static void finish_transport(struct build *build, uint8_t protocol)
{
	struct frame *frame = build->frame;
	uint8_t *l4 = frame->bytes + build->l4;
	uint32_t size = frame->size - build->l4;
	uint16_t at = checksum_at(protocol);
	uint64_t sum = vs_sum_pseudo(header(build), protocol, size);

	if (!at || size < (uint32_t)at + 2)
		return;
	if (protocol == VS_IP_UDP)
		vs_store16(l4 + 4, (uint16_t)size);
	vs_store16(l4 + at, 0);
	if (build->gso)
		vs_store16(l4 + at, vs_sum_fold(sum));
	else
		vs_store16(l4 + at,
			   vs_checksum(vs_sum(protocol == VS_IP_ICMP ? 0 : sum,
					      l4, size)));
}

static void finish_offload(struct build *build)
{
	struct vs_offload *offload = &build->frame->offload;

	offload->gso = build->family == 4 ? VS_GSO_TCP4 : VS_GSO_TCP6;
	offload->gso_size = build->gso;
	offload->header_size = (uint16_t)(build->l4 + 20);
	offload->csum_start = (uint16_t)build->l4;
	offload->csum_offset = 16;
}

void frame_finish_ip(struct build *build)
{
	struct frame *frame = build->frame;
	uint8_t *ip = header(build);
	uint8_t protocol = ip[build->family == 4 ? 9 : 6];
	uint32_t i;

	for (i = 0; i < frame->size - build->end; i++)
		frame->bytes[build->end + i] = (uint8_t)(i * 7 + i / 256);
	if (build->family == 4)
		vs_store16(ip + 2, (uint16_t)(frame->size - build->l3));
	else
		vs_store16(ip + 4, (uint16_t)(frame->size - build->l4));
	if (build->family == 6 || !(vs_load16(ip + 6) & 0x3fff))
		finish_transport(build, protocol);
	if (build->family == 4)
		vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, 20)));
	if (build->gso)
		finish_offload(build);
}
