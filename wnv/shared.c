/* SPDX-License-Identifier: Apache-2.0 */
#include "shared.h"

#include "tables.h"

#define GROUP_BIT 1u /* of a MAC's first octet */

static const struct wnv_record *next(const struct wnv_state *state,
				     const struct wnv_record *of,
				     const struct wnv_record *after)
{
	return wnv_book_sharer(&state->book, of->vsid, &of->ca, after);
}

/* Is it where `pa` is; without one, here? */
static bool is_there(const struct wnv_record *record, const struct wnv_pa *pa)
{
	return pa ? wnv_pa_equal(&record->pa, pa)
		  : record->flags & WNV_RECORD_LOCAL;
}

const struct wnv_record *shared_has(const struct wnv_state *state,
				    struct vs_vsid vsid,
				    const struct wnv_ca *ca,
				    const struct vs_mac *mac,
				    const struct wnv_pa *pa)
{
	const struct wnv_record *record = NULL;

	if (!wnv_mac_is_virtual(mac))
		return wnv_shared_find(state, vsid, ca, mac);
	while ((record = wnv_book_sharer(&state->book, vsid, ca, record)))
		if (vs_mac_equal(&record->mac, mac) && is_there(record, pa))
			return record;
	return NULL;
}

/* The owner of a shadow: the first of its place. */
static const struct wnv_record *owner_of(const struct wnv_state *state,
					 const struct wnv_record *shadow)
{
	const struct wnv_record *record = NULL, *owner = NULL;

	while ((record = next(state, shadow, record)))
		if (!wnv_mac_is_virtual(&record->mac) &&
		    wnv_pa_equal(&record->pa, &shadow->pa) &&
		    (!owner ||
		     memcmp(record->mac.octet, owner->mac.octet, 6) < 0))
			owner = record;
	return owner;
}

static const struct wnv_record *shadow_of(const struct wnv_state *state,
					  const struct wnv_record *owner)
{
	const struct wnv_record *record = NULL;

	while ((record = next(state, owner, record)))
		if (wnv_mac_is_virtual(&record->mac) &&
		    wnv_pa_equal(&record->pa, &owner->pa))
			return record;
	return NULL;
}

struct vs_mac shared_name(const struct wnv_state *state,
			  const struct wnv_record *record)
{
	const struct wnv_record *owner;
	struct vs_mac name = record->mac;

	if (!wnv_mac_is_virtual(&record->mac))
		return name;
	owner = owner_of(state, record);
	if (owner)
		name = owner->mac;
	name.octet[0] |= GROUP_BIT;
	return name;
}

struct vs_mac shared_own_mac(const struct vs_mac *name)
{
	struct vs_mac mac = *name;

	mac.octet[0] &= (uint8_t)~GROUP_BIT;
	return mac;
}

const struct wnv_record *shared_owner(const struct wnv_state *state,
				      const struct wnv_record *first,
				      const struct vs_mac *name)
{
	const struct vs_mac mac = shared_own_mac(name);
	const struct wnv_record *owner =
		wnv_shared_find(state, first->vsid, &first->ca, &mac);

	return owner && vs_mac_is_group(name) ? shadow_of(state, owner) : owner;
}

const struct wnv_record *shared_default(const struct wnv_state *state,
					const struct wnv_record *first)
{
	const struct wnv_record *shadow = shadow_of(state, first);

	return shadow ? shadow : first;
}

bool shared_stands_for(const struct wnv_state *state,
		       const struct wnv_record *record,
		       const struct vs_mac *mac)
{
	return state->head.shares && wnv_mac_is_virtual(mac) &&
	       wnv_pa_is_set(&record->pa) &&
	       wnv_record_by_mac_pa(state, record->vsid, mac, &record->pa);
}
