/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sought.h: the gateway looks for the VM behind an address that nobody is
 * known to have, before it says that there is none (hnv.md A7.4).
 *
 * A packet that must be routed into a subnet with L2Only VMs, to an address
 * without a record, is dropped `ca_sought`, and the VMs are asked: those here
 * by their gateway, those of other hosts by a VM of this host in the same
 * subnet, as for a probe (probe.h); a host without one asks those here only.
 * Who answers is learned, and the next packet goes there. Three questions, a
 * second apart, without an answer: from then on senders are told that the
 * host is unreachable, while it is asked for once a second; after ten quiet
 * seconds it begins anew.
 *
 * Before it: router.c. After it: probe.c.
 */
#ifndef WNV_SOUGHT_H
#define WNV_SOUGHT_H

#include "policy.h"

#define SOUGHT_SLOTS 64u

struct sought { /* of one worker */
	struct wnv_ca ca;
	struct vs_vsid vsid;
	uint8_t tries;
	uint64_t asked_ns; /* 0: empty */
};

/* sought_begin - is it worth waiting for? Asks, if it is time to. */
bool sought_begin(const struct vs_call *call, const struct wnv_subnet *subnet,
		  const struct wnv_ca *ca);

#endif
