/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h: bytes as they stand on the wire: big-endian loads and stores, the
 * few numbers of Ethernet, IP, ARP, ND, GRE that a switch needs, checksums.
 *
 * Nothing here looks at a frame's length: take a checked pointer first
 * (vs_frame_at in packet.h).
 */
#ifndef VSWITCH_WIRE_H
#define VSWITCH_WIRE_H

#include <vswitch/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VS_ETHERNET_SIZE 14u
#define VS_IPV4_SIZE	 20u
#define VS_IPV6_SIZE	 40u
#define VS_ARP_SIZE	 28u
#define VS_GRE_KEY_SIZE	 8u /* GRE with key, RFC 2890 */

#define VS_TYPE_IPV4 0x0800u
#define VS_TYPE_ARP  0x0806u
#define VS_TYPE_VLAN 0x8100u
#define VS_TYPE_QINQ 0x88a8u
#define VS_TYPE_IPV6 0x86ddu
#define VS_TYPE_TEB  0x6558u /* transparent Ethernet bridging */

#define VS_IP_ICMP  1u
#define VS_IP_IGMP  2u
#define VS_IP_TCP   6u
#define VS_IP_UDP   17u
#define VS_IP_GRE   47u
#define VS_IP_ICMP6 58u

#define VS_ND_ROUTER_SOLICIT 133u
#define VS_ND_ROUTER_ADVERT  134u
#define VS_ND_SOLICIT	     135u
#define VS_ND_ADVERT	     136u
#define VS_ND_REDIRECT	     137u

#define VS_UDP_VXLAN 4789u

static inline uint16_t vs_load16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t vs_load32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline void vs_store16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void vs_store32(uint8_t *p, uint32_t value)
{
	vs_store16(p, (uint16_t)(value >> 16));
	vs_store16(p + 2, (uint16_t)value);
}

/*
 * Internet checksums (RFC 1071). A *sum* is an unfolded, uncomplemented
 * running value in the byte order of the wire's 16-bit words as numbers; a
 * *checksum* is what stands in a header, as a number.
 *
 * vs_sum          add `size` bytes to `sum`; an odd last byte counts as the
 *                 high half of a word, so only the last piece may be odd
 * vs_sum_fold     fold to 16 bits, not complemented
 * vs_checksum     the complemented fold: what to store
 * vs_checksum_update  RFC 1624 eqn. 3: the checksum after the sum of some
 *                 words changed from `old_sum` to `new_sum`
 */
uint64_t vs_sum(uint64_t sum, const uint8_t *bytes, size_t size);
uint16_t vs_sum_fold(uint64_t sum);
uint16_t vs_checksum(uint64_t sum);
uint16_t vs_checksum_update(uint16_t checksum, uint64_t old_sum,
			    uint64_t new_sum);

/*
 * vs_sum_pseudo - the pseudo-header's sum of a checked IPv4 or IPv6 header at
 * `ip` for an upper-layer packet of `size` bytes (RFC 9293 3.1, RFC 8200 8.1).
 */
uint64_t vs_sum_pseudo(const uint8_t *ip, uint8_t protocol, uint32_t size);

#ifdef __cplusplus
}
#endif
#endif
