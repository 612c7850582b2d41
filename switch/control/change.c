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
#include "control/record.h"
#include "control/value.h"

struct diff {
	const struct store *before, *after;
	json_t *operations;
};

static void push(const struct diff *diff, json_t *operation)
{
	json_array_append_new(diff->operations, operation);
}

static void diff_fields(const struct diff *diff, const struct vs_object *x,
			const struct vs_object *y)
{
	const struct vs_noun *noun = object_noun(x)->noun;
	json_t *before, *after;
	uint16_t i;

	if (record_equal(object_record(x), object_record(y)))
		return;
	before = json_object();
	after = json_object();
	for (i = 1; i < noun->field_count; i++) {
		if (value_equal(object_value(x, i), object_value(y, i)))
			continue;
		json_object_set_new(
			before, noun->fields[i].name,
			value_json(&noun->fields[i], object_value(x, i)));
		json_object_set_new(
			after, noun->fields[i].name,
			value_json(&noun->fields[i], object_value(y, i)));
	}
	push(diff, json_pack("{s:s, s:o, s:o, s:o}", "op", "set", "at",
			     document_at(x), "before", before, "after", after));
}

static void diff_children(const struct diff *diff,
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

static void diff_collection(const struct diff *diff,
			    const struct schema_noun *noun,
			    const struct vs_object *x_parent,
			    const struct vs_object *y_parent)
{
	struct vs_object *x, *y;
	int side;

	x = store_next(diff->before, noun, x_parent, NULL);
	y = store_next(diff->after, noun, y_parent, NULL);
	while (x || y) {
		if (store_skip_shared(&x, diff->before, &y, diff->after))
			continue;
		side = side_of(x, y);
		if (side < 0) {
			push(diff, json_pack("{s:s, s:o, s:o}", "op", "del",
					     "at", document_at(x), "before",
					     document_object(diff->before, x)));
		} else if (side > 0) {
			push(diff, json_pack("{s:s, s:o, s:o}", "op", "add",
					     "at", document_at(y), "after",
					     document_object(diff->after, y)));
		} else {
			diff_fields(diff, x, y);
			diff_children(diff, noun, x, y);
		}
		if (side <= 0)
			x = store_next(diff->before, noun, x_parent, x);
		if (side >= 0)
			y = store_next(diff->after, noun, y_parent, y);
	}
}

static void diff_children(const struct diff *diff,
			  const struct schema_noun *noun,
			  const struct vs_object *x, const struct vs_object *y)
{
	const struct schema_noun *const *children;
	uint16_t i, count = schema_children(store_schema(diff->before), noun,
					    &children);

	for (i = 0; i < count; i++)
		diff_collection(diff, children[i], x, y);
}

json_t *change_diff(const struct store *before, const struct store *after)
{
	struct diff diff = {before, after, json_array()};

	if (diff.operations)
		diff_children(&diff, NULL, NULL, NULL);
	return diff.operations;
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

static json_t *path_of(const json_t *at, const char *field)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	json_t *path = json_string(""), *longer;
	const char *piece, *form;
	size_t i;

	for (i = 0; i < json_array_size(at); i++) {
		piece = json_string_value(json_array_get(at, i));
		form = i == 0			     ? "%s%s"
		       : piece[strspn(piece, plain)] ? "%s[\"%s\"]"
						     : "%s.%s";
		longer = json_sprintf(form, json_string_value(path), piece);
		json_decref(path);
		path = longer;
	}
	if (field) {
		longer = json_sprintf("%s.%s", json_string_value(path), field);
		json_decref(path);
		path = longer;
	}
	return path;
}

static void describe_set(json_t *list, const json_t *operation)
{
	const json_t *at = json_object_get(operation, "at");
	const json_t *before = json_object_get(operation, "before");
	json_t *after = json_object_get(operation, "after"), *each;
	const char *field;

	json_object_foreach(after, field, each) json_array_append_new(
		list, json_pack("{s:s, s:o, s:O, s:O}", "op", "set", "path",
				path_of(at, field), "before",
				json_object_get(before, field), "after", each));
}

json_t *change_describe(const json_t *operations)
{
	json_t *list = json_array(), *operation, *before, *after;
	const char *op;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)operations, i, operation)
	{
		op = json_string_value(json_object_get(operation, "op"));
		if (strcmp(op, "set") == 0) {
			describe_set(list, operation);
			continue;
		}
		before = json_object_get(operation, "before");
		after = json_object_get(operation, "after");
		json_array_append_new(
			list,
			json_pack(
				"{s:s, s:o, s:O, s:O}", "op", op, "path",
				path_of(json_object_get(operation, "at"), NULL),
				"before", before ? before : json_null(),
				"after", after ? after : json_null()));
	}
	return list;
}
