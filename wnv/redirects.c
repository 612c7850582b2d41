/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redirects.c: the tables of redirects.h.
 *
 * Before it: advise.c. After it: outbound.c and guard.c, by wnv_redirected().
 */
#include "redirects.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/table.h>

#include "index.h"

#define SECOND_NS (UINT64_C(1000) * 1000 * 1000)
#define PLACES	  1024u

struct key {
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint16_t zero;
};

struct value {
	struct wnv_pa from, to;
};

_Static_assert(sizeof(struct key) == 12 && sizeof(struct value) == 32,
	       "keys and values have no holes");

struct redirects {
	struct vs_table *table;
	uint64_t seed;
	/* the second << 8 | how many in it */
	_Atomic uint64_t spent[REDIRECTS_WAYS][PLACES];
	/* hash of the news, its low bits the second */
	_Atomic uint64_t told[PLACES];
};

struct redirects *redirects_create(uint64_t seed)
{
	const struct vs_table_params params = {
		.capacity = REDIRECTS,
		.key_size = sizeof(struct key),
		.value_size = sizeof(struct value),
		.groups = 1,
		.idle_ns = REDIRECTS_LIFE_NS,
		.seed = seed,
	};
	struct redirects *redirects = calloc(1, sizeof(*redirects));

	if (!redirects)
		return NULL;
	redirects->seed = seed;
	redirects->table = vs_table_new(&params);
	if (!redirects->table) {
		redirects_destroy(redirects);
		return NULL;
	}
	return redirects;
}

void redirects_destroy(struct redirects *redirects)
{
	if (redirects)
		vs_table_free(redirects->table);
	free(redirects);
}

/* -- where VMs went -------------------------------------------------------- */

static struct key key_of(const struct wnv_record *record)
{
	return (struct key){record->vsid, record->mac, 0};
}

void redirects_put(struct redirects *redirects, const struct wnv_record *record,
		   const struct wnv_pa *to, uint64_t now_ns)
{
	const struct key key = key_of(record);
	const struct value value = {record->pa, *to};
	const struct vs_table_item item = {.key = &key, .value = &value};

	vs_table_learn(redirects->table, &item, now_ns, NULL);
}

bool redirects_find(struct redirects *redirects,
		    const struct wnv_record *record, uint64_t now_ns,
		    struct wnv_pa *to)
{
	const struct key key = key_of(record);
	struct value value;

	if (!vs_table_group_entries(redirects->table, 0) ||
	    !vs_table_find(redirects->table, &key, now_ns, &value) ||
	    !wnv_pa_equal(&value.from, &record->pa))
		return false;
	*to = value.to;
	return true;
}

/* -- how often ------------------------------------------------------------- */

bool redirects_spend(struct redirects *redirects, enum redirects_way way,
		     const struct wnv_pa *peer, uint64_t now_ns)
{
	_Atomic uint64_t *place =
		&redirects->spent[way]
				 [wnv_hash_ip(redirects->seed, 0, &peer->ip) %
				  PLACES];
	uint64_t second = now_ns / SECOND_NS, word, next;

	word = atomic_load_explicit(place, memory_order_relaxed);
	do {
		next = word >> 8 == second ? word + 1 : second << 8 | 1;
		if ((next & 0xff) > REDIRECTS_PER_SECOND)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(place, &word, next,
							memory_order_relaxed,
							memory_order_relaxed));
	return true;
}

bool redirects_is_news(struct redirects *redirects,
		       const struct redirects_news *news, uint64_t now_ns)
{
	uint64_t seed = redirects->seed ^
			wnv_hash_mac(redirects->seed, news->vsid, &news->mac);
	uint64_t hash = wnv_hash_ip(seed, 0, &news->peer.ip);
	uint64_t word = hash << 32 | (uint32_t)(now_ns / SECOND_NS + 1);
	_Atomic uint64_t *place = &redirects->told[hash % PLACES];

	if (atomic_load_explicit(place, memory_order_relaxed) == word)
		return false;
	atomic_store_explicit(place, word, memory_order_relaxed);
	return true;
}
