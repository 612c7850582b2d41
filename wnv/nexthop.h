/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nexthop.h: which way would a packet go, and why (hnv.md A12.1, A12.4)? The
 * answer of `vsctl nexthop`, from policy and from what is known of the
 * provider side; no frame is made, so it may be asked of any address.
 */
#ifndef WNV_NEXTHOP_H
#define WNV_NEXTHOP_H

#include "provider.h"

enum nexthop_argument {
	NEXTHOP_PORT,
	NEXTHOP_CA,
	NEXTHOP_VSID,
	NEXTHOP_SOURCE,
	NEXTHOP_ARGUMENTS
};

extern const struct vs_field nexthop_arguments[NEXTHOP_ARGUMENTS];

/* What the answer is made from. */
struct nexthop_sight {
	const struct wnv_state *state; /* the newest */
	struct provider *provider;
	uint64_t now_ns;
};

/*
 * nexthop_tell - the customer's part (who sends, by which record, route or
 * gateway), then the provider's (source and target PA, uplink, next hop, its
 * MAC), then the verdict. 0, or -errno: the port, the subnet or what is
 * missing, with the fix. Main thread.
 */
int nexthop_tell(const struct nexthop_sight *sight,
		 const struct vs_value *values, struct vs_reply *reply,
		 struct vs_error *error);

#endif
