// SPDX-License-Identifier: Apache-2.0
/*
 * configure_rdmap.c: a multi-tenant port (hnv.md A11.4) in policy: a member of
 * each subnet of its map, without addresses of its own: those are the subnets'
 * records, which name its MAC.
 *
 * Before this file: configure_port.c, which walks the ports. After it: none.
 */
#include <errno.h>

#include "draft.h"

static const struct vs_value *map_of(const struct wnv_draft *draft,
				     const struct wnv_draft_port *port)
{
	return wnv_value(draft, port->object, VS_PORT_RDMAP);
}

static int join(struct wnv_draft *draft, struct wnv_draft_port *port,
		const struct vs_tag *tag)
{
	struct vs_port_profile *profile = &port->profile;
	struct wnv_draft_subnet *subnet = wnv_draft_subnet_need(
		draft, AT(port->object, "rdmap"), tag->vsid);
	char text[VS_MAC_TEXT];

	if (!subnet)
		return -ENOENT;
	if (profile->has_mac &&
	    vs_mac_equal(&profile->mac, &subnet->plan.gateway_mac))
		return wnv_refuse(draft, AT(port->object, "mac"), EEXIST,
				  "%s is the MAC of the gateway of subnet %u: "
				  "give the port another one",
				  vs_mac_format(&profile->mac, text),
				  tag->vsid.value);
	subnet->plan.port_count++;
	/* each subnet's own limit is kept where it is known: at the wire */
	if (profile->mtu < subnet->plan.mtu)
		profile->mtu = subnet->plan.mtu;
	return 0;
}

int wnv_draft_rdmap(struct wnv_draft *draft, struct wnv_draft_port *port)
{
	const struct vs_value *map = map_of(draft, port);
	uint16_t i;
	int error = 0;

	for (i = 0; !error && i < map->count; i++)
		error = join(draft, port, &map->list[i].tag);
	return error;
}

/* Index 0.. of what the port is in; 0 behind the last one. */
static struct vs_vsid vsid_at(const struct wnv_draft *draft,
			      const struct wnv_draft_port *port, uint16_t index)
{
	const struct vs_value *map = map_of(draft, port);

	if (map->present)
		return index < map->count ? map->list[index].tag.vsid
					  : (struct vs_vsid){0};
	return index ? (struct vs_vsid){0} : port->vsid;
}

bool wnv_draft_port_in(const struct wnv_draft *draft,
		       const struct wnv_draft_port *port, struct vs_vsid vsid)
{
	struct vs_vsid one;
	uint16_t i;

	for (i = 0; (one = vsid_at(draft, port, i)).value; i++)
		if (vs_vsid_equal(one, vsid))
			return true;
	return false;
}

struct vs_vsid wnv_draft_shared_vsid(const struct wnv_draft *draft,
				     const struct wnv_draft_port *a,
				     const struct wnv_draft_port *b)
{
	struct vs_vsid one;
	uint16_t i;

	if (a->vsid.value && b->vsid.value)
		return vs_vsid_equal(a->vsid, b->vsid) ? a->vsid
						       : (struct vs_vsid){0};
	for (i = 0; (one = vsid_at(draft, a, i)).value; i++)
		if (wnv_draft_port_in(draft, b, one))
			return one;
	return (struct vs_vsid){0};
}
