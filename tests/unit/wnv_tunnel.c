/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From VM to VM through all four shapes, NVGRE and VXLAN over IPv4 and IPv6:
 * host A makes recipes, the link finishes and cuts them, host B takes them out
 * and joins what belongs together. What arrives is what was sent.
 */
#include "packet/coalesce.h"
#include "packet/segment.h"
#include "tests/support/suite.h"
#include "tests/support/supers.h"
#include "tests/support/wnv_lab.h"

#define SHAPES	 4
#define MTU	 1400u
#define PIECES	 64u
#define PAYLOADS 40000u

/* One frame of a VM, and what became of it. */
struct trip {
	struct lab a, b;
	struct prng prng;
	bool ipv6, udp;
	uint32_t payload_size, header_size, gso_size;
	uint8_t sent[PAYLOADS + 200];
	uint8_t wire[PIECES][2048];
	struct vs_packet *arrived[PIECES];
	uint16_t pieces;
};

static struct trip trip;

static void open_trip(int shape)
{
	struct lab_options options = {
		.host = 1,
		.mtu = MTU,
		.dscp = WNV_DSCP_COPY,
		.vxlan = shape & 2,
		.ipv6 = shape & 1,
	};

	trip.prng = prng_start(prng_seed());
	trip.a = lab_open(&options);
	options.host = 2;
	trip.b = lab_open(&options);
	lab_know(&trip.a);
}

static void close_trip(void)
{
	lab_close(&trip.a);
	lab_close(&trip.b);
}

/* A TCP or UDP packet from 5 to 7; its checksum as the guest left it. */
static struct vs_packet *make(void)
{
	uint8_t protocol = trip.udp ? VS_IP_UDP : VS_IP_TCP;
	struct frames frame = trip.ipv6 ? lab_frame6(trip.sent, 5, 7, protocol)
					: lab_frame4(trip.sent, 5, 7, protocol);
	bool open = trip.gso_size || prng_below(&trip.prng, 2);
	struct vs_packet *packet;
	struct vs_offload offload = {.csum_start = VS_ABSENT};

	if (trip.udp)
		frames_udp(&frame);
	else
		frames_tcp(&frame, prng_u32(&trip.prng), 0x10);
	trip.header_size = frame.size;
	prng_fill(&trip.prng, frame.bytes + frame.size, trip.payload_size);
	frame.size += trip.payload_size;
	frames_finish(&frame, protocol);
	if (open) {
		offload.csum_start = (uint16_t)frame.l4;
		offload.csum_offset = trip.udp ? 6 : 16;
		vs_store16(frame.bytes + frame.l4 + offload.csum_offset,
			   vs_sum_fold(vs_sum_pseudo(frame.bytes + frame.l3,
						     protocol,
						     frame.size - frame.l4)));
	}
	if (trip.gso_size) {
		offload.gso = trip.ipv6 ? VS_GSO_TCP6 : VS_GSO_TCP4;
		offload.gso_size = (uint16_t)trip.gso_size;
		offload.header_size = (uint16_t)trip.header_size;
	}
	packet = lab_packet(&trip.a, frame.bytes, frame.size, LAB_BLUE);
	packet->view.offload = offload;
	vs_packet_parse(packet);
	return packet;
}

/* As the uplinks of both hosts do it. */
static void carry(const struct vs_recipe *recipe)
{
	static struct vs_segmenter segmenter;
	uint32_t offset, size;
	uint16_t header;
	uint8_t *wire;

	trip.pieces = 0;
	ck_assert_int_gt(vs_segment_begin(&segmenter, recipe, 1), 0);
	wire = trip.wire[0];
	while ((header = vs_segment_next(&segmenter, wire, &offset, &size))) {
		ck_assert_uint_le(header + size, MTU + 14 + 70);
		memcpy(wire + header, vs_view(recipe->frame)->data + offset,
		       size);
		trip.arrived[trip.pieces] =
			lab_packet(&trip.b, wire, header + size, 0);
		ck_assert_str_eq(lab_in(&trip.b, trip.arrived[trip.pieces]),
				 "pass");
		trip.pieces++;
		ck_assert_uint_lt(trip.pieces, PIECES);
		wire = trip.wire[trip.pieces];
	}
}

/* Each a right frame of its VSID; together, the payload. */
static void judge(void)
{
	uint32_t got = 0, size;
	uint16_t i;

	for (i = 0; i < trip.pieces; i++) {
		struct vs_packet *packet = trip.arrived[i];
		const struct vs_view *view = &packet->view;

		ck_assert_uint_eq(view->vsid.value, LAB_BLUE);
		vs_packet_parse(packet);
		ck_assert_mem_eq(view->data, trip.sent, 14);
		ck_assert(super_sums_hold(view));
		ck_assert_uint_ne(view->payload, VS_ABSENT);
		ck_assert_uint_eq(view->payload, trip.header_size);
		size = view->size - view->payload;
		ck_assert_mem_eq(view->data + view->payload,
				 trip.sent + trip.header_size + got, size);
		got += size;
	}
	ck_assert_uint_eq(got, trip.payload_size);
}

/* What follows each other becomes one frame again, its payload in order. */
static void judge_joined(void)
{
	static struct vs_run runs[VS_COALESCE_RUNS];
	static struct vs_recipe recipes[PIECES];
	const struct vs_recipe *list[PIECES];
	uint16_t i, used;

	for (i = 0; i < trip.pieces; i++) {
		recipes[i] = (struct vs_recipe){
			.frame = vs_packet_frame(trip.arrived[i]),
			.slice_size = trip.arrived[i]->view.size,
			.offload = trip.arrived[i]->view.offload,
		};
		list[i] = &recipes[i];
	}
	ck_assert_uint_eq(vs_coalesce(list, trip.pieces, false, runs, &used),
			  1);
	ck_assert_uint_eq(used, trip.pieces);
	ck_assert_uint_eq(runs[0].members, trip.pieces);
	ck_assert_uint_eq(runs[0].payload_size, trip.payload_size);
}

START_TEST(what_a_vm_sends_arrives_as_it_was)
{
	const struct fake_records *seen;
	int round;

	open_trip(_i);
	seen = &trip.a.fake->seen;
	for (round = 0; round < 200; round++) {
		trip.ipv6 = prng_below(&trip.prng, 2);
		trip.udp = prng_below(&trip.prng, 3) == 0;
		trip.gso_size = 0;
		trip.payload_size = 1 + prng_below(&trip.prng, 1300);
		if (!trip.udp && prng_below(&trip.prng, 2)) {
			trip.gso_size = 700 + prng_below(&trip.prng, 900);
			trip.payload_size =
				1 + prng_below(&trip.prng, PAYLOADS);
		}
		ck_assert_str_eq(lab_out(&trip.a, make()), "sent");
		ck_assert_uint_eq(seen->sent_count, 1);
		carry(&seen->sent[0]);
		judge();
		if (trip.pieces > 1)
			judge_joined();
		lab_clear(&trip.a);
		lab_clear(&trip.b);
	}
	close_trip();
}
END_TEST

/* An IPv4 packet without DF that is too big: its fragments, each in its own
 * tunnel packet. */
START_TEST(fragments_arrive_as_the_packet_that_they_were)
{
	const struct fake_records *seen;
	uint8_t whole[4096];
	uint32_t got = 0;
	unsigned int i;

	open_trip(_i);
	seen = &trip.a.fake->seen;
	trip.ipv6 = false;
	trip.udp = true;
	trip.gso_size = 0;
	trip.payload_size = 3000;
	do { /* until the guest left the checksum open */
		struct vs_packet *packet = make();

		trip.sent[20] = 0;
		vs_store16(trip.sent + 24, 0);
		vs_store16(trip.sent + 24,
			   vs_checksum(vs_sum(0, trip.sent + 14, 20)));
		memcpy((uint8_t *)(uintptr_t)packet->view.data, trip.sent, 34);
		vs_packet_parse(packet);
		lab_clear(&trip.a);
		got = 0;
		ck_assert_str_eq(lab_out(&trip.a, packet), "sent");
		ck_assert_uint_eq(seen->sent_count, 3);
		for (i = 0; i < 3; i++) {
			const struct vs_view *view;
			uint32_t at;

			carry(&seen->sent[i]);
			ck_assert_uint_eq(trip.pieces, 1);
			vs_packet_parse(trip.arrived[0]);
			view = &trip.arrived[0]->view;
			at = (vs_load16(view->data + 20) & 0x1fffu) * 8;
			memcpy(whole + at, view->data + 34, view->size - 34);
			got += view->size - 34;
		}
		ck_assert_uint_eq(got, 3008);
		ck_assert_mem_eq(whole + 8, trip.sent + trip.header_size, 3000);
		ck_assert_uint_eq(
			vs_sum_fold(vs_sum(
				vs_sum_pseudo(trip.sent + 14, VS_IP_UDP, 3008),
				whole, 3008)),
			0xffff);
	} while (prng_below(&trip.prng, 8));
	close_trip();
}
END_TEST

/* A copy to each of two hosts, in the encapsulation of their records. */
START_TEST(group_frames_arrive_too)
{
	const struct fake_records *seen;
	struct vs_packet *packet;
	unsigned int i;

	open_trip(_i);
	seen = &trip.a.fake->seen;
	trip.ipv6 = false;
	trip.udp = true;
	trip.payload_size = 100;
	packet = make();
	memset(trip.sent, 0xff, 6);
	packet = lab_packet(&trip.a, trip.sent, packet->view.size, LAB_BLUE);
	trip.sent[33] = 255;
	ck_assert_str_eq(lab_out(&trip.a, packet), "sent");
	ck_assert_uint_eq(seen->sent_count, 2);
	for (i = 0; i < 2; i++)
		ck_assert_uint_eq(seen->sent[i].encapsulation,
				  _i & 2 ? VS_ENCAP_VXLAN : VS_ENCAP_NVGRE);
	carry(&seen->sent[0]);
	ck_assert_uint_eq(trip.arrived[0]->view.vsid.value, LAB_BLUE);
	close_trip();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_tunnel");
	TCase *tests = tcase_create("tunnel");

	tcase_set_timeout(tests, 300);
	tcase_add_loop_test(tests, what_a_vm_sends_arrives_as_it_was, 0,
			    SHAPES);
	tcase_add_loop_test(tests,
			    fragments_arrive_as_the_packet_that_they_were, 0,
			    SHAPES);
	tcase_add_loop_test(tests, group_frames_arrive_too, 0, SHAPES);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
