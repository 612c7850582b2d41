/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_main.c: the main thread's half of provider.h: memory, and
 * what lists show.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "provider.h"
#include "provider_slot.h"

#define MINUTE_NS (UINT64_C(60) * 1000 * 1000 * 1000)

const char *const provider_pa_state_names[PROVIDER_PA_STATES] = {
	[PROVIDER_NEW] = "new",
	[PROVIDER_TENTATIVE] = "tentative",
	[PROVIDER_PREFERRED] = "preferred",
	[PROVIDER_DUPLICATE] = "duplicate",
};

struct provider *provider_create(uint16_t workers, uint64_t seed)
{
	const struct vs_table_params params = {
		.capacity = PROVIDER_NEIGHBOURS,
		.key_size = sizeof(struct neighbour_key),
		.value_size = sizeof(struct neighbour_value),
		.groups = 1,
		.idle_ns = 10 * MINUTE_NS,
		.seed = seed,
	};
	size_t size = vs_table_size(&params);
	struct provider *provider = calloc(1, sizeof(*provider));

	assert(size > 0);
	if (!provider)
		return NULL;
	provider->workers = workers;
	provider->region = aligned_alloc(64, (size + 63) & ~(size_t)63);
	provider->tallies = tallies_create(workers);
	if (!provider->region || !provider->tallies ||
	    vs_table_create(&provider->neighbours, provider->region, size,
			    &params) != 0) {
		provider_destroy(provider);
		return NULL;
	}
	return provider;
}

void provider_destroy(struct provider *provider)
{
	uint32_t i;

	if (!provider)
		return;
	for (i = 0; i < provider->slot_count; i++)
		free(provider->slots[i]);
	free(provider->slots);
	tallies_destroy(provider->tallies);
	free(provider->region);
	free(provider);
}

int provider_configure(struct provider *provider, struct wnv_state *state,
		       struct vs_error *error)
{
	if (provider_slots_take(provider, state) == 0) {
		if (tallies_take(provider->tallies, state) == 0)
			return 0;
		provider_slots_give(provider, state);
	}
	return vs_error_set(error, ENOMEM, "", "wnv: out of memory");
}

void provider_retire(struct provider *provider, const struct wnv_state *state)
{
	provider_slots_give(provider, state);
	tallies_give(provider->tallies, state);
}

enum provider_pa_state provider_pa_state(const struct wnv_provider *pa)
{
	if (!pa->owned)
		return PROVIDER_PREFERRED;
	return pa->slot ? slot_word_state(atomic_load(&pa->slot->word))
			: PROVIDER_NEW;
}

struct provider_sight provider_look(struct provider *provider,
				    const struct wnv_state *state,
				    const struct wnv_peer *peer,
				    uint64_t now_ns)
{
	struct provider_sight sight = {.state = "no way"};
	struct neighbour_value value;
	struct neighbour_key key;
	uint32_t age;
	uint16_t i;

	for (i = 0; i < wnv_provider_count(state); i++) {
		const struct wnv_provider *own = wnv_provider_at(state, i);

		if (!wnv_provider_next_hop(state, own, &peer->pa, &key.pa))
			continue;
		key.uplink = own->uplink.value;
		sight.state = "unasked";
		if (!vs_table_find(provider->neighbours, &key, now_ns, &value))
			continue;
		age = (uint32_t)(now_ns / 1000000) - value.since_ms;
		sight.mac = value.mac;
		if (value.state == NEIGHBOUR_ASKED)
			sight.state =
				age < NEIGHBOUR_WAIT_MS ? "asking" : "silent";
		else
			sight.state = "resolved";
		break;
	}
	return sight;
}
