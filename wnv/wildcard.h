/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wildcard.h: gateway wildcards (hnv.md A2.10): the records of those who speak
 * and are spoken to for addresses outside of the customer network.
 *
 * Theory of operation
 * -------------------
 * A wildcard names a MAC, a PA and address families; there may be several in
 * a VSID. It stands for every CA that no record of its subnet names and no
 * subnet of the routing domain holds, so that it can neither hide a VM nor
 * speak for one. A frame to its MAC for such a CA is sent to its PA, and one
 * from its MAC with such a source is taken from its PA. What the distributed
 * router of its host routed into another subnet comes with the gateway's MAC,
 * and is vouched for by any wildcard of the routing domain with that PA.
 */
#ifndef WNV_WILDCARD_H
#define WNV_WILDCARD_H

#include "policy.h"

/* wnv_wildcard_of - the gateway wildcard of (VSID, MAC), or NULL (A2.10). */
const struct wnv_record *wnv_wildcard_of(const struct wnv_state *state,
					 const struct wnv_subnet *subnet,
					 const struct vs_mac *mac);

/* wnv_wildcard_find - the same, if it stands for the CA: of its families,
 * without a record and outside of every subnet of the routing domain. */
const struct wnv_record *wnv_wildcard_find(const struct wnv_state *state,
					   const struct wnv_subnet *subnet,
					   const struct vs_mac *mac,
					   const struct wnv_ca *ca);

/* wnv_wildcard_by_pa - one of another subnet of the routing domain with that
 * PA that stands for the CA, or NULL: for what was routed. */
const struct wnv_record *wnv_wildcard_by_pa(const struct wnv_state *state,
					    const struct wnv_subnet *subnet,
					    const struct wnv_pa *pa,
					    const struct wnv_ca *ca);

/* wnv_wildcard_way - which one of the routing domain a CA outside of it is
 * routed to: the first of its family that can be used, one here before others;
 * or NULL. */
const struct wnv_record *wnv_wildcard_way(const struct wnv_state *state,
					  uint32_t network,
					  const struct wnv_ca *ca);

#endif
