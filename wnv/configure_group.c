/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_group.c: provider groups for the group frames of a subnet
 * (group.h): a step of configure (draft.h), after the records, whose PAs it
 * looks at, and before the ports, whose uplinks must carry its overhead.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "group.h"

#define GROUPS_OF_A_SUBNET 256u
#define NO_RECORD	   UINT32_MAX

/* The first records of a subnet with a PA of either family that tunnels reach:
 * who sends and hears. */
struct families {
	uint32_t v4, v6; /* or NO_RECORD */
};

/* "all", or a group address of the customer's. */
static int read_key(struct wnv_draft *draft, const struct vs_object *object,
		    struct wnv_ca *ca)
{
	const char *text = wnv_value(draft, object, WNV_GROUP_ADDRESS)->text;

	*ca = (struct wnv_ca){0};
	if (strcmp(text, "all") == 0)
		return 0;
	if (vs_ip_parse(text, &ca->ip) || !vs_ip_is_group(&ca->ip))
		return wnv_refuse(draft, AT(object, NULL), EINVAL,
				  "'%.64s' is no group address: write one, "
				  "255.255.255.255 for broadcasts, or all for "
				  "every group that is not written",
				  text);
	return 0;
}

/* Routers and switches pass on what is sent to it, and only to who joined:
 * neither 224.0.0.0/24 nor an IPv6 scope below 3 (RFC 5771 4, RFC 4291 2.7). */
static bool is_provider_group(const struct vs_ip *ip)
{
	const uint8_t *octet = ip->octet;

	if (!vs_ip_is_group(ip))
		return false;
	if (!vs_ip_is_v4(ip))
		return (octet[1] & 0x0f) >= 3;
	return octet[12] < 240 &&
	       !(octet[12] == 224 && octet[13] == 0 && octet[14] == 0);
}

static int read_pa(struct wnv_draft *draft, const struct vs_object *object,
		   struct wnv_group *group)
{
	char text[VS_IP_TEXT];

	group->pa.ip = wnv_value(draft, object, WNV_GROUP_BY_PA)->ip;
	if (is_provider_group(&group->pa.ip))
		return 0;
	return wnv_refuse(
		draft, AT(object, "pa"), EINVAL,
		"%s is no group that a provider network carries: "
		"give one of 239.0.0.0/8, or of ff05::/16 or ff08::/16",
		vs_ip_format(&group->pa.ip, text));
}

static int read_rule(struct wnv_draft *draft, const struct vs_object *object,
		     struct wnv_group *group)
{
	const struct vs_value *rule = wnv_value(draft, object, WNV_GROUP_RULE);
	uint8_t choice = rule->present ? (uint8_t)rule->choice : WNV_RULE_ENCAP;

	group->kind = (uint8_t)wnv_rule_codec(choice);
	if (wnv_rule_tunnels(choice))
		return 0;
	return wnv_refuse(draft, AT(object, "rule"), EINVAL,
			  "only tunnels carry group frames: write rule=encap "
			  "or rule=vxlan");
}

/* The subnet's own, so far: two spellings are one address. */
static int check_twice(struct wnv_draft *draft, const struct vs_object *object,
		       uint32_t first, const struct wnv_group *group)
{
	uint32_t i;

	for (i = first; i < draft->groups.count; i++)
		if (wnv_ca_equal(&draft->groups.list[i].ca, &group->ca))
			return wnv_refuse(
				draft, AT(object, NULL), EEXIST,
				"the group stands in subnet %u twice: "
				"keep one",
				group->vsid.value);
	if (draft->groups.count - first >= GROUPS_OF_A_SUBNET)
		return wnv_refuse(draft, AT(object, NULL), E2BIG,
				  "a subnet has at most %u groups",
				  GROUPS_OF_A_SUBNET);
	return 0;
}

static void find_families(const struct wnv_draft *draft,
			  struct families *families)
{
	const struct wnv_record *record;
	struct families *of;
	uint32_t i, *first;

	for (i = 0; i < draft->subnet_count; i++)
		families[i] = (struct families){NO_RECORD, NO_RECORD};
	for (i = 0; i < draft->record_count; i++) {
		record = &draft->records[i];
		if (!wnv_rule_tunnels(record->rule) ||
		    !wnv_pa_is_set(&record->pa))
			continue;
		of = &families[wnv_draft_subnet_find(draft, record->vsid) -
			       draft->subnets];
		first = vs_ip_is_v4(&record->pa.ip) ? &of->v4 : &of->v6;
		if (*first == NO_RECORD)
			*first = i;
	}
}

/* Who hears them does so by a PA of the same family. */
static void warn_of_families(struct wnv_draft *draft,
			     const struct families *families,
			     const struct vs_object *object,
			     const struct wnv_group *group)
{
	uint32_t other =
		vs_ip_is_v4(&group->pa.ip) ? families->v6 : families->v4;
	char pa[VS_IP_TEXT], text[VS_IP_TEXT];

	if (other != NO_RECORD)
		wnv_warn(draft, object,
			 "%s is of another family than the PA %s of a VM of "
			 "subnet %u: that VM neither sends nor hears by it",
			 vs_ip_format(&group->pa.ip, pa),
			 vs_ip_format(&draft->records[other].pa.ip, text),
			 group->vsid.value);
}

static int draft_group(struct wnv_draft *draft, struct wnv_draft_subnet *subnet,
		       const struct vs_object *object, uint32_t first)
{
	struct wnv_group *groups, group = {.vsid = subnet->plan.vsid};
	uint16_t overhead;
	int error = read_key(draft, object, &group.ca);

	if (!error)
		error = read_pa(draft, object, &group);
	if (!error)
		error = read_rule(draft, object, &group);
	if (!error)
		error = check_twice(draft, object, first, &group);
	if (error)
		return error;
	groups = wnv_grow(draft->groups.list, draft->groups.count,
			  sizeof(*groups));
	if (!groups)
		return wnv_no_memory(draft);
	draft->groups.list = groups;
	groups[draft->groups.count++] = group;
	overhead = codec_overhead((enum codec_kind)group.kind,
				  !vs_ip_is_v4(&group.pa.ip));
	if (overhead > subnet->plan.overhead)
		subnet->plan.overhead = overhead;
	return 0;
}

static int draft_subnet(struct wnv_draft *draft, uint32_t at,
			const struct families *families)
{
	const struct vs_noun *noun = &wnv_nouns[WNV_NOUN_GROUP];
	struct wnv_draft_subnet *subnet = &draft->subnets[at];
	const struct vs_object *object = NULL;
	uint32_t first = draft->groups.count;
	const struct wnv_group *group;
	int error;

	while ((object = wnv_next(draft, noun, subnet->object, object))) {
		error = draft_group(draft, subnet, object, first);
		if (error)
			return error;
		group = &draft->groups.list[draft->groups.count - 1];
		warn_of_families(draft, &families[at], object, group);
	}
	return 0;
}

int wnv_draft_groups(struct wnv_draft *draft)
{
	struct families *families;
	uint32_t i;
	int error = 0;

	if (!wnv_next(draft, &wnv_nouns[WNV_NOUN_GROUP], NULL, NULL))
		return 0;
	families = calloc(draft->subnet_count + 1u, sizeof(*families));
	if (!families)
		return wnv_no_memory(draft);
	find_families(draft, families);
	for (i = 0; !error && i < draft->subnet_count; i++)
		error = draft_subnet(draft, i, families);
	free(families);
	return error;
}
