// SPDX-License-Identifier: Apache-2.0
/*
 * request_typed.c: see request_typed.h. What a person may leave out is filled
 * in here, what is said twice is refused.
 */
#include "control/request_typed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/select.h"
#include "control/value.h"
#include "control/words.h"

void typed_free(struct typed *typed)
{
	size_t i;

	for (i = 0; i < SCHEMA_FIELDS; i++) {
		value_clear(&typed->values[i]);
		json_decref(typed->made[i]);
	}
	json_decref(typed->key);
}

static bool is_nothing(const json_t *given)
{
	const char *text = json_string_value(given);

	return json_is_null(given) || (text && !*text);
}

static const struct schema_noun *child_named(const struct schema_noun *noun,
					     const char *name)
{
	uint16_t i;

	for (i = 0; i < noun->child_count; i++)
		if (strcmp(noun->children[i]->noun->name, name) == 0)
			return noun->children[i];
	return NULL;
}

static int no_field(const struct schema_noun *noun, const char *name,
		    struct vs_error *error)
{
	struct words_nearest nearest = {.word = name};
	char hint[96];
	uint16_t i;

	for (i = 1; i < noun->noun->field_count; i++)
		words_offer(&nearest, noun->noun->fields[i].name);
	return vs_error_set(error, EINVAL, name, "%s has no field '%.60s'%s",
			    noun->noun->name, name, words_hint(&nearest, hint));
}

static int take_field(struct typed *typed, const char *name,
		      const json_t *given, struct vs_error *error)
{
	const struct schema_noun *child = child_named(typed->noun, name);
	int index = select_field(typed->noun, name);
	const struct vs_field *field;

	if (index > 0) {
		field = &typed->noun->noun->fields[index];
		if (field->flags & VS_FIELD_STATUS)
			return vs_error_set(error, EINVAL, name,
					    "%s: is reported, not configured",
					    name);
		if (typed->given[index])
			return vs_error_set(error, EINVAL, name,
					    "%s: said twice", name);
		typed->given[index] = true;
		return is_nothing(given)
			       ? 0
			       : select_value(field, given,
					      &typed->values[index],
					      &typed->made[index], error);
	}
	if (select_parent_name(typed->noun, name) && !typed->parent) {
		typed->parent = given;
		return 0;
	}
	if (!child || typed->child)
		return no_field(typed->noun, name, error);
	typed->child = child;
	typed->child_keys = given;
	return 0;
}

/* "192.0.2.1/24" where the key is an address and a field is its prefix. */
static int split_key(struct typed *typed, const char *text,
		     struct vs_error *error)
{
	int index = schema_field(typed->noun, "prefix");
	const char *slash = strchr(text, '/');
	json_t *address, *length;
	int rc;

	if (typed->given[index])
		return vs_error_set(error, EINVAL, "prefix",
				    "prefix: said twice, in the key too");
	address = json_stringn(text, (size_t)(slash - text));
	length = json_string(slash + 1);
	rc = select_key(typed->noun, address, &typed->key, error);
	json_decref(address);
	typed->given[index] = true;
	typed->made[index] = length;
	if (rc == 0)
		rc = value_parse(&typed->noun->noun->fields[index], length,
				 VALUE_TYPED, &typed->values[index], error);
	return rc;
}

static int take_key(struct typed *typed, const json_t *given,
		    struct vs_error *error)
{
	const struct vs_noun *noun = typed->noun->noun;
	const char *text = json_string_value(given);
	int prefix = schema_field(typed->noun, "prefix");

	if (!given)
		return 0;
	if (text && strchr(text, '/') && noun->fields[0].kind == VS_KIND_IP &&
	    prefix > 0 && noun->fields[prefix].kind == VS_KIND_NUMBER)
		return split_key(typed, text, error);
	return select_key(typed->noun, given, &typed->key, error);
}

int typed_take(const struct request_call *call, struct typed *typed,
	       struct vs_error *error)
{
	const json_t *fields = json_object_get(call->params, "fields");
	const char *name;
	json_t *each;
	int rc;

	*typed = (struct typed){.noun = NULL};
	rc = select_noun(call_schema(call), call->params, &typed->noun, error);
	if (rc)
		return rc;
	typed->parent = json_object_get(call->params, "parent");
	if (fields && !json_is_object(fields))
		return vs_error_set(error, EINVAL, "fields",
				    "fields: must be an object");
	json_object_foreach((json_t *)(uintptr_t)fields, name, each)
	{
		rc = take_field(typed, name, each, error);
		if (rc)
			return rc;
	}
	return take_key(typed, json_object_get(call->params, "key"), error);
}

/* -- keys that are made ------------------------------------------------------
 */

bool key_is_made(const struct vs_noun *noun)
{
	return noun->positional && noun->positional[0] &&
	       strcmp(noun->positional[0], "^") == 0;
}

static bool is_positional(const struct vs_noun *noun, const char *name)
{
	size_t i;

	for (i = 0; noun->positional[i]; i++)
		if (strcmp(noun->positional[i], name) == 0)
			return true;
	return false;
}

/* "allow in remote 10.0.0.0/8": positional fields bare, others named; what may
 * change is no part of it. */
static int make_key(struct typed *typed, struct vs_error *error)
{
	const struct vs_noun *noun = typed->noun->noun;
	char key[256] = "", text[VALUE_TEXT];
	const struct vs_field *field;
	json_t *json;
	uint16_t i;
	size_t at = 0;
	int rc;

	for (i = 1; i < noun->field_count && at < sizeof(key); i++) {
		field = &noun->fields[i];
		if (!typed->values[i].present || typed->values[i].count ||
		    !(field->flags & VS_FIELD_IMMUTABLE))
			continue;
		at += (size_t)snprintf(
			key + at, sizeof(key) - at, "%s%s%s%s", at ? " " : "",
			is_positional(noun, field->name) ? "" : field->name,
			is_positional(noun, field->name) ? "" : " ",
			value_text(field, &typed->values[i], text));
	}
	json = json_string(key);
	rc = select_key(typed->noun, json, &typed->key, error);
	json_decref(json);
	return rc;
}

int typed_finish(struct typed *typed, struct vs_error *error)
{
	const struct vs_noun *noun = typed->noun->noun;
	uint16_t i;

	for (i = 1; i < noun->field_count; i++)
		if ((noun->fields[i].flags & VS_FIELD_REQUIRED) &&
		    !typed->values[i].present)
			return vs_error_set(error, EINVAL, noun->fields[i].name,
					    "%s: missing: %s",
					    noun->fields[i].name,
					    noun->fields[i].help);
	if (!typed->key && key_is_made(noun) && make_key(typed, error))
		return -EINVAL;
	if (!typed->key)
		return vs_error_set(error, EINVAL, "key",
				    "key: missing: the %s of the %s",
				    noun->fields[0].name, noun->name);
	return value_parse_text(&noun->fields[0], json_string_value(typed->key),
				&typed->values[0], error);
}
