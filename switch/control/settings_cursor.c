// SPDX-License-Identifier: Apache-2.0
/*
 * settings_cursor.c: what an extension's configure() sees of a candidate.
 *
 * Before this file: store.c. After it: the extension.
 */
#include "control/settings_cursor.h"

#include <string.h>

#include "control/change.h"
#include "control/host_nouns.h"
#include "control/schema.h"

static const struct settings_cursor *
cursor_of(const struct vs_settings *settings)
{
	return (const struct settings_cursor *)((const char *)settings -
						offsetof(struct settings_cursor,
							 settings));
}

static const struct vs_noun *cursor_noun(const struct vs_settings *settings,
					 const char *name)
{
	const struct schema_noun *noun =
		schema_find(store_schema(cursor_of(settings)->store), name);

	return noun ? noun->noun : NULL;
}

static bool below_switch(const struct schema_noun *noun)
{
	while (noun && noun->noun != &host_nouns[HOST_SWITCH])
		noun = noun->parent;
	return noun;
}

static const struct vs_object *cursor_next(const struct vs_settings *settings,
					   const struct vs_noun *noun,
					   const struct vs_object *parent,
					   const struct vs_object *after)
{
	const struct settings_cursor *cursor = cursor_of(settings);
	const struct schema_noun *sn =
		schema_of(store_schema(cursor->store), noun);

	if (!sn)
		return NULL;
	if (noun == &host_nouns[HOST_SWITCH])
		return after || parent ? NULL : cursor->sw;
	if (!parent && below_switch(sn)) {
		if (!cursor->sw)
			return NULL;
		parent = cursor->sw;
	}
	return store_next(cursor->store, sn, parent, after);
}

static const struct vs_value *cursor_value(const struct vs_object *object,
					   uint16_t field)
{
	return object_value(object, field);
}

static const struct vs_object *cursor_parent(const struct vs_object *object)
{
	return object_parent(object);
}

static void cursor_place(const struct vs_object *object, const char *field,
			 struct vs_error *error)
{
	if (error)
		object_path(object, field, error->path, sizeof(error->path));
}

static const struct vs_port_info *
cursor_port(const struct vs_settings *settings, const struct vs_object *object)
{
	struct cursor_maker *maker = cursor_of(settings)->maker;
	const struct vs_noun *noun = object_noun(object)->noun;

	if (!maker || !maker->ops->port ||
	    (noun != &host_nouns[HOST_PORT] &&
	     noun != &host_nouns[HOST_UPLINK]))
		return NULL;
	return maker->ops->port(maker, object);
}

static void cursor_warn(const struct vs_settings *settings,
			const struct vs_object *object, const char *text)
{
	struct cursor_maker *maker = cursor_of(settings)->maker;

	if (maker && maker->ops->warn)
		maker->ops->warn(maker, object, text);
}

/* -- what differs
 * ---------------------------------------------------------------- */

static uint64_t cursor_version(const struct vs_settings *settings)
{
	return store_version(cursor_of(settings)->store);
}

static uint64_t cursor_before(const struct vs_settings *settings)
{
	const struct cursor_maker *maker = cursor_of(settings)->maker;

	return maker && maker->before ? store_version(maker->before) : 0;
}

/* Is it of the document's top, or of the cursor's switch? */
static bool is_seen(const struct settings_cursor *cursor,
		    const struct vs_object *object)
{
	const struct vs_object *sw = object_switch(object);

	return !sw || (cursor->sw &&
		       strcmp(object_key(sw), object_key(cursor->sw)) == 0);
}

/* An object that only one side has: what stands below it came or went too. */
static int visit_below(const struct store *store, struct vs_object *object,
		       const struct schema_noun *noun, bool added,
		       struct vs_settings_visitor *visitor)
{
	const struct schema_noun *above = noun;
	struct vs_object *each = NULL;
	int result = 0;

	while (above && above != object_noun(object))
		above = above->parent;
	while (above && result == 0 &&
	       (each = store_next(store, noun, object, each)))
		result = visitor->visit(visitor, added ? NULL : each,
					added ? each : NULL);
	return result;
}

static int visit_change(const struct change_list *changes,
			const struct change *change,
			const struct schema_noun *noun,
			struct vs_settings_visitor *visitor)
{
	struct vs_object *object =
		change->before ? change->before : change->after;

	if (object_noun(object) == noun)
		return visitor->visit(visitor, change->before, change->after);
	if (change->op == CHANGE_SET)
		return 0;
	return visit_below(change->before ? changes->before : changes->after,
			   object, noun, !change->before, visitor);
}

static int cursor_changes(const struct vs_settings *settings,
			  const struct vs_noun *noun,
			  struct vs_settings_visitor *visitor)
{
	const struct settings_cursor *cursor = cursor_of(settings);
	const struct change_list *changes =
		cursor->maker ? cursor->maker->changes : NULL;
	const struct schema_noun *sn =
		schema_of(store_schema(cursor->store), noun);
	const struct change *change;
	int result = 0;
	size_t i;

	if (cursor->maker)
		cursor->maker->asked = true;
	for (i = 0; sn && changes && result == 0 && i < changes->count; i++) {
		change = &changes->all[i];
		if (is_seen(cursor,
			    change->before ? change->before : change->after))
			result = visit_change(changes, change, sn, visitor);
	}
	return result;
}

static bool cursor_forced(const struct vs_settings *settings)
{
	const struct cursor_maker *maker = cursor_of(settings)->maker;

	return maker && maker->forced;
}

static const struct vs_settings_ops cursor_ops = {
	.struct_size = sizeof(cursor_ops),
	.noun = cursor_noun,
	.next = cursor_next,
	.value = cursor_value,
	.parent = cursor_parent,
	.place = cursor_place,
	.port = cursor_port,
	.warn = cursor_warn,
	.version = cursor_version,
	.before = cursor_before,
	.changes = cursor_changes,
	.forced = cursor_forced,
};

void settings_cursor_open(struct settings_cursor *cursor,
			  const struct store *store, const struct vs_object *sw,
			  struct cursor_maker *maker)
{
	*cursor = (struct settings_cursor){.settings = {.ops = &cursor_ops},
					   .store = store,
					   .sw = sw,
					   .maker = maker};
}
