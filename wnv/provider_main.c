/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_main.c: the main thread's half of provider.h: memory, and
 * what lists show.
 */
#include <errno.h>
#include <stdlib.h>

#include "group.h"
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
	struct provider *provider = calloc(1, sizeof(*provider));

	if (!provider)
		return NULL;
	provider->workers = workers;
	provider->neighbours = vs_table_new(&params);
	provider->tallies = tallies_create(workers);
	if (!provider->neighbours || !provider->tallies) {
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
	vs_table_free(provider->neighbours);
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

/* A step from "no way" to "resolved": of several PAs of ours the one that
 * knows most says what the peer's state is. */
static const char *const sights[] = {
	"no way", "down", "unasked", "silent", "asking", "resolved",
};

enum sight_rank { NO_WAY, DOWN, UNASKED, SILENT, ASKING, RESOLVED };

static enum sight_rank look(struct provider *provider,
			    const struct provider_hop *hop, uint64_t now_ns,
			    struct vs_mac *mac)
{
	struct neighbour_value value;
	uint32_t age;

	if (vs_ip_is_group(&hop->hop.ip)) {
		*mac = wnv_group_mac(&hop->hop);
		return RESOLVED;
	}
	if (!provider_neighbour(provider, hop, now_ns, &value))
		return UNASKED;
	*mac = value.mac;
	if (value.state != NEIGHBOUR_ASKED)
		return RESOLVED;
	age = (uint32_t)(now_ns / 1000000) - value.since_ms;
	return age < NEIGHBOUR_WAIT_MS ? ASKING : SILENT;
}

static enum sight_rank look_from(struct provider *provider,
				 const struct wnv_state *state,
				 const struct wnv_provider *source,
				 const struct wnv_pa *target,
				 struct provider_prospect *found)
{
	struct wnv_ports down = provider_down(provider);
	struct provider_hop hop;

	found->result =
		wnv_provider_way(state, source, target, &down, &found->way);
	if (found->result == WNV_PA_WAY_DOWN)
		return DOWN;
	if (found->result != WNV_PA_WAY_FOUND)
		return NO_WAY;
	hop = (struct provider_hop){
		.hop = found->way.hop,
		.uplink = found->way.uplink,
		.vlan = found->way.via->vlan,
	};
	return look(provider, &hop, found->now_ns, &found->sight.mac);
}

struct provider_prospect provider_look_from(struct provider *provider,
					    const struct wnv_state *state,
					    const struct wnv_provider *source,
					    const struct wnv_pa *target,
					    uint64_t now_ns)
{
	struct provider_prospect found = {.now_ns = now_ns};

	found.sight.state =
		sights[look_from(provider, state, source, target, &found)];
	return found;
}

struct provider_sight provider_look(struct provider *provider,
				    const struct wnv_state *state,
				    const struct wnv_peer *peer,
				    uint64_t now_ns)
{
	struct provider_prospect found = {.now_ns = now_ns};
	enum sight_rank rank, best = NO_WAY;
	uint16_t i;

	for (i = 0; best != RESOLVED && i < wnv_provider_count(state); i++) {
		rank = look_from(provider, state, wnv_provider_at(state, i),
				 &peer->pa, &found);
		if (rank > best)
			best = rank;
	}
	found.sight.state = sights[best];
	return found.sight;
}
