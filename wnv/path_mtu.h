/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path_mtu.h: what the way to a peer carries, if a router said that it is less
 * than what we sent (RFC 1191, RFC 8201).
 *
 * Theory of operation
 * -------------------
 * Our tunnel packets must not be fragmented, so a router with a narrower link
 * drops one and answers ICMP "fragmentation needed" or ICMPv6 "packet too big",
 * to the PA that sent it. Anybody could send such a thing; it counts only if
 * it quotes a packet of ours: from the PA that it is addressed to, to a peer
 * that policy knows, in an encapsulation in use, with a VSID that policy knows.
 * It never makes a path narrower than PATH_MTU_LEAST, and is forgotten after
 * ten minutes: then a full-size packet finds out anew.
 *
 * Where it acts, it acts like the MTU of the subnet (mtu.h): too-big answers to
 * the VM, TCP super-frames cut smaller, SYNs clamped, IPv4 fragmented inside.
 *
 * The numbers live beside the peers' tallies, in the same places; one atomic
 * word each, written by whichever worker heard the message.
 */
#ifndef WNV_PATH_MTU_H
#define WNV_PATH_MTU_H

#include "tally.h"

#define PATH_MTU_LEAST 1280u /* of the outer packet: IPv6's least link */

/* path_mtu_of - of outer IP packets to the peer whose tally is at `place`; 0:
 * nothing was learned. */
static inline uint16_t path_mtu_of(const struct tallies *tallies,
				   uint16_t place, uint64_t now_ns)
{
	uint64_t word = atomic_load_explicit(&tallies->path_mtu[place],
					     memory_order_relaxed);

	if (__builtin_expect(!word, 1))
		return 0;
	return now_ns / 1000000 < word >> 16 ? (uint16_t)word : 0;
}

/* path_mtu_fit - `mtu` of customer packets, or less if the way carries less:
 * in packets of `overhead` bytes around them. */
static inline uint16_t path_mtu_fit(uint16_t path, uint16_t overhead,
				    uint16_t mtu)
{
	return path && path - overhead < mtu ? (uint16_t)(path - overhead)
					     : mtu;
}

/*
 * path_mtu_hear - a frame from an uplink that is no tunnel packet: is it such
 * a message about a packet of ours? True: learn it, and nobody else needs it.
 */
bool path_mtu_hear(const struct vs_call *call, struct tallies *tallies,
		   const struct vs_frame *frame);

#endif
