// SPDX-License-Identifier: Apache-2.0
/*
 * frame_group.c: the word `member`: IGMP and MLD of all versions.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/scenario/frame.h"

#define IP_IGMP 2

/* What stands in the first byte of a message with one group: IGMP, MLD. */
static const struct single {
	const char *name;
	uint8_t type[2];
} singles[] = {
	{"query", {0x11, 130}},
	{"join", {0x16, 131}},
	{"join-v1", {0x12, 131}},
	{"leave", {0x17, 132}},
};

static const char *const records[] = {"",      "is-in", "is-ex", "to-in",
				      "to-ex", "allow", "block"};

static uint8_t *put(struct build *build, uint32_t size)
{
	uint8_t *ip = build->frame->bytes + build->l3;

	ip[build->family == 4 ? 8 : 7] = 1;
	ip[build->family == 4 ? 9 : 6] =
		build->family == 4 ? IP_IGMP : VS_IP_ICMP6;
	return frame_grow(build, size);
}

static void put_group(const struct build *build, uint8_t *at,
		      const struct vs_ip *group)
{
	if (build->family == 4)
		memcpy(at, group->octet + 12, 4);
	else
		memcpy(at, group->octet, 16);
}

/* to-in+2: a record with two sources */
static int put_record(struct build *build, const char *name,
		      const struct vs_ip *group)
{
	uint32_t size = build->family == 4 ? 4 : 16, i;
	uint32_t sources = (uint32_t)strtoul(
		strchr(name, '+') ? strchr(name, '+') + 1 : "0", NULL, 10);
	uint8_t *at;

	for (i = 1; i < sizeof(records) / sizeof(records[0]); i++)
		if (strncmp(records[i], name, strlen(records[i])) == 0)
			break;
	if (i == sizeof(records) / sizeof(records[0]))
		return frame_fail(build, "member: no such word");
	at = put(build, 12 + size + sources * size);
	at[0] = build->family == 4 ? 0x22 : 143;
	vs_store16(at + 6, 1);
	at[8] = (uint8_t)i;
	vs_store16(at + 10, (uint16_t)sources);
	put_group(build, at + 12, group);
	return 0;
}

int frame_word_member(struct build *build, char **args)
{
	struct vs_ip group;
	uint8_t *at;
	size_t i;

	if (!build->l3 || vs_ip_parse(args[1], &group) < 0)
		return frame_fail(build, "member WHAT GROUP, behind ip");
	for (i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		if (strcmp(singles[i].name, args[0]) != 0)
			continue;
		at = put(build, build->family == 4 ? 8 : 24);
		at[0] = singles[i].type[build->family == 6];
		put_group(build, at + (build->family == 4 ? 4 : 8), &group);
		return 0;
	}
	return put_record(build, args[0], &group);
}
