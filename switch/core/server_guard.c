// SPDX-License-Identifier: Apache-2.0
/*
 * server_guard.c: DHCP guard and router guard (hnv.md C8.2, C8.3): who speaks
 * as a server or router that the others on the link would believe. Decides by
 * the parsed headers alone; whose port is guarded is police.c's. Before this
 * file: police.c.
 */
#include <vswitch/wire.h>

#include "core/police.h"

#define DHCP_SERVER	   67u
#define DHCP_CLIENT	   68u
#define DHCP6_CLIENT	   546u
#define DHCP6_SERVER	   547u
#define ICMP_REDIRECT	   5u
#define ICMP_ROUTER_ADVERT 9u

/*
 * A first fragment too short for its transport header, which the pieces behind
 * it complete at the receiver: what it is can't be told, so it is the worst.
 * (Of IPv6 the parser refuses such fragments, RFC 7112.)
 */
static bool is_hidden(const struct vs_view *view, uint8_t protocol)
{
	return view->l4 == VS_ABSENT && view->protocol == protocol &&
	       (view->flags & (VS_FRAME_FRAGMENT | VS_FRAME_LATER)) ==
		       VS_FRAME_FRAGMENT;
}

/*
 * A server sends from its port, or to the client's from wherever: a client
 * looks at its own port only. A relay's requests are from the server's port
 * too; to relay is a server's business here.
 */
bool guard_dhcp_server(const struct vs_view *view)
{
	uint16_t from, to;

	if (view->protocol != VS_IP_UDP)
		return false;
	if (view->l4 == VS_ABSENT)
		return is_hidden(view, VS_IP_UDP);
	from = vs_load16(view->data + view->l4);
	to = vs_load16(view->data + view->l4 + 2);
	if (view->flags & VS_FRAME_IPV4)
		return from == DHCP_SERVER || to == DHCP_CLIENT;
	return from == DHCP6_SERVER || to == DHCP6_CLIENT;
}

static bool is_dhcp_port(uint16_t port)
{
	return port == DHCP_SERVER || port == DHCP_CLIENT ||
	       port == DHCP6_SERVER || port == DHCP6_CLIENT;
}

bool guard_dhcp(const struct vs_view *view)
{
	return view->protocol == VS_IP_UDP && view->l4 != VS_ABSENT &&
	       (is_dhcp_port(vs_load16(view->data + view->l4)) ||
		is_dhcp_port(vs_load16(view->data + view->l4 + 2)));
}

bool guard_router(const struct vs_view *view)
{
	uint8_t type;

	if (view->flags & VS_FRAME_ND) {
		type = view->data[view->l4];
		return type == VS_ND_ROUTER_ADVERT || type == VS_ND_REDIRECT;
	}
	if (view->protocol != VS_IP_ICMP || !(view->flags & VS_FRAME_IPV4))
		return false;
	if (view->l4 == VS_ABSENT)
		return is_hidden(view, VS_IP_ICMP);
	type = view->data[view->l4];
	return type == ICMP_REDIRECT || type == ICMP_ROUTER_ADVERT;
}
