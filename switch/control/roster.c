// SPDX-License-Identifier: Apache-2.0
/*
 * roster.c: a B+ tree of packed objects, copied on write: put, remove, walk.
 *
 * Before this file: roster_node.c. After it: store.c.
 */
#include "control/roster.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "control/pack.h"
#include "control/roster_node.h"

/* A leaf is split when it has more, unless one object is that big. */
#define LEAF_BYTES 4096u

/* -- putting ------------------------------------------------------------------
 */

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
	    ((found || count < NODE_FANOUT) &&
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

/* Puts what a child split off behind it; may split the branch in turn. */
static int branch_adopt(struct branch *branch, uint16_t place,
			struct putting *putting)
{
	struct roster_node *child = putting->right;
	uint16_t half = NODE_FANOUT / 2;
	struct branch *right;

	putting->right = NULL;
	if (branch->node.count < NODE_FANOUT) {
		branch_insert(branch, place, child);
		return 0;
	}
	if (place == NODE_FANOUT)
		half = NODE_FANOUT;
	right = branch_create(branch->node.level);
	if (!right) {
		node_release(child);
		return -ENOMEM;
	}
	right->node.count = (uint16_t)(NODE_FANOUT - half);
	memcpy(right->children, branch->children + half,
	       right->node.count * sizeof(right->children[0]));
	memcpy(right->first, branch->first + half,
	       right->node.count * sizeof(right->first[0]));
	branch->node.count = half;
	if (place > half || half == NODE_FANOUT)
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
	int rc = node_own(node);

	if (rc || !(*node)->level)
		return rc ? rc : put_in_leaf(node, putting);
	branch = branch_of(*node);
	place = branch_search(branch, putting->object);
	rc = put_in(&branch->children[place], putting);
	branch->first[place] = node_first(branch->children[place]);
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
	int rc = node_own(node);

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
		branch->first[place] = node_first(branch->children[place]);
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
