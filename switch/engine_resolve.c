// SPDX-License-Identifier: Apache-2.0
/*
 * engine_resolve.c: see engine_resolve.h. The target's MAC is found as a VM
 * finds it: by walking an ARP request or neighbour solicitation on the probe
 * worker, where nothing is sent. Before it: engine_trace.c, engine_ping.c.
 */
#include "engine_resolve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "control/host_nouns.h"
#include "control/port_lane.h"
#include "control/port_vsids.h"
#include "engine_switch.h"

/* -- walks of the probe -----------------------------------------------------
 */

static void outbox_full(struct vs_outbox *outbox)
{
	vs_outbox_clear(outbox);
}

/* Unless somebody wants all of them: the last line is the verdict. */
static void note_last(struct vs_tracer *tracer, const char *station,
		      const char *text)
{
	struct engine_walk *walk = (struct engine_walk *)tracer;

	snprintf(walk->last, sizeof(walk->last), "%s: %s", station, text);
}

void engine_walk_begin(struct engine_walk *walk, struct engine_port *port)
{
	struct vs_switch *sw = port->owner->sw;

	walk->tracer.line = note_last;
	walk->outbox.flush = outbox_full;
	walk->port = port;
	walk->probe = vs_switch_worker(sw, vs_switch_workers(sw));
}

int engine_walk(struct engine_walk *walk, const uint8_t *bytes, int size,
		struct vs_error *error)
{
	struct vs_input input = {
		.port = walk->port->info.id, .count = 1, .now = loop_now_ns()};
	struct vs_packet *packet;

	if (size < 0)
		return size;
	vs_worker_enter(walk->probe);
	packet = vs_pool_take(vs_worker_pool(walk->probe),
			      (uint32_t)size > VS_SMALL_SIZE);
	if (!packet) {
		vs_worker_park(walk->probe);
		return vs_error_set(error, ENOBUFS, "", "no buffer");
	}
	memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, (size_t)size);
	packet->view.size = (uint32_t)size;
	input.packets = &packet;
	vs_worker_trace(walk->probe, &input, &walk->outbox, &walk->tracer);
	return 0;
}

void engine_walk_end(struct engine_walk *walk)
{
	vs_outbox_clear(&walk->outbox);
	vs_worker_park(walk->probe);
}

/* -- what the description left out
 * ------------------------------------------------- */

static void own_address(struct engine_port *port, struct describe *d)
{
	bool v4 = vs_ip_is_v4(&d->target_ip);
	const struct vs_object *object = engine_port_object(port);
	const struct vs_value *ca;

	if (!object)
		return;
	ca = object_value(object, VS_PORT_CA);
	for (uint16_t i = 0; ca->present && i < ca->count; i++) {
		if (vs_ip_is_v4(&ca->list[i].ip) != v4 || d->has_source_ip)
			continue;
		d->source_ip = ca->list[i].ip;
		d->has_source_ip = true;
	}
}

/* An ARP reply or neighbour advertisement for the target among the recipes. */
static bool answer_in(const struct vs_outbox *outbox, const struct describe *d,
		      struct vs_mac *mac)
{
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct vs_frame *frame = outbox->entry[i].recipe.frame;
		const struct vs_view *view = vs_view(frame);
		const uint8_t *arp, *nd;

		arp = view->flags & VS_FRAME_ARP
			      ? vs_frame_at(frame, view->l3, VS_ARP_SIZE)
			      : NULL;
		if (arp && vs_load16(arp + 6) == 2 &&
		    !memcmp(arp + 14, d->target_ip.octet + 12, 4)) {
			memcpy(mac->octet, arp + 8, 6);
			return true;
		}
		nd = view->flags & VS_FRAME_ND
			     ? vs_frame_at(frame, view->l4, 32)
			     : NULL;
		if (nd && nd[0] == VS_ND_ADVERT &&
		    !memcmp(nd + 8, d->target_ip.octet, 16)) {
			memcpy(mac->octet, nd + 26, 6);
			return true;
		}
	}
	return false;
}

/* A VM on this host answers for itself: its port says who it is. */
static bool local_owner(struct engine_port *asker, const struct describe *d,
			struct vs_mac *mac)
{
	struct engine *engine = asker->owner->engine;
	const struct schema_noun *noun = schema_host(engine->schema, HOST_PORT);
	const struct vs_object *sw = engine_switch_object(asker->owner);
	const struct vs_object *object = NULL;

	while (sw && (object = store_next(engine->store, noun, sw, object))) {
		const struct vs_value *ca = object_value(object, VS_PORT_CA);
		struct engine_port *port;

		for (uint16_t i = 0; ca->present && i < ca->count; i++) {
			if (!vs_ip_equal(&ca->list[i].ip, &d->target_ip))
				continue;
			port = engine_port_find(asker->owner,
						object_key(object));
			if (!port || port_vsid(object).value != d->vsid.value)
				continue;
			*mac = *engine_port_mac(port);
			return !vs_mac_is_zero(mac);
		}
	}
	return false;
}

/* Behind no prefix of the port's: the VM asks for its gateway instead. */
static struct vs_ip next_hop(const struct engine_port *port,
			     const struct describe *d)
{
	const struct port_dress *dress = &port->dress;
	bool v4 = vs_ip_is_v4(&d->target_ip), known = false;

	for (uint16_t i = 0; i < dress->address_count; i++) {
		const struct vs_prefix *prefix = &dress->addresses[i];

		if (vs_prefix_contains(prefix, &d->target_ip) ||
		    vs_ip_is_link_local(&d->target_ip))
			return d->target_ip;
		known |= vs_ip_is_v4(&prefix->ip) == v4;
	}
	for (uint16_t i = 0; known && i < dress->gateway_count; i++)
		if (vs_ip_is_v4(&dress->gateways[i]) == v4)
			return dress->gateways[i];
	return d->target_ip;
}

static bool is_tagged(const struct engine_port *port)
{
	const struct vs_object *object = engine_port_object(port);

	return object && port_is_tagged(object);
}

struct vs_vsid engine_resolve_vsid(const struct engine_port *port,
				   const struct describe *d)
{
	const struct vs_object *object = engine_port_object(port);
	uint16_t vlan = d->vlan & 0xfff;

	if (object && vlan && port_has_lane(object))
		return vs_vsid_of_vlan(vlan);
	return is_tagged(port) ? port_vsid_of_tag(engine_port_object(port),
						  d->vlan & 0xfff)
			       : engine_port_vsid(port);
}

static int ask(struct engine_walk *walk, const struct describe *question,
	       struct describe *d, struct vs_error *error)
{
	uint8_t bytes[128];
	int size = describe_build(question, bytes, sizeof(bytes), error);
	int result = engine_walk(walk, bytes, size, error);

	if (result)
		return result;
	d->has_target_mac = answer_in(&walk->outbox, question, &d->target_mac);
	engine_walk_end(walk);
	return 0;
}

static int find_target_mac(struct engine_port *port, struct describe *d,
			   struct vs_error *error)
{
	struct engine_walk *walk = calloc(1, sizeof(*walk));
	struct describe question = *d;
	int result;

	if (!walk)
		return vs_error_set(error, ENOMEM, "", "no memory");
	engine_walk_begin(walk, port);
	walk->tracer.spoken_for = port->info.id;
	question.kind = vs_ip_is_v4(&d->target_ip) ? DESCRIBE_ARP : DESCRIBE_ND;
	/* on a multi-tenant port the tag says in which subnet it asks */
	if (!is_tagged(port))
		question.vlan = 0;
	question.size = 0; /* the frame's, which a question has not */
	question.target_ip = next_hop(port, d);
	result = ask(walk, &question, d, error);
	if (!result && !d->has_target_mac)
		d->has_target_mac =
			local_owner(port, &question, &d->target_mac);
	if (!result && !d->has_target_mac)
		result = vs_error_set(error, EHOSTUNREACH, "frame",
				      "nobody answers for that address (%s): "
				      "the VM would send no frame; trace 'arp "
				      "ADDRESS' shows why, or say dmac=ADDRESS",
				      walk->last);
	free(walk);
	return result;
}

int engine_resolve(struct engine_port *port, struct describe *d,
		   struct vs_error *error)
{
	if (!d->has_source_mac) {
		d->source_mac = *engine_port_mac(port);
		d->has_source_mac = true;
		if (vs_mac_is_zero(&d->source_mac))
			return vs_error_set(error, EINVAL, "frame",
					    "port %s has no MAC yet; say "
					    "smac=ADDRESS",
					    port->intent.name);
	}
	if (!d->has_source_ip)
		own_address(port, d);
	if (!d->has_source_ip)
		return vs_error_set(error, EINVAL, "frame",
				    "port %s has no customer address of that "
				    "family; say from=ADDRESS",
				    port->intent.name);
	if (d->has_target_mac || d->kind == DESCRIBE_ARP ||
	    d->kind == DESCRIBE_ND || vs_ip_is_group(&d->target_ip))
		return 0;
	return find_target_mac(port, d, error);
}
