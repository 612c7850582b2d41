/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_advance.c: asks for next hops in advance (provider.h).
 *
 * It does what the first frame to each peer would do, without the frame, and
 * so keeps the neighbours of silent VMs fresh too. Before it: shard.c's tick.
 * After it: provider_neighbour.c.
 */
#include "provider.h"

#define GAP_SHORTEST_NS (UINT64_C(1000) * 1000 * 1000)
#define GAP_LONGEST_NS	(30 * GAP_SHORTEST_NS)

/* False: it is silent, or our own PA may not ask yet. Where there is no way
 * at all, asking again would not help. */
static bool visit(const struct vs_call *call, struct provider *provider,
		  const struct wnv_provider *source, uint32_t peer)
{
	struct provider_path path = {.source = source, .peer = peer};
	enum wnv_reason reason;
	struct provider_hop hop;

	switch (provider_resolve(call, provider, &path, &hop, &reason)) {
	case PROVIDER_READY:
		return true;
	case PROVIDER_WAIT:
		return false;
	default:
		return reason != WNV_PA_UNRESOLVED && reason != WNV_UPLINK_DOWN;
	}
}

static void round_end(const struct vs_call *call,
		      struct provider_advance *advance)
{
	advance->next = 0;
	advance->due_ns = call->now_ns + GAP_LONGEST_NS;
	if (!advance->unresolved)
		return;
	advance->due_ns = call->now_ns + advance->gap_ns;
	if (advance->gap_ns < GAP_LONGEST_NS / 2)
		advance->gap_ns *= 2;
	else
		advance->gap_ns = GAP_LONGEST_NS;
}

void provider_advance(const struct vs_call *call, struct provider *provider,
		      struct provider_advance *advance)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	uint32_t sources = wnv_provider_count(state);
	uint32_t total = wnv_peer_count(state) * sources, visited = 0, peer;

	uint32_t changes = atomic_load(&provider->changes);

	if (!advance->gap_ns || advance->serial != wnv_state_serial(state) ||
	    advance->changes != changes)
		*advance = (struct provider_advance){
			.serial = wnv_state_serial(state),
			.changes = changes,
			.due_ns = call->now_ns,
			.gap_ns = GAP_SHORTEST_NS,
		};
	if (call->now_ns < advance->due_ns)
		return;
	if (advance->next == 0)
		advance->unresolved = false;
	while (advance->next < total && visited < ADVANCE_PEERS) {
		peer = advance->next / sources;
		if (!wnv_peer_at(state, peer)->awaited) {
			advance->next = (peer + 1) * sources;
			continue;
		}
		if (!visit(call, provider,
			   wnv_provider_at(state,
					   (uint16_t)(advance->next % sources)),
			   peer))
			advance->unresolved = true;
		advance->next++;
		visited++;
	}
	if (advance->next >= total)
		round_end(call, advance);
}
