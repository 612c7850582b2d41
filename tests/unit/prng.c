// SPDX-License-Identifier: Apache-2.0
/*
 * The tests' own source of random numbers: repeatable, and inside its bounds.
 */
#include "tests/support/suite.h"

START_TEST(equal_seeds_give_equal_streams)
{
	struct prng a = prng_start(7);
	struct prng b = prng_start(7);
	int i;

	for (i = 0; i < 1000; i++)
		ck_assert_uint_eq(prng_u64(&a), prng_u64(&b));
}
END_TEST

START_TEST(neighbouring_seeds_give_different_streams)
{
	struct prng a = prng_start(0);
	struct prng b = prng_start(1);

	ck_assert_uint_ne(prng_u64(&a), prng_u64(&b));
}
END_TEST

START_TEST(below_reaches_every_number_under_its_bound_and_no_other)
{
	struct prng prng = prng_start(prng_seed());
	unsigned seen[6] = {0};
	uint32_t n;
	int i;

	for (i = 0; i < 6000; i++) {
		n = prng_below(&prng, 6);
		ck_assert_uint_lt(n, 6);
		seen[n]++;
	}
	for (i = 0; i < 6; i++)
		ck_assert_uint_gt(seen[i], 0);
}
END_TEST

START_TEST(seed_comes_from_the_environment)
{
	setenv("VS_SEED", "0x1234", 1);
	ck_assert_uint_eq(prng_seed(), 0x1234);
}
END_TEST

START_TEST(random_seed_is_drawn_once_and_kept)
{
	uint64_t seed;

	setenv("VS_SEED", "random", 1);
	seed = prng_seed();
	ck_assert_uint_eq(prng_seed(), seed);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("prng");
	TCase *tcase = tcase_create("prng");

	tcase_add_test(tcase, equal_seeds_give_equal_streams);
	tcase_add_test(tcase, neighbouring_seeds_give_different_streams);
	tcase_add_test(tcase,
		       below_reaches_every_number_under_its_bound_and_no_other);
	tcase_add_test(tcase, seed_comes_from_the_environment);
	tcase_add_test(tcase, random_seed_is_drawn_once_and_kept);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
