// SPDX-License-Identifier: Apache-2.0
/*
 * Super-frames in pieces: put together again they are what was cut, and each
 * piece is a right frame by itself, plain and in NVGRE, however the headers
 * are spread over lead and slice.
 */
#include <errno.h>

#include "packet/segment.h"
#include "tests/support/suite.h"
#include "tests/support/supers.h"

#define OUTER 42u

static struct super super, piece;

/* Move `size` bytes from the front of the slice to the end of the lead. */
static void move_to_lead(struct vs_recipe *recipe, uint32_t size)
{
	memcpy(recipe->lead + recipe->lead_size,
	       vs_view(recipe->frame)->data + recipe->slice_offset, size);
	recipe->lead_size = (uint16_t)(recipe->lead_size + size);
	recipe->slice_offset += size;
	recipe->slice_size -= size;
}

/* Put the outer headers of NVGRE before a plain recipe. */
static void wrap_nvgre(struct vs_recipe *recipe)
{
	static const uint8_t gre[8] = {0x20, 0, 0x65, 0x58, 0, 0x13, 0x89, 7};
	struct frames outer = frames_ethernet(recipe->lead, VS_TYPE_IPV4);

	frames_ipv4(&outer, VS_IP_GRE);
	frames_bytes(&outer, gre, sizeof(gre));
	recipe->lead_size = OUTER;
	recipe->inner = OUTER;
	recipe->encapsulation = VS_ENCAP_NVGRE;
	if (recipe->offload.csum_start != VS_ABSENT)
		recipe->offload.csum_start =
			(uint16_t)(recipe->offload.csum_start + OUTER);
	if (recipe->offload.gso != VS_GSO_NONE)
		recipe->offload.header_size =
			(uint16_t)(recipe->offload.header_size + OUTER);
}

/* Check and remove the outer headers of an assembled piece. */
static void unwrap_nvgre(const struct vs_recipe *recipe, uint16_t id)
{
	const uint8_t *ip = piece.bytes + 14;
	uint32_t size = piece.packet.view.size;

	ck_assert_uint_eq(vs_load16(ip + 2), size - 14);
	ck_assert_uint_eq(vs_load16(ip + 4), id);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, ip, 20)), 0xffff);
	ck_assert_mem_eq(piece.bytes, recipe->lead, 14);
	ck_assert_mem_eq(ip + 20, recipe->lead + 34, 8);
	memmove(piece.bytes, piece.bytes + OUTER, size - OUTER);
	super_wrap(&piece, size - OUTER);
}

/* The next piece as one frame; false at the end. */
static bool assemble(struct vs_segmenter *segmenter,
		     const struct vs_recipe *recipe)
{
	uint8_t header[VS_SEGMENT_HEADER];
	uint32_t offset, size;
	uint16_t header_size =
		vs_segment_next(segmenter, header, &offset, &size);

	if (header_size == 0)
		return false;
	ck_assert_uint_le(offset + size,
			  recipe->slice_offset + recipe->slice_size);
	memcpy(piece.bytes, header, header_size);
	memcpy(piece.bytes + header_size, vs_view(recipe->frame)->data + offset,
	       size);
	super_wrap(&piece, header_size + size);
	return true;
}

static void check_tcp_flags(const struct super_plan *plan, bool first,
			    bool last)
{
	uint8_t flags = piece.bytes[piece.packet.view.l4 + 13];
	uint8_t want = plan->tcp_flags;

	if (!last)
		want &= (uint8_t)~0x09;
	if (!first)
		want &= (uint8_t)~0x80;
	ck_assert_uint_eq(flags, want);
}

/* One piece, unwrapped: headers right, payload the next of the original. */
static uint32_t check_piece(const struct super_plan *plan, uint32_t sent,
			    uint32_t index)
{
	const struct vs_view *whole = &super.packet.view;
	const struct vs_view *view = &piece.packet.view;
	uint32_t size, want = plan->payload_size - sent;
	bool last;

	vs_packet_parse(&piece.packet);
	ck_assert_uint_ne(view->payload, VS_ABSENT);
	size = view->size - view->payload;
	if (plan->gso_size && want > plan->gso_size)
		want = plan->gso_size;
	last = sent + want == plan->payload_size;
	ck_assert_uint_eq(size, want);
	ck_assert_mem_eq(view->data + view->payload,
			 whole->data + whole->payload + sent, size);
	ck_assert(super_sums_hold(view));
	ck_assert_mem_eq(view->data, whole->data, 14);
	if (!plan->ipv6 && plan->gso_size)
		ck_assert_uint_eq(vs_load16(view->data + view->l3 + 4),
				  (uint16_t)(plan->id + index));
	if (plan->udp) {
		ck_assert_uint_ne(vs_load16(view->data + view->l4 + 6), 0);
		return size;
	}
	ck_assert_uint_eq(vs_load32(view->data + view->l4 + 4),
			  vs_load32(whole->data + whole->l4 + 4) + sent);
	check_tcp_flags(plan, index == 0, last);
	ck_assert_mem_eq(view->data + view->l4 + 20,
			 whole->data + whole->l4 + 20, plan->options);
	return size;
}

static void check_recipe(const struct vs_recipe *recipe,
			 const struct super_plan *plan, uint16_t outer_id)
{
	struct vs_segmenter segmenter;
	uint32_t sent = 0, index = 0;
	int pieces = vs_segment_begin(&segmenter, recipe, outer_id);

	ck_assert_int_ge(pieces, 1);
	while (assemble(&segmenter, recipe)) {
		if (recipe->encapsulation == VS_ENCAP_NVGRE)
			unwrap_nvgre(recipe, (uint16_t)(outer_id + index));
		sent += check_piece(plan, sent, index++);
	}
	ck_assert_int_eq((int)index, pieces);
	ck_assert_uint_eq(sent, plan->payload_size);
}

static struct super_plan random_plan(struct prng *prng)
{
	struct super_plan plan = {
		.ipv6 = prng_below(prng, 2),
		.udp = prng_below(prng, 3) == 0,
		.options = (uint8_t)(prng_below(prng, 11) * 4),
		.tcp_flags = prng_below(prng, 2) ? 0x99 : 0x10,
		.gso_size = (uint16_t)(100 + prng_below(prng, 1400)),
		.payload_size = 1 + prng_below(prng, 65000),
		.id = (uint16_t)prng_u32(prng),
	};

	if (plan.udp)
		plan.options = 0;
	/* Not cut: only the checksum is to be finished. */
	if (prng_below(prng, 4) == 0)
		plan.gso_size = 0;
	return plan;
}

START_TEST(pieces_are_right_frames_and_together_the_whole)
{
	struct prng prng = prng_start(prng_seed());
	struct super_plan plan;
	struct vs_recipe recipe;
	int i;

	for (i = 0; i < 1000; i++) {
		plan = random_plan(&prng);
		super_make(&super, &plan, &prng);
		recipe = super_recipe(&super);
		if (prng_below(&prng, 2))
			wrap_nvgre(&recipe);
		/* Headers may lie in the lead, in the slice, or in both. */
		if (prng_below(&prng, 2))
			move_to_lead(
				&recipe,
				prng_below(&prng,
					   super.packet.view.payload + 1u));
		check_recipe(&recipe, &plan, (uint16_t)prng_u32(&prng));
	}
}
END_TEST

START_TEST(short_super_frame_is_one_finished_piece)
{
	struct prng prng = prng_start(prng_seed());
	struct super_plan plan = {
		.gso_size = 1400, .payload_size = 10, .tcp_flags = 0x19};
	struct vs_recipe recipe;

	super_make(&super, &plan, &prng);
	recipe = super_recipe(&super);
	check_recipe(&recipe, &plan, 0);
}
END_TEST

START_TEST(frame_that_needs_nothing_goes_out_as_it_is)
{
	struct prng prng = prng_start(prng_seed());
	struct super_plan plan = {.payload_size = 100, .tcp_flags = 0x10};
	struct vs_segmenter segmenter;
	struct vs_recipe recipe;

	super_make(&super, &plan, &prng);
	super.packet.view.offload.csum_start = VS_ABSENT;
	recipe = super_recipe(&super);
	ck_assert_int_eq(vs_segment_begin(&segmenter, &recipe, 0), 1);
	ck_assert(assemble(&segmenter, &recipe));
	ck_assert_uint_eq(piece.packet.view.size, super.packet.view.size);
	ck_assert_mem_eq(piece.bytes, super.bytes, super.packet.view.size);
	ck_assert(!assemble(&segmenter, &recipe));
}
END_TEST

START_TEST(udp_checksum_of_zero_is_sent_as_all_ones)
{
	struct prng prng = prng_start(prng_seed());
	struct super_plan plan = {.udp = true, .payload_size = 2};
	struct vs_segmenter segmenter;
	struct vs_recipe recipe;
	uint16_t rest;

	super_make(&super, &plan, &prng);
	/* The two bytes that make the sum 0xffff. */
	vs_store16(super.bytes + 42, 0);
	rest = vs_checksum(vs_sum(0, super.bytes + 34, 10));
	vs_store16(super.bytes + 42, rest);
	recipe = super_recipe(&super);
	ck_assert_int_eq(vs_segment_begin(&segmenter, &recipe, 0), 1);
	ck_assert(assemble(&segmenter, &recipe));
	ck_assert_uint_eq(vs_load16(piece.bytes + 40), 0xffff);
}
END_TEST

/* Each way to contradict oneself. */
static void spoil(struct vs_recipe *recipe, int how)
{
	switch (how) {
	case 0:
		recipe->offload.gso_size = 0;
		break;
	case 1:
		recipe->offload.header_size = 0;
		break;
	case 2:
		recipe->offload.header_size -= 4;
		break;
	case 3:
		recipe->offload.header_size = UINT16_MAX;
		break;
	case 4:
		recipe->offload.gso = VS_GSO_TCP6;
		break;
	case 5:
		recipe->offload.gso = VS_GSO_UDP;
		break;
	case 6:
		recipe->offload.gso = 77;
		break;
	case 7:
		recipe->offload.csum_start += 2;
		break;
	case 8:
		recipe->slice_size++;
		break;
	case 9:
		recipe->slice_size = 0;
		break;
	case 10:
		recipe->inner = OUTER - 1;
		break;
	case 11:
		recipe->inner = UINT16_MAX;
		break;
	case 12:
		recipe->lead[12] = 0x12;
		break;
	case 13:
		recipe->lead[14] = 0x4f;
		break;
	case 14:
		recipe->offload.gso = VS_GSO_NONE;
		recipe->offload.csum_start = 5000;
		break;
	default: /* not cut, and longer than an IP packet can be */
		recipe->offload.gso = VS_GSO_NONE;
		recipe->offload.csum_start = VS_ABSENT;
		recipe->slice_size = 65600;
	}
}

START_TEST(recipe_that_contradicts_itself_is_refused)
{
	struct prng prng = prng_start(prng_seed());
	struct super_plan plan = {
		.gso_size = 1000, .payload_size = 65000, .tcp_flags = 0x10};
	struct vs_segmenter segmenter;
	struct vs_recipe recipe;

	super_make(&super, &plan, &prng);
	if (_i == 15)
		super.packet.view.size = 65700;
	recipe = super_recipe(&super);
	wrap_nvgre(&recipe);
	if (_i != 15)
		ck_assert_int_gt(vs_segment_begin(&segmenter, &recipe, 0), 0);
	spoil(&recipe, _i);
	ck_assert_int_eq(vs_segment_begin(&segmenter, &recipe, 0), -EINVAL);
}
END_TEST

START_TEST(fragments_are_not_cut)
{
	struct prng prng = prng_start(prng_seed());
	struct super_plan plan = {
		.gso_size = 1000, .payload_size = 5000, .tcp_flags = 0x10};
	struct vs_segmenter segmenter;
	struct vs_recipe recipe;

	super_make(&super, &plan, &prng);
	vs_store16(super.bytes + 20, 0x2000);
	recipe = super_recipe(&super);
	ck_assert_int_eq(vs_segment_begin(&segmenter, &recipe, 0), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("segment");
	TCase *tcase = tcase_create("segment");

	tcase_add_test(tcase, pieces_are_right_frames_and_together_the_whole);
	tcase_add_test(tcase, short_super_frame_is_one_finished_piece);
	tcase_add_test(tcase, frame_that_needs_nothing_goes_out_as_it_is);
	tcase_add_test(tcase, udp_checksum_of_zero_is_sent_as_all_ones);
	tcase_add_loop_test(tcase, recipe_that_contradicts_itself_is_refused, 0,
			    16);
	tcase_add_test(tcase, fragments_are_not_cut);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
