/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_port.h: rules within one port or one ACL entry.
 *
 * Before this file: check.c. After it: none.
 */
#ifndef CONTROL_CHECK_PORT_H
#define CONTROL_CHECK_PORT_H

#include "control/store.h"

/* Both: 0 or -errno with `error`, never NULL, its path filled. */
int check_port(const struct store *store, const struct vs_object *port,
	       struct vs_error *error);
int check_acl(const struct vs_object *acl, struct vs_error *error);

#endif
