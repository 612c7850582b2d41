// SPDX-License-Identifier: Apache-2.0
/*
 * rdmap.c: tag to VSID on the way in, VSID to tag on the way out.
 */
#include "core/rdmap.h"

#include <assert.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/reason.h"

#define MACS_SIZE 12u
#define TAG_SIZE  4u
#define VID_MASK  0x0fffu
/* MACs, tag and type: a link counts the tag only if the type follows it */
#define LEAD_SIZE (MACS_SIZE + TAG_SIZE + 2u)

static bool is_tag(uint16_t type)
{
	return type == VS_TYPE_VLAN || type == VS_TYPE_QINQ;
}

/* The VSID that a VLAN ID names on this port; 0: none. */
static struct vs_vsid vsid_of(const struct vs_port *port, uint16_t vlan)
{
	const struct vs_port_plan *plan = &port->plan;
	uint16_t i;

	for (i = 0; i < port->vsid_count; i++)
		if (plan->tags[i] == vlan)
			return plan->vsids[i];
	return (struct vs_vsid){0};
}

static uint16_t tag_of(const struct vs_port *port, struct vs_vsid vsid)
{
	const struct vs_port_plan *plan = &port->plan;
	uint16_t i = 0;

	/* deliver found it in the set */
	while (i < port->vsid_count && !vs_vsid_equal(plan->vsids[i], vsid))
		i++;
	assert(i < port->vsid_count);
	return plan->tags[i];
}

static void take_off(struct vs_packet *packet)
{
	struct vs_frame *frame = vs_packet_frame(packet);
	uint8_t *bytes = vs_frame_edit(frame, 0, MACS_SIZE + TAG_SIZE);

	memmove(bytes + TAG_SIZE, bytes, MACS_SIZE);
	vs_frame_pull(frame, TAG_SIZE);
}

uint16_t rdmap_take(const struct vs_port *port, struct vs_packet *packet)
{
	struct vs_view *view = &packet->view;
	uint16_t type, vlan = 0;

	view->vsid.value = 0;
	if (view->size < VS_ETHERNET_SIZE)
		return VS_REASON_RUNT;
	type = vs_load16(view->data + MACS_SIZE);
	/* a service tag, or one cut short, names nothing */
	if (is_tag(type)) {
		if (type != VS_TYPE_VLAN ||
		    view->size < VS_ETHERNET_SIZE + TAG_SIZE)
			return VS_REASON_VLAN_NOT_ALLOWED;
		vlan = vs_load16(view->data + VS_ETHERNET_SIZE) & VID_MASK;
	}
	view->vsid = vsid_of(port, vlan);
	if (!view->vsid.value)
		return VS_REASON_VLAN_NOT_ALLOWED;
	if (is_tag(type))
		take_off(packet);
	return VS_REASON_NONE;
}

void rdmap_give(const struct vs_port *port, struct vs_recipe *recipe)
{
	const struct vs_view *view = vs_view(recipe->frame);
	uint16_t tag = tag_of(port, view->vsid);

	if (!tag)
		return;
	memcpy(recipe->lead, view->data, MACS_SIZE);
	vs_store16(recipe->lead + MACS_SIZE, VS_TYPE_VLAN);
	vs_store16(recipe->lead + VS_ETHERNET_SIZE, tag);
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
