/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h: the typed objects of one policy, never json_t.
 *
 * Theory of operation
 * -------------------
 * A store is a tree: the root, its objects, their children, per noun in order
 * of their keys. An object is a node (its place in one store) and a record
 * (key and values, immutable, counted). store_copy() copies nodes and shares
 * records. A diff of two stores skips what is shared by comparing pointers.
 *
 * Of a noun with VS_NOUN_MANY there may be a million objects: those under one
 * parent stand packed in a roster (roster.h), which copies share, whole or in
 * large part; so a copy costs what the few nodes cost, and 30 bytes an object
 * are kept for any number of versions. What stands for a packed object is made
 * when it is asked for: store_next moves the object that it gets as `after`
 * (who wants to keep one says store_keep), and an edit ends the walk.
 *
 * Who writes: document.c (parse) and apply.c (candidates), main thread only.
 * A store that others read is sealed: sorted, and not edited any more.
 * Before this file: schema.h. After it: document.h, settings_cursor.h.
 */
#ifndef CONTROL_STORE_H
#define CONTROL_STORE_H

#include <vswitch/settings.h>

struct schema;
struct schema_noun;
struct store;
struct record;

/* -- stores --------------------------------------------------------------- */

struct store *store_create(const struct schema *schema);
struct store *store_copy(const struct store *store);
/* store_hold - one more who destroys it; a store that is not edited any more.
 */
struct store *store_hold(struct store *store);
void store_destroy(struct store *store);
/* store_version - a number that tells the stores of one policy apart; 0 until
 * it is set. */
uint64_t store_version(const struct store *store);
void store_set_version(struct store *store, uint64_t version);
const struct schema *store_schema(const struct store *store);

/*
 * store_add - put a record under `parent` (NULL: the root). The store takes
 * its own reference. Returns the object, or NULL: memory ran out. The key
 * must not be there yet (store_find).
 */
struct vs_object *store_add(struct store *store, struct vs_object *parent,
			    struct record *record);
/* store_replace - give an object another record of the same key. 0 or
 * -ENOMEM. */
int store_replace(struct store *store, struct vs_object *object,
		  struct record *record);
/* store_remove - remove an object and everything below it. 0 or -ENOMEM. */
int store_remove(struct store *store, struct vs_object *object);
/* store_graft - add a copy of `from`, of any store of the same schema, and of
 * everything below it. NULL: memory ran out. */
struct vs_object *store_graft(struct store *store, struct vs_object *parent,
			      const struct vs_object *from);
/* store_seal - sort what was added; before iterating. */
void store_seal(struct store *store);

/* store_find - by canonical key; NULL = absent. */
struct vs_object *store_find(const struct store *store,
			     const struct schema_noun *noun,
			     const struct vs_object *parent, const char *key);
/* store_any - an object of the noun with this key under any parent whose
 * number among equals is `skip`; NULL = no more. */
struct vs_object *store_any(const struct store *store,
			    const struct schema_noun *noun, const char *key,
			    size_t skip);
/*
 * store_next - objects of a noun in order of their parents' and their own
 * keys; after = NULL begins. `parent` (may be NULL) restricts to its children,
 * or to what lies further below it.
 */
struct vs_object *store_next(const struct store *store,
			     const struct schema_noun *noun,
			     const struct vs_object *parent,
			     const struct vs_object *after);
/*
 * store_keep - the object as one that does not move with the walk, until
 * store_unkeep; after an edit of the store it can be removed, no more. Objects
 * of other nouns stay where they are anyway. NULL: no memory.
 */
struct vs_object *store_keep(struct vs_object *object);
void store_unkeep(struct vs_object *object);
/*
 * store_skip_shared - two objects of a walk over one noun under one parent in
 * two stores: if both begin a part that the stores share, both move behind it
 * (*x, *y: NULL at the end).
 */
bool store_skip_shared(struct vs_object **x, const struct store *x_store,
		       struct vs_object **y, const struct store *y_store);
/* store_children - how many objects of a noun stand under its parent (NULL:
 * the top). */
size_t store_children(const struct store *store, const struct schema_noun *noun,
		      const struct vs_object *parent);
/* store_count - all objects. */
size_t store_count(const struct store *store);
/* store_equal - two stores of one schema. */
bool store_equal(const struct store *a, const struct store *b);

/* -- objects -------------------------------------------------------------- */

const struct schema_noun *object_noun(const struct vs_object *object);
const char *object_key(const struct vs_object *object);
/* object_parent - NULL at the top of the document. */
struct vs_object *object_parent(const struct vs_object *object);
struct record *object_record(const struct vs_object *object);
/* object_value - field as in noun->fields; never NULL, may be absent. */
const struct vs_value *object_value(const struct vs_object *object,
				    uint16_t field);
/* object_compare - in which order two objects of one noun stand: < 0, 0, > 0.
 */
int object_compare(const struct vs_object *a, const struct vs_object *b);
bool object_has_children(const struct vs_object *object);
/* object_switch - the switch that the object belongs to, or NULL. */
const struct vs_object *object_switch(const struct vs_object *object);
/*
 * object_path - `switches.lab.ports["a b"].mac` (field may be NULL) into
 * `text`, cut at `size`. Returns text.
 */
char *object_path(const struct vs_object *object, const char *field, char *text,
		  size_t size);
/* object_place - the same for an object that need not exist; key NULL: all of
 * the noun under `parent` (NULL: the top). */
char *object_place(const struct vs_object *parent,
		   const struct schema_noun *noun, const char *key, char *text,
		   size_t size);

#endif
