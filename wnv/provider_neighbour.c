/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_neighbour.c: which MAC a next hop has: the states of provider.h,
 * whatever the family, and the way that a path takes.
 *
 * Before it: translate_out.c (a path is wanted), hold.c (ask again). After it:
 * provider_message.h says the question; provider_hear.c hears the answer.
 */
#include "group.h"
#include "provider_slot.h"

#define PATH_NS	     (UINT64_C(100) * 1000 * 1000)
#define SUPPRESS_MS  2000u /* since asked: 1 s of waiting, 1 s of silence */
#define REFRESH_MS   30000u
#define CHECK_GAP_MS 1000u
#define CHECKS	     5u
#define UNICASTS     3u /* the first checks go to the known MAC only */

bool provider_neighbour(struct provider *provider,
			const struct provider_hop *hop, uint64_t now_ns,
			struct neighbour_value *value)
{
	struct neighbour_key key = provider_hop_key(hop);

	return vs_table_find(provider->neighbours, &key, now_ns, value) &&
	       value->epoch == provider_epoch(provider, hop->uplink);
}

void provider_neighbour_set(const struct vs_call *call,
			    struct provider *provider,
			    const struct provider_hop *hop,
			    struct neighbour_value value)
{
	struct neighbour_key key = provider_hop_key(hop);
	struct vs_table_item item = {.key = &key, .value = &value};

	value.epoch = provider_epoch(provider, hop->uplink);
	if (!call->tracing)
		vs_table_learn(provider->neighbours, &item, call->now_ns, NULL);
}

/* Everybody, or, with `mac`, the one who had the address. */
static void ask(const struct vs_call *call, const struct provider_hop *hop,
		const struct vs_mac *mac)
{
	const struct wnv_provider *source =
		wnv_provider_find(wnv_state_of(call->state), &hop->source);
	struct provider_speech speech = {
		.what = PROVIDER_ASKS,
		.uplink = hop->uplink,
		.vlan = hop->vlan,
		.pa = hop->source,
		.other = hop->hop,
	};

	if (mac)
		speech.to = *mac;
	if (!call->tracing && source &&
	    provider_mac_on(call, source, hop->uplink, &speech.mac))
		provider_say(call, &speech);
}

bool provider_known(const struct vs_call *call, struct provider *provider,
		    const struct provider_hop *hop)
{
	struct neighbour_value value;

	return provider_neighbour(provider, hop, call->now_ns, &value) &&
	       value.state != NEIGHBOUR_ASKED;
}

static void start_asking(const struct vs_call *call, struct provider *provider,
			 const struct provider_hop *hop)
{
	provider_neighbour_set(
		call, provider, hop,
		(struct neighbour_value){
			.state = NEIGHBOUR_ASKED,
			.since_ms = (uint32_t)provider_now_ms(call)});
	ask(call, hop, NULL);
}

void provider_ask(const struct vs_call *call, struct provider *provider,
		  const struct provider_hop *hop)
{
	const struct wnv_provider *source =
		wnv_provider_find(wnv_state_of(call->state), &hop->source);
	struct neighbour_value value;
	enum wnv_reason reason;

	if (!source || !provider_may_send(call, source, &reason))
		return;
	if (provider_neighbour(provider, hop, call->now_ns, &value))
		ask(call, hop, NULL);
	else
		start_asking(call, provider, hop);
}

/* A MAC that is old and still in use: is it true yet? */
static enum provider_answer check(const struct vs_call *call,
				  struct provider *provider,
				  const struct provider_hop *hop,
				  struct neighbour_value *value)
{
	uint32_t now = (uint32_t)provider_now_ms(call);
	uint32_t age = now - value->since_ms;

	if (value->state == NEIGHBOUR_GOOD) {
		if (age < REFRESH_MS)
			return PROVIDER_READY;
		value->state = NEIGHBOUR_CHECKED;
		value->tries = 0;
		value->since_ms = now;
		age = 0;
	}
	if (age < value->tries * CHECK_GAP_MS)
		return PROVIDER_READY;
	if (value->tries >= CHECKS) {
		start_asking(call, provider, hop);
		return PROVIDER_WAIT;
	}
	ask(call, hop, value->tries < UNICASTS ? &value->mac : NULL);
	value->tries++;
	provider_neighbour_set(call, provider, hop, *value);
	return PROVIDER_READY;
}

static enum provider_answer find(const struct vs_call *call,
				 struct provider *provider,
				 const struct provider_hop *hop,
				 struct vs_mac *mac)
{
	struct neighbour_value value;
	uint32_t age;

	if (vs_ip_is_group(&hop->hop.ip)) {
		*mac = wnv_group_mac(&hop->hop);
		return PROVIDER_READY;
	}
	if (!provider_neighbour(provider, hop, call->now_ns, &value)) {
		start_asking(call, provider, hop);
		return PROVIDER_WAIT;
	}
	if (value.state != NEIGHBOUR_ASKED) {
		*mac = value.mac;
		return check(call, provider, hop, &value);
	}
	age = (uint32_t)provider_now_ms(call) - value.since_ms;
	if (age < NEIGHBOUR_WAIT_MS)
		return PROVIDER_WAIT;
	if (age < SUPPRESS_MS)
		return PROVIDER_DROP;
	start_asking(call, provider, hop);
	return PROVIDER_WAIT;
}

/* The way, as a hop to ask for; WNV_REASONS, or why there is none. */
static enum wnv_reason choose(const struct vs_call *call,
			      const struct provider *provider,
			      const struct wnv_provider *source,
			      const struct wnv_pa *target,
			      struct provider_hop *hop)
{
	static const enum wnv_reason reasons[] = {
		[WNV_PA_WAY_NONE] = WNV_PA_NO_ROUTE,
		[WNV_PA_WAY_DOWN] = WNV_UPLINK_DOWN,
		[WNV_PA_WAY_FAMILY] = WNV_PA_FAMILY,
	};
	const struct wnv_state *state = wnv_state_of(call->state);
	struct wnv_ports down = provider_down(provider);
	enum wnv_reason why;
	struct wnv_pa_way way;
	enum wnv_pa_way_result result =
		wnv_provider_way(state, source, target, &down, &way);

	*hop = (struct provider_hop){.source = source->pa};
	if (result != WNV_PA_WAY_FOUND)
		return reasons[result];
	hop->hop = way.hop;
	hop->uplink = way.uplink;
	hop->vlan = way.via->vlan;
	if (provider_may_send(call, way.via, &why))
		hop->source = way.via->pa;
	return WNV_REASONS;
}

enum provider_answer provider_reach(const struct vs_call *call,
				    struct provider *provider,
				    const struct wnv_provider *source,
				    const struct wnv_pa *target,
				    struct provider_reach *reach)
{
	struct provider_hop *hop = &reach->hop;

	reach->reason = choose(call, provider, source, target, hop);
	if (reach->reason != WNV_REASONS)
		return PROVIDER_DROP;
	reach->reason = WNV_UPLINK_DOWN;
	if (!provider_mac_on(call, source, hop->uplink, &reach->source_mac))
		return PROVIDER_DROP;
	if (!provider_may_send(call, source, &reach->reason)) {
		hop->early = reach->reason == WNV_REASONS;
		if (hop->early &&
		    provider_mac(call, source, &reach->source_mac))
			return PROVIDER_WAIT;
		if (hop->early) /* what it waits for can't happen */
			reach->reason = WNV_UPLINK_DOWN;
		return PROVIDER_DROP;
	}
	reach->reason = WNV_PA_UNRESOLVED;
	return find(call, provider, hop, &reach->hop_mac);
}

enum provider_answer provider_resolve(const struct vs_call *call,
				      struct provider *provider,
				      struct provider_path *path,
				      struct provider_hop *hop,
				      enum wnv_reason *reason)
{
	const struct wnv_provider *source = path->source;
	const struct wnv_peer *peer =
		wnv_peer_at(wnv_state_of(call->state), path->peer);
	struct provider_reach reach;
	enum provider_answer answer =
		provider_reach(call, provider, source, &peer->pa, &reach);

	*hop = reach.hop;
	*reason = reach.reason;
	if (answer != PROVIDER_READY)
		return answer;
	codec_path_make(&path->codec,
			&(struct codec_ends){
				.source_mac = reach.source_mac,
				.hop_mac = reach.hop_mac,
				.source = source->pa,
				.target = peer->pa,
				.vlan = hop->vlan,
				.kind = (enum codec_kind)path->kind,
				.flowid = peer->flowid,
			});
	path->uplink = hop->uplink;
	path->expires_ns = call->now_ns + PATH_NS;
	return PROVIDER_READY;
}
