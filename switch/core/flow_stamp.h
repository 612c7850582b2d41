/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_stamp.h: which rules a port's flows were judged by, from one snapshot
 * to the next.
 */
#ifndef CORE_FLOW_STAMP_H
#define CORE_FLOW_STAMP_H

#include "core/snapshot.h"

/*
 * flow_stamp_take - stamp the port for these rules: the stamp of before if
 * they are the same ones; else a new one, which flows of the same port
 * outlive. Makes the switch's flow tables if there are none yet: -ENOMEM,
 * -EINVAL (their capacity). Main thread.
 */
int flow_stamp_take(struct vs_snapshot *snapshot, struct vs_port *port,
		    const struct vs_xacl *xacl, struct vs_error *error);

#endif
