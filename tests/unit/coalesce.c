// SPDX-License-Identifier: Apache-2.0
/*
 * Segments in one super-frame: the inverse of cutting, never across a
 * difference that the receiver could see, never out of order.
 */
#include "packet/coalesce.h"
#include "packet/segment.h"
#include "tests/support/suite.h"
#include "tests/support/supers.h"

#define SEGMENTS 100u

static struct super source, joined;
static struct super segment[SEGMENTS];
static struct vs_recipe recipe[SEGMENTS];
static const struct vs_recipe *list[SEGMENTS];
static struct vs_run runs[VS_COALESCE_RUNS];

/* Cut `source` into segment[from ...]; returns how many. */
static uint16_t cut(uint16_t from)
{
	struct vs_recipe whole = super_recipe(&source);
	uint8_t header[VS_SEGMENT_HEADER];
	struct vs_segmenter segmenter;
	uint16_t header_size, count = 0;
	uint32_t offset, size;
	struct super *to;

	ck_assert_int_gt(vs_segment_begin(&segmenter, &whole, 0), 0);
	while ((header_size =
			vs_segment_next(&segmenter, header, &offset, &size))) {
		ck_assert_uint_lt(from + count, SEGMENTS);
		to = &segment[from + count];
		memcpy(to->bytes, header, header_size);
		memcpy(to->bytes + header_size, source.bytes + offset, size);
		super_wrap(to, header_size + size);
		count++;
	}
	return count;
}

static void list_all(uint16_t count)
{
	uint16_t i;

	for (i = 0; i < count; i++) {
		vs_packet_parse(&segment[i].packet);
		recipe[i] = super_recipe(&segment[i]);
		list[i] = &recipe[i];
	}
}

static uint16_t coalesce(uint16_t count)
{
	uint16_t used, made;

	list_all(count);
	made = vs_coalesce(list, count, VS_COALESCE_UDP, runs, &used);
	ck_assert_uint_eq(used, count);
	return made;
}

/* The frame that a run stands for, in `joined`. */
static void join(const struct vs_run *run)
{
	uint32_t size = run->header_size, i, part;
	const struct vs_view *view;

	memcpy(joined.bytes, run->header, size);
	for (i = 0; i < run->members; i++) {
		view = &segment[run->member[i]].packet.view;
		part = view->size - run->payload;
		memcpy(joined.bytes + size, view->data + run->payload, part);
		size += part;
	}
	ck_assert_uint_eq(size - run->header_size, run->payload_size);
	super_wrap(&joined, size);
	joined.packet.view.offload = run->offload;
	vs_packet_parse(&joined.packet);
}

static void make(const struct super_plan *plan)
{
	struct prng prng = prng_start(prng_seed() + plan->payload_size);

	super_make(&source, plan, &prng);
}

START_TEST(cut_and_joined_is_the_same_frame_and_cut_again_the_same_segments)
{
	struct prng prng = prng_start(prng_seed());
	static struct super before[64];
	struct super_plan plan;
	uint16_t count, i;
	int round;

	for (round = 0; round < 200; round++) {
		plan = (struct super_plan){
			.ipv6 = prng_below(&prng, 2),
			.options = (uint8_t)(prng_below(&prng, 11) * 4),
			.tcp_flags = prng_below(&prng, 2) ? 0x18 : 0x10,
			.gso_size = (uint16_t)(1024 + prng_below(&prng, 400)),
			.payload_size = 2000 + prng_below(&prng, 63000),
			.id = (uint16_t)prng_u32(&prng),
		};
		super_make(&source, &plan, &prng);
		count = cut(0);
		ck_assert_uint_eq(coalesce(count), 1);
		ck_assert_uint_eq(runs[0].members, count);
		join(&runs[0]);
		ck_assert_uint_eq(joined.packet.view.size,
				  source.packet.view.size);
		ck_assert_mem_eq(joined.bytes, source.bytes,
				 source.packet.view.size);
		ck_assert_uint_eq(joined.packet.view.offload.gso,
				  source.packet.view.offload.gso);
		ck_assert_uint_eq(joined.packet.view.offload.gso_size,
				  plan.gso_size);
		memcpy(before, segment, sizeof(before));
		source = joined;
		ck_assert_uint_eq(cut(0), count);
		for (i = 0; i < count; i++)
			ck_assert_mem_eq(before[i].bytes, segment[i].bytes,
					 segment[i].packet.view.size);
	}
}
END_TEST

/* How the second of two segments differs from what could join. */
static const struct {
	const char *what;
	uint8_t at, flip;
	bool bad; /* leave the checksums wrong */
} differences[] = {
	{"destination MAC", 0, 2, false},
	{"DSCP", 15, 0x20, false},
	{"ECN", 15, 0x01, false},
	{"TTL", 22, 1, false},
	{"DF", 20, 0x40, false},
	{"source address", 29, 1, false},
	{"destination address", 33, 1, false},
	{"source port", 35, 1, false},
	{"destination port", 37, 1, false},
	{"sequence", 41, 1, false},
	{"acknowledgement", 45, 1, false},
	{"window", 49, 1, false},
	{"urgent pointer", 53, 1, false},
	{"options", 57, 1, false},
	{"FIN", 47, 0x01, false},
	{"SYN", 47, 0x02, false},
	{"RST", 47, 0x04, false},
	{"no ACK", 47, 0x10, false},
	{"URG", 47, 0x20, false},
	{"ECE", 47, 0x40, false},
	{"CWR", 47, 0x80, false},
	{"TCP checksum", 50, 1, true},
	{"payload", 200, 1, true},
	{"IPv4 checksum", 24, 1, true},
	{"length", 17, 1, true},
};

START_TEST(segment_with_a_difference_stays_alone)
{
	struct super_plan plan = {.options = 12,
				  .tcp_flags = 0x10,
				  .gso_size = 1000,
				  .payload_size = 2000,
				  .id = 5};
	struct frames frame = {.bytes = segment[1].bytes, .l3 = 14, .l4 = 34};

	make(&plan);
	ck_assert_uint_eq(cut(0), 2);
	ck_assert_uint_eq(coalesce(2), 1);
	segment[1].bytes[differences[_i].at] ^= differences[_i].flip;
	frame.size = segment[1].packet.view.size;
	if (!differences[_i].bad)
		frames_finish(&frame, VS_IP_TCP);
	super_wrap(&segment[1], frame.size);
	ck_assert_msg(coalesce(2) == 2, "%s", differences[_i].what);
	ck_assert_uint_eq(runs[0].members, 1);
	ck_assert_uint_eq(runs[1].members, 1);
	ck_assert_uint_eq(runs[1].first, 1);
}
END_TEST

START_TEST(ipv6_segment_with_a_difference_stays_alone)
{
	/* Traffic class, flow label, hop limit, addresses. */
	static const uint8_t at[] = {14, 15, 17, 21, 37, 53};
	struct super_plan plan = {.ipv6 = true,
				  .tcp_flags = 0x10,
				  .gso_size = 1000,
				  .payload_size = 2000};
	struct frames frame = {.bytes = segment[1].bytes, .l3 = 14, .l4 = 54};

	make(&plan);
	ck_assert_uint_eq(cut(0), 2);
	segment[1].bytes[at[_i]] ^= 1;
	frame.size = segment[1].packet.view.size;
	frames_finish(&frame, VS_IP_TCP);
	ck_assert_uint_eq(coalesce(2), 2);
}
END_TEST

START_TEST(checksum_that_the_link_verified_is_not_summed_again)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 1000, .payload_size = 2000};

	make(&plan);
	cut(0);
	segment[1].bytes[50] ^= 1;
	segment[1].packet.view.offload.verified = 1;
	ck_assert_uint_eq(coalesce(2), 1);
}
END_TEST

START_TEST(push_ends_a_run)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 1000, .payload_size = 4000};
	struct frames frame = {.bytes = segment[1].bytes, .l3 = 14, .l4 = 34};

	make(&plan);
	cut(0);
	segment[1].bytes[47] |= 0x08;
	frame.size = segment[1].packet.view.size;
	frames_finish(&frame, VS_IP_TCP);
	ck_assert_uint_eq(coalesce(4), 2);
	ck_assert_uint_eq(runs[0].members, 2);
	ck_assert_uint_eq(runs[0].header[47], 0x18);
	ck_assert_uint_eq(runs[1].members, 2);
	ck_assert_uint_eq(runs[1].header[47], 0x10);
}
END_TEST

START_TEST(shorter_segment_is_the_last_of_its_run)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 1000, .payload_size = 1500};
	struct super_plan next = plan;

	make(&plan);
	ck_assert_uint_eq(cut(0), 2);
	next.payload_size = 3000;
	next.id = 2;
	make(&next);
	/* It follows on, but behind a short one nothing may. */
	vs_store32(source.bytes + 38, vs_load32(segment[1].bytes + 38) + 500);
	ck_assert_uint_eq(cut(2), 3);
	ck_assert_uint_eq(coalesce(5), 2);
	ck_assert_uint_eq(runs[0].members, 2);
	ck_assert_uint_eq(runs[1].members, 3);
}
END_TEST

START_TEST(flows_may_interleave)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 1000, .payload_size = 8000};
	static struct super mixed[16];
	uint16_t i;

	make(&plan);
	cut(0);
	source.bytes[35] ^= 1; /* another port */
	cut(8);
	for (i = 0; i < 8; i++) {
		mixed[2 * i] = segment[i];
		mixed[2 * i + 1] = segment[8 + i];
	}
	for (i = 0; i < 16; i++) {
		memcpy(segment[i].bytes, mixed[i].bytes, SUPERS_SIZE);
		super_wrap(&segment[i], mixed[i].packet.view.size);
	}
	ck_assert_uint_eq(coalesce(16), 2);
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(runs[0].member[i], 2 * i);
		ck_assert_int_eq(runs[1].member[i], 2 * i + 1);
	}
}
END_TEST

START_TEST(nothing_overtakes_a_frame_of_its_flow)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 1000, .payload_size = 3000};
	struct frames frame = {.bytes = segment[1].bytes, .l3 = 14, .l4 = 34};

	make(&plan);
	cut(0);
	/* 0, a bare ACK, and what would follow 0. */
	memcpy(segment[2].bytes, segment[1].bytes, SUPERS_SIZE);
	frame.size = 54;
	frames_finish(&frame, VS_IP_TCP);
	super_wrap(&segment[1], 54);
	ck_assert_uint_eq(coalesce(3), 3);
	ck_assert_uint_eq(runs[1].first, 1);
	ck_assert_uint_eq(runs[2].first, 2);
}
END_TEST

START_TEST(fragment_is_not_overtaken_by_any_flow)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 1000, .payload_size = 3000};
	struct frames frame = {.bytes = segment[1].bytes, .l3 = 14, .l4 = 34};

	make(&plan);
	cut(0);
	memcpy(segment[2].bytes, segment[1].bytes, SUPERS_SIZE);
	vs_store16(segment[1].bytes + 20, 0x2000);
	frame.size = segment[1].packet.view.size;
	frames_finish_ip(&frame);
	ck_assert_uint_eq(coalesce(3), 3);
}
END_TEST

START_TEST(run_has_a_greatest_length)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 600, .payload_size = 59400};

	make(&plan);
	ck_assert_uint_eq(cut(0), 99);
	ck_assert_uint_eq(coalesce(99), 2);
	ck_assert_uint_eq(runs[0].members, VS_COALESCE_MEMBERS);
	ck_assert_uint_eq(runs[1].members, 99 - VS_COALESCE_MEMBERS);
	ck_assert_uint_eq(runs[1].first, VS_COALESCE_MEMBERS);
}
END_TEST

START_TEST(run_never_exceeds_what_an_ip_length_can_say)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 9000, .payload_size = 63000};
	uint16_t i;

	make(&plan);
	ck_assert_uint_eq(cut(0), 7);
	/* As many again, following on. */
	vs_store32(source.bytes + 38, vs_load32(source.bytes + 38) + 63000);
	vs_store16(source.bytes + 18, 7);
	ck_assert_uint_eq(cut(7), 7);
	ck_assert_uint_eq(coalesce(14), 2);
	for (i = 0; i < 2; i++) {
		ck_assert_uint_eq(runs[i].members, 7);
		ck_assert_uint_le(runs[i].payload_size, 65495);
	}
}
END_TEST

START_TEST(more_runs_than_there_is_room_for_are_left_for_the_next_call)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 100, .payload_size = 100};
	uint16_t i, used;

	for (i = 0; i < SEGMENTS; i++) {
		make(&plan);
		vs_store16(source.bytes + 34, i);
		ck_assert_uint_eq(cut(i), 1);
	}
	list_all(SEGMENTS);
	ck_assert_uint_eq(
		vs_coalesce(list, SEGMENTS, VS_COALESCE_UDP, runs, &used),
		VS_COALESCE_RUNS);
	ck_assert_uint_eq(used, VS_COALESCE_RUNS);
}
END_TEST

START_TEST(recipes_that_are_not_whole_frames_stay_alone)
{
	struct super_plan plan = {
		.tcp_flags = 0x10, .gso_size = 1000, .payload_size = 2000};
	uint16_t used;

	make(&plan);
	cut(0);
	list_all(2);
	recipe[1].lead_size = 14;
	ck_assert_uint_eq(vs_coalesce(list, 2, VS_COALESCE_UDP, runs, &used),
			  2);
	list_all(2);
	recipe[1].slice_size--;
	ck_assert_uint_eq(vs_coalesce(list, 2, VS_COALESCE_UDP, runs, &used),
			  2);
}
END_TEST

/* -- datagrams ------------------------------------------------------------- */

/* segment[i], a datagram of one flow; `partial`: as a VM of this host sends
 * it. */
static void datagram(uint16_t i, uint32_t size, bool ipv6, bool partial)
{
	struct prng prng = prng_start(prng_seed() + i);
	struct super_plan plan = {.ipv6 = ipv6,
				  .udp = true,
				  .payload_size = size,
				  .id = (uint16_t)(65530 + i)};
	struct vs_view *view = &segment[i].packet.view;
	uint16_t sum;

	super_make(&segment[i], &plan, &prng);
	if (partial)
		return;
	sum = vs_checksum(
		vs_sum(0, view->data + view->l4, view->size - view->l4));
	vs_store16(segment[i].bytes + view->l4 + 6, sum ? sum : 0xffff);
	view->offload = (struct vs_offload){.csum_start = VS_ABSENT};
}

static void datagrams(uint16_t count, uint32_t size, bool ipv6, bool partial)
{
	uint16_t i;

	for (i = 0; i < count; i++)
		datagram(i, size, ipv6, partial);
}

START_TEST(datagrams_joined_and_cut_again_are_the_same_datagrams)
{
	static struct super before[SEGMENTS];
	uint16_t count, i;
	int kind;

	for (kind = 0; kind < 8; kind++) {
		count = (uint16_t)(2 + kind * 8);
		datagrams(count, 64 + (uint32_t)kind, kind & 1, kind & 2);
		ck_assert_uint_eq(coalesce(count), 1);
		ck_assert_uint_eq(runs[0].members, count);
		memcpy(before, segment, sizeof(before));
		join(&runs[0]);
		ck_assert_uint_eq(joined.packet.view.offload.gso, VS_GSO_UDP);
		source = joined;
		ck_assert_uint_eq(cut(0), count);
		for (i = 0; i < count; i++) {
			struct vs_view *view = &segment[i].packet.view;

			vs_packet_parse(&segment[i].packet);
			ck_assert(super_sums_hold(view));
			/* a partial checksum was made on the way */
			memcpy(before[i].bytes + view->l4 + 6,
			       segment[i].bytes + view->l4 + 6, 2);
			ck_assert_mem_eq(before[i].bytes, segment[i].bytes,
					 view->size);
		}
	}
}
END_TEST

START_TEST(shorter_datagram_joins_and_ends_the_run)
{
	datagrams(4, 100, false, true);
	datagram(1, 99, false, true);
	ck_assert_uint_eq(coalesce(4), 2);
	ck_assert_uint_eq(runs[0].members, 2);
	ck_assert_uint_eq(runs[1].members, 2);
}
END_TEST

/* Both checksums of segment[i], made anew. */
static void sum_again(uint16_t i)
{
	const struct vs_view *view = &segment[i].packet.view;
	uint8_t *ip = segment[i].bytes + view->l3;
	uint8_t *udp = segment[i].bytes + view->l4;
	uint32_t size = view->size - view->l4;

	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, VS_IPV4_SIZE)));
	vs_store16(udp + 6, 0);
	vs_store16(udp + 6,
		   vs_checksum(vs_sum(vs_sum_pseudo(ip, VS_IP_UDP, size), udp,
				      size)));
}

/* The second of two datagrams, and whether it joins the first. */
static const struct {
	const char *what;
	uint8_t at, flip;
	bool bad; /* leave the checksums wrong */
} apart[] = {
	{"destination MAC", 0, 2, false}, {"DSCP", 15, 0x20, false},
	{"ECN", 15, 0x01, false},	  {"TTL", 22, 1, false},
	{"DF", 20, 0x40, false},	  {"source address", 29, 1, false},
	{"source port", 35, 1, false},	  {"target port", 37, 1, false},
	{"payload", 60, 1, true},
};

START_TEST(datagrams_that_differ_stay_apart)
{
	datagrams(2, 100, false, false);
	segment[1].bytes[apart[_i].at] ^= apart[_i].flip;
	if (!apart[_i].bad)
		sum_again(1);
	ck_assert_msg(coalesce(2) == 2, "%s", apart[_i].what);
}
END_TEST

START_TEST(datagrams_without_df_need_ids_in_a_row)
{
	datagrams(3, 100, false, false);
	for (uint16_t i = 0; i < 3; i++) {
		segment[i].bytes[20] &= 0xbf;
		segment[i].bytes[18] ^= i == 2;
		sum_again(i);
	}
	ck_assert_uint_eq(coalesce(3), 2);
	ck_assert_uint_eq(runs[0].members, 2);
}
END_TEST

START_TEST(datagram_without_a_checksum_stays_alone)
{
	datagrams(2, 100, false, false);
	vs_store16(segment[1].bytes + 40, 0);
	ck_assert_uint_eq(coalesce(2), 2);
}
END_TEST

START_TEST(datagrams_stay_apart_for_a_port_that_does_not_cut_them)
{
	uint16_t used;

	datagrams(2, 100, false, false);
	list_all(2);
	ck_assert_uint_eq(vs_coalesce(list, 2, 0, runs, &used), 2);
	ck_assert_uint_eq(vs_coalesce(list, 2, VS_COALESCE_UDP, runs, &used),
			  1);
}
END_TEST

START_TEST(checksum_to_be_made_elsewhere_keeps_a_frame_alone)
{
	datagrams(2, 100, false, true);
	segment[1].packet.view.offload.csum_offset = 8;
	ck_assert_uint_eq(coalesce(2), 2);
}
END_TEST

/* -- behind NVGRE ---------------------------------------------------------- */

#define LEAD VS_COALESCE_LEAD

/* The lead of recipe[i], whose frame is segment[i]. */
static void wrap(uint16_t i, uint32_t key)
{
	static const uint8_t gre[4] = {0x20, 0, 0x65, 0x58};
	uint8_t *lead = recipe[i].lead;
	struct frames frame = frames_ethernet(lead, VS_TYPE_IPV4);

	frames_ipv4(&frame, VS_IP_GRE);
	frames_bytes(&frame, gre, sizeof(gre));
	vs_store32(lead + frame.size, key);
	vs_store16(lead + 16, (uint16_t)(LEAD - 14 + recipe[i].slice_size));
	vs_store16(lead + 18, (uint16_t)(700 + i));
	vs_store16(lead + 24, 0);
	vs_store16(lead + 24, vs_checksum(vs_sum(0, lead + 14, 20)));
	recipe[i].lead_size = LEAD;
	recipe[i].inner = LEAD;
	recipe[i].encapsulation = VS_ENCAP_NVGRE;
}

static uint16_t coalesce_wrapped(uint16_t count, unsigned int kinds)
{
	uint16_t used, made;

	made = vs_coalesce(list, count, kinds, runs, &used);
	ck_assert_uint_eq(used, count);
	return made;
}

START_TEST(wrapped_datagrams_join_under_one_lead)
{
	const uint8_t *header = runs[0].header;
	uint32_t all, i;

	datagrams(3, 64, _i, true);
	list_all(3);
	for (i = 0; i < 3; i++)
		wrap((uint16_t)i, 5001 << 8);
	ck_assert_uint_eq(coalesce_wrapped(3, VS_COALESCE_UDP), 3);
	ck_assert_uint_eq(
		coalesce_wrapped(3, VS_COALESCE_UDP | VS_COALESCE_WRAPPED), 1);
	ck_assert_uint_eq(runs[0].members, 3);
	ck_assert_uint_eq(runs[0].header_size, LEAD + runs[0].payload);
	all = runs[0].header_size + runs[0].payload_size;
	ck_assert_uint_eq(vs_load16(header + 16), all - 14);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, header + 14, 20)), 0xffff);
	ck_assert_mem_eq(header + 26, recipe[0].lead + 26, LEAD - 26);
	/* inside, it is what would be without a lead */
	for (i = 0; i < 3; i++)
		recipe[i].lead_size = 0, recipe[i].encapsulation = 0;
	memcpy(joined.bytes, header + LEAD, runs[0].payload);
	ck_assert_uint_eq(runs[0].offload.csum_start,
			  LEAD + segment[0].packet.view.l4);
	ck_assert_uint_eq(coalesce_wrapped(3, VS_COALESCE_UDP), 1);
	ck_assert_mem_eq(joined.bytes, header, runs[0].payload);
	ck_assert_uint_eq(runs[0].offload.csum_start,
			  segment[0].packet.view.l4);
}
END_TEST

START_TEST(datagrams_under_different_leads_stay_apart)
{
	static const uint8_t at[] = {0, 15, 22, 29, 33, 38, 41};
	const unsigned int kinds = VS_COALESCE_UDP | VS_COALESCE_WRAPPED;
	size_t i;

	datagrams(2, 64, false, true);
	for (i = 0; i < sizeof(at); i++) {
		list_all(2);
		wrap(0, 5001 << 8);
		wrap(1, 5001 << 8);
		ck_assert_uint_eq(coalesce_wrapped(2, kinds), 1);
		recipe[1].lead[at[i]] ^= 2;
		ck_assert_uint_eq(coalesce_wrapped(2, kinds), 2);
	}
	list_all(2);
	wrap(0, 5001 << 8);
	ck_assert_uint_eq(coalesce_wrapped(2, kinds), 2);
}
END_TEST

static Suite *coalesce_suite(void)
{
	Suite *suite = suite_create("coalesce");
	TCase *tcase = tcase_create("coalesce");

	tcase_add_test(
		tcase,
		cut_and_joined_is_the_same_frame_and_cut_again_the_same_segments);
	tcase_add_loop_test(tcase, segment_with_a_difference_stays_alone, 0,
			    sizeof(differences) / sizeof(differences[0]));
	tcase_add_loop_test(tcase, ipv6_segment_with_a_difference_stays_alone,
			    0, 6);
	tcase_add_test(tcase,
		       checksum_that_the_link_verified_is_not_summed_again);
	tcase_add_test(tcase, push_ends_a_run);
	tcase_add_test(tcase, shorter_segment_is_the_last_of_its_run);
	tcase_add_test(tcase, flows_may_interleave);
	tcase_add_test(tcase, nothing_overtakes_a_frame_of_its_flow);
	tcase_add_test(tcase, fragment_is_not_overtaken_by_any_flow);
	tcase_add_test(tcase, run_has_a_greatest_length);
	tcase_add_test(tcase, run_never_exceeds_what_an_ip_length_can_say);
	tcase_add_test(
		tcase,
		more_runs_than_there_is_room_for_are_left_for_the_next_call);
	tcase_add_test(tcase, recipes_that_are_not_whole_frames_stay_alone);
	tcase_add_test(tcase,
		       datagrams_joined_and_cut_again_are_the_same_datagrams);
	tcase_add_test(tcase, shorter_datagram_joins_and_ends_the_run);
	tcase_add_loop_test(tcase, datagrams_that_differ_stay_apart, 0,
			    sizeof(apart) / sizeof(apart[0]));
	tcase_add_test(tcase, datagrams_without_df_need_ids_in_a_row);
	tcase_add_test(tcase, datagram_without_a_checksum_stays_alone);
	tcase_add_test(tcase,
		       datagrams_stay_apart_for_a_port_that_does_not_cut_them);
	tcase_add_test(tcase,
		       checksum_to_be_made_elsewhere_keeps_a_frame_alone);
	tcase_add_loop_test(tcase, wrapped_datagrams_join_under_one_lead, 0, 2);
	tcase_add_test(tcase, datagrams_under_different_leads_stay_apart);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_main(coalesce_suite());
}
