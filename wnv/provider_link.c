/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_link.c: uplinks as the provider side sees them: which are down, and
 * when what was known behind one is to be forgotten (provider.h).
 *
 * Before it: shard.c's tick. After it: provider_way.c, provider_neighbour.c,
 * provider_pa.c.
 */
#include "provider_slot.h"

#define UPLINKS 64u

bool provider_mac_on(const struct vs_call *call, const struct wnv_provider *pa,
		     struct vs_port_id uplink, struct vs_mac *mac)
{
	const struct vs_port_info *port = call->host->port(call, uplink);

	if (!port || !port->up)
		return false;
	*mac = vs_port_equal(pa->uplink, uplink) && !vs_mac_is_zero(&pa->mac)
		       ? pa->mac
		       : port->mac;
	return !vs_mac_is_zero(mac);
}

bool provider_mac(const struct vs_call *call, const struct wnv_provider *pa,
		  struct vs_mac *mac)
{
	return provider_mac_on(call, pa, pa->uplink, mac);
}

bool provider_lost(const struct vs_call *call, const struct provider_hop *hop)
{
	const struct vs_port_info *port = call->host->port(call, hop->uplink);

	return !port || !port->up;
}

struct wnv_ports provider_down(const struct provider *provider)
{
	struct wnv_ports down;
	unsigned int i;

	for (i = 0; i < VS_PORTS_MAXIMUM / 64; i++)
		down.bits[i] = atomic_load_explicit(&provider->down[i],
						    memory_order_relaxed);
	return down;
}

bool provider_uplink_up(const struct provider *provider,
			struct vs_port_id uplink)
{
	struct wnv_ports down = provider_down(provider);
	uint32_t at = uplink.value % VS_PORTS_MAXIMUM;

	return uplink.value && !(down.bits[at / 64] >> at % 64 & 1);
}

static void set_down(struct provider *provider, uint32_t port, bool down)
{
	uint64_t bit = UINT64_C(1) << port % 64;

	if (down)
		atomic_fetch_or(&provider->down[port / 64], bit);
	else
		atomic_fetch_and(&provider->down[port / 64], ~bit);
}

/* An uplink that went, or is another device, or has another MAC than before,
 * has other neighbours, and they know us no more. */
static void watch_one(const struct vs_call *call, struct provider *provider,
		      struct vs_port_id uplink)
{
	uint32_t at = uplink.value % VS_PORTS_MAXIMUM;
	struct provider_link *link = &provider->link[at];
	const struct vs_port_info *port = call->host->port(call, uplink);
	bool up = port && port->up;
	bool other = up && link->seen &&
		     (port->if_index != link->if_index ||
		      !vs_mac_equal(&port->mac, &link->mac));

	if (up != link->up || !link->looked)
		set_down(provider, at, !up);
	if ((link->up && !up) || other)
		atomic_fetch_add(&link->epoch, 1);
	if (link->looked && (up != link->up || other))
		atomic_fetch_add(&provider->changes, 1);
	link->looked = true;
	link->up = up;
	if (!up)
		return;
	link->seen = true;
	link->if_index = port->if_index;
	link->mac = port->mac;
}

void provider_watch(const struct vs_call *call, struct provider *provider)
{
	struct vs_port_id uplinks[UPLINKS];
	uint16_t i, count;

	count = wnv_provider_uplinks(wnv_state_of(call->state), uplinks,
				     UPLINKS);
	for (i = 0; i < count; i++)
		watch_one(call, provider, uplinks[i]);
}
