/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtu.h: does a customer frame fit the subnet's MTU, and what if it does not
 * (design 5.5). The MTU counts bytes of the customer's IP packet; the segment
 * is judged, not the super-frame.
 *
 *   TCP super-frame     the link cuts it smaller; nobody notices
 *   IPv4, DF clear      the inner packet is fragmented before encapsulation;
 *                       of a UDP super-frame, each datagram that is too big
 *   IPv4 with DF, IPv6  "too big" to the sender
 *   anything else       dropped, too_big
 *
 * Before it: translate_out.c. After it: answer.c, or the recipe.
 */
#ifndef WNV_MTU_H
#define WNV_MTU_H

#include <vswitch/packet.h>

enum mtu_judgement { MTU_FITS, MTU_FRAGMENT, MTU_ANSWER, MTU_DROP };

/* mtu_judge - MTU_FITS sets *gso_size to what the link may cut at (0: the
 * frame is no super-frame). */
enum mtu_judgement mtu_judge(const struct vs_view *view, uint16_t mtu,
			     uint16_t *gso_size);

/* mtu_mss - the largest segment of TCP that fits. */
uint16_t mtu_mss(uint16_t mtu, bool ipv6);
/*
 * mtu_find_mss - offset of the MSS option's value in a SYN's TCP header of
 * `size` readable bytes, if it stands above `limit`; else 0.
 */
uint32_t mtu_find_mss(const uint8_t *tcp, uint32_t size, uint16_t limit);
/* mtu_clamp - write `limit` there; `complete`: the checksum is a whole one and
 * must follow (RFC 1624). */
void mtu_clamp(uint8_t *tcp, uint32_t at, uint16_t limit, bool complete);

/* An IPv4 packet, or one datagram of a super-frame after the other, being cut
 * into fragments. */
#define MTU_HEAD                                                               \
	100u /* Ethernet, IPv4 with options, front of the transport            \
	      */

struct mtu_cutter {
	const struct vs_view *view;
	/* of the packet's payload, offsets in the frame; `last` ends the
	 * last packet's */
	uint32_t first, next, end, last;
	uint16_t room;	      /* for payload in a fragment */
	uint16_t field;	      /* the packet's own fragment field */
	uint16_t completed;   /* bytes of transport header in `front` */
	uint16_t header_size; /* of the next fragment's IPv4 header */
	uint8_t header[60];
	uint8_t front[24]; /* the transport's begin, checksum complete */
};

/* A fragment: `head` (from the destination MAC on), then a slice. */
struct mtu_fragment {
	uint8_t head[MTU_HEAD];
	uint16_t head_size;
	uint32_t offset, size; /* the slice of the frame */
};

/* mtu_cut_begin - false: it can't be cut (the MTU is too small). */
bool mtu_cut_begin(struct mtu_cutter *cutter, const struct vs_view *view,
		   uint16_t mtu);
/* mtu_cut_next - false: that was all. */
bool mtu_cut_next(struct mtu_cutter *cutter, struct mtu_fragment *fragment);

#endif
