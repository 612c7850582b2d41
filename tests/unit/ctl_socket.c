/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket with a request server of our own behind it: it echoes
 * each line; "big" is answered with 2 MiB, and who says "wait" waits.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <vswitch/control.h>

#include "control/request.h"
#include "io/ctl_socket.h"
#include "tests/support/suite.h"
#include "tests/support/turn.h"

#define BIG (2u << 20)

static struct loop *loop;
static struct ctl_socket *ctl;
static struct ctl_owner owner;
static struct request_client *last; /* who said something */
static struct sockaddr_un address;
static unsigned int opened, closed, lines, limits;
static int passed_fd;
static uint32_t last_uid;

/* -- the server --------------------------------------------------------------
 */

void request_client_open(struct request_server *server,
			 struct request_client *client)
{
	(void)server;
	opened++;
	last_uid = client->uid;
}

void request_client_close(struct request_client *client)
{
	(void)client;
	closed++;
}

bool request_client_waits(const struct request_client *client)
{
	return client->subscribed;
}

void request_line(struct request_client *client, struct request_line *line)
{
	char answer[256];

	last = client;
	lines++;
	if (line->fd >= 0) {
		passed_fd = line->fd;
		line->fd = -1;
	}
	if (line->size == 4 && !memcmp(line->bytes, "wait", 4))
		client->subscribed = true;
	if (line->size == 3 && !memcmp(line->bytes, "big", 3)) {
		char *big = malloc(BIG);

		memset(big, 'x', BIG);
		big[BIG - 1] = '\n';
		client->ops->write(client, big, BIG);
		free(big);
		return;
	}
	snprintf(answer, sizeof(answer), "%.*s\n",
		 line->size < 200 ? (int)line->size : 200, line->bytes);
	client->ops->write(client, answer, strlen(answer));
}

void request_limit(struct request_client *client, const char *text)
{
	limits++;
	client->ops->write(client, text, strlen(text));
	client->ops->write(client, "\n", 1);
}

/* -- the clients
 * --------------------------------------------------------------- */

static void begin(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	opened = closed = lines = limits = 0;
	passed_fd = -1;
	address = (struct sockaddr_un){.sun_family = AF_UNIX};
	/* the abstract name space: no file to remove */
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
		 "vsio-ctl-%d", (int)getpid());
	ck_assert_int_eq(loop_create(&loop), 0);
	ck_assert_int_eq(
		bind(listener, (struct sockaddr *)&address, sizeof(address)),
		0);
	ck_assert_int_eq(listen(listener, 64), 0);
	ck_assert_int_eq(ctl_socket_open(&ctl, loop, listener, NULL, &owner),
			 0);
}

static void end(void)
{
	ctl_socket_close(ctl);
	loop_destroy(loop);
	ck_assert_uint_eq(opened, closed);
}

static int client(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(
		connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

#define UNTIL(condition) TURN_UNTIL(loop, condition)

static void say(int fd, const char *text)
{
	ck_assert_int_eq((int)send(fd, text, strlen(text), MSG_NOSIGNAL),
			 (int)strlen(text));
}

/* Reads `size` bytes while the loop runs; fewer only at the end of file. */
static size_t hear(int fd, char *bytes, size_t size)
{
	uint64_t until = loop_now_ns() + TURN_WAIT_NS;
	size_t at = 0;

	while (at < size && loop_now_ns() < until) {
		ssize_t got = recv(fd, bytes + at, size - at, 0);

		if (got == 0)
			break;
		if (got > 0)
			at += (size_t)got;
		else
			turn(loop);
	}
	return at;
}

START_TEST(lines_are_cut_wherever_reads_end)
{
	char text[32] = "";
	int fd = client();

	say(fd, "one\ntw");
	UNTIL(lines == 1);
	say(fd, "o\n\nthree\n");
	UNTIL(lines == 3);
	ck_assert_uint_eq(hear(fd, text, 14), 14);
	ck_assert_str_eq(text, "one\ntwo\nthree\n");
	ck_assert_uint_eq(last_uid, geteuid());
	close(fd);
	UNTIL(closed == 1);
}
END_TEST

START_TEST(half_closed_client_is_answered)
{
	char text[8] = "";
	int fd = client();

	say(fd, "one\n");
	shutdown(fd, SHUT_WR);
	ck_assert_uint_eq(hear(fd, text, 4), 4);
	ck_assert_str_eq(text, "one\n");
	close(fd);
}
END_TEST

START_TEST(line_whose_memory_is_given_back_is_answered)
{
	static char line[300 << 10];
	char text[8] = "";
	size_t at = 0;
	int fd = client();

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	while (at < sizeof(line)) {
		ssize_t sent =
			send(fd, line + at, sizeof(line) - at, MSG_NOSIGNAL);

		at += sent > 0 ? (size_t)sent : 0;
		turn(loop);
	}
	UNTIL(lines == 1);
	say(fd, "one\n");
	UNTIL(lines == 2);
	ck_assert_uint_eq(hear(fd, line, 201), 201);
	ck_assert_uint_eq(hear(fd, text, 4), 4);
	ck_assert_str_eq(text, "one\n");
	close(fd);
}
END_TEST

START_TEST(too_long_line_is_refused_and_ends_the_client)
{
	static char chunk[65536];
	char text[16];
	int fd = client();

	memset(chunk, 'x', sizeof(chunk));
	for (int i = 0; i < 20; i++) {
		send(fd, chunk, sizeof(chunk), MSG_NOSIGNAL);
		turn(loop);
	}
	UNTIL(limits == 1);
	ck_assert_uint_gt(hear(fd, text, sizeof(text)), 0);
	UNTIL(closed == 1);
	ck_assert_uint_eq(lines, 0);
	close(fd);
}
END_TEST

START_TEST(sixty_fifth_client_is_refused_the_others_stay)
{
	int fds[VS_RPC_CLIENTS + 1];
	char text[4];

	for (int i = 0; i <= VS_RPC_CLIENTS; i++) {
		fds[i] = client();
		UNTIL(opened == (unsigned int)i + 1);
	}
	UNTIL(closed == 1);
	ck_assert_uint_eq(limits, 1);
	say(fds[0], "one\n");
	ck_assert_uint_eq(hear(fds[0], text, 4), 4);
	for (int i = 0; i <= VS_RPC_CLIENTS; i++)
		close(fds[i]);
	UNTIL(closed == opened);
}
END_TEST

START_TEST(client_that_does_not_read_is_not_read)
{
	char *answer = malloc(3 * BIG);
	int fd = client(), other = client();
	char text[4];

	say(fd, "big\nbig\nbig\n");
	say(other, "one\n");
	ck_assert_uint_eq(hear(other, text, 4), 4);
	for (int i = 0; i < 50; i++)
		turn(loop);
	/* the second waits until the first is read */
	ck_assert_uint_eq(lines, 2);
	ck_assert_uint_eq(hear(fd, answer, 3 * BIG), 3 * BIG);
	ck_assert_uint_eq(lines, 4);
	close(fd);
	close(other);
	free(answer);
}
END_TEST

/* Events come without being asked for: that nothing more is read from who does
 * not read does not end them. */
START_TEST(client_that_reads_no_events_goes_before_they_pile_up)
{
	static char event[64 << 10];
	size_t at = 0;
	int fd = client();

	memset(event, 'e', sizeof(event));
	say(fd, "wait\n");
	UNTIL(lines == 1);
	while (!closed && at < 4 * CTL_PENDING) {
		last->ops->write(last, event, sizeof(event));
		at += sizeof(event);
		turn(loop);
	}
	ck_assert_uint_eq(closed, 1);
	/* what the kernel keeps for the client comes on top */
	ck_assert_uint_ge(at, CTL_PENDING);
	ck_assert_uint_le(at, 2 * CTL_PENDING);
	close(fd);
}
END_TEST

static void say_with_fd(int fd, const char *text, int passed)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char copy[16];
	struct iovec vector = {copy, strlen(text)};
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};

	strcpy(copy, text);
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &passed, sizeof(passed));
	ck_assert_int_gt((int)sendmsg(fd, &message, 0), 0);
}

START_TEST(passed_fd_comes_with_its_line)
{
	int fd = client(), ends[2];
	char byte = 0;

	ck_assert_int_eq(pipe(ends), 0);
	say_with_fd(fd, "take\n", ends[1]);
	UNTIL(lines == 1);
	ck_assert_int_ge(passed_fd, 0);
	ck_assert_int_eq((int)write(passed_fd, "x", 1), 1);
	ck_assert_int_eq((int)read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(byte, 'x');
	close(passed_fd);
	passed_fd = -1;
	say(fd, "none\n");
	UNTIL(lines == 2);
	ck_assert_int_eq(passed_fd, -1);
	close(fd);
}
END_TEST

/* -- time: each of these waits for something to end, and none for long ---- */

#define SHORT_NS 50000000u
#define LONG_NS	 3600000000000u

static void begin_short_lines(void)
{
	owner = (struct ctl_owner){.line_ns = SHORT_NS, .rest_ns = LONG_NS};
	begin();
}

static void begin_short_rests(void)
{
	owner = (struct ctl_owner){.line_ns = LONG_NS, .rest_ns = SHORT_NS};
	begin();
}

/* Says one byte a turn until the daemon has enough. */
static void drip(int fd)
{
	uint64_t until = loop_now_ns() + TURN_WAIT_NS;

	while (!limits && loop_now_ns() < until) {
		send(fd, "x", 1, MSG_NOSIGNAL);
		turn(loop);
	}
}

START_TEST(line_has_its_time_however_many_bytes_come)
{
	int fd = client();

	drip(fd);
	ck_assert_uint_eq(limits, 1);
	UNTIL(closed == 1);
	ck_assert_uint_eq(lines, 0);
	close(fd);
}
END_TEST

START_TEST(line_behind_another_has_its_own_time)
{
	int fd = client();

	say(fd, "one\ntw");
	UNTIL(lines == 1);
	UNTIL(closed == 1);
	ck_assert_uint_eq(limits, 1);
	close(fd);
}
END_TEST

START_TEST(empty_lines_ask_nothing)
{
	uint64_t until = loop_now_ns() + TURN_WAIT_NS;
	int fd = client();

	while (!closed && loop_now_ns() < until) {
		send(fd, "\n", 1, MSG_NOSIGNAL);
		turn(loop);
	}
	ck_assert_uint_eq(closed, 1);
	ck_assert_uint_eq(lines, 0);
	close(fd);
}
END_TEST

START_TEST(client_that_asks_nothing_goes_and_one_that_waits_stays)
{
	int waiting = client(), idle;
	char text[5];

	say(waiting, "wait\n");
	ck_assert_uint_eq(hear(waiting, text, 5), 5);
	for (unsigned int i = 1; i <= 4; i++) {
		idle = client();
		UNTIL(opened == 1 + i);
		UNTIL(closed == i);
		ck_assert_uint_eq(limits, 0);
		close(idle);
	}
	say(waiting, "wait\n");
	ck_assert_uint_eq(hear(waiting, text, 5), 5);
	close(waiting);
}
END_TEST

START_TEST(client_that_was_answered_goes_when_it_asks_no_more)
{
	int fd = client();
	char text[4];

	say(fd, "one\n");
	ck_assert_uint_eq(hear(fd, text, 4), 4);
	UNTIL(closed == 1);
	close(fd);
}
END_TEST

START_TEST(client_that_reads_no_answer_goes)
{
	int fd = client();

	say(fd, "big\n");
	UNTIL(closed == 1);
	close(fd);
}
END_TEST

static void add_times(Suite *suite)
{
	TCase *tcase = tcase_create("a line's time");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin_short_lines, end);
	tcase_add_test(tcase, line_has_its_time_however_many_bytes_come);
	tcase_add_test(tcase, line_behind_another_has_its_own_time);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("a rest's time");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin_short_rests, end);
	tcase_add_test(tcase, empty_lines_ask_nothing);
	tcase_add_test(tcase,
		       client_that_asks_nothing_goes_and_one_that_waits_stays);
	tcase_add_test(tcase,
		       client_that_was_answered_goes_when_it_asks_no_more);
	tcase_add_test(tcase, client_that_reads_no_answer_goes);
	suite_add_tcase(suite, tcase);
}

static Suite *ctl_suite(void)
{
	Suite *suite = suite_create("ctl_socket");
	TCase *tcase = tcase_create("clients");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, lines_are_cut_wherever_reads_end);
	tcase_add_test(tcase, half_closed_client_is_answered);
	tcase_add_test(tcase, line_whose_memory_is_given_back_is_answered);
	tcase_add_test(tcase, too_long_line_is_refused_and_ends_the_client);
	tcase_add_test(tcase, sixty_fifth_client_is_refused_the_others_stay);
	tcase_add_test(tcase, client_that_does_not_read_is_not_read);
	tcase_add_test(tcase,
		       client_that_reads_no_events_goes_before_they_pile_up);
	tcase_add_test(tcase, passed_fd_comes_with_its_line);
	suite_add_tcase(suite, tcase);
	add_times(suite);
	return suite;
}

int main(void)
{
	return suite_main(ctl_suite());
}
