// SPDX-License-Identifier: Apache-2.0
/*
 * world_document.c: the document of a run: the one that was given, and what it
 * leaves out. Decides what is usual. Before this file: main.c reads it; after
 * it: world.c.
 */
#include <jansson.h>

#include "control/stack.h"
#include "world.h"

#define USUAL_NAME "run"

static json_t *usual_port(const struct world_config *config)
{
	json_t *port = json_pack("{s:b,s:b,s:b}", "null", 1, "mac-guard", 0,
				 "ca-guard", 0);

	if (config->vsid.value)
		json_object_set_new(port, "vsid",
				    json_integer(config->vsid.value));
	return port;
}

/* Two ports and nobody's guards: what comes in by one leaves by the other. */
static json_t *usual_switch(const struct world *world,
			    const struct world_config *config)
{
	json_t *sw = json_object(), *ports = json_object();

	json_object_set_new(ports, "in", usual_port(config));
	json_object_set_new(ports, "out", usual_port(config));
	json_object_set_new(sw, "ports", ports);
	if (world->extension[0]->translate)
		json_object_set_new(sw, "uplinks", json_pack("{s:{}}", "wire"));
	return sw;
}

static json_t *stack_of(const struct world *world)
{
	json_t *names = json_array();

	for (int rank = 0; rank <= 3; rank++)
		for (uint16_t i = 0; i < world->extension_count; i++)
			if (stack_rank(world->extension[i]) == rank)
				json_array_append_new(
					names,
					json_string(world->extension[i]->name));
	return names;
}

/* What the document leaves out: the switch, or who is on its stack. */
json_t *world_document(const struct world *world,
		       const struct world_config *config)
{
	json_t *document = config->document ? json_deep_copy(config->document)
					    : json_pack("{s:i}", "format", 1);
	json_t *at = document, *sw;
	const char *name;

	if (config->host)
		at = json_object_get(json_object_get(document, "hosts"),
				     config->host);
	if (!at)
		return document;
	if (!json_object_get(at, "switches"))
		json_object_set_new(at, "switches",
				    json_pack("{s:o}", USUAL_NAME,
					      usual_switch(world, config)));
	json_object_foreach(json_object_get(at, "switches"), name,
			    sw) if (json_is_object(sw) &&
				    !json_object_get(sw, "stack"))
		json_object_set_new(sw, "stack", stack_of(world));
	return document;
}
