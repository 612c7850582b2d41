// SPDX-License-Identifier: Apache-2.0
/*
 * xacl_tree.c: build the tree of boxes, and search it. Decides where to cut:
 * there, where the most boxes are left out of a search. Before this file:
 * xacl.c, which makes rules boxes; after it: nothing.
 */
#include "core/xacl_tree.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LEAF_BOXES 6u
#define DEPTH	   64u	/* deeper, what is left is one leaf */
#define SAMPLES	   256u /* boxes that are asked where to cut */
#define QUANTILES  3u

enum part { BELOW, ABOVE, ACROSS, PARTS };

/* A subtree: `count` boxes from `at` on, or (count 0) the node `at`; nothing
 * at all if `best` is XACL_NONE. */
struct branch {
	uint32_t at, count, best;
};

struct node {
	uint64_t threshold;
	uint32_t dimension;
	struct branch part[PARTS];
};

struct xacl_tree {
	struct branch root;
	struct xacl_box *boxes; /* in the order of the leaves */
	struct node *nodes;
	uint32_t node_count;
};

static bool box_holds(const struct xacl_box *box,
		      const struct xacl_point *point)
{
	bool holds = true;
	int i;

	for (i = 0; i < XACL_DIMENSIONS; i++)
		holds &= point->at[i] - box->low[i] <= box->span[i];
	return holds;
}

static enum part part_of(const struct xacl_box *box, uint32_t dimension,
			 uint64_t threshold)
{
	uint64_t low = box->low[dimension];

	if (low >= threshold)
		return ABOVE;
	return low + box->span[dimension] < threshold ? BELOW : ACROSS;
}

/* -- where to cut -----------------------------------------------------------
 */

struct cut {
	uint64_t threshold;
	uint32_t dimension;
	uint32_t cost; /* boxes that a search still has before it, twice */
};

struct sample {
	const struct xacl_box *box[SAMPLES];
	uint32_t count;
};

static struct sample sample_take(const struct xacl_box *boxes, uint32_t count)
{
	struct sample sample;
	uint32_t i, stride = (count + SAMPLES - 1) / SAMPLES;

	sample.count = 0;
	for (i = 0; i < count; i += stride)
		sample.box[sample.count++] = &boxes[i];
	return sample;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void cut_try(struct cut *best, const struct sample *sample,
		    uint32_t dimension, uint64_t threshold)
{
	uint32_t i, counts[PARTS] = {0};
	struct cut cut = {threshold, dimension, 0};

	for (i = 0; i < sample->count; i++)
		counts[part_of(sample->box[i], dimension, threshold)]++;
	if (counts[ACROSS] == sample->count || counts[ABOVE] == sample->count ||
	    counts[BELOW] == sample->count)
		return;
	cut.cost = 2 * counts[ACROSS] + counts[BELOW] + counts[ABOVE];
	if (cut.cost < best->cost)
		*best = cut;
}

/* Before and behind boxes are the thresholds; a few of them are tried. */
static void cut_dimension(struct cut *best, const struct sample *sample,
			  uint32_t dimension)
{
	uint64_t lows[SAMPLES], ends[SAMPLES];
	uint32_t i, end_count = 0;

	for (i = 0; i < sample->count; i++) {
		uint64_t end = sample->box[i]->low[dimension] +
			       sample->box[i]->span[dimension];

		lows[i] = sample->box[i]->low[dimension];
		if (end != UINT64_MAX)
			ends[end_count++] = end + 1;
	}
	qsort(lows, sample->count, sizeof(lows[0]), by_number);
	qsort(ends, end_count, sizeof(ends[0]), by_number);
	for (i = 1; i <= QUANTILES; i++) {
		cut_try(best, sample, dimension,
			lows[sample->count * i / (QUANTILES + 1)]);
		if (end_count)
			cut_try(best, sample, dimension,
				ends[end_count * i / (QUANTILES + 1)]);
	}
}

static struct cut cut_find(const struct xacl_box *boxes, uint32_t count)
{
	struct sample sample = sample_take(boxes, count);
	struct cut best = {.cost = 2 * sample.count};
	uint32_t i;

	for (i = 0; i < XACL_DIMENSIONS; i++)
		cut_dimension(&best, &sample, i);
	return best;
}

/* -- building ---------------------------------------------------------------
 */

static int by_rank(const void *a, const void *b)
{
	const struct xacl_box *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static void swap(struct xacl_box *a, struct xacl_box *b)
{
	struct xacl_box box = *a;

	*a = *b;
	*b = box;
}

/* Put the boxes below first, then those above, then those cut through. */
static void divide(struct xacl_box *boxes, uint32_t count,
		   const struct cut *cut, uint32_t counts[PARTS])
{
	uint32_t at, below = 0, across = count;

	for (at = 0; at < across;) {
		switch (part_of(&boxes[at], cut->dimension, cut->threshold)) {
		case BELOW:
			swap(&boxes[at++], &boxes[below++]);
			break;
		case ACROSS:
			swap(&boxes[at], &boxes[--across]);
			break;
		default:
			at++;
			break;
		}
	}
	counts[BELOW] = below;
	counts[ABOVE] = across - below;
	counts[ACROSS] = count - across;
}

static struct branch leaf(struct xacl_tree *tree, uint32_t at, uint32_t count)
{
	struct branch branch = {at, count, XACL_NONE};

	if (!count)
		return branch;
	qsort(&tree->boxes[at], count, sizeof(tree->boxes[0]), by_rank);
	branch.best = tree->boxes[at].rank;
	return branch;
}

static struct branch grow(struct xacl_tree *tree, uint32_t at, uint32_t count,
			  uint32_t depth)
{
	struct xacl_box *boxes = &tree->boxes[at];
	struct branch branch = {.best = XACL_NONE};
	uint32_t counts[PARTS], number;
	struct cut cut;
	int part;

	if (count <= LEAF_BOXES || depth == DEPTH)
		return leaf(tree, at, count);
	cut = cut_find(boxes, count);
	if (!cut.dimension && !cut.threshold)
		return leaf(tree, at, count);
	divide(boxes, count, &cut, counts);
	if (counts[BELOW] == count || counts[ABOVE] == count ||
	    counts[ACROSS] == count)
		return leaf(tree, at, count);
	number = tree->node_count++;
	for (part = 0; part < PARTS; part++) {
		struct branch below = grow(tree, at, counts[part], depth + 1);

		tree->nodes[number].part[part] = below;
		if (below.best < branch.best)
			branch.best = below.best;
		at += counts[part];
	}
	tree->nodes[number].threshold = cut.threshold;
	tree->nodes[number].dimension = cut.dimension;
	branch.at = number;
	return branch;
}

struct xacl_tree *xacl_tree_build(const struct xacl_box *boxes, uint32_t count)
{
	struct xacl_tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	/* each node parts its boxes in two at least: fewer nodes than boxes */
	tree->boxes = calloc(count + 1u, sizeof(*boxes));
	tree->nodes = calloc(count + 1u, sizeof(struct node));
	if (!tree->boxes || !tree->nodes) {
		xacl_tree_destroy(tree);
		return NULL;
	}
	if (count)
		memcpy(tree->boxes, boxes, count * sizeof(*boxes));
	tree->root = grow(tree, 0, count, 0);
	return tree;
}

void xacl_tree_destroy(struct xacl_tree *tree)
{
	if (!tree)
		return;
	free(tree->nodes);
	free(tree->boxes);
	free(tree);
}

/* -- searching --------------------------------------------------------------
 */

static uint32_t leaf_find(const struct xacl_box *boxes, uint32_t count,
			  const struct xacl_point *point, uint32_t best)
{
	uint32_t i;

	for (i = 0; i < count && boxes[i].rank < best; i++)
		if (box_holds(&boxes[i], point))
			return boxes[i].rank;
	return best;
}

uint32_t xacl_tree_find(const struct xacl_tree *tree,
			const struct xacl_point *point)
{
	const struct branch *later[DEPTH + 1], *branch = &tree->root;
	uint32_t best = XACL_NONE, waiting = 0;

	for (;;) {
		while (branch->best < best && !branch->count) {
			const struct node *node = &tree->nodes[branch->at];
			const struct branch *side, *across;

			side = &node->part[point->at[node->dimension] >=
							   node->threshold
						   ? ABOVE
						   : BELOW];
			across = &node->part[ACROSS];
			assert(waiting <= DEPTH);
			branch = side->best < across->best ? side : across;
			later[waiting++] = branch == side ? across : side;
		}
		if (branch->best < best)
			best = leaf_find(&tree->boxes[branch->at],
					 branch->count, point, best);
		if (!waiting)
			return best;
		branch = later[--waiting];
	}
}
