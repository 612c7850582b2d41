/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poller.c: epoll behind poller.h.
 *
 * Decides nothing; turns events into calls. Before it in the walk: the kernel.
 * After it: pump.c, on a worker's thread.
 */
#include "io/poller.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
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

int poller_open(struct poller *poller,
		void (*woken)(struct poller_watch *watch))
{
	int error = 0;

	*poller = (struct poller){
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.wake = -1,
		.woken.ready = woken,
	};
	if (poller->epoll < 0)
		return -errno;
	poller->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (poller->wake < 0)
		error = -errno;
	else
		error = poller_add(poller, &poller->woken, poller->wake);
	if (error)
		poller_close(poller);
	return error;
}

void poller_close(struct poller *poller)
{
	if (poller->wake >= 0)
		close(poller->wake);
	if (poller->epoll >= 0)
		close(poller->epoll);
	poller->wake = -1;
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

int poller_wait(struct poller *poller, uint64_t timeout_ns)
{
	struct epoll_event event[EVENTS];
	struct timespec limit = {
		.tv_sec = (time_t)(timeout_ns / SECOND_NS),
		.tv_nsec = (long)(timeout_ns % SECOND_NS),
	};
	int count =
		epoll_pwait2(poller->epoll, event, EVENTS,
			     timeout_ns == UINT64_MAX ? NULL : &limit, NULL);

	for (int i = 0; i < count; i++) {
		struct poller_watch *watch = event[i].data.ptr;

		watch->ready(watch);
	}
	return count < 0 ? 0 : count;
}

void poller_wake(struct poller *poller)
{
	const uint64_t one = 1;
	/* never read: each write is an edge. It can't fail before 2^64 - 1 of
	 * them */
	ssize_t written = write(poller->wake, &one, sizeof(one));

	(void)written;
}
