/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.h: a device as the pump sees it: TAP, packet socket, pcap file, null.
 *
 * A link is read by one worker and written by any: tx must be safe against
 * another worker's tx (counters are atomics, the fd is the kernel's business;
 * scratch is the worker's, passed in). Links are opened and closed by the
 * main thread; closing waits until no snapshot names the link.
 */
#ifndef IO_LINK_H
#define IO_LINK_H

#include <stdatomic.h>

#include "core/outbox.h"
#include "packet/pool.h"

struct vs_link;
struct link_scratch; /* a worker's: segment headers, iovecs, runs */

enum link_loss {		  /* sent = written + sum of these */
		 LINK_QUEUE_FULL, /* EAGAIN, ENOBUFS: tx_queue_full */
		 LINK_GONE,	  /* EBADFD, ENXIO, ENODEV, no device */
		 LINK_DOWN,	  /* EIO, ENETDOWN */
		 LINK_REFUSED, /* EINVAL, EMSGSIZE: the kernel won't have it */
		 LINK_BAD_RECIPE, /* can't be finished */
		 LINK_LOSSES
};

struct link_stats {
	_Atomic uint64_t sent;	  /* entries handed to tx */
	_Atomic uint64_t written; /* entries that went out whole */
	_Atomic uint64_t lost[LINK_LOSSES];
	/* information: frames on the wire, cut, merged, kernel's own drops */
	_Atomic uint64_t wire_frames, segments, merged, bytes;
	_Atomic uint64_t received, received_bytes, kernel_drops, truncated;
};

struct link_ops {
	const char *name;
	/*
	 * Read up to `room` frames or `bytes`, whichever ends first, into
	 * packets of `pool`. Returns the count, 0 = nothing there, or -errno:
	 * -ENODEV = the device is gone: take the fd out of the loop at once.
	 * -ENOBUFS = no spare buffer: the port stays readable, no drop.
	 */
	int (*rx_burst)(struct vs_link *link, struct vs_pool *pool,
			struct vs_packet *packets[], uint16_t room,
			uint32_t bytes);
	/* send entries that all name this link; references stay the caller's */
	void (*tx_burst)(struct vs_link *link, struct vs_outbox_entry *entries,
			 uint16_t count, struct link_scratch *scratch);
	void (*close)(struct vs_link *link);
};

struct vs_link {
	const struct link_ops *ops;
	int fd;	      /* -1 for links without one */
	uint16_t mtu; /* the device's */
	bool pollable;
	struct link_stats stats;
};

#endif
