// SPDX-License-Identifier: Apache-2.0
/*
 * store.c: the tree of typed objects and its two indices.
 *
 * One index finds (noun, parent, key), the other (noun, key) for what must be
 * unique, or is looked for, without its parent. Before this file: record.c,
 * object.c. After it: store_walk.c, document.c, change.c.
 */
#include "control/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/schema.h"
#include "control/store_private.h"
#include "control/words.h"

/* -- indices ------------------------------------------------------------------
 */

static uint32_t mix(uint64_t value)
{
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdu;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53u;
	return (uint32_t)(value ^ (value >> 33));
}

static uint32_t hash_key(const struct schema_noun *noun, const char *key)
{
	uint64_t hash = 0xcbf29ce484222325u ^ noun->index;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
	return mix(hash);
}

static uint32_t hash_place(uint32_t key_hash, const struct vs_object *parent)
{
	return mix(key_hash ^ ((uint64_t)(uintptr_t)parent << 7));
}

static void index_link(struct index *index, enum index_kind kind,
		       struct vs_object *object)
{
	struct vs_object **bucket =
		&index->buckets[object->hash[kind] & (index->size - 1)];

	object->same_bucket[kind] = *bucket;
	*bucket = object;
}

static void index_unlink(struct index *index, enum index_kind kind,
			 const struct vs_object *object)
{
	struct vs_object **link =
		&index->buckets[object->hash[kind] & (index->size - 1)];

	while (*link != object)
		link = &(*link)->same_bucket[kind];
	*link = object->same_bucket[kind];
}

static int index_grow(struct index *index, enum index_kind kind, size_t size)
{
	struct index grown = {.size = size};
	struct vs_object *object, *next;
	size_t i;

	grown.buckets = calloc(size, sizeof(struct vs_object *));
	if (!grown.buckets)
		return -ENOMEM;
	for (i = 0; i < index->size; i++)
		for (object = index->buckets[i]; object; object = next) {
			next = object->same_bucket[kind];
			index_link(&grown, kind, object);
		}
	free(index->buckets);
	*index = grown;
	return 0;
}

static int indices_room(struct store *store, size_t count)
{
	unsigned int kind;
	size_t size = store->indices[INDEX_PLACE].size;

	while (size < count)
		size *= 2;
	for (kind = 0; kind < INDICES; kind++)
		if (size > store->indices[kind].size &&
		    index_grow(&store->indices[kind], kind, size))
			return -ENOMEM;
	return 0;
}

struct vs_object *store_find(const struct store *store,
			     const struct schema_noun *noun,
			     const struct vs_object *parent, const char *key)
{
	const struct index *index = &store->indices[INDEX_PLACE];
	struct vs_object *object;
	uint32_t hash;

	if (noun_is_many(noun))
		return view_find(
			store, noun,
			(struct vs_object *)(uintptr_t)(parent ? parent
							       : &store->root),
			key);
	if (!parent)
		parent = &store->root;
	hash = hash_place(hash_key(noun, key), parent);
	object = index->buckets[hash & (index->size - 1)];
	for (; object; object = object->same_bucket[INDEX_PLACE])
		if (object->hash[INDEX_PLACE] == hash &&
		    object->parent == parent && object_noun(object) == noun &&
		    strcmp(object_key(object), key) == 0)
			break;
	return object;
}

/* Of a noun of which there are many: under one parent after the other. */
static struct vs_object *many_any(const struct store *store,
				  const struct schema_noun *noun,
				  const char *key, size_t skip)
{
	struct vs_object *parent = NULL, *object;

	if (!noun->parent)
		return skip ? NULL : store_find(store, noun, NULL, key);
	while ((parent = store_next(store, noun->parent, NULL, parent))) {
		object = store_find(store, noun, parent, key);
		if (object && skip-- == 0)
			return object;
	}
	return NULL;
}

struct vs_object *store_any(const struct store *store,
			    const struct schema_noun *noun, const char *key,
			    size_t skip)
{
	const struct index *index = &store->indices[INDEX_KEY];
	uint32_t hash = hash_key(noun, key);
	struct vs_object *object = index->buckets[hash & (index->size - 1)];

	if (noun_is_many(noun))
		return many_any(store, noun, key, skip);
	for (; object; object = object->same_bucket[INDEX_KEY])
		if (object->hash[INDEX_KEY] == hash &&
		    object_noun(object) == noun &&
		    strcmp(object_key(object), key) == 0 && skip-- == 0)
			break;
	return object;
}

/* -- stores
 * -------------------------------------------------------------------- */

struct store *store_create(const struct schema *schema)
{
	struct store *store = calloc(1, sizeof(*store));
	unsigned int kind;

	if (!store)
		return NULL;
	store->schema = schema;
	store->references = 1;
	store->views = calloc(1, sizeof(*store->views));
	if (!store->views) {
		free(store);
		return NULL;
	}
	for (kind = 0; kind < INDICES; kind++)
		if (index_grow(&store->indices[kind], kind, 64)) {
			store_destroy(store);
			return NULL;
		}
	return store;
}

static struct vs_object **children_start(const struct children *children)
{
	return children->items ? children->items - children->gone : NULL;
}

static void free_below(const struct store *store, struct vs_object *object);

static void free_object(const struct store *store, struct vs_object *object)
{
	free_below(store, object);
	record_release(object->record);
	free(object);
}

static void free_below(const struct store *store, struct vs_object *object)
{
	uint16_t i;
	size_t j;

	for (i = 0; i < object->kinds; i++) {
		for (j = 0; j < object->children[i].count; j++)
			free_object(store, object->children[i].items[j]);
		roster_clear(&object->children[i].roster);
		free(children_start(&object->children[i]));
	}
	free(object->children);
	object->children = NULL;
	object->kinds = 0;
}

struct store *store_hold(struct store *store)
{
	store->references++;
	return store;
}

void store_destroy(struct store *store)
{
	unsigned int kind;

	if (!store || --store->references)
		return;
	views_destroy(store);
	free_below(store, &store->root);
	for (kind = 0; kind < INDICES; kind++)
		free(store->indices[kind].buckets);
	free(store);
}

const struct schema *store_schema(const struct store *store)
{
	return store->schema;
}

uint64_t store_version(const struct store *store)
{
	return store->version;
}

void store_set_version(struct store *store, uint64_t version)
{
	store->version = version;
}

size_t store_count(const struct store *store)
{
	return store->count + store->many_count;
}

size_t store_children(const struct store *store, const struct schema_noun *noun,
		      const struct vs_object *parent)
{
	const struct children *list;

	if (!parent)
		parent = &store->root;
	if (noun->place >= parent->kinds)
		return 0;
	list = &parent->children[noun->place];
	return noun_is_many(noun) ? list->roster.count : list->count;
}

static uint16_t child_nouns(const struct store *store,
			    const struct vs_object *object)
{
	const struct schema_noun *const *children;

	return schema_children(store->schema,
			       object_is_root(object) ? NULL
						      : object->record->noun,
			       &children);
}

/* Room for children of as many nouns as there are now. */
static int make_kinds(struct vs_object *object, uint16_t kinds)
{
	struct children *more =
		realloc(object->children, kinds * sizeof(*more));

	if (!more)
		return -ENOMEM;
	memset(more + object->kinds, 0,
	       (size_t)(kinds - object->kinds) * sizeof(*more));
	object->children = more;
	object->kinds = kinds;
	return 0;
}

static struct children *children_of(const struct store *store,
				    struct vs_object *parent,
				    const struct schema_noun *noun)
{
	if (noun->place >= parent->kinds &&
	    make_kinds(parent, child_nouns(store, parent)))
		return NULL;
	return &parent->children[noun->place];
}

static int children_room(struct children *children)
{
	struct vs_object **items;
	size_t room = children->room ? children->room * 2 : 4;

	if (children->gone + children->count < children->room)
		return 0;
	items = realloc(children_start(children),
			room * sizeof(struct vs_object *));
	if (!items)
		return -ENOMEM;
	children->items = items + children->gone;
	children->room = room;
	return 0;
}

/* A child that comes in order keeps the list sorted: a document in its
 * canonical form costs no sorting. */
static void children_append(struct children *children, struct vs_object *object)
{
	if (children->sorted == children->count &&
	    (!children->count ||
	     words_compare(object_key(children->items[children->count - 1]),
			   object_key(object)) < 0))
		children->sorted++;
	object->position = children->gone + children->count;
	children->items[children->count++] = object;
}

struct vs_object *store_add(struct store *store, struct vs_object *parent,
			    struct record *record)
{
	const struct schema_noun *noun = record->noun;
	struct children *children;
	struct vs_object *object;
	unsigned int kind;

	if (!parent)
		parent = &store->root;
	assert(noun->parent ==
	       (object_is_root(parent) ? NULL : object_noun(parent)));
	children = children_of(store, parent, noun);
	if (children && noun_is_many(noun))
		return view_add(store, parent, record);
	if (!children || children_room(children) ||
	    indices_room(store, store->count + 1))
		return NULL;
	object = calloc(1, sizeof(*object));
	if (!object)
		return NULL;
	object->parent = parent;
	object->record = record_hold(record);
	object->hash[INDEX_KEY] = hash_key(noun, record->key);
	object->hash[INDEX_PLACE] = hash_place(object->hash[INDEX_KEY], parent);
	for (kind = 0; kind < INDICES; kind++)
		index_link(&store->indices[kind], kind, object);
	children_append(children, object);
	store->count++;
	return object;
}

int store_replace(struct store *store, struct vs_object *object,
		  struct record *record)
{
	assert(record->noun == object_noun(object) &&
	       strcmp(record->key, object_key(object)) == 0);
	if (noun_is_many(record->noun))
		return view_replace(store, object, record);
	record_hold(record);
	record_release(object->record);
	object->record = record;
	return 0;
}

static void unlink_tree(struct store *store, struct vs_object *object)
{
	unsigned int kind;
	uint16_t i;
	size_t j;

	for (kind = 0; kind < INDICES; kind++)
		index_unlink(&store->indices[kind], kind, object);
	store->count--;
	for (i = 0; i < object->kinds; i++) {
		store->many_count -= object->children[i].roster.count;
		for (j = 0; j < object->children[i].count; j++)
			unlink_tree(store, object->children[i].items[j]);
	}
}

/* The shorter side moves up: to remove all, from whichever end, moves none. */
static void children_close(struct children *list, size_t at)
{
	size_t i;

	if (at < list->sorted)
		list->sorted--;
	list->count--;
	if (at < list->count / 2) {
		for (i = at; i > 0; i--) {
			list->items[i] = list->items[i - 1];
			list->items[i]->position++;
		}
		list->items++;
		list->gone++;
		return;
	}
	for (i = at; i < list->count; i++) {
		list->items[i] = list->items[i + 1];
		list->items[i]->position--;
	}
}

int store_remove(struct store *store, struct vs_object *object)
{
	struct children *list =
		&object->parent->children[object_noun(object)->place];
	size_t at = object->position - list->gone;

	if (noun_is_many(object_noun(object)))
		return view_remove(store, object);
	assert(at < list->count && list->items[at] == object);
	unlink_tree(store, object);
	children_close(list, at);
	free_object(store, object);
	return 0;
}

/* `to` has nothing below it yet; rosters are shared. */
static int graft_below(struct store *store, struct vs_object *to,
		       const struct vs_object *from)
{
	uint16_t i;
	size_t j;

	if (from->kinds > to->kinds && make_kinds(to, from->kinds))
		return -ENOMEM;
	for (i = 0; i < from->kinds; i++) {
		to->children[i].roster =
			roster_share(&from->children[i].roster);
		store->many_count += from->children[i].roster.count;
		for (j = 0; j < from->children[i].count; j++)
			if (!store_graft(store, to, from->children[i].items[j]))
				return -ENOMEM;
	}
	return 0;
}

struct vs_object *store_graft(struct store *store, struct vs_object *parent,
			      const struct vs_object *from)
{
	struct vs_object *object = store_add(store, parent, from->record);

	if (!object || graft_below(store, object, from))
		return NULL;
	return object;
}

struct store *store_copy(const struct store *store)
{
	struct store *copy = store_create(store->schema);

	if (!copy)
		return NULL;
	if (indices_room(copy, store->count) ||
	    graft_below(copy, &copy->root, &store->root)) {
		store_destroy(copy);
		return NULL;
	}
	return copy;
}
