/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_private.h: what a store is made of; for store.c, object.c,
 * store_walk.c and store_view.c.
 *
 * A view is the object that stands for a packed one (VS_NOUN_MANY): it has its
 * key and values unpacked in a record of its own, and moves on to the next
 * object when store_next gets it as `after`. Views belong to their store and
 * are used again; an edit makes the place void that a view has.
 */
#ifndef CONTROL_STORE_PRIVATE_H
#define CONTROL_STORE_PRIVATE_H

#include "control/record.h"
#include "control/roster.h"
#include "control/store.h"
#include "control/value.h"

enum index_kind { INDEX_PLACE, INDEX_KEY, INDICES };

struct children {
	struct vs_object **items; /* behind `gone` places that are free */
	size_t count, gone, room;
	size_t sorted;	      /* the first ones, in order */
	struct roster roster; /* instead, of a noun of which there are many */
};

struct vs_object {
	struct vs_object *parent;  /* the root for what stands at the top */
	struct record *record;	   /* NULL: this is the root */
	struct children *children; /* by the child noun's place, or NULL */
	size_t position;	   /* among its siblings and what is `gone` */
	uint32_t hash[INDICES];
	uint16_t kinds; /* how many `children`; an extension may bring more */
	struct vs_object *same_bucket[INDICES];
};

struct index {
	struct vs_object **buckets;
	size_t size; /* a power of two */
};

struct view {
	struct vs_object object; /* the first member: see view_of() */
	struct view *next;	 /* of all of the store */
	struct view *next_idle;
	struct roster_cursor cursor;
	struct record record; /* object.record */
	char key[VALUE_TEXT];
	bool loose;	/* shows `bytes`; the place is not used */
	bool kept;	/* the caller's, in no list */
	uint8_t *bytes; /* packed, its own */
	size_t room;
	struct vs_value *elements;
	size_t element_room;
	struct vs_value values[];
};

struct views {
	struct view *all;
	struct view *idle[SCHEMA_NOUNS];
	struct view *added; /* what store_add answers, over and over */
};

struct store {
	const struct schema *schema;
	size_t references;
	uint64_t version;
	struct vs_object root;
	struct index indices[INDICES];
	size_t count; /* without those in rosters */
	size_t many_count;
	struct views *views;
};

static inline bool noun_is_many(const struct schema_noun *noun)
{
	return noun->noun->flags & VS_NOUN_MANY;
}

static inline bool object_is_root(const struct vs_object *object)
{
	return !object->record;
}

static inline struct roster *object_roster(const struct vs_object *parent,
					   const struct schema_noun *noun)
{
	return noun->place < parent->kinds
		       ? &parent->children[noun->place].roster
		       : NULL;
}

/* -- store_view.c -------------------------------------------------------------
 */

/* view_first, view_next - the first object of the noun under a parent, the
 * next one; NULL: none, and the view is idle. */
struct vs_object *view_first(const struct store *store,
			     const struct schema_noun *noun,
			     struct vs_object *parent);
struct vs_object *view_next(const struct store *store,
			    struct vs_object *object);
struct vs_object *view_find(const struct store *store,
			    const struct schema_noun *noun,
			    struct vs_object *parent, const char *key);
/* view_add, view_replace, view_remove - as store_add and the others. */
struct vs_object *view_add(struct store *store, struct vs_object *parent,
			   struct record *record);
int view_replace(struct store *store, struct vs_object *object,
		 struct record *record);
int view_remove(struct store *store, struct vs_object *object);
void views_destroy(struct store *store);

#endif
