// SPDX-License-Identifier: Apache-2.0
/*
 * xacl_quote.c: of which flow an ICMP error speaks. What it quotes went the
 * other way: an error to the port quotes a packet from it. Decides nothing.
 * Before and after this file: xacl_flow.c.
 */
#include <vswitch/wire.h>

#include "core/xacl_flow.h"
#include "core/xacl_quote.h"

#define ICMP_SIZE 8u

static bool is_error(const struct vs_view *view)
{
	uint8_t type = view->data[view->l4];

	if (view->flags & VS_FRAME_IPV6)
		return view->protocol == VS_IP_ICMP6 && type >= 1 && type <= 4;
	return view->protocol == VS_IP_ICMP &&
	       (type == 3 || type == 11 || type == 12);
}

static bool take_ports(struct xacl_tuple *tuple, const struct vs_view *view,
		       uint32_t at)
{
	const uint8_t *ports =
		vs_frame_at((const struct vs_frame *)view, at, 8);

	if (!ports)
		return false;
	if (tuple->protocol == VS_IP_ICMP || tuple->protocol == VS_IP_ICMP6)
		return xacl_take_echo(tuple, ports, 8);
	if (tuple->protocol == VS_IP_TCP || tuple->protocol == VS_IP_UDP)
		xacl_tuple_ports(tuple, ports);
	return true;
}

static bool take_v4(struct xacl_tuple *tuple, const struct vs_view *view,
		    uint32_t at)
{
	const uint8_t *ip =
		vs_frame_at((const struct vs_frame *)view, at, VS_IPV4_SIZE);
	struct vs_ip source, target;

	if (!ip || ip[0] >> 4 != 4 || (ip[0] & 15) < 5 ||
	    vs_load16(ip + 6) & 0x1fff)
		return false;
	source = vs_ip_from_v4(ip + 12);
	target = vs_ip_from_v4(ip + 16);
	xacl_tuple_ends(tuple, &source, &target);
	tuple->protocol = ip[9];
	return take_ports(tuple, view, at + (ip[0] & 15u) * 4);
}

static bool take_v6(struct xacl_tuple *tuple, const struct vs_view *view,
		    uint32_t at)
{
	const uint8_t *ip =
		vs_frame_at((const struct vs_frame *)view, at, VS_IPV6_SIZE);
	struct vs_ip source, target;

	if (!ip || ip[0] >> 4 != 6)
		return false;
	source = vs_ip_from_v6(ip + 8);
	target = vs_ip_from_v6(ip + 24);
	if (vs_ip_is_v4(&source) || vs_ip_is_v4(&target))
		return false; /* mapped: no flow of IPv4 is spoken of in IPv6 */
	xacl_tuple_ends(tuple, &source, &target);
	tuple->protocol = ip[6];
	return take_ports(tuple, view, at + VS_IPV6_SIZE);
}

bool xacl_quoted(const struct vs_view *view, bool inbound,
		 struct xacl_tuple *tuple)
{
	if (view->l4 == VS_ABSENT || !is_error(view))
		return false;
	*tuple = (struct xacl_tuple){
		.vsid = view->vsid,
		.inbound = !inbound, /* the quoted packet's own */
		.ipv6 = view->flags & VS_FRAME_IPV6,
	};
	return tuple->ipv6 ? take_v6(tuple, view, view->l4 + ICMP_SIZE)
			   : take_v4(tuple, view, view->l4 + ICMP_SIZE);
}
