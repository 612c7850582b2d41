// SPDX-License-Identifier: Apache-2.0
/*
 * wildcard.c: gateway wildcards in a list by network, VSID and MAC: found, and
 * built with a state.
 *
 * Before this file: lookup.c. After it: guard.c (who may send), translate_out
 * (to whom).
 */
#include <errno.h>
#include <stdlib.h>

#include "routes.h"
#include "tables.h"
#include "wildcard.h"

static bool serves_family(const struct wnv_record *record,
			  const struct wnv_ca *ca)
{
	return record->families &
	       (vs_ip_is_v4(&ca->ip) ? WNV_FAMILY_V4 : WNV_FAMILY_V6);
}

static int compare(const struct wnv_wildcard *a, uint32_t network,
		   struct vs_vsid vsid)
{
	if (a->network != network)
		return a->network < network ? -1 : 1;
	return (a->vsid.value > vsid.value) - (a->vsid.value < vsid.value);
}

/* The first wildcard of the network that is not below the VSID, or the end. */
static const struct wnv_wildcard *
first_of(const struct wnv_state *state, uint32_t network, struct vs_vsid vsid)
{
	uint32_t low = 0, high = state->wildcards.count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare(&state->wildcards.list[middle], network, vsid) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return state->wildcards.list + low;
}

/* May a wildcard stand for it? */
static bool is_outside(const struct wnv_state *state,
		       const struct wnv_subnet *subnet, const struct wnv_ca *ca)
{
	return !wnv_is_link_local6(&ca->ip) && !wnv_ip_is_martian(&ca->ip) &&
	       !wnv_record_find(state, subnet->vsid, ca) &&
	       !wnv_network_holds(state, subnet->network, ca);
}

const struct wnv_record *wnv_wildcard_of(const struct wnv_state *state,
					 const struct wnv_subnet *subnet,
					 const struct vs_mac *mac)
{
	const struct wnv_wildcard *at, *end;

	if (state->wildcards.count == 0)
		return NULL; /* there is no list to point behind */
	end = state->wildcards.list + state->wildcards.count;
	at = first_of(state, subnet->network, subnet->vsid);
	for (; at < end && vs_vsid_equal(at->vsid, subnet->vsid); at++)
		if (vs_mac_equal(&wnv_book_at(&state->book, at->record)->mac,
				 mac))
			return wnv_book_at(&state->book, at->record);
	return NULL;
}

const struct wnv_record *wnv_wildcard_find(const struct wnv_state *state,
					   const struct wnv_subnet *subnet,
					   const struct vs_mac *mac,
					   const struct wnv_ca *ca)
{
	const struct wnv_record *record;

	if (!state->wildcards.count)
		return NULL;
	record = wnv_wildcard_of(state, subnet, mac);
	return record && serves_family(record, ca) &&
			       is_outside(state, subnet, ca)
		       ? record
		       : NULL;
}

const struct wnv_record *wnv_wildcard_by_pa(const struct wnv_state *state,
					    const struct wnv_subnet *subnet,
					    const struct wnv_pa *pa,
					    const struct wnv_ca *ca)
{
	const struct wnv_wildcard *at, *end;
	const struct wnv_record *record;

	if (!state->wildcards.count || !is_outside(state, subnet, ca))
		return NULL;
	end = state->wildcards.list + state->wildcards.count;
	at = first_of(state, subnet->network, (struct vs_vsid){0});
	for (; at < end && at->network == subnet->network; at++) {
		record = wnv_book_at(&state->book, at->record);
		if (!vs_vsid_equal(at->vsid, subnet->vsid) &&
		    wnv_pa_equal(&record->pa, pa) && serves_family(record, ca))
			return record;
	}
	return NULL;
}

const struct wnv_record *wnv_wildcard_way(const struct wnv_state *state,
					  uint32_t network,
					  const struct wnv_ca *ca)
{
	const struct wnv_record *record, *first = NULL;
	const struct wnv_wildcard *at, *end;

	if (state->wildcards.count == 0)
		return NULL;
	end = state->wildcards.list + state->wildcards.count;
	at = first_of(state, network, (struct vs_vsid){0});
	for (; at < end && at->network == network; at++) {
		record = wnv_book_at(&state->book, at->record);
		if (!serves_family(record, ca) ||
		    !(record->flags & WNV_RECORD_USABLE))
			continue;
		if (record->flags & WNV_RECORD_LOCAL)
			return record;
		if (!first)
			first = record;
	}
	return first;
}

/* -- building -------------------------------------------------------------- */

/* A wildcard and the rest of what its place depends on. */
struct place {
	struct wnv_wildcard wildcard;
	struct vs_mac mac;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;
	int order = compare(&left->wildcard, right->wildcard.network,
			    right->wildcard.vsid);

	return order ? order : memcmp(left->mac.octet, right->mac.octet, 6);
}

static uint32_t gather(const struct wnv_state *state, struct place *places)
{
	const struct wnv_record *record;
	uint32_t i, count = 0;

	for (i = 0; i < state->book.count; i++) {
		record = wnv_book_at(&state->book, i);
		if (record->type != WNV_TYPE_GATEWAY)
			continue;
		if (places)
			places[count] = (struct place){
				{wnv_subnet_find(state, record->vsid)->network,
				 i, record->vsid},
				record->mac};
		count++;
	}
	return count;
}

int wnv_build_wildcards(struct wnv_state *state)
{
	uint32_t i, count = gather(state, NULL);
	struct place *places;
	int error = 0;

	if (!count)
		return 0;
	places = calloc(count, sizeof(*places));
	state->wildcards.list = calloc(count, sizeof(*state->wildcards.list));
	if (!places || !state->wildcards.list) {
		free(places);
		return -ENOMEM;
	}
	gather(state, places);
	qsort(places, count, sizeof(*places), compare_places);
	for (i = 0; i < count; i++) {
		if (i && !compare_places(&places[i - 1], &places[i]))
			error = -EEXIST;
		state->wildcards.list[i] = places[i].wildcard;
	}
	state->wildcards.count = count;
	free(places);
	return error;
}
