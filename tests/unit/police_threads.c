// SPDX-License-Identifier: Apache-2.0
/*
 * A rate that many workers take from at once: what passes is what one of them
 * alone would be let through, whoever gets it.
 */
#include <pthread.h>

#include "core/police.h"
#include "tests/support/suite.h"

#define THREADS 4u
#define FRAMES	200000u
#define BURST	1000u

static _Alignas(64) _Atomic uint64_t bucket;
static _Atomic uint64_t passed;
static struct vs_rate rate;

/* Time goes by: 1 ms in all, at a million frames a second, and every thread
 * asks for each of them. */
static void *take(void *nothing)
{
	const uint64_t start = 1000000000;
	uint64_t own = 0;

	for (uint32_t i = 0; i < FRAMES; i++)
		own += police_take(&bucket, &rate,
				   start + i * UINT64_C(1000000) / FRAMES, 1);
	atomic_fetch_add(&passed, own);
	return nothing;
}

START_TEST(workers_share_one_rate)
{
	pthread_t thread[THREADS];

	rate = police_rate(1000000, BURST);
	for (unsigned int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, take, NULL),
				 0);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	/* the burst and 1 ms of a million a second; a thread that takes back
	 * what was too much may make another believe for a moment that there
	 * is less */
	ck_assert_uint_le(atomic_load(&passed), BURST + 1000 + THREADS);
	ck_assert_uint_ge(atomic_load(&passed), BURST);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("police_threads");
	TCase *tcase = tcase_create("police_threads");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, workers_share_one_rate);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
