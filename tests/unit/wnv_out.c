/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames to the wire (hnv.md A5, A7; design 8): who gets what, who answers,
 * and that what one host wraps is what the other unwraps.
 */
#include "packet/pool.h"
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

static const struct lab_options host_a = {.host = 1, .dscp = WNV_DSCP_COPY};
static const struct lab_options host_b = {.host = 2, .dscp = WNV_DSCP_COPY};

static struct lab open_a(void)
{
	struct lab lab = lab_open(&host_a);

	lab_know(&lab);
	return lab;
}

static struct frames udp4(uint8_t *buffer, uint8_t from, uint8_t to)
{
	struct frames frame = lab_frame4(buffer, from, to, VS_IP_UDP);

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

START_TEST(unicast_leaves_as_nvgre_to_the_records_pa)
{
	static const uint8_t gre[7] = {0x20, 0, 0x65, 0x58, 0, 0x13, 0x89};
	struct lab lab = open_a();
	uint8_t buffer[256], wire[512];
	struct frames frame = udp4(buffer, 5, 7);
	const struct vs_recipe *recipe = &lab.fake->seen.sent[0];
	struct vs_mac hop = lab_host_mac(2), own = lab_host_mac(1);

	ck_assert_str_eq(out(&lab, &frame), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_uint_eq(fake_sent_bytes(lab.fake, 0, wire, sizeof(wire)),
			  42 + frame.size);
	ck_assert_mem_eq(wire, hop.octet, 6);
	ck_assert_mem_eq(wire + 6, own.octet, 6);
	ck_assert_uint_eq(vs_load16(wire + 16), 28 + frame.size);
	ck_assert_uint_eq(vs_load16(wire + 20), 0x4000);
	ck_assert_uint_eq(wire[22], 128);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, wire + 14, 20)), 0xffff);
	ck_assert_mem_eq(wire + 26, "\xc0\0\2\1\xc0\0\2\2", 8);
	ck_assert_mem_eq(wire + 34, gre, sizeof(gre));
	ck_assert_mem_eq(wire + 42, buffer, frame.size);
	ck_assert_uint_eq(recipe->lead_size, 42); /* no copy of the frame */
	ck_assert_uint_eq(recipe->encapsulation, VS_ENCAP_NVGRE);
	ck_assert_uint_eq(recipe->inner, 42);
	ck_assert_uint_eq(recipe->port.value, LAB_UPLINK);
	lab_close(&lab);
}
END_TEST

START_TEST(flow_id_is_the_flows_own_and_off_per_peer)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame;
	unsigned int i, differ = 0;
	const struct vs_recipe *sent = lab.fake->seen.sent;

	for (i = 0; i < 16; i++) {
		frame = udp4(buffer, 5, 7);
		buffer[35] = (uint8_t)i; /* source port */
		frames_finish(&frame, VS_IP_UDP);
		out(&lab, &frame);
		out(&lab, &frame);
		ck_assert_uint_eq(sent[2 * i].lead[41],
				  sent[2 * i + 1].lead[41]);
		differ += sent[2 * i].lead[41] != sent[0].lead[41];
	}
	ck_assert_uint_gt(differ, 10);
	lab_clear(&lab);
	frame = udp4(buffer, 5, 8);
	out(&lab, &frame);
	ck_assert_uint_eq(sent[0].lead[41], 0);
	lab_close(&lab);
}
END_TEST

START_TEST(identification_goes_up_by_one_from_packet_to_packet)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp4(buffer, 5, 7);
	const struct vs_recipe *sent = lab.fake->seen.sent;
	unsigned int i;

	/* whoever they are for: one count, so that no two are alike for long */
	for (i = 0; i < 8; i++) {
		frame = udp4(buffer, 5, i & 1 ? 8 : 7);
		ck_assert_str_eq(out(&lab, &frame), "sent");
		if (i)
			ck_assert_uint_eq(
				(uint16_t)(vs_load16(sent[i - 1].lead + 18) +
					   1),
				vs_load16(sent[i].lead + 18));
	}
	lab_close(&lab);
}
END_TEST

/* 42 bytes, less than Ethernet's 60 (B1.23). */
START_TEST(short_frame_is_carried_without_padding)
{
	static const struct lab_options both = {.host = 2};
	struct lab a = open_a(), b = lab_open(&both);
	uint8_t buffer[64], wire[256];
	struct frames frame = lab_frame4(buffer, 5, 7, VS_IP_UDP);
	struct vs_packet *packet;
	uint32_t size;

	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	ck_assert_uint_eq(frame.size, 42);
	ck_assert_str_eq(out(&a, &frame), "sent");
	size = fake_sent_bytes(a.fake, 0, wire, sizeof(wire));
	ck_assert_uint_eq(size, 42 + 42);
	packet = lab_packet(&b, wire, size, 0);
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_uint_eq(packet->view.size, 42);
	ck_assert_mem_eq(packet->view.data, buffer, 42);
	lab_close(&a);
	lab_close(&b);
}
END_TEST

START_TEST(destination_mac_follows_the_record)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp4(buffer, 5, 7);
	struct vs_mac right = lab_vm_mac(7);
	const struct vs_recipe *recipe = &lab.fake->seen.sent[0];

	buffer[5] = 0x66;
	ck_assert_str_eq(out(&lab, &frame), "sent");
	ck_assert_uint_eq(recipe->lead_size, 42 + 14);
	ck_assert_mem_eq(recipe->lead + 42, right.octet, 6);
	ck_assert_uint_eq(recipe->slice_offset, 14);
	ck_assert_uint_eq(recipe->slice_size, frame.size - 14);
	lab_close(&lab);
}
END_TEST

START_TEST(dscp_and_ecn_leave_as_policy_says)
{
	struct lab_options fixed = host_a;
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp4(buffer, 5, 7);

	buffer[15] = 0xb8 | 2;
	frames_finish(&frame, VS_IP_UDP);
	out(&lab, &frame);
	ck_assert_uint_eq(lab.fake->seen.sent[0].lead[15], 0xb8 | 2);
	lab_close(&lab);
	fixed.dscp = 10;
	lab = lab_open(&fixed);
	lab_know(&lab);
	out(&lab, &frame);
	ck_assert_uint_eq(lab.fake->seen.sent[0].lead[15], 10 << 2 | 2);
	lab_close(&lab);
}
END_TEST

/* Destination 10.0.0.N and what becomes of the frame. */
static const struct {
	uint8_t to[4];
	const char *verdict;
} destinations[] = {
	{{10, 0, 0, 6}, "local_only"},
	{{10, 0, 0, 9}, "rule_none"},
	{{10, 0, 0, 10}, "record_unusable"},
	{{10, 0, 0, 99}, "no_lookup_record"},
	{{172, 16, 0, 1}, "no_route"},
	{{10, 0, 0, 1}, "gateway_service"},
	{{10, 0, 0, 8}, "sent"},
};

START_TEST(every_destination_has_its_outcome)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp4(buffer, 5, 6);

	memcpy(buffer + 30, destinations[_i].to, 4);
	frames_finish(&frame, VS_IP_UDP);
	ck_assert_str_eq(out(&lab, &frame), destinations[_i].verdict);
	lab_close(&lab);
}
END_TEST

START_TEST(frame_by_the_gateway_to_a_local_neighbour_is_reflected)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp4(buffer, 5, 6);
	struct vs_mac gateway = wnv_gateway_mac((struct vs_vsid){LAB_BLUE});
	struct vs_mac target = lab_vm_mac(6);
	const struct fake_reflected *seen = &lab.fake->seen.reflected[0];

	memcpy(buffer, gateway.octet, 6);
	ck_assert_str_eq(out(&lab, &frame), "reflected");
	ck_assert_uint_eq(seen->vsid.value, LAB_BLUE);
	ck_assert_mem_eq(seen->header, target.octet, 6);
	ck_assert_mem_eq(seen->header + 6, gateway.octet, 6);
	ck_assert_mem_eq(seen->header + 12, buffer + 12, 2);
	lab_close(&lab);
}
END_TEST

START_TEST(group_frame_has_one_copy_per_remote_pa)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp4(buffer, 5, 255);

	memset(buffer, 0xff, 6);
	ck_assert_str_eq(out(&lab, &frame), "sent");
	ck_assert_uint_eq(lab.fake->seen.sent_count, 2);
	ck_assert_uint_eq(lab.fake->seen.sent[0].lead[33], 2);
	ck_assert_uint_eq(lab.fake->seen.sent[1].lead[33], 3);
	lab_close(&lab);
}
END_TEST

START_TEST(odd_frames_are_named)
{
	struct lab lab = open_a();
	uint8_t buffer[256];
	struct frames frame = udp4(buffer, 5, 7);

	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, 7777)),
		"vsid_unknown");
	memcpy(buffer, "\1\x80\xc2\0\0\0", 6);
	ck_assert_str_eq(out(&lab, &frame), "link_local_mcast");
	frame = udp4(buffer, 5, 7);
	vs_store16(buffer + 12, 0x88b5);
	ck_assert_str_eq(out(&lab, &frame), "non_ip");
	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, frame.size, LAB_RED)),
		"sent"); /* l2=on, by MAC */
	vs_store16(buffer + 12, VS_TYPE_IPV6);
	ck_assert_str_eq(out(&lab, &frame), "inner_bad_ip");
	lab_close(&lab);
}
END_TEST

/* From 10.0.0.FROM in a VSID to an address with 10.0.0.MAC's MAC. */
static const struct {
	uint8_t from;
	uint32_t vsid;
	uint8_t to[4], mac;
	const char *verdict;
} odd_ways[] = {
	{5, LAB_BLUE, {10, 0, 0, 7}, 7, "sent"},
	{99, LAB_BLUE, {10, 0, 0, 7}, 7, "no_source_pa"},
	{99, LAB_BLUE, {255, 255, 255, 255}, 255, "no_source_pa"},
	{5, LAB_BLUE, {10, 0, 0, 11}, 11, "pa_no_route"},
	{5, LAB_BLUE, {172, 20, 0, 9}, 7, "sent"}, /* to the next hop itself */
	{5, LAB_BLUE, {172, 20, 0, 9}, 1, "sent"}, /* by the gateway */
	{5, LAB_BLUE, {172, 20, 0, 9}, 8, "not_routed"},
	{5, LAB_GREEN, {255, 255, 255, 255}, 255, "no_remote"},
	{5, LAB_BLUE, {255, 255, 255, 255}, 255, "sent"},
};

START_TEST(way_that_does_not_lead_there_is_named)
{
	static const struct lab_options options = {.host = 1, .odd = true};
	struct lab lab = lab_open(&options);
	uint8_t buffer[256];
	struct frames frame = udp4(buffer, odd_ways[_i].from, odd_ways[_i].mac);

	lab_know(&lab);
	memcpy(buffer + 30, odd_ways[_i].to, 4);
	if (odd_ways[_i].mac == 255)
		memset(buffer, 255, 6);
	frames_finish(&frame, VS_IP_UDP);
	ck_assert_str_eq(lab_out(&lab, lab_packet(&lab, buffer, frame.size,
						  odd_ways[_i].vsid)),
			 odd_ways[_i].verdict);
	lab_close(&lab);
}
END_TEST

/* -- ARP and ND -------------------------------------------------------------
 */

/* Who asks, with which sender address, for whom, how; and what happens. */
static const struct {
	uint8_t asker, sender, target, operation, unicast;
	const char *verdict;
	uint8_t answer; /* the MAC's last byte; 0 = no answer */
	uint8_t copies; /* recipes */
} arps[] = {
	{5, 5, 7, 1, 0, "arp_proxy", 7, 0},  /* a remote CA */
	{5, 5, 6, 1, 0, "local_only", 0, 0}, /* a local one, without a port */
	{5, 5, 99, 1, 0, "no_lookup_record", 0, 0},
	{5, 5, 1, 1, 0, "arp_proxy", 1, 0},    /* the gateway */
	{5, 5, 1, 1, 1, "arp_proxy", 1, 0},    /* and unicast */
	{5, 0, 1, 1, 0, "arp_proxy", 1, 0},    /* probe for the gateway */
	{5, 0, 7, 1, 0, "arp_proxy", 7, 0},    /* probe: another has it */
	{7, 0, 7, 1, 0, "arp_proxy", 0, 0},    /* probe by the owner itself */
	{5, 0, 5, 1, 0, "arp_proxy", 0, 0},    /* probe for one's own */
	{5, 5, 5, 1, 0, "sent", 0, 2},	       /* gratuitous request */
	{5, 5, 5, 2, 0, "sent", 0, 2},	       /* gratuitous reply */
	{5, 5, 7, 1, 1, "sent", 0, 1},	       /* unicast: to the VM */
	{5, 5, 7, 2, 1, "sent", 0, 1},	       /* its answer */
	{5, 5, 1, 2, 1, "arp_proxy", 0, 0},    /* an answer to the gateway */
	{5, 5, 7, 3, 0, "inner_bad_ip", 0, 0}, /* reverse ARP */
};

START_TEST(arp_truth_table)
{
	struct lab lab = open_a();
	struct vs_mac to = arps[_i].target == 1
				   ? wnv_gateway_mac((struct vs_vsid){LAB_BLUE})
				   : lab_vm_mac(arps[_i].target);
	struct vs_mac asker = lab_vm_mac(arps[_i].asker), mac = to;
	struct lab_arp arp = {
		.to = arps[_i].unicast ? &to : NULL,
		.sender_mac = asker,
		.sender = {10, 0, 0, arps[_i].sender},
		.target = {10, 0, 0, arps[_i].target},
		.operation = arps[_i].operation,
	};
	const struct fake_emitted *emitted = &lab.fake->seen.emitted[0];
	uint8_t buffer[64];
	const uint8_t *answer;
	uint32_t size;

	if (!arps[_i].sender)
		memset(arp.sender, 0, 4);
	size = lab_arp(buffer, &arp);
	ck_assert_str_eq(
		lab_out(&lab, lab_packet(&lab, buffer, size, LAB_BLUE)),
		arps[_i].verdict);
	ck_assert_uint_eq(lab.fake->seen.sent_count, arps[_i].copies);
	ck_assert_uint_eq(lab.fake->seen.emitted_count, arps[_i].answer != 0);
	if (arps[_i].answer) {
		answer = emitted->packet->view.data;
		ck_assert_int_eq(emitted->where, VS_EMIT_PORT);
		ck_assert_uint_eq(emitted->to.value, LAB_PORT);
		ck_assert_uint_eq(emitted->packet->view.vsid.value, LAB_BLUE);
		ck_assert_mem_eq(answer, asker.octet, 6);
		ck_assert_uint_eq(vs_load16(answer + 20), 2);
		ck_assert_mem_eq(answer + 22, mac.octet, 6);
		ck_assert_mem_eq(answer + 28, arp.target, 4);
		ck_assert_mem_eq(answer + 32, asker.octet, 6);
		ck_assert_mem_eq(answer + 38, arp.sender, 4);
	}
	lab_close(&lab);
}
END_TEST

/* Addresses in words: "" is ::, "fe80:N" link-local, else fd00::N. */
struct nd_case {
	uint8_t asker;
	uint8_t source[2]; /* first and last byte; 0, 0 = :: */
	uint8_t target[2];
	uint8_t type;
	bool unicast;
	const char *verdict;
	uint8_t answer, copies;
};

static const struct nd_case nds[] = {
	{5, {0xfd, 5}, {0xfd, 7}, 135, false, "nd_proxy", 7, 0},
	{5, {0xfd, 5}, {0xfd, 5}, 135, false, "nd_proxy", 0, 0},
	{6, {0xfd, 6}, {0xfd, 5}, 135, false, "local_only", 0, 0},
	{5, {0xfd, 5}, {0xfd, 99}, 135, false, "no_lookup_record", 0, 0},
	{5, {0xfd, 5}, {0xfd, 1}, 135, false, "nd_proxy", 1, 0},
	{5, {0xfe, 5}, {0xfe, 1}, 135, false, "nd_proxy", 1, 0},
	{5, {0, 0}, {0xfd, 7}, 135, false, "nd_proxy", 7, 0},
	{7, {0, 0}, {0xfd, 7}, 135, false, "nd_proxy", 0, 0},
	{5, {0, 0}, {0xfd, 99}, 135, false, "sent", 0, 2}, /* DAD, no record */
	{5, {0, 0}, {0xfe, 5}, 135, false, "sent", 0, 2},  /* at boot */
	{5, {0xfe, 5}, {0xfe, 7}, 135, false, "sent", 0, 2},
	{5, {0xfd, 5}, {0xfd, 7}, 135, true, "sent", 0, 1},
	{5, {0xfe, 5}, {0xfe, 7}, 135, true, "sent", 0, 1},
	{5, {0xfd, 5}, {0xfd, 5}, 136, false, "sent", 0, 2}, /* unsolicited */
	{5, {0xfd, 5}, {0xfd, 7}, 136, true, "sent", 0, 1},
	{5, {0xfe, 5}, {0xfe, 5}, 134, false, "sent", 0, 2},
};

static struct vs_ip nd_address(const uint8_t words[2])
{
	uint8_t bytes[16] = {words[0],
			     words[0] == 0xfe ? 0x80 : 0, [15] = words[1]};

	return vs_ip_from_v6(bytes);
}

static struct frames nd_frame(uint8_t *buffer, const struct nd_case *nd)
{
	struct frames frame =
		lab_frame6(buffer, nd->asker, nd->target[1], VS_IP_ICMP6);
	struct vs_ip source = nd_address(nd->source);
	struct vs_ip target = nd_address(nd->target);
	uint8_t icmp[24] = {nd->type};

	memcpy(icmp + 8, target.octet, 16);
	memcpy(buffer + 22, source.octet, 16);
	memcpy(buffer + 38, target.octet, 16);
	if (!nd->unicast) {
		memcpy(buffer, "\x33\x33\xff\0\0\1", 6);
		memcpy(buffer + 38, "\xff\2\0\0\0\0\0\0\0\0\0\1\xff\0\0\1", 16);
	}
	buffer[21] = 255;
	frames_bytes(&frame, icmp, 24);
	frames_finish_ip(&frame);
	vs_store16(
		frame.bytes + frame.l4 + 2,
		vs_checksum(vs_sum(vs_sum_pseudo(buffer + 14, VS_IP_ICMP6, 24),
				   frame.bytes + frame.l4, 24)));
	return frame;
}

START_TEST(nd_truth_table)
{
	struct lab lab = open_a();
	const struct nd_case *nd = &nds[_i];
	uint8_t buffer[128];
	struct frames frame = nd_frame(buffer, nd);
	struct vs_mac mac =
		nd->answer == 1 ? wnv_gateway_mac((struct vs_vsid){LAB_BLUE})
				: lab_vm_mac(nd->answer);
	const uint8_t *answer;

	ck_assert_str_eq(out(&lab, &frame), nd->verdict);
	ck_assert_uint_eq(lab.fake->seen.sent_count, nd->copies);
	ck_assert_uint_eq(lab.fake->seen.emitted_count, nd->answer != 0);
	if (nd->answer) {
		answer = lab.fake->seen.emitted[0].packet->view.data;
		ck_assert_uint_eq(answer[21], 255);
		ck_assert_uint_eq(answer[54], 136);
		ck_assert_mem_eq(answer + 22, frame.bytes + 62, 16);
		ck_assert_mem_eq(answer + 62, frame.bytes + 62, 16);
		ck_assert_mem_eq(answer + 80, mac.octet, 6);
		/* router, solicited (not to a probe), override */
		ck_assert_uint_eq(answer[58],
				  (nd->answer == 1 ? 0x80 : 0) |
					  (nd->source[0] ? 0x40 : 0) | 0x20);
		ck_assert_uint_eq(
			vs_sum_fold(vs_sum(
				vs_sum_pseudo(answer + 14, VS_IP_ICMP6, 32),
				answer + 54, 32)),
			0xffff);
	}
	lab_close(&lab);
}
END_TEST

START_TEST(solicitation_from_afar_is_not_answered)
{
	struct lab lab = open_a();
	uint8_t buffer[128];
	struct frames frame = nd_frame(buffer, &nds[0]);

	buffer[21] = 254; /* it crossed a router */
	ck_assert_str_eq(out(&lab, &frame), "inner_bad_ip");
	frame = nd_frame(buffer, &nds[0]);
	buffer[57] ^= 1; /* checksum */
	ck_assert_str_eq(out(&lab, &frame), "inner_bad_ip");
	lab_close(&lab);
}
END_TEST

START_TEST(gateway_answers_echo_with_the_same_bytes)
{
	struct lab lab = open_a();
	uint8_t buffer[256], icmp[16] = {8, 0, 0, 0, 1, 2, 3, 4, 5};
	struct frames frame = lab_frame4(buffer, 5, 1, VS_IP_ICMP);
	const struct vs_view *view;

	vs_store16(icmp + 2, vs_checksum(vs_sum(0, icmp, sizeof(icmp))));
	frames_bytes(&frame, icmp, sizeof(icmp));
	frames_finish_ip(&frame);
	ck_assert_str_eq(out(&lab, &frame), "gateway_echo");
	view = &lab.fake->seen.emitted[0].packet->view;
	ck_assert_uint_eq(view->size, frame.size);
	ck_assert_mem_eq(view->data, buffer + 6, 6);
	ck_assert_mem_eq(view->data + 26, "\x0a\0\0\1\x0a\0\0\5", 8);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, view->data + 14, 20)), 0xffff);
	ck_assert_uint_eq(view->data[34], 0);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, view->data + 34, 16)), 0xffff);
	ck_assert_mem_eq(view->data + 38, buffer + 38, 12);
	lab_close(&lab);
}
END_TEST

START_TEST(port_that_asks_too_fast_is_limited)
{
	struct lab lab = open_a();
	struct lab_arp arp = {.sender_mac = lab_vm_mac(5),
			      .sender = {10, 0, 0, 5},
			      .target = {10, 0, 0, 7},
			      .operation = 1};
	uint8_t buffer[64];
	uint32_t size = lab_arp(buffer, &arp);
	unsigned int i, answered = 0;
	const char *verdict;

	for (i = 0; i < 400; i++) {
		verdict =
			lab_out(&lab, lab_packet(&lab, buffer, size, LAB_BLUE));
		answered += strcmp(verdict, "arp_proxy") == 0;
		if (i >= answered)
			ck_assert_str_eq(verdict, "punt_rate");
		if (i % 100 == 99)
			lab_clear(&lab);
	}
	ck_assert_uint_ge(answered, 200);
	ck_assert_uint_le(answered, 202);
	lab_close(&lab);
}
END_TEST

START_TEST(answer_without_a_buffer_says_so)
{
	struct lab lab = open_a();
	struct lab_arp arp = {.sender_mac = lab_vm_mac(5),
			      .sender = {10, 0, 0, 5},
			      .target = {10, 0, 0, 7},
			      .operation = 1};
	uint8_t buffer[128];
	uint32_t size = lab_arp(buffer, &arp);
	struct vs_packet *packet = lab_packet(&lab, buffer, size, LAB_BLUE);

	lab.fake->no_buffers = true;
	ck_assert_str_eq(lab_out(&lab, packet), "answer_lost");
	lab_close(&lab);
}
END_TEST

/* -- the round trip ----------------------------------------------------------
 */

static struct frames random_frame(struct prng *prng, uint8_t *buffer)
{
	static const uint8_t protocols[] = {VS_IP_UDP, VS_IP_TCP, 132};
	uint8_t protocol = protocols[prng_below(prng, 3)], payload[1400];
	uint32_t size = prng_below(prng, 1300);
	struct frames frame = prng_below(prng, 2)
				      ? lab_frame4(buffer, 5, 7, protocol)
				      : lab_frame6(buffer, 5, 7, protocol);

	if (protocol == VS_IP_UDP)
		frames_udp(&frame);
	if (protocol == VS_IP_TCP)
		frames_tcp(&frame, prng_u32(prng), 0x10);
	prng_fill(prng, payload, size);
	frames_bytes(&frame, payload, size);
	if (protocol == 132)
		frames_finish_ip(&frame);
	else
		frames_finish(&frame, protocol);
	return frame;
}

/* Property: what B unwraps is what A wrapped, with its offload. */
START_TEST(unwrapping_is_the_inverse_of_wrapping)
{
	struct prng prng = prng_start(prng_seed());
	struct lab a = open_a(), b = lab_open(&host_b);
	uint8_t buffer[2048], wire[4096];
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		struct frames frame = random_frame(&prng, buffer);
		struct vs_packet *packet =
			lab_packet(&a, buffer, frame.size, LAB_BLUE);
		bool super = packet->view.protocol == VS_IP_TCP &&
			     packet->view.size > packet->view.payload;
		struct vs_offload offload = packet->view.offload;
		struct vs_packet *arrived;
		uint32_t size;

		if (super) {
			offload.gso =
				buffer[12] == 8 ? VS_GSO_TCP4 : VS_GSO_TCP6;
			offload.gso_size =
				(uint16_t)(1 + prng_below(&prng, 1380));
			offload.csum_start = (uint16_t)frame.l4;
			offload.csum_offset = 16;
			offload.header_size = (uint16_t)(frame.l4 + 20);
			packet->view.offload = offload;
		}
		ck_assert_str_eq(lab_out(&a, packet), "sent");
		size = fake_sent_bytes(a.fake, 0, wire, sizeof(wire));
		arrived = lab_packet(&b, wire, size, 0);
		arrived->view.offload = a.fake->seen.sent[0].offload;
		ck_assert_str_eq(lab_in(&b, arrived), "pass");
		ck_assert_uint_eq(arrived->view.vsid.value, LAB_BLUE);
		ck_assert_uint_eq(arrived->view.size, frame.size);
		ck_assert_mem_eq(arrived->view.data, buffer, frame.size);
		ck_assert_mem_eq(&arrived->view.offload, &offload,
				 sizeof(offload));
		lab_clear(&a);
		lab_clear(&b);
	}
	lab_close(&a);
	lab_close(&b);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static Suite *suite(void)
{
	Suite *all = suite_create("wnv_out");
	TCase *tests = tcase_create("to the wire");

	tcase_add_test(tests, unicast_leaves_as_nvgre_to_the_records_pa);
	tcase_add_test(tests, flow_id_is_the_flows_own_and_off_per_peer);
	tcase_add_test(tests,
		       identification_goes_up_by_one_from_packet_to_packet);
	tcase_add_test(tests, short_frame_is_carried_without_padding);
	tcase_add_test(tests, destination_mac_follows_the_record);
	tcase_add_test(tests, dscp_and_ecn_leave_as_policy_says);
	tcase_add_loop_test(tests, every_destination_has_its_outcome, 0,
			    COUNT(destinations));
	tcase_add_test(tests,
		       frame_by_the_gateway_to_a_local_neighbour_is_reflected);
	tcase_add_test(tests, group_frame_has_one_copy_per_remote_pa);
	tcase_add_test(tests, odd_frames_are_named);
	tcase_add_loop_test(tests, way_that_does_not_lead_there_is_named, 0,
			    COUNT(odd_ways));
	tcase_add_loop_test(tests, arp_truth_table, 0, COUNT(arps));
	tcase_add_loop_test(tests, nd_truth_table, 0, COUNT(nds));
	tcase_add_test(tests, solicitation_from_afar_is_not_answered);
	tcase_add_test(tests, gateway_answers_echo_with_the_same_bytes);
	tcase_add_test(tests, port_that_asks_too_fast_is_limited);
	tcase_add_test(tests, answer_without_a_buffer_says_so);
	tcase_add_test(tests, unwrapping_is_the_inverse_of_wrapping);
	suite_add_tcase(all, tests);
	return all;
}

int main(void)
{
	return suite_main(suite());
}
