/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrapped.c: see wrapped.h. Before it: probe.c, announce.c. After it: the
 * uplink.
 */
#include "wrapped.h"

#include <string.h>

#include "shard.h"

void wrapped_here(const struct vs_call *call, struct vs_vsid vsid,
		  const struct wrapped *frame)
{
	const struct vs_port_id nobody = {0};
	struct vs_frame *made = call->host->frame_new(call, frame->size, vsid);

	if (!made)
		return;
	memcpy(vs_frame_edit(made, 0, frame->size), frame->bytes, frame->size);
	call->host->emit(call, made, VS_EMIT_ADMIT, nobody, nobody);
}

bool wrapped_emit(const struct vs_call *call, const struct provider_path *path,
		  struct vs_vsid vsid, const struct wrapped *frame)
{
	const struct codec_path *codec = &path->codec;
	const struct codec_frame inner = {
		.vsid = vsid,
		.size = frame->size,
		.id = wnv_shard_of(call)->outer_id++,
	};
	struct vs_offload offload = {.csum_start = VS_ABSENT};
	uint32_t size = codec->size + frame->size;
	struct vs_frame *made =
		call->host->frame_new(call, CODEC_LEAD + frame->size, vsid);
	uint8_t *bytes;

	if (!made)
		return false;
	bytes = vs_frame_edit(made, 0, CODEC_LEAD + frame->size);
	codec_write(codec, &inner, bytes);
	memcpy(bytes + codec->size, frame->bytes, frame->size);
	vs_frame_resize(made, size);
	if (codec->kind == CODEC_VXLAN) {
		offload.csum_start = codec->l4;
		offload.csum_offset = 6;
	}
	vs_frame_set_offload(made, &offload);
	return call->host->emit(call, made, VS_EMIT_UPLINK, path->uplink,
				(struct vs_port_id){0}) == 0;
}
