/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h: the JSON document and the store, both ways.
 *
 * Theory of operation
 * -------------------
 * Format 1: {"format": 1, MEMBER: {KEY: {field: value, CHILD MEMBER: {...}}}}.
 * The switches of one machine stand at the top, or, in a document for a whole
 * fabric, in hosts.NAME; then the host's name picks one (a document of another
 * host's alone is refused), the others are read for errors only, and what is
 * stored and dumped is this host's view. A dump is
 * canonical: keys in natural order, fields in table order, defaults unwritten;
 * parse(dump(store)) equals store.
 *
 * Rules on one value are value.c's, on several check.c's. Before this file:
 * json_text.h. After it: check.h, change.h.
 */
#ifndef CONTROL_DOCUMENT_H
#define CONTROL_DOCUMENT_H

#include <jansson.h>

#include "control/schema.h"
#include "control/store.h"

#define DOCUMENT_FORMAT 1

/* document_parse - a new, sealed store; 0 or -errno with the JSON path. Host
 * NULL: none, so that `hosts` is refused. */
int document_parse(const struct schema *schema, const char *host,
		   const json_t *json, struct store **store,
		   struct vs_error *error);
/*
 * document_glance - what can be said of the text of a large document before it
 * is parsed: that it is no object, or has a member at the top that no document
 * has. 0 = no objection yet, or -EINVAL as document_parse would.
 */
int document_glance(const struct schema *schema, const char *bytes, size_t size,
		    struct vs_error *error);
/* document_dump - NULL: memory ran out. */
json_t *document_dump(const struct store *store);

/* document_object - fields and children; document_fields - fields only. */
json_t *document_object(const struct store *store,
			const struct vs_object *object);
json_t *document_fields(const struct vs_object *object);
/* document_summary - document_object for people: of many only the first, and
 * "...": "N more". */
json_t *document_summary(const struct store *store,
			 const struct vs_object *object);

/* A place: an object, or all of one noun under a parent (key NULL). */
struct document_place {
	struct vs_object *parent;
	const struct schema_noun *noun;
	const char *key; /* canonical if the object exists, else as given */
	struct vs_object *object; /* NULL: not there */
};

/*
 * document_add - the object of a place (parent, noun, key in any form of its
 * kind) with all below it, `json` as in a document. Unsealed. *object is what
 * was made.
 */
int document_add(struct store *store, const struct document_place *place,
		 const json_t *json, struct vs_object **object,
		 struct vs_error *error);

/* document_split - `networks.green.subnets["5001"]` as a JSON array of its
 * pieces. 0 or -errno. */
int document_split(const char *part, json_t **at, struct vs_error *error);
/*
 * document_locate - follow an array of members and keys. -ENOENT: a member is
 * unknown, or a parent is not there. Texts of *place point into `at`.
 */
int document_locate(const struct store *store, const json_t *at,
		    struct document_place *place, struct vs_error *error);
/* document_part - the document with nothing but this place in it. */
json_t *document_part(const struct store *store,
		      const struct document_place *place);

#endif
