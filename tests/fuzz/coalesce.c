/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments put together and cut again, over any bytes: one byte (bit 0: the
 * port cuts datagrams), a frame's size in two bytes, the frame, then frames
 * made of those before by four bytes each: which, what follows it in its flow
 * (bit 0: the next sequence number and IPv4 ID; bit 1: half its payload; bit 2:
 * checksums made again; bit 3: before the flip), and a byte of it to be
 * flipped, in a block of exactly its size each. Every frame is in one run, runs
 * keep the order, and a run that is cut again is its frames, byte for byte but
 * for IDs that DF makes moot.
 */
#include <vswitch/wire.h>

#include "packet/coalesce.h"
#include "packet/packet.h"
#include "packet/segment.h"
#include "tests/support/fuzz.h"

#define FRAMES	16u
#define LARGEST 4096u
#define JOINED	(FRAMES * LARGEST)

enum { NEXT = 1, HALF = 2, SUMS = 4, EARLY = 8 };

struct frame {
	struct vs_packet packet;
	uint8_t *bytes;
	uint32_t size;
};

static struct frame frames[FRAMES];
static struct vs_recipe recipes[FRAMES];
static struct vs_run runs[VS_COALESCE_RUNS];
static uint16_t frame_count;

static struct vs_recipe recipe_of(const struct vs_packet *packet)
{
	return (struct vs_recipe){.frame = (const struct vs_frame *)packet,
				  .slice_size = packet->view.size,
				  .offload = packet->view.offload};
}

/* -- frames -----------------------------------------------------------------
 */

static struct frame *frame_new(const uint8_t *bytes, uint32_t size)
{
	struct frame *frame = &frames[frame_count++];

	frame->bytes = fuzz_block(bytes, size);
	frame->size = size;
	fuzz_view(&frame->packet.view, frame->bytes, size);
	return frame;
}

static bool is_tcp(const struct vs_view *view)
{
	return view->protocol == VS_IP_TCP && view->l4 != VS_ABSENT;
}

static void put_sums(uint8_t *bytes, const struct vs_view *view)
{
	uint32_t at, size = view->size - view->l4;
	uint64_t sum;

	if (view->flags & VS_FRAME_IPV4) {
		vs_store16(bytes + view->l3 + 10, 0);
		sum = vs_sum(0, bytes + view->l3, VS_IPV4_SIZE);
		vs_store16(bytes + view->l3 + 10, vs_checksum(sum));
	}
	if (view->l4 == VS_ABSENT || view->payload == VS_ABSENT)
		return;
	at = view->l4 + (is_tcp(view) ? 16u : 6u);
	if ((!is_tcp(view) && view->protocol != VS_IP_UDP) ||
	    at + 2 > view->size)
		return;
	vs_store16(bytes + at, 0);
	sum = vs_sum_pseudo(bytes + view->l3, view->protocol, size);
	vs_store16(bytes + at,
		   vs_checksum(vs_sum(sum, bytes + view->l4, size)));
}

/* Of a frame with its payload cut: the lengths that say so. */
static void put_lengths(uint8_t *bytes, const struct vs_view *view,
			uint32_t size)
{
	if (view->flags & VS_FRAME_IPV4)
		vs_store16(bytes + view->l3 + 2, (uint16_t)(size - view->l3));
	else
		vs_store16(bytes + view->l3 + 4,
			   (uint16_t)(size - view->l3 - VS_IPV6_SIZE));
	if (view->protocol == VS_IP_UDP)
		vs_store16(bytes + view->l4 + 4, (uint16_t)(size - view->l4));
}

static void follow(uint8_t *bytes, const struct vs_view *view)
{
	uint32_t payload = view->size - view->payload;
	uint16_t id;

	if (is_tcp(view))
		vs_store32(bytes + view->l4 + 4,
			   vs_load32(bytes + view->l4 + 4) + payload);
	if (!(view->flags & VS_FRAME_IPV4))
		return;
	id = vs_load16(bytes + view->l3 + 4);
	vs_store16(bytes + view->l3 + 4, (uint16_t)(id + 1));
}

static void frame_after(const uint8_t op[4])
{
	const struct frame *before = &frames[op[0] % frame_count];
	const struct vs_view *view = &before->packet.view;
	bool plain = view->payload != VS_ABSENT && view->l4 != VS_ABSENT &&
		     view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6);
	uint8_t bytes[LARGEST];
	uint32_t size = before->size;
	struct vs_view changed;

	memcpy(bytes, before->bytes, size);
	if (plain && op[1] & NEXT)
		follow(bytes, view);
	if (plain && op[1] & HALF && size > view->payload) {
		size -= (size - view->payload) / 2;
		put_lengths(bytes, view, size);
	}
	if (!(op[1] & EARLY))
		bytes[(op[2] * 3u) % size] ^= op[3];
	fuzz_view(&changed, bytes, size);
	if (op[1] & SUMS)
		put_sums(bytes, &changed);
	if (op[1] & EARLY)
		bytes[(op[2] * 3u) % size] ^= op[3];
	frame_new(bytes, size);
}

/* -- what must hold ---------------------------------------------------------
 */

/* Zero and all ones say the same in a checksum. */
static void alike(uint8_t *want, const uint8_t *bytes, uint32_t at)
{
	uint16_t a = vs_load16(want + at), b = vs_load16(bytes + at);

	if ((a == 0 || a == 0xffff) && (b == 0 || b == 0xffff))
		vs_store16(want + at, b);
}

static void check_piece(const struct frame *frame, const uint8_t *bytes,
			uint32_t size)
{
	const struct vs_view *view = &frame->packet.view;
	uint8_t want[LARGEST];

	must(size == frame->size);
	memcpy(want, frame->bytes, size);
	if (view->flags & VS_FRAME_IPV4 && want[view->l3 + 6] & 0x40) {
		memcpy(want + view->l3 + 4, bytes + view->l3 + 4, 2);
		memcpy(want + view->l3 + 10, bytes + view->l3 + 10, 2);
	}
	if (view->flags & VS_FRAME_IPV4)
		alike(want, bytes, view->l3 + 10);
	if (is_tcp(view))
		alike(want, bytes, view->l4 + 16u);
	must(memcmp(want, bytes, size) == 0);
}

static void cut(const struct vs_run *run, const struct vs_packet *joined)
{
	const struct vs_recipe recipe = recipe_of(joined);
	uint8_t header[VS_SEGMENT_HEADER], piece[LARGEST];
	struct vs_segmenter segmenter;
	uint16_t header_size, i = 0;
	uint32_t offset, size;

	must(vs_segment_begin(&segmenter, &recipe, 0) == run->members);
	while ((header_size =
			vs_segment_next(&segmenter, header, &offset, &size))) {
		must(i < run->members && header_size + size <= LARGEST);
		memcpy(piece, header, header_size);
		memcpy(piece + header_size, joined->view.data + offset, size);
		check_piece(&frames[run->member[i++]], piece,
			    header_size + size);
	}
	must(i == run->members);
}

static void check_joined(const struct vs_run *run)
{
	static uint8_t bytes[JOINED];
	uint32_t at = run->header_size, part;
	struct vs_packet joined = {.view.size = 0};
	uint16_t i;

	must(at <= sizeof(run->header));
	memcpy(bytes, run->header, at);
	for (i = 0; i < run->members; i++) {
		const struct frame *frame = &frames[run->member[i]];

		must(run->payload < frame->size);
		part = frame->size - run->payload;
		memcpy(bytes + at, frame->bytes + run->payload, part);
		at += part;
	}
	must(at == run->header_size + run->payload_size);
	fuzz_view(&joined.view, bytes, at);
	joined.view.offload = run->offload;
	cut(run, &joined);
}

static void check_runs(uint16_t made, uint16_t used)
{
	uint32_t seen = 0;
	uint16_t i, k;

	for (i = 0; i < made; i++) {
		const struct vs_run *run = &runs[i];

		must(run->members >= 1 && run->members <= used);
		must(!i || runs[i - 1].first < run->first);
		must(run->members == 1 || run->member[0] == run->first);
		for (k = 0; k < run->members; k++) {
			uint16_t at =
				run->members == 1 ? run->first : run->member[k];

			must(at < used && !(seen >> at & 1));
			must(!k || run->member[k - 1] < at);
			seen |= 1u << at;
		}
		if (run->members > 1)
			check_joined(run);
	}
	must(seen == (1u << used) - 1);
}

static void coalesce(unsigned int kinds)
{
	const struct vs_recipe *list[FRAMES];
	uint16_t i, used, made;

	for (i = 0; i < frame_count; i++) {
		recipes[i] = recipe_of(&frames[i].packet);
		list[i] = &recipes[i];
	}
	made = vs_coalesce(list, frame_count, kinds, runs, &used);
	must(used == frame_count && made <= used);
	check_runs(made, used);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint32_t first;

	if (size < 3)
		return 0;
	first = vs_load16(bytes + 1);
	if (first < VS_ETHERNET_SIZE || first > LARGEST || first > size - 3)
		return 0;
	frame_count = 0;
	frame_new(bytes + 3, first);
	for (size_t at = 3 + first; at + 4 <= size && frame_count < FRAMES;
	     at += 4)
		frame_after(bytes + at);
	coalesce(bytes[0] & 1 ? VS_COALESCE_UDP : 0);
	while (frame_count)
		free(frames[--frame_count].bytes);
	return 0;
}
