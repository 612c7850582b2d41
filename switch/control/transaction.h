/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transaction.h: how control's own requests change the policy.
 *
 * The public side of the same machine is apply.h. Before this file:
 * request_objects.c, request_policy.c. After it: apply.c.
 */
#ifndef CONTROL_TRANSACTION_H
#define CONTROL_TRANSACTION_H

#include <jansson.h>

#include "control/apply.h"
#include "control/history.h"

struct change_list;

struct policy_result {
	const struct change_list *operations; /* empty: nothing changed */
	const json_t *warnings;		      /* [{path, text}] */
	uint64_t generation;		      /* the one that is true now */
	uint32_t confirm_seconds;	      /* 0 = none asked */
};

/* Who waits for the end of a change; told once, possibly at once. */
struct policy_waiter {
	/* `result` or, refused or not persisted, `error`; the other is NULL */
	void (*done)(struct policy_waiter *waiter,
		     const struct policy_result *result,
		     const struct vs_error *error);
};

struct policy_change {
	const char *summary; /* one line, for the log; copied */
	uint32_t uid;
	uint32_t confirm_seconds;
	uint64_t now_ns;
	int64_t wall_seconds;
	bool dry_run;
	bool force;		      /* what is in use may go */
	struct policy_waiter *waiter; /* NULL: nobody */
};

/*
 * policy_change - make `candidate` (given away, also on errors) the policy.
 * Always ends in waiter->done().
 */
void policy_change(struct policy *policy, const struct policy_change *change,
		   struct store *candidate);
/* policy_undo - take back the newest change. */
void policy_undo(struct policy *policy, const struct policy_change *change);
/* policy_confirm - keep what waits for it. */
void policy_confirm(struct policy *policy, const struct policy_change *change);

/* Told whenever a change that was written has ended. */
struct policy_idle {
	void (*run)(struct policy_idle *idle);
};
/* policy_listen - NULL: nobody, and who waits for a change is not told. */
void policy_listen(struct policy *policy, struct policy_idle *idle);

const struct history *policy_history(const struct policy *policy);

#endif
