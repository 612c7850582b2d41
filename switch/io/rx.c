/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rx.c: buffers for one read at a time, and what a read made of them.
 *
 * Before it: tap.c, packet_socket.c (the read itself); after it: pump.c.
 */
#include "io/rx.h"

#include <errno.h>
#include <string.h>

#include "io/count.h"

static uint8_t *writable(const struct vs_packet *packet)
{
	return packet->buffer + (packet->view.data - packet->buffer);
}

void rx_slot_begin(struct rx_slot *slot, struct vs_pool *pool)
{
	slot->pool = pool;
	slot->small = NULL;
	slot->big = NULL;
	slot->vector[0] = (struct iovec){&slot->vnet, VNET_SIZE};
}

void rx_slot_end(struct rx_slot *slot)
{
	if (slot->small)
		vs_packet_unref(slot->small);
	if (slot->big)
		vs_packet_unref(slot->big);
	slot->small = NULL;
	slot->big = NULL;
}

int rx_slot_ready(struct rx_slot *slot)
{
	if (!slot->small) {
		slot->small = vs_pool_take(slot->pool, false);
		if (!slot->small)
			return -ENOBUFS;
		slot->vector[1] =
			(struct iovec){writable(slot->small), VS_SMALL_SIZE};
	}
	if (!slot->big) {
		struct vs_packet *big = vs_pool_take(slot->pool, true);
		uint32_t front;

		if (!big)
			return -ENOBUFS;
		front = (uint32_t)(big->view.data - big->buffer) +
			VS_SMALL_SIZE;
		slot->big = big;
		slot->vector[2] = (struct iovec){big->buffer + front,
						 big->capacity - front};
	}
	return 0;
}

struct vs_packet *rx_slot_packet(struct rx_slot *slot, struct vs_link *link,
				 size_t size)
{
	size_t room =
		VNET_SIZE + slot->vector[1].iov_len + slot->vector[2].iov_len;
	struct vs_packet *packet = slot->small;

	if (size < VNET_SIZE || size >= room) {
		link_add(&link->stats.truncated, 1);
		return NULL;
	}
	size -= VNET_SIZE;
	slot->small = NULL;
	if (size > VS_SMALL_SIZE) {
		packet = vs_pool_spill(packet, slot->big, (uint32_t)size);
		slot->big = NULL;
	} else {
		packet->view.size = (uint32_t)size;
	}
	if (vnet_to_offload(&slot->vnet, packet->view.data, packet->view.size,
			    &packet->view.offload)) {
		vs_packet_unref(packet);
		link_add(&link->stats.truncated, 1);
		return NULL;
	}
	link_add(&link->stats.received, 1);
	link_add(&link->stats.received_bytes, size);
	return packet;
}
