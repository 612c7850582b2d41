/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h: what hosts tell each other about a packet that came to the wrong
 * one (MS-NVGREE, hnv.md B1b): the messages as bytes. Knows no policy.
 *
 * Theory of operation
 * -------------------
 * A message is an ordinary tunnel packet under VSID 0xFFFFFF, in the
 * encapsulation that the packet it is about came in. Its inner frame:
 *
 *   Ethernet 14 | IPv4 20 or IPv6 40 | ICMP 8 | quote
 *
 *   REDIRECT     ICMP 5/10, ICMPv6 137/1: the VM is at the inner IP target,
 *                its new PA; ICMPv4's gateway field says so too
 *   UNREACHABLE  ICMP 3/10, ICMPv6 1/1: no policy for it here; the inner IP
 *                target is whom it is told
 *
 * The inner IP source is the PA of who speaks. The quote begins with the outer
 * IP header of the packet in question; from others one that begins with the
 * GRE header is taken too. It must reach to the inner IP addresses: they and
 * the VSID say what it is about.
 *
 * Where the documents leave it open: PAs of the inner header are of one family
 * (a VM that moves to one of the other is UNREACHABLE), IPv6 has no target
 * field behind the ICMP header, the quote is cut so that the inner packet has
 * at most CONTROL_PACKET bytes.
 */
#ifndef WNV_CONTROL_H
#define WNV_CONTROL_H

#include "address.h"

#define CONTROL_PACKET 576u
#define CONTROL_FRAME  (14u + CONTROL_PACKET)

enum control_kind { CONTROL_REDIRECT, CONTROL_UNREACHABLE };

/* The packet that it is about. */
struct control_quote {
	bool has_outer; /* source and target are its outer addresses */
	struct wnv_pa source, target;
	struct vs_vsid vsid;
	struct vs_mac source_mac, target_mac; /* of the inner frame */
	struct wnv_ca target_ca;
};

struct control_message {
	uint8_t kind; /* enum control_kind */
	struct wnv_pa from;
	struct wnv_pa to; /* the new PA; of UNREACHABLE, whom it is told */
	struct control_quote quote;
};

/* Bytes of an inner frame, or of a packet from its outer IP header on. */
struct control_bytes {
	const uint8_t *at;
	uint32_t size;
};

/* control_read - the inner frame of such a message; false: it is none. */
bool control_read(const struct control_bytes *frame,
		  struct control_message *message);

/* Between whom the inner frame goes. */
struct control_macs {
	struct vs_mac source, target;
};

/*
 * control_write - the inner frame of kind, from and to of `message`, about
 * `packet`, to CONTROL_FRAME bytes at `frame`; both PAs are of one family. Its
 * size.
 */
uint32_t control_write(const struct control_message *message,
		       const struct control_macs *macs,
		       const struct control_bytes *packet, uint8_t *frame);

#endif
