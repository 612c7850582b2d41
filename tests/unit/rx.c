/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a link reads to (switch/io/rx.h): small frames cost small buffers,
 * super-frames stay where they were read, what is cut short is counted.
 */
#include <errno.h>
#include <string.h>

#include "io/rx.h"
#include "tests/support/prng.h"
#include "tests/support/suite.h"

static const struct vs_pool_params few = {.small_count = 3, .big_count = 1};

static struct vs_pool *pool;
static struct vs_link link;
static struct rx_slot slot;

static void begin(void)
{
	pool = vs_pool_create(&few);
	link = (struct vs_link){.fd = -1};
	rx_slot_begin(&slot, pool);
}

static void end(void)
{
	rx_slot_end(&slot);
	vs_pool_destroy(pool);
}

/* What a device would write: no offload, then `size` bytes. */
static struct vs_packet *read_frame(const uint8_t *frame, size_t size)
{
	ck_assert_int_eq(rx_slot_ready(&slot), 0);
	ck_assert_uint_le(VNET_SIZE + size, slot.room);
	memset(slot.into, 0, VNET_SIZE);
	memcpy(slot.into + VNET_SIZE, frame, size);
	return rx_slot_packet(&slot, &link, VNET_SIZE + size);
}

START_TEST(frames_of_every_size_are_whole)
{
	static const uint32_t sizes[] = {
		1,    14,    60,    1514, VS_SMALL_SIZE - 1, VS_SMALL_SIZE,
		2049, 60000, 65550,
	};
	static uint8_t frame[65550];
	struct prng prng = prng_start(prng_seed());

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct vs_packet *packet;

		prng_fill(&prng, frame, sizeof(frame));
		packet = read_frame(frame, sizes[i]);
		ck_assert_ptr_nonnull(packet);
		ck_assert_uint_eq(packet->view.size, sizes[i]);
		ck_assert_mem_eq(packet->view.data, frame, sizes[i]);
		ck_assert_int_eq(packet->view.data - packet->buffer,
				 VS_PACKET_HEADROOM);
		ck_assert_int_eq(packet->big, sizes[i] > VS_SMALL_SIZE);
		vs_packet_unref(packet);
	}
}
END_TEST

START_TEST(small_frames_need_the_one_big_buffer_only_while_read)
{
	uint8_t frame[60] = {0};
	struct vs_packet *packet[3];

	for (int i = 0; i < 3; i++) {
		packet[i] = read_frame(frame, sizeof(frame));
		ck_assert(!packet[i]->big);
	}
	ck_assert_int_eq(rx_slot_ready(&slot), -ENOBUFS);
	for (int i = 0; i < 3; i++)
		vs_packet_unref(packet[i]);
	ck_assert_int_eq(rx_slot_ready(&slot), 0);
}
END_TEST

START_TEST(without_a_big_buffer_nothing_is_read)
{
	static uint8_t frame[3000];
	struct vs_packet *packet = read_frame(frame, sizeof(frame));

	ck_assert(packet->big);
	ck_assert_int_eq(rx_slot_ready(&slot), -ENOBUFS);
	vs_packet_unref(packet);
	ck_assert_int_eq(rx_slot_ready(&slot), 0);
}
END_TEST

START_TEST(what_was_cut_short_is_counted)
{
	ck_assert_int_eq(rx_slot_ready(&slot), 0);
	ck_assert_ptr_null(rx_slot_packet(&slot, &link, VNET_SIZE - 1));
	/* as much as there is room for: there may have been more */
	ck_assert_ptr_null(rx_slot_packet(&slot, &link, slot.room));
	ck_assert_uint_eq(link.stats.truncated, 2);
	ck_assert_uint_eq(link.stats.received, 0);
	ck_assert_int_eq(rx_slot_ready(&slot), 0);
}
END_TEST

START_TEST(a_header_that_lies_costs_its_frame_and_no_buffer)
{
	struct virtio_net_hdr bad = {.gso_type = 0x77};
	struct vs_pool_stats stats;

	ck_assert_int_eq(rx_slot_ready(&slot), 0);
	memcpy(slot.into, &bad, VNET_SIZE);
	ck_assert_ptr_null(rx_slot_packet(&slot, &link, VNET_SIZE + 60));
	ck_assert_uint_eq(link.stats.truncated, 1);
	rx_slot_end(&slot);
	vs_pool_stats(pool, &stats);
	ck_assert_uint_eq(stats.small_free, few.small_count);
	ck_assert_uint_eq(stats.big_free, few.big_count);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx");
	TCase *tcase = tcase_create("rx");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, frames_of_every_size_are_whole);
	tcase_add_test(tcase,
		       small_frames_need_the_one_big_buffer_only_while_read);
	tcase_add_test(tcase, without_a_big_buffer_nothing_is_read);
	tcase_add_test(tcase, what_was_cut_short_is_counted);
	tcase_add_test(tcase, a_header_that_lies_costs_its_frame_and_no_buffer);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
