// SPDX-License-Identifier: Apache-2.0
/*
 * roster_node.c: leaves and branches of a roster. Decides nothing about when
 * one is split.
 *
 * Before this file: pack.c. After it: roster.c.
 */
#include "control/roster_node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/pack.h"

#define QUANTUM 128u /* a leaf grows by these */

void node_release(struct roster_node *node)
{
	uint16_t i;

	if (--node->references)
		return;
	for (i = 0; node->level && i < node->count; i++)
		node_release(branch_of(node)->children[i]);
	free(node);
}

struct leaf *leaf_create(size_t room)
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

struct branch *branch_create(uint16_t level)
{
	struct branch *branch = malloc(sizeof(*branch));

	if (branch)
		branch->node =
			(struct roster_node){.references = 1, .level = level};
	return branch;
}

const uint8_t *node_first(const struct roster_node *node)
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

int node_own(struct roster_node **node)
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

uint16_t leaf_search(const struct leaf *leaf, const uint8_t *key, bool *found)
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

void leaf_open(struct leaf *leaf, uint16_t place, size_t size, bool gap)
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

void leaf_close(struct leaf *leaf, uint16_t place)
{
	uint16_t i, size = (uint16_t)(leaf->at[place + 1] - leaf->at[place]);

	memmove(leaf->bytes + leaf->at[place],
		leaf->bytes + leaf->at[place + 1],
		(size_t)(leaf->at[leaf->node.count] - leaf->at[place + 1]));
	for (i = place; i < leaf->node.count; i++)
		leaf->at[i] = (uint16_t)(leaf->at[i + 1] - size);
	leaf->node.count--;
}

struct leaf *leaf_split(struct leaf *leaf, uint16_t place, size_t more)
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

int leaf_room(struct roster_node **node, size_t size)
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

/* -- branches ---------------------------------------------------------------
 */

uint16_t branch_search(const struct branch *branch, const uint8_t *key)
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

void branch_insert(struct branch *branch, uint16_t place,
		   struct roster_node *child)
{
	size_t behind = (size_t)(branch->node.count - place);

	memmove(&branch->children[place + 1], &branch->children[place],
		behind * sizeof(branch->children[0]));
	memmove(&branch->first[place + 1], &branch->first[place],
		behind * sizeof(branch->first[0]));
	branch->children[place] = child;
	branch->first[place] = node_first(child);
	branch->node.count++;
}

void branch_take(struct branch *branch, uint16_t place)
{
	size_t behind = (size_t)(--branch->node.count - place);

	memmove(&branch->children[place], &branch->children[place + 1],
		behind * sizeof(branch->children[0]));
	memmove(&branch->first[place], &branch->first[place + 1],
		behind * sizeof(branch->first[0]));
}
