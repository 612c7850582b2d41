/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table_look.h: a key's slot in its buckets, and what stands there, all of one
 * moment: for table_find.c, and for table_learn.c, which mostly finds that
 * there is nothing to write.
 */
#ifndef PACKET_TABLE_LOOK_H
#define PACKET_TABLE_LOOK_H

#include <string.h>

#include "packet/table_region.h"

/* A reader's patience with a writer that was interrupted inside a bucket. */
#define TABLE_READ_TRIES 1000u

/* What a lookup saw, all of one moment. */
struct table_sight {
	struct table_bucket *bucket;
	unsigned int slot;
	uint32_t seen, group;
	uint32_t value[TABLE_VALUE_WORDS];
};

enum table_look { TABLE_LOOK_ABSENT, TABLE_LOOK_FOUND, TABLE_LOOK_BUSY };

/*
 * Inlined once for each usual key size, for `words` constant: that is worth a
 * third of a lookup's time.
 */
#define TABLE_INLINED static inline __attribute__((always_inline))

/* table_probe_make - where the key would be. */
TABLE_INLINED void table_probe_make(struct table_probe *probe,
				    struct vs_table *table, const void *key,
				    uint32_t words)
{
	memcpy(probe->key, key, (size_t)words * 4);
	probe->key_words = words;
	table_place(table, hash_words(&table->shape.key, probe->key, words),
		    probe);
}

/* Bit 15 of each 16-bit lane that is zero, and of no other. */
TABLE_INLINED uint64_t table_zero_lanes(uint64_t lanes)
{
	const uint64_t low = UINT64_C(0x7fff7fff7fff7fff);

	return ~(((lanes & low) + low) | lanes | low);
}

TABLE_INLINED bool table_key_matches(const _Atomic uint32_t *slot,
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
 * table_match - the slot of the probe's key, or TABLE_SLOTS. Both halves of the
 * tags are judged before the first branch: which half a key is in cannot be
 * predicted, that it is the only one with its tag nearly always can.
 */
TABLE_INLINED unsigned int table_match(const struct vs_table *table,
				       struct table_bucket *bucket,
				       const struct table_probe *probe)
{
	const uint64_t tag = UINT64_C(0x0001000100010001) * probe->tag;
	uint64_t hits;
	unsigned int bit, slot;

	hits = table_zero_lanes(atomic_load_explicit(&bucket->tags[0],
						     memory_order_acquire) ^
				tag) >>
	       15;
	hits |= table_zero_lanes(atomic_load_explicit(&bucket->tags[1],
						      memory_order_acquire) ^
				 tag) >>
		14;
	for (; hits; hits &= hits - 1) {
		bit = (unsigned int)__builtin_ctzll(hits);
		slot = bit / 16 + bit % 16 * 4;
		if (table_key_matches(table_slot(table, bucket, slot), probe))
			return slot;
	}
	return TABLE_SLOTS;
}

/* table_sight_take - what stands in sight->slot of sight->bucket. */
TABLE_INLINED void table_sight_take(const struct vs_table *table,
				    struct table_sight *sight,
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

/* table_look_in - under the bucket's version; *overflow is of the same moment.
 */
TABLE_INLINED enum table_look table_look_in(const struct vs_table *table,
					    struct table_bucket *bucket,
					    const struct table_probe *probe,
					    struct table_sight *sight,
					    uint32_t *overflow)
{
	uint32_t version;
	unsigned int i;

	sight->bucket = bucket;
	sight->seen = 0;
	for (i = 0; i < TABLE_READ_TRIES; i++) {
		version = table_get(&bucket->version);
		if (version & 1)
			continue;
		sight->slot = table_match(table, bucket, probe);
		if (sight->slot < TABLE_SLOTS)
			table_sight_take(table, sight, probe->key_words);
		*overflow = table_get(&bucket->overflow);
		if (atomic_load_explicit(&bucket->version,
					 memory_order_relaxed) != version)
			continue;
		return sight->slot < TABLE_SLOTS ? TABLE_LOOK_FOUND
						 : TABLE_LOOK_ABSENT;
	}
	return TABLE_LOOK_BUSY;
}

/* table_look - in the first bucket, and if that says so in the second. */
TABLE_INLINED enum table_look table_look(struct vs_table *table,
					 const struct table_probe *probe,
					 struct table_sight *sight)
{
	uint32_t overflow, ignored;
	enum table_look look;

	look = table_look_in(table, probe->first, probe, sight, &overflow);
	if (look == TABLE_LOOK_ABSENT && overflow != 0)
		look = table_look_in(table, probe->second, probe, sight,
				     &ignored);
	if (look == TABLE_LOOK_BUSY)
		table_count(&table->counters.skipped_busy);
	return look;
}

/* table_sight_touch - one relaxed store, and not even that within a tick. */
TABLE_INLINED void table_sight_touch(const struct table_sight *sight,
				     uint32_t now)
{
	if (sight->seen != now)
		atomic_store_explicit(&sight->bucket->seen[sight->slot], now,
				      memory_order_relaxed);
}

#endif
