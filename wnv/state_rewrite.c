/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_rewrite.c: what a state knows of records with rule=rewrite: which of
 * them a PA stands for (B2.3), and which can be used.
 *
 * Before it: state.c. After it: rewrite_out.c, rewrite_in.c.
 */
#include <errno.h>

#include "pair.h"
#include "tables.h"

/* The position of the record with that PA; WNV_NONE: there is none. */
static uint32_t find(const struct wnv_state *state, const struct wnv_pa *pa)
{
	WNV_INDEX_EACH(i, &state->by_rewrite,
		       wnv_hash_ip(state->seed, 0, &pa->ip))
	if (wnv_pa_equal(&wnv_book_at(&state->book, i)->pa, pa))
		return i;
	return WNV_NONE;
}

const struct wnv_record *wnv_record_by_pa(const struct wnv_state *state,
					  const struct wnv_pa *pa)
{
	uint32_t at = find(state, pa);

	return at == WNV_NONE ? NULL : wnv_book_at(&state->book, at);
}

static uint32_t count_rewrites(const struct wnv_state *state)
{
	uint32_t i, count = 0;

	for (i = 0; i < state->book.count; i++)
		count += wnv_book_at(&state->book, i)->rule == WNV_RULE_REWRITE;
	return count;
}

/* Ours only with a PA of our own: what comes to one of the kernel's is taken
 * by the kernel, and answered. */
static bool is_usable(const struct wnv_state *state,
		      const struct wnv_record *record)
{
	const struct wnv_provider *own;

	if (!(record->flags & WNV_RECORD_LOCAL))
		return record->peer != WNV_NONE;
	own = wnv_provider_find(state, &record->pa);
	return own && own->owned;
}

static int add(struct wnv_state *state, uint32_t at)
{
	struct wnv_record *record = wnv_book_edit(&state->book, at);
	const struct wnv_subnet *subnet;

	if (!record)
		return -ENOMEM;
	if (!wnv_pa_is_set(&record->pa))
		return 0;
	if (wnv_record_by_pa(state, &record->pa))
		return -EEXIST;
	wnv_index_add(&state->by_rewrite,
		      wnv_hash_ip(state->seed, 0, &record->pa.ip), at);
	record->flags &= (uint8_t)~WNV_RECORD_USABLE;
	if (!is_usable(state, record))
		return 0;
	record->flags |= WNV_RECORD_USABLE;
	subnet = wnv_subnet_find(state, record->vsid);
	if (subnet && record->peer != WNV_NONE)
		state->subnets[subnet - state->subnets].rewrites = true;
	return 0;
}

int wnv_state_rewrite(struct wnv_state *state)
{
	uint32_t i, at, count = count_rewrites(state);
	struct wnv_record *record;
	int error;

	if (!count)
		return 0;
	state->head.rewrites = true;
	error = wnv_index_create(&state->by_rewrite, count);
	for (i = 0; !error && i < state->book.count; i++)
		if (wnv_book_at(&state->book, i)->rule == WNV_RULE_REWRITE)
			error = add(state, i);
	for (i = 0; !error && i < state->book.count; i++) {
		if (!wnv_rule_tunnels(wnv_book_at(&state->book, i)->rule))
			continue;
		at = find(state, &wnv_book_at(&state->book, i)->pa);
		record =
			at == WNV_NONE ? NULL : wnv_book_edit(&state->book, at);
		if (record)
			record->flags |= WNV_RECORD_TUNNELED;
	}
	return error;
}
