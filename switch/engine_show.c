/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_show.c: `show` and `fdb`: what there is and how it is, for a person
 * or a script; counters are engine_count.c's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/port_lane.h"
#include "control/port_vsids.h"
#include "engine_methods.h"
#include "engine_switch.h"

static const char *const driver_names[] = {
	[DRIVER_TAP] = "tap",	    [DRIVER_PACKET] = "packet",
	[DRIVER_PCAP] = "pcap",	    [DRIVER_NULL] = "null",
	[DRIVER_UPLINK] = "uplink", [DRIVER_HOST] = "host",
};
_Static_assert(sizeof(driver_names) / sizeof(driver_names[0]) == DRIVERS,
	       "one name each");

static const char *const type_names[] = {
	[HOST_SWITCH_EXTERNAL] = "external",
	[HOST_SWITCH_INTERNAL] = "internal",
	[HOST_SWITCH_PRIVATE] = "private",
};
_Static_assert(sizeof(type_names) / sizeof(type_names[0]) == HOST_SWITCH_TYPES,
	       "one name each");

struct engine_port *engine_find_port(struct engine *engine, const char *name,
				     struct vs_error *error)
{
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (!p->pending && !strcmp(p->intent.name, name))
				return p;
	vs_error_set(error, ENOENT, "port",
		     "no port \"%s\"; vsctl port lists them", name);
	return NULL;
}

const char *engine_port_name(const struct engine_switch *es,
			     struct vs_port_id id)
{
	if (id.value == VS_PORT_EXTERNAL)
		return "external";
	for (struct engine_port *p = es->ports; p; p = p->next)
		if (vs_port_equal(p->info.id, id))
			return p->intent.name;
	return id.value ? "gone" : "switch";
}

static const char *state_of(const struct engine_port *port)
{
	if (port->state == PORT_ATTACHED)
		return port->refused[0] ? "waits"
		       : port->info.up	? "up"
					: "down";
	return port->state == PORT_OPENING ? "opening" : "waits";
}

static const char *why_of(const struct engine_port *port)
{
	if (port->refused[0])
		return port->refused;
	if (port->state == PORT_ATTACHED && !port->info.up)
		return "the device is down or has no carrier";
	return port->why;
}

static void reply_mac(struct vs_reply *reply, const struct vs_mac *mac)
{
	char text[VS_MAC_TEXT];

	if (!vs_mac_is_zero(mac))
		reply->ops->text(reply, "mac", vs_mac_format(mac, text));
}

/* Drops are booked by source port; added up over reasons. */
static uint64_t drops_of(struct engine_switch *es, struct vs_port_id id,
			 struct vs_ledger_row *row)
{
	uint64_t drops = 0;
	uint32_t cursor = 0;

	while (vs_ledger_next(vs_switch_ledger(es->sw), &cursor, row))
		if (vs_port_equal(row->port, id))
			for (uint16_t i = 0; i < VS_LEDGER_REASONS; i++)
				drops += row->dropped[i];
	return drops;
}

static void show_traffic(struct vs_reply *reply, struct engine_port *port,
			 struct vs_ledger_row *row)
{
	struct link_counts counts;

	engine_port_counts(port, &counts);
	reply->ops->number(reply, "rx_frames", counts.received);
	reply->ops->number(reply, "tx_frames", counts.written);
	reply->ops->number(reply, "drops",
			   drops_of(port->owner, port->info.id, row));
}

const struct vs_object *engine_switch_object(const struct engine_switch *es)
{
	const struct engine *engine = es->engine;

	return engine->store
		       ? store_find(engine->store,
				    schema_host(engine->schema, HOST_SWITCH),
				    NULL, es->name)
		       : NULL;
}

const struct vs_object *engine_port_object(const struct engine_port *port)
{
	const struct engine *engine = port->owner->engine;
	const struct vs_object *sw = engine_switch_object(port->owner);

	return sw ? store_find(engine->store,
			       schema_host(engine->schema, HOST_PORT), sw,
			       port->intent.name)
		  : NULL;
}

const struct vs_mac *engine_port_mac(const struct engine_port *port)
{
	return vs_mac_is_zero(&port->dress.mac) ? &port->info.mac
						: &port->dress.mac;
}

struct vs_vsid engine_port_vsid(const struct engine_port *port)
{
	const struct vs_object *object = engine_port_object(port);

	return object ? port_vsid(object) : (struct vs_vsid){0};
}

/* One VSID, or VLANs, or, of a multi-tenant port, each with its tag. */
static void show_vsids(struct vs_reply *reply, const struct engine_port *port)
{
	const struct vs_object *object = engine_port_object(port);
	struct vs_vsid vsids[VS_PORT_VSIDS];
	char text[PORT_LANE_TEXT];
	uint16_t i, count;

	if (object && port_has_lane(object)) {
		reply->ops->text(reply, "vlan", port_lane_text(object, text));
		return;
	}
	if (!object || !(port_is_monitor(object) || port_is_tagged(object))) {
		reply->ops->number(reply, "vsid", engine_port_vsid(port).value);
		return;
	}
	count = port_vsids(object, vsids);
	reply->ops->open_list(reply, port_is_monitor(object) ? "see" : "rdmap");
	for (i = 0; i < count; i++) {
		if (port_is_monitor(object)) {
			reply->ops->number(reply, NULL, vsids[i].value);
			continue;
		}
		snprintf(text, sizeof(text), "%u:%u", port_tag(object, i),
			 vsids[i].value);
		reply->ops->text(reply, NULL, text);
	}
	reply->ops->close(reply);
}

/* Blocked by the loop guard, or what the device and policy make of it. */
static void show_state(struct vs_reply *reply, const struct engine_port *port)
{
	const struct engine_switch *es = port->owner;
	struct vs_loop_found found;
	uint64_t now = loop_now_ns();
	char text[192], mac[VS_MAC_TEXT];

	if (!es->sw || !vs_switch_loop(es->sw, port->info.id, &found)) {
		reply->ops->text(reply, "state", state_of(port));
		reply->ops->text(reply, "why", why_of(port));
		return;
	}
	snprintf(text, sizeof(text),
		 "a loop: MAC %s comes from here and from %s in turn; tried "
		 "again in %llu s",
		 vs_mac_format(&found.mac, mac),
		 engine_port_name(es, found.other),
		 found.until_ns > now
			 ? (unsigned long long)((found.until_ns - now) /
						1000000000) +
				   1
			 : 0);
	reply->ops->text(reply, "state", "blocked");
	reply->ops->text(reply, "why", text);
}

static void show_port(struct vs_reply *reply, struct engine_port *port,
		      struct vs_ledger_row *row)
{
	const struct vs_object *object = engine_port_object(port);
	const struct vs_mac *mac = engine_port_mac(port);

	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "name", port->intent.name);
	reply->ops->number(reply, "id", port->info.id.value);
	reply->ops->text(reply, "driver", driver_names[port->intent.driver]);
	reply->ops->text(reply, "device", port->intent.device);
	if (port->intent.netns[0])
		reply->ops->text(reply, "netns", port->intent.netns);
	show_vsids(reply, port);
	reply_mac(reply, mac);
	reply->ops->number(reply, "mtu", port->info.mtu);
	if (port->dress.mtu && port->info.mtu &&
	    port->dress.mtu != port->info.mtu)
		reply->ops->number(reply, "mtu_wanted", port->dress.mtu);
	show_state(reply, port);
	engine_show_mismatches(reply, port);
	if (object)
		engine_show_policies(reply, object);
	show_traffic(reply, port, row);
	reply->ops->close(reply);
}

static void show_uplink(struct vs_reply *reply, struct engine_port *port)
{
	char text[VS_PREFIX_TEXT];

	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "name", port->intent.name);
	reply->ops->number(reply, "id", port->info.id.value);
	reply->ops->truth(reply, "up",
			  port->state == PORT_ATTACHED && port->info.up);
	reply->ops->text(reply, "state", state_of(port));
	reply->ops->text(reply, "why", why_of(port));
	reply->ops->number(reply, "mtu", port->info.mtu);
	reply_mac(reply, &port->info.mac);
	reply->ops->truth(reply, "filter", port->filter.count != 0);
	reply->ops->open_list(reply, "addresses");
	for (uint16_t i = 0; i < port->info.address_count; i++)
		reply->ops->text(
			reply, NULL,
			vs_prefix_format(&port->info.addresses[i], text));
	reply->ops->close(reply);
	reply->ops->close(reply);
}

/* The list has the youngest first; who reads wants the order of making. */
static struct engine_port *younger(const struct engine_switch *es,
				   const struct engine_port *than)
{
	struct engine_port *port = es->ports;

	if (port == than)
		return NULL;
	while (port && port->next != than)
		port = port->next;
	return port;
}

static struct engine_port *eldest(const struct engine_switch *es)
{
	return younger(es, NULL);
}

static void show_switch(struct vs_reply *reply, struct engine_switch *es,
			struct vs_ledger_row *row)
{
	const struct vs_object *object = engine_switch_object(es);

	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "name", es->name);
	reply->ops->text(reply, "type", type_names[es->type]);
	reply->ops->number(reply, "workers", vs_switch_workers(es->sw));
	reply->ops->truth(
		reply, "snooping",
		object && object_value(object, VS_SWITCH_SNOOPING)->truth);
	reply->ops->open_list(reply, "stack");
	for (uint16_t i = 0; i < es->stack_count; i++)
		reply->ops->text(reply, NULL, es->stack[i].extension->name);
	reply->ops->close(reply);
	reply->ops->open_list(reply, "uplinks");
	for (struct engine_port *p = eldest(es); p; p = younger(es, p))
		if (!p->pending && p->intent.driver == DRIVER_UPLINK)
			show_uplink(reply, p);
	reply->ops->close(reply);
	reply->ops->open_list(reply, "ports");
	for (struct engine_port *p = eldest(es); p; p = younger(es, p))
		if (!p->pending && p->intent.driver != DRIVER_UPLINK)
			show_port(reply, p, row);
	reply->ops->close(reply);
	reply->ops->open_list(reply, "extensions");
	*row = vs_ledger_total(vs_switch_ledger(es->sw));
	engine_reply_members(reply, es, row);
	reply->ops->close(reply);
	reply->ops->open_list(reply, "warnings");
	for (uint16_t i = 0; i < es->remarks.count; i++)
		reply->ops->text(reply, NULL, es->remarks.text[i]);
	reply->ops->close(reply);
	reply->ops->close(reply);
}

void engine_show(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct vs_ledger_row *row = engine_new_row(call);
	struct vs_reply *reply;

	if (!row)
		return;
	reply = request_reply(call);
	reply->ops->open_row(reply, "daemon");
	reply->ops->text(reply, "version", VS_VERSION);
	reply->ops->text(reply, "host", engine->config.host);
	reply->ops->number(reply, "uptime_s",
			   (loop_now_ns() - engine->run.started_ns) /
				   1000000000);
	reply->ops->number(reply, "generation",
			   policy_generation(engine->policy));
	reply->ops->close(reply);
	reply->ops->open_list(reply, "switches");
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		if (!es->pending)
			show_switch(reply, es, row);
	reply->ops->close(reply);
	free(row);
	request_finish(call);
}

/* -- fdb
 * ---------------------------------------------------------------------------
 */

static void fdb_row(struct vs_reply *reply, const struct engine_switch *es,
		    const struct vs_mac *mac, const char *port)
{
	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "switch", es->name);
	reply_mac(reply, mac);
	reply->ops->text(reply, "port", port);
}

static void fdb_static_row(struct vs_reply *reply,
			   const struct engine_port *port)
{
	fdb_row(reply, port->owner, engine_port_mac(port), port->intent.name);
	reply->ops->text(reply, "kind", "static");
}

/* Where its own MAC is known; of VLANs, all in one row. */
static void fdb_static_port(struct vs_reply *reply,
			    const struct engine_port *port)
{
	const struct vs_object *object = engine_port_object(port);
	struct vs_vsid vsids[VS_PORT_VSIDS] = {{0}};
	uint16_t count = object ? port_vsids(object, vsids) : 1;
	char text[PORT_LANE_TEXT + 8], vlans[PORT_LANE_TEXT];

	if (object && port_has_lane(object)) {
		snprintf(text, sizeof(text), "vlan %s",
			 port_lane_text(object, vlans));
		fdb_static_row(reply, port);
		reply->ops->text(reply, "vsid", text);
		reply->ops->close(reply);
		return;
	}
	for (uint16_t i = 0; i < count; i++) {
		fdb_static_row(reply, port);
		engine_reply_vsid(reply, vsids[i]);
		reply->ops->close(reply);
	}
}

static void fdb_static(struct vs_reply *reply, struct engine_switch *es)
{
	for (struct engine_port *p = es->ports; p; p = p->next) {
		const struct vs_object *object = engine_port_object(p);

		if (p->pending || p->intent.driver == DRIVER_UPLINK ||
		    (object && port_is_monitor(object)) ||
		    vs_mac_is_zero(engine_port_mac(p)))
			continue;
		fdb_static_port(reply, p);
	}
}

static void fdb_learned(struct vs_reply *reply, struct engine_switch *es,
			uint64_t now)
{
	struct vs_table_entry entry;
	struct vs_mac_value value;
	struct vs_mac_key key;
	uint64_t cursor = 0;

	while (vs_table_next(vs_switch_macs(es->sw), &cursor, now, &entry)) {
		memcpy(&key, entry.key, sizeof(key));
		memcpy(&value, entry.value, sizeof(value));
		fdb_row(reply, es, &key.mac, engine_port_name(es, value.port));
		engine_reply_vsid(reply, key.vsid);
		reply->ops->text(reply, "kind",
				 value.port.value == VS_PORT_EXTERNAL
					 ? "remote"
					 : "learned");
		reply->ops->number(reply, "age_s", entry.age_ns / 1000000000);
		reply->ops->number(reply, "moves", value.moves);
		reply->ops->close(reply);
	}
}

void engine_fdb(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	const struct vs_value *name = request_value(call, 0);
	struct vs_reply *reply = request_reply(call);

	reply->ops->open_list(reply, "entries");
	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		if (es->pending ||
		    (name->present && strcmp(es->name, name->text) != 0))
			continue;
		fdb_static(reply, es);
		fdb_learned(reply, es, loop_now_ns());
	}
	reply->ops->close(reply);
	request_finish(call);
}
