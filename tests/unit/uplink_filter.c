/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The uplink's filter lets in ARP and GRE to our addresses and nothing else,
 * judged by running the program as the kernel would.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/classic_filter.h"
#include "tests/support/suite.h"
#include "uplink_filter.h"

static void frame_for(uint8_t frame[64], uint16_t type, uint8_t protocol,
		      const char *target)
{
	struct vs_ip ip;

	memset(frame, 0, 64);
	vs_store16(frame + 12, type);
	frame[14] = 0x45;
	frame[23] = protocol;
	ck_assert_int_eq(vs_ip_parse(target, &ip), 0);
	memcpy(frame + 30, ip.octet + 12, 4);
}

static bool passes(const char *const *own, uint16_t count, uint16_t type,
		   uint8_t protocol, const char *target)
{
	uint64_t program[UPLINK_FILTER_SIZE];
	struct vs_ip addresses[UPLINK_FILTER_ADDRESSES + 1];
	uint8_t frame[64];
	uint16_t size;

	for (uint16_t i = 0; i < count; i++)
		ck_assert_int_eq(vs_ip_parse(own[i], &addresses[i]), 0);
	size = uplink_filter_build(
		&(struct uplink_filter_plan){.addresses = addresses,
					     .count = count},
		program);
	frame_for(frame, type, protocol, target);
	return classic_run(program, size, frame, sizeof(frame)) != 0;
}

START_TEST(gre_to_each_of_ours_and_arp_pass_and_nothing_else)
{
	static const char *const own[] = {"192.0.2.1", "192.0.2.9",
					  "198.51.100.1"};

	for (int i = 0; i < 3; i++)
		ck_assert(passes(own, 3, VS_TYPE_IPV4, VS_IP_GRE, own[i]));
	ck_assert(passes(own, 3, VS_TYPE_ARP, 0, "0.0.0.0"));
	ck_assert(!passes(own, 3, VS_TYPE_IPV4, VS_IP_GRE, "192.0.2.2"));
	ck_assert(!passes(own, 3, VS_TYPE_IPV4, VS_IP_TCP, "192.0.2.1"));
	ck_assert(!passes(own, 3, VS_TYPE_IPV6, VS_IP_GRE, "192.0.2.1"));
}
END_TEST

START_TEST(ipv6_addresses_let_discovery_and_gre_over_ipv6_in)
{
	static const char *const own[] = {"192.0.2.1", "2001:db8::1"};
	uint64_t program[UPLINK_FILTER_SIZE];
	struct vs_ip addresses[2];
	uint8_t frame[64] = {0};
	uint16_t size;

	ck_assert(passes(own, 2, VS_TYPE_IPV4, VS_IP_GRE, own[0]));
	ck_assert(!passes(own, 2, VS_TYPE_IPV4, VS_IP_GRE, "192.0.2.2"));
	ck_assert(passes(own, 2, VS_TYPE_ARP, 0, "0.0.0.0"));
	for (int i = _i; i < 2; i++)
		ck_assert_int_eq(vs_ip_parse(own[i], &addresses[i]), 0);
	size = uplink_filter_build(
		&(struct uplink_filter_plan){
			.addresses = addresses + _i,
			.count = (uint16_t)(2 - _i),
		},
		program);
	vs_store16(frame + 12, VS_TYPE_IPV6);
	frame[20] = VS_IP_ICMP6;
	ck_assert(classic_run(program, size, frame, 64));
	frame[20] = VS_IP_GRE;
	ck_assert(classic_run(program, size, frame, 64));
	frame[20] = VS_IP_TCP;
	ck_assert(!classic_run(program, size, frame, 64));
	frame_for(frame, VS_TYPE_IPV4, VS_IP_GRE, own[0]);
	ck_assert(!classic_run(program, size, frame, 64) == (_i == 1));
	vs_store16(frame + 12, VS_TYPE_VLAN);
	ck_assert(!classic_run(program, size, frame, 64));
}
END_TEST

/* A frame of one family, its payload at `l4`. */
static void udp_for(uint8_t frame[80], const char *target, uint16_t port)
{
	struct vs_ip ip;

	memset(frame, 0, 80);
	ck_assert_int_eq(vs_ip_parse(target, &ip), 0);
	if (vs_ip_is_v4(&ip)) {
		frame_for(frame, VS_TYPE_IPV4, VS_IP_UDP, target);
		vs_store16(frame + 36, port);
		return;
	}
	vs_store16(frame + 12, VS_TYPE_IPV6);
	frame[20] = VS_IP_UDP;
	vs_store16(frame + 56, port);
}

START_TEST(vxlan_passes_where_it_is_in_use)
{
	uint64_t program[UPLINK_FILTER_SIZE];
	struct vs_ip addresses[2];
	struct uplink_filter_plan plan = {
		.addresses = addresses, .count = 2, .vxlan = _i};
	uint8_t frame[80];
	uint16_t size;

	vs_ip_parse("192.0.2.1", &addresses[0]);
	vs_ip_parse("2001:db8::1", &addresses[1]);
	size = uplink_filter_build(&plan, program);
	udp_for(frame, "192.0.2.1", 4789);
	ck_assert_int_eq(classic_run(program, size, frame, 80) != 0, _i);
	frame[14] = 0x46; /* an option of four bytes */
	ck_assert(!classic_run(program, size, frame, 80));
	vs_store16(frame + 40, 4789);
	ck_assert_int_eq(classic_run(program, size, frame, 80) != 0, _i);
	udp_for(frame, "192.0.2.2", 4789);
	ck_assert(!classic_run(program, size, frame, 80));
	udp_for(frame, "192.0.2.1", 53);
	ck_assert(!classic_run(program, size, frame, 80));
	udp_for(frame, "2001:db8::1", 4789);
	ck_assert_int_eq(classic_run(program, size, frame, 80) != 0, _i);
	udp_for(frame, "2001:db8::1", 53);
	ck_assert(!classic_run(program, size, frame, 80));
	/* behind destination options, hop-by-hop options, a fragment header */
	for (int i = 0; i < 3; i++) {
		frame[20] = (const uint8_t[]){60, 0, 44}[i];
		frame[54] = VS_IP_GRE;
		ck_assert(classic_run(program, size, frame, 80));
		frame[54] = VS_IP_UDP;
		ck_assert_int_eq(classic_run(program, size, frame, 80) != 0,
				 _i);
		frame[54] = VS_IP_TCP;
		ck_assert(!classic_run(program, size, frame, 80));
	}
}
END_TEST

START_TEST(queries_for_groups_pass_where_they_are_ours_to_answer)
{
	uint64_t program[UPLINK_FILTER_SIZE];
	struct vs_ip addresses[2];
	struct uplink_filter_plan plan = {
		.addresses = addresses, .count = 2, .queries = _i};
	uint8_t frame[80] = {0};
	uint16_t size;

	vs_ip_parse("192.0.2.1", &addresses[0]);
	vs_ip_parse("2001:db8::1", &addresses[1]);
	size = uplink_filter_build(&plan, program);
	/* IGMP, behind the router alert; to all, not to one of ours */
	frame_for(frame, VS_TYPE_IPV4, 2, "224.0.0.1");
	ck_assert_int_eq(classic_run(program, size, frame, 80) != 0, _i);
	frame[14] = 0x46;
	ck_assert_int_eq(classic_run(program, size, frame, 80) != 0, _i);
	frame_for(frame, VS_TYPE_IPV4, VS_IP_TCP, "224.0.0.1");
	ck_assert(!classic_run(program, size, frame, 80));
	/* MLD, behind hop-by-hop options */
	frame_for(frame, VS_TYPE_IPV6, 0, "ff02::1");
	frame[54] = VS_IP_ICMP6;
	ck_assert_int_eq(classic_run(program, size, frame, 80) != 0, _i);
	frame[54] = VS_IP_TCP;
	ck_assert(!classic_run(program, size, frame, 80));
}
END_TEST

START_TEST(a_program_for_the_most_addresses_is_sound)
{
	uint64_t program[UPLINK_FILTER_SIZE];
	struct vs_ip addresses[UPLINK_FILTER_ADDRESSES + 1];
	struct uplink_filter_plan plan = {.addresses = addresses,
					  .count = UPLINK_FILTER_ADDRESSES,
					  .vxlan = _i};
	uint8_t frame[64];
	uint16_t size;

	for (uint16_t i = 0; i <= UPLINK_FILTER_ADDRESSES; i++)
		addresses[i] = vs_ip_from_v4(
			(const uint8_t[4]){192, 0, 2, (uint8_t)i});
	size = uplink_filter_build(&plan, program);
	ck_assert_uint_le(size, UPLINK_FILTER_SIZE);
	frame_for(frame, VS_TYPE_IPV4, VS_IP_GRE, "192.0.2.0");
	ck_assert(classic_run(program, size, frame, 64));
	frame_for(frame, VS_TYPE_IPV4, VS_IP_GRE, "192.0.2.99");
	ck_assert(classic_run(program, size, frame, 64));
	frame_for(frame, VS_TYPE_IPV4, VS_IP_GRE, "192.0.2.100");
	ck_assert(!classic_run(program, size, frame, 64));
	/* one more than fits: all GRE passes, the switch sorts it out */
	plan.count++;
	size = uplink_filter_build(&plan, program);
	ck_assert(classic_run(program, size, frame, 64));
}
END_TEST

/* -- all IP to ranges -------------------------------------------------------
 */

#define MANY 1000u

struct many {
	struct vs_ip addresses[MANY];
	struct address_range ranges[MANY];
	uint64_t program[UPLINK_FILTER_SIZE];
	uint16_t count, range_count, size;
};

static struct vs_ip at(bool ipv6, uint32_t tail)
{
	uint8_t octet[16] = {0x20, 1, 0x0d, 0xb8};

	vs_store32(octet + 12, tail);
	return ipv6 ? vs_ip_from_v6(octet) : vs_ip_from_v4(octet + 12);
}

static void build_many(struct many *many)
{
	struct uplink_filter_plan plan = {.ranges = many->ranges};

	many->range_count =
		address_ranges_join(many->addresses, many->count, many->ranges);
	many->range_count = address_ranges_shrink(
		many->ranges, many->range_count, UPLINK_FILTER_RANGES / 2);
	plan.range_count = many->range_count;
	many->size = uplink_filter_build(&plan, many->program);
}

static bool takes(const struct many *many, bool ipv6, uint32_t tail)
{
	struct vs_ip ip = at(ipv6, tail);
	uint8_t frame[64] = {0};

	vs_store16(frame + 12, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	frame[14] = ipv6 ? 0x60 : 0x45;
	frame[ipv6 ? 20 : 23] = 6; /* TCP */
	if (ipv6)
		memcpy(frame + 38, ip.octet, 16);
	else
		memcpy(frame + 30, ip.octet + 12, 4);
	return classic_run(many->program, many->size, frame, sizeof(frame)) !=
	       0;
}

START_TEST(thousand_addresses_side_by_side_are_one_range)
{
	struct many many = {.count = MANY};
	bool ipv6 = _i;

	for (uint32_t i = 0; i < MANY; i++)
		many.addresses[i] = at(ipv6, 0xc6120100 + i);
	build_many(&many);
	ck_assert_uint_eq(many.range_count, 1);
	ck_assert(takes(&many, ipv6, 0xc6120100));
	ck_assert(takes(&many, ipv6, 0xc6120100 + 500));
	ck_assert(takes(&many, ipv6, 0xc6120100 + MANY - 1));
	ck_assert(!takes(&many, ipv6, 0xc61200ff));
	ck_assert(!takes(&many, ipv6, 0xc6120100 + MANY));
	ck_assert(!takes(&many, !ipv6, 0xc6120100));
}
END_TEST

START_TEST(scattered_addresses_all_pass_and_far_ones_do_not)
{
	struct prng prng = prng_start(prng_seed());
	struct many many = {.count = MANY};
	bool ipv6 = _i;
	uint32_t tail = 0x0a000000;

	for (uint32_t i = 0; i < MANY; i++) {
		tail += 1 + prng_below(&prng, i % 250 ? 8 : 100000);
		many.addresses[i] = at(ipv6, tail);
	}
	build_many(&many);
	ck_assert_uint_eq(many.range_count, UPLINK_FILTER_RANGES / 2);
	ck_assert_uint_le(many.size, UPLINK_FILTER_SIZE);
	for (uint32_t i = 0; i < MANY; i++)
		ck_assert(takes(&many, ipv6,
				vs_load32(many.addresses[i].octet + 12)));
	ck_assert(!takes(&many, ipv6, 0x0a000000));
	ck_assert(!takes(&many, ipv6, tail + 1));
}
END_TEST

START_TEST(networks_that_cannot_be_joined_let_everybody_in)
{
	struct many many = {.count = 20};

	for (uint32_t i = 0; i < 20; i++) {
		many.addresses[i] = at(true, 1);
		many.addresses[i].octet[7] = (uint8_t)i;
	}
	build_many(&many);
	ck_assert_uint_eq(many.range_count, 20);
	ck_assert(takes(&many, true, 77));
	ck_assert(!takes(&many, false, 77));
}
END_TEST

START_TEST(tunnels_and_ranges_share_a_program)
{
	struct many many = {.count = 1};
	struct vs_ip tunnels[UPLINK_FILTER_ADDRESSES + 1];
	struct uplink_filter_plan plan = {.addresses = tunnels,
					  .ranges = many.ranges,
					  .range_count = 1,
					  .vxlan = true};
	uint8_t frame[64];

	many.ranges[0] = (struct address_range){at(false, 0xc0000250),
						at(false, 0xc0000260)};
	for (uint16_t i = 0; i <= UPLINK_FILTER_ADDRESSES; i++)
		tunnels[i] = at(false, 0xc6336400u + i);
	plan.count = (uint16_t)(UPLINK_FILTER_ADDRESSES + (unsigned int)_i);
	many.size = uplink_filter_build(&plan, many.program);
	ck_assert_uint_le(many.size, UPLINK_FILTER_SIZE);
	ck_assert(takes(&many, false, 0xc0000255));
	ck_assert(!takes(&many, false, 0xc0000261));
	ck_assert(!takes(&many, false, 0xc6336400)); /* TCP: the kernel's */
	frame_for(frame, VS_TYPE_IPV4, VS_IP_GRE, "198.51.100.9");
	ck_assert(classic_run(many.program, many.size, frame, 64));
	frame_for(frame, VS_TYPE_IPV4, VS_IP_GRE, "192.0.2.1");
	ck_assert(!classic_run(many.program, many.size, frame, 64) ==
		  (_i == 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("uplink_filter");
	TCase *tests = tcase_create("uplink_filter");

	tcase_add_test(tests,
		       gre_to_each_of_ours_and_arp_pass_and_nothing_else);
	tcase_add_loop_test(
		tests, ipv6_addresses_let_discovery_and_gre_over_ipv6_in, 0, 2);
	tcase_add_loop_test(tests, vxlan_passes_where_it_is_in_use, 0, 2);
	tcase_add_loop_test(
		tests, queries_for_groups_pass_where_they_are_ours_to_answer, 0,
		2);
	tcase_add_loop_test(tests, a_program_for_the_most_addresses_is_sound, 0,
			    2);
	tcase_add_loop_test(
		tests, thousand_addresses_side_by_side_are_one_range, 0, 2);
	tcase_add_loop_test(
		tests, scattered_addresses_all_pass_and_far_ones_do_not, 0, 2);
	tcase_add_test(tests, networks_that_cannot_be_joined_let_everybody_in);
	tcase_add_loop_test(tests, tunnels_and_ranges_share_a_program, 0, 2);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
