/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_hear.c: what follows from ARP and neighbour discovery of the
 * provider network: a next hop's MAC is learned, an owned PA is defended or
 * answers.
 *
 * Before it: translate_in.c; provider_message.h reads. After it: hold.c, when
 * a MAC became known; the uplink.
 *
 * Who is believed: anybody on the link, as ARP and ND are. What limits it:
 * only addresses that we asked for are kept; ND comes from this link (hop
 * limit 255); a MAC that changes without a question is checked before it is
 * trusted for long; our own PAs are never given up once preferred.
 */
#include "provider_slot.h"

/* -- learn -----------------------------------------------------------------
 */

/* RFC 4861 7.2.5, 7.2.3; ARP is always solicited and overriding. False: the
 * message changes nothing. */
static bool update(const struct provider_message *message,
		   struct neighbour_value *value)
{
	bool has_mac = !vs_mac_is_zero(&message->mac);
	bool differs = has_mac && !vs_mac_equal(&message->mac, &value->mac);

	if (value->state == NEIGHBOUR_ASKED) {
		if (!has_mac)
			return false;
		value->mac = message->mac;
		value->state =
			message->solicited ? NEIGHBOUR_GOOD : NEIGHBOUR_CHECKED;
		return true;
	}
	if (differs && !message->overrides) {
		if (value->state != NEIGHBOUR_GOOD)
			return false;
		value->state = NEIGHBOUR_CHECKED;
		return true;
	}
	if (!differs && !message->solicited)
		return false;
	if (differs)
		value->mac = message->mac;
	value->state = message->solicited ? NEIGHBOUR_GOOD : NEIGHBOUR_CHECKED;
	return true;
}

/* Only those that were asked for are known; see provider.h. */
static void learn(const struct vs_call *call, struct provider *provider,
		  const struct provider_message *message,
		  struct provider_hop *resolved)
{
	struct provider_hop hop = {
		.hop = message->subject,
		.uplink = message->uplink,
		.vlan = message->vlan,
	};
	const struct wnv_peer *peer =
		wnv_peer_find(wnv_state_of(call->state), &message->subject);
	struct neighbour_value value;
	struct vs_mac before;

	if (!provider_neighbour(provider, &hop, call->now_ns, &value))
		return;
	before = value.mac;
	if (peer)
		tally_heard(call, provider->tallies, peer->tally);
	if (!update(message, &value))
		return;
	value.tries = 0;
	value.since_ms = (uint32_t)provider_now_ms(call);
	provider_neighbour_set(call, provider, &hop, value);
	if (!vs_mac_equal(&before, &value.mac))
		call->host->invalidate(call); /* recipes named that one */
	*resolved = hop;
}

/* -- our own ---------------------------------------------------------------
 */

/* Our PA, if it lives where the message comes from. */
static const struct wnv_provider *own_pa(const struct wnv_state *state,
					 const struct wnv_pa *pa,
					 const struct provider_message *message)
{
	const struct wnv_provider *own =
		wnv_pa_is_set(pa) ? wnv_provider_find(state, pa) : NULL;

	return own && vs_port_equal(own->uplink, message->uplink) &&
			       own->vlan == message->vlan
		       ? own
		       : NULL;
}

/* RFC 5227 2.1.1, 2.4, RFC 4862 5.4.3: somebody else uses our address, or
 * wants to; `said` is the MAC that he gives. */
static void claim(const struct vs_call *call, const struct wnv_provider *pa,
		  const struct provider_message *message)
{
	const struct vs_mac *said =
		vs_mac_is_zero(&message->mac) ? &message->from : &message->mac;
	struct vs_mac mac;

	if (pa->owned && provider_mac(call, pa, &mac) &&
	    !vs_mac_equal(&mac, said))
		provider_conflict(call, pa, said);
}

static bool is_probe(const struct provider_message *message)
{
	return !wnv_pa_is_set(&message->subject);
}

void provider_answer(const struct vs_call *call,
		     const struct provider_heard *heard)
{
	const struct provider_message *message = &heard->message;
	const struct wnv_provider *pa = heard->asked;
	struct provider_speech speech = {
		.what = PROVIDER_ANSWERS,
		.uplink = pa->uplink,
		.vlan = pa->vlan,
		.to = vs_mac_is_zero(&message->mac) ? message->from
						    : message->mac,
		.pa = pa->pa,
		.other = message->subject,
	};
	enum wnv_reason reason = WNV_REASONS;

	if (call->tracing || (!provider_may_send(call, pa, &reason) &&
			      reason == WNV_PA_DUPLICATE))
		return;
	if (provider_mac(call, pa, &speech.mac))
		provider_say(call, &speech);
}

/* -- hear ------------------------------------------------------------------
 */

static enum provider_reading read_message(const struct vs_frame *frame,
					  struct provider_message *message)
{
	enum provider_reading reading = PROVIDER_UNREAD;
	struct provider_frame bytes;

	if (!provider_frame_of(frame, &bytes))
		return PROVIDER_UNREAD;
	switch (provider_language(&bytes)) {
	case PROVIDER_ARP:
		reading = provider_arp_read(&bytes, message);
		break;
	case PROVIDER_ND:
		reading = provider_nd_read(&bytes, message);
		break;
	default:
		return PROVIDER_UNREAD;
	}
	message->uplink = vs_view(frame)->port;
	message->vlan = bytes.vlan;
	return reading;
}

/* A question about a PA of ours. */
static enum provider_hearing hear_question(const struct vs_call *call,
					   const struct wnv_provider *asked,
					   struct provider_heard *heard)
{
	const struct provider_message *message = &heard->message;

	if (!asked->owned)
		return PROVIDER_PASS; /* the kernel's to answer */
	if (own_pa(wnv_state_of(call->state), &message->subject, message))
		return PROVIDER_TAKE;
	if (is_probe(message) && provider_pa_state(asked) == PROVIDER_TENTATIVE)
		claim(call, asked, message);
	heard->asked = asked;
	return PROVIDER_TAKE;
}

enum provider_hearing provider_hear(const struct vs_call *call,
				    struct provider *provider,
				    const struct vs_frame *frame,
				    struct provider_heard *heard)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct provider_message *message = &heard->message;
	const struct wnv_provider *subject, *asked, *to;
	enum provider_reading reading;

	heard->resolved.uplink.value = 0;
	heard->asked = NULL;
	reading = read_message(frame, &heard->message);
	if (reading == PROVIDER_UNREAD)
		return PROVIDER_PASS;
	asked = own_pa(state, &message->asked, message);
	to = own_pa(state, &message->to, message);
	if (reading == PROVIDER_BROKEN) {
		heard->reason = WNV_PA_ND_BAD;
		return (asked && asked->owned) || (to && to->owned)
			       ? PROVIDER_REFUSE
			       : PROVIDER_PASS;
	}
	subject = own_pa(state, &message->subject, message);
	if (subject)
		claim(call, subject, message);
	else if (!is_probe(message))
		learn(call, provider, message, &heard->resolved);
	if (asked)
		return hear_question(call, asked, heard);
	return to ? PROVIDER_TAKE : PROVIDER_PASS;
}
