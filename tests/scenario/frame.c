// SPDX-License-Identifier: Apache-2.0
/*
 * frame.c: words to bytes. A frame is built front to back; size comes last
 * and patches the lengths.
 */
#include "tests/scenario/frame.h"

#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

int frame_fail(struct build *build, const char *why)
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

char *frame_split(char *word)
{
	char *mark = strchr(word, '>');

	if (!mark)
		return NULL;
	*mark = 0;
	return mark + 1;
}

uint8_t *frame_grow(struct build *build, uint32_t size)
{
	uint8_t *at = build->frame->bytes + build->frame->size;

	if (size > FRAME_BYTES - build->frame->size)
		abort();
	build->frame->size += size;
	return at;
}

uint16_t frame_number(const char *text, int base)
{
	return (uint16_t)strtoul(text, NULL, base);
}

static int word_eth(struct build *build, char **args)
{
	char text[64];
	char *target;
	struct vs_mac from, to;
	uint8_t *at = frame_grow(build, 14);

	strncpy(text, args[0], sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	target = frame_split(text);
	if (!target || frame_mac(text, &from) < 0 || frame_mac(target, &to) < 0)
		return frame_fail(build, "eth SRC>DST");
	memcpy(at, to.octet, 6);
	memcpy(at + 6, from.octet, 6);
	return 0;
}

static int word_vlan(struct build *build, char **args)
{
	uint8_t *at = frame_grow(build, 4);

	vs_store16(at - 2, VS_TYPE_VLAN);
	vs_store16(at, frame_number(args[0], 0));
	return 0;
}

static int word_aux(struct build *build, char **args)
{
	build->frame->aux = frame_number(args[0], 0);
	return 0;
}

static int word_type(struct build *build, char **args)
{
	vs_store16(build->frame->bytes + build->frame->size - 2,
		   frame_number(args[0], 16));
	return 0;
}

static void set_type(struct build *build, uint16_t type)
{
	vs_store16(build->frame->bytes + build->frame->size - 2, type);
}

static uint8_t *arp(struct build *build, uint16_t operation)
{
	uint8_t *at;

	set_type(build, VS_TYPE_ARP);
	at = frame_grow(build, 28);
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
		return frame_fail(build, "an IPv4 address");
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
		return frame_fail(build, "is-at MAC");
	memcpy(at + 8, mac.octet, 6);
	memcpy(at + 18, build->frame->bytes, 6);
	return put_v4(build, args[0], at + 14);
}

/* arp from A is-at MAC to ADDRESS */
static int word_to(struct build *build, char **args)
{
	return put_v4(build, args[0],
		      build->frame->bytes + build->frame->size - 4);
}

static int word_size(struct build *build, char **args)
{
	build->size = frame_number(args[0], 0);
	return build->size > FRAME_BYTES
		       ? frame_fail(build, "size is at most 9216")
		       : 0;
}

static int word_gso(struct build *build, char **args)
{
	build->gso = frame_number(args[0], 0);
	return 0;
}

static int word_raw(struct build *build, char **args)
{
	const char *text = args[0];

	for (; text[0] && text[1]; text += 2) {
		char pair[3] = {text[0], text[1], 0};

		*frame_grow(build, 1) = (uint8_t)strtoul(pair, NULL, 16);
	}
	build->size = build->frame->size;
	return 0;
}

static const struct word table[] = {
	{"eth", 1, word_eth},	      {"vlan", 1, word_vlan},
	{"aux", 1, word_aux},	      {"type", 1, word_type},
	{"who-has", 3, word_who_has}, {"from", 3, word_is_at},
	{"to", 1, word_to},	      {"size", 1, word_size},
	{"gso", 1, word_gso},	      {"raw", 1, word_raw},
};

static const struct word *find_word(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return frame_word_ip(name);
}

/* vxlan VSID FRAME: UDP without a checksum, as many devices send it. */
static void nest_vxlan(struct build *build, const struct frame *inner,
		       uint32_t vsid)
{
	uint8_t *at = frame_grow(build, 16 + inner->size);

	vs_store16(at, 49152);
	vs_store16(at + 2, VS_UDP_VXLAN);
	vs_store16(at + 4, (uint16_t)(16 + inner->size));
	vs_store16(at + 6, 0);
	vs_store32(at + 8, 0x08000000u);
	vs_store32(at + 12, vsid << 8);
	memcpy(at + 16, inner->bytes, inner->size);
	build->frame->bytes[build->l3 + 9] = VS_IP_UDP;
	build->size = build->frame->size;
}

/* nvgre VSID FRAME: the rest of the words is a frame in this one. */
static int nest(struct build *build, char **words, int count)
{
	bool vxlan = strcmp(words[-1], "vxlan") == 0;
	struct frame inner;
	uint8_t *at;

	if (count < 2 || build->family != 4)
		return frame_fail(build, "ip PA>PA nvgre VSID FRAME");
	if (frame_parse(words + 1, count - 1, &inner, build->why) < 0)
		return -1;
	if (vxlan) {
		nest_vxlan(build, &inner, (uint32_t)strtoul(words[0], NULL, 0));
		return 0;
	}
	at = frame_grow(build, VS_GRE_KEY_SIZE + inner.size);
	vs_store32(at, 0x20006558u);
	vs_store32(at + 4, (uint32_t)strtoul(words[0], NULL, 0) << 8);
	memcpy(at + VS_GRE_KEY_SIZE, inner.bytes, inner.size);
	build->frame->bytes[build->l3 + 9] = VS_IP_GRE;
	build->size = build->frame->size;
	return 0;
}

static int parse_word(struct build *build, char **words, int count)
{
	const struct word *word = find_word(words[0]);

	if (strcmp(words[0], "arp") == 0)
		return 1;
	if (strcmp(words[0], "nvgre") == 0 || strcmp(words[0], "vxlan") == 0)
		return nest(build, words + 1, count - 1) < 0 ? -1 : count;
	if (!word)
		return frame_fail(build, "a word that no frame knows");
	if (word->args >= count)
		return frame_fail(build, "a word lacks its argument");
	return word->build(build, words + 1) < 0 ? -1 : word->args + 1;
}

int frame_parse(char **words, int count, struct frame *frame, const char **why)
{
	struct build build = {.frame = frame, .why = why, .size = 60};
	int at = 0, used;

	memset(frame, 0, sizeof(*frame));
	frame->aux = VS_ABSENT;
	frame->offload.csum_start = VS_ABSENT;
	while (at < count) {
		used = parse_word(&build, words + at, count - at);
		if (used < 0)
			return -1;
		at += used;
	}
	build.end = frame->size;
	if (frame->size < build.size)
		frame->size = build.size;
	if (build.l3)
		frame_finish_ip(&build);
	return 0;
}
