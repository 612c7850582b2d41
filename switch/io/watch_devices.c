/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_devices.c: the devices of one namespace, from rtnetlink.
 *
 * Decides what is a change worth telling: any member that the owner sees.
 * Dumps first, then events; when the kernel's queue overflowed, dumps again
 * and tells the difference. Before it: watch.c; after it: the engine.
 *
 * Two traps. A socket has one dump at a time: a second one that is asked for
 * meanwhile is refused, and the end of the first is not its end. And a part of
 * a dump may be queued behind an event that is newer than it: so an event
 * always wins, and a dump for the counters says nothing of the rest.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/watch_netns.h"

/* -- telling -----------------------------------------------------------------
 */

static void tell_vanished(struct watch_netns *netns,
			  struct known_device *device)
{
	struct watch_owner *owner = watch_owner(netns->watch);

	if (!device->reported)
		return;
	device->reported = false;
	if (netns->uses)
		owner->device_vanished(owner, &device->told);
}

static bool differs(const struct known_device *device)
{
	/* both are zeroed before they are filled: no padding is compared */
	return !device->reported || device->repeat ||
	       memcmp(&device->now, &device->told, sizeof(device->now)) != 0;
}

/* A callback may change anything: look from the start after each. */
static void tell_changes(struct watch_netns *netns)
{
	struct watch_owner *owner = watch_owner(netns->watch);
	struct known_device *device = netns->devices;

	while (device && netns->uses && netns->phase == WATCH_LIVE) {
		if (!differs(device)) {
			device = device->next;
			continue;
		}
		device->told = device->now;
		device->reported = true;
		device->repeat = false;
		owner->device_changed(owner, &device->told);
		device = netns->devices;
	}
}

/* -- knowing
 * ------------------------------------------------------------------- */

static struct known_device *by_index(struct watch_netns *netns,
				     uint32_t if_index)
{
	struct known_device *device = netns->devices;

	while (device && device->now.if_index != if_index)
		device = device->next;
	return device;
}

static void forget(struct watch_netns *netns, struct known_device *gone)
{
	struct known_device **link = &netns->devices;

	while (*link != gone)
		link = &(*link)->next;
	*link = gone->next;
	tell_vanished(netns, gone);
	free(gone);
}

static void learn_link(struct watch_netns *netns,
		       const struct netlink_link *link, bool dumped)
{
	struct known_device *device = by_index(netns, link->if_index);

	if (device) {
		device->dropped = link->dropped;
		device->seen = true;
	}
	if (dumped && (netns->phase == WATCH_LIVE || (device && device->fresh)))
		return;
	if (!device) {
		device = calloc(1, sizeof(*device));
		if (!device)
			return;
		device->next = netns->devices;
		netns->devices = device;
		strcpy(device->now.netns, netns->name);
		device->now.if_index = link->if_index;
	} else if (strcmp(device->now.name, link->name) != 0) {
		/* to its owner a renamed device is another one */
		tell_vanished(netns, device);
		memset(device->now.name, 0, sizeof(device->now.name));
	}
	strcpy(device->now.name, link->name);
	device->now.mtu = link->mtu;
	device->now.mac = link->mac;
	device->now.up = link->up;
	device->dropped = link->dropped;
	device->seen = true;
	device->fresh = !dumped;
}

static void learn_address(struct watch_netns *netns,
			  const struct netlink_address *address, bool added)
{
	struct known_device *device = by_index(netns, address->if_index);
	struct watch_device *now;
	uint16_t i = 0;

	if (!device)
		return;
	now = &device->now;
	while (i < now->address_count &&
	       (!vs_ip_equal(&now->addresses[i].ip, &address->prefix.ip) ||
		now->addresses[i].length != address->prefix.length))
		i++;
	if (added && i == now->address_count && i < WATCH_ADDRESSES)
		now->addresses[now->address_count++] = address->prefix;
	if (!added && i < now->address_count) {
		now->addresses[i] = now->addresses[--now->address_count];
		memset(&now->addresses[now->address_count], 0,
		       sizeof(struct vs_prefix));
	}
}

/* -- reading
 * --------------------------------------------------------------------- */

/* What can't be asked for now is, when the socket can be read next. */
static void dump(struct watch_netns *netns, uint16_t type)
{
	netns->torn = false;
	netns->dumping = !netlink_dump(netns->fd, type);
	netns->again |= !netns->dumping;
}

static void begin_dump(struct watch_netns *netns)
{
	if (netns->dumping) {
		netns->again = true;
		return;
	}
	netns->again = false;
	for (struct known_device *d = netns->devices; d; d = d->next)
		d->seen = d->fresh = false;
	netns->phase = WATCH_LINKS;
	dump(netns, RTM_GETLINK);
}

static bool misses_one(const struct watch_netns *netns)
{
	const struct known_device *device = netns->devices;

	while (device && device->seen)
		device = device->next;
	return device;
}

static void links_done(struct watch_netns *netns)
{
	struct known_device *device = netns->devices;

	if (netns->torn && misses_one(netns)) {
		begin_dump(netns);
		return;
	}
	while (device) {
		struct known_device *next = device->next;

		memset(device->now.addresses, 0, sizeof(device->now.addresses));
		device->now.address_count = 0;
		if (!device->seen)
			forget(netns, device);
		device = next;
	}
	netns->phase = WATCH_ADDRS;
	dump(netns, RTM_GETADDR);
}

static void addresses_done(struct watch_netns *netns)
{
	struct watch_owner *owner = watch_owner(netns->watch);

	netns->phase = WATCH_LIVE;
	if (!netns->appeared && netns->uses)
		owner->netns_appeared(owner, netns->name);
	netns->appeared = true;
}

static void dump_done(struct watch_netns *netns)
{
	netns->dumping = false;
	if (netns->again)
		begin_dump(netns);
	else if (netns->phase == WATCH_LINKS)
		links_done(netns);
	else if (netns->phase == WATCH_ADDRS)
		addresses_done(netns);
}

/* A part of the dump that runs, behind this, may still have it. */
static void went(struct watch_netns *netns)
{
	netns->again |= netns->dumping && netns->phase != WATCH_LIVE;
}

static void take_message(struct watch_netns *netns,
			 const struct nlmsghdr *message)
{
	struct netlink_link link;
	struct netlink_address address;
	struct known_device *device;

	netns->torn |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
		if (!netlink_read_link(message, &link))
			learn_link(netns, &link,
				   message->nlmsg_flags & NLM_F_MULTI);
		break;
	case RTM_DELLINK:
		if (netlink_read_link(message, &link))
			break;
		went(netns);
		device = by_index(netns, link.if_index);
		if (device)
			forget(netns, device);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (netlink_read_address(message, &address))
			break;
		if (message->nlmsg_type == RTM_DELADDR)
			went(netns);
		learn_address(netns, &address,
			      message->nlmsg_type == RTM_NEWADDR);
		break;
	case NLMSG_ERROR: /* a dump was refused */
		netns->again = true;
		dump_done(netns);
		break;
	case NLMSG_DONE:
		dump_done(netns);
		break;
	default:
		break;
	}
}

static void take_datagram(struct watch_netns *netns, const uint8_t *bytes,
			  size_t size)
{
	/* fd < 0: a callback let go of the namespace */
	while (size >= NLMSG_HDRLEN && netns->fd >= 0) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;
		size_t step = NLMSG_ALIGN(message->nlmsg_len);

		if (message->nlmsg_len < NLMSG_HDRLEN ||
		    message->nlmsg_len > size)
			return;
		take_message(netns, message);
		if (step >= size)
			return;
		bytes += step;
		size -= step;
	}
}

/* All that there is, then what it changed. */
static void hear(struct watch_netns *netns)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[32768];
	struct watch *watch = netns->watch;

	watch_call_begin(watch);
	while (netns->fd >= 0) {
		ssize_t size =
			recv(netns->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (size < 0 && errno == ENOBUFS)
			begin_dump(netns);
		else if (size > 0)
			take_datagram(netns, bytes, (size_t)size);
		else if (size == 0 || errno != EINTR)
			break;
	}
	if (netns->fd >= 0 && netns->again)
		begin_dump(netns);
	tell_changes(netns);
	watch_call_end(watch);
}

static void netns_readable(struct loop_watch *readable, unsigned int what)
{
	(void)what;
	hear((struct watch_netns *)((char *)readable -
				    offsetof(struct watch_netns, readable)));
}

static void repeat_expired(struct loop_timer *timer)
{
	hear((struct watch_netns *)((char *)timer -
				    offsetof(struct watch_netns, repeat)));
}

/* -- opening and closing
 * ----------------------------------------------------------- */

void watch_devices_open(struct watch_netns *netns, int fd)
{
	netns->readable = (struct loop_watch){.ready = netns_readable};
	netns->repeat = (struct loop_timer){.expired = repeat_expired};
	netns->appeared = netns->dumping = netns->again = false;
	if (loop_watch_add(watch_loop(netns->watch), &netns->readable, fd,
			   LOOP_READ)) {
		close(fd);
		return;
	}
	netns->fd = fd;
	begin_dump(netns);
}

void watch_devices_close(struct watch_netns *netns)
{
	if (netns->fd < 0)
		return;
	loop_watch_remove(&netns->readable);
	loop_timer_remove(&netns->repeat);
	close(netns->fd);
	netns->fd = -1;
	while (netns->devices)
		forget(netns, netns->devices);
}

void watch_devices_refresh(struct watch_netns *netns)
{
	if (netns->fd < 0 || netns->dumping)
		return;
	if (netns->again)
		begin_dump(netns);
	else if (netns->phase == WATCH_LIVE)
		netns->dumping = !netlink_dump(netns->fd, RTM_GETLINK);
}

void watch_devices_repeat(struct watch_netns *netns, const char *name)
{
	struct known_device *device = netns->devices;

	while (device && strcmp(device->now.name, name) != 0)
		device = device->next;
	if (!device)
		return;
	device->repeat = true;
	loop_timer_set(watch_loop(netns->watch), &netns->repeat, 0);
}

uint64_t watch_devices_dropped(const struct watch_netns *netns,
			       const char *name)
{
	for (const struct known_device *d = netns->devices; d; d = d->next)
		if (!strcmp(d->now.name, name))
			return d->dropped;
	return 0;
}

const struct watch_device *watch_devices_find(const struct watch_netns *netns,
					      const char *name)
{
	if (netns->phase != WATCH_LIVE)
		return NULL;
	for (const struct known_device *d = netns->devices; d; d = d->next)
		if (!strcmp(d->now.name, name))
			return &d->now;
	return NULL;
}
