/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xacl_flow.h: the flows of stateful rules, and the answers that first
 * fragments got.
 *
 * Theory of operation
 * -------------------
 * A flow is what its port sees: local and remote address and port, protocol,
 * VSID; both directions are one entry. It is made by the frame that a stateful
 * rule allowed, and lives until it had no frame for the rule's idle time; then
 * frames meet the rules again. Its address pair is in no order that a sender
 * could turn around: a deny is never undone by a flow that the other side
 * made, for what makes a flow is a rule of the port itself.
 *
 * Nothing is remembered of what was denied. So each SYN of a denied flow meets
 * the rules again, the retransmitted ones too.
 *
 * When a port's rules change, its flows stay for those whom the new rules
 * would have let in: the first frame that comes then is judged again, in the
 * direction of the flow's first one. `stamp` says which rules a flow was
 * judged by, `born` since when they have been the same port's.
 *
 * A flow of an ICMP echo has the echo's identifier for its ports. Errors of
 * ICMP that quote a packet of a flow belong to it (path MTU discovery lives on
 * them).
 *
 * Example: vm1 has "deny in" and "allow out tcp stateful". Its SYN to
 * 10.0.0.7:80 makes (vm1, 10.0.0.5:40000, 10.0.0.7:80, tcp); the SYN+ACK finds
 * that and passes. After 255 s of silence a late segment from 10.0.0.7 is
 * denied; one from vm1 makes the flow again.
 */
#ifndef CORE_XACL_FLOW_H
#define CORE_XACL_FLOW_H

#include <vswitch/table.h>

#include "core/xacl.h"

struct vs_port;
struct vs_switch;
struct vs_worker;

#define VS_FLOWS_DEFAULT 65536u

/* The tables; the workers share them. */
struct xacl_memory {
	struct vs_table *flows, *fragments;
	/* of the sweep; the main thread's */
	uint64_t cursor, next;
	uint32_t fragment_cursor;
};

/* Words that both tables have for a key; the whole of it is compared. */
struct xacl_key {
	uint32_t zone; /* protocol, kind, port, index of the VSID there */
	uint16_t local_port, remote_port; /* or the fragment's ID */
	struct vs_ip local, remote;
};
_Static_assert(sizeof(struct xacl_key) == 40, "as large as keys may be");

/* What stands under a flow's key. */
struct xacl_state {
	uint32_t stamp;	 /* of the rules that let it in (flow_stamp.h) */
	uint16_t idle_s; /* it lives that long without frames */
	bool inbound;	 /* its first frame's direction */
	uint8_t zero;
};

/* A flow, as the main thread lists it. */
struct xacl_flow {
	struct vs_ip local, remote;
	struct vs_vsid vsid;
	uint8_t protocol;
	bool inbound; /* the first frame went to the port */
	uint16_t local_port, remote_port, idle_s;
	uint64_t age_ns; /* since its last frame */
};

/* xacl_flows_size - bytes that so many flows take; 0 = refused. */
size_t xacl_flows_size(uint32_t flows, uint32_t groups);
/* xacl_memory_open - 0, -EINVAL (the capacity), -ENOMEM. `groups` as those of
 * the MAC table. */
int xacl_memory_open(struct xacl_memory *memory, uint32_t flows,
		     uint32_t groups, uint64_t seed);
void xacl_memory_close(struct xacl_memory *memory);
/* xacl_memory_sweep - forget flows whose time is over, a piece at a time; when
 * to go on (ns). Main thread. */
uint64_t xacl_memory_sweep(struct xacl_memory *memory, uint64_t now);

/* What xacl_judge tells beside its answer. */
struct xacl_answer {
	uint16_t reason; /* 0: it may pass; else why not */
	bool by_flow;	 /* it belongs to a flow: no rule was asked */
	uint32_t rule;	 /* the number of the rule that decided, XACL_NONE */
};

/* xacl_judge - a frame to (inbound) or from a port with an extended ACL. */
struct xacl_answer xacl_judge(struct vs_worker *worker,
			      const struct vs_port *port, bool inbound,
			      const struct vs_view *view);

/*
 * vs_switch_flow_next - the flows of a port, one by one: *cursor from 0; false
 * at the end. Main thread.
 */
bool vs_switch_flow_next(struct vs_switch *sw, struct vs_port_id port,
			 uint64_t *cursor, struct xacl_flow *flow);
/* vs_switch_flow_add - a flow of the port's VM from another host; false: the
 * port's rules would not have let it in, it is too old, or there is no room.
 * Main thread. */
bool vs_switch_flow_add(struct vs_switch *sw, struct vs_port_id port,
			const struct xacl_flow *flow);

#endif
