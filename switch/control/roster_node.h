/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roster_node.h: a node of a roster: a leaf of packed objects, or a branch of
 * nodes; by itself, without the tree above it.
 *
 * Who writes a node owns it (node_own): it is counted once then. What may fail
 * leaves a node as it was.
 *
 * Before this file: pack.h. After it: roster.c.
 */
#ifndef CONTROL_ROSTER_NODE_H
#define CONTROL_ROSTER_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODE_FANOUT 64u

struct roster_node {
	uint32_t references;
	uint16_t count;
	uint16_t level; /* 0: a leaf */
};

struct leaf {
	struct roster_node node;
	uint32_t room;
	uint16_t at[NODE_FANOUT + 1]; /* the objects in bytes, and their end */
	uint8_t bytes[];
};

struct branch {
	struct roster_node node;
	struct roster_node *children[NODE_FANOUT];
	const uint8_t *first[NODE_FANOUT]; /* the first object of each */
};

static inline struct leaf *leaf_of(struct roster_node *node)
{
	return (struct leaf *)node;
}

static inline struct branch *branch_of(struct roster_node *node)
{
	return (struct branch *)node;
}

static inline const struct leaf *leaf_at(const struct roster_node *node)
{
	return (const struct leaf *)node;
}

static inline const struct branch *branch_at(const struct roster_node *node)
{
	return (const struct branch *)node;
}

/* node_release - one count less; with the last it goes, and what it counts. */
void node_release(struct roster_node *node);
/* node_own - makes *node one that only its parent counts; 0 or -ENOMEM. */
int node_own(struct roster_node **node);
/* node_first - its first object; it is not empty. */
const uint8_t *node_first(const struct roster_node *node);

/* leaf_create - empty, with so many bytes of room; NULL: no memory. */
struct leaf *leaf_create(size_t room);
/* leaf_search - the first object that is not before `key`; *found: it is the
 * key's. */
uint16_t leaf_search(const struct leaf *leaf, const uint8_t *key, bool *found);
/* leaf_room - for so many bytes more; *node may move. 0 or -ENOMEM. */
int leaf_room(struct roster_node **node, size_t size);
/* leaf_open - makes the object at `place` `size` bytes long, a new one if
 * `gap`; there is room. */
void leaf_open(struct leaf *leaf, uint16_t place, size_t size, bool gap);
/* leaf_close - without the object at `place`. */
void leaf_close(struct leaf *leaf, uint16_t place);
/* leaf_split - the objects from `place` on become a leaf of their own, with
 * room for one of `more` bytes; NULL: no memory. */
struct leaf *leaf_split(struct leaf *leaf, uint16_t place, size_t more);

/* branch_create - empty; NULL: no memory. */
struct branch *branch_create(uint16_t level);
/* branch_search - the last child that does not begin behind `key`, or the
 * first. */
uint16_t branch_search(const struct branch *branch, const uint8_t *key);
/* branch_insert, branch_take - a child at `place`; it is counted by who calls.
 * There is room. */
void branch_insert(struct branch *branch, uint16_t place,
		   struct roster_node *child);
void branch_take(struct branch *branch, uint16_t place);

#endif
