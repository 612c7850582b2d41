/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c: libevent behind loop.h: one event_base per loop.
 *
 * Decides nothing; turns events into calls. Before it in the walk: the kernel.
 * After it: whoever embedded the watch. Workers wait in poller.c.
 */
#include "io/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct loop {
	struct event_base *base;
	bool stopping;
};

int loop_create(struct loop **out)
{
	struct event_config *config = event_config_new();
	struct loop *loop = calloc(1, sizeof(*loop));

	if (config && loop) {
		/* no lock: loop_wake is an eventfd of ours. No precise timers
		 * either: they cost a timerfd_settime for each wait */
		event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
		loop->base = event_base_new_with_config(config);
	}
	if (config)
		event_config_free(config);
	if (!loop || !loop->base) {
		loop_destroy(loop);
		return -ENOMEM;
	}
	*out = loop;
	return 0;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->base)
		event_base_free(loop->base);
	free(loop);
}

int loop_run(struct loop *loop)
{
	loop->stopping = false;
	while (!loop->stopping)
		if (event_base_loop(loop->base,
				    EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY) < 0)
			return -EIO;
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
	event_base_loopbreak(loop->base);
}

static struct timeval timeval_of(uint64_t ns)
{
	/* rounded up: a timer never fires early */
	uint64_t us = ns / 1000 + (ns % 1000 != 0);

	return (struct timeval){.tv_sec = (time_t)(us / 1000000),
				.tv_usec = (suseconds_t)(us % 1000000)};
}

uint64_t loop_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void watch_event(evutil_socket_t fd, short what, void *opaque)
{
	struct loop_watch *watch = opaque;
	unsigned int ready = 0;

	(void)fd;
	if (what & EV_READ)
		ready |= LOOP_READ;
	if (what & EV_WRITE)
		ready |= LOOP_WRITE;
	watch->ready(watch, ready);
}

static short event_flags(unsigned int what)
{
	return (short)(EV_PERSIST | (what & LOOP_READ ? EV_READ : 0) |
		       (what & LOOP_WRITE ? EV_WRITE : 0));
}

int loop_watch_add(struct loop *loop, struct loop_watch *watch, int fd,
		   unsigned int what)
{
	watch->event = event_new(loop->base, fd, event_flags(what), watch_event,
				 watch);
	if (!watch->event)
		return -ENOMEM;
	watch->loop = loop;
	watch->fd = fd;
	watch->what = what;
	errno = 0;
	if (what && event_add(watch->event, NULL) < 0) {
		int error = errno ? errno : EIO;

		event_free(watch->event);
		watch->event = NULL;
		return -error;
	}
	return 0;
}

int loop_watch_change(struct loop_watch *watch, unsigned int what)
{
	if (what == watch->what)
		return 0;
	event_del(watch->event);
	watch->what = what;
	if (!what)
		return 0;
	event_assign(watch->event, watch->loop->base, watch->fd,
		     event_flags(what), watch_event, watch);
	return event_add(watch->event, NULL) < 0 ? -EIO : 0;
}

void loop_watch_remove(struct loop_watch *watch)
{
	if (!watch->event)
		return;
	event_free(watch->event);
	watch->event = NULL;
}

static void timer_event(evutil_socket_t fd, short what, void *opaque)
{
	struct loop_timer *timer = opaque;

	uint64_t now = loop_now_ns();

	(void)fd;
	(void)what;
	if (now >= timer->due_ns) {
		timer->expired(timer);
	} else { /* libevent's clock is a coarse one: not before its time */
		struct timeval rest = timeval_of(timer->due_ns - now);

		event_add(timer->event, &rest);
	}
}

int loop_timer_set(struct loop *loop, struct loop_timer *timer,
		   uint64_t delay_ns)
{
	struct timeval delay = timeval_of(delay_ns);

	timer->due_ns = loop_now_ns() + delay_ns;
	if (!timer->event)
		timer->event = event_new(loop->base, -1, 0, timer_event, timer);
	if (!timer->event)
		return -ENOMEM;
	return event_add(timer->event, &delay) < 0 ? -EIO : 0;
}

void loop_timer_remove(struct loop_timer *timer)
{
	if (!timer->event)
		return;
	event_free(timer->event);
	timer->event = NULL;
}

static void signal_event(evutil_socket_t number, short what, void *opaque)
{
	struct loop_signal *caught = opaque;

	(void)what;
	caught->caught(caught, (int)number);
}

int loop_signal_add(struct loop *loop, struct loop_signal *caught, int number)
{
	caught->event = event_new(loop->base, number, EV_SIGNAL | EV_PERSIST,
				  signal_event, caught);
	if (!caught->event)
		return -ENOMEM;
	return event_add(caught->event, NULL) < 0 ? -EIO : 0;
}

void loop_signal_remove(struct loop_signal *caught)
{
	if (!caught->event)
		return;
	event_free(caught->event);
	caught->event = NULL;
}

static void wake_ready(struct loop_watch *watch, unsigned int what)
{
	struct loop_wake *wake =
		(struct loop_wake *)((char *)watch -
				     offsetof(struct loop_wake, watch));
	uint64_t count;

	(void)what;
	if (read(wake->fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
		wake->woken(wake);
}

int loop_wake_add(struct loop *loop, struct loop_wake *wake)
{
	int error;

	wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake->fd < 0)
		return -errno;
	wake->watch = (struct loop_watch){.ready = wake_ready};
	error = loop_watch_add(loop, &wake->watch, wake->fd, LOOP_READ);
	if (error) {
		close(wake->fd);
		wake->fd = -1;
	}
	return error;
}

void loop_wake_remove(struct loop_wake *wake)
{
	if (!wake->watch.event)
		return;
	loop_watch_remove(&wake->watch);
	close(wake->fd);
	wake->fd = -1;
}

void loop_wake(struct loop_wake *wake)
{
	const uint64_t one = 1;
	ssize_t written = write(wake->fd, &one, sizeof(one));

	/* EAGAIN: the counter is full, so it is readable anyway */
	(void)written;
}
