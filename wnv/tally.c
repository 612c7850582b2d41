/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally.c: the main thread's half of tally.h: who has which place.
 */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>

#include "index.h"
#include "state.h"

struct tallies *tallies_create(uint16_t workers)
{
	struct tallies *tallies = calloc(1, sizeof(*tallies));
	size_t size = (size_t)workers * TALLIES * sizeof(*tallies->rows);

	if (!tallies)
		return NULL;
	tallies->workers = workers;
	tallies->rows =
		aligned_alloc(alignof(struct tally_row), size ? size : 64);
	if (!tallies->rows) {
		free(tallies);
		return NULL;
	}
	memset(tallies->rows, 0, size);
	return tallies;
}

void tallies_destroy(struct tallies *tallies)
{
	if (!tallies)
		return;
	free(tallies->rows);
	free(tallies);
}

static uint32_t hash_of(const struct wnv_pa *pa)
{
	return wnv_hash_ip(0, 0, &pa->ip);
}

static uint16_t place_find(const struct tallies *tallies,
			   const struct wnv_index *index,
			   const struct wnv_pa *pa)
{
	WNV_INDEX_EACH(i, index, hash_of(pa))
	if (wnv_pa_equal(&tallies->place[i].pa, pa))
		return (uint16_t)i;
	return 0;
}

/* Free on the first lap: nobody ever had it; on the second: nobody has it. */
static bool is_free(const struct tallies *tallies, uint16_t at)
{
	const struct tally_place *place = &tallies->place[at % TALLIES];

	return at % TALLIES && !place->states &&
	       (at >= TALLIES || !wnv_pa_is_set(&place->pa));
}

/* A free place, looked for from *next on; 0: there is none. */
static uint16_t place_make(struct tallies *tallies, uint16_t *next,
			   const struct wnv_pa *pa)
{
	struct tally_row *row;
	uint16_t worker, place;
	unsigned int i;

	while (*next < 2 * TALLIES && !is_free(tallies, *next))
		(*next)++;
	if (*next == 2 * TALLIES)
		return 0;
	place = (*next)++ % TALLIES;
	tallies->place[place] = (struct tally_place){.pa = *pa};
	atomic_store(&tallies->path_mtu[place], 0);
	for (worker = 0; worker < tallies->workers; worker++) {
		row = &tallies->rows[worker * TALLIES + place];
		for (i = 0; i < TALLY_COUNTS; i++)
			atomic_store(&row->count[i], 0);
		atomic_store(&row->heard_ns, 0);
	}
	return place;
}

/* First those that have a place already, so that none of them is given away
 * to a newcomer. */
int tallies_take(struct tallies *tallies, struct wnv_state *state)
{
	uint32_t i, count = wnv_peer_count(state);
	struct wnv_index index;
	uint16_t place, next = 1;

	if (wnv_index_create(&index, TALLIES))
		return -ENOMEM;
	for (i = 1; i < TALLIES; i++)
		if (wnv_pa_is_set(&tallies->place[i].pa))
			wnv_index_add(&index, hash_of(&tallies->place[i].pa),
				      i);
	for (i = 0; i < count; i++) {
		place = place_find(tallies, &index, &wnv_peer_at(state, i)->pa);
		wnv_state_set_tally(state, i, place);
		tallies->place[place].states += place != 0;
	}
	for (i = 0; i < count; i++) {
		if (wnv_peer_at(state, i)->tally)
			continue;
		place = place_make(tallies, &next, &wnv_peer_at(state, i)->pa);
		wnv_state_set_tally(state, i, place);
		tallies->place[place].states += place != 0;
	}
	wnv_index_destroy(&index);
	return 0;
}

void tallies_give(struct tallies *tallies, const struct wnv_state *state)
{
	uint32_t i;
	uint16_t place;

	for (i = 0; i < wnv_peer_count(state); i++) {
		place = wnv_peer_at(state, i)->tally;
		tallies->place[place].states -= place != 0;
	}
}

struct tally_sum tallies_sum(const struct tallies *tallies, uint16_t place)
{
	struct tally_sum sum = {.heard_ns = 0};
	const struct tally_row *row;
	uint64_t heard_ns;
	uint16_t worker;
	unsigned int i;

	for (worker = 0; worker < tallies->workers; worker++) {
		row = &tallies->rows[worker * TALLIES + place];
		for (i = 0; i < TALLY_COUNTS; i++)
			sum.count[i] += atomic_load_explicit(
				&row->count[i], memory_order_relaxed);
		heard_ns = atomic_load_explicit(&row->heard_ns,
						memory_order_relaxed);
		if (heard_ns > sum.heard_ns)
			sum.heard_ns = heard_ns;
	}
	return sum;
}
