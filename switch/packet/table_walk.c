// SPDX-License-Identifier: Apache-2.0
/*
 * table_walk.c: a vs_table as a whole: list, flush, sweep, quotas, counts.
 * Never on the packet path but for a sweep of a few buckets.
 *
 * Before this file: table_learn.c. After it: whoever shows or ages a table.
 */
#include <assert.h>
#include <string.h>

#include "packet/table_region.h"

/* A main thread may try a held bucket a few times; it still never waits. */
#define TAKE_TRIES 1000u

static bool bucket_take(struct vs_table *table, struct table_bucket *bucket)
{
	unsigned int i;

	for (i = 0; i < TAKE_TRIES; i++)
		if (table_try(bucket))
			return true;
	table_count(&table->counters.skipped_busy);
	return false;
}

/* One slot as it was at one moment; false if empty, or never at rest. */
static bool slot_copy(struct vs_table *table, struct table_bucket *bucket,
		      unsigned int slot, uint32_t words[TABLE_SLOT_WORDS],
		      uint32_t *seen)
{
	const _Atomic uint32_t *from = table_slot(table, bucket, slot);
	uint32_t version, i;
	unsigned int tries;
	uint16_t tag;

	for (tries = 0; tries < TAKE_TRIES; tries++) {
		version = table_get(&bucket->version);
		if (version & 1)
			continue;
		tag = table_tag(bucket, slot);
		for (i = 0; i < table->shape.slot_words; i++)
			words[i] = table_get(from + i);
		*seen = table_get(&bucket->seen[slot]);
		if (atomic_load_explicit(&bucket->version,
					 memory_order_relaxed) == version)
			return tag != 0;
	}
	table_count(&table->counters.skipped_busy);
	return false;
}

bool vs_table_next(struct vs_table *table, uint64_t *cursor, uint64_t now,
		   struct vs_table_entry *entry)
{
	uint64_t end = (uint64_t)table->shape.buckets * TABLE_SLOTS;
	uint32_t words[TABLE_SLOT_WORDS] = {0}, seen, ticks = table_ticks(now);
	uint64_t at;

	while (*cursor < end) {
		at = (*cursor)++;
		if (!slot_copy(
			    table,
			    table_bucket(table, (uint32_t)(at / TABLE_SLOTS)),
			    (unsigned int)(at % TABLE_SLOTS), words, &seen) ||
		    table_idle(table, ticks, seen))
			continue;
		memcpy(entry->key, words + SLOT_KEY,
		       table->shape.key_words * 4u);
		memcpy(entry->value, words + SLOT_KEY + table->shape.key_words,
		       table->shape.value_words * 4u);
		entry->group = words[SLOT_GROUP];
		entry->age_ns = (uint64_t)table_age(ticks, seen)
				<< TABLE_TICK_SHIFT;
		return true;
	}
	return false;
}

uint32_t vs_table_flush(struct vs_table *table, uint32_t group)
{
	struct table_bucket *bucket;
	uint32_t i, removed = 0;
	unsigned int slot;

	for (i = 0; i < table->shape.buckets; i++) {
		bucket = table_bucket(table, i);
		if (!(bucket->tags[0] | bucket->tags[1]) ||
		    !bucket_take(table, bucket))
			continue;
		for (slot = 0; slot < TABLE_SLOTS; slot++) {
			if (table_tag(bucket, slot) == 0)
				continue;
			if (group != UINT32_MAX &&
			    table_get(table_slot(table, bucket, slot) +
				      SLOT_GROUP) != group)
				continue;
			table_remove(table, bucket, slot);
			removed++;
		}
		table_release(bucket);
	}
	return removed;
}

static bool bucket_has_idle(const struct vs_table *table,
			    struct table_bucket *bucket, uint32_t now)
{
	unsigned int slot;

	for (slot = 0; slot < TABLE_SLOTS; slot++)
		if (table_tag(bucket, slot) != 0 &&
		    table_idle(table, now, table_get(&bucket->seen[slot])))
			return true;
	return false;
}

uint32_t vs_table_sweep(struct vs_table *table, uint64_t now, uint32_t *cursor,
			uint32_t buckets)
{
	uint32_t removed = 0, ticks = table_ticks(now);
	struct table_bucket *bucket;
	unsigned int slot;

	if (buckets > table->shape.buckets)
		buckets = table->shape.buckets;
	for (; buckets > 0; buckets--) {
		if (*cursor >= table->shape.buckets)
			*cursor = 0;
		bucket = table_bucket(table, (*cursor)++);
		if (!bucket_has_idle(table, bucket, ticks) ||
		    !bucket_take(table, bucket))
			continue;
		for (slot = 0; slot < TABLE_SLOTS; slot++) {
			if (table_tag(bucket, slot) == 0 ||
			    !table_idle(table, ticks,
					table_get(&bucket->seen[slot])))
				continue;
			table_remove(table, bucket, slot);
			table_count(&table->counters.aged);
			removed++;
		}
		table_release(bucket);
	}
	return removed;
}

void vs_table_quota(struct vs_table *table, uint32_t group, uint32_t entries)
{
	assert(group < table->shape.groups);
	atomic_store_explicit(&table_group(table, group)->quota, entries,
			      memory_order_relaxed);
}

static uint64_t counter_of(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void vs_table_stats(const struct vs_table *table, struct vs_table_stats *stats)
{
	const struct table_counters *counters = &table->counters;

	*stats = (struct vs_table_stats){
		.entries = counter_of(&counters->entries),
		.capacity = table->shape.capacity,
		.learned = counter_of(&counters->learned),
		.moved = counter_of(&counters->moved),
		.evicted = counter_of(&counters->evicted),
		.aged = counter_of(&counters->aged),
		.refused_quota = counter_of(&counters->refused_quota),
		.refused_full = counter_of(&counters->refused_full),
		.skipped_busy = counter_of(&counters->skipped_busy),
	};
}

uint32_t vs_table_group_entries(const struct vs_table *table, uint32_t group)
{
	const uint8_t *groups = (const uint8_t *)table + table->shape.groups_at;
	const struct table_group *all =
		(const struct table_group *)(const void *)groups;

	assert(group < table->shape.groups);
	return atomic_load_explicit(&all[group].entries, memory_order_relaxed);
}
