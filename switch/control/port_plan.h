/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port_plan.h: what a port of the policy becomes in a snapshot: its VSID, its
 * guards, its MAC, its ACL. Which device it has is the caller's business.
 *
 * Before this file: store.h, and the translate class's state. After it:
 * vs_snapshot_add_port, called by the engine or by a test without one.
 */
#ifndef CONTROL_PORT_PLAN_H
#define CONTROL_PORT_PLAN_H

#include "control/store.h"
#include "core/switch.h"

struct port_finder; /* port_mirror.h */

struct port_policy {
	const struct store *store;	/* sealed */
	const struct vs_object *object; /* the port */
	struct vs_port_profile profile; /* of port_plan_profile */
	uint16_t workers;		/* of the switch */
	struct vs_acl *acl;   /* in force now: kept, with its counters, if the
			       * rules are the same; or NULL */
	struct vs_xacl *xacl; /* the same of extended rules */
};

/* port_plan_acl_rules - how many rules of vs_acl an acl object makes; they
 * follow each other, in the order of the objects. */
uint16_t port_plan_acl_rules(const struct vs_object *object);

/*
 * port_plan_profile - what the state of the stack's lowest extension knows of
 * the port called `name`; zeroed (but for its size) if the extension is NULL
 * or of another class, or has no state.
 */
void port_plan_profile(const struct vs_extension *lowest,
		       const struct vs_state *state, const char *name,
		       struct vs_port_profile *profile);
/*
 * port_plan_require - a port that requires an extension that is not on the
 * stack of its switch waits, and the profile says for which.
 */
void port_plan_require(const struct store *store,
		       const struct vs_object *object,
		       struct vs_port_profile *profile);
/*
 * port_plan_fill - the members of `plan` that policy decides: waits, guards,
 * mac, VSIDs and tags, acl, xacl (the caller's until a snapshot takes them;
 * port_plan_drop gives back what was not taken, and allows what is zero). 0 or
 * -errno with `error`: -ENOMEM; -EINVAL: a packet port that does not know its
 * MAC.
 */
int port_plan_fill(struct vs_port_plan *plan, const struct port_policy *policy,
		   struct vs_error *error);
void port_plan_drop(struct vs_port_plan *plan);

/* Where a port is to be: on which switch, of which document, above whom. */
struct port_place {
	struct vs_switch *sw;
	const struct store *store;
	const struct vs_extension *lowest; /* of the stack, or NULL */
	const struct vs_state *state;	   /* its new one, or NULL */
};

/* port_plan_policy - of an ordinary port: its object, its profile, what it
 * waits for, the rules that are in force now. */
void port_plan_policy(struct port_policy *policy,
		      const struct port_place *place,
		      const struct vs_object *object, struct vs_port_id id);
/*
 * port_plan_add - a port into a snapshot: `plan` has the caller's part, which
 * is its device; policy's and mirrors' are filled in. 0, or -errno with `error`
 * and nothing is left of it.
 */
int port_plan_add(struct vs_snapshot *snapshot, struct vs_port_plan *plan,
		  const struct port_policy *policy,
		  const struct port_finder *finder, struct vs_error *error);

#endif
