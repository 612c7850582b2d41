// SPDX-License-Identifier: Apache-2.0
/*
 * apply.c: one change at a time through check, prepare, persist, commit.
 *
 * Nothing is visible before persist has succeeded, nothing is lost after it.
 * Before this file: transaction.h's callers. After it: the owner (the engine)
 * and its writer.
 */
#include "control/apply.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/acl_extended.h"
#include "control/change.h"
#include "control/check.h"
#include "control/history.h"
#include "control/journal.h"
#include "control/policy_private.h"
#include "control/transaction.h"

#define SECOND_NS     1000000000u
#define DEADLINE_NONE UINT64_MAX

/* -- life -------------------------------------------------------------------
 */

int policy_create(struct policy **out, const struct policy_config *config)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	*out = NULL;
	if (!policy)
		return -ENOMEM;
	policy->config = *config;
	policy->warner.ops = &policy_warner_ops;
	policy->confirm_deadline_ns = DEADLINE_NONE;
	policy->store = store_create(config->schema);
	policy->warnings = json_array();
	policy->known_warnings = json_array();
	if (!policy->store || !policy->warnings || !policy->known_warnings) {
		policy_destroy(policy);
		return -ENOMEM;
	}
	*out = policy;
	return 0;
}

static void clear_transaction(struct policy *policy)
{
	journal_free(&policy->write);
	change_list_clear(&policy->operations);
	store_destroy(policy->candidate);
	json_decref(policy->record);
	policy->candidate = NULL;
	policy->record = NULL;
	policy->busy = false;
}

void policy_destroy(struct policy *policy)
{
	if (!policy)
		return;
	clear_transaction(policy);
	policy->part_out = false; /* nobody will say */
	policy_compact_drop(policy);
	history_clear(&policy->history);
	store_destroy(policy->store);
	json_decref(policy->warnings);
	json_decref(policy->known_warnings);
	free(policy);
}

const struct store *policy_store(const struct policy *policy)
{
	return policy->store;
}

uint64_t policy_generation(const struct policy *policy)
{
	return policy->generation;
}

bool policy_may_go_back(const struct policy *policy)
{
	return policy->confirm_generation != 0;
}

bool policy_busy(const struct policy *policy)
{
	return policy->busy || policy->finishing;
}

const struct policy_config *policy_settings(const struct policy *policy)
{
	return &policy->config;
}

const struct history *policy_history(const struct policy *policy)
{
	return &policy->history;
}

/* -- the end of a change ----------------------------------------------------
 */

static void tell_error(struct policy_waiter *waiter,
		       const struct vs_error *error)
{
	if (waiter)
		waiter->done(waiter, NULL, error);
}

/* Takes the warnings over. */
static void tell_result(const struct policy *policy,
			struct policy_waiter *waiter,
			const struct change_list *operations,
			uint32_t confirm_seconds, json_t *warnings)
{
	struct policy_result result = {.operations = operations,
				       .warnings = warnings,
				       .generation = policy->generation,
				       .confirm_seconds = confirm_seconds};

	if (waiter)
		waiter->done(waiter, &result, NULL);
	json_decref(warnings);
}

/* The policy waits for confirm, or has stopped doing so. */
static void follow_confirm(struct policy *policy, const json_t *record)
{
	uint32_t seconds = (uint32_t)json_integer_value(
		json_object_get(record, "confirm"));

	policy->confirm_generation = seconds ? history_generation(record) : 0;
	policy->confirm_deadline_ns = DEADLINE_NONE;
	if (seconds)
		policy->confirm_deadline_ns =
			policy->now_ns + seconds * (uint64_t)SECOND_NS;
}

static void accept(struct policy *policy)
{
	struct policy_owner *owner = policy->config.owner;
	struct history_entry entry = {policy->record, policy->store,
				      policy->candidate};
	const json_t *record = policy->record;

	follow_confirm(policy, record);
	if (!policy->candidate)
		return; /* a confirmation */
	history_push(&policy->history, &entry);
	owner->ops->commit(owner, policy->candidate);
	store_destroy(policy->store);
	policy->store = policy->candidate;
	policy->candidate = NULL;
	policy->generation = history_generation(record);
}

static int note_written(struct policy *policy)
{
	policy->must_compact = false;
	if (policy->write_kind == POLICY_COMPACT) {
		policy->document_size = policy->write.size;
		policy->journal_size = 0;
		return 0;
	}
	policy->journal_size += policy->write.size;
	return policy->compacting
		       ? json_write_bytes(&policy->tail, policy->write.bytes,
					  policy->write.size)
		       : 0;
}

/* What a change was when it has ended. */
struct ended {
	struct policy_waiter *waiter;
	struct change_list operations;
	json_t *record, *warnings;
	/* its stores live as long as the answer is made */
	struct store *before, *after;
};

static void answer(const struct policy *policy, struct ended *ended,
		   const struct vs_error *error)
{
	if (error)
		tell_error(ended->waiter, error);
	else
		tell_result(policy, ended->waiter, &ended->operations,
			    (uint32_t)json_integer_value(
				    json_object_get(ended->record, "confirm")),
			    ended->warnings);
	change_list_clear(&ended->operations);
	json_decref(ended->record);
	store_destroy(ended->before);
	store_destroy(ended->after);
}

void policy_persisted(struct policy *policy, const struct vs_error *error)
{
	struct policy_owner *owner = policy->config.owner;
	bool failed = error && error->code, changed = policy->candidate;
	struct ended ended = {
		.waiter = policy->waiter,
		.operations = policy->operations,
		.record = json_incref(policy->record),
		.before = store_hold(policy->store),
		.after = changed ? store_hold(policy->candidate) : NULL,
	};
	struct vs_error why;

	assert(policy->busy);
	policy->operations = (struct change_list){.count = 0};
	if (failed) {
		/* the journal's end is not known now: replace all next time */
		policy->must_compact = true;
		why = *error;
		if (policy->candidate)
			owner->ops->abort(owner);
	} else {
		/* a compaction without this line would lose it */
		if (note_written(policy))
			policy->must_compact = true;
		accept(policy);
	}
	ended.warnings = failed ? NULL : policy_warnings_new(policy);
	if (!failed && changed)
		policy_warnings_keep(policy);
	clear_transaction(policy);
	answer(policy, &ended, failed ? &why : NULL);
	policy_compact(policy);
	if (policy->idle && !policy->finishing)
		policy->idle->run(policy->idle);
}

void policy_listen(struct policy *policy, struct policy_idle *idle)
{
	policy->idle = idle;
	if (!idle)
		policy->waiter = NULL;
}

/* -- writing ----------------------------------------------------------------
 */

static int write_bytes(struct policy *policy)
{
	const struct change_list *operations =
		policy->candidate ? &policy->operations : NULL;
	int rc;

	policy->write_kind = POLICY_APPEND;
	rc = journal_write_line(&policy->write, policy->record, operations);
	if (!policy->must_compact &&
	    (policy->config.owner->ops->compact ||
	     !policy_wants_compact(policy, policy->write.size)))
		return rc;
	journal_free(&policy->write);
	policy->write_kind = POLICY_COMPACT;
	policy_compact_drop(policy);
	return policy_write_whole(policy);
}

/* The record is made, the owner has prepared. */
static void persist(struct policy *policy, const struct policy_change *change)
{
	struct policy_owner *owner = policy->config.owner;
	struct policy_write write;
	struct vs_error error;

	policy->busy = true;
	policy->waiter = change->waiter;
	policy->now_ns = change->now_ns;
	if (!policy->record || write_bytes(policy)) {
		vs_error_set(&error, ENOMEM, "", "out of memory");
		policy_persisted(policy, &error);
		return;
	}
	write = (struct policy_write){.kind = policy->write_kind,
				      .bytes = policy->write.bytes,
				      .size = policy->write.size};
	owner->ops->persist(owner, &write);
}

/* -- beginning a change -----------------------------------------------------
 */

static int may_change(const struct policy *policy,
		      const struct policy_change *change,
		      struct vs_error *error)
{
	if (policy_busy(policy) || (policy->must_compact && policy->part_out))
		return vs_error_set(error, EBUSY, "",
				    "another change is being written: try "
				    "again");
	if (!policy->confirm_generation || change->dry_run)
		return 0;
	return vs_error_set(error, EBUSY, "",
			    "generation %llu waits for confirm, or goes back "
			    "by itself: say confirm or undo first",
			    (unsigned long long)policy->confirm_generation);
}

static json_t *make_record(const struct policy *policy,
			   const struct policy_change *change, uint64_t undoes)
{
	json_t *record =
		json_pack("{s:I, s:I, s:I, s:s}", "generation",
			  (json_int_t)policy->generation + 1, "time",
			  (json_int_t)change->wall_seconds, "uid",
			  (json_int_t)change->uid, "summary", change->summary);

	if (record && undoes)
		json_object_set_new(record, "undoes",
				    json_integer((json_int_t)undoes));
	if (record && change->confirm_seconds)
		json_object_set_new(record, "confirm",
				    json_integer(change->confirm_seconds));
	return record;
}

static int prepare(struct policy *policy, struct store *candidate,
		   struct change_list *operations, struct vs_error *error)
{
	struct policy_owner *owner = policy->config.owner;
	int rc;

	policy_warnings_clear(policy);
	store_seal(candidate);
	store_set_version(candidate, ++policy->versions);
	rc = check_store(candidate, error);
	if (rc)
		return rc;
	acl_extended_remarks(candidate, &policy->warner);
	if (change_diff(policy->store, candidate, operations))
		return vs_error_set(error, ENOMEM, "", "out of memory");
	if (!operations->count)
		return 0;
	policy->warner.asked = false;
	policy->warner.before = policy->store;
	policy->warner.changes = operations;
	rc = owner->ops->prepare(owner, candidate, &policy->warner, error);
	policy->warner.before = NULL;
	policy->warner.changes = NULL;
	return rc;
}

static void run_change(struct policy *policy,
		       const struct policy_change *change,
		       struct store *candidate, uint64_t undoes)
{
	struct policy_owner *owner = policy->config.owner;
	struct change_list operations = {.count = 0};
	struct vs_error error = {.code = 0};
	int rc;

	policy->warner.forced = change->force || undoes;
	rc = prepare(policy, candidate, &operations, &error);
	policy->warner.forced = false;
	if (rc == 0 && operations.count && !change->dry_run) {
		policy->candidate = candidate;
		policy->operations = operations;
		policy->record = make_record(policy, change, undoes);
		persist(policy, change);
		return;
	}
	if (rc == 0 && operations.count)
		owner->ops->abort(owner);
	if (rc)
		tell_error(change->waiter, &error);
	else
		tell_result(policy, change->waiter, &operations, 0,
			    policy_warnings_new(policy));
	change_list_clear(&operations);
	store_destroy(candidate);
}

void policy_change(struct policy *policy, const struct policy_change *change,
		   struct store *candidate)
{
	struct vs_error error;

	if (may_change(policy, change, &error) == 0) {
		run_change(policy, change, candidate, 0);
		return;
	}
	store_destroy(candidate);
	tell_error(change->waiter, &error);
}

static void take_back(struct policy *policy, const struct policy_change *change,
		      const struct history_entry *entry)
{
	struct store *candidate = store_copy(entry->before);
	uint64_t generation = history_generation(entry->record);
	struct policy_change undo = *change;
	char summary[80];
	struct vs_error error;

	if (!candidate) {
		vs_error_set(&error, ENOMEM, "", "out of memory");
		tell_error(change->waiter, &error);
		return;
	}
	snprintf(summary, sizeof(summary), "%s generation %llu",
		 change->summary, (unsigned long long)generation);
	undo.summary = summary;
	undo.confirm_seconds = 0;
	run_change(policy, &undo, candidate, generation);
}

void policy_undo(struct policy *policy, const struct policy_change *change)
{
	const struct history_entry *entry = history_undoable(&policy->history);
	struct vs_error error;

	if (policy_busy(policy))
		vs_error_set(&error, EBUSY, "",
			     "another change is being written: try again");
	else if (!entry)
		vs_error_set(&error, ENODATA, "",
			     "nothing to undo: the log holds the last %u "
			     "generations",
			     HISTORY_GENERATIONS);
	else
		return take_back(policy, change, entry);
	tell_error(change->waiter, &error);
}

void policy_confirm(struct policy *policy, const struct policy_change *change)
{
	struct vs_error error;

	policy_warnings_clear(policy);
	if (policy_busy(policy)) {
		vs_error_set(&error, EBUSY, "",
			     "another change is being written: try again");
		tell_error(change->waiter, &error);
		return;
	}
	if (!policy->confirm_generation) {
		vs_error_set(&error, ENODATA, "",
			     "nothing waits for confirm: it was confirmed, or "
			     "went back in time");
		tell_error(change->waiter, &error);
		return;
	}
	policy->record = json_pack("{s:I}", "confirmed",
				   (json_int_t)policy->confirm_generation);
	persist(policy, change);
}

uint64_t policy_tick(struct policy *policy, uint64_t now_ns,
		     int64_t wall_seconds)
{
	const struct policy_change change = {
		.summary = "not confirmed in time, take back",
		.now_ns = now_ns,
		.wall_seconds = wall_seconds,
	};
	const struct history_entry *entry;

	if (now_ns < policy->confirm_deadline_ns)
		return policy->confirm_deadline_ns;
	/* again in a second if it can't be done now */
	policy->confirm_deadline_ns = now_ns + SECOND_NS;
	entry = history_find(&policy->history, policy->confirm_generation);
	if (!policy_busy(policy) && entry)
		take_back(policy, &change, entry);
	return policy->confirm_deadline_ns;
}
