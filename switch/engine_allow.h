/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_allow.h: what extensions may say no to, see engine_allow.c.
 */
#ifndef ENGINE_ALLOW_H
#define ENGINE_ALLOW_H

#include "engine_plan.h"

/* engine_allow_change - of what the candidate adds or changes on this switch:
 * 0, or -errno with who refuses. The stack is prepared and configured. */
int engine_allow_change(const struct build *build, struct vs_error *error);
/* engine_allow_nic - may the port have its device, and with which MTU at the
 * most? False: `why` says who refuses it. */
bool engine_allow_nic(struct engine_port *port, char *why, size_t size);
/* engine_allow_mtu - what its device shall have: of policy, and no more than
 * extensions allow; 0: whatever it has. */
uint16_t engine_allow_mtu(const struct engine_port *port);

#endif
