// SPDX-License-Identifier: Apache-2.0
/*
 * xacl_memory.c: the flows of stateful rules as the main thread has them: the
 * tables made, swept, listed, and flows that came along with a VM. Before this
 * file: switch.c, xacl_saved.c; after: vs_table, which xacl_flow.c reads.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/xacl_entry.h"

#define FRAGMENTS     8192u
#define FRAGMENT_NS   (30 * XACL_SECOND)
#define SWEEP_ENTRIES 4096u
#define SWEEP_PAUSE   UINT64_C(10000000)
#define SWEEP_BUCKETS 64u /* of fragments, each second */

static int table_open(struct vs_table **table,
		      const struct vs_table_params *params)
{
	if (!vs_table_size(params))
		return -EINVAL;
	*table = vs_table_new(params);
	return *table ? 0 : -ENOMEM;
}

static struct vs_table_params flow_params(uint32_t flows, uint32_t groups)
{
	return (struct vs_table_params){
		.capacity = flows,
		.key_size = sizeof(struct xacl_key),
		.value_size = sizeof(struct xacl_state),
		.groups = groups,
		/* each has its own, far below it: what the table itself
		 * calls idle the sweep would not see */
		.idle_ns = 2 * UINT16_MAX * XACL_SECOND,
	};
}

size_t xacl_flows_size(uint32_t flows, uint32_t groups)
{
	const struct vs_table_params params = flow_params(flows, groups);

	return vs_table_size(&params);
}

int xacl_memory_open(struct xacl_memory *memory, uint32_t flows,
		     uint32_t groups, uint64_t seed)
{
	struct vs_table_params params = flow_params(flows, groups);
	int code;

	params.seed = seed;
	code = table_open(&memory->flows, &params);
	if (!code) {
		params.capacity = FRAGMENTS;
		params.value_size = sizeof(uint32_t);
		params.idle_ns = FRAGMENT_NS;
		code = table_open(&memory->fragments, &params);
	}
	if (code)
		xacl_memory_close(memory);
	return code;
}

void xacl_memory_close(struct xacl_memory *memory)
{
	vs_table_free(memory->flows);
	vs_table_free(memory->fragments);
	*memory = (struct xacl_memory){0};
}

uint64_t xacl_memory_sweep(struct xacl_memory *memory, uint64_t now)
{
	struct vs_table_entry entry;
	struct vs_table_stats stats;
	struct xacl_state state;
	uint32_t i;

	if (!memory->flows)
		return UINT64_MAX;
	if (!memory->cursor && now < memory->next)
		return memory->next;
	vs_table_stats(memory->flows, &stats);
	for (i = 0; stats.entries && i < SWEEP_ENTRIES; i++) {
		if (!vs_table_next(memory->flows, &memory->cursor, now, &entry))
			break;
		memcpy(&state, entry.value, sizeof(state));
		if (entry.age_ns > xacl_idle_ns(&state))
			vs_table_forget(memory->flows, entry.key);
	}
	if (i == SWEEP_ENTRIES)
		return now + SWEEP_PAUSE;
	vs_table_sweep(memory->fragments, now, &memory->fragment_cursor,
		       SWEEP_BUCKETS);
	memory->cursor = 0;
	memory->next = now + XACL_SECOND;
	return memory->next;
}

/* -- looking ------------------------------------------------------------------
 */

static void flow_describe(const struct vs_port *port,
			  const struct vs_table_entry *entry,
			  const struct xacl_state *state,
			  struct xacl_flow *flow)
{
	struct xacl_key key;
	uint32_t place;

	memcpy(&key, entry->key, sizeof(key));
	place = key.zone & ((1u << ZONE_PORT) - 1);
	*flow = (struct xacl_flow){
		.local = key.local,
		.remote = key.remote,
		.vsid = key.zone & ZONE_VLAN
				? xacl_vlan_of_zone(key.zone)
				: port->plan.vsids[place < port->vsid_count
							   ? place
							   : 0],
		.protocol = (uint8_t)(key.zone >> ZONE_PROTOCOL),
		.inbound = state->inbound,
		.local_port = key.local_port,
		.remote_port = key.remote_port,
		.idle_s = state->idle_s,
		.age_ns = entry->age_ns,
	};
}

static const struct vs_port *port_with_flows(const struct vs_switch *sw,
					     struct vs_port_id id)
{
	const struct vs_port *port = switch_port(sw, id);

	return port && port->xacl && sw->xacl.flows ? port : NULL;
}

bool vs_switch_flow_next(struct vs_switch *sw, struct vs_port_id id,
			 uint64_t *cursor, struct xacl_flow *flow)
{
	const struct vs_port *port = port_with_flows(sw, id);
	struct vs_table_entry entry;
	struct xacl_state state;
	struct xacl_key key;

	if (!port)
		return false;
	while (vs_table_next(sw->xacl.flows, cursor, sw->now, &entry)) {
		memcpy(&key, entry.key, sizeof(key));
		memcpy(&state, entry.value, sizeof(state));
		if ((key.zone >> ZONE_PORT & ZONE_PORTS) != id.value ||
		    entry.age_ns > xacl_idle_ns(&state) ||
		    !xacl_is_ours(port, &state))
			continue;
		flow_describe(port, &entry, &state, flow);
		return true;
	}
	return false;
}

/* What its first frame was. */
static struct xacl_tuple flow_tuple(const struct xacl_flow *flow)
{
	return (struct xacl_tuple){
		.local = flow->local,
		.remote = flow->remote,
		.vsid = flow->vsid,
		.inbound = flow->inbound,
		.ipv6 = !vs_ip_is_v4(&flow->local),
		.ported = flow->protocol == VS_IP_TCP ||
			  flow->protocol == VS_IP_UDP,
		.protocol = flow->protocol,
		.local_port = flow->local_port,
		.remote_port = flow->remote_port,
	};
}

bool vs_switch_flow_add(struct vs_switch *sw, struct vs_port_id id,
			const struct xacl_flow *flow)
{
	const struct vs_port *port = port_with_flows(sw, id);
	struct xacl_tuple tuple = flow_tuple(flow);
	const struct vs_xacl_rule *rule;
	struct xacl_state state;
	struct xacl_key key;
	struct vs_table_item item = {.key = &key, .value = &state};

	if (!port || flow->age_ns > sw->now ||
	    !xacl_flow_key(&key, port, &tuple))
		return false;
	rule = xacl_lets_in(port->xacl, &tuple);
	if (!rule || flow->age_ns > rule->idle_s * XACL_SECOND)
		return false;
	state = (struct xacl_state){.stamp = port->flow_stamp,
				    .idle_s = rule->idle_s,
				    .inbound = flow->inbound};
	item.group = xacl_group(atomic_load(&sw->epoch.published), flow->vsid);
	return vs_table_learn(sw->xacl.flows, &item, sw->now - flow->age_ns,
			      NULL) <= VS_TABLE_CHANGED;
}
