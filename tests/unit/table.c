// SPDX-License-Identifier: Apache-2.0
/*
 * vs_table with one thread: each promise of table.h, then all together against
 * a list, then a region that another process left behind.
 */
#include <errno.h>

#include "tests/support/suite.h"
#include "tests/support/table_model.h"

#define NOW UINT64_C(5000000000)
#define MS  UINT64_C(1000000)

struct mac_key {
	uint32_t vsid;
	uint8_t mac[6];
	uint16_t zero;
};

static struct vs_table_params mac_params(uint32_t capacity)
{
	return (struct vs_table_params){.capacity = capacity,
					.key_size = sizeof(struct mac_key),
					.value_size = 4,
					.groups = 8,
					.idle_ns = 300000 * MS,
					.seed = 12345};
}

static struct mac_key mac_key(uint32_t number)
{
	struct mac_key key = {.vsid = 5001 + number % 3};

	memcpy(key.mac + 2, &number, 4);
	return key;
}

static struct vs_table *open_table(const struct vs_table_params *params)
{
	size_t size = vs_table_size(params);
	struct vs_table *table;
	void *region;

	ck_assert_uint_gt(size, 0);
	region = aligned_alloc(64, size);
	ck_assert_int_eq(vs_table_create(&table, region, size, params), 0);
	return table;
}

static enum vs_table_result learn(struct vs_table *table, uint32_t number,
				  uint32_t value, uint32_t group, uint64_t now)
{
	struct mac_key key = mac_key(number);
	struct vs_table_item item = {&key, &value, group};

	return vs_table_learn(table, &item, now, NULL);
}

static bool find(struct vs_table *table, uint32_t number, uint64_t now,
		 uint32_t *value)
{
	struct mac_key key = mac_key(number);

	return vs_table_find(table, &key, now, value);
}

START_TEST(parameters_out_of_range_are_refused)
{
	struct vs_table_params good = mac_params(100), bad;
	static uint8_t region[64] __attribute__((aligned(64)));
	struct vs_table *table;

	bad = good, bad.capacity = 0;
	ck_assert_uint_eq(vs_table_size(&bad), 0);
	bad = good, bad.key_size = 0;
	ck_assert_uint_eq(vs_table_size(&bad), 0);
	bad = good, bad.key_size = 6;
	ck_assert_uint_eq(vs_table_size(&bad), 0);
	bad = good, bad.key_size = 44;
	ck_assert_uint_eq(vs_table_size(&bad), 0);
	bad = good, bad.value_size = 68;
	ck_assert_uint_eq(vs_table_size(&bad), 0);
	bad = good, bad.groups = 0;
	ck_assert_uint_eq(vs_table_size(&bad), 0);
	bad = good, bad.groups = 65537;
	ck_assert_uint_eq(vs_table_size(&bad), 0);
	ck_assert_int_eq(vs_table_create(&table, region, sizeof(region), &good),
			 -EINVAL);
}
END_TEST

START_TEST(table_of_its_own_memory_is_a_table)
{
	struct vs_table_params params = {
		.capacity = 3, .key_size = 4, .groups = 1};
	uint32_t key = 7;
	struct vs_table_item item = {.key = &key};
	struct vs_table *own = vs_table_new(&params);

	ck_assert_ptr_nonnull(own);
	ck_assert_int_eq(vs_table_learn(own, &item, 1, NULL), VS_TABLE_NEW);
	ck_assert_int_eq(vs_table_learn(own, &item, 1, NULL), VS_TABLE_SAME);
	vs_table_free(own);
	params.key_size = 3;
	ck_assert_ptr_null(vs_table_new(&params));
	vs_table_free(NULL);
}
END_TEST

START_TEST(learned_key_is_found_with_its_value)
{
	struct vs_table_params params = mac_params(100);
	struct vs_table *table = open_table(&params);
	uint32_t value = 0;

	ck_assert(!find(table, 1, NOW, &value));
	ck_assert_int_eq(learn(table, 1, 77, 0, NOW), VS_TABLE_NEW);
	ck_assert(find(table, 1, NOW, &value));
	ck_assert_uint_eq(value, 77);
	ck_assert(!find(table, 2, NOW, &value));
	ck_assert_int_eq(learn(table, 1, 77, 0, NOW), VS_TABLE_SAME);
	free(table);
}
END_TEST

START_TEST(set_without_values_is_a_table)
{
	struct vs_table_params params = mac_params(100);
	struct vs_table *table;
	struct mac_key key = mac_key(4);
	struct vs_table_item item = {&key, NULL, 0};

	params.value_size = 0;
	table = open_table(&params);
	ck_assert_int_eq(vs_table_learn(table, &item, NOW, NULL), VS_TABLE_NEW);
	ck_assert_int_eq(vs_table_learn(table, &item, NOW, NULL),
			 VS_TABLE_SAME);
	ck_assert(vs_table_find(table, &key, NOW, NULL));
	free(table);
}
END_TEST

START_TEST(station_that_moves_changes_and_gives_the_old_value)
{
	struct vs_table_params params = mac_params(100);
	struct vs_table *table = open_table(&params);
	struct mac_key key = mac_key(1);
	uint32_t value = 8, old = 0;
	struct vs_table_item item = {&key, &value, 2};
	struct vs_table_stats stats;

	learn(table, 1, 7, 0, NOW);
	ck_assert_int_eq(vs_table_learn(table, &item, NOW, &old),
			 VS_TABLE_CHANGED);
	ck_assert_uint_eq(old, 7);
	ck_assert(find(table, 1, NOW, &value));
	ck_assert_uint_eq(value, 8);
	ck_assert_uint_eq(vs_table_group_entries(table, 0), 0);
	ck_assert_uint_eq(vs_table_group_entries(table, 2), 1);
	vs_table_stats(table, &stats);
	ck_assert_uint_eq(stats.moved, 1);
	ck_assert_uint_eq(stats.entries, 1);
	free(table);
}
END_TEST

START_TEST(station_cannot_move_into_a_full_group)
{
	struct vs_table_params params = mac_params(100);
	struct vs_table *table = open_table(&params);
	uint32_t value;

	vs_table_quota(table, 1, 0);
	learn(table, 1, 7, 0, NOW);
	ck_assert_int_eq(learn(table, 1, 8, 1, NOW), VS_TABLE_QUOTA);
	ck_assert(find(table, 1, NOW, &value));
	ck_assert_uint_eq(value, 7);
	ck_assert_uint_eq(vs_table_group_entries(table, 0), 1);
	free(table);
}
END_TEST

START_TEST(entry_is_gone_when_idle_and_stays_when_seen)
{
	struct vs_table_params params = mac_params(100);
	struct vs_table *table = open_table(&params);
	struct mac_key seen = mac_key(2);
	struct vs_table_stats stats;
	uint32_t value, cursor = 0;

	learn(table, 1, 7, 0, NOW);
	learn(table, 2, 7, 0, NOW);
	vs_table_seen(table, &seen, NOW + 200000 * MS);
	ck_assert(find(table, 1, NOW + 299990 * MS, &value));
	ck_assert(!find(table, 1, NOW + 300010 * MS, &value));
	ck_assert(find(table, 2, NOW + 300010 * MS, &value));
	ck_assert_uint_eq(
		vs_table_sweep(table, NOW + 300010 * MS, &cursor, UINT32_MAX),
		1);
	vs_table_stats(table, &stats);
	ck_assert_uint_eq(stats.entries, 1);
	ck_assert_uint_eq(stats.aged, 1);
	/* What went idle comes back as new. */
	learn(table, 1, 7, 0, NOW + 400000 * MS);
	ck_assert_int_eq(learn(table, 1, 9, 0, NOW + 800000 * MS),
			 VS_TABLE_NEW);
	free(table);
}
END_TEST

START_TEST(clock_of_another_worker_may_be_behind)
{
	struct vs_table_params params = mac_params(100);
	struct vs_table *table = open_table(&params);
	uint32_t value;

	learn(table, 1, 7, 0, NOW);
	ck_assert(find(table, 1, NOW - 50 * MS, &value));
	free(table);
}
END_TEST

START_TEST(forgotten_key_is_gone)
{
	struct vs_table_params params = mac_params(100);
	struct vs_table *table = open_table(&params);
	struct mac_key key = mac_key(1);
	uint32_t value;

	learn(table, 1, 7, 0, NOW);
	ck_assert(vs_table_forget(table, &key));
	ck_assert(!vs_table_forget(table, &key));
	ck_assert(!find(table, 1, NOW, &value));
	ck_assert_uint_eq(vs_table_group_entries(table, 0), 0);
	free(table);
}
END_TEST

START_TEST(group_never_holds_more_than_its_quota)
{
	struct vs_table_params params = mac_params(1000);
	struct vs_table *table = open_table(&params);
	struct vs_table_stats stats;
	uint32_t i, value, found = 0;

	for (i = 0; i < 100; i++)
		learn(table, i, 7, 0, NOW);
	vs_table_quota(table, 1, 50);
	for (i = 1000; i < 3000; i++) {
		learn(table, i, 7, 1, NOW);
		ck_assert_uint_le(vs_table_group_entries(table, 1), 50);
	}
	ck_assert_uint_eq(vs_table_group_entries(table, 1), 50);
	for (i = 0; i < 100; i++)
		found += find(table, i, NOW, &value);
	ck_assert_uint_eq(found, 100);
	vs_table_stats(table, &stats);
	ck_assert_uint_gt(stats.refused_quota, 0);
	free(table);
}
END_TEST

START_TEST(flood_of_one_group_takes_nothing_of_another)
{
	struct vs_table_params params = mac_params(1000);
	struct vs_table *table = open_table(&params);
	struct vs_table_stats stats;
	uint32_t i, value, found = 0;

	for (i = 0; i < 400; i++)
		ck_assert_int_eq(learn(table, i, 7, 0, NOW), VS_TABLE_NEW);
	for (i = 1000; i < 200000; i++)
		learn(table, i, 7, 1, NOW + i * MS / 1000);
	for (i = 0; i < 400; i++)
		found += find(table, i, NOW + 200 * MS, &value);
	ck_assert_uint_eq(found, 400);
	vs_table_stats(table, &stats);
	ck_assert_uint_gt(stats.evicted, 0);
	ck_assert_uint_le(stats.entries, 1000);
	free(table);
}
END_TEST

START_TEST(flood_evicts_its_oldest_first)
{
	struct vs_table_params params = mac_params(2);
	struct vs_table *table = open_table(&params);
	uint32_t i, value;

	/* Two buckets: every key competes with every other. */
	learn(table, 1, 7, 0, NOW);
	learn(table, 2, 7, 0, NOW + 100 * MS);
	ck_assert_int_eq(learn(table, 3, 7, 0, NOW + 200 * MS), VS_TABLE_NEW);
	ck_assert(!find(table, 1, NOW + 200 * MS, &value));
	ck_assert(find(table, 2, NOW + 200 * MS, &value));
	for (i = 4; i < 50; i++) {
		learn(table, i, 7, 0, NOW + i * 100 * MS);
		ck_assert(find(table, i - 1, NOW + i * 100 * MS, &value));
		ck_assert(!find(table, i - 2, NOW + i * 100 * MS, &value));
	}
	ck_assert_int_eq(learn(table, 99, 7, 1, NOW + 5000 * MS),
			 VS_TABLE_FULL);
	free(table);
}
END_TEST

START_TEST(group_beyond_its_quota_makes_room)
{
	struct vs_table_params params = mac_params(4);
	struct vs_table *table = open_table(&params);
	uint32_t i;

	for (i = 0; i < 4; i++)
		learn(table, i, 7, 0, NOW);
	ck_assert_int_eq(learn(table, 9, 7, 1, NOW), VS_TABLE_FULL);
	vs_table_quota(table, 0, 2);
	ck_assert_int_eq(learn(table, 9, 7, 1, NOW), VS_TABLE_NEW);
	ck_assert_uint_eq(vs_table_group_entries(table, 0), 3);
	free(table);
}
END_TEST

START_TEST(table_takes_nearly_as_many_keys_as_it_says)
{
	struct vs_table_params params = mac_params(16384);
	struct vs_table *table = open_table(&params);
	struct vs_table_stats stats;
	uint32_t i, value, refused = 0, found = 0;

	for (i = 0; i < 16384; i++)
		refused += learn(table, i, i, i % 8, NOW) != VS_TABLE_NEW;
	ck_assert_uint_lt(refused, 16384 / 100);
	vs_table_stats(table, &stats);
	for (i = 0; i < 16384; i++)
		found += find(table, i, NOW, &value) && value == i;
	ck_assert_uint_eq(found, stats.entries);
	ck_assert_uint_ge(found + refused + stats.evicted, 16384);
	ck_assert_uint_ge(found, 16384 - 16384 / 500);
	free(table);
}
END_TEST

START_TEST(flush_takes_one_group_or_all)
{
	struct vs_table_params params = mac_params(1000);
	struct vs_table *table = open_table(&params);
	struct vs_table_stats stats;
	uint32_t i;

	for (i = 0; i < 300; i++)
		learn(table, i, 7, i % 3, NOW);
	ck_assert_uint_eq(vs_table_flush(table, 1), 100);
	ck_assert_uint_eq(vs_table_group_entries(table, 1), 0);
	ck_assert_uint_eq(vs_table_group_entries(table, 2), 100);
	ck_assert_uint_eq(vs_table_flush(table, UINT32_MAX), 200);
	vs_table_stats(table, &stats);
	ck_assert_uint_eq(stats.entries, 0);
	free(table);
}
END_TEST

START_TEST(sweep_goes_on_where_it_stopped)
{
	struct vs_table_params params = mac_params(1000);
	struct vs_table *table = open_table(&params);
	uint32_t i, cursor = 0, removed = 0;

	for (i = 0; i < 500; i++)
		learn(table, i, 7, 0, NOW);
	for (i = 0; i < 25; i++)
		removed +=
			vs_table_sweep(table, NOW + 400000 * MS, &cursor, 10);
	ck_assert_uint_eq(removed, 500);
	free(table);
}
END_TEST

/* One operation of many, on a table that is roomy or crowded. */
static void random_step(struct model *model, struct prng *prng)
{
	uint32_t number = prng_below(prng, MODEL_KEYS);
	uint32_t group = prng_below(prng, MODEL_GROUPS);

	switch (prng_below(prng, 64)) {
	case 0:
		model_flush(model, prng_below(prng, 16) ? group : UINT32_MAX);
		break;
	case 1:
		model_sweep(model);
		break;
	case 2:
		model->quota[group] = prng_below(prng, 100);
		vs_table_quota(model->table, group, model->quota[group]);
		break;
	case 3:
	case 4:
	case 5:
		model->now += prng_below(prng, 20);
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		model_forget(model, number);
		break;
	case 10:
	case 11:
	case 12:
		model_seen(model, number);
		break;
	default:
		model_learn(model, number, prng_below(prng, 3), group);
	}
}

START_TEST(table_equals_a_list_under_random_operations)
{
	static const uint32_t capacities[] = {1024, 100, 20, 3};
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	static struct model model;
	int i;

	model_open(&model, capacities[_i], prng_u64(&prng));
	for (i = 0; i < 100000 && !model.wrong; i++) {
		random_step(&model, &prng);
		if (i % 64 == 0)
			model_compare(&model);
	}
	ck_assert_msg(!model.wrong, "step %d: %s", i, model.wrong);
	model_close(&model);
}
END_TEST

START_TEST(adopted_table_has_what_was_learned)
{
	struct vs_table_params params = mac_params(1000);
	struct vs_table *table = open_table(&params), *again = NULL;
	uint32_t i, value;

	for (i = 0; i < 900; i++)
		learn(table, i, i, i % 8, NOW);
	ck_assert_int_eq(vs_table_adopt(&again, table, vs_table_size(&params)),
			 0);
	for (i = 0; i < 900; i++) {
		ck_assert(find(again, i, NOW, &value));
		ck_assert_uint_eq(value, i);
	}
	ck_assert_uint_eq(vs_table_group_entries(again, 0), 113);
	ck_assert_int_eq(learn(again, 5, 5, 5, NOW), VS_TABLE_SAME);
	free(table);
}
END_TEST

START_TEST(region_that_is_no_table_is_refused_and_left_alone)
{
	struct vs_table_params params = mac_params(100);
	struct vs_table *table = open_table(&params), *again = NULL;
	size_t size = vs_table_size(&params), i;
	uint8_t *bytes = (uint8_t *)table, *before = malloc(size);

	learn(table, 1, 7, 0, NOW);
	ck_assert_int_eq(vs_table_adopt(&again, table, size - 1), -EINVAL);
	ck_assert_int_eq(vs_table_adopt(&again, table, 64), -EINVAL);
	/* The shape and its check: 104 bytes, any bit. */
	for (i = 0; i < 104; i++) {
		bytes[i] ^= 1;
		memcpy(before, bytes, size);
		ck_assert_int_eq(vs_table_adopt(&again, table, size), -EINVAL);
		ck_assert_mem_eq(before, bytes, size);
		bytes[i] ^= 1;
	}
	ck_assert_int_eq(vs_table_adopt(&again, table, size), 0);
	free(before);
	free(table);
}
END_TEST

START_TEST(damaged_slots_are_emptied_and_the_rest_stays)
{
	struct vs_table_params params = mac_params(1000);
	size_t size = vs_table_size(&params), i, from = size / 4;
	struct vs_table *table = open_table(&params), *again = NULL;
	struct prng prng = prng_start(prng_seed());
	uint8_t *bytes = (uint8_t *)table;
	struct vs_table_stats stats;
	uint32_t value, found = 0, wrong = 0, groups = 0;

	for (i = 0; i < 900; i++)
		learn(table, (uint32_t)i, (uint32_t)i, i % 8, NOW);
	for (i = 0; i < 300; i++)
		bytes[from + prng_below(&prng, (uint32_t)(size - from))] ^=
			(uint8_t)(1 + prng_below(&prng, 255));
	ck_assert_int_eq(vs_table_adopt(&again, table, size), 0);
	for (i = 0; i < 900; i++)
		if (find(again, (uint32_t)i, NOW, &value)) {
			found++;
			wrong += value != i;
		}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(found, 500);
	vs_table_stats(again, &stats);
	for (i = 0; i < 8; i++)
		groups += vs_table_group_entries(again, (uint32_t)i);
	ck_assert_uint_eq(groups, stats.entries);
	free(table);
}
END_TEST

START_TEST(bucket_that_a_dead_writer_held_is_free_after_adoption)
{
	struct vs_table_params params = mac_params(2);
	struct vs_table *table = open_table(&params), *again;
	size_t size = vs_table_size(&params), i;
	uint8_t *bytes = (uint8_t *)table;
	uint32_t value;

	learn(table, 1, 7, 0, NOW);
	/* The last two buckets are the region's end; the version is first. */
	for (i = 1; i <= 2; i++)
		bytes[size - i * 256] |= 1;
	ck_assert_int_eq(learn(table, 2, 7, 0, NOW), VS_TABLE_BUSY);
	ck_assert(!find(table, 1, NOW, &value));
	ck_assert_int_eq(vs_table_adopt(&again, table, size), 0);
	ck_assert(find(again, 1, NOW, &value));
	ck_assert_int_eq(learn(again, 2, 7, 0, NOW), VS_TABLE_NEW);
	free(table);
}
END_TEST

static Suite *table_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *one = tcase_create("one entry");
	TCase *many = tcase_create("many entries");
	TCase *adopt = tcase_create("adoption");

	tcase_add_test(one, parameters_out_of_range_are_refused);
	tcase_add_test(one, table_of_its_own_memory_is_a_table);
	tcase_add_test(one, learned_key_is_found_with_its_value);
	tcase_add_test(one, set_without_values_is_a_table);
	tcase_add_test(one, station_that_moves_changes_and_gives_the_old_value);
	tcase_add_test(one, station_cannot_move_into_a_full_group);
	tcase_add_test(one, entry_is_gone_when_idle_and_stays_when_seen);
	tcase_add_test(one, clock_of_another_worker_may_be_behind);
	tcase_add_test(one, forgotten_key_is_gone);
	tcase_add_test(many, group_never_holds_more_than_its_quota);
	tcase_add_test(many, flood_of_one_group_takes_nothing_of_another);
	tcase_add_test(many, flood_evicts_its_oldest_first);
	tcase_add_test(many, group_beyond_its_quota_makes_room);
	tcase_add_test(many, table_takes_nearly_as_many_keys_as_it_says);
	tcase_add_test(many, flush_takes_one_group_or_all);
	tcase_add_test(many, sweep_goes_on_where_it_stopped);
	tcase_add_loop_test(many, table_equals_a_list_under_random_operations,
			    0, 4);
	tcase_set_timeout(many, 120);
	tcase_add_test(adopt, adopted_table_has_what_was_learned);
	tcase_add_test(adopt,
		       region_that_is_no_table_is_refused_and_left_alone);
	tcase_add_test(adopt, damaged_slots_are_emptied_and_the_rest_stays);
	tcase_add_test(adopt,
		       bucket_that_a_dead_writer_held_is_free_after_adoption);
	suite_add_tcase(suite, one);
	suite_add_tcase(suite, many);
	suite_add_tcase(suite, adopt);
	return suite;
}

int main(void)
{
	return suite_main(table_suite());
}
