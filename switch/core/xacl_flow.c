// SPDX-License-Identifier: Apache-2.0
/*
 * xacl_flow.c: what becomes of a frame at a port with an extended ACL: a flow
 * lets it pass, or the rules say. Before this file: policy.c, which has asked
 * the basic ACL; after: xacl.c, vs_table.
 */
#include "core/xacl_flow.h"

#include <string.h>

#include <vswitch/wire.h>

#include "core/walk.h"
#include "core/xacl_entry.h"
#include "core/xacl_quote.h"

#define LEARN_TRIES 4u

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
		.group = xacl_group(worker->snapshot, judged->tuple.vsid)};
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

/* The rules are others now: would they let its first frame in? */
static bool flow_renew(const struct judged *judged, const struct xacl_key *key,
		       const struct xacl_tuple *tuple,
		       const struct xacl_state *state)
{
	struct xacl_tuple first = *tuple;
	const struct vs_xacl_rule *rule;

	first.inbound = state->inbound;
	rule = xacl_lets_in(judged->port->xacl, &first);
	if (!rule || !xacl_is_ours(judged->port, state))
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
	    age > xacl_idle_ns(&state))
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
	       xacl_flow_key(&key, judged->port, &quoted) &&
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
		.group = xacl_group(worker->snapshot, judged->tuple.vsid)};

	if (!worker->probe &&
	    xacl_fragment_key(&key, judged->port, &judged->tuple))
		vs_table_learn(worker->sw->xacl.fragments, &item, worker->now,
			       NULL);
}

static bool fragment_follows(const struct judged *judged,
			     struct xacl_answer *answer)
{
	struct xacl_key key;
	uint32_t value;

	if (!xacl_fragment_key(&key, judged->port, &judged->tuple) ||
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

	judged->keyed = xacl_flow_key(&judged->key, judged->port, &tuple);
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
