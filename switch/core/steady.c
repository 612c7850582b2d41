// SPDX-License-Identifier: Apache-2.0
/*
 * steady.c: see steady.h.
 */
#include "core/steady.h"

#include <vswitch/wire.h>

#include "core/walk.h"

/* What guards look for is in the key, or only in frames that are of no flow
 * here: groups, what is not TCP or UDP, tags. */
#define HARMLESS                                                               \
	(POLICED_DHCP | POLICED_ROUTER | POLICED_STORM | POLICED_PRIORITY |    \
	 POLICED_SNOOP)
#define UNSTEADY                                                               \
	(VS_FRAME_GROUP | VS_FRAME_BROADCAST | VS_FRAME_FRAGMENT |             \
	 VS_FRAME_BAD_IP | VS_FRAME_INJECTED | VS_FRAME_REFLECTED)

bool steady_snapshot(const struct vs_snapshot *snapshot)
{
	return snapshot->sw->params.changes && !snapshot->captures &&
	       !snapshot->forward;
}

static bool is_plain(const struct vs_port *port)
{
	return port && port->attached && !port->waits && !port->acl &&
	       !port->xacl && port->tags == PORT_TAGS_BYTES &&
	       !(port->policed & ~HARMLESS);
}

/* Need nobody be asked about the flow? */
static bool is_answered(const struct vs_worker *worker, unsigned slot)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	uint32_t ingress = snapshot->ingress & ~snapshot->idle;
	uint32_t egress = snapshot->egress & ~snapshot->idle;
	const struct flow_verdicts *now;

	if (!(ingress | egress))
		return true;
	if (!(worker->flow.known >> slot & 1))
		return false;
	now = worker->flow.now[slot];
	return !(ingress & ~now->passes[FLOW_IN]) &&
	       !(egress & ~now->passes[FLOW_OUT]);
}

static bool is_certain(const struct vs_worker *worker, unsigned slot,
		       uint16_t flags)
{
	return !(flags & VS_FRAME_FROM_WIRE) || worker->run.certain >> slot & 1;
}

/* What admit lets in. */
static uint16_t limit_of(const struct vs_port *from)
{
	uint32_t limit = from->oversize > VS_ETHERNET_SIZE
				 ? from->oversize - VS_ETHERNET_SIZE
				 : UINT16_MAX;

	return limit < UINT16_MAX ? (uint16_t)limit : UINT16_MAX;
}

/* A monitor's copy is not where it goes. */
static bool is_where(const struct vs_packet *packet, const struct vs_port *to)
{
	return !packet->destinations &&
	       packet->destination.value ==
		       (to->uplink ? VS_PORT_EXTERNAL : to->id.value);
}

uint16_t steady_leaves(const struct vs_worker *worker,
		       const struct vs_packet *packet, const struct vs_port *to)
{
	const struct vs_view *view = &packet->view;
	const struct vs_port *from =
		snapshot_port(worker->snapshot, view->port);
	bool steady =
		!worker->probe && !packet->held && !packet->edited &&
		!(view->flags & UNSTEADY) && !view->tags &&
		(view->protocol == VS_IP_TCP || view->protocol == VS_IP_UDP) &&
		!guard_dhcp(view) && is_where(packet, to) && is_plain(from) &&
		is_plain(to) && is_answered(worker, packet->slot) &&
		is_certain(worker, packet->slot, view->flags);

	return steady ? limit_of(from) : 0;
}
