// SPDX-License-Identifier: Apache-2.0
/*
 * table.c: one key of a vs_table: find, learn, seen, forget. Decides which
 * entry has to go when there is no room, and never waits: a bucket that
 * somebody holds is left alone.
 *
 * Before this file: table_region.c. After it: table_walk.c.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "packet/table_burst.h"
#include "packet/table_region.h"

/* What is in use of such a region (a switch's, by default, is smaller) stays
 * in a processor's own caches, mostly. */
#define NEAR (2u << 20)

/* A reader's patience with a writer that was interrupted inside a bucket. */
#define READ_TRIES 1000u

/* What a lookup saw, all of one moment. */
struct sight {
	struct table_bucket *bucket;
	unsigned int slot;
	uint32_t seen, group;
	uint32_t value[TABLE_VALUE_WORDS];
};

enum look { LOOK_ABSENT, LOOK_FOUND, LOOK_BUSY };

/*
 * Lookups are inlined once for each usual key size, for `words` constant: that
 * is worth a third of their time.
 */
#define INLINED static inline __attribute__((always_inline))

INLINED void probe_make(struct table_probe *probe, struct vs_table *table,
			const void *key, uint32_t words)
{
	memcpy(probe->key, key, (size_t)words * 4);
	probe->key_words = words;
	table_place(table, hash_words(&table->shape.key, probe->key, words),
		    probe);
}

/* Bit 15 of each 16-bit lane that is zero, and of no other. */
INLINED uint64_t zero_lanes(uint64_t lanes)
{
	const uint64_t low = UINT64_C(0x7fff7fff7fff7fff);

	return ~(((lanes & low) + low) | lanes | low);
}

INLINED bool key_matches(const _Atomic uint32_t *slot,
			 const struct table_probe *probe)
{
	uint32_t i, differ = table_get(slot + SLOT_KEY) ^ probe->key[0];

	if (probe->key_words > 1)
		differ |= table_get(slot + SLOT_KEY + 1) ^ probe->key[1];
	if (probe->key_words > 2)
		differ |= table_get(slot + SLOT_KEY + 2) ^ probe->key[2];
	for (i = 3; i < probe->key_words; i++)
		differ |= table_get(slot + SLOT_KEY + i) ^ probe->key[i];
	return differ == 0;
}

/*
 * The slot of the probe's key, or TABLE_SLOTS. Both halves of the tags are
 * judged before the first branch: which half a key is in cannot be predicted,
 * that it is the only one with its tag nearly always can.
 */
INLINED unsigned int bucket_match(const struct vs_table *table,
				  struct table_bucket *bucket,
				  const struct table_probe *probe)
{
	const uint64_t tag = UINT64_C(0x0001000100010001) * probe->tag;
	uint64_t hits;
	unsigned int bit, slot;

	hits = zero_lanes(atomic_load_explicit(&bucket->tags[0],
					       memory_order_acquire) ^
			  tag) >>
	       15;
	hits |= zero_lanes(atomic_load_explicit(&bucket->tags[1],
						memory_order_acquire) ^
			   tag) >>
		14;
	for (; hits; hits &= hits - 1) {
		bit = (unsigned int)__builtin_ctzll(hits);
		slot = bit / 16 + bit % 16 * 4;
		if (key_matches(table_slot(table, bucket, slot), probe))
			return slot;
	}
	return TABLE_SLOTS;
}

INLINED void sight_take(const struct vs_table *table, struct sight *sight,
			uint32_t key_words)
{
	const _Atomic uint32_t *slot =
		table_slot(table, sight->bucket, sight->slot);
	const _Atomic uint32_t *value = slot + SLOT_KEY + key_words;
	uint32_t i;

	sight->group = table_get(slot + SLOT_GROUP);
	sight->seen = table_get(&sight->bucket->seen[sight->slot]);
	for (i = 0; i < table->shape.value_words; i++)
		sight->value[i] = table_get(value + i);
}

/* Look under the bucket's version; *overflow is of the same moment. */
INLINED enum look bucket_look(const struct vs_table *table,
			      struct table_bucket *bucket,
			      const struct table_probe *probe,
			      struct sight *sight, uint32_t *overflow)
{
	uint32_t version;
	unsigned int i;

	sight->bucket = bucket;
	sight->seen = 0;
	for (i = 0; i < READ_TRIES; i++) {
		version = table_get(&bucket->version);
		if (version & 1)
			continue;
		sight->slot = bucket_match(table, bucket, probe);
		if (sight->slot < TABLE_SLOTS)
			sight_take(table, sight, probe->key_words);
		*overflow = table_get(&bucket->overflow);
		if (atomic_load_explicit(&bucket->version,
					 memory_order_relaxed) != version)
			continue;
		return sight->slot < TABLE_SLOTS ? LOOK_FOUND : LOOK_ABSENT;
	}
	return LOOK_BUSY;
}

INLINED enum look table_look(struct vs_table *table,
			     const struct table_probe *probe,
			     struct sight *sight)
{
	uint32_t overflow, ignored;
	enum look look;

	look = bucket_look(table, probe->first, probe, sight, &overflow);
	if (look == LOOK_ABSENT && overflow != 0)
		look = bucket_look(table, probe->second, probe, sight,
				   &ignored);
	if (look == LOOK_BUSY)
		table_count(&table->counters.skipped_busy);
	return look;
}

/* One relaxed store, and not even that within a tick. */
INLINED void sight_touch(const struct sight *sight, uint32_t now)
{
	if (sight->seen != now)
		atomic_store_explicit(&sight->bucket->seen[sight->slot], now,
				      memory_order_relaxed);
}

INLINED bool find_sized(struct vs_table *table, const void *key, uint32_t words,
			uint64_t now, void *value)
{
	struct table_probe probe;
	struct sight sight;

	probe_make(&probe, table, key, words);
	if (table_look(table, &probe, &sight) != LOOK_FOUND ||
	    table_idle(table, table_ticks(now), sight.seen))
		return false;
	if (table->shape.value_words == 1)
		memcpy(value, sight.value, 4);
	else if (table->shape.value_words)
		memcpy(value, sight.value, table->shape.value_words * 4u);
	return true;
}

bool vs_table_find(struct vs_table *table, const void *key, uint64_t now,
		   void *value)
{
	switch (table->shape.key_words) {
	case 2:
		return find_sized(table, key, 2, now, value);
	case 3:
		return find_sized(table, key, 3, now, value);
	default:
		return find_sized(table, key, table->shape.key_words, now,
				  value);
	}
}

bool vs_table_look(struct vs_table *table, const void *key, uint64_t now,
		   void *value, uint64_t *age_ns)
{
	uint32_t ticks = table_ticks(now);
	struct table_probe probe;
	struct sight sight;

	probe_make(&probe, table, key, table->shape.key_words);
	if (table_look(table, &probe, &sight) != LOOK_FOUND ||
	    table_idle(table, ticks, sight.seen))
		return false;
	if (value && table->shape.value_words)
		memcpy(value, sight.value, table->shape.value_words * 4u);
	*age_ns = (uint64_t)table_age(ticks, sight.seen) << TABLE_TICK_SHIFT;
	return true;
}

bool vs_table_age(struct vs_table *table, const void *key, uint64_t now,
		  uint64_t *age_ns)
{
	return vs_table_look(table, key, now, NULL, age_ns);
}

INLINED void prefetch_sized(struct vs_table *table, const void *key,
			    uint32_t words)
{
	struct table_probe probe;
	const uint8_t *line;

	probe_make(&probe, table, key, words);
	line = (const uint8_t *)probe.first;
	__builtin_prefetch(line);
	__builtin_prefetch(line + 64);
	__builtin_prefetch(line + 128);
}

void vs_table_prefetch(const struct vs_table *table, const void *key)
{
	struct vs_table *unchanged = (struct vs_table *)(uintptr_t)table;

	if (table->shape.key_words == 3)
		prefetch_sized(unchanged, key, 3);
	else
		prefetch_sized(unchanged, key, table->shape.key_words);
}

/*
 * The line of the slot that a look at the first bucket's tags promises; a
 * guess, so that versions don't matter here.
 */
INLINED void prefetch_slot(struct vs_table *table,
			   const struct table_probe *probe)
{
	const uint64_t tag = UINT64_C(0x0001000100010001) * probe->tag;
	struct table_bucket *bucket = probe->first;
	uint64_t hits;
	unsigned int bit;
	uint32_t size = table->shape.slot_words * 4u;
	const uint8_t *slot;

	hits = zero_lanes(atomic_load_explicit(&bucket->tags[0],
					       memory_order_relaxed) ^
			  tag) >>
	       15;
	hits |= zero_lanes(atomic_load_explicit(&bucket->tags[1],
						memory_order_relaxed) ^
			   tag) >>
		14;
	if (!hits)
		return;
	bit = (unsigned int)__builtin_ctzll(hits);
	slot = (const uint8_t *)bucket + offsetof(struct table_bucket, words) +
	       (bit / 16 + bit % 16 * 4) * (size_t)size;
	__builtin_prefetch(slot);
	__builtin_prefetch(slot + size - 1);
}

INLINED void burst_sized(struct vs_table *table, struct table_query *queries,
			 uint32_t count, uint32_t words, uint64_t now)
{
	struct table_probe probe[TABLE_QUERIES];
	struct sight sight;
	const bool far = table->shape.region_size > NEAR;
	uint32_t i;

	for (i = 0; i < count; i++) {
		const uint8_t *line;

		probe_make(&probe[i], table, queries[i].key, words);
		line = (const uint8_t *)probe[i].first;
		__builtin_prefetch(line);
		if (far)
			continue;
		__builtin_prefetch(line + 64);
		__builtin_prefetch(line + 128);
	}
	/* from far away, of a bucket's slots only the one that its tags say: a
	 * processor has room for few lines on their way */
	for (i = 0; far && i < count; i++)
		prefetch_slot(table, &probe[i]);
	for (i = 0; i < count; i++) {
		probe[i].key_words = words;
		queries[i].found =
			table_look(table, &probe[i], &sight) == LOOK_FOUND &&
			!table_idle(table, table_ticks(now), sight.seen);
		if (queries[i].found && table->shape.value_words)
			memcpy(queries[i].value, sight.value,
			       table->shape.value_words * 4u);
	}
}

void vs_table_find_burst(struct vs_table *table, struct table_query *queries,
			 uint32_t count, uint64_t now)
{
	assert(count <= TABLE_QUERIES);
	if (table->shape.key_words == 3)
		burst_sized(table, queries, count, 3, now);
	else
		burst_sized(table, queries, count, table->shape.key_words, now);
}

void vs_table_seen(struct vs_table *table, const void *key, uint64_t now)
{
	struct table_probe probe;
	struct sight sight;

	probe_make(&probe, table, key, table->shape.key_words);
	if (table_look(table, &probe, &sight) == LOOK_FOUND &&
	    !table_idle(table, table_ticks(now), sight.seen))
		sight_touch(&sight, table_ticks(now));
}

/* -- writers --------------------------------------------------------------- */

/* What is to be written, and both of its buckets, held. */
struct entry {
	struct table_probe probe;
	uint32_t value[TABLE_VALUE_WORDS];
	uint32_t group, now;
};

/* A slot of a held bucket; bucket NULL = none. */
struct place {
	struct table_bucket *bucket;
	unsigned int slot;
};

static bool probe_try(struct vs_table *table, const struct table_probe *probe)
{
	if (table_try(probe->first)) {
		if (table_try(probe->second))
			return true;
		table_release(probe->first);
	}
	table_count(&table->counters.skipped_busy);
	return false;
}

static void probe_release(const struct table_probe *probe)
{
	table_release(probe->second);
	table_release(probe->first);
}

static struct place probe_match(struct vs_table *table,
				const struct table_probe *probe)
{
	struct place place = {probe->first, 0};

	place.slot = bucket_match(table, place.bucket, probe);
	if (place.slot < TABLE_SLOTS)
		return place;
	place.bucket = probe->second;
	place.slot = bucket_match(table, place.bucket, probe);
	if (place.slot == TABLE_SLOTS)
		place.bucket = NULL;
	return place;
}

static bool group_take(struct vs_table *table, uint32_t number)
{
	struct table_group *group = table_group(table, number);
	uint32_t entries =
		atomic_load_explicit(&group->entries, memory_order_relaxed);

	do {
		if (entries >=
		    atomic_load_explicit(&group->quota, memory_order_relaxed))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
		&group->entries, &entries, entries + 1, memory_order_relaxed,
		memory_order_relaxed));
	return true;
}

static void group_give(struct vs_table *table, uint32_t number)
{
	atomic_fetch_sub_explicit(&table_group(table, number)->entries, 1,
				  memory_order_relaxed);
}

static bool group_is_over(struct vs_table *table, uint32_t number)
{
	struct table_group *group = table_group(table, number);

	return atomic_load_explicit(&group->entries, memory_order_relaxed) >
	       atomic_load_explicit(&group->quota, memory_order_relaxed);
}

void table_remove(struct vs_table *table, struct table_bucket *bucket,
		  unsigned int slot)
{
	const _Atomic uint32_t *words = table_slot(table, bucket, slot);
	uint32_t key[TABLE_KEY_WORDS];
	struct table_probe probe;
	uint32_t i;

	for (i = 0; i < table->shape.key_words; i++)
		key[i] = table_get(words + SLOT_KEY + i);
	table_place(table,
		    hash_words(&table->shape.key, key, table->shape.key_words),
		    &probe);
	table_set_tag(bucket, slot, 0);
	if (probe.first != bucket)
		atomic_fetch_sub_explicit(&probe.first->overflow, 1,
					  memory_order_release);
	group_give(table, table_get(words + SLOT_GROUP));
	atomic_fetch_sub_explicit(&table->counters.entries, 1,
				  memory_order_relaxed);
}

/* Everything of a slot but its tag and the books. */
static void place_write(struct vs_table *table, const struct place *place,
			const struct entry *entry)
{
	_Atomic uint32_t *slot = table_slot(table, place->bucket, place->slot);
	uint32_t words[TABLE_SLOT_WORDS] = {0};
	uint32_t i, *to = words + SLOT_KEY;

	words[SLOT_GROUP] = entry->group;
	for (i = 0; i < table->shape.key_words; i++)
		*to++ = entry->probe.key[i];
	for (i = 0; i < table->shape.value_words; i++)
		*to++ = entry->value[i];
	words[SLOT_CHECK] = table_check(table, words);
	for (i = 0; i < table->shape.slot_words; i++)
		table_put(slot + i, words[i]);
	table_put(&place->bucket->seen[place->slot], entry->now);
}

/*
 * Who has to go: any idle entry; else, unless only the group's own count, an
 * entry of a group beyond its quota; else the oldest of the same group.
 */
static struct place place_victim(struct vs_table *table,
				 const struct entry *entry, bool own_only)
{
	struct place best = {NULL, 0}, place;
	uint32_t age, best_age = 0, group, seen;
	unsigned int i;
	bool own;

	for (i = 0; i < 2 * TABLE_SLOTS; i++) {
		place.bucket = i < TABLE_SLOTS ? entry->probe.first
					       : entry->probe.second;
		place.slot = i % TABLE_SLOTS;
		if (table_tag(place.bucket, place.slot) == 0)
			continue;
		group = table_get(table_slot(table, place.bucket, place.slot) +
				  SLOT_GROUP);
		seen = table_get(&place.bucket->seen[place.slot]);
		own = group == entry->group;
		if (own_only && !own)
			continue;
		if (table_idle(table, entry->now, seen))
			return place;
		if (!own && !group_is_over(table, group))
			continue;
		age = table_age(entry->now, seen);
		if (!best.bucket || age > best_age) {
			best = place;
			best_age = age;
		}
	}
	return best;
}

/* Empties a victim's slot; false if there is none. */
static bool entry_make_room(struct vs_table *table, const struct entry *entry,
			    bool own_only)
{
	struct place place = place_victim(table, entry, own_only);

	if (!place.bucket)
		return false;
	if (table_idle(table, entry->now,
		       table_get(&place.bucket->seen[place.slot])))
		table_count(&table->counters.aged);
	else
		table_count(&table->counters.evicted);
	table_remove(table, place.bucket, place.slot);
	return true;
}

static struct place place_free(const struct entry *entry)
{
	struct place place = {entry->probe.first, 0};

	for (; place.bucket; place.bucket = place.bucket == entry->probe.first
						    ? entry->probe.second
						    : NULL)
		for (place.slot = 0; place.slot < TABLE_SLOTS; place.slot++)
			if (table_tag(place.bucket, place.slot) == 0)
				return place;
	return place;
}

static enum vs_table_result entry_insert(struct vs_table *table,
					 const struct entry *entry)
{
	struct place place;
	bool full;

	if (!group_take(table, entry->group) &&
	    (group_is_over(table, entry->group) ||
	     !entry_make_room(table, entry, true) ||
	     !group_take(table, entry->group))) {
		table_count(&table->counters.refused_quota);
		return VS_TABLE_QUOTA;
	}
	full = atomic_load_explicit(&table->counters.entries,
				    memory_order_relaxed) >=
	       table->shape.capacity;
	place = place_free(entry);
	if (full || !place.bucket) {
		if (!entry_make_room(table, entry, false)) {
			group_give(table, entry->group);
			table_count(&table->counters.refused_full);
			return VS_TABLE_FULL;
		}
		place = place_free(entry);
	}
	place_write(table, &place, entry);
	table_set_tag(place.bucket, place.slot, entry->probe.tag);
	if (place.bucket != entry->probe.first)
		atomic_fetch_add_explicit(&entry->probe.first->overflow, 1,
					  memory_order_release);
	table_count(&table->counters.entries);
	table_count(&table->counters.learned);
	return VS_TABLE_NEW;
}

/* The key is there and alive: a move, another group, or nothing new. */
static enum vs_table_result entry_update(struct vs_table *table,
					 const struct entry *entry,
					 const struct place *place, void *old)
{
	struct sight sight = {.bucket = place->bucket, .slot = place->slot};
	size_t size = (size_t)table->shape.value_words * 4;
	bool changed;

	sight_take(table, &sight, table->shape.key_words);
	changed = memcmp(sight.value, entry->value, size) != 0;
	if (sight.group != entry->group) {
		if (!group_take(table, entry->group)) {
			table_count(&table->counters.refused_quota);
			return VS_TABLE_QUOTA;
		}
		group_give(table, sight.group);
	}
	place_write(table, place, entry);
	if (!changed)
		return VS_TABLE_SAME;
	if (old)
		memcpy(old, sight.value, size);
	table_count(&table->counters.moved);
	return VS_TABLE_CHANGED;
}

/* Most often nothing is new: then no bucket is taken. */
INLINED bool learn_again(struct vs_table *table,
			 const struct vs_table_item *item, uint32_t words,
			 uint32_t now)
{
	size_t size = (size_t)table->shape.value_words * 4;
	struct table_probe probe;
	struct sight sight;

	probe_make(&probe, table, item->key, words);
	if (table_look(table, &probe, &sight) != LOOK_FOUND ||
	    sight.group != item->group || table_idle(table, now, sight.seen))
		return false;
	if (size == 4 ? memcmp(sight.value, item->value, 4) != 0
		      : size && memcmp(sight.value, item->value, size) != 0)
		return false;
	sight_touch(&sight, now);
	return true;
}

enum vs_table_result vs_table_learn(struct vs_table *table,
				    const struct vs_table_item *item,
				    uint64_t now, void *old)
{
	uint32_t words = table->shape.key_words;
	enum vs_table_result result;
	struct entry entry;
	struct place place;

	assert(item->group < table->shape.groups);
	entry.group = item->group;
	entry.now = table_ticks(now);
	if (words == 3 ? learn_again(table, item, 3, entry.now)
		       : learn_again(table, item, words, entry.now))
		return VS_TABLE_SAME;
	probe_make(&entry.probe, table, item->key, words);
	if (table->shape.value_words)
		memcpy(entry.value, item->value, table->shape.value_words * 4u);
	if (!probe_try(table, &entry.probe))
		return VS_TABLE_BUSY;
	place = probe_match(table, &entry.probe);
	if (place.bucket &&
	    table_idle(table, entry.now,
		       table_get(&place.bucket->seen[place.slot]))) {
		table_count(&table->counters.aged);
		table_remove(table, place.bucket, place.slot);
		place.bucket = NULL;
	}
	result = place.bucket ? entry_update(table, &entry, &place, old)
			      : entry_insert(table, &entry);
	probe_release(&entry.probe);
	return result;
}

bool vs_table_forget(struct vs_table *table, const void *key)
{
	struct table_probe probe;
	struct place place;

	probe_make(&probe, table, key, table->shape.key_words);
	if (!probe_try(table, &probe))
		return false;
	place = probe_match(table, &probe);
	if (place.bucket)
		table_remove(table, place.bucket, place.slot);
	probe_release(&probe);
	return place.bucket != NULL;
}
