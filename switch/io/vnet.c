/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vnet.c: translate the kernel's offload header, checked against the frame.
 *
 * Decides whether a header can be believed. Before it: tap.c and
 * packet_socket.c, which read it; after it: packet/parse.c.
 */
#include "io/vnet.h"

#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#define GSO_UDP_L4 5u /* VIRTIO_NET_HDR_GSO_UDP_L4; missing in old headers */

#define TAG_SIZE 4u
#define TCP_SIZE 20u
#define UDP_SIZE 8u

static int gso_of(uint8_t type)
{
	switch (type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_NONE:
		return VS_GSO_NONE;
	case VIRTIO_NET_HDR_GSO_TCPV4:
		return VS_GSO_TCP4;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		return VS_GSO_TCP6;
	case GSO_UDP_L4:
		return VS_GSO_UDP;
	default:
		return -EINVAL;
	}
}

static uint32_t segment_header(const struct vs_offload *offload,
			       const uint8_t *frame, uint32_t size)
{
	uint32_t l4 = offload->csum_start;

	if (offload->gso == VS_GSO_UDP)
		return l4 + UDP_SIZE;
	if (l4 + TCP_SIZE > size)
		return size;
	return l4 + (frame[l4 + 12] >> 4) * 4u;
}

int vnet_to_offload(const struct virtio_net_hdr *vnet, const uint8_t *frame,
		    uint32_t size, struct vs_offload *offload)
{
	int gso = gso_of(vnet->gso_type);
	uint32_t header = vnet->hdr_len;

	if (gso < 0)
		return gso;
	*offload = (struct vs_offload){
		.gso = (uint8_t)gso,
		.verified = !!(vnet->flags & VIRTIO_NET_HDR_F_DATA_VALID),
		.csum_start = VS_ABSENT,
	};
	if (vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		if ((uint32_t)vnet->csum_start + vnet->csum_offset + 2 > size)
			return -EINVAL;
		offload->csum_start = vnet->csum_start;
		offload->csum_offset = vnet->csum_offset;
	}
	if (gso == VS_GSO_NONE)
		return 0;
	if (offload->csum_start != VS_ABSENT)
		header = segment_header(offload, frame, size);
	if (!vnet->gso_size || header < VS_ETHERNET_SIZE || header >= size ||
	    header > UINT16_MAX)
		return -EINVAL;
	offload->gso_size = vnet->gso_size;
	offload->header_size = (uint16_t)header;
	return 0;
}

struct virtio_net_hdr vnet_from_offload(const struct vs_offload *offload,
					bool cwr)
{
	static const uint8_t types[] = {
		[VS_GSO_NONE] = VIRTIO_NET_HDR_GSO_NONE,
		[VS_GSO_TCP4] = VIRTIO_NET_HDR_GSO_TCPV4,
		[VS_GSO_TCP6] = VIRTIO_NET_HDR_GSO_TCPV6,
		[VS_GSO_UDP] = GSO_UDP_L4,
	};
	struct virtio_net_hdr vnet = {.gso_type = types[offload->gso]};

	if (offload->gso != VS_GSO_NONE) {
		vnet.gso_size = offload->gso_size;
		vnet.hdr_len = offload->header_size;
		if (cwr)
			vnet.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	}
	if (offload->csum_start != VS_ABSENT) {
		vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vnet.csum_start = offload->csum_start;
		vnet.csum_offset = offload->csum_offset;
	} else if (offload->verified) {
		vnet.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	}
	return vnet;
}

void vnet_put_tag(struct vs_view *view, uint8_t *data, uint16_t type,
		  uint16_t tci)
{
	struct vs_offload *offload = &view->offload;
	uint8_t *start = data - TAG_SIZE;

	if (view->size < VS_ETHERNET_SIZE)
		return;
	memmove(start, data, 12);
	vs_store16(start + 12, type);
	vs_store16(start + 14, tci);
	view->data = start;
	view->size += TAG_SIZE;
	if (offload->csum_start != VS_ABSENT)
		offload->csum_start =
			(uint16_t)(offload->csum_start + TAG_SIZE);
	if (offload->header_size)
		offload->header_size =
			(uint16_t)(offload->header_size + TAG_SIZE);
}
