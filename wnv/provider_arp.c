/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_arp.c: ARP of the provider side: who asks for our owned PAs, and
 * which MAC the next hops have.
 *
 * Before it: translate_in.c (ARP from an uplink), translate_out.c (a path is
 * wanted). After it: the uplink; hold.c, when an answer came.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "provider_slot.h"

#define PATH_NS	     (UINT64_C(100) * 1000 * 1000)
#define SUPPRESS_MS  2000u /* since asked: 1 s of waiting, 1 s of silence */
#define REFRESH_MS   30000u
#define CHECK_GAP_MS 1000u
#define CHECKS	     5u
#define UNICASTS     3u /* the first checks go to the known MAC only */

static const struct vs_mac broadcast = {{255, 255, 255, 255, 255, 255}};

void provider_send(const struct vs_call *call, struct vs_port_id uplink,
		   const struct provider_arp *arp)
{
	static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};
	const struct vs_port_id nobody = {0};
	struct vs_frame *frame = call->host->frame_new(
		call, VS_ETHERNET_SIZE + VS_ARP_SIZE, (struct vs_vsid){0});
	uint8_t *p;

	if (!frame)
		return;
	p = vs_frame_edit(frame, 0, VS_ETHERNET_SIZE + VS_ARP_SIZE);
	memcpy(p, arp->to.octet, 6);
	memcpy(p + 6, arp->sender_mac.octet, 6);
	vs_store16(p + 12, VS_TYPE_ARP);
	memcpy(p + 14, head, sizeof(head));
	vs_store16(p + 20, arp->operation);
	memcpy(p + 22, arp->sender_mac.octet, 6);
	memcpy(p + 28, arp->sender.octet + 12, 4);
	memcpy(p + 32, arp->target_mac.octet, 6);
	memcpy(p + 38, arp->target.octet + 12, 4);
	call->host->emit(call, frame, VS_EMIT_UPLINK, uplink, nobody);
}

static struct neighbour_key key_of(const struct provider_hop *hop)
{
	return (struct neighbour_key){hop->hop, hop->uplink.value};
}

static void neighbour_set(const struct vs_call *call, struct provider *provider,
			  const struct provider_hop *hop,
			  struct neighbour_value value)
{
	struct neighbour_key key = key_of(hop);
	struct vs_table_item item = {.key = &key, .value = &value};

	if (!call->tracing)
		vs_table_learn(provider->neighbours, &item, call->now_ns, NULL);
}

/* To everybody, or, with `mac`, to the one who had the address. */
static void ask(const struct vs_call *call, const struct provider_hop *hop,
		const struct vs_mac *mac)
{
	const struct wnv_provider *source =
		wnv_provider_find(wnv_state_of(call->state), &hop->source);
	struct provider_arp arp = {
		.to = mac ? *mac : broadcast,
		.sender = hop->source.ip,
		.target = hop->hop.ip,
		.operation = ARP_REQUEST,
	};

	if (!call->tracing && source &&
	    provider_mac(call, source, &arp.sender_mac))
		provider_send(call, hop->uplink, &arp);
}

bool provider_known(const struct vs_call *call, struct provider *provider,
		    const struct provider_hop *hop)
{
	struct neighbour_key key = key_of(hop);
	struct neighbour_value value;

	return vs_table_find(provider->neighbours, &key, call->now_ns,
			     &value) &&
	       value.state != NEIGHBOUR_ASKED;
}

static void start_asking(const struct vs_call *call, struct provider *provider,
			 const struct provider_hop *hop)
{
	neighbour_set(call, provider, hop,
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
	struct neighbour_key key = key_of(hop);
	struct neighbour_value value;
	enum wnv_reason reason;

	if (!source || !provider_may_send(call, source, &reason))
		return;
	if (vs_table_find(provider->neighbours, &key, call->now_ns, &value))
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
	neighbour_set(call, provider, hop, *value);
	return PROVIDER_READY;
}

static enum provider_answer neighbour_find(const struct vs_call *call,
					   struct provider *provider,
					   const struct provider_hop *hop,
					   struct vs_mac *mac)
{
	struct neighbour_key key = key_of(hop);
	struct neighbour_value value;
	uint32_t age;

	if (!vs_table_find(provider->neighbours, &key, call->now_ns, &value)) {
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

enum provider_answer provider_resolve(const struct vs_call *call,
				      struct provider *provider,
				      struct provider_path *path,
				      struct provider_hop *hop,
				      enum wnv_reason *reason)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_provider *source = path->source;
	const struct wnv_peer *peer = wnv_peer_at(state, path->peer);
	const struct wnv_pa *target = &peer->pa;
	enum provider_answer answer;
	struct vs_mac own, mac;

	*reason = WNV_PA_NO_ROUTE;
	*hop = (struct provider_hop){.source = source->pa,
				     .uplink = source->uplink};
	if (vs_ip_is_v4(&target->ip) != vs_ip_is_v4(&source->pa.ip) ||
	    source->uplink.value == 0 ||
	    !wnv_provider_next_hop(state, source, target, &hop->hop))
		return PROVIDER_DROP;
	*reason = WNV_UPLINK_DOWN;
	if (!provider_mac(call, source, &own))
		return PROVIDER_DROP;
	if (!provider_may_send(call, source, reason)) {
		hop->early = *reason == WNV_REASONS;
		return hop->early ? PROVIDER_WAIT : PROVIDER_DROP;
	}
	*reason = WNV_PA_UNRESOLVED;
	answer = neighbour_find(call, provider, hop, &mac);
	if (answer != PROVIDER_READY)
		return answer;
	codec_path_make(&path->codec,
			&(struct codec_ends){
				.source_mac = own,
				.hop_mac = mac,
				.source = source->pa,
				.target = peer->pa,
				.kind = (enum codec_kind)path->kind,
				.flowid = peer->flowid,
			});
	path->uplink = source->uplink;
	path->expires_ns = call->now_ns + PATH_NS;
	return PROVIDER_READY;
}

/* What an ARP packet from an uplink says. */
struct heard {
	struct vs_mac to, sender_mac;
	struct wnv_pa sender, target;
	uint16_t operation;
};

static bool hear(const struct vs_frame *frame, struct heard *heard)
{
	static const uint8_t head[8] = {8, 6, 0, 1, 8, 0, 6, 4};
	const uint8_t *p =
		vs_frame_at(frame, 0, VS_ETHERNET_SIZE + VS_ARP_SIZE);

	if (!p || memcmp(p + 12, head, sizeof(head)) != 0)
		return false;
	memcpy(heard->to.octet, p, 6);
	memcpy(heard->sender_mac.octet, p + 22, 6);
	heard->operation = vs_load16(p + 20);
	heard->sender.ip = vs_ip_from_v4(p + 28);
	heard->target.ip = vs_ip_from_v4(p + 38);
	return !vs_mac_is_group(&heard->sender_mac) &&
	       !vs_mac_is_zero(&heard->sender_mac);
}

/* Only those that were asked for are known; see provider.h. */
static void learn(const struct vs_call *call, struct provider *provider,
		  const struct heard *heard, struct provider_hop *hop)
{
	struct provider_hop known = {
		.source = heard->target,
		.hop = heard->sender,
		.uplink = hop->uplink,
	};
	const struct wnv_peer *peer =
		wnv_peer_find(wnv_state_of(call->state), &heard->sender);
	struct neighbour_key key = key_of(&known);
	struct neighbour_value value;

	hop->uplink.value = 0;
	if (!vs_table_find(provider->neighbours, &key, call->now_ns, &value))
		return;
	if (peer)
		tally_heard(call, provider->tallies, peer->tally);
	neighbour_set(call, provider, &known,
		      (struct neighbour_value){
			      .mac = heard->sender_mac,
			      .state = NEIGHBOUR_GOOD,
			      .since_ms = (uint32_t)provider_now_ms(call)});
	*hop = known;
}

static void answer_request(const struct vs_call *call,
			   const struct wnv_provider *pa,
			   const struct heard *heard)
{
	struct provider_arp arp = {
		.to = heard->sender_mac,
		.sender = pa->pa.ip,
		.target_mac = heard->sender_mac,
		.target = heard->sender.ip,
		.operation = ARP_REPLY,
	};
	enum wnv_reason reason = WNV_REASONS;

	if (!provider_may_send(call, pa, &reason) && reason == WNV_PA_DUPLICATE)
		return;
	if (provider_mac(call, pa, &arp.sender_mac))
		provider_send(call, pa->uplink, &arp);
}

/* RFC 5227 2.1.1, 2.4: somebody uses our address, or wants to. */
static bool is_claim(const struct vs_call *call, const struct heard *heard,
		     const struct wnv_provider *pa)
{
	struct vs_mac mac;

	if (!provider_mac(call, pa, &mac) ||
	    vs_mac_equal(&mac, &heard->sender_mac))
		return false;
	return wnv_pa_equal(&heard->sender, &pa->pa) ||
	       (vs_ip_is_unspecified(&heard->sender.ip) &&
		heard->operation == ARP_REQUEST &&
		provider_pa_state(pa) == PROVIDER_TENTATIVE);
}

bool provider_arp(const struct vs_call *call, struct provider *provider,
		  const struct vs_frame *frame, struct provider_hop *resolved)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_provider *target, *sender;
	struct heard heard;

	resolved->uplink.value = 0;
	if (!hear(frame, &heard))
		return false;
	sender = wnv_provider_find(state, &heard.sender);
	target = wnv_provider_find(state, &heard.target);
	if (sender && sender->owned && is_claim(call, &heard, sender))
		provider_conflict(call, sender, &heard.sender_mac);
	if (!sender) {
		resolved->uplink = vs_view(frame)->port;
		learn(call, provider, &heard, resolved);
	}
	if (!target)
		return false;
	if (heard.operation == ARP_REPLY)
		return true;
	if (!target->owned)
		return false;
	if (heard.operation == ARP_REQUEST && !sender) {
		if (is_claim(call, &heard, target))
			provider_conflict(call, target, &heard.sender_mac);
		answer_request(call, target, &heard);
	}
	return true;
}
