/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request_typed.h: an object as a person types it: fields in any order, the
 * parent among them or beside them, a key that may be left out or has a prefix.
 * Before this file: request.c, select.c. After it: request_objects.c.
 */
#ifndef CONTROL_REQUEST_TYPED_H
#define CONTROL_REQUEST_TYPED_H

#include "control/request_private.h"

/* The fields of an object as typed, sorted out. */
struct typed {
	const struct schema_noun *noun;
	struct vs_value values[SCHEMA_FIELDS];
	json_t *made[SCHEMA_FIELDS]; /* what the values' texts live in */
	bool given[SCHEMA_FIELDS];   /* also if given as nothing: unset */
	const json_t *parent;	     /* by field, or params.parent */
	json_t *key;		     /* canonical; NULL = not said */
	/* fields that name a child noun: keys of children to make */
	const struct schema_noun *child;
	const json_t *child_keys;
};

/* typed_take - params of the call: noun, key, parent, fields. 0 or -errno; in
 * any case to be freed. */
int typed_take(const struct request_call *call, struct typed *typed,
	       struct vs_error *error);
void typed_free(struct typed *typed);

/* typed_finish - of an object to be added: what it needs is there, and its key,
 * said or made. */
int typed_finish(struct typed *typed, struct vs_error *error);

/* key_is_made - of what its objects say: nobody has to name them. */
bool key_is_made(const struct vs_noun *noun);

#endif
