// SPDX-License-Identifier: Apache-2.0
/*
 * team.c: see team.h.
 */
#include "core/team.h"

#include <string.h>

bool team_is_one(const struct vs_port *a, const struct vs_port *b)
{
	return a && b && a->plan.police.team &&
	       a->plan.police.team == b->plan.police.team;
}

bool team_shares(const struct vs_worker *worker, const struct vs_port *port,
		 const struct vs_view *view)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	struct vs_port_id owner = snapshot_mac(
		snapshot, lane_key(snapshot, view->vsid), view->data + 6);

	return owner.value && team_is_one(port, snapshot_port(snapshot, owner));
}

struct vs_port_id team_place(struct vs_worker *worker,
			     const struct vs_view *view,
			     struct vs_port_id owner)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	const struct vs_port *port = snapshot_port(snapshot, owner);
	struct vs_mac_key key = {.vsid = lane_key(snapshot, view->vsid)};
	struct vs_mac_value there;

	if (!port || !(port->policed & POLICED_TEAM))
		return owner;
	memcpy(key.mac.octet, view->data, sizeof(key.mac.octet));
	if (!vs_table_find(worker->sw->macs, &key, worker->now, &there) ||
	    !team_is_one(port, snapshot_port(snapshot, there.port)))
		return owner;
	WALK_TRACE(worker, "its team has this MAC on %s now",
		   snapshot_port(snapshot, there.port)->plan.info.name);
	return there.port;
}
