/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup.c: the questions of policy.h that one table answers.
 *
 * Before it in the walk: the codec gave the key; after it: guard.c
 * decides, translate acts.
 */
#include <stdlib.h>

#include "redirects.h"
#include "tables.h"

const struct wnv_subnet *wnv_subnet_find(const struct wnv_state *state,
					 struct vs_vsid vsid)
{
	WNV_INDEX_EACH(i, &state->by_vsid, wnv_hash_vsid(state->seed, vsid))
	if (vs_vsid_equal(state->subnets[i].vsid, vsid))
		return &state->subnets[i];
	return NULL;
}

const struct wnv_subnet *wnv_subnet_kin(const struct wnv_state *state,
					const struct wnv_subnet *subnet)
{
	return &state->subnets[subnet->kin];
}

bool wnv_subnet_is_gateway(const struct wnv_subnet *subnet,
			   const struct wnv_ca *ca)
{
	uint16_t i;

	for (i = 0; i < subnet->gateway_count; i++)
		if (wnv_ca_equal(&subnet->gateways[i], ca))
			return true;
	return false;
}

bool wnv_subnet_holds(const struct wnv_subnet *subnet, const struct wnv_ca *ca)
{
	uint16_t i;

	for (i = 0; i < subnet->prefix_count; i++)
		if (vs_prefix_contains(&subnet->prefixes[i], &ca->ip))
			return true;
	return false;
}

/*
 * Under slaac=on, the address that a VM makes of the /64 and its MAC (RFC 4291
 * appendix A) is its own as if a record said so: the record of its MAC.
 */
static const struct wnv_record *slaac_record(const struct wnv_state *state,
					     struct vs_vsid vsid,
					     const struct wnv_ca *ca)
{
	const uint8_t *id = ca->ip.octet + 8;
	const struct vs_mac mac = {
		{(uint8_t)(id[0] ^ 2), id[1], id[2], id[5], id[6], id[7]}};
	const struct wnv_subnet *subnet = wnv_subnet_find(state, vsid);
	uint16_t i;

	for (i = 0; subnet && subnet->slaac && i < subnet->prefix_count; i++)
		if (subnet->prefixes[i].length == 64 &&
		    vs_prefix_contains(&subnet->prefixes[i], &ca->ip))
			return wnv_record_by_mac(state, vsid, &mac);
	return NULL;
}

const struct wnv_record *wnv_record_find(const struct wnv_state *state,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca)
{
	uint32_t at = wnv_book_find(&state->book, vsid, ca);

	if (at != WNV_NONE)
		return wnv_book_at(&state->book, at);
	if (ca->ip.octet[11] == 0xff && ca->ip.octet[12] == 0xfe)
		return slaac_record(state, vsid, ca);
	return NULL;
}

/* What fits in the second cache with the frames beside it. */
#define RECORDS_FEW 4096u

bool wnv_records_are_many(const struct wnv_state *state)
{
	return state->book.count > RECORDS_FEW;
}

void wnv_records_seek(const struct wnv_state *state, struct wnv_seek *seeks,
		      uint32_t count)
{
	wnv_book_seek(&state->book, seeks, count);
}

const struct wnv_record *wnv_record_by_mac(const struct wnv_state *state,
					   struct vs_vsid vsid,
					   const struct vs_mac *mac)
{
	return wnv_book_by_mac(&state->book, vsid, mac);
}

const struct wnv_record *wnv_shared_find(const struct wnv_state *state,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca,
					 const struct vs_mac *mac)
{
	return wnv_book_shared(&state->book, vsid, ca, mac);
}

const struct wnv_record *wnv_l2only_find(const struct wnv_state *state,
					 struct vs_vsid vsid,
					 const struct vs_mac *mac)
{
	const struct wnv_record *record;

	if (!state->by_l2only.slots)
		return NULL;
	WNV_INDEX_EACH(i, &state->by_l2only,
		       wnv_hash_mac(state->seed, vsid, mac))
	{
		record = wnv_book_at(&state->book, i);
		if (vs_vsid_equal(record->vsid, vsid) &&
		    vs_mac_equal(&record->mac, mac))
			return record;
	}
	return NULL;
}

const struct wnv_record *wnv_record_by_mac_pa(const struct wnv_state *state,
					      struct vs_vsid vsid,
					      const struct vs_mac *mac,
					      const struct wnv_pa *pa)
{
	return wnv_book_by_mac_pa(&state->book, vsid, mac, pa);
}

/* Position in providers, then in peers; WNV_NONE: nobody's. */
static uint32_t pa_find(const struct wnv_state *state, const struct vs_ip *ip)
{
	const struct vs_ip *at;

	WNV_INDEX_EACH(i, &state->by_pa, wnv_hash_ip(state->seed, 0, ip))
	{
		at = i < state->provider_count
			     ? &state->providers[i].pa.ip
			     : &state->peers[i - state->provider_count].pa.ip;
		if (vs_ip_equal(at, ip))
			return i;
	}
	return WNV_NONE;
}

const struct wnv_provider *wnv_provider_find(const struct wnv_state *state,
					     const struct wnv_pa *pa)
{
	uint32_t i = pa_find(state, &pa->ip);

	return i < state->provider_count ? &state->providers[i] : NULL;
}

const struct wnv_provider *wnv_provider_speaking(const struct wnv_state *state,
						 struct vs_vsid vsid,
						 const struct wnv_ca *ca,
						 const struct vs_mac *mac)
{
	const struct wnv_record *record = NULL;

	if (state->provider_count == 1)
		return &state->providers[0];
	if (ca)
		record = wnv_record_find(state, vsid, ca);
	/* of a shared one, another host may be the first owner's */
	if (!record || record->type == WNV_TYPE_SHARED)
		record = wnv_record_by_mac(state, vsid, mac);
	return record ? wnv_provider_find(state, &record->pa) : NULL;
}

uint16_t wnv_provider_count(const struct wnv_state *state)
{
	return state->provider_count;
}

const struct wnv_provider *wnv_provider_at(const struct wnv_state *state,
					   uint16_t index)
{
	return &state->providers[index];
}

const struct wnv_peer *wnv_peer_find(const struct wnv_state *state,
				     const struct wnv_pa *pa)
{
	uint32_t i = pa_find(state, &pa->ip);

	return i != WNV_NONE && i >= state->provider_count
		       ? &state->peers[i - state->provider_count]
		       : NULL;
}

uint32_t wnv_peer_count(const struct wnv_state *state)
{
	return state->peer_count;
}

const struct wnv_peer *wnv_peer_at(const struct wnv_state *state,
				   uint32_t index)
{
	return &state->peers[index];
}

uint32_t wnv_peer_index(const struct wnv_state *state,
			const struct wnv_peer *peer)
{
	return (uint32_t)(peer - state->peers);
}

uint8_t wnv_network_redirect(const struct wnv_state *state, uint32_t network)
{
	return state->domains.networks[network].redirect;
}

static int compare_replicas(const void *a, const void *b)
{
	const struct wnv_replica *left = a, *right = b;

	return (left->peer > right->peer) - (left->peer < right->peer);
}

/* A subnet's replicas are in order of the peers. */
bool wnv_network_names(const struct wnv_state *state, uint32_t network,
		       const struct wnv_peer *peer)
{
	const struct wnv_replica wanted = {.peer = wnv_peer_index(state, peer)};
	const struct wnv_subnet *subnet = state->subnets;
	uint32_t i;

	for (i = 0; i < state->subnet_count; i++, subnet++)
		if (subnet->network == network && subnet->replica_count &&
		    bsearch(&wanted, subnet->replicas, subnet->replica_count,
			    sizeof(wanted), compare_replicas))
			return true;
	return false;
}

const struct wnv_peer *wnv_redirected_find(const struct wnv_state *state,
					   const struct wnv_record *record,
					   uint64_t now_ns)
{
	struct wnv_pa to;

	return state->head.redirects && redirects_find(state->head.redirects,
						       record, now_ns, &to)
		       ? wnv_peer_find(state, &to)
		       : NULL;
}

bool wnv_is_provider_ip(const struct wnv_state *state, const struct vs_ip *ip)
{
	return pa_find(state, ip) != WNV_NONE;
}

bool wnv_is_provider_mac(const struct wnv_state *state,
			 const struct vs_mac *mac)
{
	uint16_t i;

	for (i = 0; i < state->provider_macs.count; i++)
		if (vs_mac_equal(&state->provider_macs.list[i], mac))
			return true;
	return false;
}

bool wnv_is_remote(const struct wnv_state *state, struct vs_vsid vsid,
		   const struct vs_mac *mac)
{
	const struct wnv_record *record = wnv_record_by_mac(state, vsid, mac);
	const struct wnv_subnet *subnet;

	if (record)
		return !(record->flags & WNV_RECORD_LOCAL);
	/* The gateway is WNV's station at the wire, whatever a port says. */
	subnet = wnv_subnet_find(state, vsid);
	return subnet && (subnet->gateway_count || wnv_state_learned(state)) &&
	       vs_mac_equal(&subnet->gateway_mac, mac);
}

uint32_t wnv_record_count(const struct wnv_state *state)
{
	return state->book.count;
}

const struct wnv_record *wnv_record_at(const struct wnv_state *state,
				       uint32_t index)
{
	return wnv_book_at(&state->book, index);
}

bool wnv_port_has_mac(const struct wnv_state *state, const struct vs_mac *mac)
{
	const struct vs_port_profile *profile;
	uint32_t i;

	for (i = 0; i < state->profiles.count; i++) {
		profile = &state->profiles.list[i].profile;
		if (profile->has_mac && vs_mac_equal(&profile->mac, mac))
			return true;
	}
	return false;
}

static const struct wnv_named_profile *named(const struct wnv_state *state,
					     const char *name)
{
	uint32_t i;

	for (i = 0; i < state->profiles.count; i++)
		if (strcmp(state->profiles.list[i].name, name) == 0)
			return &state->profiles.list[i];
	return NULL;
}

const struct vs_port_profile *wnv_port_profile(const struct wnv_state *state,
					       const char *name)
{
	const struct wnv_named_profile *found = named(state, name);

	return found ? &found->profile : NULL;
}

bool wnv_port_vsid(const struct wnv_state *state, const char *name,
		   struct vs_vsid *vsid)
{
	const struct wnv_named_profile *found = named(state, name);

	if (found)
		*vsid = found->vsid;
	return found;
}
