// SPDX-License-Identifier: Apache-2.0
/*
 * world.c: libraries and a document to a published switch.
 */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/check.h"
#include "control/document.h"
#include "control/host_nouns.h"
#include "control/port_mirror.h"
#include "control/port_plan.h"
#include "control/schema.h"
#include "control/stack.h"
#include "loader.h"

#define SEED	   UINT64_C(0x9e3779b97f4a7c15)
#define SECOND_NS  UINT64_C(1000000000)
#define FIRST_PORT 2u /* 1 is the external port */

static struct world *of_owner(struct vs_switch_owner *owner)
{
	return (struct world *)(void *)((char *)owner -
					offsetof(struct world, owner));
}

static struct world *of_maker(struct cursor_maker *maker)
{
	return (struct world *)(void *)((char *)maker -
					offsetof(struct world, maker));
}

/* -- what the switch tells its owner -- */

static void event(struct vs_switch_owner *owner, struct vs_switch *sw,
		  const char *source, const char *name, const char *text)
{
	struct world *world = of_owner(owner);

	(void)sw;
	if (!strcmp(name, "rule_broken") || !strcmp(name, "service_refused"))
		world->accused = true;
	verdict_log_event(world->log, world->now, source, name, text);
}

static void reconfigure(struct vs_switch_owner *owner, struct vs_switch *sw)
{
	(void)sw;
	of_owner(owner)->reconfigure = true;
}

/* xorshift64*: the same in every run */
static uint64_t next_random(struct vs_switch_owner *owner)
{
	struct world *world = of_owner(owner);
	uint64_t x = world->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	world->random = x;
	return x * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t wall_ns(struct vs_switch_owner *owner)
{
	return of_owner(owner)->wall_ns;
}

static int open_sink(struct vs_switch_owner *owner, const char *name,
		     struct vs_error *error)
{
	struct world *world = of_owner(owner);

	if (!name)
		return vs_error_set(error, EPIPE, "",
				    "no client is there to read");
	return ++world->sink_count;
}

static void close_sink(struct vs_switch_owner *owner, int sink)
{
	(void)owner;
	(void)sink;
}

static int sink_counts(struct vs_switch_owner *owner, int sink,
		       struct vs_sink_counts *counts)
{
	(void)owner;
	(void)sink;
	*counts = (struct vs_sink_counts){.struct_size = sizeof(*counts)};
	return 0;
}

static int sink(struct vs_switch_owner *owner, uint32_t id,
		const struct vs_sink_record *record)
{
	struct world *world = of_owner(owner);
	uint64_t size = 0;

	if (id == 0 || id > world->sink_count)
		return -EPIPE;
	for (uint16_t i = 0; i < record->count; i++)
		size += record->sizes[i];
	if (record->count)
		verdict_log_sink(world->log, world->now, id, size);
	return 0;
}

/* -- libraries -- */

/* The extension's name is its file's. */
static int name_of(const char *path, char name[VS_PORT_NAME_SIZE],
		   struct vs_error *error)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t size = dot ? (size_t)(dot - base) : 0;

	if (!dot || strcmp(dot, ".so") != 0 || !size ||
	    size >= VS_PORT_NAME_SIZE)
		return vs_error_set(error, EINVAL, path,
				    "not the file of an extension: give "
				    "NAME.so");
	memcpy(name, base, size);
	name[size] = '\0';
	return 0;
}

/* As the daemon does it, but whoever runs this may trust his own file. */
static int load(struct world *world, const char *path, struct vs_error *error)
{
	char name[VS_PORT_NAME_SIZE];
	const struct vs_extension *extension;
	int fd, result = name_of(path, name, error);

	if (result)
		return result;
	if (world->extension_count == WORLD_EXTENSIONS)
		return vs_error_set(error, ENOSPC, path,
				    "is one too many; %u are the most",
				    WORLD_EXTENSIONS);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return vs_error_set(error, errno, path, "cannot be opened: %s",
				    strerror(errno));
	extension = loader_load_fd(world->loader, name, path, fd, error);
	if (!extension)
		return error->code ? -error->code : -EINVAL;
	world->extension[world->extension_count++] = extension;
	return 0;
}

static int load_all(struct world *world, const struct world_config *config,
		    struct vs_error *error)
{
	const struct loader_config trusting = {.directory = "",
					       .paths_allowed = true};
	struct schema_config tables = {.extensions = world->extension};
	int result = 0;

	world->loader = loader_create(&trusting);
	if (!world->loader)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	for (uint16_t i = 0; !result && i < config->library_count; i++)
		result = load(world, config->libraries[i], error);
	if (result)
		return result;
	tables.extension_count = world->extension_count;
	return schema_create(&world->schema, &tables, error);
}

/* -- the document -- */

static int parse(struct world *world, const struct world_config *config,
		 struct vs_error *error)
{
	const struct schema_noun *noun =
		schema_host(world->schema, HOST_SWITCH);
	json_t *document = world_document(world, config);
	int result;

	if (!document)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	result = document_parse(world->schema, config->host, document,
				&world->store, error);
	json_decref(document);
	if (!result)
		result = check_store(world->store, error);
	if (result)
		return result;
	world->object = store_next(world->store, noun, NULL, NULL);
	if (!world->object ||
	    store_next(world->store, noun, NULL, world->object))
		return vs_error_set(error, EINVAL, "switches",
				    "one switch can be run, and not %s",
				    world->object ? "several" : "none");
	return 0;
}

/* -- ports -- */

static int add_info(struct world *world, const struct vs_object *object,
		    enum vs_port_kind kind, struct vs_error *error)
{
	uint16_t id = (uint16_t)(world->port_count + FIRST_PORT);
	struct vs_port_info *info = &world->port[world->port_count];

	if (world->port_count == WORLD_PORTS)
		return vs_error_set(error, ENOSPC, "switches",
				    "at most %u ports can be run", WORLD_PORTS);
	*info = (struct vs_port_info){
		.struct_size = sizeof(*info),
		.kind = (uint16_t)kind,
		.id = {id},
		.mtu = 1500,
		.up = true,
		.mac = {{2, 0, 0, 1, (uint8_t)(id >> 8), (uint8_t)id}},
		.if_index = id,
	};
	snprintf(info->name, sizeof(info->name), "%s", object_key(object));
	world->port_count++;
	return 0;
}

static int add_infos(struct world *world, enum host_noun of,
		     enum vs_port_kind kind, struct vs_error *error)
{
	const struct schema_noun *noun = schema_host(world->schema, of);
	const struct vs_object *object = NULL;
	int result = 0;

	while (!result &&
	       (object = store_next(world->store, noun, world->object, object)))
		result = add_info(world, object, kind, error);
	return result;
}

static const struct vs_port_info *info_of(struct cursor_maker *maker,
					  const struct vs_object *object)
{
	return world_port(of_maker(maker), object_key(object));
}

static void warn(struct cursor_maker *maker, const struct vs_object *object,
		 const char *text)
{
	struct world *world = of_maker(maker);
	char line[512], path[192];

	snprintf(line, sizeof(line), "%s: %s",
		 object ? object_path(object, NULL, path, sizeof(path)) : "",
		 text);
	verdict_log_event(world->log, world->now, "policy", "warning", line);
}

static const struct cursor_maker_ops maker_ops = {.port = info_of,
						  .warn = warn};

struct world_finder {
	struct port_finder finder; /* first */
	struct world *world;
};

static struct vs_port_id find_id(const struct port_finder *finder,
				 const char *name)
{
	const struct world_finder *of = (const struct world_finder *)finder;
	const struct vs_port_info *info = world_port(of->world, name);

	return info ? info->id : (struct vs_port_id){0};
}

static int add_port(struct world *world, struct vs_snapshot *snapshot,
		    const struct port_place *place, struct vs_port_info *info,
		    struct vs_error *error)
{
	const struct vs_object *object =
		store_find(world->store, schema_host(world->schema, HOST_PORT),
			   world->object, info->name);
	const struct world_finder finder = {{find_id}, world};
	struct vs_port_plan plan = {
		.info = *info, .link = &world->link, .vsid_count = 1};
	struct port_policy policy;

	if (info->kind != VS_PORT_ORDINARY) {
		plan.police.priority_tag = true;
		return vs_snapshot_add_port(snapshot, &plan, error);
	}
	port_plan_policy(&policy, place, object, info->id);
	if (policy.profile.mtu)
		info->mtu = policy.profile.mtu;
	plan.info = *info;
	return port_plan_add(snapshot, &plan, &policy, &finder.finder, error);
}

/* -- the stack -- */

static int attach(struct world *world, struct vs_error *error)
{
	const char *names[STACK_NAMES];
	uint16_t count = stack_names(world->schema, world->object, names);
	int result = 0;

	for (uint16_t i = 0; !result && i < count; i++) {
		const struct vs_extension *ext =
			stack_extension(world->schema, names[i]);

		if (!ext)
			return vs_error_set(error, ENOENT, "",
					    "extension %s of the stack was not "
					    "given: -e .../%s.so",
					    names[i], names[i]);
		if (world->stack_count == WORLD_EXTENSIONS)
			return vs_error_set(error, ENOSPC, "",
					    "the stack is too high");
		result = vs_switch_attach(world->sw, ext,
					  &world->stack[world->stack_count],
					  error);
		if (!result)
			world->stack_count++;
	}
	return result;
}

static int configure(struct world *world, const struct vs_state **states,
		     struct vs_error *error)
{
	struct settings_cursor cursor;

	settings_cursor_open(&cursor, world->store, world->object,
			     &world->maker);
	for (uint16_t i = 0; i < world->stack_count; i++) {
		if (!vs_attachment_extension(world->stack[i])->configure)
			continue;
		states[i] = vs_attachment_configure(world->stack[i],
						    &cursor.settings, error);
		if (!states[i])
			return error->code ? -error->code : -EINVAL;
	}
	return 0;
}

static int fill(struct world *world, struct vs_snapshot *snapshot,
		const struct vs_state **states, struct vs_error *error)
{
	struct port_place place = {.sw = world->sw, .store = world->store};
	uint16_t count = world->stack_count;
	int result = 0;

	if (count) {
		place.lowest = vs_attachment_extension(world->stack[count - 1]);
		place.state = states[count - 1];
	}
	for (uint16_t i = 0; !result && i < world->port_count; i++)
		result = add_port(world, snapshot, &place, &world->port[i],
				  error);
	for (uint16_t i = 0; !result && i < world->stack_count; i++) {
		result = vs_snapshot_add_extension(snapshot, world->stack[i],
						   states[i], error);
		if (!result)
			states[i] = NULL; /* the snapshot's */
	}
	return result;
}

int world_publish(struct world *world, struct vs_error *error)
{
	const struct vs_state *states[WORLD_EXTENSIONS] = {NULL};
	struct vs_snapshot *snapshot = NULL;
	int result = configure(world, states, error);

	world->reconfigure = false;
	if (!result) {
		snapshot = vs_snapshot_begin(world->sw);
		result = snapshot ? fill(world, snapshot, states, error)
				  : vs_error_set(error, ENOMEM, "",
						 "out of memory");
	}
	if (!result) {
		vs_switch_publish(world->sw, snapshot);
		return 0;
	}
	if (snapshot)
		vs_snapshot_discard(snapshot);
	for (uint16_t i = 0; i < world->stack_count; i++)
		if (states[i])
			vs_state_discard(world->stack[i], states[i]);
	return result;
}

static uint32_t limit(const struct world *world, enum vs_switch_field field,
		      uint32_t otherwise)
{
	const struct vs_value *value =
		object_value(world->object, (uint16_t)field);

	return value->present ? (uint32_t)value->number : otherwise;
}

static int create(struct world *world, struct vs_error *error)
{
	const struct vs_switch_params params = {
		.name = object_key(world->object),
		.workers = 1,
		.seed = SEED,
		.macs = limit(world, VS_SWITCH_MACS, 0),
		.macs_per_port = limit(world, VS_SWITCH_MACS_PER_PORT, 0),
		.macs_per_vsid = limit(world, VS_SWITCH_MACS_PER_VSID, 0),
		.flows = limit(world, VS_SWITCH_FLOWS, 0),
		.flows_per_vsid = limit(world, VS_SWITCH_FLOWS_PER_VSID, 0),
		.ageing_ns = limit(world, VS_SWITCH_AGEING, 300) * SECOND_NS,
	};

	world->owner = (struct vs_switch_owner){
		.event = event,
		.reconfigure = reconfigure,
		.random = next_random,
		.wall_ns = wall_ns,
		.sink = sink,
		.open_sink = open_sink,
		.close_sink = close_sink,
		.sink_counts = sink_counts,
	};
	world->maker.ops = &maker_ops;
	return vs_switch_create(&world->sw, &params, &world->owner, error);
}

static void introduce_ports(struct world *world)
{
	for (uint16_t i = 0; i < world->stack_count; i++) {
		for (uint16_t k = 0; k < world->port_count; k++) {
			vs_attachment_port_event(world->stack[i], VS_PORT_ADDED,
						 &world->port[k]);
			vs_attachment_port_event(world->stack[i],
						 VS_PORT_ATTACHED,
						 &world->port[k]);
		}
	}
}

int world_open(struct world *world, const struct world_config *config,
	       struct vs_error *error)
{
	int result;

	world->log = config->log;
	world->random = SEED;
	world->now = SECOND_NS;
	result = load_all(world, config, error);
	if (!result)
		result = parse(world, config, error);
	if (!result)
		result = add_infos(world, HOST_UPLINK, VS_PORT_UPLINK, error);
	if (!result)
		result = add_infos(world, HOST_PORT, VS_PORT_ORDINARY, error);
	if (!result)
		result = create(world, error);
	if (!result)
		result = attach(world, error);
	if (!result)
		result = world_publish(world, error);
	if (!result)
		introduce_ports(world);
	return result;
}

void world_close(struct world *world)
{
	if (world->sw)
		vs_switch_destroy(world->sw);
	store_destroy(world->store);
	schema_destroy(world->schema);
	loader_destroy(world->loader);
}

const struct vs_port_info *world_port(const struct world *world,
				      const char *name)
{
	for (uint16_t i = 0; i < world->port_count; i++)
		if (strcmp(world->port[i].name, name) == 0)
			return &world->port[i];
	return NULL;
}

const char *world_port_name(const struct world *world, struct vs_port_id id)
{
	uint16_t at = (uint16_t)(id.value - FIRST_PORT);

	return id.value >= FIRST_PORT && at < world->port_count
		       ? world->port[at].name
		       : "?";
}
