/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rx.h: where a link reads to: a big buffer, with the vnet header in its
 * headroom, so that one plain read takes whatever comes. A super-frame stays
 * where it was read; a small frame moves to a small buffer, and the big one,
 * warm in the cache, serves the next (packet/pool.h).
 */
#ifndef IO_RX_H
#define IO_RX_H

#include "io/link.h"
#include "io/vnet.h"

struct rx_slot {
	struct vs_pool *pool;
	struct vs_packet *small, *big; /* spares; NULL = to be taken */
	uint8_t *into;		       /* read to here ... */
	size_t room; /* ... at most so much, the vnet header included */
};

/* rx_slot_begin - an empty slot; rx_slot_end gives the spares back. */
void rx_slot_begin(struct rx_slot *slot, struct vs_pool *pool);
void rx_slot_end(struct rx_slot *slot);
/* rx_slot_ready - buffers in place, `into` and `room` set: 0 or -ENOBUFS. */
int rx_slot_ready(struct rx_slot *slot);
/*
 * rx_slot_packet - `size` bytes (with the vnet header) were read: the packet,
 * with size and offload set, or NULL: it was cut short or its header is wrong;
 * counted in `truncated`.
 */
struct vs_packet *rx_slot_packet(struct rx_slot *slot, struct vs_link *link,
				 size_t size);

/* A port's turn to be read: link_ops.rx_burst's arguments. */
struct rx_turn {
	struct vs_pool *pool;
	struct vs_packet **packets;
	uint16_t room;
	uint32_t bytes;
};

/*
 * rx_burst - link_ops.rx_burst for who reads a frame at a time. `read` fills
 * the slot: 1 = *packet is set, 0 = a frame that can't be used, or -errno;
 * whatever is not -EAGAIN, -EINTR or ours says that the device is dead.
 */
int rx_burst(struct vs_link *link, const struct rx_turn *turn,
	     int (*read)(struct vs_link *link, struct rx_slot *slot,
			 struct vs_packet **packet));

#endif
