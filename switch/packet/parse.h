/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h: the parser's door for files of this folder that have headers
 * without a packet around them.
 */
#ifndef PACKET_PARSE_H
#define PACKET_PARSE_H

#include <vswitch/packet.h>

/*
 * parse_view - compute the derived members of `view` from its size, offload
 * and the first `readable` (<= view->size) bytes of its data, and nothing
 * behind them: a header that reaches further counts as cut.
 */
void parse_view(struct vs_view *view, uint32_t readable);

#endif
