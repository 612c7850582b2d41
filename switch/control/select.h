/* SPDX-License-Identifier: Apache-2.0 */
/*
 * select.h: from what a person typed to objects and values.
 *
 * Parents by field or because there is only one, keys in any form, filters,
 * values as text: all by the schema's tables. Before this file: request.c.
 * After it: request_objects.c, request_list.c.
 */
#ifndef CONTROL_SELECT_H
#define CONTROL_SELECT_H

#include <jansson.h>

#include "control/store.h"

/* select_noun - params.noun. 0 or -errno. */
int select_noun(const struct schema *schema, const json_t *params,
		const struct schema_noun **noun, struct vs_error *error);

/*
 * select_field - the field of that name; of a list also in the singular
 * (prefix for prefixes). -1 = none.
 */
int select_field(const struct schema_noun *noun, const char *name);

/* select_parent_name - does `name` say who the parent is (its noun's name, or
 * parent_field)? */
bool select_parent_name(const struct schema_noun *noun, const char *name);

/*
 * select_parent - the parent that `name` (text or number, NULL: not said)
 * means; not said is right where there is only one.
 */
int select_parent(const struct store *store, const struct schema_noun *noun,
		  const json_t *name, struct vs_object **parent,
		  struct vs_error *error);

/* A value as text or JSON: a list's text is cut at commas. *made, unless
 * NULL, holds the texts and is to be released after the value. */
int select_value(const struct vs_field *field, const json_t *given,
		 struct vs_value *value, json_t **made, struct vs_error *error);

/* select_key - a key as text or number, made canonical: a new string. */
int select_key(const struct schema_noun *noun, const json_t *given,
	       json_t **key, struct vs_error *error);

struct selection {
	struct vs_object **objects;
	size_t count, room;
	bool kept; /* each by store_keep */
};
void selection_free(struct selection *selection);

/*
 * select_where - the objects that have all of `where`: {field: value}, a
 * field, the key's name, or the name of a parent (of any height). NULL: all.
 */
int select_where(const struct store *store, const struct schema_noun *noun,
		 const json_t *where, struct selection *selection,
		 struct vs_error *error);
/* select_one - by params.key and params.parent; refused if several match. */
int select_one(const struct store *store, const struct schema_noun *noun,
	       const json_t *params, struct vs_object **object,
	       struct vs_error *error);

#endif
