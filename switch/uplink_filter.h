/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uplink_filter.h: the classic BPF program of an uplink's packet socket, made
 * from the provider addresses while no VSID-0 port needs the rest (design
 * 5.7): ARP, and GRE to one of ours; with IPv6 provider addresses also ICMPv6
 * and GRE over IPv6. The kernel takes VLAN tags off before it asks. Pure.
 */
#ifndef UPLINK_FILTER_H
#define UPLINK_FILTER_H

#include <vswitch/types.h>

#define UPLINK_FILTER_SIZE	256u
#define UPLINK_FILTER_ADDRESSES 200u

/*
 * uplink_filter_build - write the program (struct sock_filter, as 64-bit
 * words) for `count` provider addresses; IPv6 ones are not told apart. More
 * IPv4 ones than UPLINK_FILTER_ADDRESSES: GRE to anybody is let through and the
 * switch sorts it out. Returns the number of instructions.
 */
uint16_t uplink_filter_build(const struct vs_ip *addresses, uint16_t count,
			     uint64_t program[UPLINK_FILTER_SIZE]);

#endif
