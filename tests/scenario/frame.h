/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.h: frames in words, for scenario scripts.
 *
 *   eth 05>07 ip 10.0.0.5>10.0.0.7 udp 1000>2000 size 100
 *   eth 05>all arp who-has 10.0.0.7 tell 10.0.0.5
 *   eth 07>05 arp from 10.0.0.7 is-at 07
 *   eth 05>07 vlan 100 ip ...     a tag in the bytes
 *   eth 05>07 aux 100 ip ...      a tag beside them (AF_PACKET's auxdata)
 *   eth 05>07 ip A>B tcp 1>2 size 3000 gso 1400
 *   eth 05>07 ip A>B gre 6558 · proto 89 · icmp
 *   eth 05>07 type 88cc · raw 0200...
 *
 * A MAC is two hex digits (02:00:00:00:00:xx), `all`, or written out. IPv4
 * and IPv6 addresses work alike. Checksums of IPv4 headers are right.
 */
#ifndef TESTS_SCENARIO_FRAME_H
#define TESTS_SCENARIO_FRAME_H

#include <vswitch/packet.h>

#define FRAME_BYTES 2048u

struct frame {
	uint8_t bytes[FRAME_BYTES];
	uint32_t size;
	uint16_t aux; /* VS_ABSENT = none */
	struct vs_offload offload;
};

/* frame_parse - from words[0..count-1]; 0, or -1 with *why set. */
int frame_parse(char **words, int count, struct frame *frame, const char **why);
int frame_mac(const char *text, struct vs_mac *mac);

#endif
