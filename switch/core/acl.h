/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acl.h: basic port ACLs (hnv.md D1; ties as in design 8).
 *
 * Immutable after build. Directions are the VM's: inbound = to the port.
 * MAC entries first, a MAC deny is final; then per family the longest prefix
 * on the remote side and on the local side, each judged alone, both must
 * allow; on equal length deny wins; no match = allow. ARP and other non-IP
 * frames meet MAC entries only.
 *
 * A meter decides nothing (D1.8). What passes is counted in one of the meters
 * of its direction and family: that of the longest prefix on either side, the
 * remote one on equal length. Bytes are those of the frames once they are cut
 * (police_wire_bytes).
 *
 * The counters of a rule live as long as the rule is in its port's ACL,
 * whatever becomes of the others: an ACL that follows another one goes on with
 * the counters of the rules that both have, while workers count.
 */
#ifndef CORE_ACL_H
#define CORE_ACL_H

#include <vswitch/packet.h>

struct vs_acl;

enum vs_acl_side { VS_ACL_LOCAL, VS_ACL_REMOTE };

struct vs_acl_rule {
	bool allow;		/* else deny */
	bool meter;		/* neither: counts; only by prefix */
	bool inbound, outbound; /* at least one */
	uint8_t side;		/* enum vs_acl_side */
	bool by_mac;		/* else by prefix */
	bool any_mac;
	struct vs_mac mac;
	struct vs_prefix prefix;
};

struct vs_acl_count {
	uint64_t frames; /* that it decided about, or metered */
	uint64_t bytes;	 /* metered */
};

/* vs_acl_build - NULL when out of memory. Rule i keeps counter i. */
struct vs_acl *vs_acl_build(const struct vs_acl_rule *rules, uint16_t count,
			    uint16_t workers);
/* vs_acl_follow - the same, going on with the counters of `before` (or NULL).
 */
struct vs_acl *vs_acl_follow(struct vs_acl *before,
			     const struct vs_acl_rule *rules, uint16_t count,
			     uint16_t workers);
/*
 * Made with one reference. A snapshot takes over the reference that it is
 * given (vs_port_plan.acl): to put the same rules, with their counters, into
 * the next snapshot too, take one more. Main thread only; unref allows NULL.
 */
struct vs_acl *vs_acl_ref(struct vs_acl *acl);
void vs_acl_unref(struct vs_acl *acl);
/* vs_acl_is - was it built from these rules, in this order? */
bool vs_acl_is(const struct vs_acl *acl, const struct vs_acl_rule *rules,
	       uint16_t count);
/* vs_acl_allows - *rule gets the index that decided, UINT16_MAX = none. */
bool vs_acl_allows(const struct vs_acl *acl, uint16_t worker, bool inbound,
		   const struct vs_frame *frame, uint16_t *rule);
/* vs_acl_rule_at - what the rule says; it lives as long as the ACL. */
const struct vs_acl_rule *vs_acl_rule_at(const struct vs_acl *acl,
					 uint16_t rule);
/* vs_acl_count - of all workers; main thread. */
struct vs_acl_count vs_acl_count(const struct vs_acl *acl, uint16_t rule);

#endif
