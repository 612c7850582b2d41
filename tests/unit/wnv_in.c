/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames from the wire (trust.md A1 to A22, hnv.md B1): what is ours becomes a
 * customer frame, everything that is wrong has its own name, the rest passes.
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

static const struct lab_options host_b = {.host = 2, .dscp = WNV_DSCP_COPY};

/* A UDP packet of 10.0.0.5 (host A) to 10.0.0.7 (host B), wrapped. */
struct specimen {
	uint8_t inner[2048], bytes[4096];
	struct frames frame;
	uint32_t size;
};

static void make(struct specimen *specimen)
{
	specimen->frame = lab_frame4(specimen->inner, 5, 7, VS_IP_UDP);
	frames_udp(&specimen->frame);
	frames_bytes(&specimen->frame, "payload", 7);
	frames_finish(&specimen->frame, VS_IP_UDP);
	specimen->size = lab_wrap(specimen->bytes, 1, 2, &specimen->frame);
}

static void fix_outer(uint8_t *bytes)
{
	uint8_t *ip = bytes + 14;

	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, (ip[0] & 15u) * 4)));
}

static const char *verdict(struct lab *lab, const struct specimen *specimen)
{
	return lab_in(lab, lab_packet(lab, specimen->bytes, specimen->size, 0));
}

/* One fault: bytes at an offset of the packet; the outer sum is made right
 * again unless the fault is the sum itself. */
struct fault {
	const char *name;
	uint32_t at, size;
	uint8_t bytes[16];
	bool keep_sum;
};

#define IP    14u
#define GRE   34u
#define INNER 42u

static const struct fault faults[] = {
	{"pa_src_unknown", IP + 12, 4, {198, 51, 100, 9}, false},
	{"pa_src_mismatch", IP + 12, 4, {192, 0, 2, 3}, false},
	{"pa_src_martian", IP + 12, 4, {192, 0, 2, 2}, false},
	{"pa_src_martian", IP + 12, 4, {127, 0, 0, 1}, false},
	{"pa_src_martian", IP + 12, 4, {224, 0, 0, 1}, false},
	{"pa_src_martian", IP + 12, 4, {0, 1, 2, 3}, false},
	{"pa_dst", IP + 16, 4, {192, 0, 2, 77}, false},
	{"pa_dst", IP + 16, 4, {255, 255, 255, 255}, false},
	{"outer_csum", IP + 10, 2, {1, 2}, true},
	{"outer_length", IP + 2, 2, {0xff, 0xff}, false},
	{"outer_length", IP + 2, 2, {0, 19}, false},
	{"outer_length", IP, 1, {0x44}, true},
	{"outer_fragment", IP + 6, 2, {0x20, 0}, false},
	{"outer_fragment", IP + 6, 2, {0x00, 8}, false},
	{"gre_truncated", IP + 2, 2, {0, 23}, false},
	{"gre_truncated", IP + 2, 2, {0, 27}, false},
	{"gre_no_key", GRE, 2, {0x00, 0x00}, false},
	{"gre_csum_bit", GRE, 2, {0xa0, 0x00}, false},
	{"gre_seq_bit", GRE, 2, {0x30, 0x00}, false},
	{"gre_reserved", GRE, 2, {0x60, 0x00}, false},
	{"gre_reserved", GRE, 2, {0x20, 0x08}, false},
	{"gre_reserved", GRE, 2, {0x28, 0x00}, false},
	{"gre_version", GRE, 2, {0x20, 0x01}, false},
	{"gre_proto", GRE + 2, 2, {0x08, 0x00}, false},
	{"gre_proto", GRE + 2, 2, {0x88, 0xbe}, false},
	{"vsid_reserved", GRE + 4, 3, {0, 0, 0}, false},
	{"vsid_reserved", GRE + 4, 3, {0, 0x0f, 0xff}, false},
	{"control_bad", GRE + 4, 3, {0xff, 0xff, 0xff}, false},
	{"vsid_unknown", GRE + 4, 3, {0, 0x13, 0x8a}, false},
	{"inner_short", IP + 2, 2, {0, 28}, false},
	{"inner_short", IP + 2, 2, {0, 41}, false},
	{"inner_vlan", INNER + 12, 2, {0x81, 0x00}, false},
	{"inner_vlan", INNER + 12, 2, {0x88, 0xa8}, false},
	{"inner_src_mcast", INNER + 6, 1, {0x03}, false},
	{"inner_src_mcast", INNER + 6, 6, {0}, false},
	{"link_local_mcast", INNER, 6, {1, 0x80, 0xc2, 0, 0, 0x0e}, false},
	{"inner_bad_ip", INNER + 14, 1, {0x44}, false},
	{"inner_bad_ip", INNER + 14, 1, {0x65}, false},
	{"inner_bad_ip", INNER + 16, 2, {0x40, 0}, false},
	{"non_ip", INNER + 12, 2, {0x88, 0xb5}, false},
	{"mac_spoof_remote", INNER + 6, 6, {2, 0, 0, 0, 0, 7}, false},
	{"ca_spoof_remote", INNER + 26, 4, {10, 0, 0, 7}, false},
	{"ca_spoof_remote", INNER + 26, 4, {10, 0, 0, 1}, false},
	{"pa_src_mismatch", INNER + 26, 4, {10, 0, 0, 8}, false},
	{"pa_src_mismatch", INNER + 6, 6, {2, 0, 0, 0, 0, 6}, false},
	{"dst_not_local", INNER, 6, {2, 0, 0, 0, 0, 8}, false},
	{"ecn_drop", IP + 1, 1, {3}, false},
};

START_TEST(every_fault_has_its_own_name)
{
	const struct fault *fault = &faults[_i];
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;

	make(&specimen);
	memcpy(specimen.bytes + fault->at, fault->bytes, fault->size);
	if (!fault->keep_sum)
		fix_outer(specimen.bytes);
	ck_assert_str_eq(verdict(&lab, &specimen), fault->name);
	lab_close(&lab);
}
END_TEST

START_TEST(dropped_frame_is_not_touched)
{
	const struct fault *fault = &faults[_i];
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;
	struct vs_packet *packet;

	make(&specimen);
	memcpy(specimen.bytes + fault->at, fault->bytes, fault->size);
	if (!fault->keep_sum)
		fix_outer(specimen.bytes);
	packet = lab_packet(&lab, specimen.bytes, specimen.size, 0);
	lab_in(&lab, packet);
	ck_assert_uint_eq(packet->view.size, specimen.size);
	ck_assert_mem_eq(packet->view.data, specimen.bytes, specimen.size);
	lab_close(&lab);
}
END_TEST

START_TEST(good_packet_becomes_its_inner_frame)
{
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;
	struct vs_packet *packet;

	make(&specimen);
	specimen.bytes[GRE + 7] = 0x5a; /* A6: any FlowID is legal */
	packet = lab_packet(&lab, specimen.bytes, specimen.size, 0);
	ck_assert_str_eq(lab_in(&lab, packet), "pass");
	ck_assert_uint_eq(packet->view.vsid.value, LAB_BLUE);
	ck_assert_uint_eq(packet->view.size, specimen.frame.size);
	ck_assert_mem_eq(packet->view.data, specimen.inner,
			 specimen.frame.size);
	lab_close(&lab);
}
END_TEST

START_TEST(bytes_behind_the_total_length_are_cut)
{
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;
	struct vs_packet *packet;

	make(&specimen);
	memset(specimen.bytes + specimen.size, 0xee, 9);
	packet = lab_packet(&lab, specimen.bytes, specimen.size + 9, 0);
	ck_assert_str_eq(lab_in(&lab, packet), "pass");
	ck_assert_uint_eq(packet->view.size, specimen.frame.size);
	lab_close(&lab);
}
END_TEST

START_TEST(outer_options_are_skipped)
{
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;
	struct vs_packet *packet;
	uint8_t *ip = specimen.bytes + IP;

	make(&specimen);
	memmove(specimen.bytes + GRE + 8, specimen.bytes + GRE,
		specimen.size - GRE);
	memset(specimen.bytes + GRE, 1, 8);
	ip[0] = 0x47;
	vs_store16(ip + 2, (uint16_t)(vs_load16(ip + 2) + 8));
	fix_outer(specimen.bytes);
	packet = lab_packet(&lab, specimen.bytes, specimen.size + 8, 0);
	ck_assert_str_eq(lab_in(&lab, packet), "pass");
	ck_assert_mem_eq(packet->view.data, specimen.inner,
			 specimen.frame.size);
	lab_close(&lab);
}
END_TEST

/* RFC 6040 figure 4: rows inner, columns outer; 9 = dropped. */
START_TEST(congestion_marks_merge_as_rfc_6040_says)
{
	static const uint8_t merged[4][4] = {
		{0, 0, 0, 9}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
	uint8_t inner = (uint8_t)(_i / 4), outer = (uint8_t)(_i % 4);
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;
	struct vs_packet *packet;
	const char *got;

	make(&specimen);
	specimen.inner[15] = (uint8_t)(0xb8 | inner);
	frames_finish(&specimen.frame, VS_IP_UDP);
	specimen.size = lab_wrap(specimen.bytes, 1, 2, &specimen.frame);
	specimen.bytes[IP + 1] = outer;
	fix_outer(specimen.bytes);
	packet = lab_packet(&lab, specimen.bytes, specimen.size, 0);
	got = lab_in(&lab, packet);
	if (merged[inner][outer] == 9) {
		ck_assert_str_eq(got, "ecn_drop");
	} else {
		ck_assert_str_eq(got, "pass");
		ck_assert_uint_eq(packet->view.data[15],
				  0xb8 | merged[inner][outer]);
		ck_assert_uint_eq(
			vs_sum_fold(vs_sum(0, packet->view.data + 14, 20)),
			0xffff);
	}
	lab_close(&lab);
}
END_TEST

START_TEST(what_is_not_nvgre_to_us_passes_untouched)
{
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;
	struct vs_packet *packet;

	make(&specimen);
	specimen.bytes[IP + 9] = VS_IP_UDP;
	packet = lab_packet(&lab, specimen.bytes, specimen.size, 0);
	ck_assert_str_eq(lab_in(&lab, packet), "pass");
	ck_assert_uint_eq(packet->view.vsid.value, 0);
	ck_assert_mem_eq(packet->view.data, specimen.bytes, specimen.size);
	make(&specimen); /* another's tunnel, to another's MAC */
	specimen.bytes[IP + 19] = 99;
	specimen.bytes[5] = 99;
	fix_outer(specimen.bytes);
	ck_assert_str_eq(verdict(&lab, &specimen), "pass");
	lab_close(&lab);
}
END_TEST

START_TEST(nested_nvgre_is_payload)
{
	struct lab lab = lab_open(&host_b);
	struct specimen inside, outside;
	struct vs_packet *packet;

	make(&inside);
	outside.frame = lab_frame4(outside.inner, 5, 7, VS_IP_GRE);
	frames_bytes(&outside.frame, inside.bytes + GRE, inside.size - GRE);
	frames_finish_ip(&outside.frame);
	outside.size = lab_wrap(outside.bytes, 1, 2, &outside.frame);
	packet = lab_packet(&lab, outside.bytes, outside.size, 0);
	ck_assert_str_eq(lab_in(&lab, packet), "pass");
	ck_assert_uint_eq(packet->view.size, outside.frame.size);
	lab_close(&lab);
}
END_TEST

START_TEST(lying_arp_and_advertisements_are_spoofs)
{
	struct lab lab = lab_open(&host_b);
	struct vs_mac liar = lab_vm_mac(5), other = lab_vm_mac(6);
	struct lab_arp arp = {.sender_mac = liar,
			      .sender = {10, 0, 0, 5},
			      .target = {10, 0, 0, 7},
			      .operation = 1};
	struct specimen specimen;

	specimen.frame.bytes = specimen.inner;
	specimen.frame.size = lab_arp(specimen.inner, &arp);
	specimen.size = lab_wrap(specimen.bytes, 1, 2, &specimen.frame);
	ck_assert_str_eq(verdict(&lab, &specimen), "pass");
	memcpy(specimen.bytes + INNER + 22, other.octet, 6);
	ck_assert_str_eq(verdict(&lab, &specimen), "ca_spoof_remote");
	ck_assert_int_eq(arp.operation, 1);
	/* an advertisement of fd00::7, which lives here */
	specimen.frame = lab_frame6(specimen.inner, 5, 7, VS_IP_ICMP6);
	specimen.inner[21] = 255;
	frames_bytes(&specimen.frame,
		     "\x88\0\0\0\0\0\0\0\xfd\0\0\0\0\0\0\0"
		     "\0\0\0\0\0\0\0\7",
		     24);
	frames_finish_ip(&specimen.frame);
	specimen.size = lab_wrap(specimen.bytes, 1, 2, &specimen.frame);
	ck_assert_str_eq(verdict(&lab, &specimen), "ca_spoof_remote");
	lab_close(&lab);
}
END_TEST

/* fd00::7 lives here; the advertisement stands behind `extension`. */
static const char *advertised_behind(struct lab *lab, uint8_t next,
				     const uint8_t *extension, uint32_t size)
{
	struct specimen specimen;

	specimen.frame = lab_frame6(specimen.inner, 5, 7, next);
	specimen.inner[21] = 255;
	frames_bytes(&specimen.frame, extension, size);
	frames_bytes(&specimen.frame,
		     "\x88\0\0\0\0\0\0\0\xfd\0\0\0\0\0\0\0"
		     "\0\0\0\0\0\0\0\7",
		     24);
	frames_finish_ip(&specimen.frame);
	specimen.size = lab_wrap(specimen.bytes, 1, 2, &specimen.frame);
	return verdict(lab, &specimen);
}

START_TEST(extension_headers_hide_no_advertisement)
{
	static const uint8_t hop[8] = {VS_IP_ICMP6}, twice[16] = {60, [8] = 58};
	static const uint8_t whole[8] = {VS_IP_ICMP6};
	static const uint8_t first[8] = {VS_IP_ICMP6, 0, 0, 1};
	static const uint8_t cut[8] = {VS_IP_ICMP6, 9};
	struct lab lab = lab_open(&host_b);

	ck_assert_str_eq(advertised_behind(&lab, 0, hop, 8), "ca_spoof_remote");
	ck_assert_str_eq(advertised_behind(&lab, 0, twice, 16),
			 "ca_spoof_remote");
	ck_assert_str_eq(advertised_behind(&lab, 44, whole, 8),
			 "ca_spoof_remote");
	/* RFC 6980 */
	ck_assert_str_eq(advertised_behind(&lab, 44, first, 8), "inner_bad_ip");
	ck_assert_str_eq(advertised_behind(&lab, 60, cut, 8), "inner_bad_ip");
	lab_close(&lab);
}
END_TEST

START_TEST(chain_of_inner_extension_headers_is_bounded)
{
	struct lab lab = lab_open(&host_b);
	uint8_t chain[72] = {0};
	unsigned int i;

	for (i = 0; i < 8; i++)
		chain[8 * i] = i < 7 ? 60 : VS_IP_UDP;
	ck_assert_str_eq(advertised_behind(&lab, 60, chain, 64), "pass");
	for (i = 0; i < 9; i++)
		chain[8 * i] = i < 8 ? 60 : VS_IP_UDP;
	ck_assert_str_eq(advertised_behind(&lab, 60, chain, 72),
			 "inner_bad_ip");
	lab_close(&lab);
}
END_TEST

START_TEST(merged_packet_keeps_its_offload)
{
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;
	struct vs_packet *packet;
	struct vs_offload offload = {.gso = VS_GSO_TCP4,
				     .verified = 1,
				     .gso_size = 100,
				     .header_size = 20,
				     .csum_start = INNER + 34,
				     .csum_offset = 16};
	uint8_t payload[400] = {0};

	specimen.frame = lab_frame4(specimen.inner, 5, 7, VS_IP_TCP);
	frames_tcp(&specimen.frame, 1, 0x10);
	frames_bytes(&specimen.frame, payload, sizeof(payload));
	frames_finish(&specimen.frame, VS_IP_TCP);
	specimen.size = lab_wrap(specimen.bytes, 1, 2, &specimen.frame);
	packet = lab_packet(&lab, specimen.bytes, specimen.size, 0);
	packet->view.offload = offload;
	ck_assert_str_eq(lab_in(&lab, packet), "pass");
	ck_assert_uint_eq(packet->view.offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(packet->view.offload.gso_size, 100);
	ck_assert_uint_eq(packet->view.offload.csum_start, 34);
	ck_assert_uint_eq(packet->view.offload.header_size, 54);
	ck_assert_uint_eq(packet->view.offload.verified, 0);
	packet = lab_packet(&lab, specimen.bytes, specimen.size, 0);
	packet->view.offload = offload;
	packet->view.offload.csum_start = 34; /* the outer level */
	ck_assert_str_eq(lab_in(&lab, packet), "offload_bad");
	lab_close(&lab);
}
END_TEST

/* A merged packet of UDP datagrams, or of what `protocol` says. */
static const char *joined(struct lab *lab, uint8_t protocol, uint16_t start)
{
	struct specimen specimen;
	struct vs_packet *packet;
	uint8_t payload[400] = {0};

	specimen.frame = lab_frame4(specimen.inner, 5, 7, protocol);
	if (protocol == VS_IP_UDP)
		frames_udp(&specimen.frame);
	else
		frames_tcp(&specimen.frame, 1, 0x10);
	frames_bytes(&specimen.frame, payload, sizeof(payload));
	frames_finish(&specimen.frame, protocol);
	specimen.size = lab_wrap(specimen.bytes, 1, 2, &specimen.frame);
	packet = lab_packet(lab, specimen.bytes, specimen.size, 0);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_UDP,
						   .gso_size = 100,
						   .header_size = 20,
						   .csum_start = start,
						   .csum_offset = 6};
	return lab_in(lab, packet);
}

START_TEST(datagrams_may_come_joined)
{
	struct lab lab = lab_open(&host_b);

	ck_assert_str_eq(joined(&lab, VS_IP_UDP, INNER + 34), "pass");
	ck_assert_str_eq(joined(&lab, VS_IP_UDP, 34), "offload_bad");
	ck_assert_str_eq(joined(&lab, VS_IP_UDP, INNER + 38), "offload_bad");
	ck_assert_str_eq(joined(&lab, VS_IP_TCP, INNER + 34), "offload_bad");
	lab_close(&lab);
}
END_TEST

START_TEST(mismatch_is_an_event_and_limited)
{
	struct lab lab = lab_open(&host_b);
	struct specimen specimen;

	make(&specimen);
	specimen.bytes[IP + 15] = 3;
	fix_outer(specimen.bytes);
	verdict(&lab, &specimen);
	verdict(&lab, &specimen);
	ck_assert_uint_eq(lab.fake->seen.event_count, 1);
	ck_assert_uint_eq(lab.fake->seen.events[0].event,
			  WNV_EVENT_POLICY_MISMATCH);
	ck_assert_ptr_nonnull(strstr(lab.fake->seen.events[0].text,
				     "pa_src_mismatch: vsid 5001 from pa "
				     "192.0.2.3"));
	lab.fake->call.now_ns += 100000000;
	verdict(&lab, &specimen);
	ck_assert_uint_eq(lab.fake->seen.event_count, 2);
	lab_close(&lab);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("wnv_in");
	TCase *tests = tcase_create("from the wire");
	int count = (int)(sizeof(faults) / sizeof(faults[0]));

	tcase_add_loop_test(tests, every_fault_has_its_own_name, 0, count);
	tcase_add_loop_test(tests, dropped_frame_is_not_touched, 0, count);
	tcase_add_test(tests, good_packet_becomes_its_inner_frame);
	tcase_add_test(tests, bytes_behind_the_total_length_are_cut);
	tcase_add_test(tests, outer_options_are_skipped);
	tcase_add_loop_test(tests, congestion_marks_merge_as_rfc_6040_says, 0,
			    16);
	tcase_add_test(tests, what_is_not_nvgre_to_us_passes_untouched);
	tcase_add_test(tests, nested_nvgre_is_payload);
	tcase_add_test(tests, lying_arp_and_advertisements_are_spoofs);
	tcase_add_test(tests, extension_headers_hide_no_advertisement);
	tcase_add_test(tests, chain_of_inner_extension_headers_is_bounded);
	tcase_add_test(tests, merged_packet_keeps_its_offload);
	tcase_add_test(tests, datagrams_may_come_joined);
	tcase_add_test(tests, mismatch_is_an_event_and_limited);
	suite_add_tcase(all, tests);
	return all;
}

int main(void)
{
	return suite_main(suite());
}
