// SPDX-License-Identifier: Apache-2.0
/*
 * mirror.c: copies of a port's frames for monitor ports and for hosts of the
 * provider network (hnv.md C8.4). What a VM sends gets its monitors as
 * destinations when it is decided where it goes, also if that is nowhere
 * (C3.5); what a VM gets is copied when it is delivered, so that what a policy
 * or an extension took away from the VM is taken from its monitors too. Each
 * gets a frame once. Whether a monitor may see the frame's VSID is deliver's to
 * say, as of every copy; to other hosts the translate class sends them. A
 * routed frame was seen when it was sent. Before: forward.c, pipeline.c.
 */
#include "core/walk.h"

/* Hosts that a frame is copied to, each once. */
struct hosts {
	uint8_t count;
	struct vs_ip host[2 * VS_PORT_HOSTS];
};

/* The monitors of one direction of a port that do not get the frame anyway
 * (`delivery` NULL: nobody does yet). */
static bool add_monitors(struct vs_port_set *to, const struct vs_port *port,
			 bool inbound, const struct vs_delivery *delivery)
{
	const struct vs_port_id *monitor = port->plan.police.monitors[inbound];
	bool any = false;
	uint16_t i;

	for (i = 0; i < VS_PORT_MONITORS && monitor[i].value; i++) {
		if (delivery && vs_delivery_has(delivery, monitor[i]))
			continue;
		port_set_add(to, monitor[i]);
		any = true;
	}
	return any;
}

static bool has_host(const struct hosts *hosts, const struct vs_ip *host)
{
	uint8_t i;

	for (i = 0; i < hosts->count; i++)
		if (vs_ip_equal(&hosts->host[i], host))
			return true;
	return false;
}

static void add_hosts(struct hosts *hosts, const struct vs_port *port,
		      bool inbound)
{
	const struct vs_ip *host = port->plan.police.hosts[inbound];
	uint16_t i;

	for (i = 0; i < VS_PORT_HOSTS && !vs_ip_is_unspecified(&host[i]); i++)
		if (hosts->count < 2 * VS_PORT_HOSTS &&
		    !has_host(hosts, &host[i]))
			hosts->host[hosts->count++] = host[i];
}

/* A monitor may not be in anybody's way: it does not slow a flood down, and a
 * copy that can't be sent is one dropped copy more. */
static void send_to_hosts(struct vs_worker *worker, struct vs_packet *packet,
			  const struct hosts *hosts, uint8_t from)
{
	for (; from < hosts->count; from++)
		if (!stack_mirror(worker, packet, &hosts->host[from])) {
			vs_ledger_replicate(worker->ledger,
					    worker->ledger_index,
					    packet->ledger_row, 1);
			walk_book_drop(worker, packet,
				       VS_REASON_MIRROR_UNREACHABLE);
		}
}

static bool was_sent_by(const struct vs_port *port,
			const struct vs_packet *packet)
{
	return port && port->policed & POLICED_MIRROR_OUT &&
	       !(packet->view.flags & VS_FRAME_REFLECTED);
}

void mirror_sent(struct vs_worker *worker)
{
	struct vs_packet *packet;
	struct hosts hosts;

	WALK_EACH (packet, worker) {
		const struct vs_port *port = walk_source(worker, packet);
		struct vs_port_set to;

		if (!was_sent_by(port, packet) ||
		    worker->walk.answered >> packet->slot & 1)
			continue;
		WALK_TRACE(worker, "what %s sends is mirrored",
			   port->plan.info.name);
		to = (struct vs_port_set){0};
		if (add_monitors(&to, port, false, NULL))
			walk_join(worker, packet, &to);
		hosts.count = 0;
		add_hosts(&hosts, port, false);
		send_to_hosts(worker, packet, &hosts, 0);
	}
}

bool mirror_received(struct vs_worker *worker, struct vs_packet *packet,
		     struct vs_port_set *to)
{
	struct vs_delivery *delivery = vs_packet_delivery(packet);
	const struct vs_port *source = walk_source(worker, packet);
	struct vs_port_id at = {0};
	struct hosts hosts;
	uint8_t already;
	bool any = false;

	hosts.count = 0;
	if (was_sent_by(source, packet))
		add_hosts(&hosts, source, false);
	already = hosts.count;
	while ((at = vs_delivery_next(delivery, at)).value) {
		const struct vs_port *port =
			snapshot_port(worker->snapshot, at);

		if (!port || !(port->policed & POLICED_MIRROR_IN) ||
		    !port_takes(port, &packet->view))
			continue;
		WALK_TRACE(worker, "what %s gets is mirrored",
			   port->plan.info.name);
		any |= add_monitors(to, port, true, delivery);
		add_hosts(&hosts, port, true);
	}
	send_to_hosts(worker, packet, &hosts, already);
	return any;
}
