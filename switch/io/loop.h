/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h: waiting for things: fds, timers, signals, other threads.
 *
 * loop.c is the only file that includes libevent. One loop per thread; every
 * call but loop_wake belongs to the loop's own thread. The structs below are
 * embedded in their owner, who keeps them until they are removed; a callback
 * recovers the owner from the pointer it gets. A callback may remove, add or
 * free anything, its own struct included.
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct event; /* libevent's; never touched outside loop.c */

#define LOOP_READ  1u
#define LOOP_WRITE 2u

struct loop_watch {
	/* level-triggered; an error or a hang-up is reported as readable and
	 * writable */
	void (*ready)(struct loop_watch *watch, unsigned int what);
	struct event *event; /* loop.c's; NULL = not watched */
	struct loop *loop;
	int fd;
	unsigned int what;
};

struct loop_timer {
	void (*expired)(struct loop_timer *timer);
	struct event *event;
	uint64_t due_ns;
};

struct loop_signal {
	void (*caught)(struct loop_signal *caught, int number);
	struct event *event;
};

/* Another thread's way in: any number of loop_wake before the callback runs
 * are one call. */
struct loop_wake {
	void (*woken)(struct loop_wake *wake);
	struct loop_watch watch;
	int fd; /* -1 = not added */
};

/* loop_create - 0 or -errno. */
int loop_create(struct loop **loop);
/* loop_destroy - everything must be removed already; NULL is allowed. */
void loop_destroy(struct loop *loop);
/* loop_run - until loop_stop (from a callback). */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* loop_now_ns - CLOCK_MONOTONIC; the one clock of the daemon. */
uint64_t loop_now_ns(void);

/* Watches: `ready` is set by the owner, the rest by loop.c. 0 or -errno
 * (-EPERM: a regular file can't be watched). remove is idempotent on a
 * zero-initialised or added struct. change replaces `what` (0 = pause). */
int loop_watch_add(struct loop *loop, struct loop_watch *watch, int fd,
		   unsigned int what);
int loop_watch_change(struct loop_watch *watch, unsigned int what);
void loop_watch_remove(struct loop_watch *watch);

/* Timers: set arms (again) for `delay_ns` from now; one shot. */
int loop_timer_set(struct loop *loop, struct loop_timer *timer,
		   uint64_t delay_ns);
void loop_timer_remove(struct loop_timer *timer);

/* Signals: the main loop only. */
int loop_signal_add(struct loop *loop, struct loop_signal *caught, int number);
void loop_signal_remove(struct loop_signal *caught);

int loop_wake_add(struct loop *loop, struct loop_wake *wake);
void loop_wake_remove(struct loop_wake *wake);
/* loop_wake - any thread, async-signal-safe; the struct must be added and
 * outlive the call. */
void loop_wake(struct loop_wake *wake);

#endif
