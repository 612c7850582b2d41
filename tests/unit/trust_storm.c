// SPDX-License-Identifier: Apache-2.0
/*
 * 200,000 random operations on two hosts of two tenants with equal addresses:
 * no frame and no byte of one tenant on a port of the other, exact books, all
 * buffers back; with one worker and with two driven in turn.
 */
#include "tests/support/storm.h"
#include "tests/support/suite.h"

#define FRAMES 200000u
#define ROUND  4000u

START_TEST(nothing_crosses_whatever_comes)
{
	struct storm *storm = storm_open((uint16_t)(1 + _i));
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	uint8_t bytes[ROUND];
	uint32_t frames = 0;

	while (frames < FRAMES) {
		prng_fill(&prng, bytes, sizeof(bytes));
		frames += storm_run(storm, bytes, sizeof(bytes));
		storm_settle(storm);
	}
	/* a storm in which nothing arrives would prove nothing */
	ck_assert_uint_ge(storm_delivered(storm), FRAMES / 50);
	storm_close(storm);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trust_storm");
	TCase *tests = tcase_create("storm");

	tcase_set_timeout(tests, 240);
	tcase_add_loop_test(tests, nothing_crosses_whatever_comes, 0, 2);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
