/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe.h: a frame in words, for `vsctl trace PORT 'DESCRIPTION'`.
 *
 *   PROTOCOL TARGET[:PORT] [name=value ...]
 *
 *   tcp 10.0.0.7:443         a SYN; [fd00::7]:443 for IPv6
 *   udp 10.0.0.7:53 size=1400 df
 *   icmp 10.0.0.7            an echo request (ping means the same)
 *   arp 10.0.0.7             who has it; nd fd00::7 for IPv6
 *   broadcast                a UDP datagram to 255.255.255.255:9
 *
 * Names: from=ADDRESS[:PORT] smac= dmac= size=PAYLOAD-BYTES ttl= vlan= df.
 * What is not said is filled in by the caller (the port's own MAC and
 * address, the target's MAC) before describe_build. Pure.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include <vswitch/types.h>

#define DESCRIBE_FRAME_SIZE 9216u

enum describe_kind {
	DESCRIBE_TCP,
	DESCRIBE_UDP,
	DESCRIBE_ICMP,
	DESCRIBE_ARP,
	DESCRIBE_ND,
	DESCRIBE_BROADCAST,
	DESCRIBE_KINDS
};

struct describe {
	enum describe_kind kind;
	bool has_source_ip, has_source_mac, has_target_mac, df;
	uint8_t ttl;
	struct vs_ip source_ip, target_ip;
	struct vs_mac source_mac, target_mac;
	uint16_t source_port, target_port;
	uint16_t size;	     /* payload bytes */
	uint16_t vlan;	     /* 0 = none */
	struct vs_vsid vsid; /* the caller's note; not in the frame */
};

/* describe_parse - 0, or -EINVAL with `error` naming the word. */
int describe_parse(const char *text, struct describe *describe,
		   struct vs_error *error);

/*
 * describe_build - the frame's bytes with complete checksums. The source
 * address and both MACs must be set; what is for a group, ARP and ND go to
 * the group's MAC unless the description names another. Returns
 * the size, or -EINVAL with `error` (families differ, does not fit `room`).
 */
int describe_build(const struct describe *describe, uint8_t *frame, size_t room,
		   struct vs_error *error);

#endif
