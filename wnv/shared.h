/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shared.h: addresses that several VMs have in turn (records of type shared).
 *
 * Theory of operation
 * -------------------
 * Each VM that may have the address is an owner: a record of (VSID, CA) with
 * its MAC and its PA. Which one has it now is learned from ARP and ND
 * (learned.h), the last to say so. Until then it is the first.
 *
 * Under VRRP the address may have a MAC of its own, 00:00:5e:00:01:10, that
 * wanders with it (`also-mac` names it). Then there is a second record for
 * each owner, a *shadow*: the virtual MAC at the owner's PA. A frame from the
 * virtual MAC is judged by the shadow of where it comes from; whom others send
 * to is the shadow of the owner. What is learned is the owner's own MAC with
 * the group bit set, which no VM's has: "he, by the virtual MAC".
 *
 * Example: 10.0.0.100, mac 02:..:05 on host A, also-mac 02:..:07 (host B) and
 * 00:00:5e:00:01:0a: four records. An ARP announcement from the virtual MAC
 * arrives from B's PA: its shadow there vouches for it, 03:..:07 is learned,
 * and the address resolves to 00:00:5e:00:01:0a at B.
 *
 * Before it: lookup.c, learned.c. After it: resolve.c, guard.c, learn.c.
 */
#ifndef WNV_SHARED_H
#define WNV_SHARED_H

#include "policy.h"

/* shared_has - the record by which a frame from `mac` may say that the address
 * is its own; NULL: none. For the virtual MAC that of `pa`, or, with NULL, the
 * one on this host. */
const struct wnv_record *shared_has(const struct wnv_state *state,
				    struct vs_vsid vsid,
				    const struct wnv_ca *ca,
				    const struct vs_mac *mac,
				    const struct wnv_pa *pa);

/* shared_name - who it is that has the address by this record, as it is
 * learned. */
struct vs_mac shared_name(const struct wnv_state *state,
			  const struct wnv_record *record);
/* shared_own_mac - the owner's own MAC of what was learned. */
struct vs_mac shared_own_mac(const struct vs_mac *name);

/* shared_owner - the record of the owner by that name, its shadow if the name
 * says so; NULL: policy has no such owner. `first`: what wnv_record_find
 * gave. */
const struct wnv_record *shared_owner(const struct wnv_state *state,
				      const struct wnv_record *first,
				      const struct vs_mac *name);
/* shared_default - who has it while nobody said so. */
const struct wnv_record *shared_default(const struct wnv_state *state,
					const struct wnv_record *first);

/* shared_stands_for - may the VM of a record speak from this MAC, which is not
 * its own? A virtual one of its place. */
bool shared_stands_for(const struct wnv_state *state,
		       const struct wnv_record *record,
		       const struct vs_mac *mac);

#endif
