/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inner.h: what a customer frame inside a provider packet says about itself.
 *
 * from_wire runs before the host has parsed anything, so the few things that
 * the inbound check needs are read here, from bounds-checked bytes. It decides
 * nothing about policy. Before it: codec.c. After it: translate_in.c.
 */
#ifndef WNV_INNER_H
#define WNV_INNER_H

#include "address.h"
#include "reason.h"

struct wnv_inner {
	struct vs_mac source_mac, target_mac;
	struct wnv_ca source;	  /* IP source or ARP sender */
	struct wnv_ca target;	  /* IP destination or ARP target */
	struct wnv_ca advertised; /* target of a neighbour advertisement */
	uint16_t ether_type;
	uint16_t l3;	  /* offset of the network header */
	uint16_t l4;	  /* of TCP's header, else 0 */
	uint16_t dhcp;	  /* of a UDP header between DHCP's ports, else 0 */
	uint8_t tos;	  /* DSCP and ECN */
	bool ip;	  /* IPv4 or IPv6 */
	bool has_source;  /* `source` is an address, not 0 or :: */
	bool advertises;  /* `advertised` is one, too */
	bool false_owner; /* ARP or ND names another MAC than the frame's */
	bool seeks;	  /* ARP or ND: asks for another's address */
	bool teaches;	  /* ARP or ND: says who has `source`, `advertised` */
};

/*
 * wnv_inner_read - look at `size` bytes of a frame that begins at its
 * destination MAC. False with inner_short, inner_vlan, inner_src_mcast,
 * link_local_mcast or inner_bad_ip.
 */
bool wnv_inner_read(const uint8_t *bytes, uint32_t size,
		    struct wnv_inner *inner, enum wnv_reason *reason);

/* wnv_mac_is_link_local - 01:80:c2:00:00:0x: never leaves a link. */
static inline bool wnv_mac_is_link_local(const struct vs_mac *mac)
{
	static const uint8_t block[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

	return __builtin_memcmp(mac->octet, block, 5) == 0 &&
	       mac->octet[5] < 0x10;
}

#endif
