/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tunnel_echo.c: the bytes of tunnel_echo.h.
 */
#include "tunnel_echo.h"

#include <string.h>

#include <vswitch/wire.h>

#include "shard.h"

bool tunnel_echo_read(const uint8_t *bytes, const struct codec_packet *packet,
		      struct vs_echo *echo)
{
	const uint8_t *inner = bytes + packet->inner;
	uint32_t size = packet->end - packet->inner;
	uint16_t type;

	if (size < VS_ETHERNET_SIZE)
		return false;
	type = vs_load16(inner + 12);
	if (type != VS_TYPE_IPV4 && type != VS_TYPE_IPV6)
		return false;
	return vs_echo_read(inner + VS_ETHERNET_SIZE, size - VS_ETHERNET_SIZE,
			    echo) &&
	       vs_ip_equal(&echo->source, &packet->source.ip) &&
	       vs_ip_equal(&echo->target, &packet->target.ip);
}

void tunnel_echo_send(const struct vs_call *call,
		      const struct provider_path *path,
		      const struct vs_echo *echo)
{
	const struct codec_path *codec = &path->codec;
	const struct codec_frame inner = {
		.vsid = {VS_VSID_CONTROL},
		.size = VS_ETHERNET_SIZE + vs_echo_size(echo),
		.id = wnv_shard_of(call)->outer_id++,
	};
	struct vs_offload offload = {.csum_start = VS_ABSENT};
	struct vs_frame *frame;
	uint8_t *bytes;

	frame = call->host->frame_new(call, codec->size + inner.size,
				      (struct vs_vsid){0});
	if (!frame)
		return;
	bytes = vs_frame_edit(frame, 0, codec->size + inner.size);
	/* room for CODEC_LEAD: what is too much is written over */
	codec_write(codec, &inner, bytes);
	bytes += codec->size;
	memcpy(bytes, codec->header, 12);
	vs_store16(bytes + 12, codec->ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	vs_echo_write(echo, bytes + VS_ETHERNET_SIZE);
	if (codec->kind == CODEC_VXLAN) {
		offload.csum_start = codec->l4;
		offload.csum_offset = 6;
	}
	vs_frame_set_offload(frame, &offload);
	call->host->emit(call, frame, VS_EMIT_UPLINK, path->uplink,
			 (struct vs_port_id){0});
}
