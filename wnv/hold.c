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

/* What waits: of one VSID, or of all. */
struct hold_use {
	uint32_t hops, frames, large;
};

static struct hold *hold_find(struct hold holds[HOLDS],
			      const struct provider_hop *hop,
			      struct vs_vsid vsid)
{
	unsigned int i;

	for (i = 0; i < HOLDS; i++)
		if (holds[i].count && vs_vsid_equal(holds[i].vsid, vsid) &&
		    hop_equal(&holds[i].hop, hop))
			return &holds[i];
	return NULL;
}

static struct hold *hold_empty(struct hold holds[HOLDS])
{
	unsigned int i;

	for (i = 0; i < HOLDS; i++)
		if (!holds[i].count)
			return &holds[i];
	return NULL;
}

static void use_add(struct hold_use *use, const struct hold *hold)
{
	use->hops++;
	use->frames += hold->count;
	use->large += hold->large;
}

static enum hold_answer share(uint32_t own, uint32_t all, uint32_t most)
{
	if (!own)
		return all < most ? HOLD_KEPT : HOLD_FULL;
	return all < most && 2 * own < most - all ? HOLD_KEPT : HOLD_SHARE;
}

/* May one more frame wait, in `hold` or, NULL, in a new one? */
static enum hold_answer judge(const struct hold holds[HOLDS],
			      const struct hold *hold,
			      const struct vs_view *view)
{
	struct hold_use own = {0}, all = {0};
	enum hold_answer answer;
	unsigned int i;

	if (hold && (hold->count == HOLD_FRAMES ||
		     hold->bytes + view->size > HOLD_BYTES))
		return HOLD_FULL;
	for (i = 0; i < HOLDS; i++) {
		if (!holds[i].count)
			continue;
		use_add(&all, &holds[i]);
		if (vs_vsid_equal(holds[i].vsid, view->vsid))
			use_add(&own, &holds[i]);
	}
	answer = share(own.frames, all.frames, HOLD_ALL);
	if (answer == HOLD_KEPT && !hold)
		answer = share(own.hops, all.hops, HOLDS);
	if (answer == HOLD_KEPT && view->size > HOLD_SMALL)
		answer = share(own.large, all.large, HOLD_LARGE);
	return answer;
}

static void hold_begin(const struct vs_call *call, struct hold *hold,
		       const struct provider_hop *hop, struct vs_vsid vsid)
{
	hold->hop = *hop;
	hold->vsid = vsid;
	hold->bytes = 0;
	hold->large = 0;
	hold->deadline_ns =
		call->now_ns + (hop->early ? HOLD_EARLY_NS : HOLD_NS);
	hold->repeat_ns = call->now_ns + HOLD_REPEAT_NS;
}

enum hold_answer wnv_hold_put(const struct vs_call *call,
			      struct hold holds[HOLDS],
			      struct vs_outbound *outbound,
			      const struct provider_hop *hop, uint16_t tally)
{
	const struct vs_view *view = vs_view(vs_outbound_frame(outbound));
	struct hold *hold = hold_find(holds, hop, view->vsid);
	enum hold_answer answer = judge(holds, hold, view);

	if (answer != HOLD_KEPT)
		return answer;
	if (!hold)
		hold = hold_empty(holds);
	if (!hold || call->host->hold_outbound(call, outbound,
					       &hold->frames[hold->count]) != 0)
		return HOLD_FULL;
	if (!hold->count)
		hold_begin(call, hold, hop, view->vsid);
	hold->tally[hold->count++] = tally;
	hold->bytes += view->size;
	hold->large = (uint16_t)(hold->large + (view->size > HOLD_SMALL));
	return HOLD_KEPT;
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
	const struct provider_hop known = *hop; /* it may be a hold's own */
	unsigned int i;

	for (i = 0; i < HOLDS; i++)
		if (holds[i].count && hop_equal(&holds[i].hop, &known))
			hold_resume(call, &holds[i]);
}

/* Of those that wait for one hop, one asks. */
static bool is_asking(const struct hold holds[HOLDS], unsigned int at)
{
	unsigned int i;

	for (i = 0; i < at; i++)
		if (holds[i].count && hop_equal(&holds[i].hop, &holds[at].hop))
			return false;
	return true;
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
			if (is_asking(holds, i))
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
