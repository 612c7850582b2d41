// SPDX-License-Identifier: Apache-2.0
/*
 * What one port and one VSID may have of the fast path's places
 * (switch/io/fast_share.h).
 */
#include "io/fast_share.h"
#include "tests/support/suite.h"

#define PLACES 300u

static struct fast_shares shares;
static uint32_t used;

static void begin(void)
{
	shares = (struct fast_shares){0};
	used = 0;
}

/* Takes what it gets; how many. */
static uint32_t grab(struct fast_holder holder)
{
	uint32_t count = 0;

	while (fast_share_take(&shares, &holder, PLACES - used)) {
		used++;
		count++;
		ck_assert_uint_le(used, PLACES);
	}
	return count;
}

static void give(struct fast_holder holder, uint32_t count)
{
	used -= count;
	while (count--)
		fast_share_give(&shares, &holder);
}

START_TEST(port_that_is_alone_gets_half)
{
	ck_assert_uint_eq(grab((struct fast_holder){0, {2}, 7}), PLACES / 2);
	/* and no more by asking again */
	ck_assert_uint_eq(grab((struct fast_holder){0, {2}, 7}), 0);
}
END_TEST

START_TEST(something_is_left_for_the_next_port)
{
	uint32_t expected[] = {150, 75, 38, 19, 9, 5, 2, 1, 1, 0};

	for (uint16_t i = 0; i < 10; i++)
		ck_assert_uint_eq(
			grab((struct fast_holder){0, {(uint16_t)(2 + i)}, i}),
			expected[i]);
	ck_assert_uint_eq(used, PLACES);
}
END_TEST

/* Those who want all of them get the same, whoever was first. */
START_TEST(ports_that_give_back_come_to_equal_shares)
{
	const struct fast_holder red = {0, {2}, 7}, blue = {0, {3}, 8};
	uint32_t reds = grab(red), blues = grab(blue);

	for (int i = 0; i < 1000; i++) {
		/* a flow of each ends, and both ask for more */
		give(red, 1);
		reds--;
		blues += grab(blue);
		give(blue, 1);
		blues--;
		reds += grab(red);
	}
	ck_assert_uint_ge(blues, PLACES / 3 - 2);
	ck_assert_uint_le(reds, PLACES / 3 + 2);
	ck_assert_uint_ge(PLACES - used, PLACES / 3 - 2);
}
END_TEST

START_TEST(vsid_gets_three_quarters_by_however_many_ports)
{
	uint32_t taken = 0;

	for (uint16_t port = 2; port < 300; port++)
		taken += grab((struct fast_holder){0, {port}, 7});
	ck_assert_uint_eq(taken, PLACES * 3 / 4);
	ck_assert_uint_eq(used, taken);
	/* another one's port still has its half of the rest */
	ck_assert_uint_eq(grab((struct fast_holder){0, {300}, 8}),
			  (PLACES - taken + 1) / 2);
}
END_TEST

/* One port, several VSIDs: it stays one. */
START_TEST(port_has_one_share_in_all_its_vsids)
{
	for (uint32_t part = 0; part < 20; part++)
		grab((struct fast_holder){0, {2}, part});
	ck_assert_uint_eq(used, PLACES / 2);
}
END_TEST

START_TEST(ports_of_two_switches_are_two)
{
	ck_assert_uint_eq(grab((struct fast_holder){0, {2}, 7}), 150);
	ck_assert_uint_eq(grab((struct fast_holder){1, {2}, 8}), 75);
	ck_assert_uint_eq(grab((struct fast_holder){PUMP_SWITCHES - 1,
						    {VS_PORTS_MAXIMUM - 1},
						    VS_CHANGES_PARTS - 1}),
			  38);
}
END_TEST

START_TEST(what_is_given_back_can_be_taken_again)
{
	const struct fast_holder red = {0, {2}, 7}, blue = {0, {3}, 7};

	grab(red);
	grab(blue);
	give(blue, 75);
	give(red, 150);
	ck_assert_uint_eq(grab(red), 150);
	ck_assert_uint_eq(grab(blue), 75);
	/* who is refused has taken nothing */
	give(red, 150);
	give(blue, 75);
	for (uint32_t i = 0; i < VS_CHANGES_PARTS; i++)
		ck_assert_uint_eq(shares.parts[i], 0);
	ck_assert_uint_eq(shares.ports[0][2] | shares.ports[0][3], 0);
}
END_TEST

START_TEST(nothing_is_left_of_nothing)
{
	const struct fast_holder red = {0, {2}, 7};

	ck_assert(!fast_share_take(&shares, &red, 0));
	ck_assert(fast_share_take(&shares, &red, 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fast_share");
	TCase *tests = tcase_create("fast_share");

	tcase_add_checked_fixture(tests, begin, NULL);
	tcase_add_test(tests, port_that_is_alone_gets_half);
	tcase_add_test(tests, something_is_left_for_the_next_port);
	tcase_add_test(tests, ports_that_give_back_come_to_equal_shares);
	tcase_add_test(tests, vsid_gets_three_quarters_by_however_many_ports);
	tcase_add_test(tests, port_has_one_share_in_all_its_vsids);
	tcase_add_test(tests, ports_of_two_switches_are_two);
	tcase_add_test(tests, what_is_given_back_can_be_taken_again);
	tcase_add_test(tests, nothing_is_left_of_nothing);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
