/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h: ask a VM whether it still has its address.
 */
#ifndef WNV_PROBE_H
#define WNV_PROBE_H

#include "policy.h"

/*
 * probe_send - a unicast ARP request or neighbour solicitation to the VM of a
 * record. A VM here is asked by its gateway, whose MAC the answer goes to; one
 * on another host by a VM of this host in the same subnet, without an address
 * of that VM (RFC 5227's probe; a link-local address made from its MAC), for
 * no other MAC of ours is let in there. From worker 0's hooks.
 */
void probe_send(const struct vs_call *call, const struct wnv_record *record);

/*
 * probe_seek - the same question to all that may have the address: to the
 * ports here in the subnet, and to the hosts of its L2Only VMs. From any
 * worker's hooks. probe_can_seek - is there anybody to ask?
 */
void probe_seek(const struct vs_call *call, const struct wnv_subnet *subnet,
		const struct wnv_ca *ca);
bool probe_can_seek(const struct vs_call *call,
		    const struct wnv_subnet *subnet);

#endif
