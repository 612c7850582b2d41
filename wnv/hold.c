/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold.c: the waiting room of hold.h.
 *
 * Before it: translate_out.c puts. After it: translate_out.c again
 * (translate_resume), with whatever policy says by then.
 */
#include "hold.h"

#include "translate.h"

static bool hop_equal(const struct provider_hop *a,
		      const struct provider_hop *b)
{
	return vs_port_equal(a->uplink, b->uplink) && a->vlan == b->vlan &&
	       wnv_pa_equal(&a->hop, &b->hop);
}

static struct hold *hold_find(struct hold holds[HOLDS],
			      const struct provider_hop *hop)
{
	struct hold *empty = NULL;
	unsigned int i;

	for (i = 0; i < HOLDS; i++) {
		if (!holds[i].count)
			empty = empty ? empty : &holds[i];
		else if (hop_equal(&holds[i].hop, hop))
			return &holds[i];
	}
	return empty;
}

bool wnv_hold_put(const struct vs_call *call, struct hold holds[HOLDS],
		  struct vs_outbound *outbound, const struct provider_hop *hop,
		  uint16_t tally)
{
	uint32_t size = vs_view(vs_outbound_frame(outbound))->size;
	struct hold *hold = hold_find(holds, hop);

	if (!hold || hold->count == HOLD_FRAMES ||
	    (hold->count && hold->bytes + size > HOLD_BYTES))
		return false;
	if (call->host->hold_outbound(call, outbound,
				      &hold->frames[hold->count]) != 0)
		return false;
	if (!hold->count) {
		hold->hop = *hop;
		hold->bytes = 0;
		hold->deadline_ns =
			call->now_ns + (hop->early ? HOLD_EARLY_NS : HOLD_NS);
		hold->repeat_ns = call->now_ns + HOLD_REPEAT_NS;
	}
	hold->tally[hold->count++] = tally;
	hold->bytes += size;
	return true;
}

/* The queue is emptied before its frames are translated again: none of them
 * can come back into it. */
static void hold_resume(const struct vs_call *call, struct hold *hold)
{
	uint16_t i, count = hold->count;

	hold->count = 0;
	for (i = 0; i < count; i++)
		translate_resume(call, hold->frames[i]);
}

static void hold_give_up(const struct vs_call *call, struct hold *hold,
			 struct provider *provider)
{
	uint16_t i;

	for (i = 0; i < hold->count; i++) {
		tally_drop(call, provider->tallies, hold->tally[i]);
		call->host->release(call, hold->frames[i], VS_DROP,
				    VS_REASON(WNV_PA_UNRESOLVED));
	}
	hold->count = 0;
}

void wnv_hold_release(const struct vs_call *call, struct hold holds[HOLDS],
		      const struct provider_hop *hop)
{
	struct hold *hold = hold_find(holds, hop);

	if (hold && hold->count)
		hold_resume(call, hold);
}

uint64_t wnv_hold_tick(const struct vs_call *call, struct hold holds[HOLDS],
		       struct provider *provider)
{
	uint64_t next = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < HOLDS; i++) {
		struct hold *hold = &holds[i];

		if (!hold->count)
			continue;
		if (provider_known(call, provider, &hold->hop) ||
		    provider_lost(call, &hold->hop)) {
			hold_resume(call, hold);
			continue;
		}
		if (call->now_ns >= hold->deadline_ns) {
			hold_give_up(call, hold, provider);
			continue;
		}
		if (call->now_ns >= hold->repeat_ns) {
			provider_ask(call, provider, &hold->hop);
			hold->repeat_ns = call->now_ns + HOLD_REPEAT_NS;
		}
		if (hold->repeat_ns < next)
			next = hold->repeat_ns;
		if (hold->deadline_ns < next)
			next = hold->deadline_ns;
	}
	return next;
}
