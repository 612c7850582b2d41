// SPDX-License-Identifier: Apache-2.0
/*
 * load.c: the policy from its two files, at start, or, where there are none,
 * from the first document.
 *
 * The document file, then the journal's records behind it, then what a crash
 * left unconfirmed is taken back. Before this file: the shell, which read the
 * files. After it: the owner's prepare and commit.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/change.h"
#include "control/check.h"
#include "control/document.h"
#include "control/json_text.h"
#include "control/policy_private.h"
#include "control/transaction.h"

struct loading {
	struct policy *policy;
	struct store *store;
	uint64_t generation;
	uint64_t waits; /* a generation that nobody has confirmed, or 0 */
	struct policy_loaded *loaded;
};

/* Journal lines of a file, with what stands before them. */
struct lines {
	const char *file;
	size_t bytes_before, lines_before;
	struct journal_reader reader;
};

static int no_memory(struct vs_error *error)
{
	return vs_error_set(error, ENOMEM, "", "out of memory");
}

/* A change led from `before` to the store as it is. */
static void note_record(struct loading *loading, json_t *record,
			struct store *before)
{
	struct history_entry entry = {json_copy(record), before,
				      loading->store};

	json_object_del(entry.record, "ops");
	loading->generation = history_generation(record);
	loading->waits =
		json_object_get(record, "confirm") ? loading->generation : 0;
	history_push(&loading->policy->history, &entry);
	json_decref(entry.record);
}

/* The store before a change of the log, from the one after it. */
static int go_back(const struct store *after, const json_t *record,
		   struct store **before, struct vs_error *error)
{
	json_t *inverse = change_invert(json_object_get(record, "ops"));
	int rc;

	*before = store_copy(after);
	if (!inverse || !*before)
		rc = no_memory(error);
	else
		rc = change_apply(*before, inverse, error);
	json_decref(inverse);
	return rc;
}

/* The log ends with the document: its stores are made backwards from it. */
static int load_log(struct loading *loading, const json_t *log,
		    struct vs_error *error)
{
	struct store *stores[HISTORY_GENERATIONS + 1] = {NULL};
	struct store *last = loading->store;
	size_t i, count = json_array_size(log), kept, first;
	int rc = 0;

	kept = count < HISTORY_GENERATIONS ? count : HISTORY_GENERATIONS;
	first = count - kept;
	stores[kept] = store_hold(last);
	for (i = kept; rc == 0 && i-- > 0;)
		rc = go_back(stores[i + 1], json_array_get(log, first + i),
			     &stores[i], error);
	for (i = 0; rc == 0 && i < kept; i++) {
		loading->store = stores[i + 1];
		note_record(loading, json_array_get(log, first + i), stores[i]);
	}
	loading->store = last;
	for (i = 0; i <= kept; i++)
		store_destroy(stores[i]);
	return rc;
}

static int load_document(struct loading *loading,
			 const struct policy_files *files, size_t *used,
			 struct vs_error *error)
{
	json_t *whole;
	int rc;

	rc = journal_read_document(files->document, files->document_size,
				   &whole, used, error);
	if (rc)
		return rc;
	rc = document_parse(loading->policy->config.schema, NULL,
			    json_object_get(whole, "document"), &loading->store,
			    error);
	if (rc == 0)
		rc = load_log(loading, json_object_get(whole, "log"), error);
	loading->generation = history_generation(whole);
	json_decref(whole);
	loading->policy->document_size = files->document_size;
	return rc;
}

static int replay(struct loading *loading, json_t *record,
		  struct vs_error *error)
{
	const json_t *confirmed = json_object_get(record, "confirmed");
	uint64_t generation = history_generation(record);
	struct store *before;
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
	before = loading->store;
	loading->store = store_copy(before);
	rc = loading->store
		     ? change_apply(loading->store,
				    json_object_get(record, "ops"), error)
		     : no_memory(error);
	if (rc == 0) {
		note_record(loading, record, before);
		loading->loaded->records++;
	}
	store_destroy(before);
	return rc;
}

/* The file and the line before the place in it. */
static void name_line(const struct lines *lines, size_t line,
		      struct vs_error *error)
{
	char path[sizeof(error->path)];

	if (!error)
		return;
	snprintf(path, sizeof(path), "%s: line %zu%s%.120s", lines->file,
		 lines->lines_before + line, error->path[0] ? ": " : "",
		 error->path);
	memcpy(error->path, path, sizeof(path));
}

/* The line behind the good ones is none, nor what a crash leaves. */
static int damaged(const struct loading *loading, const struct lines *lines,
		   struct vs_error *error)
{
	size_t good = lines->bytes_before + lines->reader.at;

	vs_error_set(error, EINVAL, "",
		     "it is damaged from byte %zu on, and not as a crash "
		     "leaves it; nothing was changed; all before it is whole, "
		     "up to generation %llu: keep a copy, and \"truncate -s "
		     "%zu %s\" goes on from there, without the rest",
		     good + 1, (unsigned long long)loading->generation, good,
		     lines->file);
	name_line(lines, lines->reader.lines + 1, error);
	return -EINVAL;
}

/* All that are whole. */
static int load_lines(struct loading *loading, struct lines *lines,
		      struct vs_error *error)
{
	struct journal_reader *reader = &lines->reader;
	json_t *record;
	int rc = 0;

	while (rc == 0 && reader->bytes && (record = journal_read(reader))) {
		rc = replay(loading, record, error);
		json_decref(record);
	}
	if (rc)
		name_line(lines, reader->lines, error);
	return rc;
}

/* What was changed while the document was written: synced with it before it
 * got its name, so that no crash tears it. */
static int load_behind(struct loading *loading,
		       const struct policy_files *files, size_t used,
		       struct vs_error *error)
{
	struct lines lines = {
		.file = "policy.json",
		.bytes_before = used,
		.lines_before = 1,
		.reader = {.bytes = files->document + used,
			   .size = files->document_size - used},
	};
	int rc = load_lines(loading, &lines, error);

	if (rc == 0 && lines.reader.at < lines.reader.size)
		rc = damaged(loading, &lines, error);
	return rc;
}

static int load_journal(struct loading *loading,
			const struct policy_files *files,
			struct vs_error *error)
{
	struct lines lines = {
		.file = "journal",
		.reader = {.bytes = files->journal,
			   .size = files->journal_size},
	};
	const struct journal_reader *reader = &lines.reader;
	int rc = load_lines(loading, &lines, error);

	if (rc == 0 && reader->at < reader->size && !journal_ends_torn(reader))
		rc = damaged(loading, &lines, error);
	loading->loaded->journal_size = reader->at;
	loading->loaded->torn_size = reader->size - reader->at;
	loading->policy->journal_size = reader->at;
	return rc;
}

/* The daemon ended between an apply and its confirm. */
static int revert(struct loading *loading, struct vs_error *error)
{
	const struct history_entry *waiting =
		history_find(&loading->policy->history, loading->waits);
	struct store *before = loading->store;
	json_t *record;

	if (!loading->waits || !waiting)
		return 0;
	loading->store = store_copy(waiting->before);
	record = json_pack("{s:I, s:O, s:i, s:s, s:I}", "generation",
			   (json_int_t)loading->generation + 1, "time",
			   json_object_get(waiting->record, "time"), "uid", 0,
			   "summary", "not confirmed before a restart",
			   "undoes", (json_int_t)loading->waits);
	if (loading->store && record) {
		note_record(loading, record, before);
		loading->loaded->reverted = true;
		/* no journal line says it: the next write replaces all */
		loading->policy->must_compact = true;
	}
	json_decref(record);
	store_destroy(before);
	return loading->loaded->reverted ? 0 : no_memory(error);
}

static int load_files(struct loading *loading, const struct policy_files *files,
		      struct vs_error *error)
{
	size_t used = 0;
	int rc = 0;

	if (files->document)
		rc = load_document(loading, files, &used, error);
	else
		loading->store = store_create(loading->policy->config.schema);
	if (rc == 0 && !loading->store)
		rc = no_memory(error);
	if (rc == 0 && files->document)
		rc = load_behind(loading, files, used, error);
	if (rc == 0)
		rc = load_journal(loading, files, error);
	return rc ? rc : revert(loading, error);
}

static int load_store(struct loading *loading, const struct policy_files *files,
		      struct vs_error *error)
{
	struct policy *policy = loading->policy;
	struct policy_owner *owner = policy->config.owner;
	int rc = load_files(loading, files, error);

	if (rc)
		return rc;
	store_seal(loading->store);
	store_set_version(loading->store, ++policy->versions);
	rc = check_store(loading->store, error);
	return rc ? rc
		  : owner->ops->prepare(owner, loading->store, &policy->warner,
					error);
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

/* -- the first document -------------------------------------------------------
 */

/* Keeps a refusal that comes at once. */
struct import_waiter {
	struct policy_waiter waiter;
	struct vs_error error;
};

static void import_done(struct policy_waiter *waiter,
			const struct policy_result *result,
			const struct vs_error *error)
{
	struct import_waiter *import = (struct import_waiter *)waiter;

	(void)result;
	if (error)
		import->error = *error;
}

int policy_import(struct policy *policy, const char *document, size_t size,
		  int64_t wall_seconds, struct vs_error *error)
{
	struct policy_change change = {.summary = "first document",
				       .wall_seconds = wall_seconds};
	struct import_waiter waiter = {.waiter = {.done = import_done}};
	struct store *candidate = NULL;
	json_t *json;
	int rc = json_text_load(document, size, &json, error);

	if (rc == 0)
		rc = document_parse(policy->config.schema, policy->config.host,
				    json, &candidate, error);
	json_decref(json);
	if (rc)
		return rc;
	/* refusals come before anything is written, while we look */
	change.waiter = &waiter.waiter;
	policy_change(policy, &change, candidate);
	if (policy->busy)
		policy->waiter = NULL;
	if (error)
		*error = waiter.error;
	return -waiter.error.code;
}
