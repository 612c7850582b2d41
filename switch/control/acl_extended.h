/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acl_extended.h: an `acl` object with a weight: what its texts mean, what
 * its fields must be together, and the rule of core/xacl.h that it becomes.
 *
 * Before this file: host_nouns.h, store.h. After it: check.c, port_plan.c.
 */
#ifndef CONTROL_ACL_EXTENDED_H
#define CONTROL_ACL_EXTENDED_H

#include "control/store.h"
#include "core/xacl.h"

struct cursor_maker;

#define ACL_PROTOCOL_TEXT 8u

/* acl_protocol_text - its name, or its number in `text`. */
const char *acl_protocol_text(uint8_t protocol, char text[ACL_PROTOCOL_TEXT]);
/* acl_is_extended - it has a weight. */
bool acl_is_extended(const struct vs_object *acl);
/* acl_extended_check - one entry: 0, or -EINVAL with `error`. Says of a basic
 * one too whether it has a field that only an extended one may have. */
int acl_extended_check(const struct vs_object *acl, struct vs_error *error);
/* acl_extended_check_port - weights are unique per direction of a port. */
int acl_extended_check_port(const struct store *store,
			    const struct vs_object *port,
			    struct vs_error *error);
/* acl_extended_rule - of an object that was checked. */
void acl_extended_rule(const struct vs_object *acl, struct vs_xacl_rule *rule);
/* acl_extended_remarks - tells the maker of extended rules that allow what a
 * basic entry denies altogether. */
void acl_extended_remarks(const struct store *store,
			  struct cursor_maker *maker);

#endif
