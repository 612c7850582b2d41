/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.h: ARP and neighbour discovery of WNV's own, as customer frames:
 * who has this address, and: this one is at that MAC.
 */
#ifndef WNV_DISCOVERY_H
#define WNV_DISCOVERY_H

#include <vswitch/wire.h>

#include "address.h"

#define DISCOVERY_ND   32u /* a solicitation or advertisement, one option */
#define DISCOVERY_SIZE (VS_ETHERNET_SIZE + VS_IPV6_SIZE + DISCOVERY_ND)

struct discovery {
	struct vs_mac from, to; /* `to` may be a group */
	struct wnv_ca target;
	/* it is at `from`, to everybody who wants to know; else: where is it?
	 */
	bool claims;
};

/* discovery_write - the frame to `bytes`, which has room for DISCOVERY_SIZE;
 * returns its size. */
uint32_t discovery_write(const struct discovery *said, uint8_t *bytes);

#endif
