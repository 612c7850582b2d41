/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.c: a frame goes the way of the one before it in the burst. Decides
 * only whether it must: bursts are mostly of one flow, and nothing that
 * translate_out.c looks at differs within one, but size and checksums.
 *
 * Before it: translate_out.c, for every frame. After it: the outbox, or, for
 * a frame that does not follow, translate_out.c again.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "mtu.h"
#include "router.h"

#define TCP_FLAGS 13u
#define TCP_SYN	  0x02u

/* The members of a view that parsing and the walk set: one block. */
#define VIEW_FROM offsetof(struct vs_view, flags)
#define VIEW_SIZE (offsetof(struct vs_view, offload) - VIEW_FROM)

/* Has it a header that may have to change: a SYN's MSS (design 5.5)? */
static bool is_syn(const struct vs_view *view)
{
	return view->protocol == VS_IP_TCP &&
	       view->data[view->l4 + TCP_FLAGS] & TCP_SYN;
}

/* IPv4 or IPv6 whose TCP or UDP header is there and follows at once. */
static bool is_plain(const struct vs_view *view)
{
	uint32_t size =
		view->flags & VS_FRAME_IPV4 ? VS_IPV4_SIZE : VS_IPV6_SIZE;

	return view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6) &&
	       !(view->flags & (VS_FRAME_GROUP | VS_FRAME_FRAGMENT)) &&
	       view->payload != VS_ABSENT && view->l4 == view->l3 + size &&
	       view->offload.gso == VS_GSO_NONE && !is_syn(view);
}

void outbound_lead(struct outbound *out, const struct provider_path *path)
{
	if (out->call->tracing || (out->target_mac && !out->routed) ||
	    out->judgement != MTU_FITS || !is_plain(out->view))
		return;
	out->leader.view = out->view;
	out->leader.path = path;
	out->leader.hash = vs_frame_flow_hash(out->frame, 0);
	out->leader.tos = outbound_tos(out);
	out->leader.written = false;
}

static bool ip_follows(const struct vs_view *view, const struct vs_view *leader)
{
	const uint8_t *a = view->data + view->l3;
	const uint8_t *b = leader->data + leader->l3;

	if (view->flags & VS_FRAME_IPV4) /* all but length, ID, checksum */
		return memcmp(a, b, 2) == 0 && memcmp(a + 6, b + 6, 4) == 0 &&
		       memcmp(a + 12, b + 12, 8) == 0;
	return memcmp(a, b, 4) == 0 && memcmp(a + 6, b + 6, 34) == 0;
}

/* Of the leader's flow, and no larger: what the leader fitted it fits. */
static bool follows(const struct vs_view *view, const struct vs_view *leader)
{
	return view->size <= leader->size &&
	       memcmp((const uint8_t *)view + VIEW_FROM,
		      (const uint8_t *)leader + VIEW_FROM, VIEW_SIZE) == 0 &&
	       view->offload.gso == VS_GSO_NONE &&
	       memcmp(view->data, leader->data, VS_ETHERNET_SIZE) == 0 &&
	       ip_follows(view, leader) &&
	       memcmp(view->data + view->l4, leader->data + view->l4, 4) == 0 &&
	       !is_syn(view);
}

/* Its own headers, changed as the leader's were: target, gateway and TTL. */
static void route_as_leader(const struct outbound *out,
			    const struct vs_view *view,
			    struct vs_recipe *recipe)
{
	uint32_t size = router_header_size(view);
	uint8_t *inner = recipe->lead + recipe->inner;

	memcpy(inner, view->data, size);
	router_rewrite(out, inner);
	recipe->lead_size = (uint16_t)(recipe->inner + size);
	recipe->slice_offset = size;
	recipe->slice_size = view->size - size;
}

/* The outer headers that all who follow have, but for size and ID. */
static void write_lead(const struct outbound *out,
		       struct outbound_leader *leader)
{
	const struct codec_frame frame = {
		.vsid = out->into->vsid,
		.hash = leader->hash,
		.tos = leader->tos,
	};

	codec_write(&leader->path->codec, &frame, leader->lead);
	leader->written = true;
}

bool outbound_follow(struct outbound *out, const struct vs_frame *frame)
{
	struct outbound_leader *leader = &out->leader;
	const struct provider_path *path = leader->path;
	const struct vs_view *view = vs_view(frame);
	struct vs_recipe *recipe;

	if (!leader->view || !follows(view, leader->view))
		return false;
	out->frame = frame;
	recipe = outbound_recipe(out, path);
	if (!recipe)
		return false;
	if (!leader->written)
		write_lead(out, leader);
	codec_write_like(&path->codec, leader->lead, view->size,
			 wnv_shard_of(out->call)->outer_id++, recipe->lead);
	if (out->routed)
		route_as_leader(out, view, recipe);
	outbound_offload(recipe, &path->codec);
	if (out->call->host->recipe_commit(out->call, recipe) != 0)
		return false;
	tally_out(out->call, wnv_shard_of(out->call)->provider->tallies,
		  out->tally, view->size);
	return true;
}
