/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_group.c: the linter's rule about provider groups (group.h). Before
 * this file: check_record.c. After it: check_host.c.
 */
#include "census.h"

/* Where the walk over all groups of the document stands. */
struct group_walk {
	const struct vs_site *site;
	const struct vs_object *network, *subnet, *group;
};

static bool next_subnet(struct group_walk *walk)
{
	for (;;) {
		walk->subnet =
			walk->network ? census_next(walk->site,
						    &wnv_nouns[WNV_NOUN_SUBNET],
						    walk->network, walk->subnet)
				      : NULL;
		if (walk->subnet)
			return true;
		walk->network =
			census_next(walk->site, &wnv_nouns[WNV_NOUN_NETWORK],
				    NULL, walk->network);
		if (!walk->network)
			return false;
	}
}

static bool next_group(struct group_walk *walk)
{
	for (;;) {
		walk->group = walk->subnet
				      ? census_next(walk->site,
						    &wnv_nouns[WNV_NOUN_GROUP],
						    walk->subnet, walk->group)
				      : NULL;
		if (walk->group)
			return true;
		if (!next_subnet(walk))
			return false;
	}
}

static const struct vs_ip *pa_of(const struct group_walk *walk)
{
	return &census_value(walk->site, walk->group, WNV_GROUP_BY_PA)->ip;
}

/* A network before this one that travels by the same group, or NULL. */
static const struct vs_object *other_network(const struct group_walk *walk)
{
	struct group_walk other = {.site = walk->site};

	while (next_group(&other) && other.group != walk->group)
		if (other.network != walk->network &&
		    vs_ip_equal(pa_of(&other), pa_of(walk)))
			return other.network;
	return NULL;
}

void census_check_groups(struct census *census, const struct vs_site *site)
{
	struct group_walk walk = {.site = site};
	const struct vs_object *other;
	char text[VS_IP_TEXT];

	while (next_group(&walk)) {
		other = other_network(&walk);
		if (other)
			census_warn(census, PLACE(site, walk.group, "pa"),
				    "network %s uses %s too: hosts of each get "
				    "the group frames of both and drop the "
				    "other's; give each network groups of its "
				    "own",
				    census_value(site, other, WNV_NETWORK_NAME)
					    ->text,
				    vs_ip_format(pa_of(&walk), text));
	}
}
