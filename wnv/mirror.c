/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mirror.c: the outer headers of a mirror's copy. Before it: core's mirror.c,
 * which says whose frames. After it: the outbox, then the uplink's tx.
 */
#include "mirror.h"

#include "outbound.h"

static bool send_along(const struct outbound *out,
		       const struct provider_path *path)
{
	const struct vs_view *view = out->view;
	const struct codec_frame frame = {
		.size = view->size,
		.hash = vs_frame_flow_hash(out->frame, 0),
		.id = wnv_shard_of(out->call)->outer_id++,
	};
	struct vs_recipe *recipe = outbound_open(out, path, &frame);

	if (!recipe)
		return false;
	outbound_offload(recipe, &path->codec);
	if (recipe->offload.gso != VS_GSO_NONE)
		recipe->offload.header_size =
			(uint16_t)(view->payload + recipe->inner);
	return out->call->host->recipe_commit(out->call, recipe) == 0;
}

void mirror_copy(const struct vs_call *call, const struct vs_frame *frame,
		 const struct vs_ip *to)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct outbound out = {.call = call,
				     .frame = frame,
				     .view = vs_view(frame),
				     .state = state};
	const struct wnv_pa pa = {*to};
	const struct wnv_peer *peer = wnv_peer_find(state, &pa);
	struct shard_target target = {.kind = CODEC_GRE};
	struct shard_way way;
	uint16_t i;

	if (!peer)
		return;
	target.peer = wnv_peer_index(state, peer);
	for (i = 0; i < wnv_provider_count(state); i++) {
		const struct wnv_provider *source = wnv_provider_at(state, i);

		if (vs_ip_is_v4(&source->pa.ip) == vs_ip_is_v4(to) &&
		    shard_path(call, source, &target, &way) == PROVIDER_READY &&
		    send_along(&out, way.path))
			return;
	}
}
