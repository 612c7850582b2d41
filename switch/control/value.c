// SPDX-License-Identifier: Apache-2.0
/*
 * value.c: a field's value, one or a list, from JSON and back; what one is
 * written like is its kind's to say.
 *
 * The caller fills error->path. Before this file: value_kinds.c. After it:
 * document.c, request_typed.c.
 */
#include "control/value.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/value_kinds.h"

#define LIST_MAXIMUM 4096u

const char *value_kind_name(unsigned int kind)
{
	assert(kind < VS_KINDS);
	return value_kinds[kind].name;
}

int value_parse_text(const struct vs_field *field, const char *text,
		     struct vs_value *value, struct vs_error *error)
{
	*value = (struct vs_value){.kind = field->kind, .present = true};
	if ((field->flags & VS_FIELD_ANY) && strcasecmp(text, "any") == 0) {
		value->any = true;
		return 0;
	}
	return value_kinds[field->kind].parse(field, text, value, error);
}

/* What JSON says by itself: true, false and numbers. */
static int parse_bare(const struct vs_field *field, const json_t *json,
		      struct vs_value *value, struct vs_error *error)
{
	const struct value_kind *kind = &value_kinds[field->kind];
	json_int_t number = json_integer_value(json);

	*value = (struct vs_value){.kind = field->kind, .present = true};
	if (field->kind == VS_KIND_BOOL && json_is_boolean(json)) {
		value->truth = json_is_true(json);
		return 0;
	}
	if (json_is_integer(json) && number < 0)
		return vs_error_set(error, EINVAL, "", "%s: a negative number",
				    field->name);
	if (json_is_integer(json) && kind->number)
		return kind->number(field, (uint64_t)number, value, error);
	return vs_error_set(error, EINVAL, "", "%s: must be %s", field->name,
			    field->kind == VS_KIND_BOOL ? "true or false"
			    : field->kind == VS_KIND_NUMBER ||
					    field->kind == VS_KIND_VSID
				    ? "a whole number"
				    : "a string");
}

static int parse_one(const struct vs_field *field, const json_t *json,
		     enum value_form form, struct vs_value *value,
		     struct vs_error *error)
{
	bool bare = field->kind == VS_KIND_BOOL ||
		    field->kind == VS_KIND_NUMBER ||
		    field->kind == VS_KIND_VSID;

	if (json_is_string(json) && (!bare || form == VALUE_TYPED))
		return value_parse_text(field, json_string_value(json), value,
					error);
	return parse_bare(field, json, value, error);
}

static int parse_list(const struct vs_field *field, const json_t *json,
		      enum value_form form, struct vs_value *value,
		      struct vs_error *error)
{
	size_t i, j, count = json_array_size(json);
	struct vs_value *list;
	int rc = 0;

	if (count > LIST_MAXIMUM)
		return vs_error_set(error, E2BIG, "",
				    "%s: %zu elements: at most %u", field->name,
				    count, LIST_MAXIMUM);
	if (!count)
		return 0; /* as if not written */
	list = calloc(count, sizeof(*list));
	if (!list)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	for (i = 0; i < count && rc == 0; i++) {
		rc = parse_one(field, json_array_get(json, i), form, &list[i],
			       error);
		for (j = 0; j < i && rc == 0; j++)
			if (value_equal(&list[i], &list[j]))
				rc = vs_error_set(error, EINVAL, "",
						  "%s: elements %zu and %zu "
						  "are equal: say it once",
						  field->name, j + 1, i + 1);
	}
	if (rc) {
		free(list);
		return rc;
	}
	*value = (struct vs_value){.kind = field->kind,
				   .present = true,
				   .count = (uint16_t)count,
				   .list = list};
	return 0;
}

int value_parse(const struct vs_field *field, const json_t *json,
		enum value_form form, struct vs_value *value,
		struct vs_error *error)
{
	*value = (struct vs_value){.kind = field->kind};
	if (!(field->flags & VS_FIELD_LIST)) {
		if (json_is_array(json))
			return vs_error_set(error, EINVAL, "",
					    "%s: one value, no list",
					    field->name);
		return parse_one(field, json, form, value, error);
	}
	if (!json_is_array(json))
		return vs_error_set(error, EINVAL, "",
				    "%s: a list: write it in [ ]", field->name);
	return parse_list(field, json, form, value, error);
}

void value_clear(struct vs_value *value)
{
	if (value->present && value->count && value->list)
		free((void *)(uintptr_t)value->list);
	value->present = false;
}

const char *value_text(const struct vs_field *field,
		       const struct vs_value *value, char text[VALUE_TEXT])
{
	if (value->any)
		return "any";
	if (!value_kinds[value->kind].print)
		return value->text;
	value_kinds[value->kind].print(field, value, text);
	return text;
}

static json_t *json_one(const struct vs_field *field,
			const struct vs_value *value)
{
	char text[VALUE_TEXT];

	if (value->any)
		return json_string("any");
	if (value->kind == VS_KIND_BOOL)
		return json_boolean(value->truth);
	if (value->kind == VS_KIND_NUMBER)
		return json_integer((json_int_t)value->number);
	if (value->kind == VS_KIND_VSID)
		return json_integer((json_int_t)value->vsid.value);
	return json_string(value_text(field, value, text));
}

json_t *value_json(const struct vs_field *field, const struct vs_value *value)
{
	json_t *array;
	uint16_t i;

	if (!value->present)
		return json_null();
	if (!(field->flags & VS_FIELD_LIST))
		return json_one(field, value);
	array = json_array();
	for (i = 0; array && i < value->count; i++)
		if (json_array_append_new(array,
					  json_one(field, &value->list[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static bool equal_one(const struct vs_value *a, const struct vs_value *b)
{
	const struct value_kind *kind = &value_kinds[a->kind];

	if (a->any || b->any)
		return a->any == b->any;
	if (!kind->size)
		return strcmp(a->text, b->text) == 0;
	/* every member of the union begins at its start */
	return memcmp(&a->truth, &b->truth, kind->size) == 0;
}

bool value_equal(const struct vs_value *a, const struct vs_value *b)
{
	uint16_t i;

	if (a->present != b->present || a->kind != b->kind ||
	    a->count != b->count)
		return false;
	if (!a->present)
		return true;
	if (!a->count)
		return equal_one(a, b);
	for (i = 0; i < a->count; i++)
		if (!equal_one(&a->list[i], &b->list[i]))
			return false;
	return true;
}
