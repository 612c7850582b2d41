/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h: one value of a field: from JSON or typed text, and back.
 *
 * The only place that knows how each enum vs_kind is written, and why a text
 * is refused. Before this file: vswitch/settings.h. After it: document.c.
 */
#ifndef CONTROL_VALUE_H
#define CONTROL_VALUE_H

#include <jansson.h>

#include <vswitch/settings.h>

/* Room for any value but TEXT, as text. */
#define VALUE_TEXT 64u

enum value_form {
	VALUE_STRICT, /* a document: numbers are numbers, lists are arrays */
	VALUE_TYPED,  /* a person: text is parsed by kind, lists by commas */
};

/*
 * value_parse - a field's value from JSON. Texts in *value point into `json`;
 * a list is allocated: value_clear(). `path` is the error's. 0 or -errno.
 */
int value_parse(const struct vs_field *field, const json_t *json,
		enum value_form form, struct vs_value *value,
		struct vs_error *error);
/* value_parse_text - one value, no list, of a kind as typed or as a key. */
int value_parse_text(const struct vs_field *field, const char *text,
		     struct vs_value *value, struct vs_error *error);
void value_clear(struct vs_value *value);

/* value_json - NULL when memory ran out; an absent value is JSON null. */
json_t *value_json(const struct vs_field *field, const struct vs_value *value);
/* value_text - the canonical text of one value (a key). Returns the value's
 * own text for TEXT and NAME, else `text`. */
const char *value_text(const struct vs_field *field,
		       const struct vs_value *value, char text[VALUE_TEXT]);
bool value_equal(const struct vs_value *a, const struct vs_value *b);

/* value_kind_name - "number", "mac", ... */
const char *value_kind_name(unsigned int kind);

#endif
