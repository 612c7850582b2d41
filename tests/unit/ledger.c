// SPDX-License-Identifier: Apache-2.0
/*
 * The ledger: rows add up over workers, the law holds under random books,
 * and a full array still books everything.
 */
#include "core/ledger.h"
#include "packet/packet.h"
#include "tests/support/suite.h"

static const struct vs_port_id one = {1}, two = {2};

START_TEST(rows_are_found_again_and_added_over_workers)
{
	struct vs_ledger *ledger = vs_ledger_create(2, 16);
	struct vs_ledger_row row;
	uint32_t cursor = 0, a, b;

	a = vs_ledger_row(ledger, 0, one, 5001);
	b = vs_ledger_row(ledger, 1, one, 5001);
	ck_assert_uint_eq(a, vs_ledger_row(ledger, 0, one, 5001));
	ck_assert_uint_ne(a, vs_ledger_row(ledger, 0, two, 5001));
	vs_ledger_receive(ledger, 0, a, 1, 60);
	vs_ledger_receive(ledger, 1, b, 1, 40);
	while (vs_ledger_next(ledger, &cursor, &row)) {
		if (row.port.value != 1)
			continue;
		ck_assert_uint_eq(row.vsid, 5001);
		ck_assert_uint_eq(row.received, 2);
		ck_assert_uint_eq(row.received_bytes, 100);
		ck_assert_int_eq(vs_ledger_balance(&row), 2);
	}
	vs_ledger_destroy(ledger);
}
END_TEST

/* One frame's life, as the walk books it. */
static void random_life(struct vs_ledger *ledger, uint16_t worker, uint32_t row,
			struct prng *prng)
{
	uint32_t copies = 1 + prng_below(prng, 4), i;

	if (prng_below(prng, 2))
		vs_ledger_receive(ledger, worker, row, 1, 64);
	else
		vs_ledger_inject(ledger, worker, row);
	if (copies > 1)
		vs_ledger_replicate(ledger, worker, row, copies - 1);
	for (i = 0; i < copies; i++) {
		switch (prng_below(prng, 4)) {
		case 0:
			vs_ledger_send(ledger, worker, row, 1, 64);
			break;
		case 1:
			vs_ledger_consume(ledger, worker, row,
					  (enum vs_consumer)prng_below(
						  prng, VS_CONSUMERS));
			break;
		case 2:
			vs_ledger_hold(ledger, worker, row, 1);
			if (prng_below(prng, 2)) {
				vs_ledger_hold(ledger, worker, row, -1);
				vs_ledger_send(ledger, worker, row, 1, 64);
			}
			break;
		default:
			vs_ledger_drop(
				ledger, worker, row,
				(uint16_t)(1 +
					   prng_below(prng,
						      VS_LEDGER_REASONS - 1)));
		}
	}
}

START_TEST(law_holds_under_random_books)
{
	struct vs_ledger *ledger = vs_ledger_create(3, 16);
	struct prng prng = prng_start(prng_seed());
	struct vs_ledger_row row;
	uint64_t lives = 0;
	uint32_t cursor = 0;
	int i;

	for (i = 0; i < 20000; i++) {
		uint16_t worker = (uint16_t)prng_below(&prng, 3);
		struct vs_port_id port = {(uint16_t)prng_below(&prng, 6)};
		uint32_t vsid = 5000 + prng_below(&prng, 10);

		random_life(ledger, worker,
			    vs_ledger_row(ledger, worker, port, vsid), &prng);
	}
	while (vs_ledger_next(ledger, &cursor, &row)) {
		ck_assert_int_eq(vs_ledger_balance(&row), 0);
		lives += row.received + row.injected;
	}
	ck_assert_uint_eq(lives, 20000);
	vs_ledger_destroy(ledger);
}
END_TEST

START_TEST(vsids_beyond_the_array_are_booked_under_more)
{
	struct vs_ledger *ledger = vs_ledger_create(1, 16);
	struct vs_ledger_row row;
	uint64_t received = 0, more = 0;
	uint32_t cursor = 0, vsid;

	for (vsid = 5000; vsid < 5100; vsid++)
		vs_ledger_receive(ledger, 0,
				  vs_ledger_row(ledger, 0, one, vsid), 1, 60);
	while (vs_ledger_next(ledger, &cursor, &row)) {
		received += row.received;
		if (row.vsid == VS_LEDGER_MORE)
			more += row.received;
	}
	ck_assert_uint_eq(received, 100);
	ck_assert_uint_eq(more, 84);
	vs_ledger_destroy(ledger);
}
END_TEST

/* Everything received, and by rows of port 1. */
static uint64_t received_in(const struct vs_ledger *ledger, uint64_t *of_one)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;
	uint64_t sum = 0;

	*of_one = 0;
	while (vs_ledger_next(ledger, &cursor, &row)) {
		ck_assert_int_eq(vs_ledger_balance(&row), 0);
		sum += row.received;
		if (row.port.value == 1)
			*of_one += row.received;
	}
	return sum;
}

static void receive_and_send(struct vs_ledger *ledger, uint16_t worker,
			     struct vs_port_id port, uint32_t vsid)
{
	uint32_t row = vs_ledger_row(ledger, worker, port, vsid);

	vs_ledger_receive(ledger, worker, row, 1, 60);
	vs_ledger_send(ledger, worker, row, 1, 60);
}

START_TEST(retired_rows_are_free_and_their_sums_stay)
{
	struct vs_ledger *ledger = vs_ledger_create(2, 16);
	const struct vs_port_set gone = {.word = {1 << 1}};
	struct vs_ledger_row row;
	uint64_t lives, of_one, more = 0;
	uint32_t cursor = 0, vsid, round;

	receive_and_send(ledger, 1, two, 5000);
	for (round = 1; round <= 100; round++) {
		for (vsid = 0; vsid < 15; vsid++)
			receive_and_send(ledger, vsid & 1, one,
					 round * 100 + vsid);
		lives = received_in(ledger, &of_one);
		ck_assert_uint_eq(lives, 1 + round * 15);
		ck_assert_uint_eq(of_one, 15);
		vs_ledger_retire(ledger, &gone);
		ck_assert_uint_eq(received_in(ledger, &of_one), lives);
		row = vs_ledger_total(ledger);
		ck_assert_uint_eq(row.received, lives);
		ck_assert_uint_eq(row.sent, lives);
		ck_assert_int_eq(vs_ledger_balance(&row), 0);
		ck_assert_uint_eq(of_one, 0);
	}
	while (vs_ledger_next(ledger, &cursor, &row)) {
		if (row.port.value == VS_LEDGER_GONE)
			ck_assert_uint_eq(row.sent, 1500);
		else if (row.port.value == 2)
			ck_assert_uint_eq(row.sent, 1);
		else
			more += row.received;
	}
	ck_assert_uint_eq(more, 0);
	vs_ledger_destroy(ledger);
}
END_TEST

START_TEST(row_behind_a_retired_one_is_found_again)
{
	struct vs_ledger *ledger = vs_ledger_create(1, 16);
	const struct vs_port_set gone = {.word = {1 << 1}};
	uint32_t row[8], vsid;

	/* a full array: some of port 2 lie behind some of port 1 */
	for (vsid = 0; vsid < 8; vsid++) {
		vs_ledger_row(ledger, 0, one, vsid);
		row[vsid] = vs_ledger_row(ledger, 0, two, vsid);
	}
	vs_ledger_retire(ledger, &gone);
	for (vsid = 0; vsid < 8; vsid++)
		ck_assert_uint_eq(vs_ledger_row(ledger, 0, two, vsid),
				  row[vsid]);
	vs_ledger_destroy(ledger);
}
END_TEST

START_TEST(every_reason_has_a_name_of_its_own)
{
	uint16_t a, b;

	for (a = 1; a < VS_CORE_REASONS; a++) {
		ck_assert_ptr_nonnull(vs_core_reason(a)->name);
		ck_assert_ptr_nonnull(vs_core_reason(a)->help);
		for (b = 1; b < a; b++)
			ck_assert_str_ne(vs_core_reason(a)->name,
					 vs_core_reason(b)->name);
	}
	ck_assert_str_eq(vs_core_reason(VS_CORE_REASONS)->name, "none");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tcase = tcase_create("ledger");

	tcase_add_test(tcase, rows_are_found_again_and_added_over_workers);
	tcase_add_test(tcase, law_holds_under_random_books);
	tcase_add_test(tcase, vsids_beyond_the_array_are_booked_under_more);
	tcase_add_test(tcase, retired_rows_are_free_and_their_sums_stay);
	tcase_add_test(tcase, row_behind_a_retired_one_is_found_again);
	tcase_add_test(tcase, every_reason_has_a_name_of_its_own);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
