// SPDX-License-Identifier: Apache-2.0
/*
 * port_mirror.c: what a mirror must be, and what it makes of a port's plan.
 */
#include "control/port_mirror.h"

#include <errno.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/port_vsids.h"
#include "control/schema.h"

static const struct schema_noun *noun_of(const struct store *store,
					 enum host_noun noun)
{
	return schema_host(store_schema(store), noun);
}

static bool names(const struct vs_value *list, const char *name)
{
	uint16_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->list[i].text, name) == 0)
			return true;
	return false;
}

/* -- the plan ---------------------------------------------------------------
 */

static void add_monitor(struct vs_port_id to[VS_PORT_MONITORS],
			struct vs_port_id monitor)
{
	uint16_t i;

	for (i = 0; i < VS_PORT_MONITORS; i++) {
		if (vs_port_equal(to[i], monitor))
			return;
		if (to[i].value)
			continue;
		to[i] = monitor;
		return;
	}
}

void port_mirror_plan(struct vs_port_plan *plan, const struct store *store,
		      const struct vs_object *port,
		      const struct port_finder *finder)
{
	const struct vs_object *mirror = NULL;

	memset(plan->police.monitors, 0, sizeof(plan->police.monitors));
	while ((mirror = store_next(store, noun_of(store, HOST_MIRROR),
				    object_parent(port), mirror))) {
		const struct vs_value *way =
			object_value(mirror, HOST_MIRROR_DIRECTION);
		struct vs_port_id to = finder->find(
			finder, object_value(mirror, HOST_MIRROR_TO)->text);

		if (!names(object_value(mirror, HOST_MIRROR_FROM),
			   object_key(port)) ||
		    !to.value)
			continue;
		if (!way->present || way->choice != HOST_MIRROR_IN)
			add_monitor(plan->police.monitors[false], to);
		if (!way->present || way->choice != HOST_MIRROR_OUT)
			add_monitor(plan->police.monitors[true], to);
	}
}

/* -- checks -----------------------------------------------------------------
 */

static int refuse(const struct vs_object *mirror, const char *field,
		  struct vs_error *error)
{
	object_path(mirror, field, error->path, sizeof(error->path));
	return -error->code;
}

static const struct vs_object *port_named(const struct store *store,
					  const struct vs_object *mirror,
					  const char *name)
{
	return store_find(store, noun_of(store, HOST_PORT),
			  object_parent(mirror), name);
}

static bool may_see(const struct vs_object *monitor, struct vs_vsid vsid)
{
	const struct vs_value *see = object_value(monitor, VS_PORT_SEE);
	uint16_t i;

	for (i = 0; i < see->count; i++)
		if (vs_vsid_equal(see->list[i].vsid, vsid))
			return true;
	return false;
}

/* How many mirrors copy from the port. */
static unsigned int mirrors_of(const struct store *store,
			       const struct vs_object *port)
{
	const struct vs_object *mirror = NULL;
	unsigned int count = 0;

	while ((mirror = store_next(store, noun_of(store, HOST_MIRROR),
				    object_parent(port), mirror)))
		count += names(object_value(mirror, HOST_MIRROR_FROM),
			       object_key(port));
	return count;
}

static int check_source(const struct store *store,
			const struct vs_object *mirror, const char *name,
			struct vs_error *error)
{
	const struct vs_object *monitor = port_named(
		store, mirror, object_value(mirror, HOST_MIRROR_TO)->text);
	const struct vs_object *port = port_named(store, mirror, name);
	uint16_t i;

	if (!port || object_value(port, VS_PORT_SEE)->present)
		return vs_error_set(error, EINVAL, "",
				    "from: %s is %s: name ports of this "
				    "switch that send",
				    name,
				    port ? "a monitor port" : "no port here");
	if (mirrors_of(store, port) > VS_PORT_MONITORS)
		return vs_error_set(error, EINVAL, "",
				    "from: more than %u mirrors copy from "
				    "port %s: take it out of one",
				    VS_PORT_MONITORS, name);
	for (i = 0; i < port_vsid_count(port); i++)
		if (!may_see(monitor, port_vsid(port, i)))
			return vs_error_set(
				error, EINVAL, "",
				"from: port %s is in VSID %u, which %s may "
				"not see: say see=%u there too",
				name, port_vsid(port, i).value,
				object_key(monitor), port_vsid(port, i).value);
	return 0;
}

int port_check_mirror(const struct store *store, const struct vs_object *mirror,
		      struct vs_error *error)
{
	const char *to = object_value(mirror, HOST_MIRROR_TO)->text;
	const struct vs_value *from = object_value(mirror, HOST_MIRROR_FROM);
	const struct vs_object *monitor = port_named(store, mirror, to);
	uint16_t i;

	if (!monitor || !object_value(monitor, VS_PORT_SEE)->present) {
		vs_error_set(error, EINVAL, "",
			     "to: %s is no monitor port of this switch: make "
			     "one by port add NAME tap=DEVICE see=VSID (or "
			     "packet=, or pcap=- pcap-out=FILE)",
			     to);
		return refuse(mirror, "to", error);
	}
	for (i = 0; i < from->count; i++)
		if (check_source(store, mirror, from->list[i].text, error))
			return refuse(mirror, "from", error);
	return 0;
}
