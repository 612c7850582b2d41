/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_slot.c: which slot belongs to an owned PA, and how long it lives
 * (provider.h). Main thread only.
 *
 * Slots and the PAs of a state are both in order, so that one walk over both
 * finds what is there and what is new: a host may have thousands, with IP
 * rewrite one per VM.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "provider_slot.h"
#include "state.h"

static uint16_t count_owned(const struct wnv_state *state)
{
	uint16_t i, count = 0;

	for (i = 0; i < wnv_provider_count(state); i++)
		if (wnv_provider_at(state, i)->owned)
			count++;
	return count;
}

static struct provider_slot *slot_new(const struct wnv_pa *pa)
{
	struct provider_slot *slot = calloc(1, sizeof(*slot));

	if (slot)
		slot->pa = *pa;
	return slot;
}

/* The slots of before and those of the state, in order, into `merged`. What
 * is new has no users yet. */
static uint32_t merge(const struct provider *provider,
		      const struct wnv_state *state,
		      struct provider_slot **merged)
{
	uint32_t old = 0, count = 0;
	uint16_t i;

	for (i = 0; i < wnv_provider_count(state); i++) {
		const struct wnv_provider *pa = wnv_provider_at(state, i);

		if (!pa->owned)
			continue;
		while (old < provider->slot_count &&
		       wnv_pa_compare(&provider->slots[old]->pa, &pa->pa) < 0)
			merged[count++] = provider->slots[old++];
		if (old < provider->slot_count &&
		    wnv_pa_equal(&provider->slots[old]->pa, &pa->pa))
			merged[count++] = provider->slots[old++];
		else
			merged[count++] = slot_new(&pa->pa);
	}
	while (old < provider->slot_count)
		merged[count++] = provider->slots[old++];
	return count;
}

/* Slots without users go; so do the holes that a lack of memory left. */
static void sweep(struct provider *provider)
{
	uint32_t i, kept = 0;

	for (i = 0; i < provider->slot_count; i++) {
		if (provider->slots[i] && provider->slots[i]->users)
			provider->slots[kept++] = provider->slots[i];
		else
			free(provider->slots[i]);
	}
	provider->slot_count = kept;
}

static bool has_holes(const struct provider *provider)
{
	uint32_t i;

	for (i = 0; i < provider->slot_count; i++)
		if (!provider->slots[i])
			return true;
	return false;
}

int provider_slots_take(struct provider *provider, struct wnv_state *state)
{
	size_t room = (size_t)provider->slot_count + count_owned(state) + 1;
	struct provider_slot **merged =
		calloc(room, sizeof(struct provider_slot *));
	uint32_t at = 0;
	uint16_t i;

	if (!merged)
		return -ENOMEM;
	provider->slot_count = merge(provider, state, merged);
	free(provider->slots);
	provider->slots = merged;
	if (has_holes(provider)) {
		sweep(provider);
		return -ENOMEM;
	}
	for (i = 0; i < wnv_provider_count(state); i++) {
		const struct wnv_provider *pa = wnv_provider_at(state, i);

		if (!pa->owned)
			continue;
		for (;; at++) {
			assert(merged[at]); /* merge put every one there */
			if (wnv_pa_equal(&merged[at]->pa, &pa->pa))
				break;
		}
		merged[at]->users++;
		wnv_state_set_slot(state, i, merged[at]);
	}
	return 0;
}

void provider_slots_give(struct provider *provider,
			 const struct wnv_state *state)
{
	uint16_t i;

	for (i = 0; i < wnv_provider_count(state); i++) {
		struct provider_slot *slot = wnv_provider_at(state, i)->slot;

		if (slot)
			slot->users--;
	}
	sweep(provider);
}
