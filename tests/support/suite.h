/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main function of a Check program: runs one suite as CK_ environment
 * variables say, and names the seed if a test failed, so that
 * VS_SEED=... unit_NAME repeats it.
 */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/prng.h"

/* Runs and frees the suite; returns what main() is to return. */
static inline int suite_main(Suite *suite)
{
	uint64_t seed = prng_seed();
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (failed)
		fprintf(stderr, "repeat with VS_SEED=0x%" PRIx64 "\n", seed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
