/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_private.h: what a policy is made of; for apply.c and load.c.
 *
 * States: idle (busy false: no candidate, no record), writing (busy: the
 * record is with the owner; a candidate too, unless it is a confirmation).
 */
#ifndef CONTROL_POLICY_PRIVATE_H
#define CONTROL_POLICY_PRIVATE_H

#include "control/apply.h"
#include "control/history.h"
#include "control/journal.h"

struct policy {
	struct policy_config config;
	struct store *store;
	uint64_t generation;
	struct history history;
	size_t journal_size, document_size; /* of the files now */
	bool must_compact;

	struct cursor_maker warner;
	json_t *warnings;	/* of the last change */
	json_t *known_warnings; /* of the policy in force */

	bool busy;
	struct store *candidate;
	json_t *record;
	struct journal_bytes write;
	enum policy_write_kind write_kind;
	struct policy_waiter *waiter;
	struct policy_idle *idle;
	uint64_t now_ns; /* of the change under way */

	uint64_t confirm_generation; /* 0 = nothing waits */
	uint64_t confirm_deadline_ns;
};

#endif
