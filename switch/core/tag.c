// SPDX-License-Identifier: Apache-2.0
/*
 * tag.c: see tag.h.
 */
#include "core/tag.h"

#include <string.h>

#include <vswitch/wire.h>

#define MACS_SIZE 12u
/* MACs, tag and type: a link counts the tag only if the type follows it */
#define LEAD_SIZE (MACS_SIZE + TAG_SIZE + 2u)

enum tag_found tag_find(const struct vs_view *view, uint16_t *tci)
{
	uint16_t type;

	*tci = 0;
	if (view->size < VS_ETHERNET_SIZE)
		return TAG_NONE;
	type = vs_load16(view->data + MACS_SIZE);
	if (type != VS_TYPE_VLAN)
		return type == VS_TYPE_QINQ ? TAG_OTHER : TAG_NONE;
	if (view->size < VS_ETHERNET_SIZE + TAG_SIZE)
		return TAG_OTHER;
	*tci = vs_load16(view->data + VS_ETHERNET_SIZE);
	return TAG_VLAN;
}

void tag_take_off(struct vs_packet *packet)
{
	struct vs_frame *frame = vs_packet_frame(packet);
	uint8_t *bytes = vs_frame_edit(frame, 0, MACS_SIZE + TAG_SIZE);

	memmove(bytes + TAG_SIZE, bytes, MACS_SIZE);
	vs_frame_pull(frame, TAG_SIZE);
}

void tag_put_on(struct vs_recipe *recipe, uint16_t tci)
{
	const struct vs_view *view = vs_view(recipe->frame);

	memcpy(recipe->lead, view->data, MACS_SIZE);
	vs_store16(recipe->lead + MACS_SIZE, VS_TYPE_VLAN);
	vs_store16(recipe->lead + VS_ETHERNET_SIZE, tci);
	memcpy(recipe->lead + LEAD_SIZE - 2, view->data + MACS_SIZE, 2);
	recipe->lead_size = LEAD_SIZE;
	recipe->slice_offset = VS_ETHERNET_SIZE;
	recipe->slice_size -= VS_ETHERNET_SIZE;
	if (recipe->offload.csum_start != VS_ABSENT)
		recipe->offload.csum_start =
			(uint16_t)(recipe->offload.csum_start + TAG_SIZE);
	if (recipe->offload.gso != VS_GSO_NONE)
		recipe->offload.header_size =
			(uint16_t)(recipe->offload.header_size + TAG_SIZE);
}
