/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is (switch/io/pump.h), with links that do what devices do at
 * the worst moment: no buffer when something lies there, nothing but frames
 * that can't be used, an edge that came before anybody looked. And when a link
 * may be closed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/switch.h"
#include "core/worker.h"
#include "io/link.h"
#include "io/loop.h"
#include "io/pump.h"
#include "tests/support/suite.h"

#define PORTS	20
#define WAIT_NS 20000000000ull

/* Frames lie in it; the first `starve` reads find no buffer, and of those
 * that follow, `useless` find frames that are none. */
struct source {
	struct vs_link link; /* first */
	_Atomic int frames, starve, useless, slow;
	int ends[2];	       /* a pipe tells, if it is pollable */
	bool retired, watched; /* it was, when it was retired */
};

static struct source source[PORTS];
static struct vs_switch *sw;
static struct pump *pump;
static _Atomic int slow_reads;
static bool deaf; /* the worker is not told what is published */

static int source_rx(struct vs_link *link, struct vs_pool *pool,
		     struct vs_packet *packets[], uint16_t room, uint32_t bytes)
{
	struct source *self = (struct source *)link;
	char told[64];
	int count = 0;

	(void)bytes;
	link->unread = true;
	if (self->starve > 0) {
		self->starve--;
		return -ENOBUFS;
	}
	if (self->slow) {
		slow_reads++;
		usleep(20000);
		return 0;
	}
	if (self->useless > 0) {
		self->useless--;
		return 0;
	}
	while (link->pollable && read(self->ends[0], told, sizeof(told)) > 0)
		;
	for (; count < room && self->frames > 0; count++) {
		struct vs_packet *packet = vs_pool_take(pool, false);
		uint8_t *frame = packet->buffer + VS_PACKET_HEADROOM;

		memset(frame, 0, 60);
		frame[0] = 2;
		frame[6] = 2;
		packet->view.size = 60;
		packets[count] = packet;
		self->frames--;
	}
	link->unread = self->frames > 0;
	return count;
}

static void source_tx(struct vs_link *link,
		      const struct vs_outbox_entry *const entries[],
		      uint16_t count, struct link_scratch *scratch)
{
	(void)entries;
	(void)scratch;
	atomic_fetch_add(&link->stats.sent, count);
	atomic_fetch_add(&link->stats.written, count);
}

static void source_close(struct vs_link *link)
{
	(void)link;
}

static const struct link_ops source_ops = {
	.name = "source",
	.rx_burst = source_rx,
	.tx_burst = source_tx,
	.close = source_close,
};

static void on_gone(struct pump_owner *owner)
{
	(void)owner;
}

/* Has some epoll of this process got it? */
static bool is_watched(int fd)
{
	DIR *all = opendir("/proc/self/fdinfo");
	struct dirent *one;
	bool found = false;

	ck_assert_ptr_nonnull(all);
	while ((one = readdir(all))) {
		int at = openat(dirfd(all), one->d_name, O_RDONLY | O_CLOEXEC);
		FILE *file = at < 0 ? NULL : fdopen(at, "r");
		char line[256];
		int target;

		while (file && fgets(line, sizeof(line), file))
			found |= sscanf(line, "tfd: %d", &target) == 1 &&
				 target == fd;
		if (file)
			fclose(file);
	}
	closedir(all);
	return found;
}

static void on_retired(struct vs_switch_owner *owner, struct vs_link *link)
{
	struct source *self = (struct source *)link;

	(void)owner;
	self->retired = true;
	self->watched = link->pollable && is_watched(link->fd);
}

static void on_wake(struct vs_switch_owner *owner, struct vs_switch *of,
		    uint16_t worker)
{
	(void)owner;
	(void)of;
	if (!deaf)
		pump_wake(pump, worker);
}

static struct pump_owner owner = {.link_gone = on_gone};
static struct vs_switch_owner switch_owner = {.link_retired = on_retired,
					      .wake = on_wake};

static void publish(bool with_links)
{
	struct vs_snapshot *snapshot = vs_snapshot_begin(sw);
	struct vs_error error;

	for (uint16_t i = 0; i < PORTS; i++) {
		struct vs_port_plan plan = {
			.info = {.struct_size = sizeof(plan.info),
				 .id = {(uint16_t)(2 + i)},
				 .mtu = 1500,
				 .up = true,
				 .mac = {{2, 0, 0, 0, 0, (uint8_t)(i + 1)}}},
			.link = with_links ? &source[i].link : NULL,
			.vsid_count = 1,
		};

		ck_assert_int_eq(vs_snapshot_add_port(snapshot, &plan, &error),
				 0);
	}
	vs_switch_publish(sw, snapshot);
	if (!deaf)
		pump_wake(pump, UINT16_MAX);
}

static void begin(void)
{
	const struct vs_switch_params params = {.name = "lab", .workers = 1};
	const struct pump_params pump_params = {.workers = 1, .owner = &owner};
	struct vs_error error;

	memset(source, 0, sizeof(source));
	deaf = false;
	for (int i = 0; i < PORTS; i++) {
		link_init(&source[i].link, &source_ops, -1, 1500);
		ck_assert_int_eq(pipe2(source[i].ends, O_NONBLOCK), 0);
	}
	ck_assert_int_eq(pump_create(&pump, &pump_params, &error), 0);
	ck_assert_int_eq(vs_switch_create(&sw, &params, &switch_owner, &error),
			 0);
	ck_assert_int_eq(pump_add(pump, sw), 0);
}

static void end(void)
{
	pump_drop(pump, sw);
	while (pump_holds(pump, sw))
		usleep(1000);
	pump_destroy(pump);
	vs_switch_destroy(sw);
	for (int i = 0; i < PORTS; i++) {
		close(source[i].ends[0]);
		close(source[i].ends[1]);
	}
}

static void pollable(struct source *one)
{
	one->link.pollable = true;
	one->link.fd = one->ends[0];
}

static void come(struct source *one, int frames)
{
	one->frames += frames;
	ck_assert_int_eq(write(one->ends[1], "x", 1), 1);
}

static void all_is_read(const struct source *one)
{
	uint64_t until = loop_now_ns() + WAIT_NS;

	while (one->frames && loop_now_ns() < until)
		usleep(1000);
	ck_assert_int_eq(one->frames, 0);
}

START_TEST(link_that_no_poller_watches_is_read_on_after_it_starved)
{
	source[0].frames = 1000;
	source[0].starve = 3;
	publish(true);
	all_is_read(&source[0]);
}
END_TEST

START_TEST(arrival_while_a_port_looks_away_is_not_lost)
{
	pollable(&source[0]);
	source[0].starve = 3;
	publish(true);
	come(&source[0], 1);
	all_is_read(&source[0]);
	/* and again, from rest */
	for (int i = 0; i < 200; i++) {
		source[0].starve = i % 3;
		come(&source[0], 1 + i % 130);
		all_is_read(&source[0]);
	}
}
END_TEST

START_TEST(port_without_buffers_holds_up_nobody)
{
	pollable(&source[0]);
	pollable(&source[1]);
	source[0].starve = 1 << 30;
	publish(true);
	come(&source[0], 1);
	come(&source[1], 1000);
	all_is_read(&source[1]);
	ck_assert_int_eq(source[0].frames, 1);
	source[0].starve = 0;
	all_is_read(&source[0]);
}
END_TEST

START_TEST(port_full_of_useless_frames_holds_up_nobody)
{
	pollable(&source[0]);
	pollable(&source[1]);
	source[0].useless = 1 << 30;
	publish(true);
	come(&source[0], 1);
	come(&source[1], 1000);
	all_is_read(&source[1]);
	source[0].useless = 0;
	all_is_read(&source[0]);
}
END_TEST

static bool all_retired(void)
{
	vs_switch_poll(sw, loop_now_ns());
	for (int i = 0; i < PORTS; i++)
		if (!source[i].retired)
			return false;
	return true;
}

/* The round of 20 slow ports is under way when their links are taken away. */
START_TEST(change_waits_for_a_turn_and_not_for_a_round)
{
	uint64_t until = loop_now_ns() + WAIT_NS;
	int read;

	for (int i = 0; i < PORTS; i++)
		source[i].slow = 1;
	publish(true);
	while (slow_reads < PORTS + 2 && loop_now_ns() < until)
		usleep(1000);
	ck_assert_int_ge(slow_reads, PORTS + 2);
	publish(false);
	read = slow_reads;
	while (!all_retired() && loop_now_ns() < until)
		usleep(1000);
	ck_assert(all_retired());
	ck_assert_int_le(slow_reads, read + 1);
}
END_TEST

static bool is_asleep_over(int fd, uint64_t sleeps)
{
	struct pump_stats stats;

	pump_stats(pump, 0, &stats);
	return is_watched(fd) && stats.sleeps > sleeps;
}

/* Who sleeps uses no snapshot, and still has its links in its poller. */
START_TEST(link_is_retired_when_no_poller_has_it_any_more)
{
	uint64_t until = loop_now_ns() + WAIT_NS;
	struct pump_stats before;

	for (int i = 0; i < PORTS; i++)
		pollable(&source[i]);
	pump_stats(pump, 0, &before);
	publish(true);
	while (!is_asleep_over(source[PORTS - 1].link.fd, before.sleeps) &&
	       loop_now_ns() < until)
		usleep(1000);
	deaf = true;
	publish(false);
	all_retired(); /* none should be, but for a worker that was woken */
	pump_wake(pump, UINT16_MAX);
	while (!all_retired() && loop_now_ns() < until)
		usleep(1000);
	ck_assert(all_retired());
	for (int i = 0; i < PORTS; i++)
		ck_assert(!source[i].watched);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pump");
	TCase *tcase = tcase_create("turns");

	tcase_set_timeout(tcase, 200);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase,
		       link_that_no_poller_watches_is_read_on_after_it_starved);
	tcase_add_test(tcase, arrival_while_a_port_looks_away_is_not_lost);
	tcase_add_test(tcase, port_without_buffers_holds_up_nobody);
	tcase_add_test(tcase, port_full_of_useless_frames_holds_up_nobody);
	tcase_add_test(tcase, change_waits_for_a_turn_and_not_for_a_round);
	tcase_add_test(tcase, link_is_retired_when_no_poller_has_it_any_more);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
