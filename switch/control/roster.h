/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roster.h: the many objects of one noun under one parent, in order of their
 * keys, shared between versions of the policy.
 *
 * Theory of operation
 * -------------------
 * A roster is a B+ tree of packed objects (pack.h): leaves of at most 64,
 * branches of at most 64 children, all leaves equally deep. A node is counted,
 * and one that is counted more than once is never written: who edits a roster
 * copies the path from the root to the leaf, three or four nodes of a million
 * objects, and shares all others with the version before (copy on write).
 * roster_share() is one count; giving a version back frees what only it had.
 * Two versions are compared by walking both and stepping over the nodes that
 * they share (roster_skip_shared): the cost is that of the change.
 *
 * Objects that come in order of their keys fill each leaf to the brim. A leaf
 * is given back when it is empty; half empty ones are not joined.
 *
 * Main thread writes; any thread may walk a roster that is held for it and
 * not edited. Before this file: pack.h. After it: store.c.
 */
#ifndef CONTROL_ROSTER_H
#define CONTROL_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROSTER_DEPTH 12u

struct roster_node;

struct roster { /* zero: empty */
	struct roster_node *root;
	size_t count;
};

/* roster_share - a version that starts as `roster` is. */
struct roster roster_share(const struct roster *roster);
/* roster_clear - give it back; empty afterwards. */
void roster_clear(struct roster *roster);
/* roster_put - add or replace; `object` is packed. 0 or -ENOMEM. */
int roster_put(struct roster *roster, const uint8_t *object, size_t size);
/* roster_remove - by a packed key or object; 0, -ENOENT or -ENOMEM. */
int roster_remove(struct roster *roster, const uint8_t *key);

/* A place in a roster; void after an edit. */
struct roster_cursor {
	const struct roster_node *node[ROSTER_DEPTH]; /* [0]: the leaf */
	uint16_t at[ROSTER_DEPTH];
	uint16_t depth;
};

/* All three answer the packed object, NULL = none. */
const uint8_t *roster_find(const struct roster *roster, const uint8_t *key,
			   struct roster_cursor *cursor);
const uint8_t *roster_first(const struct roster *roster,
			    struct roster_cursor *cursor);
const uint8_t *roster_next(struct roster_cursor *cursor);
/* roster_object - at a cursor, and its size. */
const uint8_t *roster_object(const struct roster_cursor *cursor, size_t *size);

/*
 * roster_skip_shared - if both cursors stand at the start of a node that the
 * two rosters share, move both behind the largest such: true, and *a and *b
 * are the objects there now, or NULL at the end.
 */
bool roster_skip_shared(struct roster_cursor *x, struct roster_cursor *y,
			const uint8_t **a, const uint8_t **b);

#endif
