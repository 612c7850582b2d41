/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lives of owned PAs across states, and of very many at once
 * (provider_slot.c, provider_pa.c).
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

#define MANY 1000u

/* A state with `count` owned PAs, from 198.18.0.1 on. */
static struct wnv_state *state_of(uint32_t first, uint32_t count)
{
	struct wnv_provider *own = calloc(count, sizeof(*own));
	struct wnv_plan plan = {
		.providers = own,
		.provider_count = (uint16_t)count,
		.seed = 3,
	};
	struct wnv_state *state = NULL;
	uint32_t i;

	ck_assert_ptr_nonnull(own);
	for (i = 0; i < count; i++) {
		uint8_t bytes[4] = {198, 18, (uint8_t)((first + i) >> 8),
				    (uint8_t)(first + i)};

		own[i] = (struct wnv_provider){
			.pa.ip = vs_ip_from_v4(bytes),
			.uplink = {LAB_UPLINK},
			.prefix_length = 112,
			.owned = true,
		};
	}
	ck_assert_int_eq(wnv_state_build(&plan, &state), 0);
	free(own);
	return state;
}

/* As publish does it: the new state in, the old one retired. */
static void publish(struct lab *lab, struct wnv_state *state)
{
	ck_assert_int_eq(provider_configure(lab->provider, state, NULL), 0);
	provider_retire(lab->provider, lab->state);
	wnv_state_free(lab->state);
	lab->state = state;
	lab->fake->call.state = (const struct vs_state *)state;
}

static unsigned int count_in(const struct lab *lab,
			     enum provider_pa_state state)
{
	unsigned int count = 0;
	uint16_t i;

	for (i = 0; i < wnv_provider_count(lab->state); i++)
		if (provider_pa_state(wnv_provider_at(lab->state, i)) == state)
			count++;
	return count;
}

START_TEST(thousand_pas_are_probed_a_few_at_a_time_until_all_are_preferred)
{
	static const struct lab_options options = {.host = 1};
	struct lab lab = lab_open(&options);
	unsigned int packets = 0, ticks;

	publish(&lab, state_of(1, MANY));
	for (ticks = 0; ticks < 600; ticks++) {
		lab_tick(&lab, 100);
		ck_assert_uint_le(lab.fake->seen.emitted_count, 64);
		packets += lab.fake->seen.emitted_count;
		lab_clear(&lab);
	}
	ck_assert_uint_eq(count_in(&lab, PROVIDER_PREFERRED), MANY);
	ck_assert_uint_eq(packets, MANY * 5); /* 3 probes, 2 announcements */
	lab_close(&lab);
}
END_TEST

START_TEST(pa_lives_on_in_the_next_state)
{
	static const struct lab_options options = {.host = 1};
	struct lab lab = lab_open(&options);
	unsigned int i;

	publish(&lab, state_of(10, 3));
	for (i = 0; i < 60; i++)
		lab_tick(&lab, 100);
	ck_assert_uint_eq(count_in(&lab, PROVIDER_PREFERRED), 3);
	publish(&lab, state_of(8, 7)); /* two before, two behind */
	ck_assert_uint_eq(count_in(&lab, PROVIDER_PREFERRED), 3);
	ck_assert_uint_eq(count_in(&lab, PROVIDER_NEW), 4);
	ck_assert_uint_eq(lab.provider->slot_count, 7);
	lab_close(&lab);
}
END_TEST

START_TEST(pa_that_went_and_returns_is_probed_anew)
{
	static const struct lab_options options = {.host = 1};
	struct lab lab = lab_open(&options);
	struct wnv_state *kept;
	unsigned int i;

	publish(&lab, state_of(10, 3));
	for (i = 0; i < 60; i++)
		lab_tick(&lab, 100);
	/* a state that was made and never published keeps them too */
	kept = state_of(10, 3);
	ck_assert_int_eq(provider_configure(lab.provider, kept, NULL), 0);
	publish(&lab, state_of(11, 1));
	ck_assert_uint_eq(lab.provider->slot_count, 3);
	provider_retire(lab.provider, kept);
	wnv_state_free(kept);
	ck_assert_uint_eq(lab.provider->slot_count, 1);
	publish(&lab, state_of(10, 3));
	ck_assert_uint_eq(count_in(&lab, PROVIDER_PREFERRED), 1);
	ck_assert_uint_eq(count_in(&lab, PROVIDER_NEW), 2);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_slots");
	TCase *test = tcase_create("slots");

	tcase_add_test(
		test,
		thousand_pas_are_probed_a_few_at_a_time_until_all_are_preferred);
	tcase_add_test(test, pa_lives_on_in_the_next_state);
	tcase_add_test(test, pa_that_went_and_returns_is_probed_anew);
	suite_add_tcase(suite, test);
	return suite_main(suite);
}
