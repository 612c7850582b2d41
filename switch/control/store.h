/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h: the typed objects of one policy, never json_t.
 *
 * Theory of operation
 * -------------------
 * A store is a tree: the root, its objects, their children, per noun sorted
 * naturally by key. An object is a node (its place in one store) and a record
 * (key and values, immutable, counted). store_copy() copies nodes and shares
 * records, so that a candidate of 100,000 objects costs milliseconds, and a
 * diff of two stores skips what is shared by comparing pointers.
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
void store_destroy(struct store *store);
const struct schema *store_schema(const struct store *store);

/*
 * store_add - put a record under `parent` (NULL: the root). The store takes
 * its own reference. Returns the object, or NULL: memory ran out. The key
 * must not be there yet (store_find).
 */
struct vs_object *store_add(struct store *store, struct vs_object *parent,
			    struct record *record);
/* store_replace - give an object another record of the same key. */
void store_replace(struct store *store, struct vs_object *object,
		   struct record *record);
/* store_remove - remove an object and everything below it. */
void store_remove(struct store *store, struct vs_object *object);
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
