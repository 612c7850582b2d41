/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.c: a plan becomes an immutable state with its indices.
 *
 * Before it: configure.c, which refuses what is wrong. After it: lookup.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "tables.h"

struct vs_mac wnv_gateway_mac(struct vs_vsid vsid)
{
	return (struct vs_mac){{0x02, 0x56, 0x53, (uint8_t)(vsid.value >> 16),
				(uint8_t)(vsid.value >> 8),
				(uint8_t)vsid.value}};
}

/* A copy of an array, in memory that the state owns; NULL with count 0. */
static int copy_array(void *target, const void *source, size_t count,
		      size_t size)
{
	void *copy = NULL;

	if (count) {
		copy = calloc(count, size);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, source, count * size);
	}
	memcpy(target, &copy, sizeof(copy));
	return 0;
}

static int compare_providers(const void *a, const void *b)
{
	const struct wnv_provider *left = a, *right = b;

	return wnv_pa_compare(&left->pa, &right->pa);
}

static int compare_peers(const void *a, const void *b)
{
	const struct wnv_peer *left = a, *right = b;

	return wnv_pa_compare(&left->pa, &right->pa);
}

static int compare_provider_routes(const void *a, const void *b)
{
	const struct wnv_provider_route *left = a, *right = b;

	if (left->prefix.length != right->prefix.length)
		return left->prefix.length > right->prefix.length ? -1 : 1;
	return (left->metric > right->metric) - (left->metric < right->metric);
}

static int build_providers(struct wnv_state *state, const struct wnv_plan *plan)
{
	int error;

	state->provider_count = plan->provider_count;
	state->provider_route_count = plan->provider_route_count;
	state->provider_macs.count = plan->provider_mac_count;
	error = copy_array(&state->providers, plan->providers,
			   plan->provider_count, sizeof(*plan->providers));
	if (!error)
		error = copy_array(&state->provider_routes,
				   plan->provider_routes,
				   plan->provider_route_count,
				   sizeof(*plan->provider_routes));
	if (!error)
		error = copy_array(
			&state->provider_macs.list, plan->provider_macs,
			plan->provider_mac_count, sizeof(*plan->provider_macs));
	if (error)
		return error;
	if (state->provider_count)
		qsort(state->providers, state->provider_count,
		      sizeof(*state->providers), compare_providers);
	if (state->provider_route_count)
		qsort(state->provider_routes, state->provider_route_count,
		      sizeof(*state->provider_routes), compare_provider_routes);
	return 0;
}

static bool plan_has_provider(const struct wnv_plan *plan,
			      const struct wnv_pa *pa)
{
	uint16_t i;

	for (i = 0; i < plan->provider_count; i++)
		if (wnv_pa_equal(&plan->providers[i].pa, pa))
			return true;
	return false;
}

/* The dummy address of HNV's gateway records (hnv.md A4.17): nobody's. */
static bool pa_is_dummy(const struct wnv_pa *pa)
{
	static const uint8_t dummy[4] = {169, 254, 254, 254};
	struct vs_ip ip = vs_ip_from_v4(dummy);

	return vs_ip_equal(&pa->ip, &ip);
}

static bool pa_is_remote(const struct wnv_plan *plan, const struct wnv_pa *pa)
{
	return wnv_pa_is_set(pa) && !pa_is_dummy(pa) &&
	       !plan_has_provider(plan, pa);
}

/* Peers: the remote PAs of records and peer objects, once each, sorted. */
static int build_peers(struct wnv_state *state, const struct wnv_plan *plan)
{
	size_t room = (size_t)plan->record_count + plan->peer_count +
		      plan->group_count;
	struct wnv_peer *peers;
	uint32_t i, count = 0, kept = 0;

	if (!room)
		return 0;
	peers = calloc(room, sizeof(*peers));
	if (!peers)
		return -ENOMEM;
	for (i = 0; i < plan->record_count; i++)
		if (pa_is_remote(plan, &plan->records[i].pa))
			peers[count++] = (struct wnv_peer){
				.pa = plan->records[i].pa, .flowid = true};
	for (i = 0; i < plan->peer_count; i++)
		if (pa_is_remote(plan, &plan->peers[i].pa))
			peers[count++] = (struct wnv_peer){
				.pa = plan->peers[i].pa,
				.flowid = plan->peers[i].flowid};
	for (i = 0; i < plan->group_count; i++)
		peers[count++] = (struct wnv_peer){.pa = plan->groups[i].pa,
						   .flowid = true};
	qsort(peers, count, sizeof(*peers), compare_peers);
	for (i = 0; i < count; i++) {
		if (kept && wnv_pa_equal(&peers[kept - 1].pa, &peers[i].pa))
			peers[kept - 1].flowid &= peers[i].flowid;
		else
			peers[kept++] = peers[i];
	}
	state->peers = peers;
	state->peer_count = kept;
	/* give back what the duplicates took; a failure keeps it */
	if (kept) {
		peers = realloc(peers, kept * sizeof(*peers));
		if (peers)
			state->peers = peers;
	}
	return 0;
}

static int index_pas(struct wnv_state *state)
{
	uint32_t i, total = state->provider_count + state->peer_count;
	const struct vs_ip *ip;
	int error = wnv_index_create(&state->by_pa, total);

	if (error)
		return error;
	for (i = 0; i < total; i++) {
		ip = i < state->provider_count
			     ? &state->providers[i].pa.ip
			     : &state->peers[i - state->provider_count].pa.ip;
		if (i && i < state->provider_count &&
		    vs_ip_equal(ip, &state->providers[i - 1].pa.ip))
			return -EEXIST;
		wnv_index_add(&state->by_pa, wnv_hash_ip(state->seed, 0, ip),
			      i);
	}
	return 0;
}

/* Those of one routing domain hang together in a ring. */
static int build_kin(struct wnv_state *state, const struct wnv_plan *plan)
{
	uint32_t *newest = calloc(plan->network_count + 1, sizeof(*newest));
	uint32_t i, *before;

	if (!newest)
		return -ENOMEM;
	for (i = 0; i < state->subnet_count; i++) {
		before = &newest[state->subnets[i].network];
		/* counted from 1; 0: it is the first */
		state->subnets[i].kin =
			*before ? state->subnets[*before - 1].kin : i;
		if (*before)
			state->subnets[*before - 1].kin = i;
		*before = i + 1;
	}
	free(newest);
	return 0;
}

static int build_subnets(struct wnv_state *state, const struct wnv_plan *plan)
{
	const struct wnv_subnet_plan *from;
	size_t prefixes = 0, gateways = 0;
	struct wnv_subnet *to;
	uint32_t i;
	int error = wnv_index_create(&state->by_vsid, plan->subnet_count);

	for (i = 0; i < plan->subnet_count; i++) {
		prefixes += plan->subnets[i].prefix_count;
		gateways += plan->subnets[i].gateway_count;
	}
	state->subnets =
		calloc(plan->subnet_count + 1, sizeof(*state->subnets));
	state->prefixes = calloc(prefixes + 1, sizeof(*state->prefixes));
	state->gateways = calloc(gateways + 1, sizeof(*state->gateways));
	if (error || !state->subnets || !state->prefixes || !state->gateways)
		return -ENOMEM;
	state->subnet_count = plan->subnet_count;
	prefixes = gateways = 0;
	for (i = 0; i < plan->subnet_count; i++) {
		from = &plan->subnets[i];
		to = &state->subnets[i];
		if (wnv_subnet_find(state, from->vsid))
			return -EEXIST;
		*to = (struct wnv_subnet){
			.vsid = from->vsid,
			.network = from->network,
			.prefixes = state->prefixes + prefixes,
			.gateways = state->gateways + gateways,
			.prefix_count = from->prefix_count,
			.gateway_count = from->gateway_count,
			.mtu = from->mtu,
			.overhead = from->overhead,
			.dscp = from->dscp,
			.l2 = from->l2,
			.slaac = from->slaac,
			.gateway_mac = from->gateway_mac,
			.port_count = from->port_count,
		};
		if (from->prefix_count)
			memcpy(state->prefixes + prefixes, from->prefixes,
			       from->prefix_count * sizeof(*from->prefixes));
		if (from->gateway_count)
			memcpy(state->gateways + gateways, from->gateways,
			       from->gateway_count * sizeof(*from->gateways));
		prefixes += from->prefix_count;
		gateways += from->gateway_count;
		wnv_index_add(&state->by_vsid,
			      wnv_hash_vsid(state->seed, from->vsid), i);
	}
	return build_kin(state, plan);
}

/* What follows for a record from whose PA it names. */
void wnv_derive_record(const struct wnv_state *state, struct wnv_record *record)
{
	const struct wnv_peer *peer = wnv_peer_find(state, &record->pa);
	uint8_t kept = WNV_RECORD_AUTO | WNV_RECORD_WAITS | WNV_RECORD_PLUGGED;

	if (!wnv_pa_is_set(&record->pa))
		kept |= WNV_RECORD_LOCAL;
	record->flags &= kept;
	record->peer = WNV_NONE;
	if (wnv_pa_local(state, &record->pa))
		record->flags |= WNV_RECORD_LOCAL;
	else if (peer)
		record->peer = wnv_peer_index(state, peer);
	if (record->flags & WNV_RECORD_LOCAL ||
	    (peer && wnv_rule_tunnels(record->rule)))
		record->flags |= WNV_RECORD_USABLE;
}

static uint32_t count_l2only(const struct wnv_plan *plan)
{
	uint32_t i, count = 0;

	for (i = 0; i < plan->record_count; i++)
		count += plan->records[i].type == WNV_TYPE_L2ONLY;
	return count;
}

/* -EEXIST: its key stands there already. */
static int add_record(struct wnv_state *state, const struct wnv_record *from)
{
	struct wnv_record record = *from;
	uint32_t at;
	int error;

	wnv_derive_record(state, &record);
	state->head.takes_vxlan |= record.rule == WNV_RULE_VXLAN;
	state->counts.vxlans += record.rule == WNV_RULE_VXLAN;
	if (record.peer != WNV_NONE)
		state->counts.peer_uses[record.peer]++;
	state->head.shares |= record.type == WNV_TYPE_SHARED;
	if (record.type == WNV_TYPE_L2ONLY &&
	    wnv_l2only_find(state, record.vsid, &record.mac))
		return -EEXIST;
	error = wnv_book_add(&state->book, &record, &at);
	if (!error && record.type == WNV_TYPE_L2ONLY)
		wnv_index_add(
			&state->by_l2only,
			wnv_hash_mac(state->seed, record.vsid, &record.mac),
			at);
	return error;
}

static int build_records(struct wnv_state *state, const struct wnv_plan *plan)
{
	const struct wnv_peer *peer;
	uint32_t i;
	int error = wnv_book_create(&state->book, plan->seed);

	state->counts.peer_uses = calloc((size_t)state->peer_count + 1,
					 sizeof(*state->counts.peer_uses));
	if (!state->counts.peer_uses)
		return -ENOMEM;
	for (i = 0; i < plan->peer_count; i++) {
		peer = wnv_peer_find(state, &plan->peers[i].pa);
		if (peer)
			state->counts.peer_uses[wnv_peer_index(state, peer)]++;
	}
	if (!error)
		error = wnv_index_create(&state->by_l2only, count_l2only(plan));
	for (i = 0; !error && i < plan->record_count; i++)
		error = add_record(state, &plan->records[i]);
	return error;
}

static int build_profiles(struct wnv_state *state, const struct wnv_plan *plan)
{
	struct wnv_named_profile *to;
	uint32_t i;

	state->profiles.list =
		calloc(plan->port_count + 1, sizeof(*state->profiles.list));
	if (!state->profiles.list)
		return -ENOMEM;
	for (i = 0; i < plan->port_count; i++) {
		to = &state->profiles.list[i];
		strncpy(to->name, plan->ports[i].name, sizeof(to->name) - 1);
		to->vsid = plan->ports[i].vsid;
		to->profile = plan->ports[i].profile;
	}
	state->profiles.count = plan->port_count;
	return 0;
}

int wnv_state_build(const struct wnv_plan *plan, struct wnv_state **state)
{
	struct wnv_state *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->seed = plan->seed;
	made->sharers = malloc(sizeof(*made->sharers));
	if (!made->sharers) {
		free(made);
		return -ENOMEM;
	}
	*made->sharers = 1;
	error = build_providers(made, plan);
	if (!error)
		error = build_peers(made, plan);
	if (!error)
		error = index_pas(made);
	if (!error)
		error = build_subnets(made, plan);
	if (!error)
		error = wnv_build_routes(made, plan);
	if (!error)
		error = wnv_build_advertisers(made);
	if (!error)
		error = build_records(made, plan);
	if (!error)
		error = wnv_build_groups(made, plan);
	if (!error)
		error = wnv_moves_build(&made->moves, plan->moves,
					plan->move_count, plan->seed);
	if (!error)
		error = wnv_build_wildcards(made);
	if (!error)
		error = wnv_state_rewrite(made);
	if (!error)
		error = wnv_state_groups(made);
	if (!error)
		error = build_profiles(made, plan);
	if (error) {
		wnv_state_free(made);
		return error;
	}
	*state = made;
	return 0;
}

static void free_shared(struct wnv_state *state)
{
	wnv_index_destroy(&state->by_vsid);
	wnv_index_destroy(&state->by_l2only);
	wnv_index_destroy(&state->by_rewrite);
	wnv_index_destroy(&state->domains.by_prefix);
	wnv_index_destroy(&state->by_pa);
	free(state->domains.routes);
	free(state->domains.networks);
	free(state->advertisers.subnets);
	free(state->provider_routes);
	free(state->provider_macs.list);
	free(state->profiles.list);
	free(state->prefixes);
	free(state->gateways);
	free(state->seekers);
	free(state->groups.list);
	free(state->wildcards.list);
	free(state->sharers);
}

void wnv_state_free(struct wnv_state *state)
{
	if (!state)
		return;
	wnv_book_destroy(&state->book);
	free(state->subnets);
	free(state->providers);
	free(state->peers);
	free(state->counts.peer_uses);
	free(state->counts.pairs.list);
	free(state->replicas);
	wnv_moves_destroy(&state->moves);
	free(state->step.arrivals.list);
	if (--*state->sharers == 0)
		free_shared(state);
	free(state);
}
