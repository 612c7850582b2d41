/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.h: the few frames that noise and forge write byte by byte.
 */
#ifndef FRAME_H
#define FRAME_H

#include "secret.h"

struct frame {
	uint8_t bytes[512];
	uint32_t size;
};

struct frame_ends {
	const uint8_t *source_mac, *target_mac;
	uint32_t source, target; /* IPv4, network order */
	uint16_t vlan;		 /* 0 = no tag */
};

/* frame_udp4 - a datagram of the secret to port 9. */
void frame_udp4(struct frame *frame, const struct frame_ends *ends,
		const struct secret *secret);
/* frame_arp - a broadcast request for `target`, the secret behind it. */
void frame_arp(struct frame *frame, const uint8_t mac[6], uint32_t source,
	       uint32_t target, const struct secret *secret);
/* frame_solicit - a neighbour solicitation from the MAC's fe80:: address, the
 * secret in an option that nobody knows. */
void frame_solicit(struct frame *frame, const uint8_t mac[6], uint32_t turn,
		   const struct secret *secret);
/* frame_nvgre - wrap `inner`: outer Ethernet, IPv4, GRE with VSID. */
void frame_nvgre(struct frame *frame, const struct frame_ends *outer,
		 uint32_t vsid, const struct frame *inner);

#endif
