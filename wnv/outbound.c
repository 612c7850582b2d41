/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbound.c: recipes for a customer frame: outer headers, and what of the
 * inner ones must differ, in the lead; everything else is a slice.
 *
 * Before it: translate_out.c. After it: the outbox, then the uplink's tx.
 */
#include "outbound.h"

#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "group.h"
#include "icmp.h"
#include "mtu.h"
#include "path_mtu.h"
#include "redirects.h"
#include "router.h"

/* -- what all copies of a frame have in common ------------------------------
 */

/* The PA that speaks for the sender. Mostly there is one only. */
static const struct wnv_provider *source_of(const struct outbound *out)
{
	const struct vs_view *view = out->view;
	const uint8_t *l3 = view->data + view->l3;
	struct vs_mac mac = vs_frame_source_mac(out->frame);
	bool has_ca = true;
	struct wnv_ca ca;

	if (wnv_provider_count(out->state) == 1)
		return wnv_provider_at(out->state, 0);
	if (view->flags & VS_FRAME_ARP)
		ca.ip = vs_ip_from_v4(l3 + 14);
	else if (view->flags & VS_FRAME_IPV4)
		ca.ip = vs_ip_from_v4(l3 + 12);
	else if (view->flags & VS_FRAME_IPV6)
		ca.ip = vs_ip_from_v6(l3 + 8);
	else
		has_ca = false;
	return wnv_provider_speaking(out->state, out->subnet->vsid,
				     has_ca ? &ca : NULL, &mac);
}

static uint8_t inner_tos(const struct vs_view *view)
{
	const uint8_t *ip = view->data + view->l3;

	if (view->flags & VS_FRAME_IPV4)
		return ip[1];
	if (view->flags & VS_FRAME_IPV6)
		return (uint8_t)(ip[0] << 4 | ip[1] >> 4);
	return 0;
}

/* DSCP as the subnet says; ECN is copied (RFC 6040 4.1, normal mode). */
uint8_t outbound_tos(const struct outbound *out)
{
	uint8_t tos = inner_tos(out->view);

	return out->into->dscp == WNV_DSCP_COPY
		       ? tos
		       : (uint8_t)((unsigned int)out->into->dscp << 2 |
				   (tos & CODEC_ECN));
}

/* -- recipes ----------------------------------------------------------------
 */

struct vs_recipe *outbound_recipe(const struct outbound *out,
				  const struct provider_path *path)
{
	static const uint8_t encapsulations[CODEC_KINDS] = {
		[CODEC_NVGRE] = VS_ENCAP_NVGRE,
		[CODEC_VXLAN] = VS_ENCAP_VXLAN,
		[CODEC_GRE] = VS_ENCAP_GRE,
	};
	const struct codec_path *codec = &path->codec;
	struct vs_recipe *recipe =
		out->call->host->recipe_open(out->call, out->frame);

	if (!recipe)
		return NULL;
	recipe->lead_size = codec->size;
	recipe->inner = codec->size;
	recipe->encapsulation = encapsulations[codec->kind];
	recipe->port = path->uplink;
	return recipe;
}

struct vs_recipe *outbound_open(const struct outbound *out,
				const struct provider_path *path,
				const struct codec_frame *frame)
{
	struct vs_recipe *recipe = outbound_recipe(out, path);

	if (recipe)
		codec_write(&path->codec, frame, recipe->lead);
	return recipe;
}

/* A recipe with the outer headers for `size` inner bytes. */
static struct vs_recipe *begin(const struct outbound *out,
			       const struct provider_path *path, uint32_t size)
{
	const struct codec_frame frame = {
		.vsid = out->into->vsid,
		.size = size,
		.hash = vs_frame_flow_hash(out->frame, 0),
		.id = wnv_shard_of(out->call)->outer_id++,
		.tos = outbound_tos(out),
	};

	return outbound_open(out, path, &frame);
}

/* What the link has to do: what the frame leaves open inside, else, of VXLAN,
 * UDP's checksum. */
void outbound_offload(struct vs_recipe *recipe, const struct codec_path *codec)
{
	struct vs_offload *offload = &recipe->offload;

	if (offload->csum_start != VS_ABSENT) {
		offload->csum_start =
			(uint16_t)(offload->csum_start + codec->size);
	} else if (codec->kind == CODEC_VXLAN && offload->gso == VS_GSO_NONE) {
		offload->csum_start = codec->l4;
		offload->csum_offset = 6;
	}
}

/* The first `size` bytes of the frame move to the lead, to be changed. */
static uint8_t *lead_take(struct vs_recipe *recipe, const struct outbound *out,
			  uint32_t size)
{
	uint8_t *inner = recipe->lead + recipe->inner;

	memcpy(inner, out->view->data, size);
	recipe->lead_size = (uint16_t)(recipe->inner + size);
	recipe->slice_offset = size;
	recipe->slice_size = out->view->size - size;
	return inner;
}

static uint16_t mss_limit(const struct outbound *out)
{
	return mtu_mss(out->mtu, out->view->flags & VS_FRAME_IPV6);
}

uint32_t outbound_mss(const struct outbound *out, uint32_t room)
{
	const struct vs_view *view = out->view;

	if (view->protocol != VS_IP_TCP || view->payload == VS_ABSENT ||
	    view->payload > room)
		return 0;
	return mtu_find_mss(view->data + view->l4,
			    (uint32_t)view->payload - view->l4, mss_limit(out));
}

void outbound_clamp(const struct outbound *out, uint8_t *inner, uint32_t mss)
{
	if (mss)
		mtu_clamp(inner + out->view->l4, mss, mss_limit(out),
			  out->view->offload.csum_start == VS_ABSENT);
}

/* What of the inner headers must differ: only that moves to the lead. */
static void write_inner(const struct outbound *out, struct vs_recipe *recipe)
{
	const struct vs_view *view = out->view;
	uint32_t mss = outbound_mss(out, VS_LEAD_SIZE - CODEC_LEAD);
	uint8_t *inner;

	if (!mss && !out->target_mac)
		return;
	inner = lead_take(recipe, out,
			  mss		? view->payload
			  : out->routed ? router_header_size(view)
					: VS_ETHERNET_SIZE);
	outbound_clamp(out, inner, mss);
	if (out->routed)
		router_rewrite(out, inner);
	else if (out->target_mac)
		memcpy(inner, out->target_mac->octet, 6);
}

static bool send_whole(const struct outbound *out,
		       const struct provider_path *path)
{
	struct vs_recipe *recipe = begin(out, path, out->view->size);
	struct vs_offload *offload;

	if (!recipe)
		return false;
	write_inner(out, recipe);
	outbound_offload(recipe, &path->codec);
	offload = &recipe->offload;
	if (offload->gso != VS_GSO_NONE) {
		offload->gso_size = out->gso_size;
		offload->header_size =
			(uint16_t)(out->view->payload + recipe->inner);
	}
	return out->call->host->recipe_commit(out->call, recipe) == 0;
}

static bool send_fragments(const struct outbound *out,
			   const struct provider_path *path)
{
	struct mtu_cutter cutter;
	struct mtu_fragment fragment;
	struct vs_recipe *recipe;
	bool sent = false;

	if (!mtu_cut_begin(&cutter, out->view, out->mtu))
		return false;
	while (mtu_cut_next(&cutter, &fragment)) {
		recipe = begin(out, path,
			       (uint32_t)fragment.head_size + fragment.size);
		if (!recipe)
			break;
		memcpy(recipe->lead + recipe->inner, fragment.head,
		       fragment.head_size);
		if (out->routed)
			router_rewrite(out, recipe->lead + recipe->inner);
		else if (out->target_mac)
			memcpy(recipe->lead + recipe->inner,
			       out->target_mac->octet, 6);
		recipe->lead_size =
			(uint16_t)(recipe->inner + fragment.head_size);
		recipe->slice_offset = fragment.offset;
		recipe->slice_size = fragment.size;
		recipe->offload = (struct vs_offload){.csum_start = VS_ABSENT};
		outbound_offload(recipe, &path->codec);
		if (out->call->host->recipe_commit(out->call, recipe) == 0)
			sent = true;
	}
	return sent;
}

static bool send_copy(const struct outbound *out,
		      const struct provider_path *path)
{
	bool sent = out->judgement == MTU_FRAGMENT ? send_fragments(out, path)
						   : send_whole(out, path);

	if (sent)
		tally_out(out->call, wnv_shard_of(out->call)->provider->tallies,
			  wnv_peer_at(out->state, path->peer)->tally,
			  out->view->size);
	return sent;
}

/* -- the MTU ----------------------------------------------------------------
 */

/* Who says "too big": the gateway, or, where there is none, the destination
 * (design 5.5). */
static struct answer_as too_big_from(const struct outbound *out)
{
	struct answer_as as;

	if (router_speaker(out, &as))
		return as;
	as.mac = vs_frame_target_mac(out->frame);
	if (vs_mac_is_group(&as.mac))
		as.mac = out->subnet->gateway_mac;
	as.ca = outbound_target(out->view);
	as.router = false;
	return as;
}

/* The way to a peer may carry less than the subnet's MTU. */
static void fit_path(struct outbound *out, uint32_t peer, enum codec_kind kind)
{
	const struct wnv_peer *to = wnv_peer_at(out->state, peer);
	uint16_t path = path_mtu_of(wnv_shard_of(out->call)->provider->tallies,
				    to->tally, out->call->now_ns);

	if (path)
		out->mtu = path_mtu_fit(
			path, codec_overhead(kind, !vs_ip_is_v4(&to->pa.ip)),
			out->mtu);
}

/* One judgement for all copies: that of the narrowest way. */
static void fit_paths(struct outbound *out, const struct wnv_replica *list,
		      uint32_t count)
{
	uint32_t i;

	if (!atomic_load_explicit(
		    &wnv_shard_of(out->call)->provider->tallies->path_mtu_seen,
		    memory_order_relaxed))
		return;
	for (i = 0; i < count; i++)
		fit_path(out, list[i].peer, (enum codec_kind)list[i].kind);
}

bool outbound_fits(struct outbound *out)
{
	enum mtu_judgement judgement =
		mtu_judge(out->view, out->mtu, &out->gso_size);
	struct answer_as as;

	out->judgement = (uint8_t)judgement;
	if (judgement == MTU_FITS || judgement == MTU_FRAGMENT)
		return true;
	outbound_drop(out, WNV_TOO_BIG);
	if (judgement != MTU_ANSWER)
		return false;
	as = too_big_from(out);
	if (!vs_ip_is_group(&as.ca.ip) &&
	    shard_punt(out->call, out->view->port) &&
	    icmp_error(out->call, out->frame, &as, ICMP_TOO_BIG, out->mtu))
		outbound_consume(out, VS_CONSUMED_TOO_BIG);
	return false;
}

/* -- answers ----------------------------------------------------------------
 */

bool outbound_may_answer(struct outbound *out)
{
	outbound_drop(out, WNV_PUNT_RATE);
	return shard_punt(out->call, out->view->port);
}

void outbound_answered(struct outbound *out, bool sent, enum vs_consumer what)
{
	if (sent)
		outbound_consume(out, what);
	else
		outbound_drop(out, WNV_ANSWER_LOST);
}

/* -- to one, to all ----------------------------------------------------------
 */

/* Where the record says, or where its host said that the VM went. */
static uint32_t peer_of(const struct outbound *out,
			const struct wnv_record *record)
{
	const struct wnv_peer *peer =
		wnv_redirected(out->state, record, out->call->now_ns);
	char ip[VS_IP_TEXT], text[VS_IP_TEXT + 32];

	if (!peer)
		return record->peer;
	if (out->call->tracing) {
		snprintf(text, sizeof(text), "redirected to pa %s",
			 vs_ip_format(&peer->pa.ip, ip));
		out->call->host->trace(out->call, text);
	}
	return wnv_peer_index(out->state, peer);
}

void outbound_unicast(struct outbound *out, const struct wnv_record *record)
{
	const struct wnv_provider *source = source_of(out);
	const struct shard_target target = {peer_of(out, record),
					    wnv_rule_codec(record->rule)};
	struct shard_way way;

	if (record->rule == WNV_RULE_REWRITE) {
		outbound_rewrite(out, record);
		return;
	}
	out->tally = wnv_peer_at(out->state, target.peer)->tally;
	if (!source) {
		outbound_drop(out, WNV_NO_SOURCE_PA);
		return;
	}
	fit_path(out, target.peer, target.kind);
	if (!outbound_fits(out))
		return;
	switch (shard_path(out->call, source, &target, &way)) {
	case PROVIDER_READY:
		outbound_drop(out, WNV_OFFLOAD_BAD);
		if (send_copy(out, way.path)) {
			out->action = OUTBOUND_SENT;
			outbound_lead(out, way.path);
		}
		break;
	case PROVIDER_WAIT:
		out->action = OUTBOUND_WAIT;
		out->hop = way.hop;
		break;
	default:
		outbound_drop(out, way.reason);
		break;
	}
}

/* To those peers of `list` that can be reached now. */
static void send_copies(struct outbound *out, const struct wnv_provider *source,
			const struct wnv_replica *list, uint32_t count)
{
	enum wnv_reason reason = WNV_PA_UNRESOLVED;
	enum provider_answer answer;
	struct shard_target target;
	struct shard_way way;
	uint32_t i;

	outbound_drop(out, reason);
	for (i = 0; i < count; i++) {
		target.peer = list[i].peer;
		target.kind = (enum codec_kind)list[i].kind;
		answer = shard_path(out->call, source, &target, &way);
		if (answer == PROVIDER_READY && send_copy(out, way.path)) {
			out->action = OUTBOUND_SENT;
			continue;
		}
		/* of several reasons the first */
		if (answer == PROVIDER_DROP && reason == WNV_PA_UNRESOLVED)
			reason = way.reason;
		tally_drop(out->call,
			   wnv_shard_of(out->call)->provider->tallies,
			   wnv_peer_at(out->state, target.peer)->tally);
	}
	if (out->action != OUTBOUND_SENT)
		outbound_drop(out, reason);
}

/* One copy to a group of the provider network. */
static void send_to_group(struct outbound *out, const struct wnv_group *group)
{
	const struct wnv_provider *source = source_of(out);
	const struct wnv_replica one = {group->peer, group->kind};

	outbound_drop(out, WNV_NO_SOURCE_PA);
	if (source && outbound_fits(out))
		send_copies(out, source, &one, 1);
}

void outbound_replicate(struct outbound *out)
{
	/* zeros: a group frame of another kind */
	const struct wnv_ca ca =
		out->view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6)
			? outbound_target(out->view)
			: (struct wnv_ca){0};
	const struct wnv_group *group = wnv_group_find(out->subnet, &ca);
	const struct wnv_provider *source;

	if (group) {
		send_to_group(out, group);
		return;
	}
	source = source_of(out);

	outbound_drop(out, !source		   ? WNV_NO_SOURCE_PA
			   : out->subnet->rewrites ? WNV_RW_NOT_CARRIED
						   : WNV_NO_REMOTE);
	fit_paths(out, out->subnet->replicas, out->subnet->replica_count);
	if (out->subnet->replica_count && source && outbound_fits(out))
		send_copies(out, source, out->subnet->replicas,
			    out->subnet->replica_count);
}

void outbound_seek(struct outbound *out)
{
	const struct wnv_provider *source = source_of(out);

	outbound_drop(out, source || !out->subnet->seeker_count
				   ? WNV_NO_LOOKUP_RECORD
				   : WNV_NO_SOURCE_PA);
	fit_paths(out, out->subnet->seekers, out->subnet->seeker_count);
	if (out->subnet->seeker_count && source && outbound_fits(out))
		send_copies(out, source, out->subnet->seekers,
			    out->subnet->seeker_count);
}
