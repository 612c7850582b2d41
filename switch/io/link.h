/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.h: a device as the pump sees it: TAP, packet socket, pcap file, null.
 *
 * A link is read by one worker and written by any: tx must be safe against
 * another worker's tx (counters are atomics, the fd is the kernel's business;
 * scratch is the worker's, passed in). Links are opened and closed by the
 * main thread; closing waits until no snapshot names the link. Their fds may be
 * closed by another one (closer.h).
 */
#ifndef IO_LINK_H
#define IO_LINK_H

#include <stdatomic.h>

#include "core/outbox.h"
#include "packet/pool.h"

struct vs_link;
struct link_scratch; /* a worker's: segment headers, iovecs, runs */

/* sent = written + the sum of these */
enum link_loss {
	LINK_QUEUE_FULL, /* EAGAIN, ENOBUFS */
	LINK_GONE,	 /* EBADFD, ENXIO, ENODEV, no device */
	LINK_DOWN,	 /* EIO, ENETDOWN */
	LINK_REFUSED,	 /* EINVAL, EMSGSIZE: the kernel won't have it */
	LINK_TOO_BIG,	 /* larger than the device's MTU, can't be cut */
	LINK_BAD_RECIPE, /* can't be finished */
	LINK_LOSSES
};

/* link_loss_name - tx_queue_full, tx_gone, ... */
const char *link_loss_name(enum link_loss loss);
/* link_loss_of - which loss a positive errno of a write is. */
enum link_loss link_loss_of(int error);

struct link_stats {
	_Atomic uint64_t sent;	  /* entries handed to tx */
	_Atomic uint64_t written; /* entries that went out whole */
	_Atomic uint64_t lost[LINK_LOSSES];
	/* information: writes, pieces that entries were cut into, entries
	 * that went out inside a coalesced one, bytes of frames */
	_Atomic uint64_t wire_frames, segments, merged, bytes;
	_Atomic uint64_t received, received_bytes;
	/* before us, outside the law: the kernel's own, frames cut short */
	_Atomic uint64_t kernel_drops, truncated;
	/* of those received, that the kernel itself sent on (fast.h) */
	_Atomic uint64_t fast;
	/* how often a flow that was worth a place there found none */
	_Atomic uint64_t fast_refused;
};

/* The same as plain numbers, for showing. */
struct link_counts {
	uint64_t sent, written, lost[LINK_LOSSES];
	uint64_t wire_frames, segments, merged, bytes;
	uint64_t received, received_bytes, kernel_drops, truncated, fast;
	uint64_t fast_refused;
};

struct link_ops {
	const char *name;
	/*
	 * Read up to `room` frames or `bytes`, whichever ends first, into
	 * packets of `pool`; one that can't be used is one of them, so that
	 * nobody holds the worker with such. Returns the count of packets, 0 =
	 * nothing there, or -errno: -ENODEV = the device is gone: take the fd
	 * out of the poller at once. -ENOBUFS = no spare buffer: frames stay in
	 * the device, no drop. Sets `unread` unless it saw that the device is
	 * empty.
	 */
	int (*rx_burst)(struct vs_link *link, struct vs_pool *pool,
			struct vs_packet *packets[], uint16_t room,
			uint32_t bytes);
	/* send entries that all name this link; references stay the caller's */
	void (*tx_burst)(struct vs_link *link,
			 const struct vs_outbox_entry *const entries[],
			 uint16_t count, struct link_scratch *scratch);
	/* close the fds, if they are still here, and free the link */
	void (*close)(struct vs_link *link);
};

struct vs_link {
	const struct link_ops *ops;
	uint64_t serial; /* unique in this process: tells a new link at an old
			  * address */
	int fd;		 /* -1 for links without one */
	bool pollable;	 /* false: read until it has nothing, then never */
	bool unread;	 /* the reader's: there may be more, and no edge will
			  * tell (poller.h) */
	_Atomic uint16_t mtu; /* the device's; main thread writes */
	/* if_index, where the fast path reaches it, else 0; main thread writes
	 */
	_Atomic uint32_t fast;
	_Atomic bool gone;     /* the device is dead: close and open again */
	struct vs_link *older; /* of one port, while snapshots may name it; the
				* owner's */
	struct link_stats stats;
};

/* link_init - what all kinds share; zeroes the link. */
void link_init(struct vs_link *link, const struct link_ops *ops, int fd,
	       uint16_t mtu);
/* link_close - ops->close; NULL is allowed. */
void link_close(struct vs_link *link);
/* link_take_fd - for who closes it elsewhere, because it takes the kernel long:
 * the caller's now; -1: there is none. Only link_close may follow. */
int link_take_fd(struct vs_link *link);
/* link_set_mtu - clamped to 65535. */
void link_set_mtu(struct vs_link *link, uint32_t mtu);
/* link_add_counts - a look from any thread, added to what is there. */
void link_add_counts(const struct vs_link *link, struct link_counts *counts);
/* link_read_counts - the same from zero. */
void link_read_counts(const struct vs_link *link, struct link_counts *counts);

/* link_scratch_create - NULL when out of memory; one per thread that sends. */
struct link_scratch *link_scratch_create(void);
void link_scratch_destroy(struct link_scratch *scratch);

#endif
