/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IGMP and MLD for the provider groups of a PA in a VLAN (membership.h): what
 * is reported, answered and left, and in which version.
 */
#include "wnv/membership.h"

#include <check.h>
#include <string.h>

#include <vswitch/wire.h>

#include "packet/pool.h"
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

#define L3 18u /* behind the tag */

static const struct lab_options tagged4 = {
	.host = 1, .groups = true, .vlan = 100};
static const struct lab_options tagged6 = {
	.host = 1, .groups = true, .vlan = 100, .ipv6 = true};
static const struct lab_options untagged = {.host = 1, .groups = true};

/* States that a host publishes have serials; the lab's own has none. */
static struct lab start(const struct lab_options *options)
{
	struct lab lab = lab_open(options);

	wnv_state_set_serial(lab.state, 1);
	return lab;
}

/* A host that said what it needs, and has nothing more to say. */
static struct lab settled(const struct lab_options *options)
{
	struct lab lab = start(options);

	lab_tick(&lab, 100);
	lab_tick(&lab, 2000);
	lab_clear(&lab);
	return lab;
}

/* Emitted frames that are IGMP, or MLD, since lab_clear; in VLAN 100 all. */
static unsigned int reports(const struct lab *lab, const uint8_t *list[8])
{
	unsigned int i, count = 0;

	for (i = 0; i < lab->fake->seen.emitted_count; i++) {
		const struct vs_view *view =
			&lab->fake->seen.emitted[i].packet->view;
		bool tag = vs_load16(view->data + 12) == VS_TYPE_VLAN;
		uint32_t l3 = tag ? L3 : VS_ETHERNET_SIZE;
		const uint8_t *ip = view->data + l3;

		if (view->size < l3 + 32)
			continue;
		if ((ip[0] >> 4 != 4 || ip[9] != 2) &&
		    (ip[0] >> 4 != 6 || ip[6] != 0))
			continue;
		ck_assert(tag);
		ck_assert_uint_eq(vs_load16(view->data + 14), 100);
		list[count++] = ip;
		ck_assert_uint_lt(count, 8);
	}
	return count;
}

/* "TYPE KIND last-byte-of-target last-byte-of-group" of each. */
static void expect(struct lab *lab, const char *expected)
{
	const uint8_t *list[8], *message;
	unsigned int i, count = reports(lab, list);
	char text[256] = "";

	for (i = 0; i < count; i++) {
		const uint8_t *ip = list[i];
		bool v4 = ip[0] >> 4 == 4;
		uint32_t size =
			v4 ? vs_load16(ip + 2) - 24u : vs_load16(ip + 4) - 8u;
		bool now;

		message = ip + (v4 ? 24 : 48);
		now = message[0] == 0x22 || message[0] == 143;
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%u/%u to %u: %u\n", message[0], now ? message[8] : 0,
			 v4 ? ip[19] : ip[39],
			 v4 ? (now ? message[15] : message[7])
			    : (now ? message[27] : message[23]));
		/* one hop, with the router alert, and sums that hold */
		ck_assert_uint_eq(v4 ? ip[8] : ip[7], 1);
		ck_assert_mem_eq(v4 ? ip + 20 : ip + 42,
				 v4 ? "\x94\4\0\0" : "\5\2\0\0", 4);
		ck_assert_uint_eq(
			vs_sum_fold(vs_sum(
				v4 ? 0 : vs_sum_pseudo(ip, VS_IP_ICMP6, size),
				message, size)),
			0xffff);
		ck_assert(!v4 || vs_sum_fold(vs_sum(0, ip, 24)) == 0xffff);
		if (v4)
			ck_assert_mem_eq(ip + 12, "\xc0\0\2\1", 4);
		else
			ck_assert_mem_eq(ip + 8, "\xfe\x80", 2);
	}
	ck_assert_str_eq(text, expected);
	lab_clear(lab);
}

/* What is said within so many milliseconds. */
static void after(struct lab *lab, uint64_t ms, const char *expected)
{
	lab_tick(lab, ms);
	expect(lab, expected);
}

/* A general query of `size` bytes, by IGMP or MLD, in VLAN 100. */
static void query(struct lab *lab, bool ipv6, uint32_t size)
{
	uint8_t bytes[128] = {1, 0, 0x5e, 0, 0, 1, 2, 0, 0, 0, 0, 0xee};
	uint8_t *ip = bytes + L3;

	vs_store16(bytes + 12, VS_TYPE_VLAN);
	vs_store16(bytes + 14, 100);
	vs_store16(bytes + 16, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	if (ipv6) {
		ip[0] = 0x60;
		vs_store16(ip + 4, (uint16_t)(8 + size));
		ip[7] = 1;
		memcpy(ip + 8, "\xfe\x80", 2);
		memcpy(ip + 24, "\xff\2", 2);
		ip[39] = 1;
		memcpy(ip + 40, "\x3a\0\5\2\0\0\1\0", 8);
		ip[48] = 130;
		size += 48;
	} else {
		ip[0] = 0x46;
		vs_store16(ip + 2, (uint16_t)(24 + size));
		ip[8] = 1;
		ip[9] = 2;
		memcpy(ip + 16, "\xe0\0\0\1\x94\4\0\0", 8);
		ip[24] = 0x11;
		size += 24;
	}
	lab_in(lab, fake_frame(lab->fake, bytes, L3 + size, LAB_UPLINK, 0));
}

START_TEST(what_a_vlan_needs_is_reported_twice)
{
	struct lab lab = start(&tagged4);

	after(&lab, 100, "34/4 to 22: 1\n34/4 to 22: 2\n");
	after(&lab, 100, "");
	after(&lab, 1000, "34/4 to 22: 1\n34/4 to 22: 2\n");
	after(&lab, 10000, "");
	lab_close(&lab);
}
END_TEST

START_TEST(ipv6_reports_by_mld)
{
	struct lab lab = start(&tagged6);

	after(&lab, 100, "143/4 to 22: 1\n143/4 to 22: 2\n");
	lab_tick(&lab, 2000);
	lab_clear(&lab);
	query(&lab, true, 28);
	after(&lab, 100, "143/2 to 22: 1\n143/2 to 22: 2\n");
	lab_close(&lab);
}
END_TEST

START_TEST(query_is_answered_once_by_its_own_family)
{
	struct lab lab = settled(&tagged4);

	query(&lab, true, 28);
	after(&lab, 100, "");
	query(&lab, false, 12);
	query(&lab, false, 12);
	after(&lab, 100, "34/2 to 22: 1\n34/2 to 22: 2\n");
	after(&lab, 100, "");
	lab_close(&lab);
}
END_TEST

/* Its reports go to the group itself. */
START_TEST(older_querier_is_answered_in_its_version)
{
	struct lab a = settled(&tagged4), b = settled(&tagged6);

	query(&a, false, 8);
	after(&a, 100, "22/0 to 1: 1\n22/0 to 2: 2\n");
	lab_tick(&a, 261000);
	query(&a, false, 12);
	after(&a, 100, "34/2 to 22: 1\n34/2 to 22: 2\n");
	lab_close(&a);
	query(&b, true, 24);
	after(&b, 100, "131/0 to 1: 1\n131/0 to 2: 2\n");
	lab_close(&b);
}
END_TEST

START_TEST(untagged_groups_are_the_kernels)
{
	struct lab lab = start(&untagged);

	after(&lab, 100, "");
	lab_tick(&lab, 1000);
	query(&lab, false, 12);
	after(&lab, 100, "");
	lab_close(&lab);
}
END_TEST

/* Policy becomes that of `next`: the groups are left, twice, and forgotten. */
static void leaves(const struct lab_options *next)
{
	struct lab lab = settled(&tagged4), other = start(next);

	wnv_state_set_serial(other.state, 77);
	lab.fake->call.state = (const struct vs_state *)other.state;
	after(&lab, 100, "34/3 to 22: 1\n34/3 to 22: 2\n");
	query(&lab, false, 12);
	after(&lab, 100, "");
	after(&lab, 1000, "34/3 to 22: 1\n34/3 to 22: 2\n");
	after(&lab, 1000, "");
	lab.fake->call.state = (const struct vs_state *)lab.state;
	lab_close(&lab);
	lab_close(&other);
}

START_TEST(what_is_needed_no_more_is_left)
{
	static const struct lab_options bare = {.host = 1, .vlan = 100};

	leaves(&bare);
}
END_TEST

/* The provider address goes with the group, and is said all the same. */
START_TEST(who_loses_its_address_leaves)
{
	static const struct lab_options elsewhere = {.host = 2, .vlan = 100};

	leaves(&elsewhere);
}
END_TEST

/* Another provider address stands in the VLAN: who asks is answered from it. */
START_TEST(group_outlives_the_address_that_joined_it)
{
	static const struct lab_options next = {
		.host = 2, .groups = true, .vlan = 100};
	struct lab lab = start(&tagged4), other = start(&next);
	const uint8_t *list[8];

	lab_tick(&lab, 100);
	lab_tick(&lab, 2000);
	lab_clear(&lab);
	wnv_state_set_serial(other.state, 77);
	lab.fake->call.state = (const struct vs_state *)other.state;
	query(&lab, false, 12);
	lab_tick(&lab, 100);
	ck_assert_uint_eq(reports(&lab, list), 2);
	ck_assert_mem_eq(list[0] + 12, "\xc0\0\2\2", 4);
	lab.fake->call.state = (const struct vs_state *)lab.state;
	lab_close(&lab);
	lab_close(&other);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_membership");
	TCase *tests = tcase_create("IGMP and MLD in a VLAN");

	tcase_add_test(tests, what_a_vlan_needs_is_reported_twice);
	tcase_add_test(tests, ipv6_reports_by_mld);
	tcase_add_test(tests, query_is_answered_once_by_its_own_family);
	tcase_add_test(tests, older_querier_is_answered_in_its_version);
	tcase_add_test(tests, untagged_groups_are_the_kernels);
	tcase_add_test(tests, what_is_needed_no_more_is_left);
	tcase_add_test(tests, who_loses_its_address_leaves);
	tcase_add_test(tests, group_outlives_the_address_that_joined_it);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
