/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_private.h: what a policy is made of; for apply*.c and
 * load.c.
 *
 * States: idle (busy false: no candidate, no record), writing (busy: the
 * record is with the owner; a candidate too, unless it is a confirmation).
 * Beside that the document may be under way (compacting): its pieces go to the
 * owner one after the other (part_out: one is there), while changes are
 * written as ever; the last piece (finishing) makes changes wait.
 */
#ifndef CONTROL_POLICY_PRIVATE_H
#define CONTROL_POLICY_PRIVATE_H

#include "control/apply.h"
#include "control/change.h"
#include "control/compact.h"
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
	struct change_list operations;
	uint64_t versions; /* the last one that a store got */
	struct journal_bytes write;
	enum policy_write_kind write_kind;
	struct policy_waiter *waiter;
	struct policy_idle *idle;
	uint64_t now_ns; /* of the change under way */

	bool compacting, part_out, finishing;
	struct compaction compaction;
	struct journal_bytes part; /* is with the owner */
	size_t part_total;	   /* bytes of the new document so far */
	struct journal_bytes tail; /* lines written since it began */

	uint64_t confirm_generation; /* 0 = nothing waits */
	uint64_t confirm_deadline_ns;
};

/* -- apply_warnings.c ---------------------------------------------------------
 */

extern const struct cursor_maker_ops policy_warner_ops;
/* policy_warnings_new - those that do not hold since before. */
json_t *policy_warnings_new(const struct policy *policy);
/* policy_warnings_keep - the change was made: they hold from now on. */
void policy_warnings_keep(struct policy *policy);
/* policy_warnings_clear - a change begins. */
void policy_warnings_clear(struct policy *policy);

/* -- apply_compact.c ----------------------------------------------------------
 */

/* policy_compact - begin a compaction if the journal has grown so far, go on
 * with it if it waits; when nothing is being written. */
void policy_compact(struct policy *policy);
/* policy_compact_drop - give up the compaction; no part is out. */
void policy_compact_drop(struct policy *policy);
/* policy_write_whole - the document with the change under way in it, at once.
 */
int policy_write_whole(struct policy *policy);
/* policy_wants_compact - is the journal with `more` bytes too large? */
bool policy_wants_compact(const struct policy *policy, size_t more);

#endif
