/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.c: namespaces that come and go, and asking for their sockets.
 *
 * Decides when a namespace is there: its name exists and it can be entered
 * (the name is made before the mount: try again a few times). The devices in
 * it are watch_devices.c's. Before it: the kernel; after it: the engine.
 */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "io/watch_netns.h"

#define NETNS_MAXIMUM 1024u
#define ATTEMPTS      8u
#define FIRST_WAIT_NS 10000000u /* doubled each time: 2.5 s in all */

struct watch {
	struct loop *loop;
	struct privileged *privileged;
	struct watch_owner *owner;
	struct priv_caller caller; /* for inotify */
	struct loop_watch inotify;
	int inotify_fd;
	unsigned int count, calling;
	struct watch_netns *first;
};

static void ask(struct watch_netns *netns);

static struct watch_netns *find(const struct watch *watch, const char *name)
{
	struct watch_netns *netns = watch->first;

	while (netns && (!netns->uses || strcmp(netns->name, name) != 0))
		netns = netns->next;
	return netns;
}

/* Free what nobody uses, unless a callback is on the stack. */
static void sweep(struct watch *watch)
{
	struct watch_netns **link = &watch->first;

	while (!watch->calling && *link) {
		struct watch_netns *netns = *link;

		if (netns->uses) {
			link = &netns->next;
			continue;
		}
		*link = netns->next;
		watch->count--;
		watch_devices_close(netns);
		loop_timer_remove(&netns->retry);
		loop_timer_remove(&netns->repeat);
		privileged_cancel(watch->privileged, &netns->caller);
		free(netns);
	}
}

void watch_call_begin(struct watch *watch)
{
	watch->calling++;
}

void watch_call_end(struct watch *watch)
{
	watch->calling--;
	sweep(watch);
}

struct watch_owner *watch_owner(struct watch *watch)
{
	return watch->owner;
}

struct loop *watch_loop(struct watch *watch)
{
	return watch->loop;
}

/* -- one namespace -----------------------------------------------------------
 */

static void retry_expired(struct loop_timer *timer)
{
	ask((struct watch_netns *)((char *)timer -
				   offsetof(struct watch_netns, retry)));
}

static void netns_answer(struct priv_caller *caller,
			 const struct priv_reply *reply, int fds[2])
{
	struct watch_netns *netns =
		(struct watch_netns *)((char *)caller -
				       offsetof(struct watch_netns, caller));

	netns->asking = false;
	if (!reply->error) {
		netns->attempts = 0;
		watch_devices_open(netns, priv_take_fd(&fds[0]));
	} else if (reply->error != ENOENT && netns->attempts < ATTEMPTS) {
		loop_timer_set(netns->watch->loop, &netns->retry,
			       (uint64_t)FIRST_WAIT_NS << netns->attempts++);
	}
}

static void ask(struct watch_netns *netns)
{
	struct priv_request request = {.op = PRIV_WATCH_NETNS};

	if (netns->asking || netns->fd >= 0)
		return;
	strcpy(request.netns, netns->name);
	netns->caller.answer = netns_answer;
	if (!privileged_ask(netns->watch->privileged, &request, -1,
			    &netns->caller))
		netns->asking = true;
	else
		loop_timer_set(netns->watch->loop, &netns->retry,
			       FIRST_WAIT_NS);
}

static void netns_came(struct watch_netns *netns)
{
	netns->attempts = 0;
	ask(netns);
}

static void netns_went(struct watch_netns *netns)
{
	struct watch *watch = netns->watch;

	loop_timer_remove(&netns->retry);
	privileged_cancel(watch->privileged, &netns->caller);
	netns->asking = false;
	if (netns->fd < 0)
		return;
	watch_call_begin(watch);
	watch_devices_close(netns);
	if (netns->uses)
		watch->owner->netns_gone(watch->owner, netns->name);
	watch_call_end(watch);
}

/* -- /run/netns ---------------------------------------------------------------
 */

static void look_everywhere(struct watch *watch)
{
	for (struct watch_netns *netns = watch->first; netns;
	     netns = netns->next)
		if (netns->name[0] && netns->uses)
			netns_came(netns);
}

static void inotify_one(struct watch *watch, const struct inotify_event *event,
			const char *name)
{
	struct watch_netns *netns;

	if (event->mask & IN_Q_OVERFLOW) {
		look_everywhere(watch);
		return;
	}
	netns = event->len ? find(watch, name) : NULL;
	if (!netns)
		return;
	if (event->mask & (IN_DELETE | IN_MOVED_FROM))
		netns_went(netns);
	else
		netns_came(netns);
}

static void inotify_ready(struct loop_watch *ready, unsigned int what)
{
	struct watch *watch = (struct watch *)((char *)ready -
					       offsetof(struct watch, inotify));
	char bytes[4096];
	ssize_t size;

	(void)what;
	watch_call_begin(watch);
	while ((size = read(watch->inotify_fd, bytes, sizeof(bytes))) > 0) {
		size_t at = 0;

		while (at + sizeof(struct inotify_event) <= (size_t)size) {
			struct inotify_event event;

			memcpy(&event, bytes + at, sizeof(event));
			inotify_one(watch, &event, bytes + at + sizeof(event));
			at += sizeof(event) + event.len;
		}
	}
	watch_call_end(watch);
}

static void inotify_answer(struct priv_caller *caller,
			   const struct priv_reply *reply, int fds[2])
{
	struct watch *watch = (struct watch *)((char *)caller -
					       offsetof(struct watch, caller));

	if (reply->error)
		return;
	watch->inotify.ready = inotify_ready;
	if (!loop_watch_add(watch->loop, &watch->inotify, fds[1], LOOP_READ))
		watch->inotify_fd = priv_take_fd(&fds[1]);
}

/* -- the public side
 * ------------------------------------------------------------ */

int watch_create(struct watch **out, struct loop *loop,
		 struct privileged *privileged, struct watch_owner *owner)
{
	struct priv_request request = {.op = PRIV_WATCH_NETNS};
	struct watch *watch = calloc(1, sizeof(*watch));
	int error;

	if (!watch)
		return -ENOMEM;
	watch->loop = loop;
	watch->privileged = privileged;
	watch->owner = owner;
	watch->inotify_fd = -1;
	watch->caller.answer = inotify_answer;
	error = privileged_ask(privileged, &request, -1, &watch->caller);
	if (error) {
		free(watch);
		return error;
	}
	*out = watch;
	return 0;
}

void watch_destroy(struct watch *watch)
{
	if (!watch)
		return;
	privileged_cancel(watch->privileged, &watch->caller);
	for (struct watch_netns *netns = watch->first; netns;
	     netns = netns->next)
		netns->uses = 0;
	sweep(watch);
	loop_watch_remove(&watch->inotify);
	if (watch->inotify_fd >= 0)
		close(watch->inotify_fd);
	free(watch);
}

int watch_add(struct watch *watch, const char *name)
{
	struct watch_netns *netns = find(watch, name);

	if (netns) {
		netns->uses++;
		return 0;
	}
	if (strlen(name) >= PRIV_NAME || strchr(name, '/'))
		return -EINVAL;
	if (watch->count == NETNS_MAXIMUM)
		return -ENOSPC;
	netns = calloc(1, sizeof(*netns));
	if (!netns)
		return -ENOMEM;
	strcpy(netns->name, name);
	netns->watch = watch;
	netns->uses = 1;
	netns->fd = -1;
	netns->retry.expired = retry_expired;
	netns->next = watch->first;
	watch->first = netns;
	watch->count++;
	ask(netns);
	return 0;
}

void watch_remove(struct watch *watch, const char *name)
{
	struct watch_netns *netns = find(watch, name);

	if (netns && --netns->uses == 0)
		sweep(watch);
}

const struct watch_device *watch_find(const struct watch *watch,
				      const char *name, const char *device)
{
	const struct watch_netns *netns = find(watch, name);

	return netns ? watch_devices_find(netns, device) : NULL;
}

void watch_repeat(struct watch *watch, const char *name, const char *device)
{
	struct watch_netns *netns = find(watch, name);

	if (netns)
		watch_devices_repeat(netns, device);
}

void watch_refresh(struct watch *watch)
{
	for (struct watch_netns *n = watch->first; n; n = n->next)
		if (n->uses)
			watch_devices_refresh(n);
}

uint64_t watch_dropped(const struct watch *watch, const char *name,
		       const char *device)
{
	const struct watch_netns *netns = find(watch, name);

	return netns ? watch_devices_dropped(netns, device) : 0;
}
