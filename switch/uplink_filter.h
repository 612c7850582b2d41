/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uplink_filter.h: the classic BPF program of an uplink's packet socket, made
 * from the provider addresses while no VSID-0 port needs the rest (design
 * 5.7): ARP, tunnels to one of ours, IGMP and MLD where asked for, ICMP
 * "fragmentation needed" to one; with IPv6 provider addresses also ICMPv6 and
 * tunnels over IPv6; and all IP to the addresses that stand for a VM's (IP
 * rewrite). The kernel takes VLAN tags off before it asks. Pure.
 */
#ifndef UPLINK_FILTER_H
#define UPLINK_FILTER_H

#include "address_range.h"

#define UPLINK_FILTER_SIZE	256u
#define UPLINK_FILTER_ADDRESSES 100u
#define UPLINK_FILTER_RANGES	16u /* of each family */

struct uplink_filter_plan {
	const struct vs_ip *addresses; /* provider addresses */
	uint16_t count;
	bool echoes;  /* ICMP echo requests: some address is not the kernel's */
	bool vxlan;   /* UDP to the VXLAN port is a tunnel of ours, too */
	bool queries; /* IGMP and MLD: queries for groups are ours to answer */
	/* all IP to these; at most UPLINK_FILTER_RANGES of IPv4, and as many
	 * networks of IPv6; of what is more, everybody's is let in */
	const struct address_range *ranges;
	uint16_t range_count;
};

/*
 * uplink_filter_build - write the program (struct sock_filter, as 64-bit
 * words). IPv6 addresses of tunnels are not told apart. More IPv4 ones than
 * UPLINK_FILTER_ADDRESSES: tunnels to anybody are let through and the switch
 * sorts them out. Returns the number of instructions.
 */
uint16_t uplink_filter_build(const struct uplink_filter_plan *plan,
			     uint64_t program[UPLINK_FILTER_SIZE]);

#endif
