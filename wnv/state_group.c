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
	uint64_t *pairs; /* subnet << 33 | peer << 1 | VXLAN */
	uint32_t count;
};

static void list_peer(struct peer_list *list, uint32_t subnet,
		      const struct wnv_record *record)
{
	list->pairs[list->count++] =
		(uint64_t)subnet << 33 | (uint64_t)record->peer << 1 |
		(wnv_rule_codec(record->rule) == CODEC_VXLAN);
}

static struct wnv_replica replica_of(uint64_t pair)
{
	return (struct wnv_replica){(uint32_t)(pair >> 1),
				    pair & 1 ? CODEC_VXLAN : CODEC_NVGRE};
}

/* Sorted, each peer of a subnet once, by NVGRE if one of its records says so:
 * what is left is in order of subnets. */
static void list_sort(struct peer_list *list)
{
	uint32_t i, kept = 0;

	qsort(list->pairs, list->count, sizeof(*list->pairs), compare_pairs);
	for (i = 0; i < list->count; i++)
		if (!kept || list->pairs[i] >> 1 != list->pairs[kept - 1] >> 1)
			list->pairs[kept++] = list->pairs[i];
	list->count = kept;
}

/* A subnet's first element is where it lends from. */
static void lend_replicas(struct wnv_state *state, struct peer_list *list,
			  struct wnv_replica *to)
{
	struct wnv_subnet *subnet;
	uint32_t i;

	list_sort(list);
	for (i = 0; i < list->count; i++) {
		subnet = &state->subnets[list->pairs[i] >> 33];
		if (!subnet->replica_count++)
			subnet->replicas = to + i;
		to[i] = replica_of(list->pairs[i]);
		if (subnet->port_count)
			state->peers[to[i].peer].awaited = true;
	}
}

static void lend_seekers(struct wnv_state *state, struct peer_list *list,
			 struct wnv_replica *to)
{
	struct wnv_subnet *subnet;
	uint32_t i;

	list_sort(list);
	for (i = 0; i < list->count; i++) {
		subnet = &state->subnets[list->pairs[i] >> 33];
		if (!subnet->seeker_count++)
			subnet->seekers = to + i;
		to[i] = replica_of(list->pairs[i]);
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
	state->replicas = calloc(room + l2only, sizeof(*state->replicas));
	if (replicas.pairs && seekers.pairs && state->replicas) {
		for (i = 0; i < state->book.count; i++)
			list_record(state, wnv_book_at(&state->book, i),
				    &replicas, &seekers);
		lend_replicas(state, &replicas, state->replicas);
		lend_seekers(state, &seekers, state->replicas + room);
		error = 0;
	}
	free(replicas.pairs);
	free(seekers.pairs);
	return error;
}
