// SPDX-License-Identifier: Apache-2.0
/*
 * load.c: the policy from its two files, at start.
 *
 * The document file, then the journal's records behind it, then what a crash
 * left unconfirmed is taken back. Before this file: the shell, which read the
 * files. After it: the owner's prepare and commit.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "control/change.h"
#include "control/check.h"
#include "control/document.h"
#include "control/policy_private.h"

struct loading {
	struct policy *policy;
	struct store *store;
	uint64_t generation;
	uint64_t waits; /* a generation that nobody has confirmed, or 0 */
	struct policy_loaded *loaded;
};

static void note_record(struct loading *loading, json_t *record)
{
	loading->generation = history_generation(record);
	loading->waits =
		json_object_get(record, "confirm") ? loading->generation : 0;
	history_push(&loading->policy->history, record);
}

static int load_document(struct loading *loading,
			 const struct policy_files *files,
			 struct vs_error *error)
{
	json_t *whole, *each;
	size_t i;
	int rc;

	rc = journal_read_document(files->document, files->document_size,
				   &whole, error);
	if (rc)
		return rc;
	json_array_foreach(json_object_get(whole, "log"), i, each)
		note_record(loading, each);
	loading->generation = history_generation(whole);
	rc = document_parse(loading->policy->config.schema, NULL,
			    json_object_get(whole, "document"), &loading->store,
			    error);
	json_decref(whole);
	loading->policy->document_size = files->document_size;
	return rc;
}

static int replay(struct loading *loading, json_t *record,
		  struct vs_error *error)
{
	const json_t *confirmed = json_object_get(record, "confirmed");
	uint64_t generation = history_generation(record);
	int rc;

	if (confirmed) {
		if ((uint64_t)json_integer_value(confirmed) == loading->waits)
			loading->waits = 0;
		return 0;
	}
	if (generation <= loading->generation)
		return 0; /* already in the document */
	if (generation != loading->generation + 1)
		return vs_error_set(error, EINVAL, "",
				    "the journal goes from generation %llu to "
				    "%llu",
				    (unsigned long long)loading->generation,
				    (unsigned long long)generation);
	rc = change_apply(loading->store, json_object_get(record, "ops"),
			  error);
	if (rc == 0) {
		note_record(loading, record);
		loading->loaded->records++;
	}
	return rc;
}

static int load_journal(struct loading *loading,
			const struct policy_files *files,
			struct vs_error *error)
{
	struct journal_reader reader = {.bytes = files->journal,
					.size = files->journal_size};
	json_t *record;
	int rc = 0;

	while (rc == 0 && files->journal && (record = journal_read(&reader))) {
		rc = replay(loading, record, error);
		json_decref(record);
	}
	loading->loaded->journal_size = reader.at;
	loading->loaded->torn_size = reader.size - reader.at;
	loading->policy->journal_size = reader.at;
	return rc;
}

/* The daemon ended between an apply and its confirm. */
static int revert(struct loading *loading, struct vs_error *error)
{
	const json_t *waiting =
		history_find(&loading->policy->history, loading->waits);
	json_t *inverse, *record;
	int rc;

	if (!loading->waits || !waiting)
		return 0;
	inverse = change_invert(json_object_get(waiting, "ops"));
	rc = change_apply(loading->store, inverse, error);
	record = json_pack("{s:I, s:O, s:i, s:s, s:o, s:I}", "generation",
			   (json_int_t)loading->generation + 1, "time",
			   json_object_get(waiting, "time"), "uid", 0,
			   "summary", "not confirmed before a restart", "ops",
			   inverse, "undoes", (json_int_t)loading->waits);
	if (rc == 0 && record) {
		note_record(loading, record);
		loading->loaded->reverted = true;
		/* no journal line says it: the next write replaces all */
		loading->policy->must_compact = true;
	}
	json_decref(record);
	return rc;
}

static int load_store(struct loading *loading, const struct policy_files *files,
		      struct vs_error *error)
{
	struct policy_owner *owner = loading->policy->config.owner;
	int rc = 0;

	if (files->document)
		rc = load_document(loading, files, error);
	else
		loading->store = store_create(loading->policy->config.schema);
	if (rc == 0 && !loading->store)
		rc = vs_error_set(error, ENOMEM, "", "out of memory");
	if (rc == 0)
		rc = load_journal(loading, files, error);
	if (rc == 0)
		rc = revert(loading, error);
	if (rc)
		return rc;
	store_seal(loading->store);
	rc = check_store(loading->store, error);
	if (rc == 0)
		rc = owner->ops->prepare(owner, loading->store,
					 &loading->policy->warner, error);
	return rc;
}

int policy_load(struct policy *policy, const struct policy_files *files,
		struct policy_loaded *loaded, struct vs_error *error)
{
	struct loading loading = {.policy = policy, .loaded = loaded};
	int rc;

	assert(policy->generation == 0 && !policy->busy);
	*loaded = (struct policy_loaded){.generation = 0};
	rc = load_store(&loading, files, error);
	if (rc) {
		store_destroy(loading.store);
		history_clear(&policy->history);
		policy->must_compact = true;
		return rc;
	}
	policy->config.owner->ops->commit(policy->config.owner, loading.store);
	store_destroy(policy->store);
	policy->store = loading.store;
	policy->generation = loading.generation;
	loaded->generation = loading.generation;
	return 0;
}
