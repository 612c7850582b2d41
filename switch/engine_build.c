/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_build.c: policy to snapshots. Prepare builds beside what runs and may
 * refuse; engine_commit.c makes it true, or takes every trace away. Which
 * device a port has is engine_port.c's; what a frame may do is core's.
 */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/stack.h"
#include "engine_allow.h"
#include "engine_judge.h"
#include "engine_plan.h"
#include "engine_switch.h"
#include "log.h"

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
	const struct schema_noun *noun = build_noun(build, HOST_UPLINK);
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
	return store_next(build->store, build_noun(build, HOST_UPLINK),
			  build->object, NULL)
		       ? HOST_SWITCH_EXTERNAL
		       : HOST_SWITCH_PRIVATE;
}

static int want_ports(struct build *build, struct vs_error *error)
{
	const struct vs_value *host =
		object_value(build->object, VS_SWITCH_HOST_PORT);
	const struct schema_noun *noun = build_noun(build, HOST_PORT);
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
		snprintf(intent.name, sizeof(intent.name), "host:%.58s",
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
		 "and say vsctl ext load %.64s, or take it off the stack",
		 name, engine->config.extension_dir, name);
	for (uint16_t i = 0; i < engine->library.refused_count; i++)
		if (!strcmp(engine->library.refused[i].name, name))
			snprintf(text, sizeof(text),
				 "extension \"%%s\" could not be loaded: "
				 "%.256s",
				 engine->library.refused[i].why);
	for (char *p = strchr(text, '%') + 2; (p = strchr(p, '%'));)
		*p = '?'; /* nothing of a file name is a format */
	return stack_place(build, error, text, name);
}

static int want_extension(struct build *build, const char *name,
			  struct vs_error *error)
{
	struct engine_switch *es = build->es;
	const struct vs_extension *ext =
		stack_extension(build->engine->schema, name);
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
		if (stack_rank(above) > stack_rank(ext))
			return stack_place(build, error,
					   "\"%s\" stands below an extension "
					   "of a lower class; order: captures, "
					   "filters, forward, translate",
					   name);
		if (stack_rank(above) == stack_rank(ext) &&
		    stack_rank(ext) >= 2)
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
		engine_ext_succeed(es, member);
	}
	es->prepared_count++;
	return 0;
}

static int want_stack(struct build *build, struct vs_error *error)
{
	const char *names[STACK_NAMES];
	uint16_t count =
		stack_names(build->engine->schema, build->object, names);

	build->es->prepared_count = 0;
	if (engine_switch_make_room(build->es))
		return vs_error_set(error, ENOMEM, "", "no memory");
	for (uint16_t i = 0; i < count; i++) {
		int result = want_extension(build, names[i], error);

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
		log_debug(log_module_find(member->extension->name, LOG_LOADER),
			  "switch %s: configured", es->name);
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

static int build_snapshot(struct build *build, struct vs_error *error)
{
	struct engine_switch *es = build->es;
	struct vs_snapshot *snapshot = vs_snapshot_begin(es->sw);
	int result;

	if (!snapshot)
		return vs_error_set(error, ENOMEM, "", "no memory");
	result = build_add_ports(build, snapshot, error);
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
	if (!result)
		result = engine_allow_change(build, error);
	if (!result) {
		build_plan_filters(build);
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
	if (!result)
		result = engine_judge(engine, store, maker, error);
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

/* -- the same policy again ----------------------------------------------------
 */

/* Say what was not said at the last build. */
static void tell_remarks(struct engine_switch *es,
			 const struct switch_remarks *before)
{
	for (uint16_t i = 0; i < es->remarks.count; i++) {
		bool known = false;

		for (uint16_t k = 0; k < before->count; k++)
			known |= !strcmp(es->remarks.text[i], before->text[k]);
		if (!known)
			engine_event(es->engine,
				     &(struct event_said){LOG_ENGINE, es->name,
							  "engine",
							  "policy_warning",
							  es->remarks.text[i]});
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
	struct switch_remarks before = es->remarks;
	struct vs_error error = {0};
	int result;

	es->rebuild = false;
	if (!engine->store)
		return;
	engine->maker.before = engine->store; /* only devices differ */
	build.object = store_find(engine->store,
				  schema_host(engine->schema, HOST_SWITCH),
				  NULL, es->name);
	log_debug(LOG_ENGINE, "switch %s: built again, as it is asked for",
		  es->name);
	es->remarks.count = 0;
	engine->remarks = &es->remarks;
	result = build.object ? build_stages(&build, &error) : -ENOENT;
	engine->remarks = NULL;
	if (result) {
		engine_event(engine, &(struct event_said){
					     LOG_ENGINE, es->name, "engine",
					     "rebuild_refused", error.text});
		engine_switch_abort(es);
		return;
	}
	engine_switch_commit(es);
	tell_remarks(es, &before);
}
