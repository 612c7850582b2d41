/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_advertise.c: which subnets of a state advertise on this host, and since
 * when they say what they say now. Part of building a state (state.h).
 */
#include <errno.h>
#include <stdlib.h>

#include "tables.h"

int wnv_build_advertisers(struct wnv_state *state)
{
	uint32_t i;

	state->advertisers.subnets =
		calloc((size_t)state->subnet_count + 1,
		       sizeof(*state->advertisers.subnets));
	if (!state->advertisers.subnets)
		return -ENOMEM;
	for (i = 0; i < state->subnet_count; i++)
		if (state->subnets[i].port_count &&
		    wnv_subnet_advertises(&state->subnets[i]))
			state->advertisers.subnets[state->advertisers.count++] =
				i;
	return 0;
}

uint32_t wnv_advertiser_count(const struct wnv_state *state)
{
	return state->advertisers.count;
}

const struct wnv_subnet *wnv_advertiser_at(const struct wnv_state *state,
					   uint32_t index)
{
	return &state->subnets[state->advertisers.subnets[index]];
}

/* Would the two say the same? */
static bool say_the_same(const struct wnv_subnet *a, const struct wnv_subnet *b)
{
	uint16_t i;

	if (a->prefix_count != b->prefix_count ||
	    a->gateway_count != b->gateway_count || a->mtu != b->mtu ||
	    a->slaac != b->slaac ||
	    !vs_mac_equal(&a->gateway_mac, &b->gateway_mac))
		return false;
	for (i = 0; i < a->prefix_count; i++)
		if (!wnv_prefix_equal(&a->prefixes[i], &b->prefixes[i]))
			return false;
	for (i = 0; i < a->gateway_count; i++)
		if (!wnv_ca_equal(&a->gateways[i], &b->gateways[i]))
			return false;
	return true;
}

void wnv_state_advertise(struct wnv_state *state,
			 const struct wnv_state *before, uint64_t now_ns)
{
	const struct wnv_subnet *other;
	struct wnv_subnet *subnet;
	uint32_t i;

	for (i = 0; i < state->advertisers.count; i++) {
		subnet = &state->subnets[state->advertisers.subnets[i]];
		other = before ? wnv_subnet_find(before, subnet->vsid) : NULL;
		subnet->advertised_ns =
			other && other->advertised_ns &&
					say_the_same(subnet, other)
				? other->advertised_ns
				: now_ns;
	}
}
