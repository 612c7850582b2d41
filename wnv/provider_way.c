/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_way.c: which uplink and which next hop lead from a PA of ours to a
 * remote one (provider_way.h).
 *
 * Before it: provider_neighbour.c, with what it knows of the uplinks. After
 * it: the neighbour table.
 */
#include "provider_way.h"

#include "tables.h"

static bool is_up(const struct wnv_ports *down, struct vs_port_id uplink)
{
	uint32_t at = uplink.value;

	return at && !(down && down->bits[at / 64] >> at % 64 & 1);
}

static bool on_link(const struct wnv_provider *provider,
		    const struct wnv_pa *target)
{
	struct vs_prefix link =
		wnv_prefix_of(&provider->pa.ip, provider->prefix_length);

	return vs_prefix_contains(&link, &target->ip);
}

static bool same_family(const struct wnv_pa *a, const struct wnv_pa *b)
{
	return vs_ip_is_v4(&a->ip) == vs_ip_is_v4(&b->ip);
}

/*
 * Of the best usable routes the source's own uplink's, then the first. They
 * are sorted by length, then metric.
 */
static const struct wnv_provider_route *
best_route(const struct wnv_state *state, const struct wnv_provider *source,
	   const struct wnv_pa *target, const struct wnv_ports *down, bool *any)
{
	const struct wnv_provider_route *route, *best = NULL;
	uint16_t i;

	for (i = 0; i < state->provider_route_count; i++) {
		route = &state->provider_routes[i];
		if (best && (route->prefix.length != best->prefix.length ||
			     route->metric != best->metric))
			break;
		if (!vs_prefix_contains(&route->prefix, &target->ip))
			continue;
		*any = true;
		if (!is_up(down, route->uplink))
			continue;
		if (vs_port_equal(route->uplink, source->uplink))
			return route;
		if (!best)
			best = route;
	}
	return best;
}

/* Who of ours stands on the link to the hop: its VLAN, and who asks. */
static const struct wnv_provider *via(const struct wnv_state *state,
				      const struct wnv_provider *source,
				      struct vs_port_id uplink,
				      const struct wnv_pa *hop)
{
	const struct wnv_provider *own, *some = NULL;
	uint16_t i;

	if (vs_port_equal(source->uplink, uplink)) {
		if (on_link(source, hop))
			return source;
		some = source;
	}
	for (i = 0; i < state->provider_count; i++) {
		own = &state->providers[i];
		if (!vs_port_equal(own->uplink, uplink) ||
		    !same_family(&own->pa, hop))
			continue;
		if (on_link(own, hop))
			return own;
		if (!some)
			some = own;
	}
	return some ? some : source;
}

/* Another PA of ours stands on the target's link. */
static const struct wnv_provider *neighbour(const struct wnv_state *state,
					    const struct wnv_pa *target,
					    const struct wnv_ports *down,
					    bool *any)
{
	uint16_t i;

	for (i = 0; i < state->provider_count; i++) {
		if (!on_link(&state->providers[i], target))
			continue;
		*any = true;
		if (is_up(down, state->providers[i].uplink))
			return &state->providers[i];
	}
	return NULL;
}

enum wnv_pa_way_result wnv_provider_way(const struct wnv_state *state,
					const struct wnv_provider *source,
					const struct wnv_pa *target,
					const struct wnv_ports *down,
					struct wnv_pa_way *way)
{
	const struct wnv_provider_route *route;
	bool any = false;

	*way = (struct wnv_pa_way){source, source->uplink, *target};
	if (!same_family(&source->pa, target))
		return WNV_PA_WAY_FAMILY;
	/* who listens does so where its own PA stands (group.h) */
	if (vs_ip_is_group(&target->ip))
		return is_up(down, source->uplink) ? WNV_PA_WAY_FOUND
						   : WNV_PA_WAY_DOWN;
	if (on_link(source, target)) {
		any = true;
		if (is_up(down, source->uplink))
			return WNV_PA_WAY_FOUND;
	}
	route = best_route(state, source, target, down, &any);
	if (route) {
		if (wnv_pa_is_set(&route->next_hop))
			way->hop = route->next_hop;
		way->uplink = route->uplink;
		way->via = via(state, source, route->uplink, &way->hop);
		return WNV_PA_WAY_FOUND;
	}
	way->via = neighbour(state, target, down, &any);
	if (!way->via)
		return any ? WNV_PA_WAY_DOWN : WNV_PA_WAY_NONE;
	way->uplink = way->via->uplink;
	return WNV_PA_WAY_FOUND;
}

static uint16_t add_uplink(struct vs_port_id *uplinks, uint16_t count,
			   uint16_t room, struct vs_port_id uplink)
{
	uint16_t i;

	for (i = 0; i < count; i++)
		if (vs_port_equal(uplinks[i], uplink))
			return count;
	if (!uplink.value || count == room)
		return count;
	uplinks[count] = uplink;
	return (uint16_t)(count + 1);
}

uint16_t wnv_provider_uplinks(const struct wnv_state *state,
			      struct vs_port_id *uplinks, uint16_t room)
{
	uint16_t i, count = 0;

	for (i = 0; i < state->provider_count; i++)
		count = add_uplink(uplinks, count, room,
				   state->providers[i].uplink);
	for (i = 0; i < state->provider_route_count; i++)
		count = add_uplink(uplinks, count, room,
				   state->provider_routes[i].uplink);
	return count;
}

const struct wnv_provider_route *
wnv_provider_route_find(const struct wnv_state *state, const char *device,
			const struct vs_prefix *prefix)
{
	const struct wnv_provider_route *route;
	uint16_t i;

	for (i = 0; i < state->provider_route_count; i++) {
		route = &state->provider_routes[i];
		if (wnv_prefix_equal(&route->prefix, prefix) &&
		    strncmp(route->device, device, sizeof(route->device)) == 0)
			return route;
	}
	return NULL;
}
