/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_trace.c: `trace PORT 'DESCRIPTION'`: one synthetic frame through the
 * real core on the probe worker. What the description leaves out is found the
 * way a VM finds it: the port's own MAC and address, and the target's MAC by
 * tracing an ARP request or neighbour solicitation first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "control/host_nouns.h"
#include "control/port_vsids.h"
#include "core/worker.h"
#include "describe.h"
#include "engine_switch.h"

struct trace {
	struct vs_tracer tracer;
	struct vs_outbox outbox; /* first walk's answers, then the recipes */
	struct vs_reply *reply;	 /* NULL: the walk before, not shown */
	struct engine_port *port;
	struct vs_worker *probe;
	char verdict[320];
};

static void trace_line(struct vs_tracer *tracer, const char *station,
		       const char *text)
{
	struct trace *trace = (struct trace *)tracer;

	if (!trace->reply)
		return;
	trace->reply->ops->open_row(trace->reply, NULL);
	trace->reply->ops->text(trace->reply, "station", station);
	trace->reply->ops->text(trace->reply, "text", text);
	trace->reply->ops->close(trace->reply);
	snprintf(trace->verdict, sizeof(trace->verdict), "%s: %s", station,
		 text);
}

static int walk(struct trace *trace, const uint8_t *bytes, int size,
		struct vs_error *error)
{
	struct vs_input input = {
		.port = trace->port->info.id, .count = 1, .now = loop_now_ns()};
	struct vs_packet *packet;

	if (size < 0)
		return size;
	vs_worker_enter(trace->probe);
	packet = vs_pool_take(vs_worker_pool(trace->probe),
			      (uint32_t)size > VS_SMALL_SIZE);
	if (!packet) {
		vs_worker_park(trace->probe);
		return vs_error_set(error, ENOBUFS, "", "no buffer");
	}
	memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, (size_t)size);
	packet->view.size = (uint32_t)size;
	input.packets = &packet;
	vs_worker_trace(trace->probe, &input, &trace->outbox, &trace->tracer);
	return 0;
}

static void end_walk(struct trace *trace)
{
	vs_outbox_clear(&trace->outbox);
	vs_worker_park(trace->probe);
}

static void outbox_full(struct vs_outbox *outbox)
{
	vs_outbox_clear(outbox);
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
			if (!port ||
			    port_vsid(object, 0).value != d->vsid.value)
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

static struct vs_vsid vsid_of(const struct engine_port *port,
			      const struct describe *d)
{
	return is_tagged(port) ? port_vsid_of_tag(engine_port_object(port),
						  d->vlan & 0xfff)
			       : engine_port_vsid(port);
}

static void resolve(struct trace *trace, struct describe *d)
{
	uint8_t bytes[128];
	struct describe question = *d;
	struct vs_error ignored = {0};
	int size;

	question.kind = vs_ip_is_v4(&d->target_ip) ? DESCRIBE_ARP : DESCRIBE_ND;
	/* on a multi-tenant port the tag says in which subnet it asks */
	if (!is_tagged(trace->port))
		question.vlan = 0;
	question.target_ip = next_hop(trace->port, d);
	size = describe_build(&question, bytes, sizeof(bytes), &ignored);
	if (!walk(trace, bytes, size, &ignored)) {
		d->has_target_mac =
			answer_in(&trace->outbox, &question, &d->target_mac);
		end_walk(trace);
	}
	if (!d->has_target_mac)
		d->has_target_mac =
			local_owner(trace->port, &question, &d->target_mac);
}

static int complete(struct trace *trace, struct describe *d,
		    struct vs_error *error)
{
	struct engine_port *port = trace->port;

	if (!d->has_source_mac) {
		d->source_mac = *engine_port_mac(port);
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
	resolve(trace, d);
	if (!d->has_target_mac)
		return vs_error_set(error, EINVAL, "frame",
				    "nobody answers for that address: the VM "
				    "would send no frame; trace 'arp ADDRESS' "
				    "shows why, or say dmac=ADDRESS");
	return 0;
}

/* -- the walk that is shown
 * ----------------------------------------------------------- */

static const char *const encapsulation_names[] = {
	[VS_ENCAP_NONE] = "none",
	[VS_ENCAP_NVGRE] = "nvgre",
	[VS_ENCAP_VXLAN] = "vxlan",
	[VS_ENCAP_GRE] = "gre",
};

static void reply_recipes(struct trace *trace, struct vs_reply *reply)
{
	reply->ops->open_list(reply, "recipes");
	for (uint16_t i = 0; i < trace->outbox.count; i++) {
		const struct vs_recipe *recipe = &trace->outbox.entry[i].recipe;

		reply->ops->open_row(reply, NULL);
		reply->ops->text(
			reply, "port",
			engine_port_name(trace->port->owner, recipe->port));
		reply->ops->number(reply, "bytes",
				   recipe->lead_size + recipe->slice_size);
		reply->ops->text(reply, "encapsulation",
				 encapsulation_names[recipe->encapsulation]);
		reply->ops->close(reply);
	}
	reply->ops->close(reply);
}

/* Where it leaves; else the last word of the walk. */
static const char *verdict_of(struct trace *trace)
{
	const struct engine_switch *es = trace->port->owner;
	uint16_t count = trace->outbox.count;
	const char *first;

	if (!count)
		return trace->verdict;
	first = engine_port_name(es, trace->outbox.entry[0].recipe.port);
	if (count == 1)
		snprintf(trace->verdict, sizeof(trace->verdict), "leaves by %s",
			 first);
	else
		snprintf(trace->verdict, sizeof(trace->verdict),
			 "leaves by %s and %u more", first, count - 1u);
	return trace->verdict;
}

static int trace_run(struct trace *trace, const char *text,
		     struct request_call *call, struct vs_error *error)
{
	uint8_t bytes[DESCRIBE_FRAME_SIZE];
	struct describe d;
	int result = describe_parse(text, &d, error);

	if (!result) {
		d.vsid = vsid_of(trace->port, &d);
		result = complete(trace, &d, error);
	}
	if (!result)
		result = describe_build(&d, bytes, sizeof(bytes), error);
	if (result < 0)
		return result;
	trace->reply = request_reply(call);
	trace->reply->ops->open_list(trace->reply, "lines");
	result = walk(trace, bytes, result, error);
	trace->reply->ops->close(trace->reply);
	if (result)
		return result;
	reply_recipes(trace, trace->reply);
	trace->reply->ops->text(trace->reply, "verdict", verdict_of(trace));
	end_walk(trace);
	return 0;
}

void engine_trace(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct vs_error error = {0};
	struct trace *trace = calloc(1, sizeof(*trace));
	int result = -ENOMEM;

	if (!trace)
		vs_error_set(&error, ENOMEM, "", "no memory");
	if (trace) {
		trace->tracer.line = trace_line;
		trace->outbox.flush = outbox_full;
		trace->port = engine_find_port(
			engine, request_value(call, 0)->text, &error);
		result = -ENOENT;
	}
	if (trace && trace->port) {
		struct vs_switch *sw = trace->port->owner->sw;

		trace->probe = vs_switch_worker(sw, vs_switch_workers(sw));
		result = trace_run(trace, request_value(call, 1)->text, call,
				   &error);
	}
	free(trace);
	if (result)
		request_refuse(call, &error);
	else
		request_finish(call);
}
