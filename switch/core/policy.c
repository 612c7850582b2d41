// SPDX-License-Identifier: Apache-2.0
/*
 * policy.c: the built-in policies of a port: police.c's, and its ACLs, on the
 * way in and per destination on the way out. Before: stack_descend,
 * forward_decide; after: forward_decide, stack_ascend.
 */
#include <stdio.h>

#include "core/acl.h"
#include "core/walk.h"
#include "core/xacl_flow.h"

static uint16_t judge_extended(struct vs_worker *worker,
			       const struct vs_port *port, bool inbound,
			       const struct vs_packet *packet)
{
	enum flow_side side = inbound ? FLOW_OUT : FLOW_IN;
	struct xacl_answer answer;

	if (flow_judged(worker, packet, side, &answer)) {
		xacl_count(port->xacl, worker->index, answer.rule);
		return answer.reason;
	}
	answer = xacl_judge(worker, port, inbound, &packet->view);
	if (!xacl_is_stateful(port->xacl))
		flow_note_judged(worker, packet, side, &answer);
	if (answer.by_flow)
		WALK_TRACE(worker, "a flow of %s decides",
			   port->plan.info.name);
	else if (answer.rule != XACL_NONE)
		WALK_TRACE(worker, "extended rule of weight %u of %s decides",
			   xacl_rule(port->xacl, answer.rule)->weight,
			   port->plan.info.name);
	return answer.reason;
}

/* In the words that its entry is named by, and deleted. */
static void trace_rule(struct vs_worker *worker, const struct vs_port *port,
		       const struct vs_acl_rule *rule)
{
	const char *side = rule->side == VS_ACL_LOCAL ? "local" : "remote";
	const char *way = rule->inbound && rule->outbound ? "both"
			  : rule->inbound		  ? "in"
							  : "out";
	bool any = rule->by_mac ? rule->any_mac : !rule->prefix.length;
	char what[VS_PREFIX_TEXT + 16] = "", text[VS_PREFIX_TEXT];

	if (rule->by_mac && !any)
		snprintf(what, sizeof(what), " %s-mac %s", side,
			 vs_mac_format(&rule->mac, text));
	else if (!any)
		snprintf(what, sizeof(what), " %s %s", side,
			 vs_prefix_format(&rule->prefix, text));
	WALK_TRACE(worker, "rule \"%s %s%s\" of %s decides",
		   rule->allow ? "allow" : "deny", way, what,
		   port->plan.info.name);
}

/* The basic ACL and the extended one: both must allow. */
static uint16_t judge(struct vs_worker *worker, const struct vs_port *port,
		      bool inbound, struct vs_packet *packet)
{
	bool allowed;
	uint16_t rule;

	if (port->acl) {
		allowed = vs_acl_allows(port->acl, worker->index, inbound,
					vs_packet_frame(packet), &rule);
		if (rule != UINT16_MAX && worker->tracer)
			trace_rule(worker, port,
				   vs_acl_rule_at(port->acl, rule));
		if (!allowed)
			return VS_REASON_ACL_DENY;
	}
	return port->xacl ? judge_extended(worker, port, inbound, packet)
			  : VS_REASON_NONE;
}

void policy_ingress(struct vs_worker *worker)
{
	struct vs_packet *packet;
	uint16_t reason;

	worker->station = "police in";
	if (worker->snapshot->policed & POLICED_INGRESS)
		police_ingress(worker);
	if (!worker->snapshot->acls)
		return;
	WALK_EACH (packet, worker) {
		const struct vs_port *port = walk_source(worker, packet);

		if (!port || (!port->acl && !port->xacl))
			continue;
		reason = judge(worker, port, false, packet);
		if (reason)
			walk_drop(packet, reason);
	}
	walk_settle(worker, NULL);
}

static void police_copy(struct vs_worker *worker, struct vs_packet *packet,
			struct vs_port_id to)
{
	const struct vs_port *port = snapshot_port(worker->snapshot, to);
	uint16_t reason;

	if (!port || (!port->acl && !port->xacl))
		return;
	reason = judge(worker, port, true, packet);
	if (reason)
		walk_exclude(packet, to, reason);
}

static void acl_egress(struct vs_worker *worker)
{
	const struct vs_port_set *guarded = &worker->snapshot->acl_ports;
	struct vs_packet *packet;
	uint32_t i;

	WALK_EACH (packet, worker) {
		if (walk_is_trusted(packet))
			continue;
		if (!packet->destinations) {
			police_copy(worker, packet, packet->destination);
			continue;
		}
		for (i = 0; i < VS_PORTS_MAXIMUM / 64; i++) {
			uint64_t bits = packet->destinations->word[i] &
					guarded->word[i];

			for (; bits; bits &= bits - 1)
				police_copy(
					worker, packet,
					(struct vs_port_id){(
						uint16_t)(i * 64 +
							  (unsigned)__builtin_ctzll(
								  bits))});
		}
	}
	walk_settle(worker, NULL);
}

void policy_egress(struct vs_worker *worker)
{
	worker->station = "police out";
	if (worker->snapshot->acls)
		acl_egress(worker);
	if (worker->snapshot->policed & POLICED_IN)
		police_egress(worker);
}
