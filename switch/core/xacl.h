/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xacl.h: extended port ACLs (hnv.md D2; decisions as in design 8).
 *
 * Theory of operation
 * -------------------
 * A rule names, as far as it likes, local and remote prefix, local and remote
 * ports, protocol and VSID. Of the rules of a direction (the VM's: inbound =
 * to the port) the one with the highest weight that matches decides; none =
 * allow. Frames that are not IP meet no rule. A basic ACL is judged before,
 * and both must allow.
 *
 * An allowing rule may be stateful: then its frame makes a flow (xacl_flow.h),
 * and while that lives the frames of both its directions meet no rule.
 *
 * A fragment behind the first has no ports: it gets the answer that the first
 * got if that is known, else it matches rules that name no ports.
 *
 * Immutable after build, but for the counters. A rule keeps its counter as
 * long as it is in its port's ACL, whatever becomes of the others.
 */
#ifndef CORE_XACL_H
#define CORE_XACL_H

#include <vswitch/packet.h>
#include <vswitch/wire.h>

#include "core/xacl_tree.h"

struct vs_xacl;

#define VS_XACL_PROTOCOL_ANY 256u
#define VS_XACL_IDLE_S	     255u /* hnv.md D2.8 */

struct vs_port_range {
	uint16_t first, last; /* first > last: any, unknown ports too */
};

struct vs_xacl_rule {
	bool allow, inbound, stateful;
	bool by_local, by_remote; /* by prefix; of one family if both */
	struct vs_prefix local, remote;
	struct vs_port_range local_ports, remote_ports;
	uint16_t protocol; /* or VS_XACL_PROTOCOL_ANY */
	uint16_t weight;   /* unique in its direction */
	uint16_t idle_s;   /* stateful: a flow lives that long without frames */
	struct vs_vsid vsid; /* 0: any */
};

/* What is judged: an IP frame as its port sees it. */
struct xacl_tuple {
	struct vs_ip local, remote;
	struct vs_vsid vsid;
	bool inbound, ipv6;
	bool ported; /* the ports are known */
	bool later;  /* a fragment behind the first */
	bool first;  /* the first of several fragments */
	uint8_t protocol;
	uint16_t local_port, remote_port;
	uint32_t fragment_id;
};

/* xacl_tuple_ends, xacl_tuple_ports - the packet's source and target, which
 * its direction makes local and remote; of TCP and UDP, from their header. */
static inline void xacl_tuple_ends(struct xacl_tuple *tuple,
				   const struct vs_ip *source,
				   const struct vs_ip *target)
{
	tuple->local = tuple->inbound ? *target : *source;
	tuple->remote = tuple->inbound ? *source : *target;
}

static inline void xacl_tuple_ports(struct xacl_tuple *tuple, const uint8_t *l4)
{
	uint16_t source = vs_load16(l4), target = vs_load16(l4 + 2);

	tuple->ported = true;
	tuple->local_port = tuple->inbound ? target : source;
	tuple->remote_port = tuple->inbound ? source : target;
}

/* vs_xacl_build - going on with the counters of `before` (or NULL); NULL: out
 * of memory. Rule i keeps number i. */
struct vs_xacl *vs_xacl_build(struct vs_xacl *before,
			      const struct vs_xacl_rule *rules, uint32_t count,
			      uint16_t workers);
/* References as vs_acl_ref's: made with one, which a snapshot takes over. */
struct vs_xacl *vs_xacl_ref(struct vs_xacl *xacl);
void vs_xacl_unref(struct vs_xacl *xacl);
/* vs_xacl_is - was it built from these rules, in this order? */
bool vs_xacl_is(const struct vs_xacl *xacl, const struct vs_xacl_rule *rules,
		uint32_t count);
/* vs_xacl_number - the number of the rule that has this weight, XACL_NONE. */
uint32_t vs_xacl_number(const struct vs_xacl *xacl, bool inbound,
			uint16_t weight);
/* vs_xacl_hits - how often rule i decided, on all workers. */
uint64_t vs_xacl_hits(const struct vs_xacl *xacl, uint32_t rule);

/* xacl_tuple_of - what an IP frame is to its port; false: it is no IP. */
bool xacl_tuple_of(const struct vs_view *view, bool inbound,
		   struct xacl_tuple *tuple);
/* xacl_rule_of - number of the rule that decides, or XACL_NONE. */
uint32_t xacl_rule_of(const struct vs_xacl *xacl,
		      const struct xacl_tuple *tuple);
/* xacl_lets_in - the rule that makes a flow of the tuple, or NULL. */
const struct vs_xacl_rule *xacl_lets_in(const struct vs_xacl *xacl,
					const struct xacl_tuple *tuple);
const struct vs_xacl_rule *xacl_rule(const struct vs_xacl *xacl,
				     uint32_t number);
/* xacl_count - the rule decided; by a worker, of its own number. */
void xacl_count(const struct vs_xacl *xacl, uint16_t worker, uint32_t number);
/* xacl_is_stateful - has it a stateful rule? */
bool xacl_is_stateful(const struct vs_xacl *xacl);

#endif
