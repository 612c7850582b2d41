/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value_kinds.h: how one value of each enum vs_kind is written: a row per kind.
 * Before this file: types.h's text forms. After it: value.c.
 */
#ifndef CONTROL_VALUE_KINDS_H
#define CONTROL_VALUE_KINDS_H

#include "control/value.h"

struct value_kind {
	const char *name;
	/* from text; error->text says why not */
	int (*parse)(const struct vs_field *field, const char *text,
		     struct vs_value *value, struct vs_error *error);
	/* NULL: the value is its text */
	void (*print)(const struct vs_field *field,
		      const struct vs_value *value, char text[VALUE_TEXT]);
	size_t size; /* of the value itself, for comparing; 0 = text */
	/* from a number of JSON; NULL: it is none */
	int (*number)(const struct vs_field *field, uint64_t number,
		      struct vs_value *value, struct vs_error *error);
};

/* value_kinds - by enum vs_kind. */
extern const struct value_kind value_kinds[VS_KINDS];

#endif
