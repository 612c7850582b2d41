// SPDX-License-Identifier: Apache-2.0
/*
 * change.c: diffing two sealed stores, applying and inverting the result.
 *
 * Both stores list children in the same order, so a diff is one merge; equal
 * records are most often the same record. Before this file: document_dump.c.
 * After it: journal.c, apply.c.
 */
#include "control/change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/document.h"
#include "control/json_write.h"
#include "control/record.h"
#include "control/value.h"

static const char *const op_names[CHANGE_OPS] = {"add", "del", "set"};

static int push(struct change_list *list, enum change_op op,
		struct vs_object *before, struct vs_object *after)
{
	size_t room = list->room ? list->room * 2 : 8;
	struct change *all, change = {.op = op};

	if (list->count == list->room) {
		all = realloc(list->all, room * sizeof(*all));
		if (!all)
			return -ENOMEM;
		list->all = all;
		list->room = room;
	}
	change.before = store_keep(before);
	change.after = store_keep(after);
	list->all[list->count++] = change;
	return !change.before == !before && !change.after == !after ? 0
								    : -ENOMEM;
}

void change_list_clear(struct change_list *list)
{
	while (list->count) {
		list->count--;
		store_unkeep(list->all[list->count].before);
		store_unkeep(list->all[list->count].after);
	}
	free(list->all);
	list->all = NULL;
}

static int diff_children(struct change_list *list,
			 const struct schema_noun *noun,
			 const struct vs_object *x, const struct vs_object *y);

/* One step of the merge: -1 only before, 1 only after, 0 in both. */
static int side_of(const struct vs_object *x, const struct vs_object *y)
{
	int order;

	if (!x || !y)
		return x ? -1 : 1;
	order = object_compare(x, y);
	return order < 0 ? -1 : order > 0;
}

static int diff_both(struct change_list *list, struct vs_object *x,
		     struct vs_object *y)
{
	if (!record_equal(object_record(x), object_record(y)) &&
	    push(list, CHANGE_SET, x, y))
		return -ENOMEM;
	return diff_children(list, object_noun(x), x, y);
}

static int diff_collection(struct change_list *list,
			   const struct schema_noun *noun,
			   const struct vs_object *x_parent,
			   const struct vs_object *y_parent)
{
	struct vs_object *x, *y;
	int side, rc = 0;

	x = store_next(list->before, noun, x_parent, NULL);
	y = store_next(list->after, noun, y_parent, NULL);
	while (rc == 0 && (x || y)) {
		if (store_skip_shared(&x, list->before, &y, list->after))
			continue;
		side = side_of(x, y);
		rc = side < 0	? push(list, CHANGE_DEL, x, NULL)
		     : side > 0 ? push(list, CHANGE_ADD, NULL, y)
				: diff_both(list, x, y);
		if (side <= 0)
			x = store_next(list->before, noun, x_parent, x);
		if (side >= 0)
			y = store_next(list->after, noun, y_parent, y);
	}
	return rc;
}

static int diff_children(struct change_list *list,
			 const struct schema_noun *noun,
			 const struct vs_object *x, const struct vs_object *y)
{
	const struct schema_noun *const *children;
	uint16_t i, count = schema_children(store_schema(list->before), noun,
					    &children);
	int rc = 0;

	for (i = 0; rc == 0 && i < count; i++)
		rc = diff_collection(list, children[i], x, y);
	return rc;
}

int change_diff(const struct store *before, const struct store *after,
		struct change_list *list)
{
	*list = (struct change_list){.before = before, .after = after};
	return diff_children(list, NULL, NULL, NULL);
}

/* -- as text
 * --------------------------------------------------------------------
 */

/* The fields that differ, as one of the two has them. */
static int write_differing(struct journal_bytes *bytes, const char *name,
			   const struct change *change,
			   const struct vs_object *object)
{
	const struct vs_noun *noun = object_noun(object)->noun;
	const char *gap = "";
	int rc = json_write_plain(bytes, name);
	uint16_t i;

	for (i = 1; rc == 0 && i < noun->field_count; i++) {
		if (value_equal(object_value(change->before, i),
				object_value(change->after, i)))
			continue;
		rc = json_write_plain(bytes, gap);
		gap = ",";
		if (rc == 0)
			rc = json_write_string(bytes, noun->fields[i].name);
		if (rc == 0)
			rc = json_write_plain(bytes, ":");
		if (rc == 0)
			rc = json_write_value(bytes, &noun->fields[i],
					      object_value(object, i));
	}
	return rc ? rc : json_write_plain(bytes, "}");
}

int change_write_head(struct journal_bytes *bytes, const struct change *change)
{
	int rc = json_write_plain(bytes, "{\"op\":");

	if (rc == 0)
		rc = json_write_string(bytes, op_names[change->op]);
	if (rc == 0)
		rc = json_write_plain(bytes, ",\"at\":");
	if (rc == 0)
		rc = json_write_at(bytes, change->before ? change->before
							 : change->after);
	if (rc)
		return rc;
	if (change->op != CHANGE_SET)
		return json_write_plain(bytes, change->before ? ",\"before\":"
							      : ",\"after\":");
	rc = write_differing(bytes, ",\"before\":{", change, change->before);
	if (rc == 0)
		rc = write_differing(bytes, ",\"after\":{", change,
				     change->after);
	return rc ? rc : json_write_plain(bytes, "}");
}

static int write_one(struct journal_bytes *bytes,
		     const struct change_list *list,
		     const struct change *change)
{
	int rc = change_write_head(bytes, change);

	if (rc || change->op == CHANGE_SET)
		return rc;
	rc = json_write_object(bytes,
			       change->before ? list->before : list->after,
			       change->before ? change->before : change->after);
	return rc ? rc : json_write_plain(bytes, "}");
}

int change_write(struct journal_bytes *bytes, const struct change_list *list)
{
	int rc = json_write_plain(bytes, "[");
	size_t i;

	for (i = 0; rc == 0 && i < list->count; i++) {
		if (i)
			rc = json_write_plain(bytes, ",");
		if (rc == 0)
			rc = write_one(bytes, list, &list->all[i]);
	}
	return rc ? rc : json_write_plain(bytes, "]");
}

/* -- applying -----------------------------------------------------------------
 */

static int apply_set(struct store *store, struct vs_object *object,
		     const json_t *after, struct vs_error *error)
{
	const struct schema_noun *noun = object_noun(object);
	struct vs_value values[SCHEMA_FIELDS], parsed[SCHEMA_FIELDS];
	struct record *record = NULL;
	const char *name;
	json_t *each;
	uint16_t i, parsed_count = 0;
	int field, rc = 0;

	for (i = 0; i < noun->noun->field_count; i++)
		values[i] = *object_value(object, i);
	json_object_foreach((json_t *)(uintptr_t)after, name, each)
	{
		field = schema_field(noun, name);
		if (field < 1 || parsed_count == SCHEMA_FIELDS) {
			rc = vs_error_set(error, EINVAL, name,
					  "unknown member '%.60s'", name);
			break;
		}
		values[field].present = false;
		if (json_is_null(each))
			continue;
		rc = value_parse(&noun->noun->fields[field], each, VALUE_STRICT,
				 &parsed[parsed_count], error);
		if (rc)
			break;
		values[field] = parsed[parsed_count++];
	}
	if (rc == 0)
		record = record_create(noun, values);
	while (parsed_count)
		value_clear(&parsed[--parsed_count]);
	if (!record)
		return rc ? rc
			  : vs_error_set(error, ENOMEM, "", "out of memory");
	rc = store_replace(store, object, record);
	record_release(record);
	return rc ? vs_error_set(error, ENOMEM, "", "out of memory") : 0;
}

static int apply_one(struct store *store, const json_t *operation,
		     struct vs_error *error)
{
	const char *op = json_string_value(json_object_get(operation, "op"));
	const json_t *after = json_object_get(operation, "after");
	struct document_place place;
	struct vs_object *added;
	int rc;

	rc = document_locate(store, json_object_get(operation, "at"), &place,
			     error);
	if (rc)
		return rc;
	if (!op || !place.key)
		return vs_error_set(error, EINVAL, "",
				    "an operation without op or key");
	if (strcmp(op, "add") == 0)
		return document_add(store, &place, after, &added, error);
	if (!place.object)
		return vs_error_set(error, ENOENT, "", "there is no %s '%.60s'",
				    place.noun->noun->name, place.key);
	if (strcmp(op, "set") == 0)
		return apply_set(store, place.object, after, error);
	return store_remove(store, place.object)
		       ? vs_error_set(error, ENOMEM, "", "out of memory")
		       : 0;
}

int change_apply(struct store *store, const json_t *operations,
		 struct vs_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < json_array_size(operations); i++)
		rc = apply_one(store, json_array_get(operations, i), error);
	store_seal(store);
	return rc;
}

json_t *change_invert(const json_t *operations)
{
	json_t *inverse = json_array(), *operation, *turned;
	const char *op;
	size_t i = json_array_size(operations);

	while (inverse && i--) {
		operation = json_array_get(operations, i);
		op = json_string_value(json_object_get(operation, "op"));
		op = strcmp(op, "add") == 0   ? "del"
		     : strcmp(op, "del") == 0 ? "add"
					      : "set";
		turned = json_pack("{s:s, s:O, s:O*, s:O*}", "op", op, "at",
				   json_object_get(operation, "at"), "before",
				   json_object_get(operation, "after"), "after",
				   json_object_get(operation, "before"));
		json_array_append_new(inverse, turned);
	}
	return inverse;
}

/* -- for people
 * ----------------------------------------------------------------- */

/* One row for each field that differs. */
static void describe_set(json_t *rows, const struct change *change)
{
	const struct vs_noun *noun = object_noun(change->before)->noun;
	const struct vs_value *before, *after;
	char path[512];
	uint16_t i;

	for (i = 1; i < noun->field_count; i++) {
		before = object_value(change->before, i);
		after = object_value(change->after, i);
		if (value_equal(before, after))
			continue;
		object_path(change->before, noun->fields[i].name, path,
			    sizeof(path));
		json_array_append_new(
			rows,
			json_pack("{s:s, s:s, s:o, s:o}", "op", "set", "path",
				  path, "before",
				  value_json(&noun->fields[i], before), "after",
				  value_json(&noun->fields[i], after)));
	}
}

static json_t *describe_side(const struct store *store,
			     const struct vs_object *object)
{
	return object ? document_summary(store, object) : json_null();
}

json_t *change_describe(const struct change_list *list)
{
	json_t *rows = json_array();
	const struct change *change;
	char path[512];
	size_t i;

	for (i = 0; rows && i < list->count; i++) {
		change = &list->all[i];
		if (change->op == CHANGE_SET) {
			describe_set(rows, change);
			continue;
		}
		object_path(change->before ? change->before : change->after,
			    NULL, path, sizeof(path));
		json_array_append_new(
			rows,
			json_pack("{s:s, s:s, s:o, s:o}", "op",
				  op_names[change->op], "path", path, "before",
				  describe_side(list->before, change->before),
				  "after",
				  describe_side(list->after, change->after)));
	}
	return rows;
}
