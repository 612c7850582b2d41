// SPDX-License-Identifier: Apache-2.0
/*
 * table_find.c: who reads a key of a vs_table: one, or a burst of them; and
 * says that it was seen. Waits for nobody but a writer inside its bucket, and
 * not for ever.
 *
 * Before this file: table_look.h. After it: table_learn.c.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "packet/table_burst.h"
#include "packet/table_look.h"

/* What is in use of such a region (a switch's, by default, is smaller) stays
 * in a processor's own caches, mostly. */
#define NEAR (2u << 20)

TABLE_INLINED bool find_sized(struct vs_table *table, const void *key,
			      uint32_t words, uint64_t now, void *value)
{
	struct table_probe probe;
	struct table_sight sight;

	table_probe_make(&probe, table, key, words);
	if (table_look(table, &probe, &sight) != TABLE_LOOK_FOUND ||
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
	struct table_sight sight;

	table_probe_make(&probe, table, key, table->shape.key_words);
	if (table_look(table, &probe, &sight) != TABLE_LOOK_FOUND ||
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

TABLE_INLINED void prefetch_sized(struct vs_table *table, const void *key,
				  uint32_t words)
{
	struct table_probe probe;
	const uint8_t *line;

	table_probe_make(&probe, table, key, words);
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
TABLE_INLINED void prefetch_slot(struct vs_table *table,
				 const struct table_probe *probe)
{
	const uint64_t tag = UINT64_C(0x0001000100010001) * probe->tag;
	struct table_bucket *bucket = probe->first;
	uint64_t hits;
	unsigned int bit;
	uint32_t size = table->shape.slot_words * 4u;
	const uint8_t *slot;

	hits = table_zero_lanes(atomic_load_explicit(&bucket->tags[0],
						     memory_order_relaxed) ^
				tag) >>
	       15;
	hits |= table_zero_lanes(atomic_load_explicit(&bucket->tags[1],
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

TABLE_INLINED void burst_sized(struct vs_table *table,
			       struct table_query *queries, uint32_t count,
			       uint32_t words, uint64_t now)
{
	struct table_probe probe[TABLE_QUERIES];
	struct table_sight sight;
	const bool far = table->shape.region_size > NEAR;
	uint32_t i;

	for (i = 0; i < count; i++) {
		const uint8_t *line;

		table_probe_make(&probe[i], table, queries[i].key, words);
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
			table_look(table, &probe[i], &sight) ==
				TABLE_LOOK_FOUND &&
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
	struct table_sight sight;

	table_probe_make(&probe, table, key, table->shape.key_words);
	if (table_look(table, &probe, &sight) == TABLE_LOOK_FOUND &&
	    !table_idle(table, table_ticks(now), sight.seen))
		table_sight_touch(&sight, table_ticks(now));
}
