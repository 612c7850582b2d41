/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vnet.h: the kernel's 10-byte packet header (virtio 1.2, 5.1.6) <-> our
 * offload metadata. Native byte order, as TAP and AF_PACKET use it by default.
 * Pure.
 */
#ifndef IO_VNET_H
#define IO_VNET_H

#include <linux/virtio_net.h>

#include <vswitch/packet.h>

#define VNET_SIZE 10u
_Static_assert(sizeof(struct virtio_net_hdr) == VNET_SIZE, "the short form");

/*
 * vnet_to_offload - what the header says about `size` bytes of frame. The
 * header's length hint is not used: it is computed again. -EINVAL: it
 * contradicts the frame, or names a kind of segmentation that we never asked
 * for.
 */
int vnet_to_offload(const struct virtio_net_hdr *vnet, const uint8_t *frame,
		    uint32_t size, struct vs_offload *offload);

/* vnet_from_offload - `cwr`: the TCP header carries CWR (RFC 3168 6.1.2). */
struct virtio_net_hdr vnet_from_offload(const struct vs_offload *offload,
					bool cwr);

/* vnet_put_tag - a tag that the kernel took out goes back behind the MACs of
 * the frame at `data`, before which four bytes are free. The view, its offload
 * too, follows. */
void vnet_put_tag(struct vs_view *view, uint8_t *data, uint16_t type,
		  uint16_t tci);

#endif
