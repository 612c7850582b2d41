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

void rx_slot_begin(struct rx_slot *slot, struct vs_pool *pool)
{
	slot->pool = pool;
	slot->small = NULL;
	slot->big = NULL;
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
	}
	if (!slot->big) {
		slot->big = vs_pool_take(slot->pool, true);
		if (!slot->big)
			return -ENOBUFS;
		slot->into = slot->big->buffer + VS_PACKET_HEADROOM - VNET_SIZE;
		slot->room =
			slot->big->capacity - VS_PACKET_HEADROOM + VNET_SIZE;
	}
	return 0;
}

/* The frame that lies in the big buffer: there, or in the small one. */
static struct vs_packet *settle(struct rx_slot *slot, uint32_t size)
{
	struct vs_packet *packet = slot->big;

	if (size <= VS_SMALL_SIZE) {
		packet = slot->small;
		memcpy(packet->buffer + VS_PACKET_HEADROOM,
		       slot->into + VNET_SIZE, size);
		slot->small = NULL;
	} else {
		slot->big = NULL;
	}
	packet->view.size = size;
	return packet;
}

struct vs_packet *rx_slot_packet(struct rx_slot *slot, struct vs_link *link,
				 size_t size)
{
	struct virtio_net_hdr vnet;
	struct vs_packet *packet;

	if (size < VNET_SIZE || size >= slot->room) {
		link_add(&link->stats.truncated, 1);
		return NULL;
	}
	memcpy(&vnet, slot->into, VNET_SIZE);
	packet = settle(slot, (uint32_t)(size - VNET_SIZE));
	if (vnet_to_offload(&vnet, packet->view.data, packet->view.size,
			    &packet->view.offload)) {
		vs_packet_unref(packet);
		link_add(&link->stats.truncated, 1);
		return NULL;
	}
	link_add(&link->stats.received, 1);
	link_add(&link->stats.received_bytes, packet->view.size);
	return packet;
}

int rx_burst(struct vs_link *link, const struct rx_turn *turn,
	     int (*read)(struct vs_link *link, struct rx_slot *slot,
			 struct vs_packet **packet))
{
	struct rx_slot slot;
	uint16_t count = 0, reads = 0;
	uint32_t taken = 0;
	int got = 0;

	rx_slot_begin(&slot, turn->pool);
	while (reads < turn->room && taken < turn->bytes) {
		got = rx_slot_ready(&slot);
		if (!got)
			got = read(link, &slot, &turn->packets[count]);
		if (got == -EINTR)
			continue;
		if (got < 0)
			break;
		reads++;
		if (got == 1)
			taken += turn->packets[count++]->view.size;
	}
	rx_slot_end(&slot);
	link->unread = got != -EAGAIN;
	if (count || got >= 0 || got == -EAGAIN)
		return count;
	return got == -ENOBUFS ? got : -ENODEV;
}
