// SPDX-License-Identifier: Apache-2.0
/*
 * roster.c: a B+ tree of packed objects, copied on write.
 *
 * Before this file: pack.c. After it: store.c.
 */
#include "control/roster.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/pack.h"

#define FANOUT	   64u
#define LEAF_BYTES 4096u /* split when more, unless one object is that big */
#define QUANTUM	   128u	 /* a leaf grows by these */

struct roster_node {
	uint32_t references;
	uint16_t count;
	uint16_t level; /* 0: a leaf */
};

struct leaf {
	struct roster_node node;
	uint32_t room;
	uint16_t at[FANOUT + 1]; /* the objects in bytes, and their end */
	uint8_t bytes[];
};

struct branch {
	struct roster_node node;
	struct roster_node *children[FANOUT];
	const uint8_t *first[FANOUT]; /* the first object of each */
};

static struct leaf *leaf_of(struct roster_node *node)
{
	return (struct leaf *)node;
}

static struct branch *branch_of(struct roster_node *node)
{
	return (struct branch *)node;
}

static const struct leaf *leaf_at(const struct roster_node *node)
{
	return (const struct leaf *)node;
}

static const struct branch *branch_at(const struct roster_node *node)
{
	return (const struct branch *)node;
}

/* -- nodes --------------------------------------------------------------------
 */

static void node_release(struct roster_node *node)
{
	uint16_t i;

	if (--node->references)
		return;
	for (i = 0; node->level && i < node->count; i++)
		node_release(branch_of(node)->children[i]);
	free(node);
}

static struct leaf *leaf_create(size_t room)
{
	struct leaf *leaf;

	room = (room + QUANTUM - 1) / QUANTUM * QUANTUM;
	leaf = malloc(sizeof(*leaf) + room);
	if (!leaf)
		return NULL;
	leaf->node = (struct roster_node){.references = 1};
	leaf->room = (uint32_t)room;
	leaf->at[0] = 0;
	return leaf;
}

static struct branch *branch_create(uint16_t level)
{
	struct branch *branch = malloc(sizeof(*branch));

	if (branch)
		branch->node =
			(struct roster_node){.references = 1, .level = level};
	return branch;
}

static const uint8_t *first_of(const struct roster_node *node)
{
	return node->level ? branch_at(node)->first[0] : leaf_at(node)->bytes;
}

static struct roster_node *leaf_copy(const struct leaf *from, size_t more)
{
	uint16_t used = from->at[from->node.count];
	struct leaf *leaf = leaf_create(used + more);

	if (!leaf)
		return NULL;
	leaf->node.count = from->node.count;
	memcpy(leaf->at, from->at, (from->node.count + 1u) * sizeof(*leaf->at));
	memcpy(leaf->bytes, from->bytes, used);
	return &leaf->node;
}

static struct roster_node *branch_copy(const struct branch *from)
{
	struct branch *branch = branch_create(from->node.level);
	uint16_t i;

	if (!branch)
		return NULL;
	branch->node.count = from->node.count;
	for (i = 0; i < from->node.count; i++) {
		branch->children[i] = from->children[i];
		branch->children[i]->references++;
		branch->first[i] = from->first[i];
	}
	return &branch->node;
}

/* Makes *node one that only its parent counts. */
static int own(struct roster_node **node)
{
	struct roster_node *copy;

	if ((*node)->references == 1)
		return 0;
	copy = (*node)->level ? branch_copy(branch_of(*node))
			      : leaf_copy(leaf_of(*node), QUANTUM);
	if (!copy)
		return -ENOMEM;
	(*node)->references--;
	*node = copy;
	return 0;
}

/* -- leaves -----------------------------------------------------------------
 */

/* The first object that is not before `key`; *found: it is the key's. */
static uint16_t leaf_search(const struct leaf *leaf, const uint8_t *key,
			    bool *found)
{
	uint16_t low = 0, high = leaf->node.count, middle;
	int order;

	*found = false;
	while (low < high) {
		middle = (uint16_t)((low + high) / 2);
		order = pack_compare(leaf->bytes + leaf->at[middle], key);
		if (order < 0) {
			low = (uint16_t)(middle + 1);
		} else {
			*found = *found || order == 0;
			high = middle;
		}
	}
	return low;
}

/* Makes the object at `place` `size` bytes long; a new one if `gap`. */
static void leaf_open(struct leaf *leaf, uint16_t place, size_t size, bool gap)
{
	uint16_t i, from = leaf->at[place + (gap ? 0 : 1)];
	uint16_t used = leaf->at[leaf->node.count];
	uint16_t to = (uint16_t)(leaf->at[place] + size);

	memmove(leaf->bytes + to, leaf->bytes + from, (size_t)(used - from));
	if (gap) {
		memmove(&leaf->at[place + 1], &leaf->at[place],
			(leaf->node.count - place + 1u) * sizeof(*leaf->at));
		leaf->node.count++;
	}
	for (i = (uint16_t)(place + 1); i <= leaf->node.count; i++)
		leaf->at[i] = (uint16_t)(leaf->at[i] + to - from);
}

static void leaf_close(struct leaf *leaf, uint16_t place)
{
	uint16_t i, size = (uint16_t)(leaf->at[place + 1] - leaf->at[place]);

	memmove(leaf->bytes + leaf->at[place],
		leaf->bytes + leaf->at[place + 1],
		(size_t)(leaf->at[leaf->node.count] - leaf->at[place + 1]));
	for (i = place; i < leaf->node.count; i++)
		leaf->at[i] = (uint16_t)(leaf->at[i + 1] - size);
	leaf->node.count--;
}

/* The objects from `place` on become a leaf of their own, with room for one of
 * `more` bytes. */
static struct leaf *leaf_split(struct leaf *leaf, uint16_t place, size_t more)
{
	uint16_t start = leaf->at[place], i;
	size_t size = (size_t)(leaf->at[leaf->node.count] - start);
	struct leaf *right = leaf_create(size + more);

	if (!right)
		return NULL;
	right->node.count = (uint16_t)(leaf->node.count - place);
	memcpy(right->bytes, leaf->bytes + start, size);
	for (i = 0; i <= right->node.count; i++)
		right->at[i] = (uint16_t)(leaf->at[place + i] - start);
	leaf->node.count = place;
	return right;
}

static int leaf_room(struct roster_node **node, size_t size)
{
	struct leaf *leaf = leaf_of(*node), *grown;
	size_t need = leaf->at[leaf->node.count] + size;

	if (need <= leaf->room)
		return 0;
	need = (need + QUANTUM - 1) / QUANTUM * QUANTUM;
	grown = realloc(leaf, sizeof(*leaf) + need);
	if (!grown)
		return -ENOMEM;
	grown->room = (uint32_t)need;
	*node = &grown->node;
	return 0;
}

/* What is put, and what a split left over for the parent. */
struct putting {
	const uint8_t *object;
	size_t size;
	struct roster_node *right;
	bool added;
};

static int leaf_write(struct roster_node **node, uint16_t place, bool found,
		      const struct putting *putting)
{
	struct leaf *leaf;

	if (leaf_room(node, putting->size))
		return -ENOMEM;
	leaf = leaf_of(*node);
	leaf_open(leaf, place, putting->size, !found);
	memcpy(leaf->bytes + leaf->at[place], putting->object, putting->size);
	return 0;
}

static int put_in_leaf(struct roster_node **node, struct putting *putting)
{
	struct leaf *leaf = leaf_of(*node), *right;
	bool found;
	uint16_t place = leaf_search(leaf, putting->object, &found);
	uint16_t count = leaf->node.count, half = (uint16_t)(count / 2);

	putting->added = !found;
	if (!count || (found && count == 1) ||
	    ((found || count < FANOUT) &&
	     leaf->at[count] + putting->size <= LEAF_BYTES))
		return leaf_write(node, place, found, putting);
	/* what comes in order leaves full leaves behind */
	if (place == count)
		half = count;
	right = leaf_split(leaf, half, putting->size);
	if (!right)
		return -ENOMEM;
	putting->right = &right->node;
	if (place > half || place == count || (found && place == half))
		return leaf_write(&putting->right, (uint16_t)(place - half),
				  found, putting);
	return leaf_write(node, place, found, putting);
}

/* -- branches ---------------------------------------------------------------
 */

/* The last child that does not begin behind `key`, or the first. */
static uint16_t branch_search(const struct branch *branch, const uint8_t *key)
{
	uint16_t low = 1, high = branch->node.count, middle;

	while (low < high) {
		middle = (uint16_t)((low + high) / 2);
		if (pack_compare(branch->first[middle], key) <= 0)
			low = (uint16_t)(middle + 1);
		else
			high = middle;
	}
	return (uint16_t)(low - 1);
}

static void branch_insert(struct branch *branch, uint16_t place,
			  struct roster_node *child)
{
	size_t behind = (size_t)(branch->node.count - place);

	memmove(&branch->children[place + 1], &branch->children[place],
		behind * sizeof(branch->children[0]));
	memmove(&branch->first[place + 1], &branch->first[place],
		behind * sizeof(branch->first[0]));
	branch->children[place] = child;
	branch->first[place] = first_of(child);
	branch->node.count++;
}

static void branch_take(struct branch *branch, uint16_t place)
{
	size_t behind = (size_t)(--branch->node.count - place);

	memmove(&branch->children[place], &branch->children[place + 1],
		behind * sizeof(branch->children[0]));
	memmove(&branch->first[place], &branch->first[place + 1],
		behind * sizeof(branch->first[0]));
}

/* Puts what a child split off behind it; may split the branch in turn. */
static int branch_adopt(struct branch *branch, uint16_t place,
			struct putting *putting)
{
	struct roster_node *child = putting->right;
	uint16_t half = FANOUT / 2;
	struct branch *right;

	putting->right = NULL;
	if (branch->node.count < FANOUT) {
		branch_insert(branch, place, child);
		return 0;
	}
	if (place == FANOUT)
		half = FANOUT;
	right = branch_create(branch->node.level);
	if (!right) {
		node_release(child);
		return -ENOMEM;
	}
	right->node.count = (uint16_t)(FANOUT - half);
	memcpy(right->children, branch->children + half,
	       right->node.count * sizeof(right->children[0]));
	memcpy(right->first, branch->first + half,
	       right->node.count * sizeof(right->first[0]));
	branch->node.count = half;
	if (place > half || half == FANOUT)
		branch_insert(right, (uint16_t)(place - half), child);
	else
		branch_insert(branch, place, child);
	putting->right = &right->node;
	return 0;
}

/* Depth is bounded by ROSTER_DEPTH. */
static int put_in(struct roster_node **node, struct putting *putting)
{
	struct branch *branch;
	uint16_t place;
	int rc = own(node);

	if (rc || !(*node)->level)
		return rc ? rc : put_in_leaf(node, putting);
	branch = branch_of(*node);
	place = branch_search(branch, putting->object);
	rc = put_in(&branch->children[place], putting);
	branch->first[place] = first_of(branch->children[place]);
	if (putting->right &&
	    branch_adopt(branch, (uint16_t)(place + 1), putting))
		return -ENOMEM;
	return rc;
}

/* -- rosters ------------------------------------------------------------------
 */

struct roster roster_share(const struct roster *roster)
{
	if (roster->root)
		roster->root->references++;
	return *roster;
}

void roster_clear(struct roster *roster)
{
	if (roster->root)
		node_release(roster->root);
	*roster = (struct roster){.root = NULL};
}

/* The root was split: a new one above both halves. */
static int grow_root(struct roster *roster, struct roster_node *right)
{
	struct branch *root =
		branch_create((uint16_t)(roster->root->level + 1));

	assert(roster->root->level + 1u < ROSTER_DEPTH);
	if (!root) {
		node_release(right);
		return -ENOMEM;
	}
	branch_insert(root, 0, roster->root);
	branch_insert(root, 1, right);
	roster->root = &root->node;
	return 0;
}

int roster_put(struct roster *roster, const uint8_t *object, size_t size)
{
	struct putting putting = {.object = object, .size = size};
	struct leaf *leaf;
	int rc;

	assert(size <= PACK_MAXIMUM);
	if (!roster->root) {
		leaf = leaf_create(size);
		if (!leaf)
			return -ENOMEM;
		roster->root = &leaf->node;
	}
	rc = put_in(&roster->root, &putting);
	if (rc == 0 && putting.added)
		roster->count++;
	if (putting.right)
		rc = grow_root(roster, putting.right);
	return rc;
}

/* *node may become empty: then it is its parent's to give back. */
static int remove_in(struct roster_node **node, const uint8_t *key)
{
	struct branch *branch;
	uint16_t place;
	bool found;
	int rc = own(node);

	if (rc)
		return rc;
	if (!(*node)->level) {
		place = leaf_search(leaf_of(*node), key, &found);
		if (!found)
			return -ENOENT;
		leaf_close(leaf_of(*node), place);
		return 0;
	}
	branch = branch_of(*node);
	place = branch_search(branch, key);
	rc = remove_in(&branch->children[place], key);
	if (branch->children[place]->count) {
		branch->first[place] = first_of(branch->children[place]);
	} else {
		node_release(branch->children[place]);
		branch_take(branch, place);
	}
	return rc;
}

int roster_remove(struct roster *roster, const uint8_t *key)
{
	struct roster_node *only;
	int rc = roster->root ? remove_in(&roster->root, key) : -ENOENT;

	if (rc)
		return rc;
	roster->count--;
	if (!roster->root->count) {
		roster_clear(roster);
		return 0;
	}
	while (roster->root->level && roster->root->count == 1) {
		only = branch_of(roster->root)->children[0];
		only->references++;
		node_release(roster->root);
		roster->root = only;
	}
	return 0;
}

/* -- walking ------------------------------------------------------------------
 */

const uint8_t *roster_object(const struct roster_cursor *cursor, size_t *size)
{
	const struct leaf *leaf = leaf_at(cursor->node[0]);
	uint16_t place = cursor->at[0];

	*size = (size_t)(leaf->at[place + 1] - leaf->at[place]);
	return leaf->bytes + leaf->at[place];
}

static const uint8_t *object_at(const struct roster_cursor *cursor)
{
	size_t size;

	return roster_object(cursor, &size);
}

/* Goes down to the first object below the node at `level`. */
static const uint8_t *descend(struct roster_cursor *cursor, uint16_t level)
{
	while (level) {
		cursor->node[level - 1] = branch_at(cursor->node[level])
						  ->children[cursor->at[level]];
		cursor->at[--level] = 0;
	}
	return object_at(cursor);
}

const uint8_t *roster_first(const struct roster *roster,
			    struct roster_cursor *cursor)
{
	if (!roster->root)
		return NULL;
	cursor->depth = (uint16_t)(roster->root->level + 1);
	cursor->node[roster->root->level] = roster->root;
	cursor->at[roster->root->level] = 0;
	return descend(cursor, roster->root->level);
}

const uint8_t *roster_find(const struct roster *roster, const uint8_t *key,
			   struct roster_cursor *cursor)
{
	const struct roster_node *node = roster->root;
	bool found;

	if (!node)
		return NULL;
	cursor->depth = (uint16_t)(node->level + 1);
	for (; node->level;
	     node = branch_at(node)->children[cursor->at[node->level]]) {
		cursor->node[node->level] = node;
		cursor->at[node->level] = branch_search(branch_at(node), key);
	}
	cursor->node[0] = node;
	cursor->at[0] = leaf_search(leaf_at(node), key, &found);
	return found ? object_at(cursor) : NULL;
}

/* Behind the place that the cursor has at `level`. */
static const uint8_t *step(struct roster_cursor *cursor, uint16_t level)
{
	for (; level < cursor->depth; level++)
		if (++cursor->at[level] < cursor->node[level]->count)
			return descend(cursor, level);
	return NULL;
}

const uint8_t *roster_next(struct roster_cursor *cursor)
{
	return step(cursor, 0);
}

bool roster_skip_shared(struct roster_cursor *x, struct roster_cursor *y,
			const uint8_t **a, const uint8_t **b)
{
	uint16_t level, shared = ROSTER_DEPTH;

	for (level = 0; level < x->depth && level < y->depth; level++) {
		if (x->at[level] || y->at[level])
			break;
		if (x->node[level] == y->node[level])
			shared = level;
	}
	if (shared == ROSTER_DEPTH)
		return false;
	*a = step(x, (uint16_t)(shared + 1));
	*b = step(y, (uint16_t)(shared + 1));
	return true;
}
