/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_netns.h: what watch.c (namespaces) and watch_devices.c (devices in
 * one) share.
 */
#ifndef IO_WATCH_NETNS_H
#define IO_WATCH_NETNS_H

#include "io/loop.h"
#include "io/netlink.h"
#include "io/watch.h"

struct known_device {
	struct known_device *next;
	struct watch_device now;
	struct watch_device told; /* what the owner heard last */
	bool reported;		  /* the owner knows it under told.name */
	bool seen;		  /* in the dump that is running */
	bool fresh;		  /* an event told of it since that began */
	bool repeat;		  /* the owner wants to hear it again */
	uint64_t dropped;	  /* by the kernel, when it was last asked */
};

enum watch_phase {
	WATCH_LINKS, /* a dump of links is being read */
	WATCH_ADDRS, /* then one of addresses; nothing is told yet */
	WATCH_LIVE,  /* each change is told */
};

struct watch_netns {
	struct watch *watch;
	struct watch_netns *next;
	char name[PRIV_NAME];
	unsigned int uses; /* 0 = to be freed */
	bool asking;	   /* a privileged request is on its way */
	unsigned int attempts;
	struct priv_caller caller;
	struct loop_timer retry;
	int fd; /* rtnetlink; -1 = the namespace is not there */
	struct loop_watch readable;
	struct loop_timer repeat; /* something is to be told again */
	enum watch_phase phase;
	bool dumping;  /* an answer is on its way: one at a time */
	bool again;    /* what it says is not enough: dump once more */
	bool torn;     /* devices came or went under it: it may lack some */
	bool appeared; /* netns_appeared was called */
	struct known_device *devices;
};

/* watch_devices_open - the namespace is there: learn its devices. */
void watch_devices_open(struct watch_netns *netns, int fd);
/* watch_devices_close - it went: each device is reported vanished (if the
 * namespace is still used), the socket closed. */
void watch_devices_close(struct watch_netns *netns);
/* watch_devices_refresh - ask for the counters; the answers come as usual. */
void watch_devices_refresh(struct watch_netns *netns);
/* watch_devices_repeat - tell it again, as it is when all was read. */
void watch_devices_repeat(struct watch_netns *netns, const char *name);
uint64_t watch_devices_dropped(const struct watch_netns *netns,
			       const char *name);
const struct watch_device *watch_devices_find(const struct watch_netns *netns,
					      const char *name);

/* Around calls to the owner: nothing is freed under them. */
void watch_call_begin(struct watch *watch);
void watch_call_end(struct watch *watch);
struct watch_owner *watch_owner(struct watch *watch);
struct loop *watch_loop(struct watch *watch);

#endif
