// SPDX-License-Identifier: Apache-2.0
/*
 * store_walk.c: the order of siblings, made when a store is sealed, and the
 * walk over all objects of a noun in that order.
 *
 * Before this file: store.c. After it: document_dump.c, settings_cursor.c.
 */
#include <stdlib.h>
#include <string.h>

#include "control/schema.h"
#include "control/store.h"
#include "control/store_private.h"
#include "control/words.h"

/* Behind this many unsorted children a sort is cheaper than insertions. */
#define TAIL_MAXIMUM 16

/* -- order --------------------------------------------------------------------
 */

static int compare_objects(const void *a, const void *b)
{
	const struct vs_object *const *x = a, *const *y = b;

	return words_compare(object_key(*x), object_key(*y));
}

static void insert_tail(struct children *list)
{
	struct vs_object *object;
	size_t at, low, high;

	for (; list->sorted < list->count; list->sorted++) {
		object = list->items[list->sorted];
		low = 0;
		high = list->sorted;
		while (low < high) {
			at = (low + high) / 2;
			if (compare_objects(&list->items[at], &object) < 0)
				low = at + 1;
			else
				high = at;
		}
		memmove(&list->items[low + 1], &list->items[low],
			(list->sorted - low) * sizeof(struct vs_object *));
		list->items[low] = object;
	}
}

static void sort_children(struct children *list)
{
	size_t i;

	if (list->sorted < list->count) {
		if (list->count - list->sorted <= TAIL_MAXIMUM)
			insert_tail(list);
		else
			qsort(list->items, list->count,
			      sizeof(struct vs_object *), compare_objects);
		list->sorted = list->count;
		for (i = 0; i < list->count; i++)
			list->items[i]->position = list->gone + i;
	}
}

static void seal_below(const struct store *store, struct vs_object *object)
{
	uint16_t i;
	size_t j;

	for (i = 0; i < object->kinds; i++) {
		sort_children(&object->children[i]);
		for (j = 0; j < object->children[i].count; j++)
			seal_below(store, object->children[i].items[j]);
	}
}

void store_seal(struct store *store)
{
	seal_below(store, &store->root);
}

/* -- the walk -----------------------------------------------------------------
 */

static struct vs_object *first_child(const struct store *store,
				     const struct vs_object *parent,
				     const struct schema_noun *noun)
{
	const struct children *list;

	if (noun->place >= parent->kinds)
		return NULL;
	if (noun_is_many(noun))
		return view_first(store, noun,
				  (struct vs_object *)(uintptr_t)parent);
	list = &parent->children[noun->place];
	return list->count ? list->items[0] : NULL;
}

struct vs_object *store_next(const struct store *store,
			     const struct schema_noun *noun,
			     const struct vs_object *parent,
			     const struct vs_object *after)
{
	const struct vs_object *above = NULL;
	const struct children *list;
	struct vs_object *found;
	size_t at;

	if (after) {
		above = object_parent(after);
		if (noun_is_many(noun)) {
			found = view_next(store,
					  (struct vs_object *)(uintptr_t)after);
			if (found || !above || above == parent)
				return found;
			after = NULL;
		}
	}
	if (after) {
		list = &after->parent->children[noun->place];
		at = after->position - list->gone + 1;
		if (at < list->count)
			return list->items[at];
		above = object_parent(after);
		if (!above || above == parent)
			return NULL;
	} else if (!noun->parent) {
		return parent ? NULL : first_child(store, &store->root, noun);
	} else if (parent && object_noun(parent) == noun->parent) {
		return first_child(store, parent, noun);
	}
	while ((above = store_next(store, noun->parent, parent, above))) {
		found = first_child(store, above, noun);
		if (found)
			return found;
	}
	return NULL;
}

bool store_equal(const struct store *a, const struct store *b)
{
	const struct schema_noun *noun;
	const struct vs_object *x, *y;
	uint16_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < schema_count(a->schema); i++) {
		noun = schema_at(a->schema, i);
		x = store_next(a, noun, NULL, NULL);
		y = store_next(b, noun, NULL, NULL);
		while (x && y && record_equal(x->record, y->record)) {
			x = store_next(a, noun, NULL, x);
			y = store_next(b, noun, NULL, y);
		}
		if (x || y)
			return false;
	}
	return true;
}
