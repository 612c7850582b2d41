/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wnv_lab.h: two hosts with two tenants, as WNV's data path sees them: the
 * hooks of wnv.so on a fake host, with a state that is written down here.
 *
 *   host A 192.0.2.1, host B 192.0.2.2, host C 192.0.2.3 (reads no FlowID),
 *   all on 192.0.2.0/24, behind uplink 9; tenants' ports are 5 and 6
 *   blue 5001, red 6001: 10.0.0.5 and .6 on A, .7 on B, .8 on C, .9 on B
 *     with rule=none, .10 unusable (no PA); fd00::5 on A, fd00::7 on B;
 *     the MAC of 10.0.0.N is 02:00:00:00:00:N
 *   l2only: also VMs of blue with an L2Only record: 12 on A, 13 on B
 *   odd: also a second PA of ours, 192.0.2.50, that no record names; blue
 *     10.0.0.11 on 198.51.100.9, whereto no way leads; the customer route
 *     172.20.0.0/16 via 10.0.0.7; green 7001, which is at home only here
 *   routed: blue has a second subnet, 5002: 10.0.1.0/24, fd00:0:0:1::/64 with
 *     10.0.1.20 on A and .21 on B, and the IPv6 addresses that end alike; the
 *     customer route 172.16.0.0/12 via 10.0.1.99, which nobody has
 *   two uplinks: also uplink 10 with our PA 198.51.100.N/24, and the default
 *     routes by 192.0.2.254 (metric 10) and 198.51.100.254 (metric 20); blue
 *     10.0.0.12 on 203.0.113.9, behind both; 10.0.0.13 on 2001:db8::1
 *   rewrite: 10.0.0.21 and .22 on A, .23 and .24 on B, with rule=rewrite; in
 *     blue 192.0.2.121 to .124 stand for them, in red .131 to .134; fd00::21
 *     to ::24 of blue likewise, by fd00:aa::121 to ::124; 192.0.2.124 also
 *     carries NVGRE, for 10.0.0.25
 *   shared: 10.0.0.80 of blue is VM 14's or VM 15's, both on A
 *   groups: group frames of blue travel by 239.1.0.1, those to 224.5.5.5 and
 *     to ff1e::5 by 239.1.0.2; with ipv6 by ff08::1 and ::2; red has none
 *   gateways 10.0.0.1, fd00::1, fe80::1; MTU 1458; red has l2=on
 */
#ifndef TESTS_SUPPORT_WNV_LAB_H
#define TESTS_SUPPORT_WNV_LAB_H

#include "tests/support/fake_host.h"
#include "tests/support/frames.h"
#include "wnv/redirects.h"
#include "wnv/shard.h"
#include "wnv/state.h"

#define LAB_UPLINK 9u
#define LAB_SECOND 10u /* uplink */
#define LAB_PORT   5u
#define LAB_BLUE   5001u
#define LAB_NEAR   5002u
#define LAB_RED	   6001u
#define LAB_GREEN  7001u

struct lab {
	struct fake_host *fake;
	struct wnv_state *state;
	struct provider *provider;
	struct wnv_shard *shard;
	struct redirects *redirects; /* NULL: nobody is advised */
};

struct lab_options {
	uint8_t host; /* last byte of its PA: 1 = A, 2 = B */
	bool owned;   /* its PA; a shared one needs no duplicate detection */
	uint16_t mtu; /* 0: 1458 */
	uint8_t dscp;
	bool advance;	    /* next hops are asked for in advance */
	bool odd, routed;   /* see above */
	bool l2only;	    /* see above */
	bool shared;	    /* see above */
	bool rewrite;	    /* see above */
	uint8_t more_hosts; /* 192.0.2.100 and on, each with a VM in blue */
	bool ipv6;	    /* provider addresses are 2001:db8::a.b.c.d */
	bool vxlan;	    /* every record that is encap is vxlan */
	uint16_t vlan;	    /* of its PA */
	bool two_uplinks;   /* see below */
	bool groups;	    /* see above */
	bool advises;	    /* who sends to the wrong host is told */
	uint8_t redirect;   /* enum wnv_redirect, of every network */
};

/* lab_open - on the clock's first second; never fails. */
struct lab lab_open(const struct lab_options *options);
void lab_close(struct lab *lab);

/* lab_know - the next hops to all hosts are resolved already. */
void lab_know(struct lab *lab);
/* lab_clear - forget what was sent, emitted and which frames were made. */
void lab_clear(struct lab *lab);
/* lab_tick - move the clock and run the tick hook. */
void lab_tick(struct lab *lab, uint64_t ms);

struct vs_mac lab_vm_mac(uint8_t number);
struct vs_mac lab_host_mac(uint8_t host); /* of its uplink */

/* A frame between two VMs of the lab; `to` 1 is the gateway. */
struct frames lab_frame4(uint8_t *buffer, uint8_t from, uint8_t to,
			 uint8_t protocol);
struct frames lab_frame6(uint8_t *buffer, uint8_t from, uint8_t to,
			 uint8_t next);
/* An ARP packet; `to` NULL: broadcast. */
struct lab_arp {
	const struct vs_mac *to;
	struct vs_mac sender_mac;
	uint8_t sender[4], target[4];
	uint16_t operation;
};
uint32_t lab_arp(uint8_t *buffer, const struct lab_arp *arp);

/* lab_wrap - an NVGRE packet with `inner` in it: from one host to another. */
uint32_t lab_wrap(uint8_t *buffer, uint8_t from, uint8_t to,
		  const struct frames *inner);

/* One frame through a hook: the reason's name, "sent", "pass", or what
 * consumed, held, reflected it. */
const char *lab_out(struct lab *lab, struct vs_packet *packet);
const char *lab_in(struct lab *lab, struct vs_packet *packet);
struct vs_packet *lab_packet(struct lab *lab, const uint8_t *bytes,
			     uint32_t size, uint32_t vsid);

#endif
