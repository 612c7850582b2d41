/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_way.h: which uplink and which next hop lead from a PA of ours to a
 * remote one (hnv.md A3.12, A3.13). Answered from one state, like policy.h;
 * what is up is the caller's to know (provider.h).
 */
#ifndef WNV_PROVIDER_WAY_H
#define WNV_PROVIDER_WAY_H

#include "policy.h"

/* Ports that can't be used now, by id. */
struct wnv_ports {
	uint64_t bits[VS_PORTS_MAXIMUM / 64];
};

/* How to reach a remote PA. */
struct wnv_pa_way {
	const struct wnv_provider *via; /* ours on that link; or the source */
	struct vs_port_id uplink;
	struct wnv_pa hop; /* whose MAC is needed */
};

enum wnv_pa_way_result {
	WNV_PA_WAY_FOUND,
	WNV_PA_WAY_NONE,  /* no link and no route leads there */
	WNV_PA_WAY_DOWN,  /* some do, but their uplinks are down */
	WNV_PA_WAY_FAMILY /* one is IPv4, the other IPv6 */
};

/*
 * wnv_provider_way - from `source` to `target`: on the source's own link; else
 * by the best provider route whose uplink is not in `down` (longest prefix,
 * then lowest metric, then the source's own uplink); else on the link of
 * another PA of ours. To a group only by the source's own uplink.
 * `down` may be NULL.
 */
enum wnv_pa_way_result wnv_provider_way(const struct wnv_state *state,
					const struct wnv_provider *source,
					const struct wnv_pa *target,
					const struct wnv_ports *down,
					struct wnv_pa_way *way);

/* wnv_provider_route_find - the route of that uplink, for lists; or NULL. */
const struct wnv_provider_route *
wnv_provider_route_find(const struct wnv_state *state, const char *device,
			const struct vs_prefix *prefix);

/* wnv_provider_uplinks - uplinks that PAs and routes name: up to `room` ids,
 * each once; returns how many. */
uint16_t wnv_provider_uplinks(const struct wnv_state *state,
			      struct vs_port_id *uplinks, uint16_t room);

#endif
