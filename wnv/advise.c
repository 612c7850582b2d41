/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advise.c: see advise.h. Everything here is off the fast path: it runs for
 * frames that are dropped, and for messages.
 */
#include "advise.h"

#include <stdio.h>

#include <vswitch/wire.h>

#include "control.h"
#include "redirects.h"
#include "resolve.h"
#include "shard.h"
#include "wrapped.h"

/* -- told ------------------------------------------------------------------ */

/* The record of whom the frame is for, by address, else by MAC. */
static const struct wnv_record *record_of(const struct wnv_state *state,
					  struct vs_vsid vsid,
					  const struct wnv_ca *ca,
					  const struct vs_mac *mac,
					  struct wnv_dynamic *dynamic)
{
	const struct wnv_record *record = wnv_resolve(state, vsid, ca, dynamic);

	return record ? record : wnv_record_by_mac(state, vsid, mac);
}

/* Can traffic go there by a tunnel? */
static bool is_elsewhere(const struct wnv_record *record)
{
	return record->peer != WNV_NONE && record->flags & WNV_RECORD_USABLE &&
	       wnv_rule_tunnels(record->rule);
}

/* What there is to say; false: nothing. */
static bool compose(const struct wnv_state *state,
		    const struct codec_packet *packet,
		    const struct wnv_inner *inner, uint64_t now_ns,
		    struct control_message *message)
{
	struct wnv_dynamic dynamic = {.now_ns = now_ns};
	const struct wnv_record *record =
		record_of(state, packet->vsid, &inner->target,
			  &inner->target_mac, &dynamic);

	/* it lives here, and only its port is away: policies agree */
	if (record && record->flags & WNV_RECORD_LOCAL)
		return false;
	*message = (struct control_message){
		.kind = CONTROL_UNREACHABLE,
		.from = packet->target,
		.to = packet->source,
	};
	if (record && is_elsewhere(record) &&
	    vs_ip_is_v4(&record->pa.ip) == vs_ip_is_v4(&packet->target.ip)) {
		message->kind = CONTROL_REDIRECT;
		message->to = record->pa;
	}
	return true;
}

/* May the peer be told about this VSID? */
static bool may_tell(const struct wnv_state *state,
		     const struct wnv_subnet *subnet,
		     const struct wnv_peer *peer)
{
	if (!subnet)
		return true;
	return wnv_network_redirect(state, subnet->network) !=
		       WNV_REDIRECT_OFF &&
	       wnv_network_names(state, subnet->network, peer);
}

static void tell(const struct vs_call *call, const struct advise_packet *stray,
		 const struct wnv_peer *peer,
		 const struct control_message *message)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_provider *source =
		wnv_provider_find(state, &stray->packet->target);
	const struct shard_target target = {
		wnv_peer_index(state, peer),
		(enum codec_kind)stray->outer->kind};
	const struct control_bytes quote = {
		stray->view->data + stray->outer->l3,
		stray->packet->end - stray->outer->l3};
	struct control_macs macs;
	uint8_t bytes[CONTROL_FRAME];
	struct shard_way way;

	if (!source ||
	    shard_path(call, source, &target, &way) != PROVIDER_READY)
		return;
	memcpy(macs.source.octet, stray->view->data, 6);
	memcpy(macs.target.octet, stray->view->data + 6, 6);
	wrapped_emit(call, way.path, (struct vs_vsid){VS_VSID_CONTROL},
		     &(struct wrapped){bytes, control_write(message, &macs,
							    &quote, bytes)});
}

void advise_send(const struct vs_call *call, const struct advise_packet *stray,
		 const struct wnv_inner *inner)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	struct redirects *redirects = wnv_state_redirects(state);
	const struct codec_packet *packet = stray->packet;
	const struct wnv_peer *peer = wnv_peer_find(state, &packet->source);
	const struct redirects_news news = {packet->source, packet->vsid,
					    inner->target_mac};
	struct control_message message;

	if (call->tracing || !redirects || !peer || !inner->ip ||
	    vs_mac_is_group(&inner->target_mac) ||
	    !redirects_is_news(redirects, &news, call->now_ns) ||
	    !may_tell(state, wnv_subnet_find(state, packet->vsid), peer) ||
	    !compose(state, packet, inner, call->now_ns, &message) ||
	    !redirects_spend(redirects, REDIRECTS_TOLD, &packet->source,
			     call->now_ns))
		return;
	tell(call, stray, peer, &message);
}

/* -- heard ----------------------------------------------------------------- */

/* What a message is about, in this host's policy. */
struct matter {
	const struct wnv_state *state;
	const struct wnv_subnet *subnet;
	const struct wnv_record *record;
	struct wnv_dynamic dynamic; /* where a learned record lies */
};

/* Is it about a packet that one of our VMs sent from this PA of ours? A routed
 * one has its gateway's MAC. */
static bool is_ours(const struct matter *matter,
		    const struct codec_packet *packet,
		    const struct control_quote *quote)
{
	const struct wnv_record *sender = wnv_record_by_mac(
		matter->state, quote->vsid, &quote->source_mac);

	if (quote->has_outer &&
	    (!wnv_pa_equal(&quote->source, &packet->target) ||
	     !wnv_pa_equal(&quote->target, &packet->source)))
		return false;
	return (sender && sender->flags & WNV_RECORD_LOCAL) ||
	       vs_mac_equal(&quote->source_mac, &matter->subnet->gateway_mac);
}

/* Does our traffic for the VM go to who says so? */
static bool is_at(const struct matter *matter, const struct wnv_pa *pa,
		  uint64_t now_ns)
{
	const struct wnv_peer *followed;

	if (!matter->record || !is_elsewhere(matter->record))
		return false;
	followed = wnv_redirected(matter->state, matter->record, now_ns);
	return wnv_pa_equal(&matter->record->pa, pa) ||
	       (followed && wnv_pa_equal(&followed->pa, pa));
}

static bool is_new_place(const struct control_message *message)
{
	return !wnv_ip_is_martian(&message->to.ip) &&
	       !wnv_pa_equal(&message->to, &message->from);
}

/* Is it a message of ours to judge, and true as far as we can know? */
static bool examine(const struct vs_call *call,
		    const struct codec_packet *packet,
		    const struct control_message *message,
		    struct matter *matter)
{
	const struct control_quote *quote = &message->quote;

	matter->state = wnv_state_of(call->state);
	matter->dynamic.now_ns = call->now_ns;
	matter->subnet = wnv_subnet_find(matter->state, quote->vsid);
	if (!matter->subnet || !wnv_pa_local(matter->state, &packet->target) ||
	    !wnv_pa_equal(&message->from, &packet->source) ||
	    wnv_network_redirect(matter->state, matter->subnet->network) ==
		    WNV_REDIRECT_OFF)
		return false;
	matter->record =
		record_of(matter->state, quote->vsid, &quote->target_ca,
			  &quote->target_mac, &matter->dynamic);
	return is_ours(matter, packet, quote) &&
	       is_at(matter, &packet->source, call->now_ns) &&
	       (message->kind == CONTROL_REDIRECT
			? is_new_place(message)
			: wnv_pa_equal(&message->to, &packet->target));
}

/* A host of the tenant, and another than this one? */
static bool may_follow(const struct matter *matter, const struct wnv_pa *to)
{
	const struct wnv_peer *peer = wnv_peer_find(matter->state, to);

	return wnv_network_redirect(matter->state, matter->subnet->network) ==
		       WNV_REDIRECT_APPLY &&
	       peer &&
	       wnv_network_names(matter->state, matter->subnet->network, peer);
}

static void report(const struct vs_call *call,
		   const struct control_message *message, bool follows)
{
	char ca[VS_IP_TEXT], pa[VS_IP_TEXT], to[VS_IP_TEXT], text[256];

	vs_ip_format(&message->quote.target_ca.ip, ca);
	vs_ip_format(&message->from.ip, pa);
	if (message->kind == CONTROL_REDIRECT)
		snprintf(text, sizeof(text), "%s in %u is at %s, says %s%s", ca,
			 message->quote.vsid.value,
			 vs_ip_format(&message->to.ip, to), pa,
			 follows ? ": followed" : "");
	else
		snprintf(text, sizeof(text), "%s in %u is unknown to %s", ca,
			 message->quote.vsid.value, pa);
	call->host->event(call,
			  message->kind == CONTROL_REDIRECT
				  ? WNV_EVENT_REDIRECT
				  : WNV_EVENT_UNREACHABLE,
			  text);
}

bool advise_hear(const struct vs_call *call, const struct advise_packet *heard,
		 enum wnv_reason *reason)
{
	struct redirects *redirects =
		wnv_state_redirects(wnv_state_of(call->state));
	const struct codec_packet *packet = heard->packet;
	const struct control_bytes frame = {heard->view->data + packet->inner,
					    packet->end - packet->inner};
	struct control_message message;
	struct matter matter;
	bool follows;

	*reason = WNV_CONTROL_BAD;
	if (!redirects || !control_read(&frame, &message) ||
	    !examine(call, packet, &message, &matter))
		return false;
	if (call->tracing)
		return true;
	*reason = WNV_CONTROL_RATE;
	if (!redirects_spend(redirects, REDIRECTS_HEARD, &packet->source,
			     call->now_ns))
		return false;
	follows = message.kind == CONTROL_REDIRECT &&
		  may_follow(&matter, &message.to);
	if (follows)
		redirects_put(redirects, matter.record, &message.to,
			      call->now_ns);
	report(call, &message, follows);
	return true;
}
