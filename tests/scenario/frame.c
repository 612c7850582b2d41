// SPDX-License-Identifier: Apache-2.0
/*
 * frame.c: words to bytes. A frame is built front to back; size comes last
 * and patches the lengths.
 */
#include "tests/scenario/frame.h"

#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

/* Where the pieces lie while a frame grows. */
struct build {
	struct frame *frame;
	uint32_t l3, l4; /* 0 = not there */
	uint8_t family;	 /* 4, 6 */
	uint32_t size;	 /* asked for */
	uint16_t gso;
	const char **why;
};

static int fail(struct build *build, const char *why)
{
	*build->why = why;
	return -1;
}

int frame_mac(const char *text, struct vs_mac *mac)
{
	char *end;

	if (strcmp(text, "all") == 0) {
		memset(mac->octet, 0xff, 6);
		return 0;
	}
	if (strlen(text) != 2)
		return vs_mac_parse(text, mac);
	*mac = (struct vs_mac){.octet = {2}};
	mac->octet[5] = (uint8_t)strtoul(text, &end, 16);
	return *end ? -1 : 0;
}

/* "a>b" in place; the second half, or NULL. */
static char *split(char *word)
{
	char *mark = strchr(word, '>');

	if (!mark)
		return NULL;
	*mark = 0;
	return mark + 1;
}

static uint8_t *grow(struct build *build, uint32_t size)
{
	uint8_t *at = build->frame->bytes + build->frame->size;

	if (size > FRAME_BYTES - build->frame->size)
		abort();
	build->frame->size += size;
	return at;
}

static uint16_t number(const char *text, int base)
{
	return (uint16_t)strtoul(text, NULL, base);
}

static int word_eth(struct build *build, char **args)
{
	char text[64];
	char *target;
	struct vs_mac from, to;
	uint8_t *at = grow(build, 14);

	strncpy(text, args[0], sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	target = split(text);
	if (!target || frame_mac(text, &from) < 0 || frame_mac(target, &to) < 0)
		return fail(build, "eth SRC>DST");
	memcpy(at, to.octet, 6);
	memcpy(at + 6, from.octet, 6);
	return 0;
}

static int word_vlan(struct build *build, char **args)
{
	uint8_t *at = grow(build, 4);

	vs_store16(at - 2, VS_TYPE_VLAN);
	vs_store16(at, number(args[0], 0));
	return 0;
}

static int word_aux(struct build *build, char **args)
{
	build->frame->aux = number(args[0], 0);
	return 0;
}

static int word_type(struct build *build, char **args)
{
	vs_store16(build->frame->bytes + build->frame->size - 2,
		   number(args[0], 16));
	return 0;
}

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
	target = split(text);
	if (!target || vs_ip_parse(text, &from) < 0 ||
	    vs_ip_parse(target, &to) < 0)
		return fail(build, "ip SRC>DST");
	build->family = vs_ip_is_v4(&from) ? 4 : 6;
	set_type(build, build->family == 4 ? VS_TYPE_IPV4 : VS_TYPE_IPV6);
	build->l3 = build->frame->size;
	at = grow(build, build->family == 4 ? 20 : 40);
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
		return fail(build, "a transport needs ip before it");
	build->frame->bytes[build->l3 + (build->family == 4 ? 9 : 6)] =
		protocol;
	return 0;
}

static int ports(struct build *build, const char *word, uint8_t *at)
{
	const char *mark = strchr(word, '>');

	if (!mark)
		return fail(build, "SPORT>DPORT");
	vs_store16(at, number(word, 0));
	vs_store16(at + 2, number(mark + 1, 0));
	return 0;
}

static int word_udp(struct build *build, char **args)
{
	return set_protocol(build, VS_IP_UDP) < 0
		       ? -1
		       : ports(build, args[0], grow(build, 8));
}

static int word_tcp(struct build *build, char **args)
{
	uint8_t *at = grow(build, 20);

	at[12] = 0x50;
	at[13] = 0x10;
	return set_protocol(build, VS_IP_TCP) < 0 ? -1
						  : ports(build, args[0], at);
}

static int word_icmp(struct build *build, char **args)
{
	uint8_t *at = grow(build, 8);

	(void)args;
	at[0] = 8;
	return set_protocol(build, VS_IP_ICMP);
}

static int word_gre(struct build *build, char **args)
{
	uint8_t *at = grow(build, 8);

	vs_store16(at, 0x2000);
	vs_store16(at + 2, number(args[0], 16));
	return set_protocol(build, VS_IP_GRE);
}

static int word_proto(struct build *build, char **args)
{
	return set_protocol(build, (uint8_t)number(args[0], 0));
}

static uint8_t *arp(struct build *build, uint16_t operation)
{
	uint8_t *at;

	set_type(build, VS_TYPE_ARP);
	at = grow(build, 28);
	vs_store16(at, 1);
	vs_store16(at + 2, VS_TYPE_IPV4);
	at[4] = 6;
	at[5] = 4;
	vs_store16(at + 6, operation);
	memcpy(at + 8, build->frame->bytes + 6, 6);
	return at;
}

static int put_v4(struct build *build, const char *text, uint8_t *at)
{
	struct vs_ip ip;

	if (vs_ip_parse(text, &ip) < 0 || !vs_ip_is_v4(&ip))
		return fail(build, "an IPv4 address");
	memcpy(at, ip.octet + 12, 4);
	return 0;
}

/* who-has TARGET tell SENDER */
static int word_who_has(struct build *build, char **args)
{
	uint8_t *at = arp(build, 1);

	return put_v4(build, args[0], at + 24) < 0 ||
			       put_v4(build, args[2], at + 14) < 0
		       ? -1
		       : 0;
}

/* arp SENDER is-at MAC */
static int word_is_at(struct build *build, char **args)
{
	uint8_t *at = arp(build, 2);
	struct vs_mac mac;

	if (frame_mac(args[2], &mac) < 0)
		return fail(build, "is-at MAC");
	memcpy(at + 8, mac.octet, 6);
	memcpy(at + 18, build->frame->bytes, 6);
	return put_v4(build, args[0], at + 14);
}

static int word_size(struct build *build, char **args)
{
	build->size = number(args[0], 0);
	return build->size > FRAME_BYTES ? fail(build, "size is at most 2048")
					 : 0;
}

static int word_gso(struct build *build, char **args)
{
	build->gso = number(args[0], 0);
	return 0;
}

static int word_raw(struct build *build, char **args)
{
	const char *text = args[0];

	for (; text[0] && text[1]; text += 2) {
		char pair[3] = {text[0], text[1], 0};

		*grow(build, 1) = (uint8_t)strtoul(pair, NULL, 16);
	}
	build->size = build->frame->size;
	return 0;
}

struct word {
	const char *name;
	int args;
	int (*build)(struct build *build, char **args);
};

static const struct word table[] = {
	{"eth", 1, word_eth},	      {"vlan", 1, word_vlan},
	{"aux", 1, word_aux},	      {"type", 1, word_type},
	{"ip", 1, word_ip},	      {"udp", 1, word_udp},
	{"tcp", 1, word_tcp},	      {"icmp", 0, word_icmp},
	{"gre", 1, word_gre},	      {"proto", 1, word_proto},
	{"who-has", 3, word_who_has}, {"from", 3, word_is_at},
	{"size", 1, word_size},	      {"gso", 1, word_gso},
	{"raw", 1, word_raw},
};

static void finish_offload(struct build *build)
{
	struct vs_offload *offload = &build->frame->offload;

	offload->csum_start = VS_ABSENT;
	if (!build->gso)
		return;
	offload->gso = build->family == 4 ? VS_GSO_TCP4 : VS_GSO_TCP6;
	offload->gso_size = build->gso;
	offload->header_size = (uint16_t)(build->l4 + 20);
	offload->csum_start = (uint16_t)build->l4;
	offload->csum_offset = 16;
}

static void finish(struct build *build)
{
	struct frame *frame = build->frame;
	uint8_t *ip = frame->bytes + build->l3;

	if (frame->size < build->size)
		frame->size = build->size;
	if (build->l3 && build->family == 4) {
		vs_store16(ip + 2, (uint16_t)(frame->size - build->l3));
		vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, 20)));
	} else if (build->l3) {
		vs_store16(ip + 4, (uint16_t)(frame->size - build->l4));
	}
	if (build->l3 && ip[build->family == 4 ? 9 : 6] == VS_IP_UDP)
		vs_store16(frame->bytes + build->l4 + 4,
			   (uint16_t)(frame->size - build->l4));
	finish_offload(build);
}

int frame_parse(char **words, int count, struct frame *frame, const char **why)
{
	struct build build = {.frame = frame, .why = why, .size = 60};
	int at = 0;
	size_t i;

	memset(frame, 0, sizeof(*frame));
	frame->aux = VS_ABSENT;
	while (at < count) {
		const char *name = words[at++];

		if (strcmp(name, "arp") == 0)
			continue;
		for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
			if (strcmp(table[i].name, name) == 0)
				break;
		if (i == sizeof(table) / sizeof(table[0]))
			return fail(&build, "a word that no frame knows");
		if (at + table[i].args > count)
			return fail(&build, "a word lacks its argument");
		if (table[i].build(&build, words + at) < 0)
			return -1;
		at += table[i].args;
	}
	finish(&build);
	return 0;
}
