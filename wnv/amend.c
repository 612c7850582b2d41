/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amend.c: a state made from another one and a few changed records.
 *
 * Theory of operation
 * -------------------
 * Of a million records one changes; nearly all of the state stays. Records and
 * their indices are a book (book.h), which shares all but some pages; what few
 * objects there are is copied (subnets, peers, our PAs: a state has marks in
 * them) or shared by counting (all else). What follows from records is counted
 * per state, so that it can be counted on: how many records name a peer, how
 * many let group frames of a subnet go to one.
 *
 * Only plain records are changed in this way: static, of a remote VM, with
 * rule encap or vxlan and the PA of a known peer, inside its subnet, and
 * neither a next hop nor a port's address nor in a policy that rewrites. Of
 * all others more depends than is counted here.
 *
 * Before it: configure_amend.c. After it: lookup.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "tables.h"

/* -- what is plain ------------------------------------------------------------
 */

static bool is_next_hop_subnet(const struct wnv_state *state,
			       struct vs_vsid vsid)
{
	const struct wnv_domains *domains = &state->domains;
	uint32_t i;

	for (i = 0; i < domains->route_count; i++)
		if (!domains->routes[i].on_link &&
		    vs_vsid_equal(domains->routes[i].vsid, vsid))
			return true;
	return false;
}

/* In any of its subnets: rather too often than not. */
static bool is_port_address(const struct wnv_state *state,
			    const struct wnv_ca *ca)
{
	const struct vs_port_profile *profile;
	uint32_t i;
	uint16_t k;

	for (i = 0; i < state->profiles.count; i++) {
		profile = &state->profiles.list[i].profile;
		for (k = 0; k < profile->address_count; k++)
			if (vs_ip_equal(&profile->addresses[k].ip, &ca->ip))
				return true;
	}
	return false;
}

static bool is_plain(const struct wnv_state *state,
		     const struct wnv_record *record)
{
	const struct wnv_subnet *subnet = wnv_subnet_find(state, record->vsid);
	bool ipv6 = !vs_ip_is_v4(&record->pa.ip);

	return subnet && record->type == WNV_TYPE_STATIC &&
	       wnv_rule_tunnels(record->rule) &&
	       wnv_peer_find(state, &record->pa) &&
	       !wnv_ip_is_martian(&record->ca.ip) &&
	       !wnv_is_link_local6(&record->ca.ip) &&
	       wnv_subnet_holds(subnet, &record->ca) &&
	       !wnv_prefixes_reserve(subnet->prefixes, subnet->prefix_count,
				     &record->ca.ip) &&
	       !wnv_subnet_is_gateway(subnet, &record->ca) &&
	       !vs_mac_equal(&subnet->gateway_mac, &record->mac) &&
	       codec_overhead(wnv_rule_codec(record->rule), ipv6) <=
		       subnet->overhead &&
	       !is_next_hop_subnet(state, record->vsid) &&
	       !is_port_address(state, &record->ca);
}

bool wnv_state_amends(const struct wnv_state *state,
		      const struct wnv_change *change)
{
	return !state->head.rewrites && !state->head.shares &&
	       (!change->removes || is_plain(state, &change->before)) &&
	       (!change->adds || (is_plain(state, &change->after) &&
				  (!wnv_pa_is_set(&change->next_pa) ||
				   wnv_peer_find(state, &change->next_pa))));
}

/* -- counting -----------------------------------------------------------------
 */

/* The first pair that is not below the key. */
static uint32_t pair_place(const struct wnv_pairs *pairs, uint64_t key)
{
	uint32_t low = 0, high = pairs->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (pairs->list[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void pair_add(struct wnv_pairs *pairs, uint64_t key)
{
	uint32_t at = pair_place(pairs, key);

	if (at == pairs->count || pairs->list[at].key != key) {
		memmove(&pairs->list[at + 1], &pairs->list[at],
			(pairs->count - at) * sizeof(*pairs->list));
		pairs->list[at] = (struct wnv_pair){.key = key};
		pairs->count++;
	}
	pairs->list[at].uses++;
}

static void pair_take(struct wnv_pairs *pairs, uint64_t key)
{
	uint32_t at = pair_place(pairs, key);

	if (--pairs->list[at].uses)
		return;
	pairs->count--;
	memmove(&pairs->list[at], &pairs->list[at + 1],
		(pairs->count - at) * sizeof(*pairs->list));
}

static uint64_t key_of(const struct wnv_state *state,
		       const struct wnv_record *record)
{
	const struct wnv_subnet *subnet = wnv_subnet_find(state, record->vsid);

	return wnv_pair_key((uint32_t)(subnet - state->subnets), record);
}

/* -- changing -----------------------------------------------------------------
 */

static int take_record(struct wnv_state *state, const struct wnv_record *before)
{
	uint32_t at = wnv_book_find(&state->book, before->vsid, &before->ca);
	struct wnv_record record;

	if (at == WNV_NONE)
		return -EAGAIN;
	record = *wnv_book_at(&state->book, at);
	if (record.flags != WNV_RECORD_USABLE || record.peer == WNV_NONE)
		return -EAGAIN;
	pair_take(&state->counts.pairs, key_of(state, &record));
	state->counts.peer_uses[record.peer]--;
	state->counts.vxlans -= record.rule == WNV_RULE_VXLAN;
	return wnv_book_remove(&state->book, at);
}

static int put_record(struct wnv_state *state, const struct wnv_record *after)
{
	struct wnv_record record = *after;
	uint32_t at;

	wnv_derive_record(state, &record);
	pair_add(&state->counts.pairs, key_of(state, &record));
	state->counts.peer_uses[record.peer]++;
	state->counts.vxlans += record.rule == WNV_RULE_VXLAN;
	return wnv_book_add(&state->book, &record, &at);
}

/* A copy of an array with room for `more` elements; NULL: no memory. */
static void *copy_of(const void *from, size_t count, size_t more, size_t size)
{
	void *copy = calloc(count + more + 1, size);

	if (copy && count)
		memcpy(copy, from, count * size);
	return copy;
}

/* What is a state's own; `state` starts as a copy of `base`. */
static int copy_own(struct wnv_state *state, const struct wnv_state *base,
		    uint32_t more)
{
	struct wnv_counts *counts = &state->counts;
	uint32_t i;

	state->replicas = NULL;
	state->subnets = copy_of(base->subnets, base->subnet_count, 0,
				 sizeof(*base->subnets));
	state->providers = copy_of(base->providers, base->provider_count, 0,
				   sizeof(*base->providers));
	state->peers =
		copy_of(base->peers, base->peer_count, 0, sizeof(*base->peers));
	counts->peer_uses = copy_of(base->counts.peer_uses, base->peer_count, 0,
				    sizeof(*counts->peer_uses));
	counts->pairs.list =
		copy_of(base->counts.pairs.list, base->counts.pairs.count, more,
			sizeof(*counts->pairs.list));
	if (wnv_book_share(&state->book, &base->book) || !state->subnets ||
	    !state->providers || !state->peers || !counts->peer_uses ||
	    !counts->pairs.list)
		return -ENOMEM;
	for (i = 0; i < state->subnet_count; i++) {
		state->subnets[i].replicas = NULL;
		state->subnets[i].replica_count = 0;
	}
	for (i = 0; i < state->peer_count; i++)
		state->peers[i].awaited = false;
	return 0;
}

static bool each_peer_is_named(const struct wnv_state *state)
{
	uint32_t i;

	for (i = 0; i < state->peer_count; i++)
		if (!state->counts.peer_uses[i])
			return false;
	return true;
}

int wnv_state_amend(const struct wnv_state *base,
		    const struct wnv_change *changes, uint32_t count,
		    struct wnv_state **state)
{
	struct wnv_state *made = malloc(sizeof(*made));
	uint32_t i;
	int error;

	if (!made)
		return -ENOMEM;
	*made = *base;
	++*made->sharers;
	error = wnv_state_keep_moves(made, base, changes, count);
	if (!error)
		error = copy_own(made, base, count);
	for (i = 0; !error && i < count; i++)
		if (changes[i].removes)
			error = take_record(made, &changes[i].before);
	for (i = 0; !error && i < count; i++)
		if (changes[i].adds)
			error = put_record(made, &changes[i].after);
	if (!error && !each_peer_is_named(made))
		error = -EAGAIN;
	if (!error)
		error = wnv_state_lend(made);
	made->head.takes_vxlan = made->counts.vxlans != 0;
	if (error) {
		wnv_state_free(made);
		return error;
	}
	*state = made;
	return 0;
}
