/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_write.h: objects of a store as JSON text, without json_t in between.
 *
 * What is written is what document_dump() and its like would dump compactly:
 * the journal and the document file are made of these, a million objects
 * long. Before this file: store.h, journal.h. After it: change.c, compact.c.
 */
#ifndef CONTROL_JSON_WRITE_H
#define CONTROL_JSON_WRITE_H

#include "control/journal.h"
#include "control/schema.h"
#include "control/store.h"

#define JSON_WALK_DEPTH 8u

/* All append; 0 or -ENOMEM. */
int json_write_bytes(struct journal_bytes *bytes, const char *piece,
		     size_t size);
int json_write_plain(struct journal_bytes *bytes, const char *piece);
int json_write_string(struct journal_bytes *bytes, const char *text);
int json_write_number(struct journal_bytes *bytes, uint64_t number);
/* json_write_value - null if absent. */
int json_write_value(struct journal_bytes *bytes, const struct vs_field *field,
		     const struct vs_value *value);
/* json_write_at - the array of members and keys that lead to an object. */
int json_write_at(struct journal_bytes *bytes, const struct vs_object *object);

/*
 * A walk over an object and all below it (or over all of a store), of which
 * as much is written at a time as one wants.
 */
struct json_level {
	struct vs_object *parent; /* NULL: the top */
	const struct schema_noun *const *nouns;
	uint16_t count, noun;
	struct vs_object *at; /* written last; NULL: a noun begins */
};
struct json_walk {
	const struct store *store;
	struct json_level level[JSON_WALK_DEPTH];
	uint16_t depth; /* levels that are open */
	bool comma;	/* before the next member of the level */
};

/* json_walk_start - writes the object's brace and fields; NULL: the
 * document's. */
int json_walk_start(struct json_walk *walk, const struct store *store,
		    struct vs_object *object, struct journal_bytes *bytes);
/* json_walk_on - until `bytes` holds `most` or all is written: *done. */
int json_walk_on(struct json_walk *walk, struct journal_bytes *bytes,
		 size_t most, bool *done);
/* json_write_object - all of a walk. */
int json_write_object(struct journal_bytes *bytes, const struct store *store,
		      const struct vs_object *object);

#endif
