/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.h: the difference of two stores as a list of operations.
 *
 * Theory of operation
 * -------------------
 * An operation is {"op": "add", "at": [...], "after": {...}}, {"op": "del",
 * "at", "before"} or {"op": "set", "at", "before", "after"}. `at` is the
 * place, member and key in turn. add and del carry the object with all below
 * it, as in a document; set only the fields that differ, null for absent. So
 * a list can be applied to one store, inverted, and applied to the other: the
 * journal and undo are made of these. Example: moving a VM is one set, with
 * before {"pa": "192.0.2.2"} and after {"pa": "192.0.2.3"}.
 *
 * For people the same is a list of {op, path, before, after}, one per field.
 * Before this file: document.h. After it: journal.h, apply.h.
 */
#ifndef CONTROL_CHANGE_H
#define CONTROL_CHANGE_H

#include <jansson.h>

#include "control/store.h"

/* change_diff - from `before` to `after`, both sealed. NULL: no memory. */
json_t *change_diff(const struct store *before, const struct store *after);
/* change_apply - edit a store; leaves it sealed. -errno: an operation does
 * not fit; the store is then half edited and of no more use. */
int change_apply(struct store *store, const json_t *operations,
		 struct vs_error *error);
/* change_invert - what takes it back, in reverse order. */
json_t *change_invert(const json_t *operations);
/* change_describe - for people: [{op, path, before, after}]. */
json_t *change_describe(const json_t *operations);

#endif
