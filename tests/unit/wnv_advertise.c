/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Router advertisements of the gateway (RFC 4861 6.2): when they are sent, to
 * whom, and what they say, on a virtual clock.
 */
#include "packet/pool.h"
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

#define SECOND_NS UINT64_C(1000000000)
#define MANY	  200u

static const struct lab_options host_a = {.host = 1, .routed = true};

START_TEST(gaps_are_those_of_the_rfc)
{
	struct wnv_subnet subnet = {.vsid = {5001 + (uint32_t)_i},
				    .advertised_ns = 7 * SECOND_NS};
	uint64_t before = 0, at, gap;
	unsigned int i, longer = 0;

	for (i = 0; i < 200; i++, before = at) {
		at = advertise_due(&subnet, before);
		/* from anywhere in between the next one is the same */
		ck_assert_uint_eq(advertise_due(&subnet, at - 1), at);
		if (i == 0) {
			ck_assert_uint_ge(at, subnet.advertised_ns);
			ck_assert_uint_lt(at, subnet.advertised_ns + SECOND_NS);
			continue;
		}
		gap = at - before;
		if (i < 3) {
			ck_assert_uint_le(gap, 17 * SECOND_NS);
			continue;
		}
		ck_assert_uint_ge(gap, 200 * SECOND_NS);
		ck_assert_uint_le(gap, 600 * SECOND_NS);
		longer += gap > 400 * SECOND_NS;
	}
	/* they do not keep time with each other */
	ck_assert_uint_gt(longer, 50);
	ck_assert_uint_lt(longer, 150);
}
END_TEST

static unsigned int adverts_of(const struct lab *lab, uint32_t vsid)
{
	const struct fake_records *seen = &lab->fake->seen;
	unsigned int i, count = 0;

	for (i = 0; i < seen->emitted_count; i++)
		count += seen->emitted[i].packet->view.vsid.value == vsid &&
			 seen->emitted[i].where == VS_EMIT_ADMIT;
	return count;
}

START_TEST(advert_says_prefix_mtu_and_link_address)
{
	static const uint8_t wanted[] = {
		0x33, 0x33, 0, 0, 0, 1, 2, 0x56, 0x53, 0, 0x13, 0x89, 0x86,
		0xdd, 0x60, 0, 0, 0, 0, 64, 58, 255, 0xfe, 0x80, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 1,
		/* hop limit 64, no flags, 1800 s */
		134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0,
		/* link address, MTU 1458 */
		1, 1, 2, 0x56, 0x53, 0, 0x13, 0x89, 5, 1, 0, 0, 0, 0, 0x05,
		0xb2,
		/* fd00::/64 on-link, 30 days, 7 days */
		3, 4, 64, 0x80, 0, 0x27, 0x8d, 0, 0, 9, 0x3a, 0x80, 0, 0, 0, 0,
		0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	struct lab lab = lab_open(&host_a);
	uint8_t got[sizeof(wanted)];
	const struct vs_view *view;
	uint64_t sum;

	wnv_state_advertise(lab.state, NULL, lab.fake->call.now_ns);
	lab_tick(&lab, 2000);
	ck_assert_uint_eq(adverts_of(&lab, LAB_BLUE), 1);
	ck_assert_uint_eq(adverts_of(&lab, LAB_RED), 1);
	/* its gateway has no link-local address */
	ck_assert_uint_eq(adverts_of(&lab, LAB_NEAR), 0);
	view = &lab.fake->seen.emitted[0].packet->view;
	ck_assert_uint_eq(view->vsid.value, LAB_BLUE);
	ck_assert_uint_eq(view->size, sizeof(wanted));
	memcpy(got, view->data, sizeof(got));
	sum = vs_sum_pseudo(got + 14, VS_IP_ICMP6, 64);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(sum, got + 54, 64)), 0xffff);
	memset(got + 56, 0, 2);
	ck_assert_mem_eq(got, wanted, sizeof(got));
	lab_close(&lab);
}
END_TEST

START_TEST(unchanged_subnet_keeps_its_time)
{
	struct lab lab = lab_open(&host_a), next = lab_open(&host_a);
	struct lab_options other = host_a;
	const struct wnv_subnet *subnet;

	wnv_state_advertise(lab.state, NULL, 5 * SECOND_NS);
	wnv_state_advertise(next.state, lab.state, 9 * SECOND_NS);
	subnet = wnv_subnet_find(next.state, (struct vs_vsid){LAB_BLUE});
	ck_assert_uint_eq(subnet->advertised_ns, 5 * SECOND_NS);
	lab_close(&next);
	other.mtu = 1400;
	next = lab_open(&other);
	wnv_state_advertise(next.state, lab.state, 9 * SECOND_NS);
	subnet = wnv_subnet_find(next.state, (struct vs_vsid){LAB_BLUE});
	ck_assert_uint_eq(subnet->advertised_ns, 9 * SECOND_NS);
	lab_close(&next);
	lab_close(&lab);
}
END_TEST

static struct wnv_state *many_subnets(void)
{
	static const uint8_t block[16] = {0xfd},
			     own[16] = {0xfe, 0x80, [15] = 1};
	const struct vs_prefix prefix = {vs_ip_from_v6(block), 64};
	const struct wnv_ca gateway = {vs_ip_from_v6(own)};
	struct wnv_subnet_plan subnets[MANY];
	struct wnv_network_plan networks[MANY];
	struct wnv_plan plan = {.networks = networks,
				.network_count = MANY,
				.subnets = subnets,
				.subnet_count = MANY};
	struct wnv_state *state = NULL;
	uint32_t i;

	memset(networks, 0, sizeof(networks));
	for (i = 0; i < MANY; i++) {
		networks[i].rdid.uuid.octet[0] = (uint8_t)i;
		subnets[i] = (struct wnv_subnet_plan){.vsid = {5000 + i},
						      .network = i,
						      .prefixes = &prefix,
						      .prefix_count = 1,
						      .gateways = &gateway,
						      .gateway_count = 1,
						      .mtu = 1458,
						      .port_count = 1};
	}
	ck_assert_int_eq(wnv_state_build(&plan, &state), 0);
	return state;
}

START_TEST(round_has_a_bound_per_tick_and_leaves_nobody_out)
{
	struct lab lab = lab_open(&host_a);
	struct wnv_state *state = many_subnets();
	const struct fake_records *seen = &lab.fake->seen;
	struct advertise advertise = {0};
	unsigned int i, j, count[MANY] = {0};

	wnv_state_advertise(state, NULL, lab.fake->call.now_ns);
	wnv_state_set_serial(state, 77);
	lab.fake->call.state = (const struct vs_state *)state;
	lab.fake->call.now_ns += 2 * SECOND_NS;
	for (i = 0; i < 6; i++) {
		advertise_tick(&lab.fake->call, &advertise);
		ck_assert_uint_le(seen->emitted_count, 64);
		for (j = 0; j < seen->emitted_count; j++)
			count[seen->emitted[j].packet->view.vsid.value -
			      5000]++;
		lab_clear(&lab);
		lab.fake->call.now_ns += SECOND_NS / 10;
	}
	for (i = 0; i < MANY; i++)
		ck_assert_uint_eq(count[i], 1);
	lab.fake->call.state = (const struct vs_state *)lab.state;
	wnv_state_free(state);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_advertise");
	TCase *tcase = tcase_create("advertise");

	tcase_add_loop_test(tcase, gaps_are_those_of_the_rfc, 0, 4);
	tcase_add_test(tcase, advert_says_prefix_mtu_and_link_address);
	tcase_add_test(tcase, unchanged_subnet_keeps_its_time);
	tcase_add_test(tcase, round_has_a_bound_per_tick_and_leaves_nobody_out);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
