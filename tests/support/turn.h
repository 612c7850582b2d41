/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell's loop for a test, a moment at a time: it runs in the daemon until
 * it is stopped, so here a timer stops it.
 */
#ifndef TESTS_SUPPORT_TURN_H
#define TESTS_SUPPORT_TURN_H

#include <check.h>

#include "io/loop.h"

#define TURN_NS	     1000000u
#define TURN_WAIT_NS 10000000000ull

struct turn {
	struct loop_timer timer; /* first */
	struct loop *loop;
};

static inline void turn_over(struct loop_timer *timer)
{
	loop_stop(((struct turn *)timer)->loop);
}

/* Runs what is ready, and what becomes so within a millisecond or a few. */
static inline void turn(struct loop *loop)
{
	struct turn turn = {.timer.expired = turn_over, .loop = loop};

	ck_assert_int_eq(loop_timer_set(loop, &turn.timer, TURN_NS), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	loop_timer_remove(&turn.timer);
}

/* Runs the loop until the condition is true; 10 s are a failed test. */
#define TURN_UNTIL(loop, condition)                                            \
	do {                                                                   \
		uint64_t end_ = loop_now_ns() + TURN_WAIT_NS;                  \
                                                                               \
		while (!(condition) && loop_now_ns() < end_)                   \
			turn(loop);                                            \
		ck_assert_msg(condition, "10 s passed without: " #condition);  \
	} while (0)

#endif
