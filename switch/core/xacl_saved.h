/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xacl_saved.h: the flows of a port as bytes, to go with its VM to another
 * host (hnv.md D2.13). What is taken there is judged by that port's rules, as
 * the flow's first frame would be.
 */
#ifndef CORE_XACL_SAVED_H
#define CORE_XACL_SAVED_H

#include "core/xacl_flow.h"

/* More than that stay behind: their next frame meets the rules. */
#define XACL_SAVED_FLOWS 4096u

/* xacl_save - bytes of the caller to free in *bytes, how many; 0: the port has
 * no flows; -ENOMEM. */
int64_t xacl_save(struct vs_switch *sw, struct vs_port_id port,
		  uint8_t **bytes);
/* xacl_restore - how many flows were taken; -EINVAL with `error`: these are no
 * flows, nothing was taken. */
int64_t xacl_restore(struct vs_switch *sw, struct vs_port_id port,
		     const uint8_t *bytes, size_t size, struct vs_error *error);

#endif
