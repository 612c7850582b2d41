/* SPDX-License-Identifier: Apache-2.0 */
/*
 * membership.h: IGMP (RFC 3376, RFC 2236) and MLD (RFC 3810, RFC 2710) for the
 * provider groups of PAs in a VLAN. An untagged membership is the kernel's
 * (group.h); it knows nothing of our tags, so these are ours.
 *
 * Theory of operation
 * -------------------
 * Worker 0 has the list. When a state begins, what is new on it is reported,
 * and what is gone from it is left, twice each, a second apart. Queries may
 * arrive at any worker, which raises a flag; the next tick, at most a tenth of
 * a second later, answers with all that is joined in that family. Who asks by
 * an older version is answered by it, and reported to by it for the next 260 s
 * (RFC 3376 7.2.1, RFC 3810 8.2.1).
 *
 * An MLD report comes from the link-local address of our MAC: routers believe
 * no other (RFC 3810 5.2.13).
 *
 * Before it: shard.c's tick, translate_in.c. After it: the uplink.
 */
#ifndef WNV_MEMBERSHIP_H
#define WNV_MEMBERSHIP_H

#include <stdatomic.h>

#include "policy.h"

#define MEMBERSHIPS 64u /* of one host; what is more is not reported */

struct membership {
	struct wnv_pa group, home; /* home: the PA of ours in that VLAN */
	struct vs_port_id uplink;
	uint16_t vlan;
	uint8_t sends; /* how often it is still to be said */
	bool leaves;
	struct vs_mac mac; /* that it was said from; to leave by it, too */
	uint64_t due_ns;
};

struct memberships {	 /* worker 0's */
	uint64_t serial; /* of the state that they follow */
	uint32_t count;
	struct membership list[MEMBERSHIPS];
};

struct provider_queries { /* [IPv6]; any worker writes */
	_Atomic bool asked[2];
	_Atomic uint64_t old_ns[2]; /* when an older version was last heard */
};

/* membership_hear - a frame of the provider network: is it a query? */
void membership_hear(const struct vs_call *call,
		     struct provider_queries *queries,
		     const struct vs_frame *frame);
/* membership_tick - worker 0. */
void membership_tick(const struct vs_call *call,
		     struct provider_queries *queries,
		     struct memberships *memberships);

#endif
