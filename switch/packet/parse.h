/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h: the parser's door for files of this folder that have headers
 * without a packet around them.
 */
#ifndef PACKET_PARSE_H
#define PACKET_PARSE_H

#include <vswitch/packet.h>
#include <vswitch/wire.h>

/*
 * parse_view - compute the derived members of `view` from its size, offload
 * and the first `readable` (<= view->size) bytes of its data, and nothing
 * behind them: a header that reaches further counts as cut.
 */
void parse_view(struct vs_view *view, uint32_t readable);
/* parse_view_long - the same without the short way for usual frames, for the
 * test that holds one against the other. */
void parse_view_long(struct vs_view *view, uint32_t readable);

/* parse_fits_gso - may a frame with these headers be cut as `gso` says? */
static inline bool parse_fits_gso(const struct vs_view *view, uint8_t gso)
{
	unsigned int family = gso == VS_GSO_TCP4 ? VS_FRAME_IPV4
			      : gso == VS_GSO_TCP6
				      ? VS_FRAME_IPV6
				      : VS_FRAME_IPV4 | VS_FRAME_IPV6;
	uint8_t protocol = gso == VS_GSO_UDP ? VS_IP_UDP : VS_IP_TCP;

	return gso <= VS_GSO_UDP && view->flags & family &&
	       !(view->flags & VS_FRAME_FRAGMENT) &&
	       view->protocol == protocol && view->payload != VS_ABSENT;
}

#endif
