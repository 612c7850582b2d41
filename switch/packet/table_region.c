// SPDX-License-Identifier: Apache-2.0
/*
 * table_region.c: make a vs_table in a region, or take over one that another
 * process left. Decides whether a region can be believed, slot by slot.
 *
 * Before this file: table_region.h (the layout). After it: table_find.c.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packet/table_region.h"

#define LINE	 64u
#define CAPACITY (1u << 24)
#define GROUPS	 65536u

/* Seven slots for four entries: of a table filled to its capacity one key in a
 * thousand finds both of its buckets full (of twice the slots: a quarter of
 * that, for 16 bytes more of each flow), two in a hundred are in their second.
 */
#define LOAD_SLOTS   7u
#define LOAD_ENTRIES 4u

_Static_assert(sizeof(struct table_bucket) == LINE, "one line before slots");
_Static_assert(sizeof(struct vs_table) % LINE == 0, "groups begin on a line");

static bool params_fit(const struct vs_table_params *params)
{
	return params->capacity >= 1 && params->capacity <= CAPACITY &&
	       params->key_size >= 4 &&
	       params->key_size <= 4 * TABLE_KEY_WORDS &&
	       params->key_size % 4 == 0 &&
	       params->value_size <= 4 * TABLE_VALUE_WORDS &&
	       params->value_size % 4 == 0 && params->groups >= 1 &&
	       params->groups <= GROUPS;
}

static uint32_t round_up(uint32_t value, uint32_t to)
{
	return (value + to - 1) / to * to;
}

static uint32_t idle_ticks(uint64_t idle_ns)
{
	uint64_t ticks = idle_ns >> TABLE_TICK_SHIFT;

	if (idle_ns == 0)
		return 0;
	if (ticks == 0)
		return 1;
	return ticks < INT32_MAX ? (uint32_t)ticks : INT32_MAX;
}

static struct table_shape shape_of(const struct vs_table_params *params)
{
	struct table_shape shape;

	memset(&shape, 0, sizeof(shape));
	shape.magic = TABLE_MAGIC;
	shape.layout = TABLE_LAYOUT;
	shape.key = hash_key(params->seed);
	shape.idle_ns = params->idle_ns;
	shape.seed = params->seed;
	shape.capacity = params->capacity;
	shape.groups = params->groups;
	shape.idle_ticks = idle_ticks(params->idle_ns);
	shape.key_words = params->key_size / 4u;
	shape.value_words = params->value_size / 4u;
	shape.slot_words = SLOT_KEY + shape.key_words + shape.value_words;
	shape.buckets = round_up(params->capacity * LOAD_SLOTS,
				 TABLE_SLOTS * LOAD_ENTRIES) /
			(TABLE_SLOTS * LOAD_ENTRIES);
	if (shape.buckets < 2)
		shape.buckets = 2;
	shape.bucket_size =
		round_up(LINE + TABLE_SLOTS * shape.slot_words * 4, LINE);
	shape.groups_at = sizeof(struct vs_table);
	shape.buckets_at = round_up(
		shape.groups_at +
			params->groups * (uint32_t)sizeof(struct table_group),
		LINE);
	shape.region_size =
		shape.buckets_at + (uint64_t)shape.buckets * shape.bucket_size;
	return shape;
}

static uint64_t shape_check(const struct table_shape *shape)
{
	struct hash_key key = hash_key(TABLE_MAGIC);
	uint32_t words[sizeof(*shape) / 4];

	memcpy(words, shape, sizeof(words));
	return hash_words(&key, words, sizeof(words) / 4);
}

size_t vs_table_size(const struct vs_table_params *params)
{
	return params_fit(params) ? (size_t)shape_of(params).region_size : 0;
}

int vs_table_create(struct vs_table **table, void *region, size_t size,
		    const struct vs_table_params *params)
{
	struct vs_table *made = region;
	uint32_t i;

	if (!region || (uintptr_t)region % LINE != 0 || !params_fit(params) ||
	    size < vs_table_size(params))
		return -EINVAL;
	memset(region, 0, vs_table_size(params));
	made->shape = shape_of(params);
	made->shape_check = shape_check(&made->shape);
	for (i = 0; i < params->groups; i++)
		atomic_store(&table_group(made, i)->quota, params->capacity);
	*table = made;
	return 0;
}

struct vs_table *vs_table_new(const struct vs_table_params *params)
{
	size_t size = (vs_table_size(params) + LINE - 1) / LINE * LINE;
	void *region = size ? aligned_alloc(LINE, size) : NULL;
	struct vs_table *table;

	if (region && !vs_table_create(&table, region, size, params))
		return table;
	free(region);
	return NULL;
}

void vs_table_free(struct vs_table *table)
{
	free(table); /* it stands where its region begins */
}

uint32_t table_check(const struct vs_table *table, const uint32_t *slot)
{
	/* From the group on; the key's two words change roles, so that this is
	 * not the hash that chose the bucket. */
	struct hash_key key = {table->shape.key.b, table->shape.key.a};

	return (uint32_t)hash_words(&key, slot + SLOT_GROUP,
				    table->shape.slot_words - SLOT_GROUP);
}

/* Is what stands in a slot an entry that belongs there? */
static bool slot_is_good(struct vs_table *table, struct table_bucket *bucket,
			 unsigned int slot, struct table_probe *probe)
{
	const _Atomic uint32_t *from = table_slot(table, bucket, slot);
	uint32_t words[TABLE_SLOT_WORDS] = {0};
	uint32_t i;

	for (i = 0; i < table->shape.slot_words; i++)
		words[i] = table_get(from + i);
	if (words[SLOT_CHECK] != table_check(table, words) ||
	    words[SLOT_GROUP] >= table->shape.groups)
		return false;
	table_place(table,
		    hash_words(&table->shape.key, words + SLOT_KEY,
			       table->shape.key_words),
		    probe);
	return probe->tag == table_tag(bucket, slot) &&
	       (probe->first == bucket || probe->second == bucket);
}

/* Book every good slot again, empty every other. */
static void adopt_bucket(struct vs_table *table, struct table_bucket *bucket)
{
	struct table_probe probe;
	struct table_group *group;
	unsigned int slot;

	for (slot = 0; slot < TABLE_SLOTS; slot++) {
		if (table_tag(bucket, slot) == 0)
			continue;
		if (!slot_is_good(table, bucket, slot, &probe)) {
			table_set_tag(bucket, slot, 0);
			continue;
		}
		group = table_group(table,
				    table_get(table_slot(table, bucket, slot) +
					      SLOT_GROUP));
		atomic_fetch_add(&group->entries, 1);
		atomic_fetch_add(&table->counters.entries, 1);
		if (probe.first != bucket)
			atomic_fetch_add(&probe.first->overflow, 1);
	}
}

int vs_table_adopt(struct vs_table **table, void *region, size_t size)
{
	struct vs_table *found = region;
	struct vs_table_params params;
	struct table_shape shape;
	uint32_t i;

	if (!region || (uintptr_t)region % LINE != 0 || size < sizeof(*found) ||
	    found->shape.magic != TABLE_MAGIC ||
	    found->shape.layout != TABLE_LAYOUT ||
	    found->shape_check != shape_check(&found->shape))
		return -EINVAL;
	/* The check is no secret: every size must follow from the parameters
	 * as it does in create. */
	params = (struct vs_table_params){
		.capacity = found->shape.capacity,
		.key_size = (uint16_t)(found->shape.key_words * 4),
		.value_size = (uint16_t)(found->shape.value_words * 4),
		.groups = found->shape.groups,
		.idle_ns = found->shape.idle_ns,
		.seed = found->shape.seed,
	};
	if (!params_fit(&params))
		return -EINVAL;
	shape = shape_of(&params);
	if (memcmp(&shape, &found->shape, sizeof(shape)) != 0 ||
	    size < shape.region_size)
		return -EINVAL;
	atomic_store(&found->counters.entries, 0);
	for (i = 0; i < shape.groups; i++)
		atomic_store(&table_group(found, i)->entries, 0);
	for (i = 0; i < shape.buckets; i++) {
		atomic_store(&table_bucket(found, i)->version, 0);
		atomic_store(&table_bucket(found, i)->overflow, 0);
	}
	for (i = 0; i < shape.buckets; i++)
		adopt_bucket(found, table_bucket(found, i));
	*table = found;
	return 0;
}
