/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h: finding one's way in what schema.list answers.
 *
 * Every noun, field and method that vsctl knows comes from there; none is
 * compiled in. What these return is borrowed from the schema, NULL = unknown.
 */
#ifndef CLI_SCHEMA_H
#define CLI_SCHEMA_H

#include <stdbool.h>

#include <jansson.h>

#include "nearest.h"

json_t *schema_noun(const json_t *schema, const char *name);

/* The extension that would provide the noun if it were loaded. */
const char *schema_provider(const json_t *schema, const char *noun);

/* A field of a noun, exactly or by the singular of a list (prefix=). */
json_t *schema_field(const json_t *noun, const char *name);
/* the same in any array of fields */
json_t *fields_find(const json_t *fields, const char *name);

/* Field 0: the key. */
json_t *schema_key(const json_t *noun);

/* The name by which commands say which parent; NULL for a top noun. */
const char *schema_parent_field(const json_t *noun);

/* Is the key made by the host, the parent being the first word? */
bool schema_parent_first(const json_t *noun);

/* schema_edit - a verb of the noun's own that sets certain fields (struct
 * vs_edit), or NULL. */
const json_t *schema_edit(const json_t *noun, const char *verb);
void schema_offer_edits(const json_t *noun, struct nearest *nearest);

json_t *schema_method(const json_t *schema, const char *noun, const char *verb);
/* schema_verb_owner - the extension that has a verb of its own, of no noun, by
 * that name; NULL: none has. vsctl takes it without the extension's name. */
const char *schema_verb_owner(const json_t *schema, const char *verb);

/* A noun named `child` whose parent is `noun`. */
json_t *schema_child(const json_t *schema, const json_t *noun,
		     const char *child);

/* Candidates for "did you mean". */
void schema_offer_nouns(const json_t *schema, struct nearest *nearest);
/* schema_offer_verbs - the verbs that schema_verb_owner knows. */
void schema_offer_verbs(const json_t *schema, struct nearest *nearest);
void schema_offer_methods(const json_t *schema, const char *noun,
			  struct nearest *nearest);
void fields_offer(const json_t *fields, struct nearest *nearest);

#endif
