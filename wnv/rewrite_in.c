/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite_in.c: the two provider addresses of a packet say whose it is (B2.3):
 * customer addresses, VSID and MACs are put back in place.
 *
 * Theory of operation
 * -------------------
 *   target PA   a record of ours with rule=rewrite, else it is not for a VM
 *   source PA   a record of the same routing domain (B2.14): the frame's
 *               source MAC is that VM's, or, from another subnet, the
 *               gateway's (B2.5)
 *
 * An ICMP error may come from a router of the provider network instead, which
 * no record names. It quotes a packet that we sent: then the pair is found in
 * the quote, both are put back (B2.8), and the gateway speaks for the router,
 * so that no provider address reaches a tenant. An error of the peer's VM
 * quotes customer addresses already and needs nothing but its own.
 *
 * Before it: translate_in.c. After it: rewrite.c, then admit (core).
 */
#include "rewrite_in.h"

#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "codec.h"
#include "guard.h"
#include "moves.h"
#include "mtu.h"
#include "rewrite.h"
#include "shard.h"

#define REPORT_NS (UINT64_C(100) * 1000 * 1000)
#define TAG_SIZE  4u
#define VID_MASK  0x0fffu

struct homecoming {
	const struct vs_call *call;
	const struct wnv_state *state;
	const struct wnv_subnet *subnet;
	const struct wnv_record *source, *target; /* source NULL: a router */
	struct rewrite_packet packet;
	struct rewrite_addresses from; /* on the wire */
	struct rewrite_addresses to;   /* the customer's */
	struct vs_mac source_mac;
	uint16_t shift, vlan; /* of a VLAN tag; 0: none */
	bool quotes;	      /* the quote is to be put back too */
	struct rewrite_quote quote;
	struct rewrite_addresses quoted; /* the customer's */
	enum wnv_reason reason;
};

static bool refuse(struct homecoming *home, enum wnv_reason reason)
{
	home->reason = reason;
	return false;
}

/* Frames of a sender are to agree with the records here: who it is shows. */
static void report(const struct homecoming *home)
{
	struct wnv_shard *shard = wnv_shard_of(home->call);
	char source[VS_IP_TEXT], target[VS_IP_TEXT], text[160];

	if (home->call->tracing || home->call->now_ns < shard->reported_ns)
		return;
	shard->reported_ns = home->call->now_ns + REPORT_NS;
	snprintf(text, sizeof(text), "%s: vsid %u from pa %s to pa %s",
		 wnv_reasons[home->reason].name, home->target->vsid.value,
		 vs_ip_format(&home->from.source, source),
		 vs_ip_format(&home->from.target, target));
	home->call->host->event(home->call, WNV_EVENT_POLICY_MISMATCH, text);
}

/* -- who sent it ------------------------------------------------------------
 */

static uint32_t network_of(const struct wnv_state *state,
			   const struct wnv_record *record)
{
	const struct wnv_subnet *subnet = wnv_subnet_find(state, record->vsid);

	return subnet ? subnet->network : WNV_NONE;
}

static bool is_routed(const struct homecoming *home)
{
	return !vs_vsid_equal(home->source->vsid, home->target->vsid);
}

/* Of one routing domain, from elsewhere, and the guard of every frame. */
static bool check_pair(struct homecoming *home)
{
	const struct wnv_record *source = home->source;
	struct wnv_sight sight = {
		.source = source->pa,
		.target = home->target->pa,
		.source_mac = source->mac,
		.target_mac = home->target->mac,
		.has_ca = true,
		.ca = source->ca,
		.now_ns = home->call->now_ns,
	};

	if (source->flags & WNV_RECORD_LOCAL)
		return refuse(home, WNV_PA_SRC_MARTIAN);
	if (network_of(home->state, source) != home->subnet->network)
		return refuse(home, WNV_RW_OTHER_TENANT);
	if (is_routed(home))
		sight.source_mac = home->subnet->gateway_mac;
	return wnv_vouch_passes(wnv_inbound_check(home->state, home->subnet,
						  &sight, &home->reason));
}

/* A transparent firewall answers in the name of the peer and quotes what it
 * saw: the pair itself. What the VMs call each other is theirs. */
static void check_quote(struct homecoming *home, const struct vs_view *view)
{
	struct rewrite_addresses quoted;

	home->quotes = rewrite_quote_read(view->data, view->size, &home->packet,
					  &home->quote);
	if (!home->quotes)
		return;
	quoted = rewrite_get(view->data, &home->quote.packet);
	home->quotes = vs_ip_equal(&quoted.source, &home->target->pa.ip) &&
		       vs_ip_equal(&quoted.target, &home->source->pa.ip);
	home->quoted = (struct rewrite_addresses){home->target->ca.ip,
						  home->source->ca.ip};
}

static bool from_peer(struct homecoming *home, const struct vs_view *view,
		      struct rewrite_pair *before)
{
	if (before->source != home->source || before->target != home->target) {
		if (!check_pair(home)) {
			report(home);
			return false;
		}
		before->source = home->source;
		before->target = home->target;
	}
	home->source_mac =
		is_routed(home) ? home->subnet->gateway_mac : home->source->mac;
	home->to.source = home->source->ca.ip;
	check_quote(home, view);
	return true;
}

/* The gateway's address in the packet's family, or, where it has none, the
 * address that the packet was for. */
static struct vs_ip router_alias(const struct homecoming *home,
				 const struct wnv_record *peer)
{
	struct vs_ip alias = peer->ca.ip;
	uint16_t i;

	for (i = 0; i < home->subnet->gateway_count; i++) {
		const struct vs_ip *gateway = &home->subnet->gateways[i].ip;

		if (vs_ip_is_v4(gateway) == home->packet.ipv6)
			continue;
		alias = *gateway;
		if (!wnv_is_link_local6(gateway))
			break;
	}
	return alias;
}

/* No record has the source: only an error about a packet of ours is for a VM.
 * Who forges one must know both addresses, as everywhere. */
static bool from_router(struct homecoming *home, const struct vs_view *view)
{
	const struct wnv_record *peer;
	struct rewrite_addresses quoted;

	if (!rewrite_quote_read(view->data, view->size, &home->packet,
				&home->quote))
		return refuse(home, WNV_RW_NO_PAIR);
	quoted = rewrite_get(view->data, &home->quote.packet);
	peer = wnv_record_by_pa(home->state, &(struct wnv_pa){quoted.target});
	if (!vs_ip_equal(&quoted.source, &home->from.target) || !peer ||
	    network_of(home->state, peer) != home->subnet->network)
		return refuse(home, WNV_RW_NO_PAIR);
	home->quotes = true;
	home->quoted =
		(struct rewrite_addresses){home->target->ca.ip, peer->ca.ip};
	home->source_mac = home->subnet->gateway_mac;
	home->to.source = router_alias(home, peer);
	return true;
}

/* -- the frame --------------------------------------------------------------
 */

/* Bytes of the frame up to the packet's end; 0: it ends too early. */
static uint32_t packet_end(const struct homecoming *home,
			   const struct vs_view *view)
{
	const uint8_t *ip = view->data + home->packet.l3;
	uint32_t end = home->packet.l3;

	end += home->packet.ipv6 ? VS_IPV6_SIZE + vs_load16(ip + 4)
				 : vs_load16(ip + 2);
	return end <= view->size ? end : 0;
}

/* ND between VMs is answered at each end, and never sent. */
static bool is_discovery(const struct homecoming *home,
			 const struct vs_view *view)
{
	uint8_t type;

	if (!home->packet.ipv6 || home->packet.protocol != VS_IP_ICMP6 ||
	    home->packet.later || home->packet.l4 >= view->size)
		return false;
	type = view->data[home->packet.l4];
	return type >= VS_ND_ROUTER_SOLICIT && type <= VS_ND_REDIRECT;
}

/* Whose PA it is, or, if its VM moves, where it comes from or goes. */
static const struct wnv_record *source_of(const struct homecoming *home)
{
	const struct wnv_pa pa = {home->from.source};
	const struct wnv_record *record = wnv_record_by_pa(home->state, &pa);
	const struct wnv_move *move =
		record ? NULL
		       : wnv_moved_pa(home->state, &pa, home->call->now_ns);

	if (!move)
		return record;
	record = wnv_record_find(home->state, move->vsid, &move->ca);
	return record && record->rule == WNV_RULE_REWRITE ? record : NULL;
}

static bool check(struct homecoming *home, const struct vs_view *view,
		  struct rewrite_pair *before)
{
	const struct wnv_provider *own =
		wnv_provider_find(home->state, &home->target->pa);
	uint32_t end = packet_end(home, view);

	if (!end)
		return refuse(home, WNV_OUTER_LENGTH);
	if (own && own->vlan != home->vlan)
		return refuse(home, WNV_PA_WRONG_VLAN);
	home->subnet = wnv_subnet_find(home->state, home->target->vsid);
	if (!home->subnet || !home->subnet->port_count)
		return refuse(home, WNV_VSID_UNKNOWN);
	if (is_discovery(home, view))
		return refuse(home, WNV_RW_NOT_CARRIED);
	if (view->offload.csum_start != VS_ABSENT &&
	    (uint32_t)view->offload.csum_start + view->offload.csum_offset + 2 >
		    end)
		return refuse(home, WNV_OFFLOAD_BAD);
	home->to.target = home->target->ca.ip;
	home->source = source_of(home);
	return home->source ? from_peer(home, view, before)
			    : from_router(home, view);
}

/* As for tunnels: the other host's policy may be older than ours. */
static void clamp(const struct homecoming *home, struct vs_frame *frame)
{
	const struct rewrite_packet *packet = &home->packet;
	const struct vs_view *view = vs_view(frame);
	uint16_t limit = mtu_mss(home->subnet->mtu, packet->ipv6);
	uint32_t size, at;

	if (packet->protocol != VS_IP_TCP || packet->fragment ||
	    packet->checksum == VS_ABSENT || view->size < packet->l4 + 20u)
		return;
	size = view->size - packet->l4;
	at = mtu_find_mss(view->data + packet->l4, size, limit);
	if (at)
		mtu_clamp(vs_frame_edit(frame, packet->l4, size), at, limit,
			  view->offload.csum_start == VS_ABSENT);
}

/* From here on nothing can be refused. */
static void come_home(const struct homecoming *home, struct vs_frame *frame)
{
	const struct vs_offload *offload = &vs_view(frame)->offload;
	uint32_t end = packet_end(home, vs_view(frame));
	bool partial = rewrite_is_partial(&home->packet, offload);
	uint8_t *bytes;

	vs_frame_resize(frame, end);
	bytes = vs_frame_edit(frame, 0,
			      home->quotes ? home->quote.packet.end
					   : home->packet.end);
	if (home->quotes)
		rewrite_quote_apply(bytes, &home->quote, &home->quoted,
				    offload->csum_start == home->packet.l4);
	rewrite_apply(bytes, &home->packet, &home->to, partial);
	clamp(home, frame);
	vs_frame_pull(frame, home->shift);
	bytes = vs_frame_edit(frame, 0, VS_ETHERNET_SIZE);
	memcpy(bytes, home->target->mac.octet, 6);
	memcpy(bytes + 6, home->source_mac.octet, 6);
	vs_store16(bytes + 12, home->packet.ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	vs_frame_set_vsid(frame, home->target->vsid);
	if (home->source && !home->quotes)
		vs_frame_cacheable(frame);
	if (home->source)
		tally_in(home->call,
			 wnv_shard_of(home->call)->provider->tallies,
			 wnv_peer_at(home->state, home->source->peer)->tally,
			 end);
}

/* If a peer sent it, or somebody in its name, it shows there as well. */
static void drop(const struct homecoming *home, struct vs_frame *frame)
{
	const struct wnv_peer *peer =
		wnv_peer_find(home->state, &(struct wnv_pa){home->from.source});

	if (peer)
		tally_drop(home->call,
			   wnv_shard_of(home->call)->provider->tallies,
			   peer->tally);
	vs_drop(frame, VS_REASON(home->reason));
}

/* A PA that carries tunnels too (A4.8): what looks like one is one. */
static bool is_tunnel(const struct homecoming *home, const struct vs_view *view)
{
	struct codec_outer outer;

	return home->target->flags & WNV_RECORD_TUNNELED &&
	       codec_find(view->data, view->size, &outer) &&
	       wnv_takes(home->state, (enum codec_kind)outer.kind) &&
	       codec_is_tunnel(view->data, view->size, &outer);
}

/* Ethernet, with a tag or without, and the IP header; false: none of these. */
static bool read_packet(struct homecoming *home, const struct vs_view *view)
{
	const uint8_t *type = view->data + 12;

	if (view->size < VS_ETHERNET_SIZE + TAG_SIZE)
		return false;
	if (vs_load16(type) == VS_TYPE_VLAN) {
		home->vlan = vs_load16(type + 2) & VID_MASK;
		home->shift = TAG_SIZE;
		type += TAG_SIZE;
	}
	if (!rewrite_read(view->data, view->size,
			  (uint16_t)(VS_ETHERNET_SIZE + home->shift),
			  &home->packet) ||
	    vs_load16(type) !=
		    (home->packet.ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4))
		return false;
	home->from = rewrite_get(view->data, &home->packet);
	return true;
}

bool rewrite_in(const struct vs_call *call, struct vs_frame *frame,
		struct rewrite_pair *before)
{
	const struct vs_view *view = vs_view(frame);
	struct homecoming home = {.call = call,
				  .state = wnv_state_of(call->state)};

	if (!read_packet(&home, view))
		return false;
	home.target = wnv_record_by_pa(home.state,
				       &(struct wnv_pa){home.from.target});
	if (!home.target || !(home.target->flags & WNV_RECORD_LOCAL) ||
	    is_tunnel(&home, view))
		return false;
	if (check(&home, view, before))
		come_home(&home, frame);
	else
		drop(&home, frame);
	return true;
}
