// SPDX-License-Identifier: Apache-2.0
/*
 * The blocks as draft-ietf-opsawg-pcapng has them. tests/wire/capture.sh lets
 * another program read a whole file.
 */
#include "tests/support/suite.h"

#include <string.h>

#include "extensions/capture/pcapng.h"

static uint8_t block[PCAPNG_BLOCK_SIZE];

static uint32_t word(const uint8_t *bytes, uint32_t offset)
{
	uint32_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

/* Type, both sizes, and a multiple of four. */
static void check_frame_of_block(uint32_t size, uint32_t type)
{
	ck_assert_uint_eq(size % 4, 0);
	ck_assert_uint_le(size, PCAPNG_BLOCK_SIZE);
	ck_assert_uint_eq(word(block, 0), type);
	ck_assert_uint_eq(word(block, 4), size);
	ck_assert_uint_eq(word(block, size - 4), size);
}

START_TEST(section_tells_the_byte_order_and_who_wrote)
{
	uint32_t size = pcapng_section(block, "vswitch");

	check_frame_of_block(size, 0x0a0d0d0a);
	ck_assert_uint_eq(word(block, 8), 0x1a2b3c4d);
	ck_assert_uint_eq(word(block, 12), 1); /* 1.0 */
	ck_assert_mem_eq(block + 28, "vswitch\0", 8);
}
END_TEST

START_TEST(interface_is_ethernet_with_name_snap_and_nanoseconds)
{
	uint32_t size = pcapng_interface(block, "web", "text", 96);

	check_frame_of_block(size, 1);
	ck_assert_uint_eq(word(block, 8), 1);
	ck_assert_uint_eq(word(block, 12), 96);
	ck_assert_uint_eq(word(block, 16), 2 | 3 << 16); /* if_name, 3 */
	ck_assert_mem_eq(block + 20, "web\0", 4);
	ck_assert_uint_eq(word(block, 32), 9 | 1 << 16); /* if_tsresol, 1 */
	ck_assert_uint_eq(block[36], 9);
}
END_TEST

START_TEST(statistics_tell_what_is_not_in_the_file)
{
	const struct pcapng_statistics statistics = {
		.interface = 3,
		.wall_ns = UINT64_C(0x100000002),
		.received = 9,
		.dropped = 4,
	};
	uint32_t size = pcapng_statistics(block, &statistics);

	check_frame_of_block(size, 5);
	ck_assert_uint_eq(word(block, 8), 3);
	ck_assert_uint_eq(word(block, 12), 1);
	ck_assert_uint_eq(word(block, 16), 2);
	ck_assert_uint_eq(word(block, 20), 4 | 8 << 16); /* isb_ifrecv */
	ck_assert_uint_eq(word(block, 24), 9);
	ck_assert_uint_eq(word(block, 32), 5 | 8 << 16); /* isb_ifdrop */
	ck_assert_uint_eq(word(block, 36), 4);
}
END_TEST

START_TEST(longest_names_fit_a_block)
{
	char name[300];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	check_frame_of_block(pcapng_interface(block, name, name, 1), 1);
	check_frame_of_block(pcapng_section(block, name), 0x0a0d0d0a);
}
END_TEST

/* Head, `captured` bytes and tail make one block. */
static void check_frame(struct pcapng_frame frame)
{
	uint8_t head[PCAPNG_HEAD_SIZE], tail[PCAPNG_TAIL_SIZE];
	uint32_t size = pcapng_head(head, &frame);
	uint32_t after = pcapng_tail(tail, &frame);

	ck_assert_uint_eq(size, PCAPNG_HEAD_SIZE);
	ck_assert_uint_le(after, PCAPNG_TAIL_SIZE);
	ck_assert_uint_eq((size + frame.captured + after) % 4, 0);
	ck_assert_uint_eq(word(head, 4), size + frame.captured + after);
	ck_assert_uint_eq(word(tail, after - 4), word(head, 4));
	ck_assert_uint_eq(word(head, 20), frame.captured);
	ck_assert_uint_eq(word(head, 24), frame.original);
}

START_TEST(frame_of_every_size_and_comment_closes_its_block)
{
	static const char text[] = "0123456789012345678901234567890123456789"
				   "0123456789012345678901234567890123456789";
	struct pcapng_frame frame = {.interface = 3, .original = 70000};
	uint32_t captured, size;

	for (captured = 0; captured < 9; captured++) {
		for (size = 0; size < sizeof(text); size++) {
			frame.captured = captured;
			frame.comment = text + size;
			frame.direction = captured % 3;
			check_frame(frame);
		}
		frame.comment = NULL;
		check_frame(frame);
	}
}
END_TEST

START_TEST(stamp_is_nanoseconds_in_two_halves)
{
	struct pcapng_frame frame = {.wall_ns = UINT64_C(0x1122334455667788)};
	uint8_t head[PCAPNG_HEAD_SIZE];

	pcapng_head(head, &frame);
	ck_assert_uint_eq(word(head, 12), 0x11223344);
	ck_assert_uint_eq(word(head, 16), 0x55667788);
}
END_TEST

START_TEST(direction_is_in_the_flags)
{
	struct pcapng_frame frame = {.captured = 4,
				     .direction = PCAPNG_OUTBOUND};
	uint8_t tail[PCAPNG_TAIL_SIZE];

	pcapng_tail(tail, &frame);
	ck_assert_uint_eq(word(tail, 0), 2 | 4 << 16); /* epb_flags, 4 */
	ck_assert_uint_eq(word(tail, 4), 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pcapng");
	TCase *tcase = tcase_create("pcapng");

	tcase_add_test(tcase, section_tells_the_byte_order_and_who_wrote);
	tcase_add_test(tcase,
		       interface_is_ethernet_with_name_snap_and_nanoseconds);
	tcase_add_test(tcase, statistics_tell_what_is_not_in_the_file);
	tcase_add_test(tcase, longest_names_fit_a_block);
	tcase_add_test(tcase, frame_of_every_size_and_comment_closes_its_block);
	tcase_add_test(tcase, stamp_is_nanoseconds_in_two_halves);
	tcase_add_test(tcase, direction_is_in_the_flags);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
