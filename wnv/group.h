/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h: group addresses of the provider network that carry group frames of
 * a subnet (hnv.md A7.10, RFC 7637 4.2).
 *
 * Theory of operation
 * -------------------
 * Without one, a group frame is copied once to each remote PA (outbound.c).
 * With one, a single copy goes to the provider's group address, and the
 * fabric's switches make the others. A subnet may have a provider group for
 * one customer group each, and one for all the rest:
 *
 *   "groups": {"all": {"pa": "239.1.0.1"}, "224.5.5.5": {"pa": "239.1.0.2"}}
 *
 * A provider group is a peer that nobody has: frames to it are counted, its
 * path is cached like a peer's, but its MAC follows from its address, and
 * nothing ever comes from it. A host has joined it exactly while a port of its
 * own stands in the subnet: wnv_group_memberships() says which and where, the
 * host's IGMP or MLD does it, or, in a VLAN, ours (membership.h). What comes by
 * it is judged like any other tunnel packet: the outer source must vouch for
 * the inner one.
 *
 * Before it: state.c. After it: outbound.c, translate_in.c, guard.c.
 */
#ifndef WNV_GROUP_H
#define WNV_GROUP_H

#include "policy.h"

/* wnv_group_find - where group frames of the subnet to `ca` go; NULL: to each
 * peer. Frames that are not to an IP group ask with an address of zeros. */
const struct wnv_group *wnv_group_find(const struct wnv_subnet *subnet,
				       const struct wnv_ca *ca);

/* wnv_group_of_pa - a group of the subnet that travels by this PA, or NULL. */
const struct wnv_group *wnv_group_of_pa(const struct wnv_subnet *subnet,
					const struct wnv_pa *pa);

/* wnv_group_known - is it a provider group of some subnet? */
bool wnv_group_known(const struct wnv_state *state, const struct wnv_pa *pa);

/* wnv_group_home - the PA of ours at whose uplink and in whose VLAN this host
 * hears the subnet's groups of the family; NULL: it hears none. */
const struct wnv_provider *wnv_group_home(const struct wnv_state *state,
					  const struct wnv_subnet *subnet,
					  bool ipv6);

/* wnv_group_mac - RFC 1112 6.4, RFC 2464 7. */
struct vs_mac wnv_group_mac(const struct wnv_pa *pa);

/* wnv_group_at - groups by position, and where each is heard (NULL: nowhere);
 * NULL behind the last. */
const struct wnv_group *wnv_group_at(const struct wnv_state *state,
				     uint32_t index,
				     const struct wnv_provider **home);

/* wnv_group_memberships - what this host must have joined: up to `room`, each
 * group once per uplink and VLAN; returns how many there are. */
uint16_t wnv_group_memberships(const struct wnv_state *state,
			       struct vs_provider *list, uint16_t room);

#endif
