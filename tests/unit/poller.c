/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker waits with (switch/io/poller.h): each arrival is told once, a
 * paused watch is silent and misses nothing, a wake-up is never lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "io/poller.h"

#include "tests/support/suite.h"

#define FOREVER UINT64_MAX

struct heard {
	struct poller_watch watch; /* first */
	int count;
};

static struct poller poller;
static struct heard heard;
static int ends[2], woken;

/* In a millisecond. */
static uint64_t soon(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec +
	       1000000u;
}

static void on_woken(struct poller_watch *watch)
{
	ck_assert_ptr_eq(watch, &poller.woken);
	woken++;
}

static void on_ready(struct poller_watch *watch)
{
	((struct heard *)watch)->count++;
}

static void begin(void)
{
	woken = 0;
	heard = (struct heard){.watch.ready = on_ready};
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	ck_assert_int_eq(poller_open(&poller, on_woken), 0);
	ck_assert_int_eq(poller_add(&poller, &heard.watch, ends[0]), 0);
}

static void end(void)
{
	poller_remove(&poller, &heard.watch);
	poller_remove(&poller, &heard.watch);
	poller_close(&poller);
	close(ends[0]);
	close(ends[1]);
}

static void come(void)
{
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
}

START_TEST(an_arrival_is_told_once)
{
	ck_assert_int_eq(poller_wait(&poller, 0), 0);
	come();
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(heard.count, 1);
	/* it is still there, but that was said */
	ck_assert_int_eq(poller_wait(&poller, 0), 0);
	come();
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(heard.count, 2);
}
END_TEST

START_TEST(what_is_there_already_is_told_too)
{
	poller_remove(&poller, &heard.watch);
	come();
	ck_assert_int_eq(poller_wait(&poller, 0), 0);
	ck_assert_int_eq(poller_add(&poller, &heard.watch, ends[0]), 0);
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
}
END_TEST

START_TEST(a_paused_watch_is_silent_and_misses_nothing)
{
	ck_assert_int_eq(poller_pause(&poller, &heard.watch), 0);
	come();
	ck_assert_int_eq(poller_wait(&poller, soon()), 0);
	ck_assert_int_eq(poller_pause(&poller, &heard.watch), 0);
	ck_assert_int_eq(poller_resume(&poller, &heard.watch), 0);
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(heard.count, 1);
	ck_assert_int_eq(poller_resume(&poller, &heard.watch), 0);
	ck_assert_int_eq(poller_wait(&poller, 0), 0);
}
END_TEST

START_TEST(what_came_before_a_pause_is_told_again_after_it)
{
	come();
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(poller_pause(&poller, &heard.watch), 0);
	ck_assert_int_eq(poller_resume(&poller, &heard.watch), 0);
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(heard.count, 2);
}
END_TEST

START_TEST(a_far_end_that_hung_up_is_told)
{
	close(ends[1]);
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(heard.count, 1);
	ends[1] = dup(ends[0]);
}
END_TEST

START_TEST(a_wake_before_the_wait_ends_it)
{
	poller_wake(&poller);
	poller_wake(&poller);
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(woken, 1);
	ck_assert_int_eq(poller_wait(&poller, 0), 0);
	poller_wake(&poller);
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(woken, 2);
}
END_TEST

START_TEST(a_limit_ends_the_wait)
{
	ck_assert_int_eq(poller_wait(&poller, soon()), 0);
	ck_assert_int_eq(heard.count, 0);
}
END_TEST

START_TEST(the_clock_rings_once_for_each_deadline)
{
	uint64_t later = soon() + 3600 * 1000000000ull, first = soon();

	/* far, near, past: each is kept */
	come();
	ck_assert_int_eq(poller_wait(&poller, later), 1);
	ck_assert_int_eq(poller_wait(&poller, first), 0);
	ck_assert_uint_ge(soon(), first + 1000000u);
	ck_assert_int_eq(poller_wait(&poller, 1), 0);
	/* it rang, and does not ring again by itself */
	come();
	ck_assert_int_eq(poller_wait(&poller, FOREVER), 1);
	ck_assert_int_eq(heard.count, 2);
}
END_TEST

START_TEST(a_clock_that_rang_meanwhile_keeps_the_next_deadline)
{
	const struct timespec moment = {.tv_nsec = 3000000};
	uint64_t first = soon();

	come();
	ck_assert_int_eq(poller_wait(&poller, first), 1);
	nanosleep(&moment, NULL); /* it rings now, and nobody waits */
	ck_assert_int_eq(poller_wait(&poller, soon() + 1000000u), 0);
	ck_assert_int_eq(poller_wait(&poller, soon()), 0);
	ck_assert_int_eq(heard.count, 1);
}
END_TEST

START_TEST(a_regular_file_is_refused)
{
	struct poller_watch watch = {.ready = on_ready};
	int file = open("/proc/self/exe", O_RDONLY);

	ck_assert_int_eq(poller_add(&poller, &watch, file), -EPERM);
	ck_assert(!watch.added);
	poller_remove(&poller, &watch);
	ck_assert_int_eq(poller_pause(&poller, &watch), 0);
	close(file);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("poller");
	TCase *tcase = tcase_create("poller");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, an_arrival_is_told_once);
	tcase_add_test(tcase, what_is_there_already_is_told_too);
	tcase_add_test(tcase, a_paused_watch_is_silent_and_misses_nothing);
	tcase_add_test(tcase, what_came_before_a_pause_is_told_again_after_it);
	tcase_add_test(tcase, a_far_end_that_hung_up_is_told);
	tcase_add_test(tcase, a_wake_before_the_wait_ends_it);
	tcase_add_test(tcase, a_limit_ends_the_wait);
	tcase_add_test(tcase, the_clock_rings_once_for_each_deadline);
	tcase_add_test(tcase,
		       a_clock_that_rang_meanwhile_keeps_the_next_deadline);
	tcase_add_test(tcase, a_regular_file_is_refused);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
