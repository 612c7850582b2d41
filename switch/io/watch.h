/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h: which devices exist: rtnetlink per namespace, and inotify on
 * /run/netns for the namespaces themselves.
 *
 * Theory of operation
 * -------------------
 * The engine names the namespaces that its ports speak of. For each that
 * exists the watch holds an rtnetlink socket, reports every device once
 * (dump), then every change. A namespace that is not there yet, or goes away
 * and comes back under its name, is found by itself. A socket in a namespace
 * keeps the namespace alive: when the name is deleted the watch lets go at
 * once, and so must every packet link in it (netns_gone), or the devices in
 * it never die.
 */
#ifndef IO_WATCH_H
#define IO_WATCH_H

#include <vswitch/types.h>

#include "io/privileged.h"

struct loop;
struct watch;

#define WATCH_ADDRESSES 8u

struct watch_device {
	char netns[PRIV_NAME]; /* "" = the daemon's own */
	char name[PRIV_DEVICE];
	uint32_t if_index;
	uint32_t mtu;
	struct vs_mac mac;
	bool up; /* administratively up and carrier */
	uint16_t address_count;
	struct vs_prefix addresses[WATCH_ADDRESSES]; /* host bits kept */
};

/* Called on the loop's thread, never from inside a watch_ call. The device
 * is the watch's, valid during the call. */
struct watch_owner {
	/* new, or any member differs; a re-created device has a new if_index
	 * and was reported vanished before */
	void (*device_changed)(struct watch_owner *owner,
			       const struct watch_device *device);
	void (*device_vanished)(struct watch_owner *owner,
				const struct watch_device *device);
	/* the name appeared (its devices follow) or was deleted (its devices
	 * were reported vanished) */
	void (*netns_appeared)(struct watch_owner *owner, const char *netns);
	void (*netns_gone)(struct watch_owner *owner, const char *netns);
};

/* watch_create - 0 or -errno; the daemon's own namespace is not watched
 * before watch_add(""). */
int watch_create(struct watch **watch, struct loop *loop,
		 struct privileged *privileged, struct watch_owner *owner);
void watch_destroy(struct watch *watch);
/* watch_add, watch_remove - counted: as many removes as adds. -ENOSPC: more
 * than 1024 namespaces; -EINVAL: not a name. */
int watch_add(struct watch *watch, const char *netns);
void watch_remove(struct watch *watch, const char *netns);
/* watch_find - what is known now, or NULL. */
const struct watch_device *watch_find(const struct watch *watch,
				      const char *netns, const char *name);
/*
 * watch_repeat - device_changed is called once more for it, soon, and with all
 * that the kernel has said until now: for who could make no use of the last
 * one. A device that is not known yet is told when it is.
 */
void watch_repeat(struct watch *watch, const char *netns, const char *name);
/*
 * What the kernel lost of a device that we read (a full TAP queue), as of the
 * last refresh. watch_refresh asks for every device; the answers are there
 * when the loop has run for a moment.
 */
void watch_refresh(struct watch *watch);
uint64_t watch_dropped(const struct watch *watch, const char *netns,
		       const char *name);

#endif
