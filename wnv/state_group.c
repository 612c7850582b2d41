/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_group.c: per subnet, where group frames go: to which peers, from which
 * PA of ours, and who is asked for a CA that nobody is known to have.
 *
 * Before it: state.c derived the records. After it: outbound.c replicates.
 */
#include <errno.h>
#include <stdlib.h>

#include "tables.h"

static int compare_pairs(const void *a, const void *b)
{
	uint64_t left, right;

	memcpy(&left, a, sizeof(left));
	memcpy(&right, b, sizeof(right));
	return (left > right) - (left < right);
}

/* One piece of an array per subnet. */
struct peer_list {
	uint64_t *pairs;
	uint32_t count;
};

uint64_t wnv_pair_key(uint32_t subnet, const struct wnv_record *record)
{
	return (uint64_t)subnet << 33 | (uint64_t)record->peer << 1 |
	       (wnv_rule_codec(record->rule) == CODEC_VXLAN);
}

static void list_peer(struct peer_list *list, uint32_t subnet,
		      const struct wnv_record *record)
{
	list->pairs[list->count++] = wnv_pair_key(subnet, record);
}

static struct wnv_replica replica_of(uint64_t pair)
{
	return (struct wnv_replica){(uint32_t)(pair >> 1),
				    pair & 1 ? CODEC_VXLAN : CODEC_NVGRE};
}

/* Equal ones become one with a count. */
static int count_pairs(struct wnv_pairs *pairs, struct peer_list *list)
{
	uint32_t i;

	qsort(list->pairs, list->count, sizeof(*list->pairs), compare_pairs);
	for (i = 0; i < list->count; i++)
		pairs->count += !i || list->pairs[i] != list->pairs[i - 1];
	pairs->list = calloc((size_t)pairs->count + 1, sizeof(*pairs->list));
	if (!pairs->list)
		return -ENOMEM;
	pairs->count = 0;
	for (i = 0; i < list->count; i++) {
		if (!i || list->pairs[i] != list->pairs[i - 1])
			pairs->list[pairs->count++].key = list->pairs[i];
		pairs->list[pairs->count - 1].uses++;
	}
	return 0;
}

/* Each peer of a subnet once, by NVGRE if one of its records says so; a
 * subnet's first element is where it lends from. */
int wnv_state_lend(struct wnv_state *state)
{
	const struct wnv_pairs *pairs = &state->counts.pairs;
	struct wnv_replica *to;
	struct wnv_subnet *subnet;
	uint32_t i;

	state->replicas =
		calloc((size_t)pairs->count + 1, sizeof(*state->replicas));
	if (!state->replicas)
		return -ENOMEM;
	to = state->replicas;
	for (i = 0; i < pairs->count; i++) {
		if (i && pairs->list[i].key >> 1 == pairs->list[i - 1].key >> 1)
			continue;
		subnet = &state->subnets[pairs->list[i].key >> 33];
		if (!subnet->replica_count++)
			subnet->replicas = to;
		*to = replica_of(pairs->list[i].key);
		if (subnet->port_count)
			state->peers[to->peer].awaited = true;
		to++;
	}
	return 0;
}

static void lend_seekers(struct wnv_state *state, struct peer_list *list)
{
	struct wnv_replica *to = state->seekers;
	struct wnv_subnet *subnet;
	uint32_t i;

	qsort(list->pairs, list->count, sizeof(*list->pairs), compare_pairs);
	for (i = 0; i < list->count; i++) {
		if (i && list->pairs[i] >> 1 == list->pairs[i - 1] >> 1)
			continue;
		subnet = &state->subnets[list->pairs[i] >> 33];
		if (!subnet->seeker_count++)
			subnet->seekers = to;
		*to++ = replica_of(list->pairs[i]);
	}
}

/* Where a record's group frames go to, or which PA of ours they use. */
static void list_record(struct wnv_state *state,
			const struct wnv_record *record,
			struct peer_list *replicas, struct peer_list *seekers)
{
	const struct wnv_subnet *found = wnv_subnet_find(state, record->vsid);
	struct wnv_subnet *subnet;
	struct wnv_pa *own;
	uint32_t at;

	if (!found || !wnv_rule_tunnels(record->rule) ||
	    !(record->flags & WNV_RECORD_USABLE))
		return;
	at = (uint32_t)(found - state->subnets);
	subnet = &state->subnets[at];
	if (record->peer == WNV_NONE) {
		bool ipv6 = !vs_ip_is_v4(&record->pa.ip);

		own = &subnet->seek_pa[ipv6];
		if (record->type == WNV_TYPE_L2ONLY &&
		    (!wnv_pa_is_set(own) ||
		     wnv_pa_compare(&record->pa, own) < 0))
			*own = record->pa;
		own = &subnet->own_pa[ipv6];
		if (!wnv_pa_is_set(own) ||
		    wnv_pa_compare(&record->pa, own) < 0) {
			*own = record->pa;
			subnet->own_mac[ipv6] = record->mac;
		}
		return;
	}
	list_peer(replicas, at, record);
	if (record->type == WNV_TYPE_L2ONLY)
		list_peer(seekers, at, record);
}

int wnv_state_groups(struct wnv_state *state)
{
	size_t room = (size_t)state->book.count + 1;
	struct peer_list replicas = {calloc(room, sizeof(uint64_t)), 0};
	struct peer_list seekers;
	int error = -ENOMEM;
	uint32_t i, l2only = 1;

	for (i = 0; i < state->book.count; i++)
		l2only += wnv_book_at(&state->book, i)->type == WNV_TYPE_L2ONLY;
	seekers = (struct peer_list){calloc(l2only, sizeof(uint64_t)), 0};
	state->seekers = calloc(l2only, sizeof(*state->seekers));
	if (replicas.pairs && seekers.pairs && state->seekers) {
		for (i = 0; i < state->book.count; i++)
			list_record(state, wnv_book_at(&state->book, i),
				    &replicas, &seekers);
		lend_seekers(state, &seekers);
		error = count_pairs(&state->counts.pairs, &replicas);
	}
	free(replicas.pairs);
	free(seekers.pairs);
	return error ? error : wnv_state_lend(state);
}
