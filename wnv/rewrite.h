/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite.h: other addresses in an IP packet, and every checksum that depends
 * on them (hnv.md B2.6 to B2.10). Bytes only: whose addresses, and whether
 * they may be, is decided in rewrite_out.c and rewrite_in.c.
 *
 * Theory of operation
 * -------------------
 * IP rewrite carries a customer packet by putting a provider address in the
 * place of each customer address; the receiver puts them back. Nothing else
 * differs on the wire: TTL, DSCP, options, extension headers and payload stay
 * (B2.9). Checksums follow by RFC 1624, from the difference alone:
 *
 *   - a checksum that was wrong is wrong by as much afterwards, so corruption
 *     is never repaired on the way;
 *   - a partial checksum (offload) is the sum of the pseudo-header, not its
 *     complement, and the difference is added to it;
 *   - UDP's and UDP-Lite's 0 says "none" and stays, and a sum that comes out
 *     as 0 is written 0xffff;
 *   - a fragment holds the field, or it does not: only where it lies within
 *     the fragment it is changed;
 *   - behind an IPv6 routing header with segments left the transport counts
 *     the last segment, not the destination, so only the source matters.
 *
 * TCP, UDP, UDP-Lite, DCCP and ICMPv6 have such a field. What has none (SCTP,
 * ICMPv4, GRE, ESP) needs nothing. What has one that we do not know, or hides
 * it (AH), crosses the wire with a stale sum and is right again at the other
 * end, because both ends see the customer's addresses; AH verifies there for
 * the same reason. There and back is the identity.
 *
 * Example, in place:
 *	if (rewrite_read(bytes, size, 14, &packet))
 *		rewrite_apply(bytes, &packet, &to, partial);
 */
#ifndef WNV_REWRITE_H
#define WNV_REWRITE_H

#include <vswitch/packet.h>

/* Where in a packet the things stand that depend on its addresses. Offsets
 * count from the buffer's first byte. */
struct rewrite_packet {
	uint16_t l3;
	uint16_t l4;	   /* behind all IP headers */
	uint16_t checksum; /* the transport's field; VS_ABSENT: none here */
	uint16_t end;	   /* behind the last byte that may change */
	uint8_t protocol;  /* at l4 */
	bool ipv6;
	bool fragment;	    /* any */
	bool later;	    /* not the first of several */
	bool zero_is_none;  /* a checksum of 0 stands for none */
	bool target_counts; /* the destination is part of the checksum */
};

struct rewrite_addresses {
	struct vs_ip source, target; /* both of one family */
};

/*
 * rewrite_read - look at the IP packet at `l3` of a buffer of `size` bytes.
 * False: its fixed header is not whole, or no IP. It may end anywhere behind
 * that (a quote in an ICMP error does).
 */
bool rewrite_read(const uint8_t *bytes, uint32_t size, uint16_t l3,
		  struct rewrite_packet *packet);

/* rewrite_get - the addresses that stand there. */
struct rewrite_addresses rewrite_get(const uint8_t *bytes,
				     const struct rewrite_packet *packet);

/*
 * rewrite_apply - write other addresses of the packet's family, bytes from
 * packet->l3 to packet->end may change. `partial`: the transport's field holds
 * the folded pseudo-header sum.
 */
void rewrite_apply(uint8_t *bytes, const struct rewrite_packet *packet,
		   const struct rewrite_addresses *to, bool partial);

/* rewrite_is_partial - does the offload's checksum mean this field? */
bool rewrite_is_partial(const struct rewrite_packet *packet,
			const struct vs_offload *offload);

/* The packet that an ICMP error quotes. */
struct rewrite_quote {
	struct rewrite_packet packet; /* in the same buffer */
	uint16_t checksum;	      /* ICMP's, over the quote too */
};

/* rewrite_quote_read - false: no unfragmented ICMP error (unreachable, too
 * big, time exceeded, parameter problem, source quench), or it quotes less
 * than an IP header. */
bool rewrite_quote_read(const uint8_t *bytes, uint32_t size,
			const struct rewrite_packet *packet,
			struct rewrite_quote *quote);

/* rewrite_quote_apply - other addresses in the quote; the error's checksum
 * follows, unless `partial`: then it is yet to be made. */
void rewrite_quote_apply(uint8_t *bytes, const struct rewrite_quote *quote,
			 const struct rewrite_addresses *to, bool partial);

#endif
