/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distributed router at the hook (hnv.md A5.4, A5.8, A5.11, A6): which
 * bytes of a routed frame change and where they stand, what is answered, and
 * what is dropped by name instead. Whole ways are tests/scenario's.
 */
#include "packet/pool.h"
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

static const struct lab_options host_a = {.host = 1, .routed = true};

static struct lab open_a(void)
{
	struct lab lab = lab_open(&host_a);

	lab_know(&lab);
	return lab;
}

/* From 10.0.0.5 by the gateway to 10.0.1.`to`, or fd00:0:0:1::`to`. */
static struct frames begin4(uint8_t *buffer, uint8_t to, uint8_t protocol)
{
	struct frames frame = lab_frame4(buffer, 5, 1, protocol);

	buffer[32] = 1;
	buffer[33] = to;
	return frame;
}

static struct frames begin6(uint8_t *buffer, uint8_t to, uint8_t next)
{
	struct frames frame = lab_frame6(buffer, 5, 1, next);

	buffer[14 + 31] = 1;
	buffer[14 + 39] = to;
	return frame;
}

static struct frames udp(uint8_t *buffer, bool ipv6, uint8_t to)
{
	struct frames frame = ipv6 ? begin6(buffer, to, VS_IP_UDP)
				   : begin4(buffer, to, VS_IP_UDP);

	frames_udp(&frame);
	frames_bytes(&frame, "payload", 7);
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

static const char *out(struct lab *lab, const struct frames *frame)
{
	return lab_out(lab,
		       lab_packet(lab, frame->bytes, frame->size, LAB_BLUE));
}

/* What routing makes of a frame. */
static void route(uint8_t *bytes, uint8_t to)
{
	struct vs_mac target = lab_vm_mac(to);
	struct vs_mac gateway = wnv_gateway_mac((struct vs_vsid){LAB_NEAR});
	uint8_t *ip = bytes + 14;

	memcpy(bytes, target.octet, 6);
	memcpy(bytes + 6, gateway.octet, 6);
	if (ip[0] >> 4 == 6) {
		ip[7]--;
		return;
	}
	ip[8]--;
	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, (ip[0] & 15) * 4u)));
}

START_TEST(recipe_changes_the_headers_in_its_lead_only)
{
	struct lab lab = open_a();
	uint8_t buffer[256], before[256], wire[512];
	struct frames frame = udp(buffer, _i, 21);
	struct vs_packet *packet =
		lab_packet(&lab, buffer, frame.size, LAB_BLUE);
	const struct vs_recipe *sent = &lab.fake->seen.sent[0];
	uint32_t header = 14 + (_i ? 40 : 20);

	memcpy(before, buffer, frame.size);
	ck_assert_str_eq(lab_out(&lab, packet), "sent");
	ck_assert_mem_eq(packet->view.data, before, frame.size);
	ck_assert_uint_eq(fake_sent_bytes(lab.fake, 0, wire, sizeof(wire)),
			  42 + frame.size);
	ck_assert_uint_eq(vs_load32(wire + 38) >> 8, LAB_NEAR);
	ck_assert_mem_eq(wire + 30, "\xc0\0\2\2", 4);
	route(before, 21);
	ck_assert_mem_eq(wire + 42, before, frame.size);
	ck_assert_uint_eq(sent->lead_size, 42 + header);
	ck_assert_uint_eq(sent->slice_offset, header);
	lab_close(&lab);
}
END_TEST

START_TEST(reflected_frame_gets_the_same_headers)
{
	struct lab lab = open_a();
	uint8_t buffer[256], wanted[256];
	struct frames frame = udp(buffer, _i, 20);
	const struct fake_reflected *seen = &lab.fake->seen.reflected[0];
	uint32_t header = 14 + (_i ? 40 : 20);

	memcpy(wanted, buffer, frame.size);
	route(wanted, 20);
	ck_assert_str_eq(out(&lab, &frame), "reflected");
	ck_assert_uint_eq(seen->vsid.value, LAB_NEAR);
	ck_assert_uint_eq(seen->header_size, header);
	ck_assert_mem_eq(seen->header, wanted, header);
	lab_close(&lab);
}
END_TEST

START_TEST(options_move_along_and_a_bad_checksum_stays_bad)
{
	struct lab lab = open_a();
	uint8_t buffer[256], wanted[256], wire[512];
	struct frames frame = begin4(buffer, 21, VS_IP_UDP);

	buffer[14] = 0x46;
	frames_bytes(&frame, "\1\1\1\0", 4);
	frame.l4 += 4;
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	memcpy(wanted, buffer, frame.size);
	route(wanted, 21);
	buffer[24] ^= 0x10;
	wanted[24] ^= 0x10;
	ck_assert_str_eq(out(&lab, &frame), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent[0].lead_size, 42 + 14 + 24);
	fake_sent_bytes(lab.fake, 0, wire, sizeof(wire));
	ck_assert_mem_eq(wire + 42, wanted, frame.size);
	lab_close(&lab);
}
END_TEST

START_TEST(super_frame_stays_whole)
{
	struct lab lab = open_a();
	uint8_t *buffer = calloc(1, 9000);
	struct frames frame = begin4(buffer, 21, VS_IP_TCP);
	const struct vs_recipe *sent = &lab.fake->seen.sent[0];
	struct vs_packet *packet;

	frames_tcp(&frame, 1, 0x10);
	frame.size = 5054;
	frames_finish_ip(&frame);
	packet = lab_packet(&lab, buffer, frame.size, LAB_BLUE);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						   .gso_size = 1000,
						   .header_size = 54,
						   .csum_start = 34,
						   .csum_offset = 16};
	ck_assert_str_eq(lab_out(&lab, packet), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_uint_eq(sent->offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(sent->offload.gso_size, 1000);
	ck_assert_uint_eq(sent->offload.header_size, 42 + 54);
	ck_assert_uint_eq(sent->offload.csum_start, 42 + 34);
	ck_assert_uint_eq(sent->lead_size + sent->slice_size, 42 + 5054);
	free(buffer);
	lab_close(&lab);
}
END_TEST

/* The gateway's error about a frame: the quote is the frame as it came. */
static void check_error(const struct lab *lab, const struct frames *frame,
			uint8_t type, uint8_t code)
{
	const struct vs_packet *packet = lab->fake->seen.emitted[0].packet;
	const uint8_t *bytes = packet->view.data, *icmp;
	bool ipv6 = frame->bytes[12] == 0x86;
	uint64_t sum = 0;

	icmp = bytes + 14 + (ipv6 ? 40 : 20);
	ck_assert_mem_eq(bytes, frame->bytes + 6, 6);
	ck_assert_mem_eq(bytes + 6, frame->bytes, 6);
	ck_assert_uint_eq(icmp[0], type);
	ck_assert_uint_eq(icmp[1], code);
	ck_assert_mem_eq(icmp + 8, frame->bytes + 14, frame->size - 14);
	if (ipv6)
		sum = vs_sum_pseudo(bytes + 14, VS_IP_ICMP6,
				    frame->size - 14 + 8);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(sum, icmp, frame->size - 14 + 8)),
			  0xffff);
}

START_TEST(last_hop_is_told_and_counted)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp(buffer, _i, 21);

	buffer[14 + (_i ? 7 : 8)] = 1;
	frames_finish_ip(&frame);
	ck_assert_str_eq(out(&lab, &frame), "answered_time_exceeded");
	check_error(&lab, &frame, _i ? 3 : 11, 0);
	/* without a buffer it is a drop like any other */
	lab.fake->no_buffers = true;
	ck_assert_str_eq(out(&lab, &frame), "ttl_expired");
	lab_close(&lab);
}
END_TEST

START_TEST(hop_that_nobody_has_is_no_route)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp(buffer, false, 9);

	memcpy(buffer + 30, "\xac\x10\0\1", 4);
	frames_finish_ip(&frame);
	ck_assert_str_eq(out(&lab, &frame), "answered_unreachable");
	check_error(&lab, &frame, 3, 0);
	/* never about an error */
	buffer[23] = VS_IP_ICMP;
	buffer[34] = 3;
	frames_finish_ip(&frame);
	ck_assert_str_eq(out(&lab, &frame), "next_hop_unusable");
	lab_close(&lab);
}
END_TEST

START_TEST(link_local_source_stays_on_its_link)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp(buffer, false, 21);

	memcpy(buffer + 26, "\xa9\xfe\0\5", 4);
	frames_finish_ip(&frame);
	ck_assert_str_eq(out(&lab, &frame), "link_local_source");
	frame = udp(buffer, true, 21);
	memcpy(buffer + 22, "\xfe\x80\0\0\0\0\0\0", 8);
	ck_assert_str_eq(out(&lab, &frame), "answered_unreachable");
	check_error(&lab, &frame, 1, 2);
	lab_close(&lab);
}
END_TEST

START_TEST(answers_keep_the_ports_rate)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp(buffer, false, 99);
	unsigned int i, answered = 0;

	for (i = 0; i < 400; i++) {
		const char *verdict = out(&lab, &frame);

		answered += strcmp(verdict, "answered_unreachable") == 0;
		if (i >= answered)
			ck_assert_str_eq(verdict, "no_lookup_record");
		if (i % 100 == 99)
			lab_clear(&lab);
	}
	ck_assert_uint_ge(answered, 200);
	ck_assert_uint_le(answered, 202);
	lab_close(&lab);
}
END_TEST

/* The next frame of a burst may follow the one before only where both go. */
START_TEST(frames_of_a_burst_each_go_their_way)
{
	static const uint8_t ways[8] = {21, 21, 20, 21, 98, 20, 20, 1};
	static const uint8_t actions[8] = {VS_SENT,    VS_SENT,	   VS_REFLECT,
					   VS_SENT,    VS_CONSUME, VS_REFLECT,
					   VS_REFLECT, VS_DROP};
	struct lab lab = open_a();
	struct vs_packet *packets[32];
	struct vs_verdict verdicts[32];
	uint8_t buffer[256];
	struct frames frame;
	unsigned int i;

	for (i = 0; i < 32; i++) {
		frame = udp(buffer, i >> 3 & 1, ways[i % 8]);
		packets[i] = lab_packet(&lab, buffer, frame.size, LAB_BLUE);
	}
	fake_to_wire_burst(lab.fake, packets, verdicts, 32);
	for (i = 0; i < 32; i++)
		ck_assert_int_eq(verdicts[i].action, actions[i % 8]);
	for (i = 0; i < lab.fake->seen.sent_count; i++)
		ck_assert_uint_eq(lab.fake->seen.sent[i].lead[47], 21);
	for (i = 0; i < lab.fake->seen.reflected_count; i++)
		ck_assert_uint_eq(lab.fake->seen.reflected[i].header[5], 20);
	lab_close(&lab);
}
END_TEST

/* Frames of one flow: each has its own length, ID and payload. */
START_TEST(frames_of_a_flow_are_routed_alike)
{
	struct lab lab = open_a();
	struct vs_packet *packets[8];
	struct vs_verdict verdicts[8];
	uint8_t buffers[8][256], wire[512];
	struct frames frames[8];
	unsigned int i;

	for (i = 0; i < 8; i++) {
		frames[i] = _i ? begin6(buffers[i], 21, VS_IP_UDP)
			       : begin4(buffers[i], 21, VS_IP_UDP);
		frames_udp(&frames[i]);
		frames_bytes(&frames[i], "payload of any size", 19 - i);
		if (!_i)
			vs_store16(buffers[i] + 18, (uint16_t)(1000 + i));
		frames_finish(&frames[i], VS_IP_UDP);
		packets[i] =
			lab_packet(&lab, buffers[i], frames[i].size, LAB_BLUE);
	}
	fake_to_wire_burst(lab.fake, packets, verdicts, 8);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 8);
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(verdicts[i].action, VS_SENT);
		ck_assert_uint_eq(
			fake_sent_bytes(lab.fake, i, wire, sizeof(wire)),
			42 + frames[i].size);
		ck_assert_uint_eq(vs_load32(wire + 38) >> 8, LAB_NEAR);
		route(buffers[i], 21);
		ck_assert_mem_eq(wire + 42, buffers[i], frames[i].size);
	}
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_router");
	TCase *tcase = tcase_create("router");

	tcase_add_loop_test(tcase, recipe_changes_the_headers_in_its_lead_only,
			    0, 2);
	tcase_add_loop_test(tcase, reflected_frame_gets_the_same_headers, 0, 2);
	tcase_add_test(tcase, options_move_along_and_a_bad_checksum_stays_bad);
	tcase_add_test(tcase, super_frame_stays_whole);
	tcase_add_loop_test(tcase, last_hop_is_told_and_counted, 0, 2);
	tcase_add_test(tcase, hop_that_nobody_has_is_no_route);
	tcase_add_test(tcase, link_local_source_stays_on_its_link);
	tcase_add_test(tcase, answers_keep_the_ports_rate);
	tcase_add_test(tcase, frames_of_a_burst_each_go_their_way);
	tcase_add_loop_test(tcase, frames_of_a_flow_are_routed_alike, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
