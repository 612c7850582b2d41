/* SPDX-License-Identifier: Apache-2.0 */
#include "configure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "draft.h"

void *wnv_grow(void *array, uint32_t count, size_t size)
{
	if (count && (count < 8 || count & (count - 1)))
		return array;
	return realloc(array, (count < 8 ? 8 : (size_t)count * 2) * size);
}

int wnv_refuse(struct wnv_draft *draft, struct wnv_place at, int code,
	       const char *format, ...)
{
	char text[sizeof(draft->error->text)];
	struct vs_error place = {0};
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (at.object)
		draft->settings->ops->place(at.object, at.field, &place);
	return vs_error_set(draft->error, code, place.path, "%s", text);
}

void wnv_warn(struct wnv_draft *draft, const struct vs_object *object,
	      const char *format, ...)
{
	char text[256];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	draft->settings->ops->warn(draft->settings, object, text);
}

int wnv_no_memory(struct wnv_draft *draft)
{
	return wnv_refuse(draft, AT(NULL, NULL), ENOMEM,
			  "out of memory while the policy is built");
}

struct wnv_draft_subnet *wnv_draft_subnet_find(const struct wnv_draft *draft,
					       struct vs_vsid vsid)
{
	struct vs_ip key = {0};

	WNV_INDEX_EACH(i, &draft->index.by_vsid,
		       wnv_hash_ip(draft->seed, vsid.value, &key))
	if (vs_vsid_equal(draft->subnets[i].plan.vsid, vsid))
		return &draft->subnets[i];
	return NULL;
}

struct wnv_draft_subnet *wnv_draft_subnet_need(struct wnv_draft *draft,
					       struct wnv_place at,
					       struct vs_vsid vsid)
{
	struct wnv_draft_subnet *subnet = wnv_draft_subnet_find(draft, vsid);

	if (!subnet)
		wnv_refuse(draft, at, ENOENT,
			   "vsid %u is in no network: add it first (vsctl "
			   "subnet add %u network=NAME prefixes=PREFIX)",
			   vsid.value, vsid.value);
	return subnet;
}

bool wnv_draft_subnet_holds(const struct wnv_draft_subnet *subnet,
			    const struct wnv_ca *ca)
{
	uint16_t i;

	for (i = 0; i < subnet->plan.prefix_count; i++)
		if (vs_prefix_contains(&subnet->prefixes[i], &ca->ip))
			return true;
	return false;
}

bool wnv_draft_subnet_is_gateway(const struct wnv_draft_subnet *subnet,
				 const struct wnv_ca *ca)
{
	uint16_t i;

	for (i = 0; i < subnet->plan.gateway_count; i++)
		if (wnv_ca_equal(&subnet->gateways[i], ca))
			return true;
	return false;
}

struct wnv_record *wnv_draft_record_find(const struct wnv_draft *draft,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca)
{
	WNV_INDEX_EACH(i, &draft->index.by_ca,
		       wnv_hash_ip(draft->seed, vsid.value, &ca->ip))
	if (vs_vsid_equal(draft->records[i].vsid, vsid) &&
	    wnv_ca_equal(&draft->records[i].ca, ca))
		return &draft->records[i];
	return NULL;
}

int wnv_draft_record_append(struct wnv_draft *draft,
			    const struct wnv_record *record)
{
	struct wnv_record *records;

	records =
		wnv_grow(draft->records, draft->record_count, sizeof(*records));
	if (!records)
		return wnv_no_memory(draft);
	draft->records = records;
	records[draft->record_count++] = *record;
	return 0;
}

int wnv_draft_record_add(struct wnv_draft *draft,
			 const struct wnv_record *record)
{
	uint32_t at = draft->record_count;
	int error = wnv_draft_record_append(draft, record);

	if (error)
		return error;
	if (record->type == WNV_TYPE_L2ONLY)
		wnv_index_add(
			&draft->index.by_l2only,
			wnv_hash_mac(draft->seed, record->vsid, &record->mac),
			at);
	else if (record->type != WNV_TYPE_GATEWAY)
		wnv_index_add(&draft->index.by_ca,
			      wnv_hash_ip(draft->seed, record->vsid.value,
					  &record->ca.ip),
			      at);
	return 0;
}

struct wnv_provider *wnv_draft_provider_find(const struct wnv_draft *draft,
					     const struct wnv_pa *pa)
{
	WNV_INDEX_EACH(i, &draft->index.by_pa,
		       wnv_hash_ip(draft->seed, 0, &pa->ip))
	if (wnv_pa_equal(&draft->providers[i].pa, pa))
		return &draft->providers[i];
	return NULL;
}

/* The MACs that stand for our PAs on the wire. */
static uint16_t provider_macs(const struct wnv_draft *draft,
			      struct vs_mac *macs)
{
	const struct wnv_draft_uplink *uplink;
	uint16_t count = 0;
	uint32_t i;

	for (i = 0; i < draft->provider_count; i++)
		if (!vs_mac_is_zero(&draft->providers[i].mac))
			macs[count++] = draft->providers[i].mac;
	for (i = 0; i < draft->uplink_count; i++) {
		uplink = &draft->uplinks[i];
		if (uplink->has_pa && uplink->info &&
		    !vs_mac_is_zero(&uplink->info->mac))
			macs[count++] = uplink->info->mac;
	}
	return count;
}

/* What a finished draft hands over: arrays of the plan's own types. */
struct plan_arrays {
	struct wnv_network_plan *networks;
	struct wnv_subnet_plan *subnets;
	struct wnv_port_plan *ports;
	struct vs_mac *macs;
};

static void plan_fill(const struct wnv_draft *draft,
		      const struct plan_arrays *arrays, struct wnv_plan *plan)
{
	uint32_t i;

	for (i = 0; i < draft->network_count; i++)
		arrays->networks[i] = (struct wnv_network_plan){
			draft->networks[i].rdid,
			draft->networks[i].external_router,
			draft->networks[i].redirect};
	for (i = 0; i < draft->subnet_count; i++) {
		arrays->subnets[i] = draft->subnets[i].plan;
		arrays->subnets[i].prefixes = draft->subnets[i].prefixes;
		arrays->subnets[i].gateways = draft->subnets[i].gateways;
	}
	for (i = 0; i < draft->port_count; i++) {
		arrays->ports[i].name = draft->ports[i].name;
		arrays->ports[i].vsid = draft->ports[i].vsid;
		arrays->ports[i].profile = draft->ports[i].profile;
	}
	*plan = (struct wnv_plan){
		.networks = arrays->networks,
		.subnets = arrays->subnets,
		.records = draft->records,
		.routes = draft->routes,
		.providers = draft->providers,
		.provider_routes = draft->provider_routes,
		.peers = draft->peers,
		.ports = arrays->ports,
		.provider_macs = arrays->macs,
		.moves = draft->moves,
		.move_count = draft->move_count,
		.groups = draft->groups.list,
		.group_count = draft->groups.count,
		.network_count = draft->network_count,
		.subnet_count = draft->subnet_count,
		.record_count = draft->record_count,
		.route_count = draft->route_count,
		.peer_count = draft->peer_count,
		.port_count = draft->port_count,
		.provider_count = (uint16_t)draft->provider_count,
		.provider_route_count = (uint16_t)draft->provider_route_count,
		.provider_mac_count = provider_macs(draft, arrays->macs),
		.seed = draft->seed,
	};
}

static int draft_finish(struct wnv_draft *draft, struct wnv_state **state)
{
	struct plan_arrays arrays = {
		.networks = calloc(draft->network_count + 1,
				   sizeof(*arrays.networks)),
		.subnets = calloc(draft->subnet_count + 1,
				  sizeof(*arrays.subnets)),
		.ports = calloc(draft->port_count + 1, sizeof(*arrays.ports)),
		.macs = calloc(draft->provider_count + draft->uplink_count + 1,
			       sizeof(*arrays.macs)),
	};
	struct wnv_plan plan;
	int error = -ENOMEM;

	if (arrays.networks && arrays.subnets && arrays.ports && arrays.macs) {
		plan_fill(draft, &arrays, &plan);
		error = wnv_state_build(&plan, state);
	}
	free(arrays.networks);
	free(arrays.subnets);
	free(arrays.ports);
	free(arrays.macs);
	if (error == -ENOMEM)
		return wnv_no_memory(draft);
	if (error)
		return wnv_refuse(draft, AT(NULL, NULL), -error,
				  "two objects of the policy have one key");
	return 0;
}

static void draft_clear(struct wnv_draft *draft)
{
	wnv_index_destroy(&draft->index.by_vsid);
	wnv_index_destroy(&draft->index.by_pa);
	wnv_index_destroy(&draft->index.by_ca);
	wnv_index_destroy(&draft->index.by_l2only);
	free(draft->networks);
	free(draft->subnets);
	free(draft->placed.list);
	free(draft->records);
	free(draft->routes);
	free(draft->uplinks);
	free(draft->providers);
	free(draft->provider_routes);
	free(draft->peers);
	free(draft->ports);
	free(draft->moves);
	free(draft->groups.list);
}

int wnv_configure(const struct vs_settings *settings,
		  enum wnv_occasion occasion, uint64_t seed,
		  struct wnv_state **state, struct vs_error *error)
{
	struct wnv_draft draft = {
		.settings = settings,
		.error = error,
		.devices_changed = occasion == WNV_OCCASION_DEVICES,
		.seed = seed,
	};
	int result;

	result = wnv_draft_providers(&draft);
	if (!result)
		result = wnv_draft_networks(&draft);
	if (!result)
		result = wnv_draft_records(&draft);
	if (!result)
		result = wnv_draft_groups(&draft);
	if (!result)
		result = wnv_draft_ports(&draft);
	if (!result)
		result = wnv_draft_in_use(&draft);
	if (!result)
		result = wnv_draft_shared(&draft);
	if (!result)
		result = wnv_draft_rewrite(&draft);
	if (!result)
		result = wnv_draft_routes(&draft);
	if (!result)
		result = draft_finish(&draft, state);
	draft_clear(&draft);
	return result;
}
