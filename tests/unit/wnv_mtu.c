/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One MTU per subnet (design 5.5): super-frames are cut smaller, DF and IPv6
 * are told, the rest is fragmented inside, SYNs are clamped.
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"
#include "wnv/mtu.h"

static const struct lab_options host_a = {.host = 1, .dscp = WNV_DSCP_COPY};
static const struct lab_options host_b = {.host = 2, .dscp = WNV_DSCP_COPY};

static struct lab open_a(void)
{
	struct lab lab = lab_open(&host_a);

	lab_know(&lab);
	return lab;
}

/* A UDP frame with `payload` bytes; DF as said. */
static struct frames udp(uint8_t *buffer, uint32_t payload, bool df)
{
	struct prng prng = prng_start(payload);
	struct frames frame = lab_frame4(buffer, 5, 7, VS_IP_UDP);

	buffer[20] = df ? 0x40 : 0;
	vs_store16(buffer + 18, 0x1234);
	frames_udp(&frame);
	prng_fill(&prng, buffer + frame.size, payload);
	frame.size += payload;
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

START_TEST(frame_of_exactly_the_mtu_passes_and_one_more_does_not)
{
	struct lab lab = open_a();
	uint8_t buffer[2048];
	struct frames frame = udp(buffer, 1458 - 28, true);

	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE)),
		"sent");
	frame = udp(buffer, 1458 - 27, true);
	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE)),
		"answered_too_big");
	lab_close(&lab);
}
END_TEST

START_TEST(df_is_told_the_mtu_by_the_gateway)
{
	struct lab lab = open_a();
	uint8_t buffer[2048];
	struct frames frame = udp(buffer, 1460, true);
	struct vs_mac gateway = wnv_gateway_mac((struct vs_vsid){LAB_BLUE});
	const struct vs_view *view;

	lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE));
	ck_assert_uint_eq(lab.fake->seen.emitted_count, 1);
	ck_assert_uint_eq(lab.fake->seen.emitted[0].to.value, LAB_PORT);
	view = &lab.fake->seen.emitted[0].packet->view;
	ck_assert_mem_eq(view->data, buffer + 6, 6);
	ck_assert_mem_eq(view->data + 6, gateway.octet, 6);
	ck_assert_mem_eq(view->data + 26, "\x0a\0\0\1\x0a\0\0\5", 8);
	ck_assert_uint_eq(view->data[34], 3);
	ck_assert_uint_eq(view->data[35], 4);
	ck_assert_uint_eq(vs_load16(view->data + 40), 1458);
	ck_assert_uint_eq(view->size, 14 + 576);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, view->data + 14, 20)), 0xffff);
	ck_assert_uint_eq(
		vs_sum_fold(vs_sum(0, view->data + 34, view->size - 34)),
		0xffff);
	ck_assert_mem_eq(view->data + 42, buffer + 14, 548);
	lab_close(&lab);
}
END_TEST

START_TEST(ipv6_is_told_by_packet_too_big)
{
	struct lab lab = open_a();
	uint8_t buffer[2048];
	struct frames frame = lab_frame6(buffer, 5, 7, VS_IP_UDP);
	const struct vs_view *view;

	frames_udp(&frame);
	memset(buffer + frame.size, 7, 1420);
	frame.size += 1420;
	frames_finish(&frame, VS_IP_UDP);
	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE)),
		"answered_too_big");
	view = &lab.fake->seen.emitted[0].packet->view;
	ck_assert_uint_eq(view->data[54], 2);
	ck_assert_uint_eq(vs_load32(view->data + 58), 1458);
	ck_assert_uint_eq(view->data[22], 0xfd); /* fd00::1, not fe80::1 */
	ck_assert_uint_eq(view->size, 14 + 1280);
	ck_assert_uint_eq(
		vs_sum_fold(vs_sum(vs_sum_pseudo(view->data + 14, VS_IP_ICMP6,
						 view->size - 54),
				   view->data + 54, view->size - 54)),
		0xffff);
	lab_close(&lab);
}
END_TEST

START_TEST(icmp_errors_are_not_answered_with_icmp)
{
	struct lab lab = open_a();
	uint8_t buffer[2048];
	struct frames frame = lab_frame4(buffer, 5, 7, VS_IP_ICMP);

	memset(buffer + frame.size, 0, 1460);
	buffer[frame.size] = 3;
	frame.size += 1460;
	frames_finish_ip(&frame);
	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE)),
		"too_big");
	ck_assert_uint_eq(lab.fake->seen.emitted_count, 0);
	lab_close(&lab);
}
END_TEST

/* Puts the fragments on the wire together; returns the payload's size. */
static uint32_t reassemble(const struct lab *lab, uint8_t *whole, uint32_t mtu)
{
	uint32_t end = 0, covered = 0;
	unsigned int i;

	for (i = 0; i < lab->fake->seen.sent_count; i++) {
		uint8_t wire[4096];
		uint32_t size =
			fake_sent_bytes(lab->fake, i, wire, sizeof(wire));
		uint8_t *ip = wire + 42 + 14;
		uint32_t header = (ip[0] & 15u) * 4;
		uint32_t total = vs_load16(ip + 2);
		uint32_t at = (vs_load16(ip + 6) & 0x1fffu) * 8;

		ck_assert_uint_eq(size, 56 + total);
		ck_assert_uint_eq(vs_load16(wire + 16), 28 + 14 + total);
		ck_assert_uint_eq(vs_sum_fold(vs_sum(0, wire + 14, 20)),
				  0xffff);
		ck_assert_uint_le(total, mtu);
		ck_assert_uint_eq(vs_sum_fold(vs_sum(0, ip, header)), 0xffff);
		ck_assert_uint_eq(vs_load16(ip + 4), 0x1234);
		ck_assert_uint_eq(wire[41], lab->fake->seen.sent[0].lead[41]);
		memcpy(whole + at, ip + header, total - header);
		covered += total - header;
		if (!(vs_load16(ip + 6) & 0x2000))
			end = at + total - header;
		else
			ck_assert_uint_eq((total - header) % 8, 0);
	}
	ck_assert_uint_eq(covered, end);
	return end;
}

/* Property: for any size and MTU, with whole and partial checksums. */
START_TEST(fragments_reassemble_to_the_original)
{
	struct prng prng = prng_start(prng_seed());
	static uint8_t buffer[16384], whole[16384];
	unsigned int i;

	for (i = 0; i < 200; i++) {
		struct lab_options options = host_a;
		struct lab lab;
		struct frames frame;
		struct vs_packet *packet;
		bool partial = prng_below(&prng, 2);
		uint32_t size;

		options.mtu = (uint16_t)(576 + prng_below(&prng, 1000));
		lab = lab_open(&options);
		lab_know(&lab);
		frame = udp(buffer, 1600 + prng_below(&prng, 9000), false);
		memcpy(whole, buffer + 34, frame.size - 34);
		packet = lab_packet(&lab, buffer, frame.size, LAB_BLUE);
		if (partial) {
			uint8_t *udp_at =
				(uint8_t *)(uintptr_t)packet->view.data + 34;

			vs_store16(udp_at + 6, vs_sum_fold(vs_sum_pseudo(
						       buffer + 14, VS_IP_UDP,
						       frame.size - 34)));
			packet->view.offload.csum_start = 34;
			packet->view.offload.csum_offset = 6;
		}
		ck_assert_str_eq(lab_out(&lab, packet), "sent");
		ck_assert_uint_gt(lab.fake->seen.sent_count, 1);
		memset(whole, 0, sizeof(whole));
		size = reassemble(&lab, whole, options.mtu);
		ck_assert_uint_eq(size, frame.size - 34);
		ck_assert_mem_eq(whole, buffer + 34, size);
		lab_close(&lab);
	}
}
END_TEST

START_TEST(fragment_of_a_fragment_keeps_its_place)
{
	struct lab lab = open_a();
	uint8_t buffer[4096], wire[4096];
	struct frames frame = udp(buffer, 2000, false);

	vs_store16(buffer + 20, 0x2000 | 100);
	frames_finish_ip(&frame);
	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE)),
		"sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 2);
	fake_sent_bytes(lab.fake, 0, wire, sizeof(wire));
	ck_assert_uint_eq(vs_load16(wire + 62), 0x2000 | 100);
	fake_sent_bytes(lab.fake, 1, wire, sizeof(wire));
	ck_assert_uint_eq(vs_load16(wire + 62),
			  0x2000 | (100 + (1458 - 20) / 8));
	lab_close(&lab);
}
END_TEST

START_TEST(only_copied_options_stand_in_later_fragments)
{
	struct lab lab = open_a();
	uint8_t buffer[4096], wire[4096];
	struct frames frame = udp(buffer, 2000, false);

	memmove(buffer + 14 + 32, buffer + 14 + 20, frame.size - 34);
	/* record route (not copied), then router alert (copied) */
	memcpy(buffer + 34, "\x07\x07\x04\0\0\0\0\x94\x04\0\0\0", 12);
	buffer[14] = 0x48;
	frame.size += 12;
	frames_finish_ip(&frame);
	lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE));
	ck_assert_uint_eq(lab.fake->seen.sent_count, 2);
	fake_sent_bytes(lab.fake, 0, wire, sizeof(wire));
	ck_assert_uint_eq(wire[56], 0x48);
	ck_assert_mem_eq(wire + 76, buffer + 34, 12);
	fake_sent_bytes(lab.fake, 1, wire, sizeof(wire));
	ck_assert_uint_eq(wire[56], 0x46);
	ck_assert_mem_eq(wire + 76, "\x94\x04\0\0", 4);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, wire + 56, 24)), 0xffff);
	lab_close(&lab);
}
END_TEST

START_TEST(super_frame_is_cut_smaller_and_stays_whole)
{
	struct lab lab = open_a();
	static uint8_t buffer[16384];
	struct frames frame = lab_frame4(buffer, 5, 7, VS_IP_TCP);
	struct vs_packet *packet;
	const struct vs_recipe *recipe = &lab.fake->seen.sent[0];

	frames_tcp(&frame, 1, 0x10);
	frame.size += 10000;
	frames_finish(&frame, VS_IP_TCP);
	packet = lab_packet(&lab, buffer, frame.size, LAB_BLUE);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						   .gso_size = 1460,
						   .header_size = 54,
						   .csum_start = 34,
						   .csum_offset = 16};
	ck_assert_str_eq(lab_out(&lab, packet), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_uint_eq(recipe->offload.gso_size, 1418);
	ck_assert_uint_eq(recipe->offload.header_size, 42 + 54);
	ck_assert_uint_eq(recipe->offload.csum_start, 42 + 34);
	lab_close(&lab);
}
END_TEST

/* A UDP super-frame as a TAP gives it. */
static struct vs_packet *super_udp(struct lab *lab, uint8_t *buffer,
				   const struct frames *frame, uint16_t gso)
{
	uint32_t l4 = frame->l4, size = frame->size - l4;
	struct vs_packet *packet;

	vs_store16(buffer + l4 + 6,
		   vs_sum_fold(vs_sum_pseudo(buffer + 14, VS_IP_UDP, size)));
	packet = lab_packet(lab, buffer, frame->size, LAB_BLUE);
	packet->view.offload =
		(struct vs_offload){.gso = VS_GSO_UDP,
				    .gso_size = gso,
				    .header_size = (uint16_t)(l4 + 8),
				    .csum_start = (uint16_t)l4,
				    .csum_offset = 6};
	return packet;
}

/* What arrives of a super-frame's datagrams. */
struct arrived {
	unsigned int datagrams;
	uint32_t size; /* of all payload */
	uint8_t payload[16384];
	uint32_t have; /* of the one that is not whole */
	uint8_t datagram[16384];
};

static void datagram_arrived(struct arrived *arrived, const uint8_t *ip)
{
	const uint8_t *udp = arrived->datagram;
	uint32_t size = arrived->have;

	ck_assert_uint_eq(vs_load16(udp + 4), size);
	ck_assert_uint_ne(vs_load16(udp + 6), 0);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(vs_sum_pseudo(ip, VS_IP_UDP, size),
					     udp, size)),
			  0xffff);
	memcpy(arrived->payload + arrived->size, udp + 8, size - 8);
	arrived->size += size - 8;
	arrived->datagrams++;
	arrived->have = 0;
}

/* All that was sent; the customer's IP header stands at `at`. */
static void gather(const struct lab *lab, uint32_t at, uint32_t mtu,
		   struct arrived *arrived)
{
	unsigned int i;

	memset(arrived, 0, sizeof(*arrived));
	for (i = 0; i < lab->fake->seen.sent_count; i++) {
		uint8_t wire[4096];
		uint32_t size =
			fake_sent_bytes(lab->fake, i, wire, sizeof(wire));
		const uint8_t *ip = wire + at;
		uint32_t more = vs_load16(ip + 2) - 20u;

		ck_assert_uint_eq(size, at + 20 + more);
		ck_assert_uint_le(20 + more, mtu);
		ck_assert_uint_eq(vs_sum_fold(vs_sum(0, ip, 20)), 0xffff);
		ck_assert_uint_eq(vs_load16(ip + 4),
				  0x1234 + arrived->datagrams);
		ck_assert_uint_eq((vs_load16(ip + 6) & 0x1fffu) * 8,
				  arrived->have);
		memcpy(arrived->datagram + arrived->have, ip + 20, more);
		arrived->have += more;
		if (!(vs_load16(ip + 6) & 0x2000))
			datagram_arrived(arrived, ip);
		else
			ck_assert_uint_eq(more % 8, 0);
	}
	ck_assert_uint_eq(arrived->have, 0);
}

/* Property: for any size, segment and MTU; every datagram is a whole one. */
START_TEST(datagrams_of_a_super_frame_are_fragmented_one_by_one)
{
	struct prng prng = prng_start(prng_seed());
	static uint8_t buffer[16384];
	static struct arrived arrived;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		struct lab_options options = host_a;
		uint32_t payload = 600 + prng_below(&prng, 12000);
		struct frames frame;
		struct lab lab;
		uint16_t gso;

		options.mtu = (uint16_t)(576 + prng_below(&prng, 1000));
		gso = (uint16_t)(options.mtu - 27 + prng_below(&prng, 2000));
		lab = lab_open(&options);
		lab_know(&lab);
		frame = udp(buffer, payload, false);
		ck_assert_str_eq(
			lab_out(&lab, super_udp(&lab, buffer, &frame, gso)),
			"sent");
		gather(&lab, 42 + 14, options.mtu, &arrived);
		ck_assert_uint_eq(arrived.datagrams, (payload + gso - 1) / gso);
		ck_assert_uint_eq(arrived.size, payload);
		ck_assert_mem_eq(arrived.payload, buffer + 42, payload);
		lab_close(&lab);
	}
}
END_TEST

START_TEST(datagrams_that_are_rewritten_are_fragmented_as_well)
{
	static const struct lab_options options = {
		.host = 1, .owned = true, .rewrite = true};
	const struct lab_arp found = {.sender_mac = lab_host_mac(2),
				      .sender = {192, 0, 2, 123},
				      .target = {192, 0, 2, 121},
				      .operation = 2};
	struct lab lab = lab_open(&options);
	static uint8_t buffer[16384];
	static struct arrived arrived;
	struct frames frame = udp(buffer, 5000, false);
	uint8_t arp[64];

	lab_know(&lab);
	buffer[11] = buffer[29] = 21;
	buffer[5] = buffer[33] = 23;
	frames_finish(&frame, VS_IP_UDP);
	ck_assert_str_eq(lab_out(&lab, super_udp(&lab, buffer, &frame, 2000)),
			 "held");
	lab_in(&lab, lab_packet(&lab, arp, lab_arp(arp, &found), 0));
	gather(&lab, 14, 1458, &arrived);
	ck_assert_uint_eq(arrived.datagrams, 3);
	ck_assert_uint_eq(arrived.size, 5000);
	ck_assert_mem_eq(arrived.payload, buffer + 42, 5000);
	lab_close(&lab);
}
END_TEST

START_TEST(datagrams_with_df_or_ipv6_are_answered)
{
	struct lab lab = open_a();
	static uint8_t buffer[16384];
	struct frames frame = udp(buffer, 5000, true);

	ck_assert_str_eq(lab_out(&lab, super_udp(&lab, buffer, &frame, 2000)),
			 "answered_too_big");
	frame = lab_frame6(buffer, 5, 7, VS_IP_UDP);
	frames_udp(&frame);
	frame.size += 5000;
	frames_finish(&frame, VS_IP_UDP);
	ck_assert_str_eq(lab_out(&lab, super_udp(&lab, buffer, &frame, 2000)),
			 "answered_too_big");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 0);
	lab_close(&lab);
}
END_TEST

START_TEST(datagrams_that_fit_stay_one_super_frame)
{
	struct lab lab = open_a();
	static uint8_t buffer[16384];
	struct frames frame = udp(buffer, 5000, false);

	ck_assert_str_eq(
		lab_out(&lab, super_udp(&lab, buffer, &frame, 1458 - 28)),
		"sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_int_eq(lab.fake->seen.sent[0].offload.gso, VS_GSO_UDP);
	ck_assert_uint_eq(lab.fake->seen.sent[0].offload.gso_size, 1430);
	lab_close(&lab);
}
END_TEST

/* A SYN with the MSS option at an even or an odd offset. */
static struct frames syn(uint8_t *buffer, uint16_t mss, bool odd)
{
	struct frames frame = lab_frame4(buffer, 5, 7, VS_IP_TCP);
	uint8_t options[8] = {2, 4, (uint8_t)(mss >> 8), (uint8_t)mss, 1, 1};
	uint8_t askew[8] = {1, 2, 4, (uint8_t)(mss >> 8), (uint8_t)mss, 1};

	frames_tcp(&frame, 9, 2);
	buffer[frame.l4 + 12] = 0x70;
	frames_bytes(&frame, odd ? askew : options, 8);
	frames_finish(&frame, VS_IP_TCP);
	return frame;
}

static uint16_t tcp_sum(const uint8_t *ip)
{
	uint32_t size = vs_load16(ip + 2) - 20u;

	return vs_sum_fold(
		vs_sum(vs_sum_pseudo(ip, VS_IP_TCP, size), ip + 20, size));
}

START_TEST(syn_is_clamped_on_its_way_out)
{
	struct lab lab = open_a();
	uint8_t buffer[256], wire[512];
	struct frames frame = syn(buffer, 1460, _i);
	uint32_t at = 42 + 54 + 2 + (uint32_t)_i;

	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE)),
		"sent");
	fake_sent_bytes(lab.fake, 0, wire, sizeof(wire));
	ck_assert_uint_eq(vs_load16(wire + at), 1418);
	ck_assert_uint_eq(tcp_sum(wire + 56), 0xffff);
	frame = syn(buffer, 1400, _i);
	lab_clear(&lab);
	lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_BLUE));
	fake_sent_bytes(lab.fake, 0, wire, sizeof(wire));
	ck_assert_uint_eq(vs_load16(wire + at), 1400);
	ck_assert_uint_eq(lab.fake->seen.sent[0].lead_size, 42);
	lab_close(&lab);
}
END_TEST

START_TEST(partial_checksum_of_a_clamped_syn_stays_partial)
{
	struct lab lab = open_a();
	uint8_t buffer[256], wire[512];
	struct frames frame = syn(buffer, 1460, false);
	struct vs_packet *packet;

	vs_store16(buffer + 50, 0xabcd);
	packet = lab_packet(&lab, buffer, frame.size, LAB_BLUE);
	packet->view.offload.csum_start = 34;
	packet->view.offload.csum_offset = 16;
	lab_out(&lab, packet);
	fake_sent_bytes(lab.fake, 0, wire, sizeof(wire));
	ck_assert_uint_eq(vs_load16(wire + 42 + 50), 0xabcd);
	ck_assert_uint_eq(vs_load16(wire + 42 + 56), 1418);
	lab_close(&lab);
}
END_TEST

START_TEST(syn_is_clamped_on_its_way_in)
{
	struct lab lab = lab_open(&host_b);
	uint8_t buffer[256], wire[512];
	struct frames frame = syn(buffer, 1460, _i);
	uint32_t size = lab_wrap(wire, 1, 2, &frame);
	struct vs_packet *packet = lab_packet(&lab, wire, size, 0);

	ck_assert_str_eq(lab_in(&lab, packet), "pass");
	ck_assert_uint_eq(vs_load16(packet->view.data + 56 + _i), 1418);
	ck_assert_uint_eq(tcp_sum(packet->view.data + 14), 0xffff);
	lab_close(&lab);
}
END_TEST

START_TEST(malformed_options_end_the_search)
{
	uint8_t tcp[40] = {[12] = 0xa0, 2};

	tcp[20] = 3;
	tcp[21] = 0; /* a length that never ends */
	ck_assert_uint_eq(mtu_find_mss(tcp, sizeof(tcp), 1), 0);
	tcp[21] = 60;
	ck_assert_uint_eq(mtu_find_mss(tcp, sizeof(tcp), 1), 0);
	memset(tcp + 20, 1, 19);
	tcp[39] = 2; /* cut behind its kind */
	ck_assert_uint_eq(mtu_find_mss(tcp, sizeof(tcp), 1), 0);
	memcpy(tcp + 36, "\2\4\5\xb4", 4);
	ck_assert_uint_eq(mtu_find_mss(tcp, sizeof(tcp), 1), 38);
	ck_assert_uint_eq(mtu_find_mss(tcp, 39, 1), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("wnv_mtu");
	TCase *tests = tcase_create("mtu");

	tcase_add_test(tests,
		       frame_of_exactly_the_mtu_passes_and_one_more_does_not);
	tcase_add_test(tests, df_is_told_the_mtu_by_the_gateway);
	tcase_add_test(tests, ipv6_is_told_by_packet_too_big);
	tcase_add_test(tests, icmp_errors_are_not_answered_with_icmp);
	tcase_add_test(tests, fragments_reassemble_to_the_original);
	tcase_add_test(tests, fragment_of_a_fragment_keeps_its_place);
	tcase_add_test(tests, only_copied_options_stand_in_later_fragments);
	tcase_add_test(tests, super_frame_is_cut_smaller_and_stays_whole);
	tcase_add_test(tests,
		       datagrams_of_a_super_frame_are_fragmented_one_by_one);
	tcase_add_test(tests,
		       datagrams_that_are_rewritten_are_fragmented_as_well);
	tcase_add_test(tests, datagrams_with_df_or_ipv6_are_answered);
	tcase_add_test(tests, datagrams_that_fit_stay_one_super_frame);
	tcase_add_loop_test(tests, syn_is_clamped_on_its_way_out, 0, 2);
	tcase_add_test(tests, partial_checksum_of_a_clamped_syn_stays_partial);
	tcase_add_loop_test(tests, syn_is_clamped_on_its_way_in, 0, 2);
	tcase_add_test(tests, malformed_options_end_the_search);
	suite_add_tcase(all, tests);
	return all;
}

int main(void)
{
	return suite_main(suite());
}
