/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.h: plays frames through a world, with a clock that goes from frame to
 * frame and from one extension's deadline to the next.
 *
 * Before this file: frames.c, world.c. After it: core/worker.h; what leaves
 * goes to verdict_log.c and a file.
 */
#ifndef RUN_WALK_H
#define RUN_WALK_H

#include <stdio.h>

#include "frames.h"
#include "world.h"

struct walk_plan {
	const struct frames *frames; /* sorted; ports exist */
	uint64_t linger_ns;	     /* how long time goes on behind the last */
	FILE *record;		     /* of all that leaves, or NULL */
};

/* walk_run - 0 or -errno: an extension refused to be configured again. */
int walk_run(struct world *world, const struct walk_plan *plan,
	     struct vs_error *error);
/* walk_balances - does each row of the ledger balance, and are all frames of
 * the pools back or held? */
bool walk_balances(const struct world *world);

#endif
