// SPDX-License-Identifier: Apache-2.0
/*
 * compact.c: generation, document and log as text, piece by piece.
 *
 * Before this file: json_write.c, history.c. After it: apply.c.
 */
#include "control/compact.h"

#include <errno.h>

#include "control/json_text.h"

void compact_start(struct compaction *compaction, struct store *store,
		   uint64_t generation, const struct history *history)
{
	*compaction = (struct compaction){.store = store_hold(store),
					  .generation = generation};
	history_copy(&compaction->history, history);
}

void compact_end(struct compaction *compaction)
{
	change_list_clear(&compaction->changes);
	history_clear(&compaction->history);
	store_destroy(compaction->store);
	compaction->store = NULL;
}

static int write_head(struct compaction *compaction,
		      struct journal_bytes *bytes)
{
	if (json_write_plain(bytes, "{\"generation\":") ||
	    json_write_number(bytes, compaction->generation) ||
	    json_write_plain(bytes, ",\"document\":"))
		return -ENOMEM;
	compaction->phase = COMPACT_DOCUMENT;
	return json_walk_start(&compaction->walk, compaction->store, NULL,
			       bytes);
}

static int write_document(struct compaction *compaction,
			  struct journal_bytes *bytes, size_t most)
{
	bool done;
	int rc = json_walk_on(&compaction->walk, bytes, most, &done);

	if (rc || !done)
		return rc;
	compaction->phase = COMPACT_ENTRY;
	return json_write_plain(bytes, ",\"log\":[");
}

static int write_entry(struct compaction *compaction,
		       struct journal_bytes *bytes)
{
	const struct history_entry *entry;
	int rc;

	if (compaction->entry == compaction->history.count) {
		compaction->phase = COMPACT_DONE;
		return json_write_plain(bytes, "]}");
	}
	entry = &compaction->history.entries[compaction->entry];
	rc = compaction->entry ? json_write_plain(bytes, ",") : 0;
	if (rc == 0)
		rc = journal_write_record(bytes, entry->record, NULL);
	if (rc)
		return rc;
	bytes->size--; /* the brace comes behind the operations */
	change_list_clear(&compaction->changes);
	rc = change_diff(entry->before, entry->after, &compaction->changes);
	compaction->change = 0;
	compaction->entry++;
	compaction->phase = COMPACT_CHANGE;
	return rc ? rc : json_write_plain(bytes, ",\"ops\":[");
}

static int write_change(struct compaction *compaction,
			struct journal_bytes *bytes)
{
	const struct change_list *changes = &compaction->changes;
	const struct change *change;
	int rc = 0;

	if (compaction->change == changes->count) {
		compaction->phase = COMPACT_ENTRY;
		return json_write_plain(bytes, "]}");
	}
	change = &changes->all[compaction->change];
	if (compaction->change++)
		rc = json_write_plain(bytes, ",");
	if (rc == 0)
		rc = change_write_head(bytes, change);
	if (rc || change->op == CHANGE_SET)
		return rc;
	compaction->phase = COMPACT_OBJECT;
	return json_walk_start(
		&compaction->walk,
		change->before ? changes->before : changes->after,
		change->before ? change->before : change->after, bytes);
}

static int write_object(struct compaction *compaction,
			struct journal_bytes *bytes, size_t most)
{
	bool done;
	int rc = json_walk_on(&compaction->walk, bytes, most, &done);

	if (rc || !done)
		return rc;
	compaction->phase = COMPACT_CHANGE;
	return json_write_plain(bytes, "}");
}

static int write_some(struct compaction *compaction,
		      struct journal_bytes *bytes, size_t most)
{
	switch (compaction->phase) {
	case COMPACT_HEAD:
		return write_head(compaction, bytes);
	case COMPACT_DOCUMENT:
		return write_document(compaction, bytes, most);
	case COMPACT_ENTRY:
		return write_entry(compaction, bytes);
	case COMPACT_CHANGE:
		return write_change(compaction, bytes);
	case COMPACT_OBJECT:
		return write_object(compaction, bytes, most);
	case COMPACT_DONE:
		break;
	}
	return 0;
}

int compact_next(struct compaction *compaction, struct journal_bytes *bytes,
		 size_t most, bool *done)
{
	bool first = compaction->phase == COMPACT_HEAD;
	size_t end =
		most > SIZE_MAX - bytes->size ? SIZE_MAX : bytes->size + most;
	size_t start;
	int rc = first ? journal_write_head(bytes) : 0;

	start = bytes->size;
	while (rc == 0 && bytes->size < end &&
	       compaction->phase != COMPACT_DONE)
		rc = write_some(compaction, bytes, end);
	if (rc)
		return rc;
	compaction->check = json_text_crc_on(
		compaction->check, bytes->bytes + start, bytes->size - start);
	*done = compaction->phase == COMPACT_DONE;
	return *done ? journal_write_tail(bytes, compaction->check) : 0;
}
