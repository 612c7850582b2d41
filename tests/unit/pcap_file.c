/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files as links: both byte orders, damage, there and back. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vswitch/wire.h>

#include "io/loop.h"
#include "io/pcap_file.h"
#include "io/writer.h"
#include "tests/support/suite.h"

static struct vs_pool *pool;

static void begin(void)
{
	pool = vs_pool_create(
		&(struct vs_pool_params){.small_count = 80, .big_count = 2});
}

static void end(void)
{
	struct vs_pool_stats stats;

	vs_pool_stats(pool, &stats);
	ck_assert_uint_eq(stats.small_free, stats.small_count);
	ck_assert_uint_eq(stats.big_free, stats.big_count);
	vs_pool_destroy(pool);
}

/* A file being written: numbers in either byte order. */
struct file {
	uint8_t bytes[8192];
	uint32_t size;
	bool little;
};

static void number(struct file *file, uint32_t value)
{
	vs_store32(file->bytes + file->size,
		   file->little ? __builtin_bswap32(value) : value);
	file->size += 4;
}

static struct file file_begin(bool little, uint32_t magic, uint32_t type)
{
	struct file file = {.little = little};

	number(&file, magic);
	number(&file, little ? 4u << 16 | 2 : 2u << 16 | 4);
	number(&file, 0);
	number(&file, 0);
	number(&file, 65535);
	number(&file, type);
	return file;
}

static void file_frame(struct file *file, uint32_t size, uint32_t wire_size)
{
	number(file, 1);
	number(file, 2);
	number(file, size);
	number(file, wire_size);
	memset(file->bytes + file->size, (int)size, size);
	file->size += size;
}

static struct vs_link *file_link(const struct file *file)
{
	struct vs_error error = {0};
	struct vs_link *link = NULL;
	int fd = memfd_create("pcap", 0);

	ck_assert_int_eq((int)write(fd, file->bytes, file->size),
			 (int)file->size);
	lseek(fd, 0, SEEK_SET);
	if (pcap_link_create(&link, fd, -1, NULL, &error)) {
		ck_assert_int_ne(error.text[0], 0);
		close(fd);
	}
	return link;
}

/* Reads everything: how many frames; each is filled with its size. */
static unsigned int count_frames(struct vs_link *link)
{
	struct vs_packet *packets[8];
	unsigned int total = 0;
	int count;

	while ((count = link->ops->rx_burst(link, pool, packets, 8, 100000)) >
	       0) {
		for (int i = 0; i < count; i++, total++) {
			const struct vs_view *view = &packets[i]->view;

			ck_assert_uint_eq(view->data[0], view->size & 0xff);
			vs_packet_unref(packets[i]);
		}
	}
	ck_assert_int_eq(count, 0);
	return total;
}

START_TEST(both_byte_orders_and_both_stamps_are_read)
{
	for (int i = 0; i < 4; i++) {
		struct file file =
			file_begin(i & 1, i & 2 ? 0xa1b23c4d : 0xa1b2c3d4, 1);
		struct vs_link *link;

		for (uint32_t j = 0; j < 20; j++)
			file_frame(&file, 60 + j, 60 + j);
		file_frame(&file, 3000, 3000);
		link = file_link(&file);
		ck_assert_ptr_nonnull(link);
		ck_assert_uint_eq(count_frames(link), 21);
		ck_assert_uint_eq(link->stats.truncated, 0);
		link_close(link);
	}
}
END_TEST

START_TEST(what_is_not_an_ethernet_capture_is_refused)
{
	struct file file = file_begin(true, 0xa1b2c3d4, 101);

	ck_assert_ptr_null(file_link(&file));
	file = file_begin(true, 0x0a0d0d0a, 1);
	ck_assert_ptr_null(file_link(&file));
	file = file_begin(true, 0xa1b2c3d4, 1);
	file.size = 23;
	ck_assert_ptr_null(file_link(&file));
}
END_TEST

START_TEST(cut_file_ends_at_the_cut)
{
	struct file whole = file_begin(true, 0xa1b2c3d4, 1);

	file_frame(&whole, 60, 60);
	file_frame(&whole, 60, 60);
	for (uint32_t size = 24; size < whole.size; size++) {
		struct file cut = whole;
		struct vs_link *link;

		cut.size = size;
		link = file_link(&cut);
		ck_assert_uint_eq(count_frames(link), (size - 24) / (16 + 60));
		ck_assert_uint_eq(link->stats.truncated,
				  (size - 24) % (16 + 60) != 0);
		link_close(link);
	}
}
END_TEST

START_TEST(frame_cut_by_the_capture_is_counted_not_delivered)
{
	struct file file = file_begin(true, 0xa1b2c3d4, 1);
	struct vs_link *link;

	file_frame(&file, 60, 1514);
	file_frame(&file, 61, 61);
	link = file_link(&file);
	ck_assert_uint_eq(count_frames(link), 1);
	ck_assert_uint_eq(link->stats.truncated, 1);
	link_close(link);
}
END_TEST

START_TEST(absurd_size_ends_the_file)
{
	struct file file = file_begin(true, 0xa1b2c3d4, 1);
	struct vs_link *link;

	file_frame(&file, 60, 60);
	number(&file, 0);
	number(&file, 0);
	number(&file, 0xffffffff);
	number(&file, 0xffffffff);
	link = file_link(&file);
	ck_assert_uint_eq(count_frames(link), 1);
	ck_assert_uint_eq(link->stats.truncated, 1);
	link_close(link);
}
END_TEST

START_TEST(what_is_recorded_can_be_read)
{
	struct vs_packet *packet = vs_pool_take(pool, false);
	struct link_scratch *scratch = link_scratch_create();
	int fd = memfd_create("pcap", 0), keep = dup(fd);
	struct vs_outbox_entry entry = {.packet = packet};
	const struct vs_outbox_entry *entries[] = {&entry, &entry, &entry};
	struct vs_link *link, *back;
	struct vs_error error;
	struct writer *writer;
	struct loop *loop;

	ck_assert_int_eq(loop_create(&loop), 0);
	ck_assert_int_eq(writer_create(&writer, loop), 0);
	ck_assert_int_eq(pcap_link_create(&link, -1, fd, writer, &error), 0);
	memset(packet->buffer + (packet->view.data - packet->buffer), 70, 70);
	packet->view.size = 70;
	entry.recipe.frame = vs_packet_frame(packet);
	entry.recipe.slice_size = 70;
	entry.recipe.offload.csum_start = VS_ABSENT;
	link->ops->tx_burst(link, entries, 3, scratch);
	ck_assert_uint_eq(link->stats.written, 3);
	link_close(link);
	writer_destroy(writer);
	loop_destroy(loop);
	vs_packet_unref(packet);
	lseek(keep, 0, SEEK_SET);
	ck_assert_int_eq(pcap_link_create(&back, keep, -1, NULL, &error), 0);
	ck_assert_uint_eq(count_frames(back), 3);
	link_close(back);
	link_scratch_destroy(scratch);
}
END_TEST

static Suite *pcap_suite(void)
{
	Suite *suite = suite_create("pcap_file");
	TCase *tcase = tcase_create("files");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, both_byte_orders_and_both_stamps_are_read);
	tcase_add_test(tcase, what_is_not_an_ethernet_capture_is_refused);
	tcase_add_test(tcase, cut_file_ends_at_the_cut);
	tcase_add_test(tcase,
		       frame_cut_by_the_capture_is_counted_not_delivered);
	tcase_add_test(tcase, absurd_size_ends_the_file);
	tcase_add_test(tcase, what_is_recorded_can_be_read);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_main(pcap_suite());
}
