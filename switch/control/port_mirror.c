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

static void add_host(struct vs_ip to[VS_PORT_HOSTS], const struct vs_ip *host)
{
	uint16_t i;

	for (i = 0; i < VS_PORT_HOSTS; i++) {
		if (vs_ip_equal(&to[i], host))
			return;
		if (!vs_ip_is_unspecified(&to[i]))
			continue;
		to[i] = *host;
		return;
	}
}

static void add_target(struct vs_police *police, bool inbound,
		       const struct vs_object *mirror,
		       const struct port_finder *finder)
{
	const struct vs_value *to = object_value(mirror, VS_MIRROR_TO);
	const struct vs_value *pa = object_value(mirror, VS_MIRROR_PA);
	struct vs_port_id monitor;

	if (pa->present)
		add_host(police->hosts[inbound], &pa->ip);
	if (!to->present)
		return;
	monitor = finder->find(finder, to->text);
	if (monitor.value)
		add_monitor(police->monitors[inbound], monitor);
}

void port_mirror_plan(struct vs_port_plan *plan, const struct store *store,
		      const struct vs_object *port,
		      const struct port_finder *finder)
{
	const struct vs_object *mirror = NULL;
	struct vs_police *police = &plan->police;

	memset(police->monitors, 0, sizeof(police->monitors));
	memset(police->hosts, 0, sizeof(police->hosts));
	while ((mirror = store_next(store, noun_of(store, HOST_MIRROR),
				    object_parent(port), mirror))) {
		const struct vs_value *way =
			object_value(mirror, VS_MIRROR_DIRECTION);

		if (!names(object_value(mirror, VS_MIRROR_FROM),
			   object_key(port)))
			continue;
		if (!way->present || way->choice != HOST_DIRECTION_IN)
			add_target(police, false, mirror, finder);
		if (!way->present || way->choice != HOST_DIRECTION_OUT)
			add_target(police, true, mirror, finder);
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

/* The VLANs of the provider's network are seen with it. */
static bool may_see(const struct vs_object *monitor, struct vs_vsid vsid)
{
	const struct vs_value *see = object_value(monitor, VS_PORT_SEE);
	uint16_t i;

	for (i = 0; i < see->count; i++)
		if (vs_vsid_equal(see->list[i].vsid, vsid) ||
		    (vs_vsid_is_vlan(vsid) && !see->list[i].vsid.value))
			return true;
	return false;
}

/* How many mirrors copy from the port to monitors, or to hosts. */
static unsigned int mirrors_of(const struct store *store,
			       const struct vs_object *port, uint16_t target)
{
	const struct vs_object *mirror = NULL;
	unsigned int count = 0;

	while ((mirror = store_next(store, noun_of(store, HOST_MIRROR),
				    object_parent(port), mirror)))
		count += object_value(mirror, target)->present &&
			 names(object_value(mirror, VS_MIRROR_FROM),
			       object_key(port));
	return count;
}

static int check_count(const struct store *store, const struct vs_object *port,
		       struct vs_error *error)
{
	if (mirrors_of(store, port, VS_MIRROR_TO) > VS_PORT_MONITORS ||
	    mirrors_of(store, port, VS_MIRROR_PA) > VS_PORT_HOSTS)
		return vs_error_set(error, EINVAL, "",
				    "from: port %s is mirrored more than %u "
				    "times to ports, or %u times to hosts: "
				    "take it out of one",
				    object_key(port), VS_PORT_MONITORS,
				    VS_PORT_HOSTS);
	return 0;
}

/* `monitor` NULL: to another host. */
static int check_source(const struct store *store,
			const struct vs_object *mirror,
			const struct vs_object *monitor, const char *name,
			struct vs_error *error)
{
	const struct vs_object *port = port_named(store, mirror, name);
	struct vs_vsid vsids[VS_PORT_VSIDS];
	uint16_t i, count;

	if (!port || port_is_monitor(port))
		return vs_error_set(error, EINVAL, "",
				    "from: %s is %s: name ports of this "
				    "switch that send",
				    name,
				    port ? "a monitor port" : "no port here");
	count = monitor ? port_vsids(port, vsids) : 0;
	for (i = 0; i < count; i++) {
		uint32_t wanted =
			vs_vsid_is_vlan(vsids[i]) ? 0 : vsids[i].value;

		if (!may_see(monitor, vsids[i]))
			return vs_error_set(
				error, EINVAL, "",
				"from: port %s is in VSID %u, which %s may "
				"not see: say see=%u there too",
				name, wanted, object_key(monitor), wanted);
	}
	return check_count(store, port, error);
}

static const struct vs_object *find_monitor(const struct store *store,
					    const struct vs_object *mirror,
					    struct vs_error *error)
{
	const char *to = object_value(mirror, VS_MIRROR_TO)->text;
	const struct vs_object *monitor = port_named(store, mirror, to);

	if (monitor && port_is_monitor(monitor))
		return monitor;
	vs_error_set(error, EINVAL, "",
		     "to: %s is no monitor port of this switch: make one by "
		     "port add NAME tap=DEVICE see=VSID (or packet=, or "
		     "pcap=- pcap-out=FILE)",
		     to);
	return NULL;
}

int port_check_mirror(const struct store *store, const struct vs_object *mirror,
		      struct vs_error *error)
{
	const struct vs_value *from = object_value(mirror, VS_MIRROR_FROM);
	bool local = object_value(mirror, VS_MIRROR_TO)->present;
	const struct vs_object *monitor = NULL;
	uint16_t i;

	if (local == object_value(mirror, VS_MIRROR_PA)->present) {
		vs_error_set(error, EINVAL, "",
			     "to: a mirror has one target: say to=PORT, or "
			     "pa=ADDRESS for another host");
		return refuse(mirror, "to", error);
	}
	if (local) {
		monitor = find_monitor(store, mirror, error);
		if (!monitor)
			return refuse(mirror, "to", error);
	}
	for (i = 0; i < from->count; i++)
		if (check_source(store, mirror, monitor, from->list[i].text,
				 error))
			return refuse(mirror, "from", error);
	return 0;
}
