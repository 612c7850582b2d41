/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_build.c: policy to snapshots. Prepare builds beside what runs and may
 * refuse; commit makes it true; abort takes every trace away. Which device a
 * port has is engine_port.c's; what a frame may do is core's.
 */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/host_nouns.h"
#include "core/acl.h"
#include "engine_switch.h"
#include "uplink_filter.h"

struct build {
	struct engine *engine;
	struct engine_switch *es;
	const struct store *store;
	const struct vs_object *object; /* the switch */
	struct cursor_maker *maker;
	const struct vs_state *states[ENGINE_STACK];
	uint16_t configured; /* states made and not yet the snapshot's */
	uint16_t first;	     /* of those */
};

static const struct schema_noun *host_noun(const struct build *build,
					   enum host_noun noun)
{
	return schema_host(build->engine->schema, noun);
}

static void copy_text(char *to, size_t size, const struct vs_value *value)
{
	if (value->present)
		snprintf(to, size, "%s", value->text);
}

/* -- which ports, with which intent -----------------------------------------
 */

static void intent_of_port(const struct vs_object *object,
			   struct port_intent *intent)
{
	const struct vs_value *tap = object_value(object, VS_PORT_TAP);
	const struct vs_value *packet = object_value(object, VS_PORT_PACKET);

	memset(intent, 0, sizeof(*intent));
	snprintf(intent->name, sizeof(intent->name), "%s", object_key(object));
	if (tap->present) {
		intent->driver = DRIVER_TAP;
		copy_text(intent->device, sizeof(intent->device), tap);
	} else if (packet->present) {
		intent->driver = DRIVER_PACKET;
		copy_text(intent->device, sizeof(intent->device), packet);
	} else if (object_value(object, VS_PORT_PCAP)->present ||
		   object_value(object, VS_PORT_PCAP_OUT)->present) {
		intent->driver = DRIVER_PCAP;
		copy_text(intent->device, sizeof(intent->device),
			  object_value(object, VS_PORT_PCAP));
		copy_text(intent->output, sizeof(intent->output),
			  object_value(object, VS_PORT_PCAP_OUT));
	} else {
		intent->driver = DRIVER_NULL;
	}
	copy_text(intent->netns, sizeof(intent->netns),
		  object_value(object, VS_PORT_NETNS));
}

static struct engine_port *want_port(struct build *build,
				     const struct port_intent *intent,
				     struct vs_error *error)
{
	struct engine_port *port;

	for (port = build->es->ports; port; port = port->next) {
		if (memcmp(&port->intent, intent, sizeof(*intent)) == 0) {
			port->wanted = true;
			return port;
		}
	}
	port = engine_port_create(build->es, intent);
	if (!port) {
		vs_error_set(error, ENOSPC, "",
			     "switch %s: no room for port %s; a switch has at "
			     "most %u ports",
			     build->es->name, intent->name,
			     VS_PORTS_MAXIMUM - 2);
		return NULL;
	}
	port->wanted = true;
	return port;
}

static int want_uplinks(struct build *build, struct vs_error *error)
{
	const struct vs_object *object = NULL;
	const struct schema_noun *noun = host_noun(build, HOST_UPLINK);
	struct port_intent intent;

	while ((object = store_next(build->store, noun, build->object,
				    object))) {
		memset(&intent, 0, sizeof(intent));
		intent.driver = DRIVER_UPLINK;
		snprintf(intent.name, sizeof(intent.name), "%s",
			 object_key(object));
		snprintf(intent.device, sizeof(intent.device), "%s",
			 object_key(object));
		if (!want_port(build, &intent, error))
			return -ENOSPC;
	}
	return 0;
}

static uint8_t switch_type(const struct build *build)
{
	const struct vs_value *type =
		object_value(build->object, VS_SWITCH_TYPE);

	if (type->present)
		return (uint8_t)type->choice;
	return store_next(build->store, host_noun(build, HOST_UPLINK),
			  build->object, NULL)
		       ? HOST_SWITCH_EXTERNAL
		       : HOST_SWITCH_PRIVATE;
}

static int want_ports(struct build *build, struct vs_error *error)
{
	const struct vs_value *host =
		object_value(build->object, VS_SWITCH_HOST_PORT);
	const struct schema_noun *noun = host_noun(build, HOST_PORT);
	const struct vs_object *object = NULL;
	struct port_intent intent;

	for (struct engine_port *p = build->es->ports; p; p = p->next)
		p->wanted = false;
	if (want_uplinks(build, error))
		return -ENOSPC;
	while ((object = store_next(build->store, noun, build->object,
				    object))) {
		intent_of_port(object, &intent);
		if (!want_port(build, &intent, error))
			return -ENOSPC;
	}
	build->es->prepared_type = switch_type(build);
	if (host->present ? host->truth
			  : build->es->prepared_type == HOST_SWITCH_INTERNAL) {
		memset(&intent, 0, sizeof(intent));
		intent.driver = DRIVER_HOST;
		snprintf(intent.name, sizeof(intent.name), "host:%s",
			 build->es->name);
		snprintf(intent.device, sizeof(intent.device), "%s",
			 build->es->name);
		if (!want_port(build, &intent, error))
			return -ENOSPC;
	}
	return 0;
}

/* -- the stack ----------------------------------------------------------------
 */

static int class_rank(const struct vs_extension *ext)
{
	if (ext->capture)
		return 0;
	if (ext->filter)
		return 1;
	return ext->forward ? 2 : 3;
}

static const struct vs_extension *find_extension(const struct engine *engine,
						 const char *name)
{
	for (uint16_t i = 0; i < engine->extension_count; i++)
		if (!strcmp(engine->extensions[i]->name, name))
			return engine->extensions[i];
	return NULL;
}

static int stack_place(const struct build *build, struct vs_error *error,
		       const char *format, const char *name)
{
	char path[sizeof(error->path)];

	return vs_error_set(
		error, EINVAL,
		object_path(build->object, "stack", path, sizeof(path)), format,
		name);
}

static int not_loaded(const struct build *build, const char *name,
		      struct vs_error *error)
{
	const struct engine *engine = build->engine;
	char text[384];

	snprintf(text, sizeof(text),
		 "extension \"%%s\" is not loaded; put %.64s.so into %.160s "
		 "and restart, or take it off the stack",
		 name, engine->config.extension_dir);
	for (uint16_t i = 0; i < engine->refused_count; i++)
		if (!strcmp(engine->refused[i].name, name))
			snprintf(text, sizeof(text),
				 "extension \"%%s\" could not be loaded: "
				 "%.256s",
				 engine->refused[i].why);
	for (char *p = strchr(text, '%') + 2; (p = strchr(p, '%'));)
		*p = '?'; /* nothing of a file name is a format */
	return stack_place(build, error, text, name);
}

static int want_extension(struct build *build, const char *name,
			  struct vs_error *error)
{
	struct engine_switch *es = build->es;
	const struct vs_extension *ext = find_extension(build->engine, name);
	struct engine_member *member = &es->prepared_stack[es->prepared_count];

	if (!ext)
		return not_loaded(build, name, error);
	if (es->prepared_count == ENGINE_STACK)
		return stack_place(build, error,
				   "\"%s\" is one too many; 16 is the most",
				   name);
	for (uint16_t i = 0; i < es->prepared_count; i++) {
		const struct vs_extension *above =
			es->prepared_stack[i].extension;

		if (above == ext)
			return stack_place(build, error,
					   "\"%s\" is there twice", name);
		if (class_rank(above) > class_rank(ext))
			return stack_place(build, error,
					   "\"%s\" stands below an extension "
					   "of a lower class; order: captures, "
					   "filters, forward, translate",
					   name);
		if (class_rank(above) == class_rank(ext) &&
		    class_rank(ext) >= 2)
			return stack_place(build, error,
					   "\"%s\" is a second one of a class "
					   "that allows one",
					   name);
	}
	*member = (struct engine_member){.extension = ext};
	for (uint16_t i = 0; i < es->stack_count; i++)
		if (es->stack[i].extension == ext)
			*member = es->stack[i];
	if (!member->attachment) {
		int result = vs_switch_attach(es->sw, ext, &member->attachment,
					      error);
		if (result)
			return result;
		member->pending = true;
	}
	es->prepared_count++;
	return 0;
}

static int want_stack(struct build *build, struct vs_error *error)
{
	const struct vs_value *stack =
		object_value(build->object, VS_SWITCH_STACK);

	build->es->prepared_count = 0;
	if (!stack->present)
		return find_extension(build->engine, "wnv")
			       ? want_extension(build, "wnv", error)
			       : 0;
	for (uint16_t i = 0; i < stack->count; i++) {
		int result = want_extension(build, stack->list[i].text, error);

		if (result)
			return result;
	}
	return 0;
}

static int configure_stack(struct build *build, struct vs_error *error)
{
	struct engine_switch *es = build->es;
	struct settings_cursor cursor;

	settings_cursor_open(&cursor, build->store, build->object,
			     build->maker);
	for (uint16_t i = 0; i < es->prepared_count; i++) {
		struct engine_member *member = &es->prepared_stack[i];

		build->states[i] = NULL;
		if (!member->extension->configure) {
			build->configured++;
			continue;
		}
		build->states[i] = vs_attachment_configure(
			member->attachment, &cursor.settings, error);
		if (!build->states[i])
			return error->code ? -error->code : -EINVAL;
		build->configured++;
	}
	return 0;
}

static void discard_states(struct build *build)
{
	for (uint16_t i = build->first; i < build->configured; i++)
		if (build->states[i])
			vs_state_discard(
				build->es->prepared_stack[i].attachment,
				build->states[i]);
	build->configured = build->first = 0;
}

/* -- a port's plan ------------------------------------------------------------
 */

static void profile_port(struct build *build, const char *name,
			 struct vs_port_profile *profile)
{
	struct engine_switch *es = build->es;
	const struct vs_extension *lowest;
	uint16_t last;

	memset(profile, 0, sizeof(*profile));
	profile->struct_size = sizeof(*profile);
	if (!es->prepared_count)
		return;
	last = (uint16_t)(es->prepared_count - 1);
	lowest = es->prepared_stack[last].extension;
	if (lowest->translate && lowest->translate->profile &&
	    build->states[last])
		lowest->translate->profile(build->states[last], name, profile);
}

static void dress_port(struct engine_port *port, const struct vs_object *object,
		       const struct vs_port_profile *profile)
{
	const struct vs_value *mtu = object_value(object, VS_PORT_MTU);
	const struct vs_value *mac = object_value(object, VS_PORT_MAC);
	struct port_dress *dress = &port->next_dress;

	memset(dress, 0, sizeof(*dress));
	dress->mtu = mtu->present ? (uint16_t)mtu->number : profile->mtu;
	if (profile->has_mac)
		dress->mac = profile->mac;
	else if (mac->present)
		dress->mac = mac->mac;
	snprintf(port->next_refused, sizeof(port->next_refused), "%s",
		 profile->waits);
	if (!port->intent.netns[0])
		return;
	dress->address_count = profile->address_count;
	memcpy(dress->addresses, profile->addresses, sizeof(dress->addresses));
	dress->gateway_count = profile->gateway_count;
	memcpy(dress->gateways, profile->gateways, sizeof(dress->gateways));
}

static bool value_or(const struct vs_value *value, bool unset)
{
	return value->present ? value->truth : unset;
}

static uint16_t add_rule(struct vs_acl_rule *rules, uint16_t count,
			 const struct vs_object *object, uint16_t field)
{
	const struct vs_value *value = object_value(object, field);
	struct vs_acl_rule *rule = &rules[count];
	uint16_t way = object_value(object, HOST_ACL_DIRECTION)->choice;

	if (!value->present)
		return count;
	memset(rule, 0, sizeof(*rule));
	rule->allow =
		object_value(object, HOST_ACL_ACTION)->choice == HOST_ACL_ALLOW;
	rule->inbound = way != HOST_ACL_OUT;
	rule->outbound = way != HOST_ACL_IN;
	rule->side = field == HOST_ACL_LOCAL || field == HOST_ACL_LOCAL_MAC
			     ? VS_ACL_LOCAL
			     : VS_ACL_REMOTE;
	rule->by_mac =
		field == HOST_ACL_LOCAL_MAC || field == HOST_ACL_REMOTE_MAC;
	if (rule->by_mac) {
		rule->any_mac = value->any;
		if (!value->any)
			rule->mac = value->mac;
		return (uint16_t)(count + 1);
	}
	if (!value->any) {
		rule->prefix = value->prefix;
		return (uint16_t)(count + 1);
	}
	/* "any" is both families: 0.0.0.0/0 and ::/0 (hnv.md D1.3) */
	rules[count + 1] = *rule;
	rule->prefix.ip = vs_ip_from_v4((const uint8_t[4]){0});
	rule->prefix.length = 96;
	return (uint16_t)(count + 2);
}

static int plan_acl(struct build *build, const struct vs_object *object,
		    struct vs_port_plan *plan)
{
	const struct schema_noun *noun = host_noun(build, HOST_ACL);
	const struct vs_object *acl = NULL;
	struct vs_acl_rule *rules;
	uint16_t count = 0;
	size_t objects = 0;

	while ((acl = store_next(build->store, noun, object, acl)))
		objects++;
	if (!objects)
		return 0;
	rules = calloc(objects * 2, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	while ((acl = store_next(build->store, noun, object, acl)))
		for (uint16_t f = HOST_ACL_LOCAL; f < HOST_ACL_FIELDS; f++)
			count = add_rule(rules, count, acl, f);
	plan->acl =
		vs_acl_build(rules, count, vs_switch_workers(build->es->sw));
	free(rules);
	return plan->acl ? 0 : -ENOMEM;
}

static void plan_common(const struct engine_port *port,
			struct vs_port_plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->info = port->info;
	plan->link = port->link;
	plan->worker = port->worker;
	plan->vsid_count = 1; /* VSID 0 */
}

static int add_ordinary(struct build *build, struct vs_snapshot *snapshot,
			const struct vs_object *object, struct vs_error *error)
{
	const struct vs_value *vsid = object_value(object, VS_PORT_VSID);
	struct engine_port *port =
		engine_port_find(build->es, object_key(object));
	struct vs_port_profile profile;
	struct vs_port_plan plan;

	profile_port(build, object_key(object), &profile);
	dress_port(port, object, &profile);
	plan_common(port, &plan);
	plan.waits = profile.waits[0] != '\0';
	plan.mac_guard =
		value_or(object_value(object, VS_PORT_MAC_GUARD), true);
	plan.ca_guard = value_or(object_value(object, VS_PORT_CA_GUARD), true);
	plan.mac = port->next_dress.mac;
	if (vsid->present)
		plan.vsids[0] = vsid->vsid;
	if (plan_acl(build, object, &plan))
		return vs_error_set(error, ENOMEM, "",
				    "port %s: no memory for its ACL",
				    object_key(object));
	return vs_snapshot_add_port(snapshot, &plan, error);
}

/*
 * An uplink takes in only what WNV needs while no port stands in the
 * provider's own network (VSID 0).
 */
static void plan_filter(struct build *build, struct engine_port *uplink,
			bool open)
{
	struct vs_provider providers[UPLINK_FILTER_ADDRESSES + 1];
	struct vs_ip addresses[UPLINK_FILTER_ADDRESSES + 1];
	struct port_filter *filter = &uplink->next_filter;
	const struct vs_extension *lowest = NULL;
	const struct vs_state *state = NULL;
	uint16_t count, own = 0;

	memset(filter, 0, sizeof(*filter));
	filter->promiscuous = open;
	if (build->es->prepared_count) {
		uint16_t last = (uint16_t)(build->es->prepared_count - 1);

		lowest = build->es->prepared_stack[last].extension;
		state = build->states[last];
	}
	if (!lowest || !lowest->translate || !lowest->translate->providers ||
	    !state)
		return;
	count = lowest->translate->providers(state, providers,
					     UPLINK_FILTER_ADDRESSES + 1);
	if (count > UPLINK_FILTER_ADDRESSES + 1)
		count = UPLINK_FILTER_ADDRESSES + 1;
	for (uint16_t i = 0; i < count; i++) {
		if (!vs_port_equal(providers[i].uplink, uplink->info.id))
			continue;
		addresses[own++] = providers[i].ip;
		filter->promiscuous |= !vs_mac_is_zero(&providers[i].mac);
	}
	if (!open && own)
		filter->count =
			uplink_filter_build(addresses, own, filter->program);
}

static void plan_filters(struct build *build)
{
	const struct schema_noun *noun = host_noun(build, HOST_PORT);
	const struct vs_object *object = NULL;
	bool open = false;

	while ((object = store_next(build->store, noun, build->object,
				    object))) {
		const struct vs_value *vsid =
			object_value(object, VS_PORT_VSID);

		open |= !vsid->present || vsid->vsid.value == 0;
	}
	for (struct engine_port *p = build->es->ports; p; p = p->next)
		open |= p->wanted && p->intent.driver == DRIVER_HOST;
	for (struct engine_port *p = build->es->ports; p; p = p->next)
		if (p->wanted && p->intent.driver == DRIVER_UPLINK)
			plan_filter(build, p, open);
}

static int add_ports(struct build *build, struct vs_snapshot *snapshot,
		     struct vs_error *error)
{
	const struct schema_noun *noun = host_noun(build, HOST_PORT);
	const struct vs_object *object = NULL;
	struct vs_port_plan plan;
	int result;

	while ((object = store_next(build->store, noun, build->object,
				    object))) {
		result = add_ordinary(build, snapshot, object, error);
		if (result)
			return result;
	}
	for (struct engine_port *p = build->es->ports; p; p = p->next) {
		if (!p->wanted || (p->intent.driver != DRIVER_UPLINK &&
				   p->intent.driver != DRIVER_HOST))
			continue;
		plan_common(p, &plan);
		plan.mac_guard = p->intent.driver == DRIVER_HOST;
		result = vs_snapshot_add_port(snapshot, &plan, error);
		if (result)
			return result;
	}
	return 0;
}

static int build_snapshot(struct build *build, struct vs_error *error)
{
	struct engine_switch *es = build->es;
	struct vs_snapshot *snapshot = vs_snapshot_begin(es->sw);
	int result;

	if (!snapshot)
		return vs_error_set(error, ENOMEM, "", "no memory");
	result = add_ports(build, snapshot, error);
	for (uint16_t i = 0; !result && i < es->prepared_count; i++) {
		result = vs_snapshot_add_extension(
			snapshot, es->prepared_stack[i].attachment,
			build->states[i], error);
		if (!result)
			build->first = (uint16_t)(i + 1);
	}
	if (result) {
		vs_snapshot_discard(snapshot);
		return result;
	}
	es->prepared = snapshot;
	return 0;
}

/* -- a switch
 * ------------------------------------------------------------------ */

static int build_stages(struct build *build, struct vs_error *error)
{
	int result = want_ports(build, error);

	if (!result)
		result = want_stack(build, error);
	if (!result)
		result = configure_stack(build, error);
	if (!result) {
		plan_filters(build);
		result = build_snapshot(build, error);
	}
	discard_states(build);
	return result;
}

int engine_build(struct engine *engine, const struct store *store,
		 struct cursor_maker *maker, struct vs_error *error)
{
	const struct schema_noun *noun =
		schema_host(engine->schema, HOST_SWITCH);
	const struct vs_object *object = NULL;
	int result = 0;

	for (struct engine_switch *es = engine->switches; es; es = es->next)
		es->wanted = false;
	while ((object = store_next(store, noun, NULL, object))) {
		struct build build = {.engine = engine,
				      .store = store,
				      .object = object,
				      .maker = maker};

		result = engine_switch_want(engine, object, &build.es, error);
		if (!result)
			result = build_stages(&build, error);
		if (result)
			break;
	}
	if (result)
		engine_build_abort(engine);
	return result;
}

const struct vs_port_info *engine_build_port(struct engine *engine,
					     const struct vs_object *object)
{
	const struct vs_object *sw = object_switch(object);
	const struct vs_noun *noun = object_noun(object)->noun;
	struct engine_switch *es = engine->switches;

	while (es && (!sw || strcmp(es->name, object_key(sw)) != 0))
		es = es->next;
	if (!es || (noun != &host_nouns[HOST_PORT] &&
		    noun != &host_nouns[HOST_UPLINK]))
		return NULL;
	for (struct engine_port *p = es->ports; p; p = p->next)
		if (p->wanted && !strcmp(p->intent.name, object_key(object)) &&
		    (p->intent.driver == DRIVER_UPLINK) ==
			    (noun == &host_nouns[HOST_UPLINK]))
			return &p->info;
	return NULL;
}

/* -- commit and abort -------------------------------------------------------
 */

static void commit_stack(struct engine_switch *es)
{
	for (uint16_t i = 0; i < es->stack_count; i++) {
		bool stays = false;

		for (uint16_t k = 0; k < es->prepared_count; k++)
			stays |= es->prepared_stack[k].attachment ==
				 es->stack[i].attachment;
		if (!stays)
			engine_switch_leave(es, es->stack[i].attachment);
	}
	es->stack_count = es->prepared_count;
	for (uint16_t i = 0; i < es->prepared_count; i++) {
		es->prepared_stack[i].pending = false;
		es->stack[i] = es->prepared_stack[i];
	}
}

static void commit_ports(struct engine_switch *es)
{
	struct engine_port **at = &es->ports;

	while (*at) {
		struct engine_port *port = *at;

		if (!port->wanted) {
			*at = port->next;
			engine_port_event(port, VS_PORT_REMOVED);
			engine_port_destroy(port);
			continue;
		}
		at = &port->next;
		if (port->pending)
			engine_port_event(port, VS_PORT_ADDED);
		port->pending = false;
		port->named = port->link != NULL;
		engine_port_attach(port);
	}
}

void engine_switch_commit(struct engine_switch *es)
{
	es->pending = false;
	es->type = es->prepared_type;
	vs_switch_publish(es->sw, es->prepared);
	es->prepared = NULL;
	commit_stack(es);
	commit_ports(es);
	pump_wake(es->engine->pump, UINT16_MAX);
}

void engine_build_commit(struct engine *engine, const struct store *store)
{
	struct engine_switch *next;

	engine->store = store;
	for (struct engine_switch *es = engine->switches; es; es = next) {
		next = es->next;
		if (!es->wanted)
			engine_switch_remove(es);
		else if (es->prepared)
			engine_switch_commit(es);
	}
}

void engine_switch_abort(struct engine_switch *es)
{
	struct engine_port **at = &es->ports;

	if (es->prepared)
		vs_snapshot_discard(es->prepared);
	es->prepared = NULL;
	while (*at) {
		struct engine_port *port = *at;

		if (port->pending) {
			*at = port->next;
			engine_port_destroy(port);
		} else {
			at = &port->next;
		}
	}
	for (uint16_t i = 0; i < es->prepared_count; i++)
		if (es->prepared_stack[i].pending)
			vs_switch_detach(es->sw,
					 es->prepared_stack[i].attachment);
	es->prepared_count = 0;
}

void engine_build_abort(struct engine *engine)
{
	struct engine_switch *next;

	for (struct engine_switch *es = engine->switches; es; es = next) {
		next = es->next;
		engine_switch_abort(es);
		if (es->pending)
			engine_switch_remove(es);
	}
}

/* A device came or went: the same policy, another snapshot. */
void engine_rebuild(struct engine_switch *es)
{
	struct engine *engine = es->engine;
	struct build build = {.engine = engine,
			      .es = es,
			      .store = engine->store,
			      .maker = &engine->maker};
	struct vs_error error = {0};

	es->rebuild = false;
	if (!engine->store)
		return;
	build.object = store_find(engine->store,
				  schema_host(engine->schema, HOST_SWITCH),
				  NULL, es->name);
	if (!build.object || build_stages(&build, &error)) {
		engine_event(engine, es->name, "engine", "rebuild_refused",
			     error.text);
		engine_switch_abort(es);
		return;
	}
	engine_switch_commit(es);
}
