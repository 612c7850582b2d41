/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A router says that the way to a peer carries less than we sent (hnv.md A9):
 * believed only if it quotes a packet of ours; then it acts like the MTU of
 * the subnet, towards that peer only, and is forgotten. In all four shapes:
 * NVGRE and VXLAN, over IPv4 and IPv6.
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"
#include "wnv/path_mtu.h"

#define SHAPES 4
#define PATH   1350u

/* Host A, and a message about the last packet that it sent. */
struct bench {
	struct lab lab;
	bool ipv6;
	uint16_t overhead;
	uint8_t message[1400];
	uint32_t size, icmp;
};

static struct bench bench;

static void open_bench(int shape)
{
	const struct lab_options options = {
		.host = 1,
		.mtu = 1400,
		.vxlan = shape & 2,
		.ipv6 = shape & 1,
	};

	bench.lab = lab_open(&options);
	bench.ipv6 = options.ipv6;
	bench.overhead = codec_overhead(
		options.vxlan ? CODEC_VXLAN : CODEC_NVGRE, options.ipv6);
	lab_know(&bench.lab);
}

/* UDP from 5 to `to` (DF set), or TCP in one super-frame. */
static struct vs_packet *frame_to(uint8_t to, uint32_t payload, bool tcp)
{
	static uint8_t bytes[20000];
	uint8_t protocol = tcp ? VS_IP_TCP : VS_IP_UDP;
	struct frames frame = lab_frame4(bytes, 5, to, protocol);
	struct vs_packet *packet;

	if (tcp)
		frames_tcp(&frame, 1, 0x10);
	else
		frames_udp(&frame);
	memset(bytes + frame.size, 0x55, payload);
	frame.size += payload;
	frames_finish(&frame, protocol);
	packet = lab_packet(&bench.lab, bytes, frame.size, LAB_BLUE);
	if (tcp) {
		packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
							   .gso_size = 1360,
							   .header_size = 54,
							   .csum_start = 34,
							   .csum_offset = 16};
		vs_packet_parse(packet);
	}
	return packet;
}

static const char *send_udp(uint8_t to, uint32_t payload)
{
	return lab_out(&bench.lab, frame_to(to, payload, false));
}

static void seal(void)
{
	uint8_t *ip = bench.message + 14, *icmp = bench.message + bench.icmp;
	uint32_t size = bench.size - bench.icmp;

	vs_store16(icmp + 2, 0);
	if (bench.ipv6) {
		vs_store16(ip + 4, (uint16_t)size);
		vs_store16(
			icmp + 2,
			vs_checksum(vs_sum(vs_sum_pseudo(ip, VS_IP_ICMP6, size),
					   icmp, size)));
		return;
	}
	vs_store16(ip + 2, (uint16_t)(bench.size - 14));
	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, 20)));
	vs_store16(icmp + 2, vs_checksum(vs_sum(0, icmp, size)));
}

static void set_mtu(uint32_t mtu)
{
	uint8_t *icmp = bench.message + bench.icmp;

	if (bench.ipv6)
		vs_store32(icmp + 4, mtu);
	else
		vs_store16(icmp + 6, (uint16_t)mtu);
	seal();
}

/* What a router says of the packet that was sent last; it quotes all. */
static void write_message(uint32_t mtu)
{
	uint8_t wire[2048], *ip = bench.message + 14;
	uint32_t size = fake_sent_bytes(bench.lab.fake, 0, wire, sizeof(wire));
	struct wnv_pa own = wnv_provider_at(bench.lab.state, 0)->pa;

	memset(bench.message, 0, sizeof(bench.message));
	memcpy(bench.message, wire + 6, 6);
	bench.message[6] = 2;
	memcpy(bench.message + 12, wire + 12, 2);
	bench.icmp = bench.ipv6 ? 54 : 34;
	bench.size = bench.icmp + 8 + size - 14;
	memcpy(bench.message + bench.icmp + 8, wire + 14, size - 14);
	if (bench.ipv6) {
		ip[0] = 0x60;
		ip[6] = VS_IP_ICMP6;
		ip[7] = 64;
		memcpy(ip + 8, own.ip.octet, 16);
		ip[23] = 254;
		memcpy(ip + 24, own.ip.octet, 16);
		bench.message[bench.icmp] = 2;
	} else {
		ip[0] = 0x45;
		ip[8] = 64;
		ip[9] = VS_IP_ICMP;
		memcpy(ip + 12, own.ip.octet + 12, 4);
		ip[15] = 254;
		memcpy(ip + 16, own.ip.octet + 12, 4);
		bench.message[bench.icmp] = 3;
		bench.message[bench.icmp + 1] = 4;
	}
	set_mtu(mtu);
}

static const char *hear(void)
{
	return lab_in(&bench.lab,
		      lab_packet(&bench.lab, bench.message, bench.size, 0));
}

/* Sends to 7 and hears that the way carries `mtu`. */
static void narrow(uint32_t mtu)
{
	ck_assert_str_eq(send_udp(7, 300), "sent");
	write_message(mtu);
	lab_clear(&bench.lab);
	ck_assert_str_eq(hear(), "neighbour");
}

/* The largest UDP payload that the way takes. */
static uint32_t room(uint32_t path)
{
	return path - bench.overhead - 28;
}

static uint16_t learned(void)
{
	const struct wnv_state *state = bench.lab.state;
	uint32_t i;
	uint16_t mtu = 0;

	for (i = 0; i < wnv_peer_count(state); i++)
		if (!mtu)
			mtu = path_mtu_of(bench.lab.provider->tallies,
					  wnv_peer_at(state, i)->tally,
					  bench.lab.fake->call.now_ns);
	return mtu;
}

START_TEST(what_is_too_big_for_the_way_is_answered)
{
	const struct fake_records *seen;

	open_bench(_i);
	seen = &bench.lab.fake->seen;
	ck_assert_str_eq(send_udp(7, 1372), "sent"); /* the subnet's 1400 */
	lab_clear(&bench.lab);
	narrow(PATH);
	ck_assert_uint_eq(learned(), PATH);
	ck_assert_uint_eq(seen->event_count, 1);
	ck_assert_uint_eq(seen->events[0].event, WNV_EVENT_PATH_MTU);
	lab_clear(&bench.lab);
	ck_assert_str_eq(send_udp(7, room(PATH)), "sent");
	lab_clear(&bench.lab);
	ck_assert_str_eq(send_udp(7, room(PATH) + 1), "answered_too_big");
	ck_assert_uint_eq(seen->emitted_count, 1);
	ck_assert_uint_eq(
		vs_load16(seen->emitted[0].packet->view.data + 34 + 6),
		PATH - bench.overhead);
	/* another peer's way is as wide as ever */
	ck_assert_str_eq(send_udp(8, 1372), "sent");
	lab_close(&bench.lab);
}
END_TEST

START_TEST(super_frames_are_cut_for_the_way)
{
	const struct vs_recipe *recipe;

	open_bench(_i);
	narrow(PATH);
	recipe = &bench.lab.fake->seen.sent[0];
	ck_assert_str_eq(lab_out(&bench.lab, frame_to(7, 9000, true)), "sent");
	ck_assert_uint_eq(recipe->offload.gso_size, PATH - bench.overhead - 40);
	lab_close(&bench.lab);
}
END_TEST

START_TEST(packets_that_may_be_cut_are_cut_for_the_way)
{
	const struct fake_records *seen;
	struct vs_packet *packet;
	uint8_t *bytes;

	open_bench(_i);
	seen = &bench.lab.fake->seen;
	narrow(PATH);
	packet = frame_to(7, room(PATH) + 1, false);
	bytes = (uint8_t *)(uintptr_t)packet->view.data;
	bytes[20] = 0; /* DF */
	vs_store16(bytes + 24, 0);
	vs_store16(bytes + 24, vs_checksum(vs_sum(0, bytes + 14, 20)));
	vs_packet_parse(packet);
	ck_assert_str_eq(lab_out(&bench.lab, packet), "sent");
	ck_assert_uint_eq(seen->sent_count, 2);
	lab_close(&bench.lab);
}
END_TEST

START_TEST(group_frames_fit_the_narrowest_way)
{
	struct vs_packet *packet;
	uint8_t *bytes;

	open_bench(_i);
	narrow(PATH);
	packet = frame_to(7, room(PATH) + 1, false);
	bytes = (uint8_t *)(uintptr_t)packet->view.data;
	memset(bytes, 0xff, 6);
	bytes[33] = 255;
	vs_store16(bytes + 24, 0);
	vs_store16(bytes + 24, vs_checksum(vs_sum(0, bytes + 14, 20)));
	vs_packet_parse(packet);
	ck_assert_str_eq(lab_out(&bench.lab, packet), "too_big");
	lab_close(&bench.lab);
}
END_TEST

START_TEST(it_narrows_only_and_is_forgotten_after_ten_minutes)
{
	open_bench(_i);
	narrow(PATH);
	set_mtu(1390);
	ck_assert_str_eq(hear(), "neighbour");
	ck_assert_uint_eq(learned(), PATH);
	set_mtu(1300);
	ck_assert_str_eq(hear(), "neighbour");
	ck_assert_uint_eq(learned(), 1300);
	bench.lab.fake->call.now_ns += UINT64_C(599) * 1000 * 1000 * 1000;
	ck_assert_uint_eq(learned(), 1300);
	bench.lab.fake->call.now_ns += UINT64_C(2) * 1000 * 1000 * 1000;
	ck_assert_uint_eq(learned(), 0);
	lab_close(&bench.lab);
}
END_TEST

START_TEST(it_never_goes_below_1280)
{
	open_bench(_i);
	narrow(1281);
	set_mtu(600);
	hear();
	ck_assert_uint_eq(learned(), bench.ipv6 ? 1281 : 1280);
	set_mtu(0);
	hear();
	ck_assert_uint_eq(learned(), bench.ipv6 ? 1281 : 1280);
	lab_close(&bench.lab);
}
END_TEST

/* Each makes the message one about somebody else's packet, or none. */
static void forge(int how)
{
	uint8_t *icmp = bench.message + bench.icmp, *ip = icmp + 8;
	uint8_t *l4 = ip + (bench.ipv6 ? 40 : 20);
	bool vxlan = ip[bench.ipv6 ? 6 : 9] == VS_IP_UDP;

	switch (how) {
	case 0: /* from another host */
		ip[bench.ipv6 ? 23 : 15] = 77;
		break;
	case 1: /* to nobody whom we know */
		ip[bench.ipv6 ? 39 : 19] = 77;
		break;
	case 2: /* of a VSID that we don't have */
		l4[vxlan ? 13 : 5] ^= 0x40;
		break;
	case 3: /* not ours to hear */
		bench.message[bench.ipv6 ? 14 + 39 : 14 + 19] = 77;
		break;
	case 4: /* another kind of message */
		icmp[0] = bench.ipv6 ? 1 : 11;
		break;
	case 5: /* another protocol */
		ip[bench.ipv6 ? 6 : 9] = VS_IP_TCP;
		break;
	case 6: /* no key, or another port */
		l4[vxlan ? 3 : 0] = 0;
		break;
	case 7: /* the VSID is not quoted */
		bench.size = bench.icmp + 8 + (bench.ipv6 ? 40 : 20) +
			     (vxlan ? 15 : 7);
		break;
	case 8: /* no packet is quoted */
		bench.size = bench.icmp + 8;
		break;
	default: /* an IP version that is none */
		ip[0] = 0x15;
	}
}

START_TEST(what_quotes_no_packet_of_ours_passes_and_changes_nothing)
{
	open_bench(_i % SHAPES);
	ck_assert_str_eq(send_udp(7, 300), "sent");
	write_message(PATH);
	forge(_i / SHAPES);
	seal();
	ck_assert_str_eq(hear(), "pass");
	ck_assert_uint_eq(learned(), 0);
	lab_close(&bench.lab);
}
END_TEST

START_TEST(a_message_that_is_cut_or_damaged_changes_nothing)
{
	uint32_t whole, size;
	uint8_t *exact;

	open_bench(_i);
	ck_assert_str_eq(send_udp(7, 300), "sent");
	write_message(PATH);
	whole = bench.size;
	for (size = 1; size < whole; size++) {
		exact = malloc(size);
		memcpy(exact, bench.message, size);
		lab_in(&bench.lab, lab_packet(&bench.lab, exact, size, 0));
		free(exact);
		ck_assert_uint_eq(learned(), 0);
		lab_clear(&bench.lab);
	}
	bench.message[whole - 1] ^= 1;
	hear();
	ck_assert_uint_eq(learned(), 0);
	lab_close(&bench.lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_path_mtu");
	TCase *tests = tcase_create("path_mtu");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, what_is_too_big_for_the_way_is_answered, 0,
			    SHAPES);
	tcase_add_loop_test(tests, super_frames_are_cut_for_the_way, 0, SHAPES);
	tcase_add_loop_test(tests, packets_that_may_be_cut_are_cut_for_the_way,
			    0, SHAPES);
	tcase_add_loop_test(tests, group_frames_fit_the_narrowest_way, 0,
			    SHAPES);
	tcase_add_loop_test(tests,
			    it_narrows_only_and_is_forgotten_after_ten_minutes,
			    0, SHAPES);
	tcase_add_loop_test(tests, it_never_goes_below_1280, 0, SHAPES);
	tcase_add_loop_test(
		tests, what_quotes_no_packet_of_ours_passes_and_changes_nothing,
		0, 10 * SHAPES);
	tcase_add_loop_test(tests,
			    a_message_that_is_cut_or_damaged_changes_nothing, 0,
			    SHAPES);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
