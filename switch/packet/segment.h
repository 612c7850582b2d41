/* SPDX-License-Identifier: Apache-2.0 */
/*
 * segment.h: finish a recipe for a link that can't: complete the checksum,
 * cut a super-frame. Used by a link's tx, after the walk.
 *
 * A recipe becomes 1..N pieces; a piece is {header bytes made here, a slice
 * of the frame}. The payload is never copied. Patched per piece: outer total
 * or payload length, ID, checksum; VXLAN's UDP length, checksum; inner total or
 * payload length, ID, checksum; TCP sequence, flags (PSH and FIN only on the
 * last, CWR only on the first), checksum; UDP length, checksum.
 */
#ifndef PACKET_SEGMENT_H
#define PACKET_SEGMENT_H

#include <vswitch/host.h>

#define VS_SEGMENT_HEADER 384u /* lead + inner headers at most */

/* The caller's, between begin and the last next; the recipe and its frame must
 * stay. Members are segment.c's. */
struct vs_segmenter {
	const struct vs_recipe *recipe;
	uint32_t header_size; /* bytes of template_bytes in use */
	uint32_t payload_size, sent;
	uint16_t index, pieces;
	uint16_t outer_id, id;	   /* of the first piece, both levels */
	uint16_t outer_l3, l3, l4; /* offsets in the template; VS_ABSENT */
	uint16_t outer_udp;	   /* of VXLAN; VS_ABSENT */
	uint64_t pseudo_sum;	   /* addresses and protocol */
	uint8_t template_bytes[VS_SEGMENT_HEADER];
};

/*
 * vs_segment_begin - prepare. `outer_id` is the first outer IPv4 ID (piece i
 * gets outer_id + i). Returns the number of pieces (1..65535), or -EINVAL if
 * the recipe is empty or leaves its frame, if the headers don't fit
 * VS_SEGMENT_HEADER or contradict the offload. A frame that needs nothing is
 * one piece too.
 */
int vs_segment_begin(struct vs_segmenter *segmenter,
		     const struct vs_recipe *recipe, uint16_t outer_id);

/*
 * vs_segment_next - the next piece: `header` (VS_SEGMENT_HEADER bytes) is
 * filled, the slice is [*offset, *offset + *size) of the frame (*size may be
 * 0). Returns the header's size, or 0 at the end.
 */
uint16_t vs_segment_next(struct vs_segmenter *segmenter, uint8_t *header,
			 uint32_t *offset, uint32_t *size);

#endif
