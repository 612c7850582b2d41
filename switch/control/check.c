// SPDX-License-Identifier: Apache-2.0
/*
 * check.c: walks a candidate and judges what spans objects: keys that must be
 * unique further than under their parent, devices used twice, a switch and
 * its uplinks, stacks.
 *
 * Before this file: document.c. After it: check_port.c; then the extensions.
 */
#include "control/check.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/check_port.h"
#include "control/host_nouns.h"
#include "control/port_mirror.h"
#include "control/port_lane.h"
#include "control/port_vsids.h"
#include "control/schema.h"
#include "control/stack.h"
#include "control/words.h"

/* Room is left for uplinks and the host port. */
#define PORTS_MAXIMUM (VS_PORTS_MAXIMUM - 24u)

static void place(const struct vs_object *object, const char *field,
		  struct vs_error *error)
{
	object_path(object, field, error->path, sizeof(error->path));
}

/* -- keys ---------------------------------------------------------------------
 */

/* A port's name is its own on the host; a VSID in the whole document. */
static bool key_is_global(const struct schema_noun *noun)
{
	return noun->parent && !(noun->noun->flags & VS_NOUN_MANY) &&
	       (noun->noun == &host_nouns[HOST_PORT] ||
		noun->noun->fields[0].kind == VS_KIND_VSID);
}

static int compare_keys(const void *a, const void *b)
{
	const struct vs_object *const *x = a, *const *y = b;
	int order = strcmp(object_key(*x), object_key(*y));

	/* of equal ones, first what stands first */
	return order ? order
		     : words_compare(object_key(object_parent(*x)),
				     object_key(object_parent(*y)));
}

/* All objects of a noun, sorted by key; NULL: no memory. */
static const struct vs_object **
by_key(const struct store *store, const struct schema_noun *noun, size_t *count)
{
	const struct vs_object *object = NULL, **all;
	size_t i = 0;

	*count = 0;
	while ((object = store_next(store, noun, NULL, object)))
		(*count)++;
	all = calloc(*count + 1, sizeof(*all));
	if (!all)
		return NULL;
	while ((object = store_next(store, noun, NULL, object)))
		all[i++] = object;
	qsort(all, *count, sizeof(*all), compare_keys);
	return all;
}

static int check_noun_keys(const struct store *store,
			   const struct schema_noun *noun,
			   struct vs_error *error)
{
	const struct vs_object **all;
	char path[sizeof(error->path)];
	size_t i, count;
	int rc = 0;

	all = by_key(store, noun, &count);
	if (!all)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	for (i = 1; rc == 0 && i < count; i++) {
		if (strcmp(object_key(all[i - 1]), object_key(all[i])) != 0)
			continue;
		object_path(all[i], NULL, path, sizeof(path));
		rc = vs_error_set(error, EEXIST, "",
				  "%s %s stands at %s too: it must be "
				  "unique, whatever its parent",
				  noun->noun->name, object_key(all[i]), path);
		place(all[i - 1], NULL, error);
	}
	free(all);
	return rc;
}

static int check_keys(const struct store *store, struct vs_error *error)
{
	const struct schema *schema = store_schema(store);
	uint16_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < schema_count(schema); i++)
		if (key_is_global(schema_at(schema, i)))
			rc = check_noun_keys(store, schema_at(schema, i),
					     error);
	return rc;
}

/* -- devices ------------------------------------------------------------------
 */

struct claim {
	const char *device;
	const char *netns;
	const struct vs_object *object;
	const char *field; /* NULL: the key */
};

struct claims {
	struct claim *all;
	size_t count, room;
};

static int claim(struct claims *claims, const struct claim *one)
{
	struct claim *all;
	size_t room = claims->room ? claims->room * 2 : 64;

	if (claims->count == claims->room) {
		all = realloc(claims->all, room * sizeof(*all));
		if (!all)
			return -ENOMEM;
		claims->all = all;
		claims->room = room;
	}
	claims->all[claims->count++] = *one;
	return 0;
}

static int claim_port(struct claims *claims, const struct vs_object *port)
{
	static const uint16_t drivers[] = {VS_PORT_TAP, VS_PORT_PACKET};
	const struct vs_value *netns = object_value(port, VS_PORT_NETNS);
	const struct vs_value *device;
	struct claim one = {.object = port};
	size_t i;

	one.netns = netns->present ? netns->text : "";
	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		device = object_value(port, drivers[i]);
		if (!device->present)
			continue;
		one.device = device->text;
		one.field = host_nouns[HOST_PORT].fields[drivers[i]].name;
		if (claim(claims, &one))
			return -ENOMEM;
	}
	return 0;
}

static int claim_all(const struct store *store, struct claims *claims)
{
	const struct schema *schema = store_schema(store);
	const struct schema_noun *sw = schema_host(schema, HOST_SWITCH);
	const struct schema_noun *uplink = schema_host(schema, HOST_UPLINK);
	const struct schema_noun *port = schema_host(schema, HOST_PORT);
	const struct vs_object *object = NULL;
	struct claim one = {.netns = ""};

	while ((object = store_next(store, sw, NULL, object))) {
		if (!object_value(object, VS_SWITCH_HOST_PORT)->truth)
			continue;
		one.object = object;
		one.device = object_key(object);
		one.field = "host-port";
		if (claim(claims, &one))
			return -ENOMEM;
	}
	one.field = NULL;
	while ((object = store_next(store, uplink, NULL, object))) {
		one.object = object;
		one.device = object_key(object);
		if (claim(claims, &one))
			return -ENOMEM;
	}
	while ((object = store_next(store, port, NULL, object)))
		if (claim_port(claims, object))
			return -ENOMEM;
	return 0;
}

static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = strcmp(x->device, y->device);

	return order ? order : strcmp(x->netns, y->netns);
}

static int check_devices(const struct store *store, struct vs_error *error)
{
	struct claims claims = {.all = NULL};
	const struct claim *x, *y;
	char path[sizeof(error->path)];
	int rc = claim_all(store, &claims);
	size_t i;

	if (rc)
		vs_error_set(error, ENOMEM, "", "out of memory");
	else if (claims.count)
		qsort(claims.all, claims.count, sizeof(*claims.all),
		      compare_claims);
	for (i = 1; rc == 0 && i < claims.count; i++) {
		x = &claims.all[i - 1];
		y = &claims.all[i];
		if (compare_claims(x, y) != 0)
			continue;
		object_path(x->object, x->field, path, sizeof(path));
		rc = vs_error_set(error, EEXIST, "",
				  "device '%s'%s%s is used by %s too: one "
				  "device serves one port or uplink",
				  y->device, y->netns[0] ? " in netns " : "",
				  y->netns, path);
		place(y->object, y->field, error);
	}
	free(claims.all);
	return rc;
}

/* -- switches
 * ------------------------------------------------------------------- */

static const struct vs_extension *extension_named(const struct schema *schema,
						  const char *name,
						  struct words_nearest *nearest)
{
	const struct schema_config *tables = schema_tables(schema);
	uint16_t i;

	for (i = 0; i < tables->extension_count; i++) {
		if (strcmp(tables->extensions[i]->name, name) == 0)
			return tables->extensions[i];
		words_offer(nearest, tables->extensions[i]->name);
	}
	return NULL;
}

static int check_stack(const struct store *store, const struct vs_object *sw,
		       struct vs_error *error)
{
	const struct vs_extension *extension, *above = NULL;
	const char *names[STACK_NAMES];
	uint16_t count = stack_names(store_schema(store), sw, names);
	struct words_nearest nearest;
	char hint[96];
	uint16_t i;

	for (i = 0; i < count; i++) {
		nearest = (struct words_nearest){.word = names[i]};
		extension = extension_named(store_schema(store), nearest.word,
					    &nearest);
		if (!extension)
			return vs_error_set(
				error, EINVAL, "", "stack: no extension '%s'%s",
				nearest.word, words_hint(&nearest, hint));
		if (above && stack_rank(above) > stack_rank(extension))
			return vs_error_set(error, EINVAL, "",
					    "stack: %s can't stand above %s: "
					    "from the top it is capture, "
					    "filter, forward, translate",
					    above->name, extension->name);
		if (above && stack_rank(above) == stack_rank(extension) &&
		    stack_rank(above) >= 2)
			return vs_error_set(error, EINVAL, "",
					    "stack: %s and %s are of one "
					    "class, of which a switch has at "
					    "most one",
					    above->name, extension->name);
		above = extension;
	}
	return 0;
}

static int check_type(const struct store *store, const struct vs_object *sw,
		      struct vs_error *error)
{
	const struct schema_noun *uplink =
		schema_host(store_schema(store), HOST_UPLINK);
	const struct vs_value *type = object_value(sw, VS_SWITCH_TYPE);
	const struct vs_object *wire = store_next(store, uplink, sw, NULL);
	bool external = type->present && type->choice == HOST_SWITCH_EXTERNAL;

	if (external && !wire)
		return vs_error_set(error, EINVAL, "",
				    "type: an external switch needs an "
				    "uplink: say uplink=DEVICE");
	if (type->present && !external && wire)
		return vs_error_set(error, EINVAL, "",
				    "type: only an external switch has an "
				    "uplink: leave out the type or uplink %s",
				    object_key(wire));
	if (type->present && type->choice == HOST_SWITCH_PRIVATE &&
	    object_value(sw, VS_SWITCH_HOST_PORT)->truth)
		return vs_error_set(error, EINVAL, "",
				    "type: a private switch has no host port: "
				    "say type=internal");
	return 0;
}

static bool same_station(const struct vs_object *a, const struct vs_object *b)
{
	const struct vs_value *mac_a = object_value(a, VS_PORT_MAC);
	const struct vs_value *mac_b = object_value(b, VS_PORT_MAC);

	return mac_a->present && mac_b->present && !port_is_monitor(a) &&
	       !port_is_monitor(b) && vs_mac_equal(&mac_a->mac, &mac_b->mac) &&
	       port_vsids_share(a, b);
}

/* Two local ports with one (VSID, MAC) (design: a MAC is pinned to one). */
static int check_stations(const struct store *store, const struct vs_object *sw,
			  struct vs_error *error)
{
	const struct schema_noun *noun =
		schema_host(store_schema(store), HOST_PORT);
	const struct vs_object *a = NULL, *b;
	size_t count = 0;

	while ((a = store_next(store, noun, sw, a)))
		if (++count > PORTS_MAXIMUM) {
			place(a, NULL, error);
			error->code = E2BIG;
			snprintf(error->text, sizeof(error->text),
				 "a switch has at most %u ports",
				 PORTS_MAXIMUM);
			return -E2BIG;
		}
	while ((a = store_next(store, noun, sw, a))) {
		b = object_value(a, VS_PORT_MAC)->present ? a : NULL;
		while (b && (b = store_next(store, noun, sw, b))) {
			if (!same_station(a, b))
				continue;
			vs_error_set(error, EEXIST, "",
				     "mac: port '%s' has this MAC in the same "
				     "VSID: give one of them another",
				     object_key(a));
			place(b, "mac", error);
			return -EEXIST;
		}
	}
	return 0;
}

static int check_switch(const struct store *store, const struct vs_object *sw,
			struct vs_error *error)
{
	const char *field = "stack";
	int rc = check_stack(store, sw, error);

	if (rc == 0) {
		field = "type";
		rc = check_type(store, sw, error);
	}
	if (rc == 0 && object_value(sw, VS_SWITCH_HOST_PORT)->truth) {
		field = "host-port";
		rc = check_device(object_key(sw), error);
	}
	if (rc) {
		place(sw, field, error);
		return rc;
	}
	rc = check_stations(store, sw, error);
	return rc ? rc : port_check_lanes(store, sw, error);
}

/* -- all of it
 * ------------------------------------------------------------------ */

static int check_each(const struct store *store, enum host_noun which,
		      struct vs_error *error)
{
	const struct schema_noun *noun =
		schema_host(store_schema(store), which);
	const struct vs_object *object = NULL;
	int rc = 0;

	while (rc == 0 && (object = store_next(store, noun, NULL, object))) {
		if (which == HOST_SWITCH)
			rc = check_switch(store, object, error);
		else if (which == HOST_PORT)
			rc = check_port(store, object, error);
		else if (which == HOST_ACL)
			rc = check_acl(object, error);
		else if (which == HOST_MIRROR)
			rc = port_check_mirror(store, object, error);
		else if ((rc = check_device(object_key(object), error)))
			place(object, NULL, error);
	}
	return rc;
}

int check_store(const struct store *store, struct vs_error *error)
{
	unsigned int which;
	int rc;

	assert(error);
	for (which = 0; which < HOST_NOUNS; which++) {
		rc = check_each(store, which, error);
		if (rc)
			return rc;
	}
	rc = check_keys(store, error);
	return rc ? rc : check_devices(store, error);
}
