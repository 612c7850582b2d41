// SPDX-License-Identifier: Apache-2.0
/*
 * A hostile VM, against the whole switch: the threat model's table B. B3 and
 * B9 come with the guards and the storm limit; B10 is the link's (its queue),
 * tested with the links.
 */
#include <vswitch/table.h>

#include "tests/support/trust.h"

#define OPEN ", \"mac-guard\": false, \"ca-guard\": false"

static uint8_t bytes[FABRIC_FRAME];

static void setup(void)
{
	trust_open("");
}

static void setup_open(void)
{
	trust_open(OPEN);
}

static void refused(const char *port, const struct frames *frame,
		    const char *reason)
{
	trust_refused(0, fabric_port(trust, 0, port), bytes, frame->size,
		      reason);
}

static void arrives(const char *from, const struct frames *frame,
		    unsigned int host, const char *to)
{
	trust_arrives(0, fabric_port(trust, 0, from), frame, host, to);
}

START_TEST(b0_good_frames_arrive_here_and_there)
{
	struct frames frame = trust_udp(bytes, 5, 6, LAB_BLUE);

	arrives("blue5", &frame, 0, "blue6");
	frame = trust_udp(bytes, 5, 7, LAB_BLUE);
	arrives("blue5", &frame, 1, "blue7");
	ck_assert_int_eq(memcmp(trust_seen.bytes, bytes, frame.size), 0);
	frame = trust_udp(bytes, 5, 7, LAB_RED);
	arrives("red5", &frame, 1, "red7");
}
END_TEST

START_TEST(b1_source_mac_of_another)
{
	struct frames frame = trust_udp(bytes, 6, 7, LAB_BLUE);

	refused("blue5", &frame, "mac_spoof");
	frame = trust_udp(bytes, 7, 6, LAB_BLUE);
	refused("blue5", &frame, "mac_spoof");
	frame = trust_udp(bytes, 5, 7, LAB_BLUE);
	bytes[6] |= 1;
	refused("blue5", &frame, "source_group");
	memset(bytes + 6, 0, 6);
	refused("blue5", &frame, "source_group");
}
END_TEST

START_TEST(b1_mac_of_policy_is_pinned_with_the_guard_off_too)
{
	struct frames frame;

	trust_close();
	setup_open();
	frame = trust_udp(bytes, 6, 5, LAB_BLUE);
	refused("blue5", &frame, "mac_pinned");
	frame = trust_udp(bytes, 7, 5, LAB_BLUE);
	refused("blue5", &frame, "mac_pinned");
	/* the gateway's too: who had it would get what is to be routed */
	frame = trust_udp(bytes, 7, 5, LAB_BLUE);
	memcpy(bytes + 6, "\2VS\0\x13\x89", 6);
	refused("blue5", &frame, "mac_pinned");
}
END_TEST

START_TEST(b2_source_address_of_another)
{
	struct frames frame = trust_udp(bytes, 5, 7, LAB_BLUE);
	uint8_t last;

	for (last = 0; last < 12; last++) {
		if (last == 5)
			continue;
		bytes[29] = last;
		frames_finish(&frame, VS_IP_UDP);
		refused("blue5", &frame, "ca_spoof");
	}
	memset(bytes + 26, 0xff, 4);
	frames_finish(&frame, VS_IP_UDP);
	refused("blue5", &frame, "ca_spoof");
}
END_TEST

START_TEST(b2_arp_sender_of_another)
{
	struct frames frame = trust_arp(bytes, 2, 5, 6, 6);

	bytes[31] = 1; /* the gateway is at 5 */
	refused("blue5", &frame, "arp_spoof");
	bytes[31] = 7;
	refused("blue5", &frame, "arp_spoof");
	frame = trust_arp(bytes, 1, 5, 0xff, 5);
	bytes[27] = 6;
	refused("blue5", &frame, "arp_spoof");
	frame = trust_arp(bytes, 1, 5, 0xff, 6);
	bytes[15] = 6; /* IEEE 802: believed by some */
	refused("blue5", &frame, "arp_spoof");
	frame.size = 14 + 27;
	refused("blue5", &frame, "arp_spoof");
}
END_TEST

START_TEST(b2_arp_in_a_priority_tag_is_judged)
{
	struct frames frame = trust_arp(bytes, 2, 5, 6, 6);

	bytes[31] = 1;
	memmove(bytes + 16, bytes + 12, 48);
	vs_store16(bytes + 12, VS_TYPE_VLAN);
	vs_store16(bytes + 14, 0xe000);
	frame.size += 4;
	refused("blue5", &frame, "arp_spoof");
}
END_TEST

START_TEST(b2_advertisement_of_another)
{
	struct frames frame = trust_advert(bytes, 5, 6, 5);

	arrives("blue5", &frame, 0, "blue6");
	frame = trust_advert(bytes, 5, 6, 7);
	refused("blue5", &frame, "nd_spoof");
	frame = trust_advert(bytes, 5, 6, 1);
	refused("blue5", &frame, "nd_spoof");
	frame = trust_advert(bytes, 5, 6, 5);
	bytes[14 + 40 + 31] = 6; /* the option names another MAC */
	refused("blue5", &frame, "nd_spoof");
	frame = trust_advert(bytes, 6, 5, 6);
	bytes[11] = 5;
	refused("blue5", &frame, "ca_spoof");
}
END_TEST

/* Whoever is asked believes the option, and sends there what is for 5. */
START_TEST(b2_question_with_the_mac_of_another)
{
	struct frames frame = trust_advert(bytes, 5, 6, 6);
	uint8_t *nd = bytes + 14 + 40;

	nd[0] = VS_ND_SOLICIT;
	nd[4] = 0;
	nd[24] = 1; /* the source's address */
	arrives("blue5", &frame, 0, "blue6");
	nd[31] = 6;
	refused("blue5", &frame, "nd_spoof");
	nd[31] = 5;
	nd[26] ^= 4;
	refused("blue5", &frame, "nd_spoof");
	/* a router's host learns it from a router solicitation */
	nd[26] ^= 4;
	nd[0] = VS_ND_ROUTER_SOLICIT;
	memmove(nd + 8, nd + 24, 8);
	frame.size -= 16;
	frames_finish_ip(&frame);
	arrives("blue5", &frame, 0, "blue6");
	nd[15] = 6;
	refused("blue5", &frame, "nd_spoof");
}
END_TEST

START_TEST(b2_gateways_link_local_address)
{
	struct frames frame = trust_advert(bytes, 5, 6, 5);
	uint8_t *target = bytes + 14 + 40 + 8;

	memset(target, 0, 16);
	vs_store16(target, 0xfe80);
	target[15] = 1;
	refused("blue5", &frame, "nd_spoof");
	frame = trust_advert(bytes, 5, 6, 5);
	memset(bytes + 14 + 8, 0, 16);
	vs_store16(bytes + 14 + 8, 0xfe80);
	bytes[14 + 23] = 1;
	refused("blue5", &frame, "ca_spoof");
}
END_TEST

START_TEST(b2_advertisement_behind_headers_or_in_fragments)
{
	static const uint8_t chain[][8] = {
		{VS_IP_ICMP6}, {VS_IP_ICMP6}, {VS_IP_ICMP6, 0, 0, 1}};
	static const uint8_t first[] = {0, 60, 44};
	struct frames frame;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		frame = trust_advert(bytes, 5, 6, 7);
		memmove(bytes + 62, bytes + 54, 32);
		memcpy(bytes + 54, chain[i], 8);
		bytes[20] = first[i];
		frame.size += 8;
		frames_finish_ip(&frame);
		refused("blue5", &frame, "nd_spoof");
	}
	frame.size = 62; /* the type in the second fragment */
	frames_finish_ip(&frame);
	refused("blue5", &frame, "bad_ip");
}
END_TEST

START_TEST(b2_checksum_request_into_the_source_address)
{
	struct frames frame = trust_udp(bytes, 5, 7, LAB_BLUE);
	uint16_t port = fabric_port(trust, 0, "blue5");
	struct vs_packet *packet =
		fabric_packet(trust, 0, port, bytes, frame.size);

	packet->view.offload.csum_start = 14;
	packet->view.offload.csum_offset = 14; /* 10.0.x.x is written */
	trust_walk_refused(0, port, packet, "bad_offload");
}
END_TEST

START_TEST(b4_tags)
{
	static const uint8_t tags[][4] = {{0x81, 0, 0, 100},
					  {0x81, 0, 0x6f, 0xff},
					  {0x88, 0xa8, 0, 0},
					  {0x88, 0xa8, 0, 100}};
	struct frames frame;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		frame = trust_udp(bytes, 5, 7, LAB_BLUE);
		memmove(bytes + 16, bytes + 12, 48);
		memcpy(bytes + 12, tags[i], 4);
		frame.size += 4;
		refused("blue5", &frame, "vlan_not_allowed");
	}
	frame = trust_udp(bytes, 5, 7, LAB_BLUE);
	memmove(bytes + 16, bytes + 12, 48);
	vs_store32(bytes + 12, 0x8100e000);
	frame.size += 4;
	arrives("blue5", &frame, 1, "blue7");
	ck_assert_uint_eq(trust_seen.last.size, 60);
}
END_TEST

START_TEST(b4_tag_that_the_kernel_took_out)
{
	struct frames frame = trust_udp(bytes, 5, 7, LAB_BLUE);
	uint16_t port = fabric_port(trust, 0, "blue5");
	struct vs_packet *packet =
		fabric_packet(trust, 0, port, bytes, frame.size);

	packet->view.tags = 1;
	packet->view.vlan = 100;
	trust_walk_refused(0, port, packet, "vlan_not_allowed");
}
END_TEST

START_TEST(b5_runts_and_giants)
{
	struct frames frame = trust_udp(bytes, 5, 7, LAB_BLUE);

	for (frame.size = 0; frame.size < 14; frame.size++)
		refused("blue5", &frame, "runt");
	frame = trust_udp(bytes, 5, 7, LAB_BLUE);
	frame.size = 1515;
	frames_finish(&frame, VS_IP_UDP);
	refused("blue5", &frame, "oversize");
	frame.size = 65535;
	frames_finish(&frame, VS_IP_UDP);
	refused("blue5", &frame, "oversize");
}
END_TEST

START_TEST(b5_giant_that_calls_itself_a_super_frame)
{
	struct frames frame = trust_udp(bytes, 5, 6, LAB_BLUE);
	uint16_t port = fabric_port(trust, 0, "blue5");
	struct vs_packet *packet;

	frame.size = 60000;
	frames_finish(&frame, VS_IP_UDP);
	packet = fabric_packet(trust, 0, port, bytes, frame.size);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						   .gso_size = 1000,
						   .header_size = 54,
						   .csum_start = VS_ABSENT};
	trust_walk_refused(0, port, packet, "bad_offload");
}
END_TEST

/* What fits by its IP length, but not by what hangs behind it. */
START_TEST(b5_padding_does_not_fit_the_wire)
{
	struct frames frame = trust_udp(bytes, 5, 7, LAB_BLUE);

	frame.size = 14 + 1459;
	refused("blue5", &frame, "too_big");
	frame.size = 14 + 1458;
	arrives("blue5", &frame, 1, "blue7");
}
END_TEST

START_TEST(b6_nvgre_of_a_vm_is_payload)
{
	static uint8_t inside[2048], outside[4096];
	struct frames inner = trust_udp(inside, 6, 8, LAB_RED), frame;
	uint32_t size = trust_wrap(outside, &inner, LAB_RED);

	frame = frames_ethernet(bytes, VS_TYPE_IPV4);
	bytes[5] = 7;
	bytes[11] = 5;
	frames_ipv4(&frame, VS_IP_GRE);
	bytes[29] = 5;
	bytes[33] = 7;
	frames_bytes(&frame, outside + 34, size - 34);
	frames_finish_ip(&frame);
	arrives("blue5", &frame, 1, "blue7");
	ck_assert_uint_eq(trust_seen.last.size, frame.size);
	/* to a provider address: no customer has it */
	vs_store32(bytes + 30, 0xc0000202);
	frames_finish_ip(&frame);
	refused("blue5", &frame, "no_route");
}
END_TEST

static uint64_t learned(void)
{
	struct vs_table_stats stats;

	vs_table_stats(vs_switch_macs(trust->host[0].sw), &stats);
	return stats.entries;
}

START_TEST(b7_mac_flood_costs_only_its_own_tenant)
{
	struct frames frame = trust_udp(bytes, 0x77, 0x78, LAB_RED);
	uint16_t port = fabric_port(trust, 0, "blue5");
	uint64_t before;
	uint32_t i;

	trust_close();
	setup_open();
	/* red6 has a second station, 77 */
	trust->cut = true;
	fabric_in(trust, 0, fabric_port(trust, 0, "red6"), bytes, frame.size);
	before = learned();
	frame = trust_udp(bytes, 5, 0x78, LAB_BLUE);
	for (i = 0; i < 200000; i++) {
		vs_store32(bytes + 8, 0x10000000 + i);
		fabric_in(trust, 0, port, bytes, frame.size);
	}
	ck_assert_uint_ge(before, 1);
	ck_assert_uint_lt(learned(), 1024);
	frame = trust_udp(bytes, 5, 0x77, LAB_RED);
	arrives("red5", &frame, 0, "red6");
}
END_TEST

START_TEST(b8_question_flood_is_limited_per_port)
{
	struct frames frame = trust_arp(bytes, 1, 5, 0xff, 7);
	uint16_t blue6 = fabric_port(trust, 0, "blue6");
	struct vs_ledger_row total;
	uint32_t i;

	for (i = 0; i < 5000; i++)
		fabric_in(trust, 0, fabric_port(trust, 0, "blue5"), bytes,
			  frame.size);
	total = fabric_total(trust, 0);
	ck_assert_uint_le(total.consumed[VS_CONSUMED_ARP_PROXY], 201);
	ck_assert_uint_ge(total.consumed[VS_CONSUMED_ARP_PROXY], 200);
	ck_assert_uint_eq(fabric_dropped(trust, 0, FABRIC_ANY, "punt_rate"),
			  5000 - total.consumed[VS_CONSUMED_ARP_PROXY]);
	/* another port is answered at once */
	frame = trust_arp(bytes, 1, 6, 0xff, 7);
	fabric_in(trust, 0, blue6, bytes, frame.size);
	ck_assert_uint_eq(trust_seen.last.port, blue6);
	ck_assert_uint_eq(trust_seen.bytes[21], 2);
	ck_assert_uint_eq(trust_seen.bytes[27], 7);
}
END_TEST

START_TEST(b11_frame_to_its_own_port)
{
	struct frames frame = trust_udp(bytes, 5, 5, LAB_BLUE);

	refused("blue5", &frame, "hairpin");
}
END_TEST

/* A frame of the pass-through port with some bytes replaced. */
static void forged(uint32_t at, const char *replaced, uint32_t count)
{
	struct frames frame = trust_udp(bytes, 0x41, 0x42, 0);

	memcpy(bytes + at, replaced, count);
	trust_outer_sum(bytes);
	refused("plain", &frame, "pa_spoof");
}

START_TEST(b12_pass_through_port_may_not_be_the_provider)
{
	struct frames frame = trust_udp(bytes, 0x41, 0x42, 0);

	fabric_in(trust, 0, fabric_port(trust, 0, "plain"), bytes, frame.size);
	ck_assert_uint_eq(trust_seen.uplinks, 1);
	forged(26, "\xc0\0\2\1", 4); /* our PA */
	forged(26, "\xc0\0\2\2", 4); /* a peer's */
	forged(23, "\x2f\0\0\x0a\0\0\x41\x0a\0\0\x42\x20\0\x65\x58", 15);
	forged(36, "\x12\xb5", 2); /* VXLAN */
	forged(6, (const char *)trust->host[0].info[0].mac.octet, 6);
}
END_TEST

START_TEST(b12_forged_tunnel_into_a_tenant_of_the_other_host)
{
	static uint8_t inside[2048];
	struct frames inner = trust_udp(inside, 5, 7, LAB_BLUE), frame;

	frame.bytes = bytes;
	frame.size = trust_wrap(bytes, &inner, LAB_BLUE);
	bytes[11] = 0x41;
	bytes[29] = 1; /* from a's PA to b's */
	bytes[33] = 2;
	memcpy(bytes, trust->host[1].info[0].mac.octet, 6);
	trust_outer_sum(bytes);
	refused("plain", &frame, "pa_spoof");
	/* with a tag, with two, in the first fragment, with options */
	memmove(bytes + 16, bytes + 12, frame.size);
	vs_store32(bytes + 12, 0x81000064);
	frame.size += 4;
	refused("plain", &frame, "pa_spoof");
	memmove(bytes + 16, bytes + 12, frame.size);
	vs_store32(bytes + 12, 0x88a80064);
	frame.size += 4;
	refused("plain", &frame, "pa_spoof");
	memmove(bytes + 16, bytes + 12, frame.size);
	vs_store32(bytes + 12, 0x81000064);
	frame.size += 4;
	refused("plain", &frame, "pa_spoof");
}
END_TEST

START_TEST(b12_arp_as_a_provider_address)
{
	struct frames frame = trust_arp(bytes, 2, 0x41, 0xff, 1);

	vs_store32(bytes + 28, 0xc0000202);
	refused("plain", &frame, "pa_spoof");
	frame = trust_arp(bytes, 1, 0x41, 0xff, 1);
	vs_store32(bytes + 28, 0xc0000201);
	refused("plain", &frame, "pa_spoof");
	frame = trust_arp(bytes, 1, 0x41, 0xff, 1);
	memcpy(bytes + 22, trust->host[0].info[0].mac.octet, 6);
	refused("plain", &frame, "pa_spoof");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trust_vm");
	TCase *tests = tcase_create("table B");

	tcase_add_checked_fixture(tests, setup, trust_close);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, b0_good_frames_arrive_here_and_there);
	tcase_add_test(tests, b1_source_mac_of_another);
	tcase_add_test(tests,
		       b1_mac_of_policy_is_pinned_with_the_guard_off_too);
	tcase_add_test(tests, b2_source_address_of_another);
	tcase_add_test(tests, b2_arp_sender_of_another);
	tcase_add_test(tests, b2_arp_in_a_priority_tag_is_judged);
	tcase_add_test(tests, b2_advertisement_of_another);
	tcase_add_test(tests, b2_question_with_the_mac_of_another);
	tcase_add_test(tests, b2_gateways_link_local_address);
	tcase_add_test(tests, b2_advertisement_behind_headers_or_in_fragments);
	tcase_add_test(tests, b2_checksum_request_into_the_source_address);
	tcase_add_test(tests, b4_tags);
	tcase_add_test(tests, b4_tag_that_the_kernel_took_out);
	tcase_add_test(tests, b5_runts_and_giants);
	tcase_add_test(tests, b5_giant_that_calls_itself_a_super_frame);
	tcase_add_test(tests, b5_padding_does_not_fit_the_wire);
	tcase_add_test(tests, b6_nvgre_of_a_vm_is_payload);
	tcase_add_test(tests, b7_mac_flood_costs_only_its_own_tenant);
	tcase_add_test(tests, b8_question_flood_is_limited_per_port);
	tcase_add_test(tests, b11_frame_to_its_own_port);
	tcase_add_test(tests, b12_pass_through_port_may_not_be_the_provider);
	tcase_add_test(tests,
		       b12_forged_tunnel_into_a_tenant_of_the_other_host);
	tcase_add_test(tests, b12_arp_as_a_provider_address);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
