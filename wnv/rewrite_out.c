/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite_out.c: a customer frame for a record with rule=rewrite: the headers
 * with provider addresses in the lead, the rest a slice; a super-frame leaves
 * whole, its partial checksum with it (design 5.3).
 *
 * What can't be carried is dropped by name: the other host sees two provider
 * addresses, and from them alone it must know VSID, both customer addresses
 * and both MACs (B2.3, B2.12, B2.15).
 *
 * Before it: outbound.c. After it: rewrite.c, then the outbox.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "mtu.h"
#include "rewrite.h"
#include "router.h"

#define TAG_SIZE       4u
#define TRANSPORT_MOST 24u /* holds every checksum that rewrite.c knows */

/* Both ends of one frame. */
struct carriage {
	const struct wnv_record *source, *target;
	const struct wnv_provider *provider; /* of the source */
	struct rewrite_packet packet;
	struct rewrite_addresses to;
};

/* The record that has the frame's source; of what was routed before it came
 * here, in another subnet. */
static const struct wnv_record *source_record(const struct outbound *out,
					      const struct wnv_ca *ca)
{
	const struct wnv_record *record;

	record = wnv_record_find(out->state, out->subnet->vsid, ca);
	return record ? record
		      : wnv_record_in_network(out->state, out->subnet->network,
					      ca);
}

/* GRE, and UDP to VXLAN's port: where a PA carries tunnels as well, the other
 * host would take it for one of ours, with any VSID that the VM writes. */
static bool is_tunnel(const struct vs_view *view)
{
	if (view->protocol == VS_IP_GRE)
		return true;
	return view->protocol == VS_IP_UDP && view->l4 != VS_ABSENT &&
	       view->size >= view->l4 + 4u &&
	       vs_load16(view->data + view->l4 + 2) == VS_UDP_VXLAN;
}

/* Is it a packet from one record to the other? Else it is dropped. */
static bool find_ends(struct outbound *out, struct carriage *carriage)
{
	const struct vs_view *view = out->view;
	struct rewrite_addresses now;

	outbound_drop(out, WNV_RW_NOT_CARRIED);
	if (!(view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6)) ||
	    view->flags & (VS_FRAME_ND | VS_FRAME_GROUP) ||
	    !rewrite_read(view->data, view->size, view->l3, &carriage->packet))
		return false;
	now = rewrite_get(view->data, &carriage->packet);
	if (!vs_ip_equal(&now.target, &carriage->target->ca.ip))
		return false;
	outbound_drop(out, WNV_RW_NO_SOURCE);
	carriage->source = source_record(out, &(struct wnv_ca){now.source});
	if (!carriage->source || carriage->source->rule != WNV_RULE_REWRITE ||
	    (carriage->source->flags &
	     (WNV_RECORD_LOCAL | WNV_RECORD_USABLE)) !=
		    (WNV_RECORD_LOCAL | WNV_RECORD_USABLE))
		return false;
	carriage->provider =
		wnv_provider_find(out->state, &carriage->source->pa);
	if (!carriage->provider)
		return false;
	outbound_drop(out, WNV_RW_TUNNEL);
	if ((carriage->source->flags | carriage->target->flags) &
		    WNV_RECORD_TUNNELED &&
	    is_tunnel(view))
		return false;
	carriage->to.source = carriage->source->pa.ip;
	carriage->to.target = carriage->target->pa.ip;
	return true;
}

/* What stands before the IP header on the wire is longer than in the frame by
 * a VLAN tag. */
static uint32_t shift_of(const struct provider_path *path)
{
	return path->codec.l3 - VS_ETHERNET_SIZE;
}

/* Everything in the lead is rewritten; Ethernet, and the tag, come in front:
 * from our MAC to the next hop's. */
static int commit(const struct outbound *out, struct vs_recipe *recipe,
		  const struct provider_path *path)
{
	uint32_t shift = shift_of(path);

	memcpy(recipe->lead, path->codec.header, path->codec.l3);
	recipe->lead_size = (uint16_t)(recipe->lead_size + shift);
	if (recipe->offload.csum_start != VS_ABSENT)
		recipe->offload.csum_start =
			(uint16_t)(recipe->offload.csum_start + shift);
	if (recipe->offload.gso != VS_GSO_NONE)
		recipe->offload.header_size =
			(uint16_t)(recipe->offload.header_size + shift);
	recipe->port = path->uplink;
	return out->call->host->recipe_commit(out->call, recipe);
}

static bool send_whole(const struct outbound *out,
		       const struct carriage *carriage,
		       const struct provider_path *path)
{
	const struct vs_view *view = out->view;
	uint32_t mss = outbound_mss(out, VS_LEAD_SIZE - TAG_SIZE);
	uint32_t size = mss ? view->payload : carriage->packet.end;
	struct vs_recipe *recipe =
		out->call->host->recipe_open(out->call, out->frame);
	uint8_t *frame;

	if (!recipe)
		return false;
	frame = recipe->lead + shift_of(path);
	memcpy(frame, view->data, size);
	recipe->lead_size = (uint16_t)size;
	recipe->slice_offset = size;
	recipe->slice_size = view->size - size;
	outbound_clamp(out, frame, mss);
	if (out->routed)
		router_rewrite(out, frame);
	rewrite_apply(frame, &carriage->packet, &carriage->to,
		      rewrite_is_partial(&carriage->packet, &view->offload));
	if (recipe->offload.gso != VS_GSO_NONE) {
		recipe->offload.gso_size = out->gso_size;
		recipe->offload.header_size = view->payload;
	}
	recipe->steady = out->mtu;
	return commit(out, recipe, path) == 0;
}

/* One fragment: its head, and as much more as a checksum may be in. */
static bool send_fragment(const struct outbound *out,
			  const struct carriage *carriage,
			  const struct provider_path *path,
			  const struct mtu_fragment *fragment)
{
	uint32_t more = fragment->size < TRANSPORT_MOST ? fragment->size
							: TRANSPORT_MOST;
	uint32_t size = fragment->head_size + more;
	struct vs_recipe *recipe =
		out->call->host->recipe_open(out->call, out->frame);
	struct rewrite_packet packet;
	uint8_t *frame;

	if (!recipe)
		return false;
	frame = recipe->lead + shift_of(path);
	memcpy(frame, fragment->head, fragment->head_size);
	memcpy(frame + fragment->head_size, out->view->data + fragment->offset,
	       more);
	recipe->lead_size = (uint16_t)size;
	recipe->slice_offset = fragment->offset + more;
	recipe->slice_size = fragment->size - more;
	recipe->offload = (struct vs_offload){.csum_start = VS_ABSENT};
	if (!rewrite_read(frame, size, out->view->l3, &packet))
		return false;
	if (out->routed)
		router_rewrite(out, frame);
	rewrite_apply(frame, &packet, &carriage->to, false);
	return commit(out, recipe, path) == 0;
}

static bool send_fragments(const struct outbound *out,
			   const struct carriage *carriage,
			   const struct provider_path *path)
{
	struct mtu_cutter cutter;
	struct mtu_fragment fragment;
	bool sent = false;

	if (!mtu_cut_begin(&cutter, out->view, out->mtu))
		return false;
	while (mtu_cut_next(&cutter, &fragment))
		sent |= send_fragment(out, carriage, path, &fragment);
	return sent;
}

static void send_packet(struct outbound *out, const struct carriage *carriage,
			const struct provider_path *path)
{
	bool sent;

	outbound_drop(out, WNV_OFFLOAD_BAD);
	sent = out->judgement == MTU_FRAGMENT
		       ? send_fragments(out, carriage, path)
		       : send_whole(out, carriage, path);
	if (!sent)
		return;
	out->action = OUTBOUND_SENT;
	tally_out(out->call, wnv_shard_of(out->call)->provider->tallies,
		  out->tally, out->view->size);
}

void outbound_rewrite(struct outbound *out, const struct wnv_record *record)
{
	const struct shard_target target = {record->peer, CODEC_NVGRE};
	struct carriage carriage = {.target = record};
	struct shard_way way;

	out->tally = wnv_peer_at(out->state, record->peer)->tally;
	if (!find_ends(out, &carriage))
		return;
	outbound_drop(out, WNV_RW_HEADERS);
	if (carriage.packet.end > VS_LEAD_SIZE - TAG_SIZE ||
	    !outbound_fits(out))
		return;
	switch (shard_path(out->call, carriage.provider, &target, &way)) {
	case PROVIDER_READY:
		send_packet(out, &carriage, way.path);
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
