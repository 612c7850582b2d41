/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table_region.h: how a vs_table lies in its region, for table_region.c (make,
 * adopt), table_find.c and table_learn.c (one key) and table_walk.c (everything
 * at once).
 *
 *   header | groups[] {entries, quota} | buckets[]
 *
 * A bucket is one cache line of version, tags and ages, then eight slots of
 * 32-bit words: {check, group, key ..., value ...}. A key lives in its first
 * bucket or, if that was full, in its second; a bucket counts how many keys
 * that have it as first are in their second (overflow), so that most lookups
 * that find nothing look once.
 *
 * Memory order: words of a bucket are read with acquire and written with
 * release, so that no read moves behind the second read of the version, and no
 * write before the version turned odd. No fence, no plain access: what
 * ThreadSanitizer sees is what the machine does.
 *
 * Locks: a writer of a key holds its first and its second bucket, so a key
 * can't come to be twice. `overflow` alone is also changed by writers that
 * remove an entry of theirs from another bucket: it is atomic by itself.
 */
#ifndef PACKET_TABLE_REGION_H
#define PACKET_TABLE_REGION_H

#include <stdatomic.h>

#include <vswitch/table.h>

#include "packet/hash.h"

#define TABLE_MAGIC	  UINT64_C(0x31656c6261747376) /* "vstable1" */
#define TABLE_LAYOUT	  1u
#define TABLE_SLOTS	  8u
#define TABLE_KEY_WORDS	  10u
#define TABLE_VALUE_WORDS 16u
#define TABLE_SLOT_WORDS  (2 + TABLE_KEY_WORDS + TABLE_VALUE_WORDS)
#define TABLE_TICK_SHIFT  20 /* ns to the unit of ages */

/* Where a word stands in a slot. */
enum { SLOT_CHECK, SLOT_GROUP, SLOT_KEY };

struct table_bucket {
	_Alignas(64) _Atomic uint32_t version; /* odd: a writer is in */
	_Atomic uint32_t overflow;
	_Atomic uint64_t tags[2]; /* four 16-bit tags each; 0 = empty */
	_Atomic uint32_t seen[TABLE_SLOTS];
	uint64_t reserved;
	_Atomic uint32_t words[]; /* TABLE_SLOTS times slot_words */
};

struct table_group {
	_Atomic uint32_t entries, quota;
};

/* What never changes after creation; covered by the header's check. */
struct table_shape {
	uint64_t magic;
	uint64_t region_size;
	struct hash_key key;
	uint64_t idle_ns, seed;
	uint32_t layout, capacity, groups, buckets;
	uint32_t bucket_size, groups_at, buckets_at, idle_ticks;
	uint32_t key_words, value_words, slot_words, reserved;
};

struct table_counters {
	_Alignas(64) _Atomic uint64_t entries;
	_Atomic uint64_t learned, moved, evicted, aged, refused_quota,
		refused_full;
	_Atomic uint64_t skipped_busy;
};

struct vs_table {
	struct table_shape shape;
	uint64_t shape_check;
	struct table_counters counters;
};

/* A key on its way through the table. */
struct table_probe {
	uint32_t key[TABLE_KEY_WORDS];
	uint32_t key_words;
	uint16_t tag;
	struct table_bucket *first, *second;
};

/* table_remove - empty a slot of a bucket that the caller holds. */
void table_remove(struct vs_table *table, struct table_bucket *bucket,
		  unsigned int slot);

/* table_check - the check word of a slot's other words. */
uint32_t table_check(const struct vs_table *table, const uint32_t *slot);

static inline struct table_bucket *table_bucket(struct vs_table *table,
						uint32_t index)
{
	return (struct table_bucket
			*)(void *)((uint8_t *)table + table->shape.buckets_at +
				   (size_t)index * table->shape.bucket_size);
}

/* table_place - a hash's two buckets (never the same one) and its tag. */
static inline void table_place(struct vs_table *table, uint64_t hash,
			       struct table_probe *probe)
{
	uint32_t buckets = table->shape.buckets;
	uint32_t low = (uint32_t)hash;
	uint32_t other = low * 0x9e3779b1u ^ (uint32_t)(hash >> 32);
	uint32_t first = (uint32_t)((uint64_t)low * buckets >> 32);
	uint32_t second = (uint32_t)((uint64_t)other * buckets >> 32);

	if (second == first)
		second = first + 1 < buckets ? first + 1 : 0;
	probe->tag = (uint16_t)(hash >> 48);
	if (probe->tag == 0)
		probe->tag = 1;
	probe->first = table_bucket(table, first);
	probe->second = table_bucket(table, second);
}

static inline struct table_group *table_group(struct vs_table *table,
					      uint32_t group)
{
	return (struct table_group *)(void *)((uint8_t *)table +
					      table->shape.groups_at) +
	       group;
}

static inline _Atomic uint32_t *table_slot(const struct vs_table *table,
					   struct table_bucket *bucket,
					   unsigned int slot)
{
	return bucket->words + (size_t)slot * table->shape.slot_words;
}

static inline uint32_t table_get(const _Atomic uint32_t *word)
{
	return atomic_load_explicit(word, memory_order_acquire);
}

static inline void table_put(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store_explicit(word, value, memory_order_release);
}

static inline void table_count(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* The tag of one slot. */
static inline uint16_t table_tag(struct table_bucket *bucket, unsigned int slot)
{
	uint64_t tags = atomic_load_explicit(&bucket->tags[slot / 4],
					     memory_order_acquire);

	return (uint16_t)(tags >> slot % 4 * 16);
}

/* The same, by the holder of the bucket. */
static inline void table_set_tag(struct table_bucket *bucket, unsigned int slot,
				 uint16_t tag)
{
	_Atomic uint64_t *tags = &bucket->tags[slot / 4];
	unsigned int shift = slot % 4 * 16;
	uint64_t value = atomic_load_explicit(tags, memory_order_relaxed);

	value &= ~(UINT64_C(0xffff) << shift);
	value |= (uint64_t)tag << shift;
	atomic_store_explicit(tags, value, memory_order_release);
}

/* table_try - take a bucket, or leave it to whoever has it. */
static inline bool table_try(struct table_bucket *bucket)
{
	uint32_t version =
		atomic_load_explicit(&bucket->version, memory_order_relaxed);

	return !(version & 1) &&
	       atomic_compare_exchange_strong_explicit(
		       &bucket->version, &version, version + 1,
		       memory_order_acquire, memory_order_relaxed);
}

static inline void table_release(struct table_bucket *bucket)
{
	atomic_fetch_add_explicit(&bucket->version, 1, memory_order_release);
}

static inline uint32_t table_ticks(uint64_t now)
{
	return (uint32_t)(now >> TABLE_TICK_SHIFT);
}

/* How old; 0 if another worker's clock was ahead. */
static inline uint32_t table_age(uint32_t now, uint32_t seen)
{
	uint32_t age = now - seen;

	return age > INT32_MAX ? 0 : age;
}

static inline bool table_idle(const struct vs_table *table, uint32_t now,
			      uint32_t seen)
{
	return table->shape.idle_ticks != 0 &&
	       table_age(now, seen) > table->shape.idle_ticks;
}

#endif
