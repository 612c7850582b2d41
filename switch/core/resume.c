// SPDX-License-Identifier: Apache-2.0
/*
 * resume.c: frames under way when the stack changes. A frame that was queued
 * or is held has a place in the stack: it goes on below the members that it
 * has passed. Under another stack the place is another: below those of them
 * that remain, and above whoever it had yet to meet and would now stand higher
 * up. So a frame meets every extension of the stack that it began with and
 * that is still there; who was moved down past it may meet it twice, nobody is
 * skipped. Before: switch.c publishes; after: hold.c, inject.c.
 */
#include <string.h>

#include "core/attachment.h"
#include "core/walk.h"

static bool is_among(const struct walk_stack *stack, uint16_t from, uint16_t to,
		     uint32_t id)
{
	for (uint16_t i = from; i < to && i < stack->count; i++)
		if (stack->id[i] == id)
			return true;
	return false;
}

static void note(struct walk_stack *stack, const struct vs_snapshot *snapshot)
{
	stack->count = snapshot->members;
	for (uint16_t i = 0; i < snapshot->members; i++)
		stack->id[i] = snapshot->member[i].attachment->id;
}

static bool is_same(const struct walk_stack *a, const struct walk_stack *b)
{
	return a->count == b->count &&
	       memcmp(a->id, b->id, a->count * sizeof(a->id[0])) == 0;
}

/* How many members of `after` stand above a frame that passed the first
 * `passed` of `before`. */
static uint16_t move(const struct walk_stack *before,
		     const struct walk_stack *after, uint16_t passed)
{
	uint16_t place = 0, i;

	for (i = 0; i < after->count; i++)
		if (is_among(before, 0, passed, after->id[i]))
			place = (uint16_t)(i + 1);
	for (i = 0; i < place; i++)
		if (is_among(before, passed, before->count, after->id[i]))
			return i;
	return place;
}

static void move_queue(struct vs_worker *worker, const struct walk_stack *after)
{
	struct vs_packet *packet;

	for (packet = worker->queue.head; packet; packet = packet->next)
		if (packet->entry >= ENTRY_DESCEND)
			packet->entry =
				(uint16_t)(ENTRY_DESCEND +
					   move(&worker->stack, after,
						(uint16_t)(packet->entry -
							   ENTRY_DESCEND)));
}

static void move_holds(struct vs_worker *worker, const struct walk_stack *after)
{
	for (uint32_t i = 0; i < VS_HOLDS; i++) {
		struct walk_hold *hold = &worker->holds.hold[i];

		if (hold->packet && hold->below)
			hold->passed =
				move(&worker->stack, after, hold->passed);
	}
}

void resume_follow(struct vs_worker *worker)
{
	struct walk_stack after;

	note(&after, worker->snapshot);
	if (is_same(&worker->stack, &after))
		return;
	move_queue(worker, &after);
	if (worker->holds.free_count < VS_HOLDS)
		move_holds(worker, &after);
	worker->stack = after;
}
