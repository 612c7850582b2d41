/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xacl_tree.h: which of ten thousand boxes holds a point: the classifier of
 * extended ACLs.
 *
 * Theory of operation
 * -------------------
 * A rule is a box: in each dimension (addresses, protocol, ports, VSID) it
 * takes the numbers from `low` on, `span` of them beyond. A node of the tree
 * cuts one dimension at a threshold: boxes wholly below it, wholly at or above
 * it, and those that it cuts through are three subtrees, so that no box stands
 * in the tree twice and memory is linear in the rules. A search goes down on
 * its point's side, and through the boxes that were cut; every subtree says
 * the best rank in it, and what cannot be better than what was found is not
 * visited.
 *
 * What a search costs depends on the rules alone, not on earlier traffic: no
 * frame can make the next one dearer.
 *
 * Example: 5,000 rules of one remote address each and 5,000 of one local port
 * each. The root cuts the remote address; the port rules, which take all
 * addresses, are its third subtree, which cuts the local port. Two ways of
 * about twelve nodes each.
 */
#ifndef CORE_XACL_TREE_H
#define CORE_XACL_TREE_H

#include <stdint.h>

/* IPv4 addresses stand in the low half; the high half is 0 then. */
enum xacl_dimension {
	XACL_LOCAL_HIGH,
	XACL_LOCAL_LOW,
	XACL_REMOTE_HIGH,
	XACL_REMOTE_LOW,
	XACL_PROTOCOL,
	XACL_LOCAL_PORT,
	XACL_REMOTE_PORT,
	XACL_VSID,
	XACL_DIMENSIONS
};

/* Nothing found. */
#define XACL_NONE UINT32_MAX

struct xacl_box {
	uint64_t low[XACL_DIMENSIONS];
	uint64_t span[XACL_DIMENSIONS]; /* the last number is low + span */
	uint32_t rank;			/* unique; the lowest wins */
	uint32_t reserved;
};

struct xacl_point {
	uint64_t at[XACL_DIMENSIONS];
};

struct xacl_tree;

/* xacl_tree_build - the boxes are copied; NULL: out of memory. */
struct xacl_tree *xacl_tree_build(const struct xacl_box *boxes, uint32_t count);
void xacl_tree_destroy(struct xacl_tree *tree);
/* xacl_tree_find - the lowest rank of those that hold the point. */
uint32_t xacl_tree_find(const struct xacl_tree *tree,
			const struct xacl_point *point);

#endif
