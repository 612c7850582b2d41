/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.c: see group.h. A subnet's groups lie together, in order of customer
 * address; the one for all others, whose address is zeros, is the first.
 */
#include "group.h"

#include <errno.h>
#include <stdlib.h>

#include "tables.h"

/* -- building --------------------------------------------------------------
 */

static int compare_groups(const void *a, const void *b)
{
	const struct wnv_group *left = a, *right = b;

	if (left->vsid.value != right->vsid.value)
		return left->vsid.value < right->vsid.value ? -1 : 1;
	return memcmp(left->ca.ip.octet, right->ca.ip.octet, 16);
}

static int place_group(struct wnv_state *state, struct wnv_group *group)
{
	const struct wnv_subnet *found = wnv_subnet_find(state, group->vsid);
	const struct wnv_peer *peer = wnv_peer_find(state, &group->pa);
	struct wnv_subnet *subnet;

	if (!found || !peer)
		return -EINVAL;
	subnet = &state->subnets[found - state->subnets];
	if (!subnet->group_count++)
		subnet->groups = group;
	group->peer = wnv_peer_index(state, peer);
	state->counts.peer_uses[group->peer]++;
	if (group->kind == CODEC_VXLAN) {
		state->counts.vxlans++;
		state->head.takes_vxlan = true;
	}
	return 0;
}

int wnv_build_groups(struct wnv_state *state, const struct wnv_plan *plan)
{
	uint32_t i;
	int error = 0;

	if (!plan->group_count)
		return 0;
	state->groups.list =
		calloc(plan->group_count, sizeof(*state->groups.list));
	if (!state->groups.list)
		return -ENOMEM;
	state->groups.count = plan->group_count;
	memcpy(state->groups.list, plan->groups,
	       plan->group_count * sizeof(*state->groups.list));
	qsort(state->groups.list, plan->group_count,
	      sizeof(*state->groups.list), compare_groups);
	for (i = 0; !error && i < plan->group_count; i++)
		error = i && !compare_groups(&state->groups.list[i - 1],
					     &state->groups.list[i])
				? -EEXIST
				: place_group(state, &state->groups.list[i]);
	return error;
}

/* -- asking ----------------------------------------------------------------
 */

const struct wnv_group *wnv_group_find(const struct wnv_subnet *subnet,
				       const struct wnv_ca *ca)
{
	const struct wnv_group *groups = subnet->groups;
	uint32_t low = 0, high = subnet->group_count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = memcmp(groups[middle].ca.ip.octet, ca->ip.octet, 16);
		if (!order)
			return &groups[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return subnet->group_count && vs_ip_is_unspecified(&groups[0].ca.ip)
		       ? &groups[0]
		       : NULL;
}

const struct wnv_group *wnv_group_of_pa(const struct wnv_subnet *subnet,
					const struct wnv_pa *pa)
{
	uint32_t i;

	for (i = 0; i < subnet->group_count; i++)
		if (wnv_pa_equal(&subnet->groups[i].pa, pa))
			return &subnet->groups[i];
	return NULL;
}

bool wnv_group_known(const struct wnv_state *state, const struct wnv_pa *pa)
{
	return vs_ip_is_group(&pa->ip) && wnv_peer_find(state, pa);
}

const struct wnv_provider *wnv_group_home(const struct wnv_state *state,
					  const struct wnv_subnet *subnet,
					  bool ipv6)
{
	const struct wnv_pa *own = &subnet->own_pa[ipv6];

	return subnet->port_count && wnv_pa_is_set(own)
		       ? wnv_provider_find(state, own)
		       : NULL;
}

struct vs_mac wnv_group_mac(const struct wnv_pa *pa)
{
	const uint8_t *octet = pa->ip.octet;

	if (vs_ip_is_v4(&pa->ip))
		return (struct vs_mac){{0x01, 0x00, 0x5e,
					(uint8_t)(octet[13] & 0x7f), octet[14],
					octet[15]}};
	return (struct vs_mac){
		{0x33, 0x33, octet[12], octet[13], octet[14], octet[15]}};
}

static const struct wnv_provider *home_of(const struct wnv_state *state,
					  const struct wnv_group *group)
{
	return wnv_group_home(state, wnv_subnet_find(state, group->vsid),
			      !vs_ip_is_v4(&group->pa.ip));
}

const struct wnv_group *wnv_group_at(const struct wnv_state *state,
				     uint32_t index,
				     const struct wnv_provider **home)
{
	const struct wnv_group *group;

	if (index >= state->groups.count)
		return NULL;
	group = &state->groups.list[index];
	*home = home_of(state, group);
	return group;
}

/* -- who listens -----------------------------------------------------------
 */

struct memberships {
	struct vs_provider *list;
	uint16_t count, room;
};

static void list_membership(struct memberships *of,
			    const struct wnv_group *group,
			    const struct wnv_provider *home)
{
	uint8_t kind =
		group->kind == CODEC_VXLAN ? VS_ENCAP_VXLAN : VS_ENCAP_NVGRE;

	if (of->count < of->room)
		of->list[of->count] = (struct vs_provider){
			.ip = group->pa.ip,
			.uplink = home->uplink,
			.vlan = home->vlan,
			.encapsulations = (uint8_t)(1u << kind),
		};
	of->count++;
}

/* The same group at the same place, of a subnet or customer group before. */
static bool is_listed(const struct wnv_state *state, uint32_t at,
		      const struct wnv_provider *home)
{
	const struct wnv_group *group = &state->groups.list[at], *before;
	const struct wnv_provider *its;
	uint32_t i;

	for (i = 0; i < at; i++) {
		before = &state->groups.list[i];
		if (!wnv_pa_equal(&before->pa, &group->pa) ||
		    before->kind != group->kind)
			continue;
		its = home_of(state, before);
		if (its && vs_port_equal(its->uplink, home->uplink) &&
		    its->vlan == home->vlan)
			return true;
	}
	return false;
}

uint16_t wnv_group_memberships(const struct wnv_state *state,
			       struct vs_provider *list, uint16_t room)
{
	struct memberships of = {.list = list, .room = room};
	const struct wnv_provider *home;
	const struct wnv_group *group;
	uint32_t i;

	for (i = 0; (group = wnv_group_at(state, i, &home)); i++)
		if (home && !is_listed(state, i, home))
			list_membership(&of, group, home);
	return of.count;
}
