// SPDX-License-Identifier: Apache-2.0
/*
 * flow_stamp.c: decides whether the flows of a port survive a change: those of
 * a port of the same name and VSIDs do, to be judged again. Before this file:
 * snapshot.c; after: xacl_flow.c, which compares stamps.
 */
#include "core/flow_stamp.h"

#include <errno.h>
#include <string.h>

#include "core/switch_state.h"

static int open_memory(struct vs_switch *sw, struct vs_error *error)
{
	uint32_t i;
	int code;

	if (sw->xacl.flows)
		return 0;
	code = xacl_memory_open(&sw->xacl, sw->params.flows, VS_GROUPS,
				sw->params.seed);
	if (code < 0)
		return vs_error_set(error, -code, "",
				    code == -ENOMEM
					    ? "no memory for %u flows; "
					      "lower flows= of the switch"
					    : "flows=%u is out of range",
				    sw->params.flows);
	for (i = 0; i < VS_GROUPS; i++)
		vs_table_quota(sw->xacl.flows, i, sw->params.flows_per_vsid);
	return 0;
}

static bool is_same_port(const struct vs_port *before,
			 const struct vs_port *port)
{
	uint16_t i;

	if (!before->xacl || before->vsid_count != port->vsid_count ||
	    strcmp(before->plan.info.name, port->plan.info.name) != 0)
		return false;
	for (i = 0; i < port->vsid_count; i++)
		if (!vs_vsid_equal(before->plan.vsids[i], port->plan.vsids[i]))
			return false;
	return true;
}

int flow_stamp_take(struct vs_snapshot *snapshot, struct vs_port *port,
		    const struct vs_xacl *xacl, struct vs_error *error)
{
	struct vs_switch *sw = snapshot->sw;
	const struct vs_port *before = switch_port(sw, port->id);
	int code = open_memory(sw, error);
	bool same = before && is_same_port(before, port);

	if (code < 0)
		return code;
	if (same && before->xacl == xacl) {
		port->flow_born = before->flow_born;
		port->flow_stamp = before->flow_stamp;
		return 0;
	}
	port->flow_stamp = ++sw->flow_stamp;
	port->flow_born = same ? before->flow_born : port->flow_stamp;
	return 0;
}
