/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.h: the difference of two stores as a list of operations.
 *
 * Theory of operation
 * -------------------
 * A change is an object that only one of the stores has, or that both have
 * with other values. As text, an operation is {"op": "add", "at": [...],
 * "after": {...}}, {"op": "del", "at", "before"} or {"op": "set", "at",
 * "before", "after"}. `at` is the place, member and key in turn. add and del
 * carry the object with all below it, as in a document; set only the fields
 * that differ, null for absent. So a list can be applied to one store,
 * inverted, and applied to the other: the journal is made of these. Example:
 * moving a VM is one set, with before {"pa": "192.0.2.2"} and after {"pa":
 * "192.0.2.3"}.
 *
 * For people the same is a list of {op, path, before, after}, one per field.
 * Before this file: document.h. After it: journal.h, apply.h.
 */
#ifndef CONTROL_CHANGE_H
#define CONTROL_CHANGE_H

#include <jansson.h>

#include "control/journal.h"
#include "control/store.h"

enum change_op { CHANGE_ADD, CHANGE_DEL, CHANGE_SET, CHANGE_OPS };

struct change {
	enum change_op op;
	struct vs_object *before, *after; /* NULL: not there */
};

struct change_list {
	const struct store *before, *after; /* live longer than the list */
	struct change *all;
	size_t count, room;
};

/* change_diff - from `before` to `after`, both sealed; give it back with
 * change_list_clear in any case. 0 or -ENOMEM. */
int change_diff(const struct store *before, const struct store *after,
		struct change_list *list);
void change_list_clear(struct change_list *list);
/* change_write - the list as text: a JSON array. 0 or -ENOMEM.
 * change_write_head - an operation of it up to the object it carries (add,
 * del), or all of it (set). */
int change_write(struct journal_bytes *bytes, const struct change_list *list);
int change_write_head(struct journal_bytes *bytes, const struct change *change);
/* change_apply - edit a store; leaves it sealed. -errno: an operation does
 * not fit; the store is then half edited and of no more use. */
int change_apply(struct store *store, const json_t *operations,
		 struct vs_error *error);
/* change_invert - what takes it back, in reverse order. */
json_t *change_invert(const json_t *operations);
/* change_describe - for people: [{op, path, before, after}]; of what stands in
 * thousands under an added or deleted object only the first ones. */
json_t *change_describe(const struct change_list *list);

#endif
