// SPDX-License-Identifier: Apache-2.0
/*
 * store_view.c: what stands for packed objects while somebody looks at them.
 *
 * Before this file: roster.c. After it: store.c.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/pack.h"
#include "control/store_private.h"

static struct view *view_of(struct vs_object *object)
{
	return (struct view *)object;
}

/* -- life ---------------------------------------------------------------------
 */

static struct view *view_create(const struct schema_noun *noun)
{
	struct view *view;

	view = calloc(1, sizeof(*view) + noun->noun->field_count *
						 sizeof(view->values[0]));
	if (!view)
		return NULL;
	view->record = (struct record){
		.noun = noun, .references = 1, .values = view->values};
	view->object.record = &view->record;
	return view;
}

static void view_destroy(struct view *view)
{
	free(view->bytes);
	free(view->elements);
	free(view);
}

static struct view *view_take(const struct store *store,
			      const struct schema_noun *noun)
{
	struct views *views = store->views;
	struct view *view = views->idle[noun->index];

	if (view) {
		views->idle[noun->index] = view->next_idle;
		return view;
	}
	view = view_create(noun);
	if (!view)
		return NULL;
	view->next = views->all;
	views->all = view;
	return view;
}

static void view_idle(const struct store *store, struct view *view)
{
	struct view **idle = &store->views->idle[view->record.noun->index];

	if (view->kept)
		return;
	if (store->views->added == view)
		store->views->added = NULL;
	view->loose = false;
	view->next_idle = *idle;
	*idle = view;
}

void views_destroy(struct store *store)
{
	struct view *view, *next;

	for (view = store->views->all; view; view = next) {
		next = view->next;
		view_destroy(view);
	}
	free(store->views);
}

/* Unpacks into the view; false: no memory. */
static bool view_show(struct view *view, const uint8_t *object)
{
	const struct schema_noun *noun = view->record.noun;
	size_t count = pack_elements(noun, object);
	struct vs_value *elements;

	if (count > view->element_room) {
		elements = realloc(view->elements, count * sizeof(*elements));
		if (!elements)
			return false;
		view->elements = elements;
		view->element_room = count;
	}
	pack_read(noun, object, view->values, view->elements);
	view->record.key =
		value_text(&noun->noun->fields[0], &view->values[0], view->key);
	return true;
}

/* The view at what its cursor found, or idle. */
static struct vs_object *view_at(const struct store *store, struct view *view,
				 const uint8_t *object)
{
	if (object && view_show(view, object))
		return &view->object;
	view_idle(store, view);
	return NULL;
}

/* -- walking ------------------------------------------------------------------
 */

struct vs_object *view_first(const struct store *store,
			     const struct schema_noun *noun,
			     struct vs_object *parent)
{
	const struct roster *roster = object_roster(parent, noun);
	struct view *view;

	if (!roster || !roster->count)
		return NULL;
	view = view_take(store, noun);
	if (!view)
		return NULL;
	view->object.parent = parent;
	return view_at(store, view, roster_first(roster, &view->cursor));
}

struct vs_object *view_next(const struct store *store, struct vs_object *object)
{
	struct view *view = view_of(object);
	const struct roster *roster =
		object_roster(object->parent, view->record.noun);

	if (view->loose) { /* it has no place, but a key */
		uint8_t key[PACK_MAXIMUM];

		if (!pack_key(&object->record->values[0], key, sizeof(key)) ||
		    !roster_find(roster, key, &view->cursor)) {
			view_idle(store, view);
			return NULL;
		}
		view->loose = false;
	}
	return view_at(store, view, roster_next(&view->cursor));
}

struct vs_object *view_find(const struct store *store,
			    const struct schema_noun *noun,
			    struct vs_object *parent, const char *key)
{
	const struct roster *roster = object_roster(parent, noun);
	struct roster_cursor cursor;
	uint8_t packed[PACK_MAXIMUM];
	struct vs_value value;
	const uint8_t *found;
	struct view *view;

	if (!roster || !roster->count ||
	    value_parse_text(&noun->noun->fields[0], key, &value, NULL) ||
	    !pack_key(&value, packed, sizeof(packed)))
		return NULL;
	found = roster_find(roster, packed, &cursor);
	view = found ? view_take(store, noun) : NULL;
	if (!view)
		return NULL;
	view->object.parent = parent;
	view->cursor = cursor;
	return view_at(store, view, found);
}

/* Shows a copy of packed bytes; false: no memory. */
static bool view_own(struct view *view, const uint8_t *bytes, size_t size)
{
	uint8_t *grown;

	assert(size > 0); /* a packed object has its head */
	if (size > view->room || !view->bytes) {
		grown = realloc(view->bytes, size);
		if (!grown)
			return false;
		view->bytes = grown;
		view->room = size;
	}
	memcpy(view->bytes, bytes, size);
	view->loose = true;
	return view_show(view, view->bytes);
}

struct vs_object *store_keep(struct vs_object *object)
{
	const struct view *from;
	const uint8_t *bytes;
	struct view *view;
	size_t size;

	if (!object || !noun_is_many(object_noun(object)))
		return object;
	from = view_of(object);
	assert(!from->loose);
	bytes = roster_object(&from->cursor, &size);
	view = view_create(object_noun(object));
	if (!view)
		return NULL;
	view->object.parent = object->parent;
	view->kept = true;
	if (view_own(view, bytes, size))
		return &view->object;
	view_destroy(view);
	return NULL;
}

void store_unkeep(struct vs_object *object)
{
	if (object && noun_is_many(object_noun(object)))
		view_destroy(view_of(object));
}

bool store_skip_shared(struct vs_object **x, const struct store *x_store,
		       struct vs_object **y, const struct store *y_store)
{
	const uint8_t *a, *b;

	if (!*x || !*y || !noun_is_many(object_noun(*x)) ||
	    !roster_skip_shared(&view_of(*x)->cursor, &view_of(*y)->cursor, &a,
				&b))
		return false;
	*x = view_at(x_store, view_of(*x), a);
	*y = view_at(y_store, view_of(*y), b);
	return true;
}

/* -- editing ------------------------------------------------------------------
 */

static int put(struct roster *roster, struct view *view,
	       const struct record *record)
{
	uint8_t bytes[PACK_MAXIMUM];
	size_t size = pack_size(record);
	int rc;

	if (size > sizeof(bytes))
		return -ENOMEM;
	pack_write(record, bytes);
	rc = roster_put(roster, bytes, size);
	if (rc == 0 && !view_own(view, bytes, size))
		rc = -ENOMEM;
	return rc;
}

struct vs_object *view_add(struct store *store, struct vs_object *parent,
			   struct record *record)
{
	struct roster *roster = object_roster(parent, record->noun);
	struct view **added = &store->views->added;
	size_t before = roster->count;
	int rc;

	if (*added && (*added)->record.noun != record->noun)
		view_idle(store, *added);
	if (!*added)
		*added = view_take(store, record->noun);
	if (!*added)
		return NULL;
	(*added)->object.parent = parent;
	rc = put(roster, *added, record);
	store->many_count += roster->count - before;
	return rc ? NULL : &(*added)->object;
}

int view_replace(struct store *store, struct vs_object *object,
		 struct record *record)
{
	(void)store;
	return put(object_roster(object->parent, record->noun), view_of(object),
		   record);
}

int view_remove(struct store *store, struct vs_object *object)
{
	struct view *view = view_of(object);
	struct roster *roster =
		object_roster(object->parent, view->record.noun);
	uint8_t key[PACK_MAXIMUM];
	int rc = -ENOMEM;

	if (pack_key(&object->record->values[0], key, sizeof(key)))
		rc = roster_remove(roster, key);
	if (rc)
		return rc;
	store->many_count--;
	view_idle(store, view);
	return 0;
}
