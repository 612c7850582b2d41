// SPDX-License-Identifier: Apache-2.0
/*
 * xacl_flow.c: what becomes of a frame at a port with an extended ACL: a flow
 * lets it pass, or the rules say. Before this file: policy.c, which has asked
 * the basic ACL; after: xacl.c, vs_table.
 */
#include "core/xacl_flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/tag.h"
#include "core/walk.h"
#include "core/xacl_quote.h"

#define FRAGMENTS     8192u
#define FRAGMENT_NS   UINT64_C(30000000000)
#define SECOND	      UINT64_C(1000000000)
#define LEARN_TRIES   4u
#define SWEEP_ENTRIES 4096u
#define SWEEP_PAUSE   UINT64_C(10000000)
#define SWEEP_BUCKETS 64u /* of fragments, each second */

/* xacl_key.zone */
#define ZONE_PROTOCOL 24u /* shift */
#define ZONE_INBOUND  (1u << 22)
#define ZONE_PORT     7u /* shift; below it: the VSID's place in its port */
#define ZONE_VLAN     (1u << 23) /* the VLAN's number instead, in two pieces */
#define ZONE_MORE     17u	 /* shift; of the upper one */
#define ZONE_PORTS    (VS_PORTS_MAXIMUM - 1)
_Static_assert(VS_PORT_VSIDS <= 1u << ZONE_PORT, "a VSID's place fits");

/* -- the tables -------------------------------------------------------------
 */

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
		.idle_ns = 2 * UINT16_MAX * SECOND,
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

static uint64_t idle_ns(const struct xacl_state *state)
{
	return state->idle_s * SECOND;
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
		if (entry.age_ns > idle_ns(&state))
			vs_table_forget(memory->flows, entry.key);
	}
	if (i == SWEEP_ENTRIES)
		return now + SWEEP_PAUSE;
	vs_table_sweep(memory->fragments, now, &memory->fragment_cursor,
		       SWEEP_BUCKETS);
	memory->cursor = 0;
	memory->next = now + SECOND;
	return memory->next;
}

/* -- keys -------------------------------------------------------------------
 */

/* The place of the VSID in the port's set, or VS_PORT_VSIDS. */
static uint16_t vsid_place(const struct vs_port *port, struct vs_vsid vsid)
{
	uint16_t i;

	if (vs_vsid_equal(port->vsid, vsid))
		return 0;
	for (i = 1; i < port->vsid_count; i++)
		if (vs_vsid_equal(port->plan.vsids[i], vsid))
			return i;
	return VS_PORT_VSIDS;
}

/* A port of a private VLAN speaks in one lane and hears in another (lane.h):
 * its flows are the primary one's. */
static uint32_t vlan_zone(const struct vs_port *port, struct vs_vsid vsid)
{
	const struct vs_lane_plan *lane = &port->plan.lane;
	uint32_t vlan = lane->mode >= VS_LANE_ISOLATED ? lane->vlan
						       : vs_vsid_vlan(vsid);
	uint32_t low = (1u << ZONE_PORT) - 1;

	return ZONE_VLAN | (vlan & low) | vlan >> ZONE_PORT << ZONE_MORE;
}

static struct vs_vsid vlan_of_zone(uint32_t zone)
{
	uint32_t low = zone & ((1u << ZONE_PORT) - 1);
	uint32_t high = zone >> ZONE_MORE & (TAG_VID >> ZONE_PORT);

	return vs_vsid_of_vlan((uint16_t)(high << ZONE_PORT | low));
}

/* false: the frame will not get there, or does not come from there. */
static bool key_begin(struct xacl_key *key, const struct vs_port *port,
		      const struct xacl_tuple *tuple)
{
	bool vlan = vs_vsid_is_vlan(tuple->vsid);
	uint16_t place = vlan ? 0 : vsid_place(port, tuple->vsid);

	*key = (struct xacl_key){
		.zone = (uint32_t)tuple->protocol << ZONE_PROTOCOL |
			(uint32_t)port->id.value << ZONE_PORT |
			(vlan ? vlan_zone(port, tuple->vsid) : place),
		.local = tuple->local,
		.remote = tuple->remote,
	};
	return vlan ? port_has_vsid(port, tuple->vsid) ||
			       lane_is_secondary(&port->plan.lane, tuple->vsid)
		    : place < VS_PORT_VSIDS;
}

static bool flow_key(struct xacl_key *key, const struct vs_port *port,
		     const struct xacl_tuple *tuple)
{
	bool mine = key_begin(key, port, tuple);

	key->local_port = tuple->local_port;
	key->remote_port = tuple->remote_port;
	return mine;
}

static bool fragment_key(struct xacl_key *key, const struct vs_port *port,
			 const struct xacl_tuple *tuple)
{
	bool mine = key_begin(key, port, tuple);

	if (tuple->inbound)
		key->zone |= ZONE_INBOUND;
	memcpy(&key->local_port, &tuple->fragment_id, 4);
	return mine;
}

static uint32_t group_of(const struct vs_snapshot *snapshot,
			 struct vs_vsid vsid)
{
	const struct vs_subnet *subnet = snapshot_subnet(snapshot, vsid);

	return subnet ? subnet->group : VS_GROUPS - 1;
}

bool xacl_take_echo(struct xacl_tuple *tuple, const uint8_t *icmp,
		    uint32_t size)
{
	bool echo = tuple->ipv6 ? icmp[0] == 128 || icmp[0] == 129
				: icmp[0] == 8 || icmp[0] == 0;

	if (!echo || size < 8)
		return false;
	tuple->local_port = vs_load16(icmp + 4);
	tuple->remote_port = tuple->local_port;
	return true;
}

static bool is_icmp(const struct xacl_tuple *tuple)
{
	return tuple->protocol == (tuple->ipv6 ? VS_IP_ICMP6 : VS_IP_ICMP);
}

/* What a flow of ICMP is told apart by; the rules know no such thing. */
static struct xacl_tuple with_echo(const struct xacl_tuple *tuple,
				   const struct vs_view *view)
{
	struct xacl_tuple echo = *tuple;

	if (is_icmp(tuple) && view->l4 != VS_ABSENT)
		xacl_take_echo(&echo, view->data + view->l4,
			       view->size - view->l4);
	return echo;
}

/* -- flows ------------------------------------------------------------------
 */

/* One frame at one port. */
struct judged {
	struct vs_worker *worker;
	const struct vs_port *port;
	const struct vs_view *view;
	struct xacl_tuple tuple;
	struct xacl_key key; /* of the flow, or of the fragment */
	bool keyed;
};

static enum vs_table_result flow_learn(const struct judged *judged,
				       const struct xacl_key *key, bool inbound,
				       uint16_t idle_s)
{
	struct xacl_state state = {.stamp = judged->port->flow_stamp,
				   .idle_s = idle_s,
				   .inbound = inbound};
	struct vs_worker *worker = judged->worker;
	struct vs_table_item item = {
		.key = key,
		.value = &state,
		.group = group_of(worker->snapshot, judged->tuple.vsid)};
	enum vs_table_result result;
	uint32_t tries = LEARN_TRIES;

	if (worker->probe)
		return VS_TABLE_SAME;
	do {
		result = vs_table_learn(worker->sw->xacl.flows, &item,
					worker->now, NULL);
	} while (result == VS_TABLE_BUSY && --tries);
	return result;
}

/* Was it judged by rules of this port, as it is now? */
static bool is_ours(const struct vs_port *port, const struct xacl_state *state)
{
	return state->stamp - port->flow_born <=
	       port->flow_stamp - port->flow_born;
}

/* The rules are others now: would they let its first frame in? */
static bool flow_renew(const struct judged *judged, const struct xacl_key *key,
		       const struct xacl_tuple *tuple,
		       const struct xacl_state *state)
{
	struct xacl_tuple first = *tuple;
	const struct vs_xacl_rule *rule;

	first.inbound = state->inbound;
	rule = xacl_lets_in(judged->port->xacl, &first);
	if (!rule || !is_ours(judged->port, state))
		return false;
	flow_learn(judged, key, first.inbound, rule->idle_s);
	return true;
}

/* Is there a flow of this tuple? It has had a frame then. */
static bool flow_lives(const struct judged *judged, const struct xacl_key *key,
		       const struct xacl_tuple *tuple)
{
	struct vs_worker *worker = judged->worker;
	struct vs_table *flows = worker->sw->xacl.flows;
	struct xacl_state state;
	uint64_t age;

	if (!vs_table_look(flows, key, worker->now, &state, &age) ||
	    age > idle_ns(&state))
		return false;
	if (state.stamp != judged->port->flow_stamp)
		return flow_renew(judged, key, tuple, &state);
	if (age && !worker->probe)
		vs_table_seen(flows, key, worker->now);
	return true;
}

/* An error about a flow is of the flow. */
static bool error_of_flow(const struct judged *judged)
{
	struct xacl_tuple quoted;
	struct xacl_key key;

	return is_icmp(&judged->tuple) &&
	       xacl_quoted(judged->view, judged->tuple.inbound, &quoted) &&
	       flow_key(&key, judged->port, &quoted) &&
	       flow_lives(judged, &key, &quoted);
}

static uint16_t flow_make(const struct judged *judged,
			  const struct vs_xacl_rule *rule)
{
	enum vs_table_result result;

	if (!judged->keyed)
		return VS_REASON_NONE;
	result = flow_learn(judged, &judged->key, judged->tuple.inbound,
			    rule->idle_s);
	return result == VS_TABLE_QUOTA || result == VS_TABLE_FULL
		       ? VS_REASON_ACL_FLOW_LIMIT
		       : VS_REASON_NONE;
}

/* -- fragments --------------------------------------------------------------
 */

static void fragment_note(const struct judged *judged, uint16_t reason)
{
	struct vs_worker *worker = judged->worker;
	uint32_t value = reason;
	struct xacl_key key;
	struct vs_table_item item = {
		.key = &key,
		.value = &value,
		.group = group_of(worker->snapshot, judged->tuple.vsid)};

	if (!worker->probe && fragment_key(&key, judged->port, &judged->tuple))
		vs_table_learn(worker->sw->xacl.fragments, &item, worker->now,
			       NULL);
}

static bool fragment_follows(const struct judged *judged,
			     struct xacl_answer *answer)
{
	struct xacl_key key;
	uint32_t value;

	if (!fragment_key(&key, judged->port, &judged->tuple) ||
	    !vs_table_find(judged->worker->sw->xacl.fragments, &key,
			   judged->worker->now, &value))
		return false;
	answer->reason = (uint16_t)value;
	answer->by_flow = true;
	return true;
}

/* -- the answer -------------------------------------------------------------
 */

static void ask_rules(const struct judged *judged, struct xacl_answer *answer)
{
	const struct vs_xacl *xacl = judged->port->xacl;
	const struct vs_xacl_rule *rule;

	answer->rule = xacl_rule_of(xacl, &judged->tuple);
	if (answer->rule == XACL_NONE)
		return;
	rule = xacl_rule(xacl, answer->rule);
	if (!rule->allow)
		answer->reason = VS_REASON_ACL_EXTENDED_DENY;
	else if (rule->stateful && !judged->tuple.later)
		answer->reason = flow_make(judged, rule);
}

static bool has_flow(struct judged *judged)
{
	struct xacl_tuple tuple = with_echo(&judged->tuple, judged->view);

	judged->keyed = flow_key(&judged->key, judged->port, &tuple);
	return judged->keyed && flow_lives(judged, &judged->key, &tuple);
}

static struct xacl_answer judge(struct judged *judged)
{
	struct xacl_answer answer = {.rule = XACL_NONE};
	bool stateful = xacl_is_stateful(judged->port->xacl);

	if (judged->tuple.later) {
		if (!fragment_follows(judged, &answer))
			ask_rules(judged, &answer);
		return answer;
	}
	answer.by_flow = stateful && has_flow(judged);
	if (answer.by_flow)
		return answer;
	ask_rules(judged, &answer);
	if (answer.reason == VS_REASON_ACL_EXTENDED_DENY && stateful &&
	    error_of_flow(judged))
		answer = (struct xacl_answer){.by_flow = true,
					      .rule = XACL_NONE};
	return answer;
}

struct xacl_answer xacl_judge(struct vs_worker *worker,
			      const struct vs_port *port, bool inbound,
			      const struct vs_view *view)
{
	struct judged judged = {.worker = worker, .port = port, .view = view};
	struct xacl_answer answer = {.rule = XACL_NONE};

	if (!xacl_tuple_of(view, inbound, &judged.tuple))
		return answer;
	answer = judge(&judged);
	xacl_count(port->xacl, worker->index, answer.rule);
	if (judged.tuple.first)
		fragment_note(&judged, answer.reason);
	return answer;
}

/* -- looking ----------------------------------------------------------------
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
				? vlan_of_zone(key.zone)
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
		    entry.age_ns > idle_ns(&state) || !is_ours(port, &state))
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

	if (!port || flow->age_ns > sw->now || !flow_key(&key, port, &tuple))
		return false;
	rule = xacl_lets_in(port->xacl, &tuple);
	if (!rule || flow->age_ns > rule->idle_s * SECOND)
		return false;
	state = (struct xacl_state){.stamp = port->flow_stamp,
				    .idle_s = rule->idle_s,
				    .inbound = flow->inbound};
	item.group = group_of(atomic_load(&sw->epoch.published), flow->vsid);
	return vs_table_learn(sw->xacl.flows, &item, sw->now - flow->age_ns,
			      NULL) <= VS_TABLE_CHANGED;
}
