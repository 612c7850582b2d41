/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrapped.c: see wrapped.h. Before it: probe.c, announce.c, tunnel_echo.c.
 * After it: the uplink.
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

bool wrapped_open(const struct vs_call *call, const struct provider_path *path,
		  struct vs_vsid vsid, uint32_t size, struct wrapping *wrapping)
{
	const struct codec_path *codec = &path->codec;
	const struct codec_frame inner = {
		.vsid = vsid,
		.size = size,
		.id = wnv_shard_of(call)->outer_id++,
	};
	uint32_t whole = codec->size + size;
	/* codec_write writes so much; what is too much is written over */
	uint32_t room = whole < CODEC_LEAD ? CODEC_LEAD : whole;
	struct vs_frame *frame = call->host->frame_new(call, room, vsid);
	uint8_t *bytes;

	if (!frame)
		return false;
	bytes = vs_frame_edit(frame, 0, room);
	codec_write(codec, &inner, bytes);
	if (whole < room)
		vs_frame_resize(frame, whole);
	*wrapping = (struct wrapping){frame, bytes + codec->size};
	return true;
}

bool wrapped_send(const struct vs_call *call, const struct provider_path *path,
		  const struct wrapping *wrapping)
{
	struct vs_offload offload = {.csum_start = VS_ABSENT};

	if (path->codec.kind == CODEC_VXLAN) {
		offload.csum_start = path->codec.l4;
		offload.csum_offset = 6;
	}
	vs_frame_set_offload(wrapping->frame, &offload);
	return call->host->emit(call, wrapping->frame, VS_EMIT_UPLINK,
				path->uplink, (struct vs_port_id){0}) == 0;
}

bool wrapped_emit(const struct vs_call *call, const struct provider_path *path,
		  struct vs_vsid vsid, const struct wrapped *frame)
{
	struct wrapping wrapping;

	if (!wrapped_open(call, path, vsid, frame->size, &wrapping))
		return false;
	memcpy(wrapping.inner, frame->bytes, frame->size);
	return wrapped_send(call, path, &wrapping);
}
