/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rx.h: where a link reads to: {vnet header, small buffer, tail of a spare
 * big buffer}, so that a small frame costs a small buffer and a super-frame is
 * read in one call (packet/pool.h).
 */
#ifndef IO_RX_H
#define IO_RX_H

#include <sys/uio.h>

#include "io/link.h"
#include "io/vnet.h"

#define RX_VECTORS 3u

struct rx_slot {
	struct vs_pool *pool;
	struct vs_packet *small, *big; /* spares; NULL = to be taken */
	struct virtio_net_hdr vnet;
	struct iovec vector[RX_VECTORS];
};

/* rx_slot_begin - an empty slot; rx_slot_end gives the spares back. */
void rx_slot_begin(struct rx_slot *slot, struct vs_pool *pool);
void rx_slot_end(struct rx_slot *slot);
/* rx_slot_ready - buffers in place, vectors set: 0 or -ENOBUFS. */
int rx_slot_ready(struct rx_slot *slot);
/*
 * rx_slot_packet - `size` bytes (with the vnet header) were read: the packet,
 * with size and offload set, or NULL: it was cut short or its header is wrong;
 * counted in `truncated`.
 */
struct vs_packet *rx_slot_packet(struct rx_slot *slot, struct vs_link *link,
				 size_t size);

#endif
