/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tunnel_echo.c: the bytes of tunnel_echo.h.
 */
#include "tunnel_echo.h"

#include <string.h>

#include <vswitch/wire.h>

#include "wrapped.h"

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
	struct wrapping wrapping;
	uint8_t *inner;

	if (!wrapped_open(call, path, (struct vs_vsid){VS_VSID_CONTROL},
			  VS_ETHERNET_SIZE + vs_echo_size(echo), &wrapping))
		return;
	inner = wrapping.inner;
	memcpy(inner, codec->header, 12); /* the MACs of the outer frame */
	vs_store16(inner + 12, codec->ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	vs_echo_write(echo, inner + VS_ETHERNET_SIZE);
	wrapped_send(call, path, &wrapping);
}
