/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.h: a customer address to its record, written or learned.
 */
#ifndef WNV_RESOLVE_H
#define WNV_RESOLVE_H

#include "policy.h"

/*
 * wnv_resolve - the record of (VSID, CA), policy's or else a learned one (type
 * DYNAMIC, in `dynamic`). Whoever decides about a customer address asks this;
 * wnv_record_find is for lists and for what policy alone may say.
 * wnv_resolve_in_network - wnv_record_in_network in the same way.
 */
const struct wnv_record *wnv_resolve(const struct wnv_state *state,
				     struct vs_vsid vsid,
				     const struct wnv_ca *ca,
				     struct wnv_dynamic *dynamic);
const struct wnv_record *wnv_resolve_in_network(const struct wnv_state *state,
						uint32_t network,
						const struct wnv_ca *ca,
						struct wnv_dynamic *dynamic);

#endif
