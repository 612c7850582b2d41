/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_acl.c: what `acl list` shows beside policy: how often each entry
 * decided, and the entry that nobody can delete, a port's VSID (hnv.md D1,
 * design 8). The numbers are the core's.
 */
#include <stdio.h>
#include <string.h>

#include "control/acl_extended.h"
#include "control/host_nouns.h"
#include "control/port_plan.h"
#include "control/port_lane.h"
#include "control/port_vsids.h"
#include "core/acl.h"
#include "core/xacl_flow.h"
#include "engine_methods.h"
#include "engine_switch.h"

#define FLOW_ROWS 1000u /* unless limit= says otherwise */

struct engine_port *engine_port_of(struct engine *engine,
				   const struct vs_object *object)
{
	const struct vs_object *sw = object_switch(object);
	struct engine_switch *es = engine->switches;

	while (es && (!sw || strcmp(es->name, object_key(sw)) != 0))
		es = es->next;
	for (struct engine_port *p = es ? es->ports : NULL; p; p = p->next)
		if (!p->pending && p->intent.driver != DRIVER_UPLINK &&
		    !strcmp(p->intent.name, object_key(object)))
			return p;
	return NULL;
}

static void extended_status(const struct engine_port *port,
			    const struct vs_object *object,
			    struct vs_reply *reply)
{
	struct vs_xacl *xacl = vs_switch_xacl(port->owner->sw, port->info.id);
	uint32_t number = XACL_NONE;

	if (xacl)
		number = vs_xacl_number(
			xacl,
			object_value(object, HOST_ACL_DIRECTION)->choice ==
				HOST_DIRECTION_IN,
			(uint16_t)object_value(object, HOST_ACL_WEIGHT)
				->number);
	if (number != XACL_NONE)
		reply->ops->number(reply, "frames", vs_xacl_hits(xacl, number));
}

void engine_acl_status(struct engine *engine, const struct vs_object *object,
		       struct vs_reply *reply)
{
	/* the object may be of a copy of the store */
	const struct schema_noun *noun = object_noun(object);
	const struct vs_object *before = NULL, *owner;
	struct engine_port *port =
		engine_port_of(engine, object_parent(object));
	struct vs_acl *acl;
	struct vs_acl_count sum = {0}, one;
	uint16_t first = 0, count = port_plan_acl_rules(object);

	if (port && acl_is_extended(object)) {
		extended_status(port, object, reply);
		return;
	}
	acl = port ? vs_switch_acl(port->owner->sw, port->info.id) : NULL;
	if (!acl)
		return;
	owner = engine_port_object(port);
	while ((before = store_next(engine->store, noun, owner, before)) &&
	       strcmp(object_key(before), object_key(object)) != 0)
		first = (uint16_t)(first + port_plan_acl_rules(before));
	for (uint16_t i = 0; before && i < count; i++) {
		one = vs_acl_count(acl, (uint16_t)(first + i));
		sum.frames += one.frames;
		sum.bytes += one.bytes;
	}
	reply->ops->number(reply, "frames", sum.frames);
	if (object_value(object, HOST_ACL_ACTION)->choice == HOST_ACL_METER)
		reply->ops->number(reply, "bytes", sum.bytes);
}

static void built_in_row(struct vs_reply *rows, const struct engine_port *port)
{
	const struct vs_object *object = engine_port_object(port);
	char vsids[VS_PORT_VSIDS * 9 + 1], text[sizeof(vsids) + 64];
	struct vs_vsid in[VS_PORT_VSIDS] = {{0}};
	uint16_t i, count = object ? port_vsids(object, in) : 1;
	int used = 0;

	if (object && port_has_lane(object)) {
		char vlan[PORT_LANE_TEXT];

		snprintf(text, sizeof(text), "deny * vlan≠%s (built in)",
			 port_lane_text(object, vlan));
	} else {
		for (i = 0; i < count; i++)
			used += snprintf(vsids + used,
					 sizeof(vsids) - (size_t)used, "%s%u",
					 i ? "," : "", in[i].value);
		snprintf(text, sizeof(text), "deny * vsid≠%s (built in)",
			 vsids);
	}
	rows->ops->open_row(rows, NULL);
	rows->ops->text(rows, "key", text);
	rows->ops->open_row(rows, "parent");
	rows->ops->text(rows, "noun", host_nouns[HOST_PORT].name);
	rows->ops->text(rows, "key", port->intent.name);
	rows->ops->close(rows);
	rows->ops->open_row(rows, "fields");
	rows->ops->text(rows, "action", "deny");
	rows->ops->text(rows, "direction", "both");
	rows->ops->close(rows);
	rows->ops->open_row(rows, "status");
	rows->ops->number(rows, "frames",
			  vs_switch_kept_out(port->owner->sw, port->info.id));
	rows->ops->close(rows);
	rows->ops->close(rows);
}

void engine_built_in(struct request_engine *methods, const struct vs_noun *noun,
		     const char *parent, struct vs_reply *rows)
{
	struct engine *engine = engine_of_methods(methods);

	if (noun != &host_nouns[HOST_ACL])
		return;
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (!p->pending && p->intent.driver != DRIVER_UPLINK &&
			    (!parent || !strcmp(parent, p->intent.name)))
				built_in_row(rows, p);
}

/* -- flows ------------------------------------------------------------------
 */

static void flow_row(struct vs_reply *reply, const struct xacl_flow *flow)
{
	char text[VS_IP_TEXT], protocol[ACL_PROTOCOL_TEXT];

	reply->ops->open_row(reply, NULL);
	engine_reply_vsid(reply, flow->vsid);
	reply->ops->text(reply, "proto",
			 acl_protocol_text(flow->protocol, protocol));
	reply->ops->text(reply, "local", vs_ip_format(&flow->local, text));
	reply->ops->number(reply, "lport", flow->local_port);
	reply->ops->text(reply, "remote", vs_ip_format(&flow->remote, text));
	reply->ops->number(reply, "rport", flow->remote_port);
	reply->ops->text(reply, "made", flow->inbound ? "in" : "out");
	reply->ops->number(reply, "idle_s", flow->age_ns / 1000000000);
	reply->ops->number(reply, "timeout", flow->idle_s);
	reply->ops->close(reply);
}

/* `acl flows PORT`: what its stateful rules let through now. */
void engine_acl_flows(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	const struct vs_value *limit = request_value(call, 1);
	uint64_t room = limit->present ? limit->number : FLOW_ROWS, cursor = 0;
	struct vs_reply *reply = request_reply(call);
	struct vs_error error = {0};
	struct engine_port *port;
	struct xacl_flow flow;
	uint64_t count = 0;

	port = engine_find_port(engine, request_value(call, 0)->text, &error);
	if (!port) {
		request_refuse(call, &error);
		return;
	}
	reply->ops->open_list(reply, "flows");
	while (vs_switch_flow_next(port->owner->sw, port->info.id, &cursor,
				   &flow))
		if (count++ < room)
			flow_row(reply, &flow);
	reply->ops->close(reply);
	reply->ops->number(reply, "count", count);
	request_finish(call);
}
