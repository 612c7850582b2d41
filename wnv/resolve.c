/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.c: a customer address to its record: policy's, or else the one that
 * was learned. Policy always wins (design 8, dynamic records).
 *
 * Before it: lookup.c, learned.c. After it: guard.c, neighbour.c,
 * translate_out.c, which see no difference.
 */
#include "learned.h"
#include "resolve.h"
#include "routes.h"
#include "shared.h"

/* The L2Only record of who has the address, with the address in it. */
static const struct wnv_record *find_dynamic(const struct wnv_state *state,
					     struct learned *learned,
					     const struct learned_key *key,
					     struct wnv_dynamic *dynamic)
{
	const struct wnv_record *l2only;
	struct vs_mac mac;

	if (!learned_find(learned, key, dynamic->now_ns, &mac))
		return NULL;
	l2only = wnv_l2only_find(state, key->vsid, &mac);
	if (!l2only)
		return NULL;
	dynamic->record = *l2only;
	dynamic->record.ca = key->ca;
	dynamic->record.type = WNV_TYPE_DYNAMIC;
	return &dynamic->record;
}

/* Who has a shared address now: the last to say so, else the first owner. */
static const struct wnv_record *find_owner(const struct wnv_state *state,
					   const struct wnv_record *first,
					   uint64_t now_ns)
{
	const struct learned_key key = {first->vsid, first->ca};
	struct learned *learned = wnv_state_learned(state);
	const struct wnv_record *owner = NULL;
	struct vs_mac mac;

	if (learned && learned_find(learned, &key, now_ns, &mac))
		owner = shared_owner(state, first, &mac);
	return owner ? owner : shared_default(state, first);
}

const struct wnv_record *wnv_resolve(const struct wnv_state *state,
				     struct vs_vsid vsid,
				     const struct wnv_ca *ca,
				     struct wnv_dynamic *dynamic)
{
	const struct wnv_record *record = wnv_record_find(state, vsid, ca);
	struct learned *learned = wnv_state_learned(state);

	if (record && record->type == WNV_TYPE_SHARED)
		return find_owner(state, record, dynamic->now_ns);
	if (record || !learned)
		return record;
	return find_dynamic(state, learned, &(struct learned_key){vsid, *ca},
			    dynamic);
}

const struct wnv_record *wnv_resolve_in_network(const struct wnv_state *state,
						uint32_t network,
						const struct wnv_ca *ca,
						struct wnv_dynamic *dynamic)
{
	const struct wnv_record *record =
		wnv_record_in_network(state, network, ca);
	const struct wnv_route *route;

	if (record || !wnv_state_learned(state))
		return record;
	route = wnv_route_find(state, network, ca);
	return route && route->on_link
		       ? wnv_resolve(state, route->vsid, ca, dynamic)
		       : NULL;
}
