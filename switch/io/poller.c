/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poller.c: epoll behind poller.h.
 *
 * Decides nothing; turns events into calls. Before it in the walk: the kernel.
 * After it: pump.c, on a worker's thread.
 */
#include "io/poller.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS	  64 /* told by one wait; the others by the next */
#define SECOND_NS 1000000000u

static int control(struct poller *poller, int what, struct poller_watch *watch,
		   uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	return epoll_ctl(poller->epoll, what, watch->fd, &event) < 0 ? -errno
								     : 0;
}

static void on_rung(struct poller_watch *watch)
{
	struct poller *poller =
		(struct poller *)((char *)watch -
				  offsetof(struct poller, rung));

	poller->armed = UINT64_MAX;
}

int poller_open(struct poller *poller,
		void (*woken)(struct poller_watch *watch))
{
	int error = 0;

	*poller = (struct poller){
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.wake = -1,
		.clock = -1,
		.armed = UINT64_MAX,
		.woken.ready = woken,
		.rung.ready = on_rung,
	};
	if (poller->epoll < 0)
		return -errno;
	poller->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	poller->clock =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (poller->wake < 0 || poller->clock < 0)
		error = -errno;
	else
		error = poller_add(poller, &poller->woken, poller->wake);
	if (!error)
		error = poller_add(poller, &poller->rung, poller->clock);
	if (error)
		poller_close(poller);
	return error;
}

void poller_close(struct poller *poller)
{
	if (poller->wake >= 0)
		close(poller->wake);
	if (poller->clock >= 0)
		close(poller->clock);
	if (poller->epoll >= 0)
		close(poller->epoll);
	poller->wake = -1;
	poller->clock = -1;
	poller->epoll = -1;
}

int poller_add(struct poller *poller, struct poller_watch *watch, int fd)
{
	int error;

	watch->fd = fd;
	watch->paused = false;
	error = control(poller, EPOLL_CTL_ADD, watch, EPOLLIN | EPOLLET);
	watch->added = !error;
	return error;
}

int poller_pause(struct poller *poller, struct poller_watch *watch)
{
	if (!watch->added || watch->paused)
		return 0;
	watch->paused = true;
	return control(poller, EPOLL_CTL_MOD, watch, EPOLLET);
}

int poller_resume(struct poller *poller, struct poller_watch *watch)
{
	if (!watch->added || !watch->paused)
		return 0;
	watch->paused = false;
	/* the kernel looks at the device anew */
	return control(poller, EPOLL_CTL_MOD, watch, EPOLLIN | EPOLLET);
}

void poller_remove(struct poller *poller, struct poller_watch *watch)
{
	if (watch->added)
		control(poller, EPOLL_CTL_DEL, watch, 0);
	watch->added = false;
}

/* Set the clock if it would ring too late. */
static void arm(struct poller *poller, uint64_t deadline)
{
	const struct itimerspec at = {
		.it_value = {.tv_sec = (time_t)(deadline / SECOND_NS),
			     .tv_nsec = (long)(deadline % SECOND_NS)},
	};

	if (deadline >= poller->armed)
		return;
	if (timerfd_settime(poller->clock, TFD_TIMER_ABSTIME, &at, NULL) == 0)
		poller->armed = deadline;
}

int poller_wait(struct poller *poller, uint64_t deadline)
{
	struct epoll_event event[EVENTS];
	int count, told = 0;

	if (deadline)
		arm(poller, deadline);
	count = epoll_wait(poller->epoll, event, EVENTS, deadline ? -1 : 0);
	for (int i = 0; i < count; i++) {
		struct poller_watch *watch = event[i].data.ptr;

		watch->ready(watch);
		told += watch != &poller->rung;
	}
	return told;
}

void poller_wake(struct poller *poller)
{
	const uint64_t one = 1;
	/* never read: each write is an edge. It can't fail before 2^64 - 1 of
	 * them */
	ssize_t written = write(poller->wake, &one, sizeof(one));

	(void)written;
}
