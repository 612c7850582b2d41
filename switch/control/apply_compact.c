// SPDX-License-Identifier: Apache-2.0
/*
 * apply_compact.c: when the document file is written anew, and how.
 *
 * Before this file: compact.c. After it: the owner, which writes the pieces.
 */
#include <assert.h>
#include <errno.h>

#include "control/policy_private.h"
#include "control/transaction.h"

#define COMPACT_SIZE (1024u * 1024u)
#define PART_SIZE    (64u * 1024u) /* well below a millisecond */

bool policy_wants_compact(const struct policy *policy, size_t more)
{
	return policy->journal_size + more >
	       COMPACT_SIZE + policy->document_size;
}

/* A confirmation has no generation of its own: the record that waits loses
 * its mark. */
static void confirm_last(struct history *log)
{
	struct history_entry *last = &log->entries[log->count - 1];
	json_t *record = json_copy(last->record);

	json_object_del(record, "confirm");
	json_decref(last->record);
	last->record = record;
}

int policy_write_whole(struct policy *policy)
{
	struct history log = {.count = 0};
	struct history_entry entry;
	struct compaction compaction;
	uint64_t generation = policy->generation;
	bool done;
	int rc;

	history_copy(&log, &policy->history);
	if (policy->candidate) {
		generation = history_generation(policy->record);
		entry = (struct history_entry){policy->record, policy->store,
					       policy->candidate};
		history_push(&log, &entry);
	} else if (log.count) {
		confirm_last(&log);
	}
	compact_start(&compaction,
		      policy->candidate ? policy->candidate : policy->store,
		      generation, &log);
	rc = compact_next(&compaction, &policy->write, SIZE_MAX, &done);
	compact_end(&compaction);
	history_clear(&log);
	return rc;
}

void policy_compact_drop(struct policy *policy)
{
	assert(!policy->part_out);
	if (!policy->compacting)
		return;
	compact_end(&policy->compaction);
	journal_free(&policy->tail);
	journal_free(&policy->part);
	policy->compacting = policy->finishing = false;
}

static void begin(struct policy *policy)
{
	compact_start(&policy->compaction, policy->store, policy->generation,
		      &policy->history);
	policy->compacting = true;
	policy->part_total = 0;
}

/* The document's end is written: behind it, what was changed meanwhile. */
static int finish(struct policy *policy)
{
	policy->finishing = true;
	return json_write_bytes(&policy->part, policy->tail.bytes,
				policy->tail.size);
}

void policy_compact(struct policy *policy)
{
	const struct policy_owner_ops *ops = policy->config.owner->ops;
	struct policy_part part = {.first = !policy->part_total};
	bool done = policy->compaction.phase == COMPACT_DONE;
	int rc = 0;

	if (!ops->compact || policy->part_out)
		return;
	if (policy->must_compact) {
		policy_compact_drop(policy);
		return;
	}
	if (!policy->compacting) {
		if (policy->busy || !policy_wants_compact(policy, 0))
			return;
		begin(policy);
		part.first = true;
		done = false;
	}
	if (!done)
		rc = compact_next(&policy->compaction, &policy->part, PART_SIZE,
				  &done);
	if (rc == 0 && done && policy->busy)
		return; /* its end waits until the change is written */
	if (rc == 0 && done)
		rc = finish(policy);
	if (rc) {
		policy_compact_drop(policy);
		return;
	}
	part.bytes = policy->part.bytes;
	part.size = policy->part.size;
	part.last = policy->finishing;
	policy->part_out = true;
	ops->compact(policy->config.owner, &part);
}

void policy_compacted(struct policy *policy, const struct vs_error *error)
{
	bool failed = error && error->code, finished = policy->finishing;

	assert(policy->part_out);
	policy->part_out = false;
	policy->part_total += policy->part.size;
	policy->part.size = 0;
	if (failed || finished)
		policy_compact_drop(policy);
	if (failed) {
		/* not again at the next change, but after as many bytes */
		policy->document_size = policy->journal_size;
	} else if (finished) {
		policy->document_size = policy->part_total;
		policy->journal_size = 0;
	} else {
		policy_compact(policy);
	}
	if (finished && policy->idle)
		policy->idle->run(policy->idle);
}
