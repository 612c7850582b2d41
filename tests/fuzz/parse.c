// SPDX-License-Identifier: Apache-2.0
/*
 * The parser over any bytes: 12 bytes of offload, then a frame in a block of
 * exactly its size. Offsets must lie where they promise to.
 */
#include <stdlib.h>
#include <string.h>

#include "packet/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void judge(const struct vs_view *view)
{
	if (view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6 | VS_FRAME_ARP)) {
		if (view->l3 + 20u > view->size)
			abort();
	} else if (view->l3 != VS_ABSENT || view->l4 != VS_ABSENT) {
		abort();
	}
	if (view->l4 != VS_ABSENT &&
	    (view->l4 <= view->l3 || view->l4 >= view->size))
		abort();
	if (view->payload != VS_ABSENT &&
	    (view->l4 == VS_ABSENT || view->payload < view->l4 + 8 ||
	     view->payload > view->size))
		abort();
	if (view->offload.csum_start != VS_ABSENT &&
	    view->offload.csum_start + view->offload.csum_offset + 2u >
		    view->size)
		abort();
	if (view->offload.header_size > view->size || view->tags > 2)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct vs_packet packet = {.view.struct_size = sizeof(packet.view)};
	uint8_t *frame;

	if (size < sizeof(packet.view.offload) || size > 65536)
		return 0;
	memcpy(&packet.view.offload, bytes, sizeof(packet.view.offload));
	bytes += sizeof(packet.view.offload);
	size -= sizeof(packet.view.offload);
	frame = malloc(size ? size : 1);
	memcpy(frame, bytes, size);
	packet.view.data = frame;
	packet.view.size = (uint32_t)size;
	vs_packet_parse(&packet);
	judge(&packet.view);
	if (packet.view.size >= 14)
		vs_frame_flow_hash(vs_packet_frame(&packet), 1);
	free(frame);
	return 0;
}
