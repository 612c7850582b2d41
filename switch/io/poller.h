/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poller.h: what a worker waits with: epoll(7), edge-triggered, and no more.
 *
 * The main thread's loop is loop.h. A worker's is this one, because a wake-up
 * is what a small frame costs most: the kernel looks at each device once per
 * wake-up, not before every sleep as well, and nothing of ours stands between.
 * An edge is a promise to keep: whoever is told must read until the device is
 * empty, or remember that it is not (link.h, `unread`).
 *
 * One poller per thread; every call but poller_wake belongs to that thread.
 */
#ifndef IO_POLLER_H
#define IO_POLLER_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded in its owner, who keeps it until it is removed. */
struct poller_watch {
	/* something came, or the device failed. It must not remove any watch */
	void (*ready)(struct poller_watch *watch);
	int fd;
	bool added;
	bool paused;
};

struct poller {
	int epoll;
	int wake;	/* an eventfd */
	int clock;	/* a timerfd */
	uint64_t armed; /* when it rings; UINT64_MAX: not */
	struct poller_watch woken, rung;
};

/* poller_open - `woken` is called for any number of poller_wake since the last
 * wait. 0 or -errno, and then there is nothing to close. */
int poller_open(struct poller *poller,
		void (*woken)(struct poller_watch *watch));
/* poller_close - every watch is removed already. */
void poller_close(struct poller *poller);

/* poller_add - `ready` is set by the owner, the rest here; what is there
 * already is told by the next wait. 0 or -errno (-EPERM: a regular file). */
int poller_add(struct poller *poller, struct poller_watch *watch, int fd);
/* poller_pause - nothing is told until poller_resume, which tells what is there
 * by then. 0 or -errno. */
int poller_pause(struct poller *poller, struct poller_watch *watch);
int poller_resume(struct poller *poller, struct poller_watch *watch);
/* poller_remove - before its fd is closed; idempotent. */
void poller_remove(struct poller *poller, struct poller_watch *watch);

/*
 * poller_wait - until `deadline` (CLOCK_MONOTONIC, ns; 0 = look only,
 * UINT64_MAX = for ever), then call who is ready; returns how many that were.
 * It may end earlier, with nobody ready: the clock stays set from wait to wait,
 * since to set it and to stop it costs more than the wait, and a deadline that
 * moved on lets it ring for nothing once.
 */
int poller_wait(struct poller *poller, uint64_t deadline);
/* poller_wake - any thread: its wait ends, now or when it begins. */
void poller_wake(struct poller *poller);

#endif
