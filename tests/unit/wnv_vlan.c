/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider address in a VLAN: its tag is on everything that goes out, and
 * nothing is taken, answered or learned without it (hnv.md B1.1, A3.7).
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

#define TAG 4u

static const struct lab_options shared = {.host = 1, .vlan = 100};
static const struct lab_options owned = {.host = 1, .owned = true, .vlan = 100};
static const struct lab_options owned6 = {
	.host = 1, .owned = true, .vlan = 100, .ipv6 = true};
static const struct lab_options untagged = {.host = 1};

static struct vs_packet *data(struct lab *lab, uint8_t to)
{
	static uint8_t buffer[4096];
	struct frames frame = lab_frame4(buffer, 5, to, VS_IP_UDP);

	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	return lab_packet(lab, buffer, frame.size, LAB_BLUE);
}

/* The frame arrives with a tag; vlan UINT16_MAX: without one. */
static const char *arrives(struct lab *lab, const uint8_t *bytes, uint32_t size,
			   uint16_t vlan)
{
	uint8_t tagged[512];

	if (vlan == UINT16_MAX)
		return lab_in(lab, lab_packet(lab, bytes, size, 0));
	memcpy(tagged, bytes, 12);
	vs_store16(tagged + 12, VS_TYPE_VLAN);
	vs_store16(tagged + 14, vlan);
	memcpy(tagged + 16, bytes + 12, size - 12);
	return lab_in(lab, lab_packet(lab, tagged, size + TAG, 0));
}

static const char *hear(struct lab *lab, uint8_t from, uint16_t operation,
			uint16_t vlan)
{
	struct lab_arp arp = {.sender_mac = lab_host_mac(from),
			      .sender = {192, 0, 2, from},
			      .target = {192, 0, 2, 1},
			      .operation = operation};
	uint8_t bytes[64];

	return arrives(lab, bytes, lab_arp(bytes, &arp), vlan);
}

/* NVGRE of host b with a frame of VM 7 for VM 5. */
static const char *tunnel(struct lab *lab, uint16_t vlan)
{
	uint8_t inner[256], bytes[512];
	struct frames frame = lab_frame4(inner, 7, 5, VS_IP_UDP);

	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	return arrives(lab, bytes, lab_wrap(bytes, 2, 1, &frame), vlan);
}

static unsigned int said_count(const struct lab *lab)
{
	return lab->fake->seen.emitted_count;
}

/* The frame said last is in VLAN 100; what its type is. */
static uint16_t said_type(const struct lab *lab)
{
	const uint8_t *p;

	ck_assert_uint_gt(said_count(lab), 0);
	p = lab->fake->seen.emitted[said_count(lab) - 1].packet->view.data;
	ck_assert_uint_eq(vs_load16(p + 12), VS_TYPE_VLAN);
	ck_assert_uint_eq(vs_load16(p + 14), 100);
	return vs_load16(p + 16);
}

START_TEST(next_hop_is_asked_and_answers_in_the_vlan_only)
{
	struct lab lab = lab_open(&shared);

	ck_assert_str_eq(lab_out(&lab, data(&lab, 7)), "held");
	ck_assert_uint_eq(said_type(&lab), VS_TYPE_ARP);
	ck_assert_str_eq(hear(&lab, 2, 2, UINT16_MAX), "pass");
	ck_assert_str_eq(hear(&lab, 2, 2, 0), "pass");
	ck_assert_str_eq(hear(&lab, 2, 2, 101), "pass");
	ck_assert_uint_eq(lab.fake->seen.held_count, 1);
	/* priority bits are no part of the VLAN */
	ck_assert_str_eq(hear(&lab, 2, 2, 0xe000 | 100), "neighbour");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	lab_close(&lab);
}
END_TEST

START_TEST(outer_frame_carries_the_tag)
{
	struct lab lab = lab_open(&shared);
	const struct vs_recipe *sent;
	struct vs_mac own = lab_host_mac(1), other = lab_host_mac(2);
	uint32_t sum;

	lab_out(&lab, data(&lab, 7));
	hear(&lab, 2, 2, 100);
	sent = &lab.fake->seen.sent[0];
	ck_assert_mem_eq(sent->lead, other.octet, 6);
	ck_assert_mem_eq(sent->lead + 6, own.octet, 6);
	ck_assert_mem_eq(sent->lead + 12, "\x81\0\0\x64\x08\0\x45", 7);
	ck_assert_uint_eq(sent->inner, 42 + TAG);
	ck_assert_uint_eq(sent->lead_size, 42 + TAG);
	ck_assert_uint_eq(vs_load16(sent->lead + 20), 28 + sent->slice_size);
	sum = vs_sum_fold(vs_sum(0, sent->lead + 18, 20));
	ck_assert_uint_eq(sum, 0xffff);
	ck_assert_mem_eq(sent->lead + 38, "\x20\0\x65\x58\0\x13\x89", 7);
	lab_close(&lab);
}
END_TEST

START_TEST(tunnel_is_taken_in_the_vlan_only)
{
	struct lab lab = lab_open(&shared);

	ck_assert_str_eq(tunnel(&lab, 101), "pa_vlan");
	ck_assert_str_eq(tunnel(&lab, UINT16_MAX), "pa_vlan");
	ck_assert_str_eq(tunnel(&lab, 100), "pass"); /* as VM 7's frame */
	/* also when the pair of hosts passed a moment ago */
	ck_assert_str_eq(tunnel(&lab, 100), "pass");
	ck_assert_str_eq(tunnel(&lab, 101), "pa_vlan");
	ck_assert_str_eq(tunnel(&lab, 0), "pa_vlan");
	ck_assert_str_eq(tunnel(&lab, UINT16_MAX), "pa_vlan");
	lab_close(&lab);
}
END_TEST

START_TEST(inner_frame_lies_where_it_did_behind_the_tag)
{
	struct lab lab = lab_open(&shared);
	uint8_t inner[256], bytes[512], tagged[512];
	struct frames frame = lab_frame4(inner, 7, 5, VS_IP_UDP);
	struct vs_packet *packet;
	uint32_t size;

	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	size = lab_wrap(bytes, 2, 1, &frame);
	memcpy(tagged, bytes, 12);
	memcpy(tagged + 12, "\x81\0\0\x64", 4);
	memcpy(tagged + 16, bytes + 12, size - 12);
	packet = lab_packet(&lab, tagged, size + TAG, 0);
	ck_assert_str_eq(lab_in(&lab, packet), "pass");
	ck_assert_uint_eq(packet->view.vsid.value, LAB_BLUE);
	ck_assert_uint_eq(packet->view.size, frame.size);
	ck_assert_mem_eq(packet->view.data, inner, frame.size);
	lab_close(&lab);
}
END_TEST

START_TEST(untagged_address_takes_a_priority_tag_and_no_other)
{
	struct lab lab = lab_open(&untagged);

	ck_assert_str_eq(tunnel(&lab, UINT16_MAX), "pass");
	ck_assert_str_eq(tunnel(&lab, 0xe000), "pass");
	ck_assert_str_eq(tunnel(&lab, 1), "pa_vlan");
	lab_close(&lab);
}
END_TEST

START_TEST(owned_address_is_probed_and_answers_in_the_vlan_only)
{
	struct lab lab = lab_open(&owned);
	unsigned int i;

	lab_tick(&lab, 1);
	ck_assert_uint_eq(said_type(&lab), VS_TYPE_ARP);
	for (i = 0; i < 7; i++)
		lab_tick(&lab, 1000);
	ck_assert_uint_eq(said_type(&lab), VS_TYPE_ARP); /* announced */
	lab_clear(&lab);
	ck_assert_str_eq(hear(&lab, 2, 1, UINT16_MAX), "pass");
	ck_assert_str_eq(hear(&lab, 2, 1, 99), "pass");
	ck_assert_uint_eq(said_count(&lab), 0);
	ck_assert_str_eq(hear(&lab, 2, 1, 100), "neighbour");
	ck_assert_uint_eq(said_type(&lab), VS_TYPE_ARP);
	lab_close(&lab);
	lab = lab_open(&owned6);
	lab_tick(&lab, 1);
	ck_assert_uint_eq(said_type(&lab), VS_TYPE_IPV6);
	lab_close(&lab);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("wnv_vlan");
	TCase *tests = tcase_create("vlan");

	tcase_add_test(tests, next_hop_is_asked_and_answers_in_the_vlan_only);
	tcase_add_test(tests, outer_frame_carries_the_tag);
	tcase_add_test(tests, tunnel_is_taken_in_the_vlan_only);
	tcase_add_test(tests, inner_frame_lies_where_it_did_behind_the_tag);
	tcase_add_test(tests,
		       untagged_address_takes_a_priority_tag_and_no_other);
	tcase_add_test(tests,
		       owned_address_is_probed_and_answers_in_the_vlan_only);
	suite_add_tcase(all, tests);
	return all;
}

int main(void)
{
	return suite_main(suite());
}
