/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h: key and values of one object: immutable, counted, one block.
 *
 * Main thread only: the count is not atomic. Before this file: schema.h. After
 * it: store.h, whose objects hold records.
 */
#ifndef CONTROL_RECORD_H
#define CONTROL_RECORD_H

#include <vswitch/settings.h>

#include "control/schema.h"

struct record {
	const struct schema_noun *noun;
	size_t references;
	const char *key;	       /* canonical text */
	const struct vs_value *values; /* noun->field_count, [0] the key */
};

/*
 * record_create - a copy of `values` and all they point to, with one
 * reference, the caller's. NULL: memory ran out. A value that says what holds
 * anyway (schema_noun.unset) becomes absent.
 */
struct record *record_create(const struct schema_noun *noun,
			     const struct vs_value *values);
struct record *record_hold(struct record *record);
void record_release(struct record *record);
bool record_equal(const struct record *a, const struct record *b);

#endif
