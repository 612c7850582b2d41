/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a vs_table has to be: a list of (key, value, group, last seen), for
 * property tests and the fuzzer. Which entry an eviction takes is the table's
 * choice within its rules: the model asks the table which key is gone, and
 * judges that.
 */
#ifndef TESTS_SUPPORT_TABLE_MODEL_H
#define TESTS_SUPPORT_TABLE_MODEL_H

#include <stdlib.h>
#include <string.h>

#include <vswitch/table.h>

#define MODEL_KEYS   256u
#define MODEL_GROUPS 4u
#define MODEL_TICK   (UINT64_C(1) << 20)
#define MODEL_IDLE   (100 * MODEL_TICK)

struct model_key {
	uint32_t tenant, number;
};

struct model_value {
	uint32_t port;
};

struct model_entry {
	bool there;
	uint32_t value, group;
	uint64_t seen; /* ticks */
};

struct model {
	struct vs_table *table;
	void *region;
	uint64_t now; /* ticks */
	struct model_entry entry[MODEL_KEYS];
	uint32_t quota[MODEL_GROUPS];
	const char *wrong; /* the first contradiction, or NULL */
};

static inline struct model_key model_key(uint32_t number)
{
	return (struct model_key){5001, number};
}

static inline void model_open(struct model *model, uint32_t capacity,
			      uint64_t seed)
{
	struct vs_table_params params = {
		.capacity = capacity,
		.key_size = sizeof(struct model_key),
		.value_size = sizeof(struct model_value),
		.groups = MODEL_GROUPS,
		.idle_ns = MODEL_IDLE,
		.seed = seed,
	};
	size_t size = vs_table_size(&params);
	uint32_t i;

	memset(model, 0, sizeof(*model));
	model->now = 1000;
	model->region = aligned_alloc(64, size);
	if (!model->region ||
	    vs_table_create(&model->table, model->region, size, &params) != 0)
		abort();
	for (i = 0; i < MODEL_GROUPS; i++)
		model->quota[i] = capacity;
}

static inline void model_close(struct model *model)
{
	free(model->region);
}

static inline void model_judge(struct model *model, bool right,
			       const char *claim)
{
	if (!right && !model->wrong)
		model->wrong = claim;
}

static inline bool model_alive(const struct model *model, uint32_t number)
{
	const struct model_entry *entry = &model->entry[number];

	return entry->there &&
	       (model->now - entry->seen) * MODEL_TICK <= MODEL_IDLE;
}

static inline bool model_table_has(struct model *model, uint32_t number,
				   struct model_value *value)
{
	struct model_key key = model_key(number);

	return vs_table_find(model->table, &key, model->now * MODEL_TICK,
			     value);
}

static inline uint32_t model_group_count(const struct model *model,
					 uint32_t group)
{
	uint32_t i, count = 0;

	for (i = 0; i < MODEL_KEYS; i++)
		count +=
			model->entry[i].there && model->entry[i].group == group;
	return count;
}

/*
 * Entries that are idle may have been taken or not: the model follows the
 * table's counts. A living entry may be gone only if `group` paid for it.
 */
static inline void model_find_evicted(struct model *model, uint32_t except,
				      uint32_t group)
{
	struct model_value value;
	uint32_t i, gone = 0;

	for (i = 0; i < MODEL_KEYS; i++) {
		if (i == except || !model_alive(model, i) ||
		    model_table_has(model, i, &value))
			continue;
		model_judge(model,
			    model->entry[i].group == group ||
				    model_group_count(model,
						      model->entry[i].group) >
					    model->quota[model->entry[i].group],
			    "another group within its quota lost an entry");
		model->entry[i].there = false;
		gone++;
	}
	model_judge(model, gone <= 2, "one learn evicted more than two");
}

static inline void model_learn(struct model *model, uint32_t number,
			       uint32_t value, uint32_t group)
{
	struct model_entry *entry = &model->entry[number];
	struct model_key key = model_key(number);
	struct model_value old = {UINT32_MAX}, new = {value};
	struct vs_table_item item = {&key, &new, group};
	bool alive = model_alive(model, number);
	struct vs_table_stats before, after;
	enum vs_table_result result;

	vs_table_stats(model->table, &before);
	result = vs_table_learn(model->table, &item, model->now * MODEL_TICK,
				&old);
	vs_table_stats(model->table, &after);
	model_judge(model, result != VS_TABLE_BUSY, "busy, with one thread");
	if (after.evicted != before.evicted)
		model_find_evicted(model, number, group);
	if (result == VS_TABLE_QUOTA || result == VS_TABLE_FULL) {
		model_judge(model, after.evicted == before.evicted,
			    "evicted for nothing");
		model_judge(model,
			    !(result == VS_TABLE_QUOTA && alive &&
			      entry->group == group),
			    "quota asked twice for one entry");
		if (!alive)
			entry->there = false;
		return;
	}
	if (result == VS_TABLE_NEW)
		model_judge(model, !alive, "new, but was there");
	if (result == VS_TABLE_SAME)
		model_judge(model, alive && entry->value == value,
			    "same, but was not");
	if (result == VS_TABLE_CHANGED)
		model_judge(model,
			    alive && entry->value != value &&
				    old.port == entry->value,
			    "changed, but from something else");
	*entry = (struct model_entry){true, value, group, model->now};
}

static inline void model_forget(struct model *model, uint32_t number)
{
	struct model_key key = model_key(number);
	bool alive = model_alive(model, number);
	bool was = vs_table_forget(model->table, &key);

	if (alive)
		model_judge(model, was, "forgot what was not there");
	if (!model->entry[number].there)
		model_judge(model, !was, "there, but never learned");
	model->entry[number].there = false;
}

static inline void model_seen(struct model *model, uint32_t number)
{
	struct model_key key = model_key(number);

	vs_table_seen(model->table, &key, model->now * MODEL_TICK);
	if (model_alive(model, number))
		model->entry[number].seen = model->now;
}

static inline void model_flush(struct model *model, uint32_t group)
{
	uint32_t i;

	vs_table_flush(model->table, group);
	for (i = 0; i < MODEL_KEYS; i++)
		if (group == UINT32_MAX || model->entry[i].group == group)
			model->entry[i].there = false;
}

static inline void model_sweep(struct model *model)
{
	uint32_t i, cursor = 0;

	vs_table_sweep(model->table, model->now * MODEL_TICK, &cursor,
		       UINT32_MAX);
	for (i = 0; i < MODEL_KEYS; i++)
		if (!model_alive(model, i))
			model->entry[i].there = false;
}

static inline bool model_agrees(const struct model *model, uint32_t number,
				const struct vs_table_entry *seen)
{
	const struct model_entry *entry = &model->entry[number];

	return number < MODEL_KEYS && entry->there &&
	       entry->group == seen->group &&
	       (model->now - entry->seen) * MODEL_TICK == seen->age_ns;
}

/* Every key, and the walk over all; after a sweep the counts too. */
static inline void model_compare(struct model *model)
{
	struct vs_table_entry seen;
	struct vs_table_stats stats;
	struct model_value value;
	struct model_key key;
	uint32_t i, alive = 0, walked = 0;
	uint64_t cursor = 0;

	model_sweep(model);
	for (i = 0; i < MODEL_KEYS; i++) {
		bool found = model_table_has(model, i, &value);

		model_judge(model, found == model_alive(model, i),
			    "found is not there, or there is not found");
		if (found)
			model_judge(model, value.port == model->entry[i].value,
				    "another value");
		alive += model_alive(model, i);
	}
	while (vs_table_next(model->table, &cursor, model->now * MODEL_TICK,
			     &seen)) {
		memcpy(&key, seen.key, sizeof(key));
		model_judge(model, model_agrees(model, key.number, &seen),
			    "the walk shows another entry");
		walked++;
	}
	vs_table_stats(model->table, &stats);
	model_judge(model, walked == alive, "the walk shows another number");
	model_judge(model, stats.entries == alive, "entries miscounted");
	for (i = 0; i < MODEL_GROUPS; i++)
		model_judge(model,
			    vs_table_group_entries(model->table, i) ==
				    model_group_count(model, i),
			    "a group is miscounted");
}

#endif
