// SPDX-License-Identifier: Apache-2.0
/*
 * vs_table with two threads at once: a reader sees whole entries only, and
 * the counts are right when all is quiet. Runs under ThreadSanitizer too.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <vswitch/table.h>

#include "tests/support/suite.h"

#define THREADS 2u
#define STEPS	100000u
#define KEYS	64u
#define WORDS	8u

struct value {
	uint32_t word[WORDS]; /* all equal: a mixture shows */
};

struct job {
	pthread_t thread;
	struct vs_table *table;
	uint64_t seed;
	uint32_t group;
	uint32_t mixtures, found, learned;
};

static struct value value_of(uint32_t word)
{
	struct value value;
	uint32_t i;

	for (i = 0; i < WORDS; i++)
		value.word[i] = word;
	return value;
}

static void step(struct job *job, struct prng *prng, uint64_t now)
{
	uint32_t key[2] = {prng_below(prng, KEYS), 0}, i, kind;
	struct value value = value_of(prng_u32(prng));
	struct vs_table_item item = {key, &value, job->group};
	uint32_t cursor = 0;

	kind = prng_below(prng, 16);
	if (kind < 6) {
		job->learned += vs_table_learn(job->table, &item, now, NULL) ==
				VS_TABLE_NEW;
	} else if (kind == 6) {
		vs_table_forget(job->table, key);
	} else if (kind == 7) {
		vs_table_seen(job->table, key, now);
	} else if (kind == 8 && prng_below(prng, 64) == 0) {
		vs_table_sweep(job->table, now, &cursor, 4);
	} else if (vs_table_find(job->table, key, now, &value)) {
		job->found++;
		for (i = 1; i < WORDS; i++)
			job->mixtures += value.word[i] != value.word[0];
	}
}

static void *work(void *argument)
{
	struct job *job = argument;
	struct prng prng = prng_start(job->seed);
	uint64_t now = UINT64_C(1) << 40;
	uint32_t i;

	for (i = 0; i < STEPS; i++)
		step(job, &prng, now += 10000);
	return NULL;
}

START_TEST(two_threads_see_whole_entries_and_count_right)
{
	/* Roomy, and so crowded that they evict each other's neighbours. */
	struct vs_table_params params = {.capacity = _i ? 16 : 1024,
					 .key_size = 8,
					 .value_size = sizeof(struct value),
					 .groups = THREADS,
					 .idle_ns = UINT64_C(100000000),
					 .seed = prng_seed()};
	size_t size = vs_table_size(&params);
	void *region = aligned_alloc(64, size);
	struct job job[THREADS] = {0};
	struct vs_table_stats stats;
	struct vs_table_entry entry;
	uint64_t cursor = 0, walked = 0;
	uint32_t i;

	ck_assert_int_eq(vs_table_create(&job[0].table, region, size, &params),
			 0);
	for (i = 0; i < THREADS; i++) {
		job[i].table = job[0].table;
		job[i].seed = prng_seed() + i;
		job[i].group = i;
		ck_assert_int_eq(
			pthread_create(&job[i].thread, NULL, work, &job[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(job[i].thread, NULL);
		ck_assert_uint_eq(job[i].mixtures, 0);
		ck_assert_uint_gt(job[i].found, 0);
		ck_assert_uint_gt(job[i].learned, 0);
	}
	/* Time 0: whatever is there is not idle. */
	while (vs_table_next(job[0].table, &cursor, 0, &entry))
		walked++;
	vs_table_stats(job[0].table, &stats);
	ck_assert_uint_eq(walked, stats.entries);
	ck_assert_uint_le(stats.entries, params.capacity + THREADS);
	ck_assert_uint_eq(vs_table_group_entries(job[0].table, 0) +
				  vs_table_group_entries(job[0].table, 1),
			  stats.entries);
	free(region);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("table_threads");
	TCase *tcase = tcase_create("two threads");

	tcase_add_loop_test(
		tcase, two_threads_see_whole_entries_and_count_right, 0, 2);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
