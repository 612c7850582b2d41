/* SPDX-License-Identifier: Apache-2.0 */
/* The writer thread: jobs in order, records whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/ring.h"
#include "io/writer.h"
#include "tests/support/suite.h"
#include "tests/support/turn.h"

static struct loop *loop;
static struct writer *writer;
static unsigned int order[8], orders;
static _Atomic int sync_error; /* what fsync answers; 0 = all is well */

/* Instead of libc's: a disk that fails when it is asked for good. */
int fsync(int fd)
{
	(void)fd;
	errno = sync_error;
	return sync_error ? -1 : 0;
}

static void begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	orders = 0;
	sync_error = 0;
	ck_assert_int_eq(loop_create(&loop), 0);
	ck_assert_int_eq(writer_create(&writer, loop), 0);
}

static void end(void)
{
	writer_destroy(writer);
	loop_destroy(loop);
}

#define UNTIL(condition) TURN_UNTIL(loop, condition)

struct numbered_job {
	struct writer_job job; /* first */
	unsigned int number;
};

static void on_done(struct writer_job *job)
{
	order[orders++] = ((struct numbered_job *)job)->number;
}

static struct numbered_job job_of(unsigned int number, int fd, const char *text)
{
	return (struct numbered_job){
		.job = {.done = on_done,
			.bytes = (const uint8_t *)text,
			.size = strlen(text),
			.fd = fd,
			.directory = -1,
			.flags = WRITER_SYNC},
		.number = number,
	};
}

START_TEST(jobs_are_done_in_order)
{
	int fd = memfd_create("journal", 0);
	struct numbered_job first = job_of(1, fd, "one\n");
	struct numbered_job second = job_of(2, fd, "two\n");
	char text[16] = "";

	writer_submit(writer, &first.job);
	writer_submit(writer, &second.job);
	UNTIL(orders == 2);
	ck_assert_uint_eq(order[0], 1);
	ck_assert_uint_eq(order[1], 2);
	ck_assert_int_eq(first.job.error, 0);
	ck_assert_int_eq((int)pread(fd, text, sizeof(text) - 1, 0), 8);
	ck_assert_str_eq(text, "one\ntwo\n");
	close(fd);
}
END_TEST

START_TEST(failed_append_leaves_the_file_as_it_was)
{
	int fd = memfd_create("journal", MFD_ALLOW_SEALING);
	struct numbered_job good = job_of(1, fd, "one\n");
	struct numbered_job bad = job_of(2, fd, "two\n");
	struct stat status;

	writer_submit(writer, &good.job);
	UNTIL(orders == 1);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	writer_submit(writer, &bad.job);
	UNTIL(orders == 2);
	ck_assert_int_eq(bad.job.error, -EPERM);
	fstat(fd, &status);
	ck_assert_int_eq((int)status.st_size, 4);
	close(fd);
}
END_TEST

START_TEST(half_an_append_is_taken_back)
{
	const struct rlimit limit = {6, RLIM_INFINITY};
	int fd = memfd_create("journal", 0);
	struct numbered_job good = job_of(1, fd, "one\n");
	struct numbered_job bad = job_of(2, fd, "two\n");
	struct stat status;

	signal(SIGXFSZ, SIG_IGN);
	writer_submit(writer, &good.job);
	UNTIL(orders == 1);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	writer_submit(writer, &bad.job);
	UNTIL(orders == 2);
	ck_assert_int_eq(bad.job.error, -EFBIG);
	fstat(fd, &status);
	ck_assert_int_eq((int)status.st_size, 4);
	close(fd);
}
END_TEST

/* What was refused must not be there when the file is read again. */
START_TEST(append_that_cannot_be_synced_is_taken_back)
{
	int fd = memfd_create("journal", 0);
	struct numbered_job good = job_of(1, fd, "one\n");
	struct numbered_job bad = job_of(2, fd, "two\n");
	struct numbered_job again = job_of(3, fd, "six\n");
	char text[16] = "";

	writer_submit(writer, &good.job);
	UNTIL(orders == 1);
	sync_error = EIO;
	writer_submit(writer, &bad.job);
	UNTIL(orders == 2);
	ck_assert_int_eq(bad.job.error, -EIO);
	ck_assert_int_eq((int)pread(fd, text, sizeof(text) - 1, 0), 4);
	sync_error = 0;
	writer_submit(writer, &again.job);
	UNTIL(orders == 3);
	ck_assert_int_eq(again.job.error, 0);
	ck_assert_int_eq((int)pread(fd, text, sizeof(text) - 1, 0), 8);
	ck_assert_str_eq(text, "one\nsix\n");
	close(fd);
}
END_TEST

START_TEST(file_that_knows_no_sync_is_written)
{
	int fd = memfd_create("journal", 0);
	struct numbered_job job = job_of(1, fd, "one\n");
	struct stat status;

	sync_error = EINVAL; /* a pipe, a device */
	writer_submit(writer, &job.job);
	UNTIL(orders == 1);
	ck_assert_int_eq(job.job.error, 0);
	fstat(fd, &status);
	ck_assert_int_eq((int)status.st_size, 4);
	close(fd);
}
END_TEST

/* -- a file in the place of another ------------------------------------------
 */

static void make_file(int directory, const char *name, const char *text)
{
	int fd = openat(directory, name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
}

static bool holds(int directory, const char *name, const char *wanted)
{
	char text[16] = "";
	int fd = openat(directory, name, O_RDONLY);

	if (fd < 0)
		return false;
	ck_assert_int_ge((int)read(fd, text, sizeof(text) - 1), 0);
	close(fd);
	return strcmp(text, wanted) == 0;
}

static void replace(int directory, int *error)
{
	struct numbered_job job = job_of(1, -1, "");
	unsigned int before = orders;

	make_file(directory, "new", "new");
	job.job.directory = directory;
	job.job.from = "new";
	job.job.to = "old";
	writer_submit(writer, &job.job);
	UNTIL(orders == before + 1);
	*error = job.job.error;
}

START_TEST(file_is_back_if_its_directory_cannot_be_synced)
{
	char path[] = "/tmp/vsio-XXXXXX";
	int directory, error;

	ck_assert_ptr_nonnull(mkdtemp(path));
	directory = open(path, O_RDONLY | O_DIRECTORY);
	sync_error = EIO;
	replace(directory, &error); /* there was none */
	ck_assert_int_eq(error, -EIO);
	ck_assert_int_ne(faccessat(directory, "old", F_OK, 0), 0);
	make_file(directory, "old", "one");
	replace(directory, &error);
	ck_assert_int_eq(error, -EIO);
	ck_assert(holds(directory, "old", "one"));
	sync_error = 0;
	replace(directory, &error);
	ck_assert_int_eq(error, 0);
	ck_assert(holds(directory, "old", "new"));
	ck_assert_int_ne(faccessat(directory, "new", F_OK, 0), 0);
	unlinkat(directory, "old", 0);
	close(directory);
	ck_assert_int_eq(rmdir(path), 0); /* nothing was left in it */
}
END_TEST

START_TEST(rename_happens_only_behind_what_was_written)
{
	char path[] = "/tmp/vsio-XXXXXX", text[8] = "";
	int directory, fd;
	struct numbered_job job;

	ck_assert_ptr_nonnull(mkdtemp(path));
	directory = open(path, O_RDONLY | O_DIRECTORY);
	fd = openat(directory, "new", O_RDWR | O_CREAT, 0600);
	job = job_of(1, fd, "new");
	job.job.directory = directory;
	job.job.from = "new";
	job.job.to = "old";
	writer_submit(writer, &job.job);
	UNTIL(orders == 1);
	ck_assert_int_eq(job.job.error, 0);
	close(fd);
	fd = openat(directory, "old", O_RDONLY);
	ck_assert_int_eq((int)read(fd, text, sizeof(text)), 3);
	close(fd);
	unlinkat(directory, "old", 0);
	close(directory);
	rmdir(path);
}
END_TEST

static int put(int sink, const char *text)
{
	const uint8_t *pieces[] = {(const uint8_t *)text};
	uint32_t sizes[] = {(uint32_t)strlen(text)};

	return writer_record(writer, (uint32_t)sink, pieces, sizes, 1);
}

START_TEST(records_before_a_close_reach_the_file)
{
	int fd = memfd_create("capture", 0), keep = dup(fd), sink;
	struct stat status = {0};
	uint64_t until = loop_now_ns() + TURN_WAIT_NS;

	sink = writer_sink_open(writer, fd, NULL);
	ck_assert_int_gt(sink, 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(put(sink, "12345678"), 0);
	writer_sink_close(writer, sink);
	ck_assert_int_eq(put(sink, "late"), -EPIPE);
	while (status.st_size < 8000 && loop_now_ns() < until)
		fstat(keep, &status);
	ck_assert_int_eq((int)status.st_size, 8000);
	close(keep);
}
END_TEST

/* A record begun in a pipe is finished before another, and none is cut. */
START_TEST(pipe_that_nobody_reads_costs_records_not_time)
{
	static char text[5000];
	struct numbered_job job;
	struct writer_stats stats;
	struct vs_sink_counts counts;
	size_t got = 0;
	int ends[2], sink, fd = memfd_create("journal", 0);
	char bytes[4096];
	ssize_t size;

	memset(text, 'x', sizeof(text) - 1);
	text[0] = 'a';
	ck_assert_int_eq(pipe(ends), 0);
	sink = writer_sink_open(writer, ends[1], NULL);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(put(sink, text), 0);
	/* the pipe holds 64 KiB; the journal is written all the same */
	job = job_of(1, fd, "one\n");
	writer_submit(writer, &job.job);
	UNTIL(orders == 1);
	UNTIL((writer_stats(writer, &stats), stats.records + stats.sink_full) ==
	      100);
	ck_assert_uint_gt(stats.sink_full, 0);
	ck_assert_int_eq(writer_sink_counts(writer, sink, &counts), 0);
	ck_assert_uint_eq(counts.lost, stats.sink_full);
	ck_assert_int_eq(counts.error, 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	for (int quiet = 0; quiet < 200;) {
		size = read(ends[0], bytes, sizeof(bytes));
		if (size > 0) {
			for (ssize_t i = 0; i < size; i++, got++)
				ck_assert_int_eq(bytes[i],
						 got % 4999 ? 'x' : 'a');
			quiet = 0;
		} else {
			turn(loop);
			quiet++;
		}
	}
	ck_assert_uint_eq(got, 4999 * stats.records);
	ck_assert_int_eq(writer_sink_counts(writer, sink, &counts), 0);
	ck_assert_uint_eq(counts.bytes, got);
	writer_sink_close(writer, sink);
	close(ends[0]);
	close(fd);
}
END_TEST

static uint64_t written_by_all(void)
{
	struct writer_stats stats;

	writer_stats(writer, &stats);
	return stats.records;
}

static uint64_t lost_by(int sink)
{
	struct vs_sink_counts counts = {0};

	ck_assert_int_eq(writer_sink_counts(writer, sink, &counts), 0);
	return counts.lost;
}

/* Headers and statistics: what is kept comes after a reader's pause. */
START_TEST(kept_record_waits_for_the_reader)
{
	static char text[5000], bytes[256 * 1024];
	const uint8_t *pieces[] = {(const uint8_t *)"kept"};
	const uint32_t sizes[] = {4};
	uint64_t before = written_by_all(), lost;
	size_t got = 0;
	int ends[2], sink;
	ssize_t size;

	memset(text, 'x', sizeof(text) - 1);
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	sink = writer_sink_open(writer, ends[1], NULL);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(put(sink, text), 0);
	UNTIL(written_by_all() - before + lost_by(sink) == 100);
	lost = lost_by(sink);
	ck_assert_uint_gt(lost, 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(writer_record_kept(writer, (uint32_t)sink,
						    pieces, sizes, 1),
				 0);
	ck_assert_int_eq(put(sink, "lost"), 0);
	UNTIL(lost_by(sink) == lost + 1);
	while (got < 8 || memcmp(bytes + got - 8, "keptkept", 8) != 0) {
		size = read(ends[0], bytes + got, sizeof(bytes) - got);
		got += size > 0 ? (size_t)size : 0;
		turn(loop);
	}
	ck_assert_uint_eq((got - 8) % 4999, 0);
	ck_assert_uint_eq(lost_by(sink), 101 - (got - 8) / 4999);
	writer_sink_close(writer, sink);
	close(ends[0]);
}
END_TEST

static struct rlimit limit_files(rlim_t size)
{
	struct rlimit before, now;

	getrlimit(RLIMIT_FSIZE, &before);
	now = before;
	now.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &now);
	return before;
}

START_TEST(file_that_takes_no_more_ends_with_a_whole_record)
{
	static char text[5000];
	int fd = memfd_create("capture", 0), keep = dup(fd), sink;
	struct vs_sink_counts counts = {0};
	struct rlimit before;
	struct stat status;

	memset(text, 'x', sizeof(text) - 1);
	sink = writer_sink_open(writer, fd, NULL);
	before = limit_files(12000);
	for (int i = 0; i < 8; i++)
		if (put(sink, text))
			break;
	UNTIL((writer_sink_counts(writer, sink, &counts), counts.error));
	setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(counts.error, EFBIG);
	ck_assert_uint_eq(counts.bytes, 2 * 4999);
	ck_assert_uint_gt(lost_by(sink), 0);
	fstat(keep, &status);
	ck_assert_int_eq((int)status.st_size, 2 * 4999);
	writer_sink_close(writer, sink);
	UNTIL(writer_sink_counts(writer, sink, &counts) == -EPIPE);
	close(keep);
}
END_TEST

struct breakage {
	struct writer_watcher watcher; /* first */
	int sink, error;
};

static void on_broken(struct writer_watcher *watcher, int sink, int error)
{
	((struct breakage *)watcher)->sink = sink;
	((struct breakage *)watcher)->error = error;
}

START_TEST(reader_that_left_is_reported_once)
{
	struct breakage breakage = {.watcher.broken = on_broken};
	int ends[2], sink;

	ck_assert_int_eq(pipe(ends), 0);
	sink = writer_sink_open(writer, ends[1], &breakage.watcher);
	close(ends[0]);
	ck_assert_int_eq(put(sink, "hello"), 0);
	UNTIL(breakage.error);
	ck_assert_int_eq(breakage.error, EPIPE);
	ck_assert_int_eq(breakage.sink, sink);
	ck_assert_int_eq(put(sink, "hello"), -EPIPE);
	writer_sink_close(writer, sink);
}
END_TEST

/* -- the ring ----------------------------------------------------------------
 */

#define PRODUCERS 3
#define RECORDS	  5000

static struct ring *ring;

static void *produce(void *start)
{
	uint32_t who = *(uint32_t *)start;
	uint8_t bytes[200];
	struct prng prng = prng_start(prng_seed() + who);

	for (uint32_t i = 0; i < RECORDS;) {

		uint32_t size = 4 + prng_below(&prng, 196);
		const uint8_t *pieces[] = {(const uint8_t *)&i, bytes};
		const uint32_t sizes[] = {4, size - 4};

		memset(bytes, (int)(i & 0xff), sizeof(bytes));
		if (ring_put(ring, who, pieces, sizes, 2) == 0)
			i++;
		else
			sched_yield();
	}
	return NULL;
}

START_TEST(ring_keeps_each_producers_order_and_bytes)
{
	uint32_t who[PRODUCERS], next[PRODUCERS] = {0}, total = 0;
	pthread_t thread[PRODUCERS];

	ring = ring_create(4 * RING_RECORD_MAXIMUM);
	for (uint32_t i = 0; i < PRODUCERS; i++) {
		who[i] = i;
		pthread_create(&thread[i], NULL, produce, &who[i]);
	}
	while (total < PRODUCERS * RECORDS) {
		struct ring_record record;
		uint32_t number;

		if (!ring_peek(ring, &record)) {
			sched_yield();
			continue;
		}
		memcpy(&number, record.bytes, 4);
		ck_assert_uint_lt(record.mark, PRODUCERS);
		ck_assert_uint_eq(number, next[record.mark]);
		next[record.mark]++;
		for (uint32_t i = 4; i < record.size; i++)
			ck_assert_uint_eq(record.bytes[i], number & 0xff);
		ring_take(ring);
		total++;
	}
	for (uint32_t i = 0; i < PRODUCERS; i++)
		pthread_join(thread[i], NULL);
	ring_destroy(ring);
}
END_TEST

START_TEST(full_ring_says_so_and_heals)
{
	static uint8_t bytes[RING_RECORD_MAXIMUM];
	const uint8_t *pieces[] = {bytes, bytes};
	const uint32_t sizes[] = {RING_RECORD_MAXIMUM - 16, 100};
	struct ring_record record;
	unsigned int count = 0;

	ring = ring_create(4 * RING_RECORD_MAXIMUM);
	ck_assert_int_eq(ring_put(ring, 1, pieces, sizes, 2), -EMSGSIZE);
	while (ring_put(ring, 1, pieces, sizes, 1) == 0)
		count++;
	ck_assert_uint_eq(count, 4);
	ck_assert_int_eq(ring_put(ring, 1, pieces, sizes, 1), -ENOBUFS);
	ck_assert_int_eq(ring_peek(ring, &record), 1);
	ring_take(ring);
	ck_assert_int_eq(ring_put(ring, 1, pieces, sizes, 1), 0);
	ring_destroy(ring);
}
END_TEST

static Suite *writer_suite(void)
{
	Suite *suite = suite_create("writer");
	TCase *tcase = tcase_create("writer");
	TCase *ring_case = tcase_create("ring");

	tcase_set_timeout(tcase, 60);
	tcase_set_timeout(ring_case, 60);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, jobs_are_done_in_order);
	tcase_add_test(tcase, failed_append_leaves_the_file_as_it_was);
	tcase_add_test(tcase, half_an_append_is_taken_back);
	tcase_add_test(tcase, append_that_cannot_be_synced_is_taken_back);
	tcase_add_test(tcase, file_that_knows_no_sync_is_written);
	tcase_add_test(tcase, file_is_back_if_its_directory_cannot_be_synced);
	tcase_add_test(tcase, rename_happens_only_behind_what_was_written);
	tcase_add_test(tcase, records_before_a_close_reach_the_file);
	tcase_add_test(tcase, pipe_that_nobody_reads_costs_records_not_time);
	tcase_add_test(tcase, kept_record_waits_for_the_reader);
	tcase_add_test(tcase, file_that_takes_no_more_ends_with_a_whole_record);
	tcase_add_test(tcase, reader_that_left_is_reported_once);
	tcase_add_test(ring_case, ring_keeps_each_producers_order_and_bytes);
	tcase_add_test(ring_case, full_ring_says_so_and_heals);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, ring_case);
	return suite;
}

int main(void)
{
	return suite_main(writer_suite());
}
