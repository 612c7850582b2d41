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
 *   eth 05>07 ip A>B df · ttl 9 · frag 1480+ · frag 2960 (the last one)
 *   eth 05>07 ip A>B tcp 1>2 syn 1460 · ip A>B echo 7 (either family)
 *   eth 05>MAC ip A>B ns TARGET · na TARGET is-at MAC
 *   eth 05>MAC ip A>B member query|join|join-v1|leave|to-in|to-ex+1… GROUP
 *   eth X>Y ip PA>PA nvgre 5001 eth 05>07 ...    a frame in a frame
 *   eth X>Y ip PA>PA vxlan 5001 eth 05>07 ...    the same, without UDP's sum
 *   eth 05>07 type 88cc · raw 0200...
 *
 * A MAC is two hex digits (02:00:00:00:00:xx), `all`, or written out. IPv4
 * and IPv6 addresses work alike. Checksums of IPv4 headers and
 * of transports are right; behind the headers stands a pattern.
 */
#ifndef TESTS_SCENARIO_FRAME_H
#define TESTS_SCENARIO_FRAME_H

#include <vswitch/packet.h>

#define FRAME_BYTES 9216u

struct frame {
	uint8_t bytes[FRAME_BYTES];
	uint32_t size;
	uint16_t aux; /* VS_ABSENT = none */
	struct vs_offload offload;
};

/* frame_parse - from words[0..count-1]; 0, or -1 with *why set. */
int frame_parse(char **words, int count, struct frame *frame, const char **why);
int frame_mac(const char *text, struct vs_mac *mac);

/* A frame while it grows, front to back: where its pieces lie. */
struct build {
	struct frame *frame;
	uint32_t l3, l4; /* 0 = not there */
	uint8_t family;	 /* 4, 6 */
	uint32_t end;	 /* behind what the words said */
	uint32_t size;	 /* asked for */
	uint16_t gso;
	const char **why;
};

/* A word of the language: args of them follow it. */
struct word {
	const char *name;
	int args;
	int (*build)(struct build *build, char **args);
};

/* frame_word_member - IGMP and MLD (frame_group.c). */
int frame_word_member(struct build *build, char **args);
/* frame_word_ip - the words of IP and above (frame_ip.c), or NULL. */
const struct word *frame_word_ip(const char *name);
/* frame_finish_ip - lengths, checksums, offload; the size is final. */
void frame_finish_ip(struct build *build);
/* frame_grow - `size` zeroed bytes more. */
uint8_t *frame_grow(struct build *build, uint32_t size);
int frame_fail(struct build *build, const char *why);
uint16_t frame_number(const char *text, int base);
/* frame_split - "a>b" in place; the second half, or NULL. */
char *frame_split(char *word);

#endif
