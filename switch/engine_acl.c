/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_acl.c: what `acl list` shows beside policy: how often each entry
 * decided, and the entry that nobody can delete, a port's VSID (hnv.md D1,
 * design 8). The numbers are the core's.
 */
#include <stdio.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/port_plan.h"
#include "control/port_vsids.h"
#include "core/acl.h"
#include "engine_switch.h"

static struct engine_port *port_of(struct engine *engine,
				   const struct vs_object *object)
{
	const struct vs_object *sw = object_switch(object);

	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (!p->pending && p->intent.driver != DRIVER_UPLINK &&
			    sw && !strcmp(es->name, object_key(sw)) &&
			    !strcmp(p->intent.name, object_key(object)))
				return p;
	return NULL;
}

void engine_acl_status(struct engine *engine, const struct vs_object *object,
		       struct vs_reply *reply)
{
	/* the object may be of a copy of the store */
	const struct schema_noun *noun = object_noun(object);
	const struct vs_object *before = NULL, *owner;
	struct engine_port *port = port_of(engine, object_parent(object));
	struct vs_acl *acl;
	struct vs_acl_count sum = {0}, one;
	uint16_t first = 0, count = port_plan_acl_rules(object);

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
	uint16_t i, count = object ? port_vsid_count(object) : 1;
	char vsids[VS_PORT_VSIDS * 9 + 1], text[sizeof(vsids) + 64];
	int used = 0;

	for (i = 0; i < count; i++)
		used += snprintf(vsids + used, sizeof(vsids) - (size_t)used,
				 "%s%u", i ? "," : "",
				 object ? port_vsid(object, i).value : 0);
	snprintf(text, sizeof(text), "deny * vsid≠%s (built in)", vsids);
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
