// SPDX-License-Identifier: Apache-2.0
/* Events in the log: who floods one hides no other. */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "tests/support/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "event_log.h"
#include "log.h"

static struct event_log *events;
static int ends[2], before;
static char output[262144];

static void begin(void)
{
	events = event_log_create();
	ck_assert_ptr_nonnull(events);
	ck_assert_int_eq(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETPIPE_SZ, (int)sizeof(output));
	before = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
}

static void end(void)
{
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[0]);
	close(ends[1]);
	event_log_destroy(events);
}

static void say(const char *sw, const char *source, const char *name)
{
	event_log_say(events, &(struct event_said){LOG_ENGINE, sw, source, name,
						   "text"});
}

/* How many lines have the words; of all that were written until now. */
static unsigned int lines(const char *words)
{
	size_t size = strlen(output);
	ssize_t got = read(ends[0], output + size, sizeof(output) - size - 1);
	unsigned int count = 0;

	output[size + (got > 0 ? (size_t)got : 0)] = '\0';
	for (const char *at = output; (at = strstr(at, words)); at++)
		count++;
	return count;
}

START_TEST(flood_of_one_event_hides_no_other)
{
	for (int i = 0; i < 1000; i++)
		say("lab", "wnv", "policy_mismatch");
	say("lab", "web", "port_lost");
	say("other", "wnv", "policy_mismatch");
	say("lab", "capture", "policy_mismatch");
	ck_assert_uint_eq(lines("switch lab: wnv: policy_mismatch: text\n"),
			  LOG_BURST);
	ck_assert_uint_eq(lines("switch lab: web: port_lost: text\n"), 1);
	ck_assert_uint_eq(lines("switch other: wnv: policy_mismatch"), 1);
	ck_assert_uint_eq(lines("switch lab: capture: policy_mismatch"), 1);
}
END_TEST

START_TEST(names_do_not_run_into_one_another)
{
	for (unsigned int i = 0; i < 2 * LOG_BURST; i++)
		say("a", "bc", "d");
	say("ab", "c", "d");
	ck_assert_uint_eq(lines("switch ab: c: d"), 1);
}
END_TEST

START_TEST(more_events_than_places_are_said_all_the_same)
{
	char name[16];

	for (int i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		say("lab", "wnv", name);
	}
	ck_assert_uint_eq(lines("switch lab: wnv: n"), 600);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event_log");
	TCase *tcase = tcase_create("event_log");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, flood_of_one_event_hides_no_other);
	tcase_add_test(tcase, names_do_not_run_into_one_another);
	tcase_add_test(tcase, more_events_than_places_are_said_all_the_same);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
