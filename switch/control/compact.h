/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compact.h: the document file's bytes, a piece at a time.
 *
 * Theory of operation
 * -------------------
 * A small change is one line of the journal. When the journal has grown larger
 * than the document file, the document is written anew; so on average each
 * byte of a change is written twice, whatever the document's size. A million
 * objects take seconds to write: a compaction holds the stores that it began
 * with (nobody edits them) and yields pieces between which all else goes on,
 * changes too; those stand in the journal as always, and as lines behind the
 * document when it is finished (journal.h).
 *
 * Before this file: json_write.h, history.h. After it: apply.c.
 */
#ifndef CONTROL_COMPACT_H
#define CONTROL_COMPACT_H

#include "control/change.h"
#include "control/history.h"
#include "control/json_write.h"

enum compact_phase {
	COMPACT_HEAD,	  /* nothing written yet */
	COMPACT_DOCUMENT, /* walk */
	COMPACT_ENTRY,	  /* the next record of the log */
	COMPACT_CHANGE,	  /* its next operation */
	COMPACT_OBJECT,	  /* walk: what that carries */
	COMPACT_DONE,
};

struct compaction {
	enum compact_phase phase;
	struct store *store;
	uint64_t generation;
	struct history history;
	struct json_walk walk;
	struct change_list changes; /* of the entry */
	uint32_t entry;
	size_t change;
	uint32_t check;
};

/* compact_start - of a sealed store and how it came about. Give it back with
 * compact_end in any case. */
void compact_start(struct compaction *compaction, struct store *store,
		   uint64_t generation, const struct history *history);
void compact_end(struct compaction *compaction);
/*
 * compact_next - append about `most` bytes, or all that is left: *done. 0 or
 * -ENOMEM.
 */
int compact_next(struct compaction *compaction, struct journal_bytes *bytes,
		 size_t most, bool *done);

#endif
