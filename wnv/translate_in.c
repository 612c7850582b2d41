/* SPDX-License-Identifier: Apache-2.0 */
/*
 * translate_in.c: provider frames become customer frames, or stay what they
 * are, or are dropped by name. Decide, then write.
 *
 * Before it: the uplink. After it: admit (core). What is no tunnel packet to a
 * provider address of ours, and no ARP about one, passes untouched as VSID 0.
 */
#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "advise.h"
#include "codec.h"
#include "follow.h"
#include "group.h"
#include "inner.h"
#include "learn.h"
#include "mtu.h"
#include "path_mtu.h"
#include "rewrite_in.h"
#include "shard.h"
#include "translate.h"
#include "tunnel_echo.h"

#define REPORT_NS (UINT64_C(100) * 1000 * 1000)

/* What was found out about one frame. */
struct arrival {
	const struct vs_call *call;
	const struct wnv_state *state;
	const struct wnv_subnet *subnet;
	struct codec_outer outer;
	struct codec_packet packet;
	struct wnv_inner inner;
	struct vs_offload offload; /* of the inner frame */
	uint8_t ecn;
	bool known_pair; /* outer source and target passed lately */
	uint16_t tally;	 /* the source's; valid with known_pair */
	enum wnv_reason reason;
	/* The frame before, if its source was vouched for: of a burst the
	 * next mostly says the same, and the same state answers. */
	const struct wnv_subnet *vouched_in;
	struct wnv_sight vouched;
	struct rewrite_pair rewritten;
	/* The frame before, as it came, if the next may follow it. */
	const uint8_t *leader; /* or NULL */
	uint32_t leader_size;
};

/* UDP datagrams that travelled as one: their header follows the IP header. */
static bool check_datagrams(const uint8_t *inner, uint32_t size,
			    struct vs_offload *offload)
{
	const uint8_t *ip = inner + VS_ETHERNET_SIZE;
	bool ipv6 = vs_load16(inner + 12) == VS_TYPE_IPV6;
	uint32_t l4 = VS_ETHERNET_SIZE + (ipv6 ? VS_IPV6_SIZE : VS_IPV4_SIZE);

	if (size <= l4 + 8 || offload->csum_start != l4 || !offload->gso_size ||
	    (ipv6 ? ip[6] : ip[9]) != VS_IP_UDP ||
	    (!ipv6 && (vs_load16(inner + 12) != VS_TYPE_IPV4 || ip[0] != 0x45)))
		return false;
	offload->header_size = (uint16_t)(l4 + 8);
	return true;
}

/*
 * A packet that was merged on its way (the kernel's GRO) has its checksum
 * start at the inner TCP header; everything else is not to be believed. The
 * device's header size is a hint: the TCP header has its own.
 */
static bool check_merged(const struct arrival *arrival, const uint8_t *inner,
			 uint32_t size, struct vs_offload *offload)
{
	uint32_t l4 = arrival->inner.l4, header;
	bool ipv6 = arrival->inner.ether_type == VS_TYPE_IPV6;

	if (offload->gso == VS_GSO_UDP)
		return check_datagrams(inner, size, offload);
	if (!l4 || offload->csum_start != l4 || !offload->gso_size ||
	    (offload->gso == VS_GSO_TCP6) != ipv6)
		return false;
	header = (inner[l4 + 12] >> 4) * 4u;
	offload->header_size = (uint16_t)(l4 + header);
	return header >= 20 && l4 + header <= size;
}

static bool check_offload(struct arrival *arrival, const struct vs_view *view)
{
	const struct codec_packet *packet = &arrival->packet;
	struct vs_offload *offload = &arrival->offload;
	uint32_t size = packet->end - packet->inner;

	*offload = view->offload;
	offload->verified = 0; /* it may have been the outer level's */
	/* UDP's own checksum, which the sender left open, goes with it */
	if (packet->udp && offload->csum_start == packet->udp)
		offload->csum_start = VS_ABSENT;
	arrival->reason = WNV_OFFLOAD_BAD;
	if (offload->csum_start != VS_ABSENT) {
		if (offload->csum_start < packet->inner + VS_ETHERNET_SIZE)
			return false;
		offload->csum_start =
			(uint16_t)(offload->csum_start - packet->inner);
		if ((uint32_t)offload->csum_start + offload->csum_offset + 2 >
		    size)
			return false;
	}
	return offload->gso == VS_GSO_NONE ||
	       check_merged(arrival, view->data + packet->inner, size, offload);
}

/* RFC 6040 4.2: congestion that was marked outside must not get lost. */
static bool check_ecn(struct arrival *arrival)
{
	int ecn;

	if (!arrival->inner.ip)
		return true;
	ecn = codec_ecn_merge(arrival->packet.tos, arrival->inner.tos);
	arrival->reason = WNV_ECN_DROP;
	arrival->ecn = (uint8_t)ecn;
	return ecn >= 0;
}

static void report(const struct arrival *arrival)
{
	struct wnv_shard *shard = wnv_shard_of(arrival->call);
	char pa[VS_IP_TEXT], mac[VS_MAC_TEXT], ca[VS_IP_TEXT], text[224];

	if (arrival->call->tracing || arrival->reason == WNV_CA_CONTESTED ||
	    arrival->call->now_ns < shard->reported_ns)
		return;
	shard->reported_ns = arrival->call->now_ns + REPORT_NS;
	snprintf(text, sizeof(text), "%s: vsid %u from pa %s: source %s %s",
		 wnv_reasons[arrival->reason].name, arrival->packet.vsid.value,
		 vs_ip_format(&arrival->packet.source.ip, pa),
		 vs_mac_format(&arrival->inner.source_mac, mac),
		 arrival->inner.has_source
			 ? vs_ip_format(&arrival->inner.source.ip, ca)
			 : "-");
	arrival->call->host->event(arrival->call, WNV_EVENT_POLICY_MISMATCH,
				   text);
}

static bool vouched_before(const struct arrival *arrival,
			   const struct wnv_sight *sight)
{
	const struct wnv_sight *before = &arrival->vouched;

	return arrival->vouched_in == arrival->subnet &&
	       vs_mac_equal(&before->source_mac, &sight->source_mac) &&
	       vs_mac_equal(&before->target_mac, &sight->target_mac) &&
	       before->has_ca == sight->has_ca &&
	       wnv_ca_equal(&before->ca, &sight->ca) &&
	       wnv_pa_equal(&before->source, &sight->source) &&
	       wnv_pa_equal(&before->target, &sight->target);
}

static bool check_sight(struct arrival *arrival, const struct wnv_sight *sight)
{
	const struct wnv_inner *inner = &arrival->inner;
	enum wnv_vouch vouch;

	if (vouched_before(arrival, sight) && !inner->teaches)
		return true;
	vouch = wnv_inbound_check(arrival->state, arrival->subnet, sight,
				  &arrival->reason);
	if (vouch != WNV_VOUCH_YES)
		learn_arrival(arrival->call, arrival->subnet->vsid, sight,
			      vouch, inner->teaches && !inner->false_owner);
	if (!wnv_vouch_passes(vouch))
		return false;
	arrival->vouched_in = arrival->subnet;
	arrival->vouched = *sight;
	return true;
}

/* By a group of the provider network: does a VM here need it, there where we
 * joined it? */
static bool check_group(struct arrival *arrival, const struct vs_view *view)
{
	const struct wnv_pa *target = &arrival->packet.target;
	const struct wnv_provider *home;

	if (!vs_ip_is_group(&target->ip))
		return true;
	arrival->reason = WNV_PA_GROUP;
	home = wnv_group_home(arrival->state, arrival->subnet,
			      !vs_ip_is_v4(&target->ip));
	return home && home->vlan == arrival->outer.vlan &&
	       vs_port_equal(home->uplink, view->port);
}

/* Does the outer source vouch for what the frame says of itself? */
static bool check_source(struct arrival *arrival)
{
	const struct wnv_inner *inner = &arrival->inner;
	struct wnv_sight sight = {
		.source = arrival->packet.source,
		.target = arrival->packet.target,
		.source_mac = inner->source_mac,
		.target_mac = inner->target_mac,
		.seeks = inner->seeks,
		.has_ca = inner->has_source,
		.ca = inner->source,
		.now_ns = arrival->call->now_ns,
	};

	if (!check_sight(arrival, &sight))
		return false;
	if (inner->advertises) {
		sight.has_ca = true;
		sight.ca = inner->advertised;
		if (!check_sight(arrival, &sight))
			return false;
	}
	arrival->reason = WNV_CA_SPOOF_REMOTE;
	return !inner->false_owner;
}

static bool check_outer(struct arrival *arrival)
{
	const struct codec_packet *packet = &arrival->packet;
	const struct wnv_peer *peer;

	if (arrival->known_pair)
		return true;
	if (!wnv_outer_check(arrival->state, &packet->source, &packet->target,
			     arrival->call->now_ns, &arrival->reason))
		return false;
	peer = wnv_peer_find(arrival->state, &packet->source);
	arrival->tally = peer ? peer->tally : 0;
	shard_pair_keep(arrival->call, &arrival->outer, arrival->tally);
	return true;
}

static void hear_dhcp(const struct arrival *arrival, const struct vs_view *view)
{
	const struct codec_packet *packet = &arrival->packet;
	uint32_t at = packet->inner + arrival->inner.dhcp;

	learn_dhcp(arrival->call, &(struct learn_message){
					  .vsid = packet->vsid,
					  .source = arrival->inner.source_mac,
					  .target = arrival->inner.target_mac,
					  .udp = view->data + at,
					  .size = packet->end - at,
				  });
}

static bool check(struct arrival *arrival, const struct vs_view *view)
{
	struct codec_packet *packet = &arrival->packet;

	if (!codec_read(view, &arrival->outer, packet, &arrival->reason) ||
	    !check_outer(arrival))
		return false;
	if (!arrival->subnet ||
	    !vs_vsid_equal(arrival->subnet->vsid, packet->vsid))
		arrival->subnet = wnv_subnet_find(arrival->state, packet->vsid);
	arrival->reason = WNV_VSID_UNKNOWN;
	if (!arrival->subnet || !arrival->subnet->port_count ||
	    !check_group(arrival, view))
		return false;
	if (!wnv_inner_read(view->data + packet->inner,
			    packet->end - packet->inner, &arrival->inner,
			    &arrival->reason))
		return false;
	arrival->reason = WNV_NON_IP;
	if (!arrival->inner.ip && arrival->inner.ether_type != VS_TYPE_ARP &&
	    !arrival->subnet->l2)
		return false;
	if (!check_source(arrival)) {
		report(arrival);
		return false;
	}
	if (arrival->inner.dhcp)
		hear_dhcp(arrival, view);
	return check_ecn(arrival) && check_offload(arrival, view);
}

static void write_ecn(uint8_t *ip, uint8_t ecn)
{
	uint64_t before = vs_load16(ip);

	if (ip[0] >> 4 == 6) {
		ip[1] = (uint8_t)((ip[1] & 0xcf) | ecn << 4);
		return;
	}
	ip[1] = (uint8_t)((ip[1] & ~CODEC_ECN) | ecn);
	vs_store16(ip + 10, vs_checksum_update(vs_load16(ip + 10), before,
					       vs_load16(ip)));
}

/* SYNs that come from the wire are clamped as well: the other host's policy
 * may be older than ours (design 5.5). */
static void clamp(const struct arrival *arrival, struct vs_frame *frame)
{
	const struct wnv_inner *inner = &arrival->inner;
	uint32_t size = vs_view(frame)->size - inner->l4, at;
	uint16_t limit = mtu_mss(arrival->subnet->mtu,
				 inner->ether_type == VS_TYPE_IPV6);

	at = mtu_find_mss(vs_view(frame)->data + inner->l4, size, limit);
	if (at)
		mtu_clamp(vs_frame_edit(frame, inner->l4, size), at, limit,
			  arrival->offload.csum_start == VS_ABSENT);
}

/* From here on nothing can be refused. */
static void decapsulate(const struct arrival *arrival, struct vs_frame *frame)
{
	const struct codec_packet *packet = &arrival->packet;
	const struct wnv_inner *inner = &arrival->inner;

	vs_frame_resize(frame, packet->end);
	vs_frame_pull(frame, packet->inner);
	vs_frame_set_offload(frame, &arrival->offload);
	vs_frame_set_vsid(frame, packet->vsid);
	if (inner->ip && arrival->ecn != (inner->tos & CODEC_ECN))
		write_ecn(vs_frame_edit(frame, inner->l3, VS_IPV4_SIZE),
			  arrival->ecn);
	if (inner->l4)
		clamp(arrival, frame);
	tally_in(arrival->call, wnv_shard_of(arrival->call)->provider->tallies,
		 arrival->tally, packet->end - packet->inner);
}

/* If a peer sent it, or somebody in its name, it shows there as well. */
static void refuse(const struct arrival *arrival, struct vs_frame *frame)
{
	const struct wnv_pa source = codec_source(&arrival->outer);
	const struct wnv_peer *peer = wnv_peer_find(arrival->state, &source);

	if (peer)
		tally_drop(arrival->call,
			   wnv_shard_of(arrival->call)->provider->tallies,
			   peer->tally);
	vs_drop(frame, VS_REASON(arrival->reason));
}

/*
 * A tunnel that is addressed to us by MAC, or to everybody, but to none of our
 * provider addresses: a wrong record or a forger. To another MAC it is
 * somebody else's packet on its way through VSID 0.
 */
static bool is_astray(const struct arrival *arrival,
		      const struct vs_frame *frame)
{
	const struct vs_view *view = vs_view(frame);
	struct vs_mac target = vs_frame_target_mac(frame);

	return codec_is_tunnel(view->data, view->size, &arrival->outer) &&
	       (vs_mac_is_group(&target) ||
		wnv_is_provider_mac(arrival->state, &target));
}

/* Its sender is told that the VM is not here, or no longer. */
static void advise(struct arrival *arrival, const struct vs_view *view)
{
	const struct codec_packet *packet = &arrival->packet;
	const struct advise_packet stray = {view, &arrival->outer, packet};
	enum wnv_reason ignored;

	if (arrival->reason == WNV_VSID_UNKNOWN) {
		if (!wnv_inner_read(view->data + packet->inner,
				    packet->end - packet->inner,
				    &arrival->inner, &ignored))
			return;
		report(arrival);
	}
	if (arrival->reason == WNV_VSID_UNKNOWN ||
	    arrival->reason == WNV_DST_NOT_LOCAL)
		advise_send(arrival->call, &stray, &arrival->inner);
}

/* A message from host to host; false: `reason` says why it is none. */
static bool hear_control(struct arrival *arrival, const struct vs_view *view)
{
	const struct advise_packet heard = {view, &arrival->outer,
					    &arrival->packet};

	return arrival->reason == WNV_CONTROL_BAD && check_outer(arrival) &&
	       advise_hear(arrival->call, &heard, &arrival->reason);
}

/* ARP, ICMPv6, or what a tag hides: worth a closer look. */
static bool may_be_message(const struct vs_view *view)
{
	uint16_t type;

	if (view->size < VS_ETHERNET_SIZE + 7)
		return false;
	type = vs_load16(view->data + 12);
	return type == VS_TYPE_ARP || type == VS_TYPE_VLAN ||
	       (type == VS_TYPE_IPV6 &&
		view->data[VS_ETHERNET_SIZE + 6] == VS_IP_ICMP6);
}

static void take(const struct vs_call *call, struct vs_frame *frame,
		 const struct provider_heard *heard)
{
	if (heard->asked)
		provider_answer(call, heard);
	vs_consume(frame, VS_CONSUMED_NEIGHBOUR);
}

/* ARP and neighbour discovery; false: it is not for us alone. Who asks faster
 * than we are willing to answer is not answered (trust.md B8). */
static bool hear(const struct vs_call *call, struct vs_frame *frame)
{
	struct provider *provider = wnv_shard_of(call)->provider;
	enum provider_hearing hearing;
	struct provider_heard heard;

	hearing = provider_hear(call, provider, frame, &heard);
	if (hearing == PROVIDER_PASS)
		membership_hear(call, &provider->queries, frame);
	if (hearing == PROVIDER_REFUSE)
		vs_drop(frame, VS_REASON(heard.reason));
	else if (heard.asked && !shard_punt(call, vs_view(frame)->port))
		vs_drop(frame, VS_REASON(WNV_PUNT_RATE));
	else if (hearing == PROVIDER_TAKE)
		take(call, frame, &heard);
	if (heard.resolved.uplink.value && !call->tracing)
		shard_resolved(call, &heard.resolved);
	return hearing != PROVIDER_PASS;
}

static void accept(struct arrival *arrival, struct vs_frame *frame)
{
	const struct vs_view *view = vs_view(frame);

	if (follow_may_lead(view) && !arrival->inner.dhcp &&
	    !arrival->call->tracing) {
		arrival->leader = view->data;
		arrival->leader_size = view->size;
	}
	decapsulate(arrival, frame);
}

/* What routers and hosts of the provider network say to our PAs. */
static void hear_icmp(const struct vs_call *call, struct vs_frame *frame)
{
	struct provider *provider = wnv_shard_of(call)->provider;

	if (path_mtu_hear(call, provider->tallies, frame) ||
	    pa_echo_hear(call, provider, frame))
		vs_consume(frame, VS_CONSUMED_NEIGHBOUR);
}

/* An echo of another host, under the VSID that no tenant has? */
static bool hear_echo(struct arrival *arrival, const struct vs_view *view)
{
	const struct codec_packet *packet = &arrival->packet;
	struct vs_echo echo;

	if (arrival->reason != WNV_CONTROL_BAD ||
	    !tunnel_echo_read(view->data, packet, &echo) ||
	    !check_outer(arrival))
		return false;
	life_hear(arrival->call, packet, arrival->outer.kind, &echo);
	return true;
}

static void from_wire(struct arrival *arrival, struct vs_frame *frame)
{
	const struct vs_view *view = vs_view(frame);
	const struct wnv_provider *own;
	const struct shard_pair *pair;
	struct wnv_pa target;
	bool group;

	if (arrival->leader &&
	    follow_in(view, arrival->leader, arrival->leader_size)) {
		decapsulate(arrival, frame);
		return;
	}
	arrival->leader = NULL;
	if (may_be_message(view) && hear(arrival->call, frame))
		return;
	if (wnv_rewrites(arrival->state) &&
	    rewrite_in(arrival->call, frame, &arrival->rewritten))
		return;
	if (!codec_find(view->data, view->size, &arrival->outer) ||
	    !wnv_takes(arrival->state, (enum codec_kind)arrival->outer.kind)) {
		hear_icmp(arrival->call, frame);
		return;
	}
	pair = shard_pair_find(arrival->call, &arrival->outer);
	arrival->known_pair = pair != NULL;
	arrival->tally = pair ? pair->tally : 0;
	target = codec_target(&arrival->outer);
	own = pair ? NULL : wnv_provider_find(arrival->state, &target);
	group = !pair && !own && wnv_group_known(arrival->state, &target);
	if (!pair && !own && !group) {
		arrival->reason = WNV_PA_DST;
		if (is_astray(arrival, frame))
			refuse(arrival, frame);
		return;
	}
	arrival->reason = WNV_PA_WRONG_VLAN;
	if ((pair || group || own->vlan == arrival->outer.vlan) &&
	    check(arrival, view)) {
		accept(arrival, frame);
	} else if (hear_echo(arrival, view) || hear_control(arrival, view)) {
		vs_consume(frame, VS_CONSUMED_REDIRECT);
	} else {
		advise(arrival, view);
		refuse(arrival, frame);
	}
}

void translate_in(const struct vs_call *call, struct vs_burst *burst)
{
	struct arrival arrival = {.call = call,
				  .state = wnv_state_of(call->state)};
	struct vs_frame *frame;

	if (!arrival.state)
		return;
	VS_FOR_EACH (frame, burst)
		from_wire(&arrival, frame);
}
