/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The closer: what takes the kernel long to close is closed beside the loop.
 *
 * What takes long here, until the test says that it is over: a TCP connection
 * whose close() lingers, because the other end does not read.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/closer.h"
#include "tests/support/suite.h"
#include "tests/support/turn.h"

#define MANY 300u
#define SLOW (CLOSER_THREADS + 8u)

struct end {
	struct closer_job job; /* first */
	int other;	       /* reads the end of file when it is closed */
	unsigned int closed;
};

static struct loop *loop;
static struct closer *closer;
static struct end ends[MANY];
static unsigned int closed, started;
static bool no_threads;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument)
{
	if (no_threads)
		return EAGAIN;
	started++;
	return __real_pthread_create(thread, attributes, start, argument);
}

static void begin(void)
{
	ck_assert_int_eq(loop_create(&loop), 0);
	ck_assert_int_eq(closer_create(&closer, loop), 0);
	memset(ends, 0, sizeof(ends));
	closed = started = 0;
	no_threads = false;
}

static void end(void)
{
	closer_destroy(closer);
	loop_destroy(loop);
}

#define UNTIL(condition) TURN_UNTIL(loop, condition)

static void on_closed(struct closer_job *job)
{
	((struct end *)job)->closed++;
	closed++;
}

static void fast(struct end *pair)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	pair->job = (struct closer_job){.closed = on_closed, .fd = fds[1]};
	pair->other = fds[0];
}

static void connect_to_itself(int listener, int fds[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);

	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	getsockname(listener, (struct sockaddr *)&address, &size);
	ck_assert_int_eq(
		connect(fds[0], (struct sockaddr *)&address, sizeof(address)),
		0);
	fds[1] = accept(listener, NULL, NULL);
	ck_assert_int_ge(fds[1], 0);
}

/* Its close() takes until `other` is read. */
static void slow(struct end *pair)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fds[2], listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int little = 4096;
	struct linger linger = {.l_onoff = 1, .l_linger = 300};
	char bytes[4096] = {0};

	ck_assert_int_eq(
		bind(listener, (struct sockaddr *)&address, sizeof(address)),
		0);
	ck_assert_int_eq(listen(listener, 1), 0);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
	connect_to_itself(listener, fds);
	close(listener);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	while (write(fds[0], bytes, sizeof(bytes)) > 0)
		;
	ck_assert_int_eq(errno, EAGAIN);
	setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	pair->job = (struct closer_job){.closed = on_closed, .fd = fds[0]};
	pair->other = fds[1];
}

/* Reads the other end empty, which lets a slow close end. */
static void drain(struct end *pair)
{
	char bytes[65536];

	while (read(pair->other, bytes, sizeof(bytes)) > 0)
		;
	close(pair->other);
}

START_TEST(slow_one_holds_up_neither_the_loop_nor_others)
{
	slow(&ends[0]);
	fast(&ends[1]);
	closer_submit(closer, &ends[0].job);
	closer_submit(closer, &ends[1].job);
	UNTIL(ends[1].closed);
	ck_assert_uint_eq(ends[0].closed, 0);
	drain(&ends[1]);
	drain(&ends[0]);
	UNTIL(ends[0].closed);
}
END_TEST

START_TEST(each_is_closed_once_and_told_behind_that)
{
	char byte;

	for (unsigned int i = 0; i < MANY; i++) {
		fast(&ends[i]);
		closer_submit(closer, &ends[i].job);
	}
	ck_assert_uint_eq(closed, 0); /* not from inside */
	for (unsigned int i = 0; i < MANY; i++) {
		UNTIL(ends[i].closed);
		ck_assert_int_eq((int)read(ends[i].other, &byte, 1), 0);
		close(ends[i].other);
	}
	ck_assert_uint_eq(closed, MANY);
}
END_TEST

START_TEST(threads_are_as_many_as_allowed_and_end_when_idle)
{
	for (unsigned int i = 0; i < SLOW; i++) {
		slow(&ends[i]);
		closer_submit(closer, &ends[i].job);
	}
	ck_assert_uint_eq(started, CLOSER_THREADS);
	for (unsigned int i = 0; i < SLOW; i++)
		drain(&ends[i]);
	UNTIL(closed == SLOW);
	/* others are needed: those have ended, or will in a moment */
	for (unsigned int i = 0; started == CLOSER_THREADS && i < 10000; i++) {
		fast(&ends[0]);
		closer_submit(closer, &ends[0].job);
		UNTIL(closed == SLOW + i + 1);
		drain(&ends[0]);
	}
	ck_assert_uint_eq(started, CLOSER_THREADS + 1);
}
END_TEST

static void *drain_all(void *unused)
{
	for (unsigned int i = 0; i < SLOW; i++)
		drain(&ends[i]);
	return unused;
}

START_TEST(destroy_waits_until_all_are_closed_and_told)
{
	pthread_t reader;

	for (unsigned int i = 0; i < SLOW; i++) {
		slow(&ends[i]);
		closer_submit(closer, &ends[i].job);
	}
	ck_assert_int_eq(pthread_create(&reader, NULL, drain_all, NULL), 0);
	closer_destroy(closer);
	closer = NULL;
	ck_assert_uint_eq(closed, SLOW);
	pthread_join(reader, NULL);
}
END_TEST

START_TEST(without_threads_it_is_closed_all_the_same)
{
	char byte;

	no_threads = true;
	fast(&ends[0]);
	closer_submit(closer, &ends[0].job);
	ck_assert_uint_eq(closed, 0); /* not from inside */
	ck_assert_int_eq((int)read(ends[0].other, &byte, 1), 0);
	UNTIL(closed == 1);
	close(ends[0].other);
}
END_TEST

static Suite *closer_suite(void)
{
	Suite *suite = suite_create("closer");
	TCase *tcase = tcase_create("closer");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, slow_one_holds_up_neither_the_loop_nor_others);
	tcase_add_test(tcase, each_is_closed_once_and_told_behind_that);
	tcase_add_test(tcase, threads_are_as_many_as_allowed_and_end_when_idle);
	tcase_add_test(tcase, destroy_waits_until_all_are_closed_and_told);
	tcase_add_test(tcase, without_threads_it_is_closed_all_the_same);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_main(closer_suite());
}
