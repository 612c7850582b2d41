// SPDX-License-Identifier: Apache-2.0
/*
 * flow_table.c: the key of a flow and the table of its verdicts. Decides whose
 * entry gives way: an outdated one, else the oldest of the same VSID, else one
 * of a VSID that has more. Before this file: flow_cache.c.
 */
#include "core/flow_table.h"

#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "packet/hash.h"

#define SETS	  4096u /* a power of two */
#define WAYS	  4u
#define SHARE	  4u  /* of all entries, one VSID's part */
#define AGE_SHIFT 30u /* ns to about seconds */

struct entry {
	_Alignas(64) struct flow_key key;
	uint64_t generation; /* 0: free */
	struct flow_verdicts verdicts;
	uint32_t used; /* about seconds */
	uint32_t group;
};
_Static_assert(sizeof(struct entry) == 128, "two cache lines");

struct flow_table {
	uint64_t secret[8];
	uint32_t tag[SETS][WAYS]; /* the hashes; 0 = free */
	uint32_t *owned;	  /* [group] */
	void *region;
	struct entry *entries;
};

/* Untouched, the entries cost no memory: calloc gives pages that are zero. */
struct flow_table *flow_table_create(uint32_t groups, uint64_t seed)
{
	struct flow_table *table = calloc(1, sizeof(*table));
	uintptr_t at;
	uint32_t i;

	if (!table)
		return NULL;
	for (i = 0; i < 8; i++) {
		struct hash_key key = hash_key(seed + i);

		table->secret[i] = key.a ^ key.b << 1;
	}
	table->owned = calloc(groups, sizeof(uint32_t));
	table->region = calloc(SETS * WAYS + 1, sizeof(struct entry));
	if (!table->owned || !table->region) {
		flow_table_destroy(table);
		return NULL;
	}
	at = (uintptr_t)table->region;
	table->entries = (struct entry *)((at + 63) & ~(uintptr_t)63);
	return table;
}

void flow_table_destroy(struct flow_table *table)
{
	if (!table)
		return;
	free(table->region);
	free(table->owned);
	free(table);
}

const struct flow_verdicts flow_unknown = {
	.half = {{.dropper = FLOW_NOBODY}, {.dropper = FLOW_NOBODY}}};

/* -- the key ----------------------------------------------------------------
 */

#define ORIGIN (VS_FRAME_FROM_WIRE | VS_FRAME_INJECTED | VS_FRAME_REFLECTED)
#define FAMILY (VS_FRAME_IPV4 | VS_FRAME_IPV6)
#define BYPASS (VS_FRAME_GROUP | VS_FRAME_FRAGMENT | VS_FRAME_BAD_IP)

static inline uint64_t load64(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static inline uint32_t load32(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Ports, or type and code. */
static inline uint32_t transport(const struct vs_view *view)
{
	const uint8_t *l4 = view->data + view->l4;

	if (view->l4 == VS_ABSENT)
		return 0;
	if (view->protocol == VS_IP_TCP || view->protocol == VS_IP_UDP)
		return load32(l4);
	if (view->protocol == VS_IP_ICMP || view->protocol == VS_IP_ICMP6)
		return (uint32_t)l4[0] | (uint32_t)l4[1] << 8;
	return 0;
}

/* false: the frame is of no flow that could have an entry. */
static inline bool key_of(const struct vs_view *view, struct flow_key *key)
{
	const uint8_t *ip = view->data + view->l3;
	uint64_t *word = key->word;

	if (view->flags & BYPASS)
		return false;
	word[0] = view->port.value | (uint64_t)view->ether_type << 16 |
		  (uint64_t)view->vlan << 32 | (uint64_t)view->protocol << 48 |
		  (uint64_t)view->tags << 56;
	word[1] = view->vsid.value |
		  (uint64_t)(view->flags & (ORIGIN | FAMILY)) << 32 |
		  (uint64_t)(view->l4 != VS_ABSENT) << 48;
	word[2] = load64(view->data);
	word[3] = load32(view->data + 8) | (uint64_t)transport(view) << 32;
	word[4] = word[5] = word[6] = word[7] = 0;
	if (view->flags & VS_FRAME_IPV4)
		word[4] = load64(ip + 12);
	else if (view->flags & VS_FRAME_IPV6)
		memcpy(&word[4], ip + 8, 32);
	return true;
}

static inline bool same_key(const struct flow_key *a, const struct flow_key *b)
{
	const uint64_t *x = a->word, *y = b->word;

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) |
		 (x[4] ^ y[4]) | (x[5] ^ y[5]) | (x[6] ^ y[6]) | (x[7] ^ y[7]));
}

static inline uint32_t hash_of(const struct flow_table *table,
			       const struct flow_key *key)
{
	const uint64_t *word = key->word, *secret = table->secret;
	uint64_t hash;

	/* products that do not wait for each other */
	hash = hash_mix(secret[0] ^ word[0], secret[1] ^ word[2]) ^
	       hash_mix(secret[2] ^ word[1], secret[3] ^ word[3]) ^
	       hash_mix(secret[4] ^ word[4], secret[5] ^ word[5]);
	if (word[6] | word[7])
		hash ^= hash_mix(secret[6] ^ word[6], secret[7] ^ word[7]);
	return (uint32_t)(hash >> 32) | 1; /* 0 means free */
}

uint32_t flow_hash(const struct flow_table *table, const struct flow_key *key)
{
	return hash_of(table, key);
}

/* -- the table --------------------------------------------------------------
 */

/* Of the bits behind the lowest, which is always set. */
static inline uint32_t set_of(uint32_t hash)
{
	return hash >> 1 & (SETS - 1);
}

/* The way of the key, or WAYS. */
static inline uint32_t way_of(const struct flow_table *table,
			      const struct flow_item *item)
{
	uint32_t set = set_of(item->hash), way;

	for (way = 0; way < WAYS; way++)
		if (table->tag[set][way] == item->hash &&
		    same_key(&table->entries[set * WAYS + way].key, item->key))
			return way;
	return WAYS;
}

static inline const struct flow_verdicts *find(struct flow_table *table,
					       const struct flow_item *item)
{
	uint32_t way = way_of(table, item);
	uint32_t second = (uint32_t)(item->now_ns >> AGE_SHIFT);
	struct entry *entry;

	if (way == WAYS)
		return NULL;
	entry = &table->entries[set_of(item->hash) * WAYS + way];
	if (entry->generation != item->generation)
		return NULL;
	if (entry->used != second)
		entry->used = second;
	return &entry->verdicts;
}

const struct flow_verdicts *flow_table_find(struct flow_table *table,
					    const struct flow_item *item)
{
	return find(table, item);
}

static void take_keys(struct flow_table *table, const struct vs_burst *burst,
		      struct flow_run *run)
{
	uint64_t rest, known = 0;

	for (rest = burst->live; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);

		if (!key_of(vs_view(burst->frame[slot]), &run->key[slot]))
			continue;
		run->hash[slot] = hash_of(table, &run->key[slot]);
		__builtin_prefetch(table->tag[set_of(run->hash[slot])]);
		known |= UINT64_C(1) << slot;
	}
	run->known = known;
}

void flow_table_look(struct flow_table *table, const struct vs_burst *burst,
		     struct flow_run *run, uint64_t now_ns)
{
	struct flow_item item = {.generation = run->generation,
				 .now_ns = now_ns};
	const struct flow_verdicts *found = NULL;
	uint32_t all = UINT32_MAX;
	uint64_t rest;

	take_keys(table, burst, run);
	for (rest = run->known; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);

		/* neighbours are often of one flow */
		if (!found || item.hash != run->hash[slot] ||
		    !same_key(item.key, &run->key[slot])) {
			item.key = &run->key[slot];
			item.hash = run->hash[slot];
			found = find(table, &item);
			if (!found)
				found = &flow_unknown;
		}
		run->now[slot] = found;
		all &= found->half[FLOW_IN].passes;
	}
	run->all[FLOW_IN] = all;
}

/* Who gives way to the group: the first one outdated, else its own oldest,
 * else, within its share, the oldest of who has most; or WAYS. */
static uint32_t victim_of(const struct flow_table *table,
			  const struct flow_item *item)
{
	uint32_t set = set_of(item->hash), way, own = WAYS, other = WAYS;
	const struct entry *entries = &table->entries[set * WAYS];

	for (way = 0; way < WAYS; way++) {
		const struct entry *entry = &entries[way];

		if (entry->generation != item->generation)
			return way;
		if (entry->group == item->group) {
			if (own == WAYS || entry->used < entries[own].used)
				own = way;
		} else if (other == WAYS ||
			   table->owned[entry->group] >
				   table->owned[entries[other].group]) {
			other = way;
		}
	}
	if (own < WAYS)
		return own;
	return other < WAYS && table->owned[entries[other].group] >
				       table->owned[item->group]
		       ? other
		       : WAYS;
}

/* A group at its share replaces its own entries only. */
static bool may_take(const struct flow_table *table,
		     const struct flow_item *item, const struct entry *entry)
{
	return table->owned[item->group] < SETS * WAYS / SHARE ||
	       (entry->generation && entry->group == item->group);
}

static bool make_room(struct flow_table *table, const struct flow_item *item,
		      uint32_t way)
{
	uint32_t set = set_of(item->hash);
	struct entry *entry;

	if (way == WAYS)
		return false;
	entry = &table->entries[set * WAYS + way];
	if (!may_take(table, item, entry))
		return false;
	if (entry->generation)
		table->owned[entry->group]--;
	table->owned[item->group]++;
	table->tag[set][way] = item->hash;
	entry->group = item->group;
	entry->key = *item->key;
	return true;
}

bool flow_table_keep(struct flow_table *table, const struct flow_item *item,
		     const struct flow_verdicts *verdicts)
{
	uint32_t way = way_of(table, item);
	struct entry *entry;

	if (way == WAYS) {
		way = victim_of(table, item);
		if (!make_room(table, item, way))
			return false;
	}
	entry = &table->entries[set_of(item->hash) * WAYS + way];
	entry->generation = item->generation;
	entry->verdicts = *verdicts;
	entry->used = (uint32_t)(item->now_ns >> AGE_SHIFT);
	return true;
}

uint32_t flow_table_owned(const struct flow_table *table, uint32_t group)
{
	return table->owned[group];
}
