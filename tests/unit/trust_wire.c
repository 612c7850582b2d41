// SPDX-License-Identifier: Apache-2.0
/*
 * A hostile box on the provider network, against the whole switch: the threat
 * model's table A. Each row is one test: a good packet with one thing wrong
 * is dropped under its own name, nothing leaves on any port, and the books
 * balance.
 */
#include "tests/support/trust.h"

#define IP    14u
#define GRE   34u
#define INNER TRUST_LEAD

static uint8_t inner[2048], bytes[4096];
static uint32_t size;

static void setup(void)
{
	trust_open("");
}

/* From 10.0.0.7 on b to 10.0.0.5 on a, in blue. */
static struct frames good(void)
{
	struct frames frame = trust_udp(inner, 7, 5, LAB_BLUE);

	size = trust_wrap(bytes, &frame, LAB_BLUE);
	return frame;
}

static void wrap(const struct frames *frame)
{
	size = trust_wrap(bytes, frame, LAB_BLUE);
}

static void refused(const char *reason)
{
	trust_refused(0, fabric_uplink(trust, 0), bytes, size, reason);
}

static void arrives(void)
{
	const struct frames frame = {.bytes = bytes, .size = size};

	trust_arrives(0, fabric_uplink(trust, 0), &frame, 0, "blue5");
}

/* The good packet with some bytes replaced; the outer sum is right. */
static void with(const char *reason, uint32_t at, const char *replaced,
		 uint32_t count)
{
	good();
	memcpy(bytes + at, replaced, count);
	trust_outer_sum(bytes);
	refused(reason);
}

START_TEST(a0_good_packet_arrives_in_its_tenant_only)
{
	good();
	arrives();
	ck_assert_uint_eq(trust_seen.last.size, 60);
	ck_assert_int_eq(memcmp(trust_seen.bytes, inner, 60), 0);
}
END_TEST

START_TEST(a1_source_that_policy_does_not_know)
{
	with("pa_src_unknown", IP + 12, "\xc6\x33\x64\x09", 4);
}
END_TEST

START_TEST(a2_source_that_hosts_another_vm)
{
	with("pa_src_mismatch", IP + 12, "\xc0\0\2\3", 4);
}
END_TEST

START_TEST(a3_source_that_nobody_can_have)
{
	with("pa_src_martian", IP + 12, "\xc0\0\2\1", 4); /* our own */
	with("pa_src_martian", IP + 12, "\xe0\0\0\1", 4);
	with("pa_src_martian", IP + 12, "\xff\xff\xff\xff", 4);
	with("pa_src_martian", IP + 12, "\0\1\2\3", 4);
	with("pa_src_martian", IP + 12, "\x7f\0\0\1", 4);
}
END_TEST

/* Who is said to have sent it is told, and has no such VSID either. */
START_TEST(a4_vsid_that_nobody_has_here)
{
	struct trust_books before = trust_count(0, "vsid_unknown"), after;

	good();
	memcpy(bytes + GRE + 4, "\0\x20\0", 3);
	fabric_in(trust, 0, fabric_uplink(trust, 0), bytes, size);
	after = trust_count(0, "vsid_unknown");
	ck_assert_uint_eq(after.named, before.named + 1);
	ck_assert_uint_eq(after.drops[0], before.drops[0] + 1);
	ck_assert_uint_eq(after.ports, before.ports);
	ck_assert_uint_eq(after.uplinks, before.uplinks + 1);
	ck_assert_uint_eq(after.drops[1], before.drops[1] + 1);
	ck_assert_uint_eq(fabric_dropped(trust, 1, FABRIC_ANY, "control_bad"),
			  1);
	fabric_check(trust);
}
END_TEST

START_TEST(a5_reserved_vsids)
{
	with("vsid_reserved", GRE + 4, "\0\0\0", 3);
	with("vsid_reserved", GRE + 4, "\0\x0f\xff", 3);
	with("control_bad", GRE + 4, "\xff\xff\xff", 3);
}
END_TEST

START_TEST(a6_any_flow_id_is_delivered)
{
	unsigned int id;

	for (id = 0; id < 256; id++) {
		good();
		bytes[GRE + 7] = (uint8_t)id;
		arrives();
	}
}
END_TEST

START_TEST(a7_no_key)
{
	with("gre_no_key", GRE, "\0\0", 2);
}
END_TEST

START_TEST(a8_checksum_bit_even_with_a_good_sum)
{
	struct frames frame = good();

	memmove(bytes + GRE + 12, bytes + GRE + 8, frame.size);
	memmove(bytes + GRE + 8, bytes + GRE + 4, 4);
	vs_store32(bytes + GRE + 4, 0);
	vs_store16(bytes + GRE, 0xa000);
	vs_store16(bytes + GRE + 4,
		   vs_checksum(vs_sum(0, bytes + GRE, 12 + frame.size)));
	vs_store16(bytes + IP + 2, (uint16_t)(32 + frame.size));
	trust_outer_sum(bytes);
	size += 4;
	refused("gre_csum_bit");
	with("gre_csum_bit", GRE, "\xa0\0", 2);
}
END_TEST

START_TEST(a9_sequence_bit)
{
	with("gre_seq_bit", GRE, "\x30\0", 2);
}
END_TEST

START_TEST(a10_reserved_bits_and_versions)
{
	with("gre_reserved", GRE, "\x60\0", 2);
	with("gre_reserved", GRE, "\x28\0", 2);
	with("gre_reserved", GRE, "\x20\x08", 2);
	with("gre_reserved", GRE, "\x20\x80", 2);
	with("gre_version", GRE, "\x20\1", 2);
	with("gre_version", GRE, "\x20\7", 2);
}
END_TEST

START_TEST(a11_other_protocols)
{
	with("gre_proto", GRE + 2, "\x88\xbe", 2); /* ERSPAN */
	with("gre_proto", GRE + 2, "\x22\xeb", 2);
	with("gre_proto", GRE + 2, "\x88\x3e", 2); /* WCCP */
	with("gre_proto", GRE + 2, "\x08\0", 2);
	with("gre_version", GRE, "\x30\x01\x88\x0b", 4); /* PPTP */
}
END_TEST

START_TEST(a12_tags_inside)
{
	with("inner_vlan", INNER + 12, "\x81\0\0\x64", 4);
	with("inner_vlan", INNER + 12, "\x88\xa8\0\x64", 4);
	with("inner_vlan", INNER + 12, "\x81\0\0\0", 4);
}
END_TEST

START_TEST(a13_source_macs_that_no_station_has)
{
	with("inner_src_mcast", INNER + 6, "\1\0\x5e\0\0\1", 6);
	with("inner_src_mcast", INNER + 6, "\xff\xff\xff\xff\xff\xff", 6);
	with("inner_src_mcast", INNER + 6, "\0\0\0\0\0\0", 6);
}
END_TEST

START_TEST(a14_cut_at_every_length)
{
	uint32_t total;

	for (total = 20; total < 28 + 14; total++) {
		good();
		vs_store16(bytes + IP + 2, (uint16_t)total);
		trust_outer_sum(bytes);
		size = 14 + total;
		refused(total < 28 ? "gre_truncated" : "inner_short");
	}
	for (; total < 28 + 60; total++) {
		good();
		vs_store16(bytes + IP + 2, (uint16_t)total);
		trust_outer_sum(bytes);
		size = 14 + total;
		refused("inner_bad_ip");
	}
}
END_TEST

START_TEST(a15_outer_header_that_contradicts_itself)
{
	good();
	bytes[IP + 10] ^= 1;
	refused("outer_csum");
	with("outer_length", IP + 2, "\0\x13", 2);
	with("outer_length", IP + 2, "\xff\xff", 2);
	good();
	bytes[IP] = 0x44;
	refused("outer_length");
}
END_TEST

START_TEST(a15_bytes_behind_the_total_length_are_cut)
{
	good();
	memset(bytes + size, 0xee, 30);
	size += 30;
	arrives();
	ck_assert_uint_eq(trust_seen.last.size, 60);
}
END_TEST

START_TEST(a15_outer_options_are_skipped)
{
	good();
	memmove(bytes + GRE + 4, bytes + GRE, size - GRE);
	memset(bytes + GRE, 1, 4);
	bytes[IP] = 0x46;
	vs_store16(bytes + IP + 2, (uint16_t)(size + 4 - IP));
	trust_outer_sum(bytes);
	size += 4;
	arrives();
}
END_TEST

START_TEST(a16_a17_outer_fragments)
{
	with("outer_fragment", IP + 6, "\x20\0", 2); /* first */
	with("outer_fragment", IP + 6, "\x20\x10", 2);
	with("outer_fragment", IP + 6, "\0\x10", 2); /* last */
	with("outer_fragment", IP + 6, "\x3f\xff", 2);
}
END_TEST

START_TEST(a18_nested_nvgre_is_payload)
{
	static uint8_t nested[2048], again[2048];
	struct frames frame = trust_udp(nested, 8, 6, LAB_RED);
	uint32_t nested_size = trust_wrap(again, &frame, LAB_RED);

	frame = frames_ethernet(inner, VS_TYPE_IPV4);
	inner[5] = 5;
	inner[11] = 7;
	frames_ipv4(&frame, VS_IP_GRE);
	inner[29] = 7;
	inner[33] = 5;
	frames_bytes(&frame, again + GRE, nested_size - GRE);
	frames_finish_ip(&frame);
	wrap(&frame);
	arrives();
	ck_assert_uint_eq(trust_seen.last.size, frame.size);
	ck_assert_int_eq(memcmp(trust_seen.bytes, inner, frame.size), 0);
}
END_TEST

START_TEST(a19_mac_of_a_local_vm_moves_nothing)
{
	struct frames frame;

	with("mac_spoof_remote", INNER + 6, "\2\0\0\0\0\6", 6);
	frame = trust_udp(inner, 5, 6, LAB_BLUE);
	trust_arrives(0, fabric_port(trust, 0, "blue5"), &frame, 0, "blue6");
}
END_TEST

START_TEST(a20_local_and_gateway_addresses)
{
	struct frames frame = trust_udp(inner, 7, 5, LAB_BLUE);

	inner[29] = 6;
	frames_finish(&frame, VS_IP_UDP);
	wrap(&frame);
	refused("ca_spoof_remote");
	inner[29] = 1;
	frames_finish(&frame, VS_IP_UDP);
	wrap(&frame);
	refused("ca_spoof_remote");
	/* the gateway's MAC is for routed frames */
	with("pa_src_mismatch", INNER + 6, "\2VS\0\x13\x89", 6);
}
END_TEST

START_TEST(a20_neighbour_messages_for_local_addresses)
{
	struct frames frame = trust_arp(inner, 2, 7, 5, 5);

	inner[31] = 6; /* 10.0.0.6 is at 7 */
	wrap(&frame);
	refused("ca_spoof_remote");
	inner[31] = 1;
	wrap(&frame);
	refused("ca_spoof_remote");
	frame = trust_arp(inner, 1, 7, 0xff, 5);
	inner[27] = 8; /* names another MAC */
	wrap(&frame);
	refused("ca_spoof_remote");
	frame = trust_advert(inner, 7, 5, 5);
	wrap(&frame);
	refused("ca_spoof_remote");
	frame = trust_advert(inner, 7, 5, 1);
	wrap(&frame);
	refused("ca_spoof_remote");
}
END_TEST

START_TEST(a21_destination_that_is_not_ours)
{
	with("pa_dst", IP + 16, "\xc0\0\2\3", 4);
	with("pa_dst", IP + 16, "\xff\xff\xff\xff", 4);
	with("pa_dst", IP + 16, "\xe0\0\0\1", 4);
}
END_TEST

START_TEST(a22_frames_that_never_leave_a_link)
{
	with("link_local_mcast", INNER, "\1\x80\xc2\0\0\0", 6);
	with("link_local_mcast", INNER, "\1\x80\xc2\0\0\2", 6);
	with("link_local_mcast", INNER, "\1\x80\xc2\0\0\x0e", 6);
	with("link_local_mcast", INNER, "\1\x80\xc2\0\0\x0f", 6);
}
END_TEST

START_TEST(frame_for_no_vm_of_this_host)
{
	with("dst_not_local", INNER, "\2\0\0\0\0\x08", 6);
	with("dst_not_local", INNER, "\2\0\0\0\0\x63", 6);
}
END_TEST

START_TEST(red_record_vouches_for_nothing_in_blue)
{
	struct frames frame = trust_udp(inner, 9, 5, LAB_BLUE);

	/* 10.0.0.9 is on a third host in both tenants */
	wrap(&frame);
	refused("pa_src_mismatch");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trust_wire");
	TCase *tests = tcase_create("table A");

	tcase_add_checked_fixture(tests, setup, trust_close);
	tcase_add_test(tests, a0_good_packet_arrives_in_its_tenant_only);
	tcase_add_test(tests, a1_source_that_policy_does_not_know);
	tcase_add_test(tests, a2_source_that_hosts_another_vm);
	tcase_add_test(tests, a3_source_that_nobody_can_have);
	tcase_add_test(tests, a4_vsid_that_nobody_has_here);
	tcase_add_test(tests, a5_reserved_vsids);
	tcase_add_test(tests, a6_any_flow_id_is_delivered);
	tcase_add_test(tests, a7_no_key);
	tcase_add_test(tests, a8_checksum_bit_even_with_a_good_sum);
	tcase_add_test(tests, a9_sequence_bit);
	tcase_add_test(tests, a10_reserved_bits_and_versions);
	tcase_add_test(tests, a11_other_protocols);
	tcase_add_test(tests, a12_tags_inside);
	tcase_add_test(tests, a13_source_macs_that_no_station_has);
	tcase_add_test(tests, a14_cut_at_every_length);
	tcase_add_test(tests, a15_outer_header_that_contradicts_itself);
	tcase_add_test(tests, a15_bytes_behind_the_total_length_are_cut);
	tcase_add_test(tests, a15_outer_options_are_skipped);
	tcase_add_test(tests, a16_a17_outer_fragments);
	tcase_add_test(tests, a18_nested_nvgre_is_payload);
	tcase_add_test(tests, a19_mac_of_a_local_vm_moves_nothing);
	tcase_add_test(tests, a20_local_and_gateway_addresses);
	tcase_add_test(tests, a20_neighbour_messages_for_local_addresses);
	tcase_add_test(tests, a21_destination_that_is_not_ours);
	tcase_add_test(tests, a22_frames_that_never_leave_a_link);
	tcase_add_test(tests, frame_for_no_vm_of_this_host);
	tcase_add_test(tests, red_record_vouches_for_nothing_in_blue);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
