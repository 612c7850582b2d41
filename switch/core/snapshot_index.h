/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot_index.h: what a snapshot is searched by, while it is built: the MACs
 * that its ports are configured with, and its VSIDs' members.
 */
#ifndef CORE_SNAPSHOT_INDEX_H
#define CORE_SNAPSHOT_INDEX_H

#include "core/snapshot.h"

/* snapshot_macs_add - the port's MAC, in each of its VSIDs; -EEXIST: another
 * port has it there. */
int snapshot_macs_add(struct vs_snapshot *snapshot, const struct vs_port *port,
		      struct vs_error *error);
/* snapshot_subnets_join - the port is in each of its VSIDs; 0 or -ENOMEM. */
int snapshot_subnets_join(struct vs_snapshot *snapshot,
			  const struct vs_port *port);
/* snapshot_macs_seal, _subnets_seal - what depends on the other ports and on
 * the stack. */
void snapshot_macs_seal(struct vs_snapshot *snapshot);
void snapshot_subnets_seal(struct vs_snapshot *snapshot);

#endif
