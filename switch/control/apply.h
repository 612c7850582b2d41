/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h: the policy and its changes: candidate, prepare, persist, commit.
 *
 * Theory of operation
 * -------------------
 * Every change, a whole document or one field, takes the same way:
 *
 *   candidate  a copy of the store, edited and checked (control's rules)
 *   prepare    the owner builds everything from it (extensions' configure,
 *              snapshots) and may refuse; nothing is visible yet
 *   persist    the owner writes bytes, fsyncs, and calls policy_persisted();
 *              this is asynchronous, and one change is under way at a time
 *   commit     the owner publishes; the candidate is the policy now
 *   abort      instead, if persisting failed: the owner drops what it built
 *
 * A dry run is prepare and abort. Time is an argument. A change applied with
 * confirm=SECS goes back by itself (policy_tick) unless policy_confirm comes;
 * meanwhile only confirm and undo are taken. A restart before it reverts too.
 *
 * Before this file: document.h, journal.h. After it: request.h, the engine.
 */
#ifndef CONTROL_APPLY_H
#define CONTROL_APPLY_H

#include <vswitch/settings.h>

#include "control/schema.h"
#include "control/settings_cursor.h"
#include "control/store.h"

struct policy;
struct policy_owner;

enum policy_write_kind {
	/* append the bytes to the journal, fsync it */
	POLICY_APPEND,
	/* write the bytes as the document file (new file, fsync, rename,
	 * fsync the directory), then cut the journal to nothing, fsync it */
	POLICY_COMPACT,
};

struct policy_write {
	enum policy_write_kind kind;
	const char *bytes; /* until policy_persisted() */
	size_t size;
};

struct policy_part {
	const char *bytes; /* until policy_compacted() */
	size_t size;
	bool first; /* empty the new file before it */
	bool last;  /* then do as with POLICY_COMPACT */
};

struct policy_owner_ops {
	/*
	 * Build everything that `candidate` (sealed, lives until commit and
	 * as the policy after it) says, publish nothing. Cursors: use
	 * settings_cursor_open(.., warnings), which collects remarks for the
	 * answer. 0 or -errno with `error`; after an error no abort follows.
	 */
	int (*prepare)(struct policy_owner *owner,
		       const struct store *candidate,
		       struct cursor_maker *warnings, struct vs_error *error);
	/* what was prepared becomes true; cannot fail. The store that was
	 * true before is freed on return. */
	void (*commit)(struct policy_owner *owner,
		       const struct store *candidate);
	/* drop what was prepared */
	void (*abort)(struct policy_owner *owner);
	/* start writing; policy_persisted() tells the end, possibly from
	 * inside this call */
	void (*persist)(struct policy_owner *owner,
			const struct policy_write *write);
	/*
	 * start writing a part of a new document file, in order; meanwhile
	 * persist() appends to the journal. policy_compacted() tells the end,
	 * from outside this call. May be NULL: then persist() gets whole
	 * documents only, now and then.
	 */
	void (*compact)(struct policy_owner *owner,
			const struct policy_part *part);
	/* the attachment of a port or uplink object now; NULL = none */
	const struct vs_port_info *(*port)(struct policy_owner *owner,
					   const struct vs_object *object);
};
struct policy_owner {
	const struct policy_owner_ops *ops;
};

struct policy_config {
	const struct schema *schema; /* outlives the policy */
	const char *host;	     /* its name; NULL = none; outlives it */
	struct policy_owner *owner;
};

/* An empty policy, generation 0; the owner is not asked. 0 or -ENOMEM. */
int policy_create(struct policy **policy, const struct policy_config *config);
void policy_destroy(struct policy *policy);

/* What was read back at start. NULL bytes = no such file. */
struct policy_files {
	const char *document;
	size_t document_size;
	const char *journal;
	size_t journal_size;
};
struct policy_loaded {
	uint64_t generation;
	size_t records;	     /* of the journal, applied */
	size_t journal_size; /* good bytes; cut the file here */
	size_t torn_size;    /* bytes behind them that were not whole: keep
			      * them elsewhere */
	bool reverted;	     /* an unconfirmed apply was taken back */
};

/*
 * policy_load - the state of the files, then prepare and commit. A torn tail
 * of the journal is no error; a damaged document file is, and a journal that
 * goes on behind what is damaged. Called once, before any change. 0 or -errno
 * with `error`; then the policy is empty.
 */
int policy_load(struct policy *policy, const struct policy_files *files,
		struct policy_loaded *loaded, struct vs_error *error);

/* The owner's answer to persist: error NULL or code 0 = durable. */
void policy_persisted(struct policy *policy, const struct vs_error *error);

/* The owner's answer to compact: error NULL or code 0 = written. */
void policy_compacted(struct policy *policy, const struct vs_error *error);

/*
 * policy_tick - take back what was not confirmed in time. Returns the next
 * deadline (monotonic ns), UINT64_MAX = none. Call at the deadline and after
 * every request.
 */
uint64_t policy_tick(struct policy *policy, uint64_t now_ns,
		     int64_t wall_seconds);

const struct store *policy_store(const struct policy *policy);
uint64_t policy_generation(const struct policy *policy);
/* policy_busy - is a change being written? */
bool policy_busy(const struct policy *policy);
/* policy_may_go_back - does a change wait for confirm, or be taken back? */
bool policy_may_go_back(const struct policy *policy);
const struct policy_config *policy_settings(const struct policy *policy);

/*
 * policy_import - apply a document from a file at first start, as uid 0.
 * 0 = under way (or done); -errno with `error` = refused. Nobody is told of a
 * failure to persist but the owner itself.
 */
int policy_import(struct policy *policy, const char *document, size_t size,
		  int64_t wall_seconds, struct vs_error *error);

#endif
