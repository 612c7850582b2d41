// SPDX-License-Identifier: Apache-2.0
/*
 * mirror.c: copies of a port's frames for monitor ports (hnv.md C8.4). What a
 * VM sends gets its monitors as destinations when it is decided where it goes,
 * also if that is nowhere (C3.5); what a VM gets is copied when it is
 * delivered, so that what a policy or an extension took away from the VM is
 * taken from its monitors too. A monitor gets a frame once. Whether it may see
 * the frame's VSID is deliver's to say, as of every copy. A routed frame was
 * seen when it was sent. Before: forward.c, pipeline.c.
 */
#include "core/walk.h"

/* The monitors of one direction of a port that are not in `there`. */
static bool add_monitors(struct vs_port_set *to, const struct vs_port *port,
			 bool inbound, const struct vs_port_set *there)
{
	const struct vs_port_id *monitor = port->plan.police.monitors[inbound];
	bool any = false;
	uint16_t i;

	for (i = 0; i < VS_PORT_MONITORS && monitor[i].value; i++) {
		if (port_set_has(there, monitor[i]))
			continue;
		port_set_add(to, monitor[i]);
		any = true;
	}
	return any;
}

void mirror_sent(struct vs_worker *worker)
{
	static const struct vs_port_set nobody;
	struct vs_packet *packet;

	WALK_EACH (packet, worker) {
		const struct vs_port *port = walk_source(worker, packet);
		struct vs_port_set to = {0};

		if (!port || !(port->policed & POLICED_MIRROR_OUT) ||
		    packet->view.flags & VS_FRAME_REFLECTED ||
		    worker->walk.answered >> packet->slot & 1)
			continue;
		if (add_monitors(&to, port, false, &nobody))
			walk_join(worker, packet, &to);
		WALK_TRACE(worker, "what %s sends is mirrored",
			   port->plan.info.name);
	}
}

bool mirror_received(struct vs_worker *worker, struct vs_packet *packet,
		     struct vs_port_set *to)
{
	struct vs_delivery *delivery = vs_packet_delivery(packet);
	struct vs_port_set there = {0};
	struct vs_port_id at = {0};
	bool any = false;

	while ((at = vs_delivery_next(delivery, at)).value)
		port_set_add(&there, at);
	while ((at = vs_delivery_next(delivery, at)).value) {
		const struct vs_port *port =
			snapshot_port(worker->snapshot, at);

		if (!port || !(port->policed & POLICED_MIRROR_IN) ||
		    !port_takes(port, &packet->view))
			continue;
		any |= add_monitors(to, port, true, &there);
		WALK_TRACE(worker, "what %s gets is mirrored",
			   port->plan.info.name);
	}
	return any;
}
