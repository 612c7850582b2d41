// SPDX-License-Identifier: Apache-2.0
/*
 * rdmap.c: tag to VSID on the way in, VSID to tag on the way out.
 */
#include "core/rdmap.h"

#include <assert.h>
#include <vswitch/wire.h>

#include "core/reason.h"
#include "core/tag.h"

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

uint16_t rdmap_take(const struct vs_port *port, struct vs_packet *packet)
{
	struct vs_view *view = &packet->view;
	uint16_t tci;
	enum tag_found found = tag_find(view, &tci);

	view->vsid.value = 0;
	if (view->size < VS_ETHERNET_SIZE)
		return VS_REASON_RUNT;
	/* a service tag, or one cut short, names nothing */
	if (found == TAG_OTHER)
		return VS_REASON_VLAN_NOT_ALLOWED;
	view->vsid = vsid_of(port, tci & TAG_VID);
	if (!view->vsid.value)
		return VS_REASON_VLAN_NOT_ALLOWED;
	if (found == TAG_VLAN)
		tag_take_off(packet);
	return VS_REASON_NONE;
}

void rdmap_give(const struct vs_port *port, struct vs_recipe *recipe)
{
	uint16_t tag = tag_of(port, vs_view(recipe->frame)->vsid);

	if (tag)
		tag_put_on(recipe, tag);
}
