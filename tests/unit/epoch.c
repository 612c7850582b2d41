// SPDX-License-Identifier: Apache-2.0
/*
 * Epochs: a snapshot that a worker may still see is never older than what
 * vs_epoch_oldest says.
 */
#include "core/epoch.h"
#include "core/snapshot.h"
#include "tests/support/suite.h"

static struct vs_snapshot first = {.generation = 1};
static struct vs_snapshot second = {.generation = 2};

START_TEST(parked_workers_pin_nothing)
{
	struct vs_epoch epoch;
	uint16_t holder;

	vs_epoch_init(&epoch, 3);
	vs_epoch_publish(&epoch, &first);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), VS_EPOCH_PARKED);
	ck_assert_uint_eq(holder, UINT16_MAX);
}
END_TEST

START_TEST(entered_worker_pins_its_generation_until_it_parks)
{
	struct vs_epoch epoch;
	uint16_t holder;

	vs_epoch_init(&epoch, 2);
	vs_epoch_publish(&epoch, &first);
	ck_assert_ptr_eq(vs_epoch_enter(&epoch, 1), &first);
	ck_assert_ptr_eq(vs_epoch_publish(&epoch, &second), &first);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), 1);
	ck_assert_uint_eq(holder, 1);
	ck_assert_ptr_eq(vs_epoch_enter(&epoch, 0), &second);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), 1);
	vs_epoch_park(&epoch, 1);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), 2);
	ck_assert_uint_eq(holder, 0);
}
END_TEST

START_TEST(entering_again_moves_to_the_newest)
{
	struct vs_epoch epoch;
	uint16_t holder;

	vs_epoch_init(&epoch, 1);
	vs_epoch_publish(&epoch, &first);
	vs_epoch_enter(&epoch, 0);
	vs_epoch_publish(&epoch, &second);
	ck_assert_ptr_eq(vs_epoch_enter(&epoch, 0), &second);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), 2);
}
END_TEST

START_TEST(parked_worker_holds_what_it_pins_until_it_pins_another)
{
	struct vs_epoch epoch;
	uint16_t holder;

	vs_epoch_init(&epoch, 2);
	vs_epoch_publish(&epoch, &first);
	vs_epoch_pin(&epoch, 1, vs_epoch_enter(&epoch, 1));
	vs_epoch_park(&epoch, 1);
	vs_epoch_publish(&epoch, &second);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), 1);
	ck_assert_uint_eq(holder, 1);
	vs_epoch_enter(&epoch, 1);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), 1);
	vs_epoch_pin(&epoch, 1, &second);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), 2);
	vs_epoch_pin(&epoch, 1, NULL);
	vs_epoch_park(&epoch, 1);
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), VS_EPOCH_PARKED);
}
END_TEST

START_TEST(nothing_published_is_nothing_entered)
{
	struct vs_epoch epoch;
	uint16_t holder;

	vs_epoch_init(&epoch, 1);
	ck_assert_ptr_null(vs_epoch_enter(&epoch, 0));
	ck_assert_uint_eq(vs_epoch_oldest(&epoch, &holder), VS_EPOCH_PARKED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("epoch");
	TCase *tcase = tcase_create("epoch");

	tcase_add_test(tcase, parked_workers_pin_nothing);
	tcase_add_test(tcase,
		       entered_worker_pins_its_generation_until_it_parks);
	tcase_add_test(tcase, entering_again_moves_to_the_newest);
	tcase_add_test(tcase,
		       parked_worker_holds_what_it_pins_until_it_pins_another);
	tcase_add_test(tcase, nothing_published_is_nothing_entered);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
