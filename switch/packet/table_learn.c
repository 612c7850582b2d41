// SPDX-License-Identifier: Apache-2.0
/*
 * table_learn.c: who writes a key of a vs_table: learn, forget. Decides which
 * entry has to go when there is no room, and never waits: a bucket that
 * somebody holds is left alone.
 *
 * Before this file: table_look.h, table_find.c. After it: table_walk.c.
 */
#include <assert.h>
#include <string.h>

#include "packet/table_look.h"

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

	place.slot = table_match(table, place.bucket, probe);
	if (place.slot < TABLE_SLOTS)
		return place;
	place.bucket = probe->second;
	place.slot = table_match(table, place.bucket, probe);
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
	struct table_sight sight = {.bucket = place->bucket,
				    .slot = place->slot};
	size_t size = (size_t)table->shape.value_words * 4;
	bool changed;

	table_sight_take(table, &sight, table->shape.key_words);
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
TABLE_INLINED bool learn_again(struct vs_table *table,
			       const struct vs_table_item *item, uint32_t words,
			       uint32_t now)
{
	size_t size = (size_t)table->shape.value_words * 4;
	struct table_probe probe;
	struct table_sight sight;

	table_probe_make(&probe, table, item->key, words);
	if (table_look(table, &probe, &sight) != TABLE_LOOK_FOUND ||
	    sight.group != item->group || table_idle(table, now, sight.seen))
		return false;
	if (size == 4 ? memcmp(sight.value, item->value, 4) != 0
		      : size && memcmp(sight.value, item->value, size) != 0)
		return false;
	table_sight_touch(&sight, now);
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
	table_probe_make(&entry.probe, table, item->key, words);
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

	table_probe_make(&probe, table, key, table->shape.key_words);
	if (!probe_try(table, &probe))
		return false;
	place = probe_match(table, &probe);
	if (place.bucket)
		table_remove(table, place.bucket, place.slot);
	probe_release(&probe);
	return place.bucket != NULL;
}
