// SPDX-License-Identifier: Apache-2.0
/*
 * lanes.c: VLANs and the like of a port in a script: see statements.c.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/script.h"

/* 10-20,30 */
static void add_ranges(uint64_t *set, const char *value)
{
	char *end;

	while (*value) {
		unsigned long first = strtoul(value, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last; first++)
			lane_set_add(set, (uint16_t)first);
		value = *end ? end + 1 : end;
	}
}

/* PRIMARY:SECONDARY,... */
static void set_private(struct vs_lane_plan *lane, enum vs_lane_mode mode,
			const char *value)
{
	char *end;

	lane->mode = (uint8_t)mode;
	lane->vlan = (uint16_t)strtoul(value, &end, 10);
	memset(lane->set, 0, sizeof(lane->set));
	if (!*end)
		return;
	lane->secondary = (uint16_t)strtoul(end + 1, NULL, 10);
	if (mode == VS_LANE_PROMISCUOUS)
		add_ranges(lane->set, end + 1);
}

static bool private_field(struct vs_lane_plan *lane, const char *field,
			  const char *value)
{
	if (strcmp(field, "isolated") == 0)
		set_private(lane, VS_LANE_ISOLATED, value);
	else if (strcmp(field, "community") == 0)
		set_private(lane, VS_LANE_COMMUNITY, value);
	else if (strcmp(field, "promiscuous") == 0)
		set_private(lane, VS_LANE_PROMISCUOUS, value);
	else
		return false;
	return true;
}

static bool vlan_field(struct vs_lane_plan *lane, const char *field,
		       const char *value)
{
	if (strcmp(field, "vlan") == 0) {
		lane->mode = VS_LANE_ACCESS;
		lane->vlan = (uint16_t)strtoul(value, NULL, 10);
	} else if (strcmp(field, "trunk") == 0) {
		lane->mode = VS_LANE_TRUNK;
		memset(lane->set, 0, sizeof(lane->set));
		add_ranges(lane->set, value);
	} else if (strcmp(field, "native") == 0) {
		lane->untagged = true;
		lane->vlan = (uint16_t)strtoul(value, NULL, 10);
	} else {
		return private_field(lane, field, value);
	}
	return true;
}

bool lane_field(struct vs_port_plan *plan, const char *field, const char *value)
{
	bool on = strcmp(value, "on") == 0;

	if (strcmp(field, "team") == 0)
		plan->police.team = strtoul(value, NULL, 10);
	else if (strcmp(field, "loop") == 0)
		plan->police.loop_guard = on;
	else if (strcmp(field, "snooping") == 0)
		plan->police.snooping = on;
	else if (strcmp(field, "priority") == 0)
		plan->police.priority_tag = on;
	else if (vlan_field(&plan->lane, field, value))
		plan->vsid_count = lane_vsids(&plan->lane, plan->vsids);
	else
		return false;
	return true;
}
