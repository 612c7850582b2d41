// SPDX-License-Identifier: Apache-2.0
/*
 * select.c: finding what was meant.
 *
 * Before this file: value.c, store.c. After it: request_objects.c.
 */
#include "control/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/schema.h"
#include "control/value.h"
#include "control/words.h"

int select_noun(const struct schema *schema, const json_t *params,
		const struct schema_noun **noun, struct vs_error *error)
{
	const char *name = json_string_value(json_object_get(params, "noun"));

	if (!name)
		return vs_error_set(error, EINVAL, "noun",
				    "noun: missing, or no string");
	*noun = schema_find(schema, name);
	return *noun ? 0 : schema_unknown(schema, name, error);
}

int select_field(const struct schema_noun *noun, const char *name)
{
	const struct vs_field *field;
	size_t size = strlen(name);
	int index = schema_field(noun, name);
	uint16_t i;

	for (i = 1; index < 0 && i < noun->noun->field_count; i++) {
		field = &noun->noun->fields[i];
		if ((field->flags & VS_FIELD_LIST) &&
		    strncmp(field->name, name, size) == 0 &&
		    (strcmp(field->name + size, "s") == 0 ||
		     strcmp(field->name + size, "es") == 0))
			index = i;
	}
	return index;
}

bool select_parent_name(const struct schema_noun *noun, const char *name)
{
	if (!noun->parent)
		return false;
	if (noun->noun->parent_field &&
	    strcmp(noun->noun->parent_field, name) == 0)
		return true;
	return strcmp(noun->parent->noun->name, name) == 0;
}

/* -- values
 * ---------------------------------------------------------------------- */

static json_t *cut_at_commas(const char *text)
{
	json_t *list = json_array();
	size_t size;

	while (*text) {
		size = strcspn(text, ",");
		json_array_append_new(list, json_stringn(text, size));
		text += size;
		if (*text)
			text++;
	}
	return list;
}

int select_value(const struct vs_field *field, const json_t *given,
		 struct vs_value *value, json_t **made, struct vs_error *error)
{
	int rc;

	*made = NULL;
	if ((field->flags & VS_FIELD_LIST) && json_is_string(given))
		*made = cut_at_commas(json_string_value(given));
	else if ((field->flags & VS_FIELD_LIST) && !json_is_array(given))
		*made = json_pack("[O]", given);
	rc = value_parse(field, *made ? *made : given, VALUE_TYPED, value,
			 error);
	if (rc && error && !error->path[0])
		snprintf(error->path, sizeof(error->path), "%s", field->name);
	return rc;
}

int select_key(const struct schema_noun *noun, const json_t *given,
	       json_t **key, struct vs_error *error)
{
	struct vs_field field = noun->noun->fields[0];
	struct vs_value value;
	char text[VALUE_TEXT];
	int rc;

	*key = NULL;
	field.flags = 0;
	rc = value_parse(&field, given, VALUE_TYPED, &value, error);
	if (rc == 0)
		*key = json_string(value_text(&field, &value, text));
	else if (error && !error->path[0])
		snprintf(error->path, sizeof(error->path), "%s", field.name);
	return rc;
}

/* -- parents
 * --------------------------------------------------------------------- */

/* "a, b, c" of a noun's keys, cut. */
static void list_keys(const struct store *store, const struct schema_noun *noun,
		      char *text, size_t size)
{
	const struct vs_object *object = NULL;
	size_t at = 0, count = 0;

	text[0] = '\0';
	while ((object = store_next(store, noun, NULL, object))) {
		if (++count > 8 || at >= size)
			break;
		at += (size_t)snprintf(text + at, size - at, "%s%s",
				       count > 1 ? ", " : "",
				       object_key(object));
	}
	if (object && at < size)
		snprintf(text + at, size - at, ", ...");
}

static int only_parent(const struct store *store,
		       const struct schema_noun *noun,
		       struct vs_object **parent, struct vs_error *error)
{
	const char *name = noun->noun->parent_field ? noun->noun->parent_field
						    : noun->noun->parent;
	char keys[256];

	*parent = store_next(store, noun->parent, NULL, NULL);
	if (!*parent)
		return vs_error_set(error, ENOENT, name,
				    "%s: there is no %s yet: add one first",
				    noun->noun->name, noun->parent->noun->name);
	if (!store_next(store, noun->parent, NULL, *parent))
		return 0;
	list_keys(store, noun->parent, keys, sizeof(keys));
	return vs_error_set(error, EINVAL, name,
			    "%s: which %s? say %s= one of %s", noun->noun->name,
			    noun->parent->noun->name, name, keys);
}

int select_parent(const struct store *store, const struct schema_noun *noun,
		  const json_t *name, struct vs_object **parent,
		  struct vs_error *error)
{
	json_t *key;
	int rc;

	*parent = NULL;
	if (!noun->parent)
		return name ? vs_error_set(error, EINVAL, "parent",
					   "%s stands at the top: it has no "
					   "parent",
					   noun->noun->name)
			    : 0;
	if (!name)
		return only_parent(store, noun, parent, error);
	rc = select_key(noun->parent, name, &key, error);
	if (rc)
		return rc;
	*parent = store_any(store, noun->parent, json_string_value(key), 0);
	if (!*parent)
		rc = vs_error_set(error, ENOENT, "",
				  "there is no %s '%.60s': add it first; vsctl "
				  "%s lists them",
				  noun->parent->noun->name,
				  json_string_value(key),
				  noun->parent->noun->name);
	else if (store_any(store, noun->parent, json_string_value(key), 1))
		rc = vs_error_set(error, EINVAL, "",
				  "several %s have the key '%.60s': apply a "
				  "document instead",
				  noun->parent->noun->member,
				  json_string_value(key));
	json_decref(key);
	return rc;
}

/* -- filters
 * --------------------------------------------------------------------- */

void selection_free(struct selection *selection)
{
	while (selection->kept && selection->count)
		store_unkeep(selection->objects[--selection->count]);
	free(selection->objects);
	*selection = (struct selection){.objects = NULL};
}

static int selection_add(struct selection *selection, struct vs_object *object)
{
	size_t room = selection->room ? selection->room * 2 : 16;
	struct vs_object **objects;

	if (selection->count == selection->room) {
		objects = realloc(selection->objects,
				  room * sizeof(struct vs_object *));
		if (!objects)
			return -ENOMEM;
		selection->objects = objects;
		selection->room = room;
	}
	selection->objects[selection->count++] = object;
	return 0;
}

/* One condition, made ready. */
struct filter {
	unsigned int above; /* 0: the object itself; n: its nth ancestor */
	uint16_t field;
	struct vs_value value;
	json_t *made;
};

#define FILTERS 16u

/* Which ancestor a name means: its noun's name or a parent_field on the way;
 * 0 = none. */
static unsigned int ancestor_named(const struct schema_noun *noun,
				   const char *name)
{
	unsigned int above;

	for (above = 1; noun; noun = noun->parent, above++)
		if (select_parent_name(noun, name))
			return above;
	return 0;
}

static int filter_start(struct filter *filter, const struct schema_noun *noun,
			const char *name, const json_t *given,
			struct vs_error *error)
{
	struct words_nearest nearest = {.word = name};
	int index = strcmp(name, "key") == 0 ? 0 : select_field(noun, name);
	struct vs_field field;
	char hint[96];
	uint16_t i;

	if (index < 0) {
		filter->above = ancestor_named(noun, name);
		if (!filter->above) {
			for (i = 0; i < noun->noun->field_count; i++)
				words_offer(&nearest,
					    noun->noun->fields[i].name);
			return vs_error_set(error, EINVAL, name,
					    "%s has no field '%.60s'%s",
					    noun->noun->name, name,
					    words_hint(&nearest, hint));
		}
		for (i = 0; i < filter->above; i++)
			noun = noun->parent;
		index = 0;
	}
	filter->field = (uint16_t)index;
	field = noun->noun->fields[index];
	field.flags &= (uint8_t)~VS_FIELD_LIST;
	if (field.flags & VS_FIELD_STATUS)
		return vs_error_set(error, EINVAL, name,
				    "%s: is reported: a filter for list only",
				    field.name);
	return select_value(&field, given, &filter->value, &filter->made,
			    error);
}

static bool filter_holds(const struct filter *filter,
			 const struct vs_object *object)
{
	const struct vs_value *value;
	unsigned int i;

	for (i = 0; i < filter->above; i++)
		object = object_parent(object);
	value = object_value(object, filter->field);
	if (!value->present)
		value = &object_noun(object)->unset[filter->field];
	for (i = 0; i < value->count; i++)
		if (value_equal(&value->list[i], &filter->value))
			return true;
	return !value->count && value_equal(value, &filter->value);
}

static int select_filtered(const struct store *store,
			   const struct schema_noun *noun,
			   const struct filter *filters, size_t count,
			   struct selection *selection)
{
	struct vs_object *object = NULL, *kept;
	size_t i;

	while ((object = store_next(store, noun, NULL, object))) {
		for (i = 0; i < count && filter_holds(&filters[i], object); i++)
			;
		if (i < count)
			continue;
		kept = store_keep(object);
		if (kept && selection_add(selection, kept) == 0)
			continue;
		store_unkeep(kept);
		return -ENOMEM;
	}
	return 0;
}

int select_where(const struct store *store, const struct schema_noun *noun,
		 const json_t *where, struct selection *selection,
		 struct vs_error *error)
{
	struct filter filters[FILTERS] = {{.above = 0}};
	size_t count = 0;
	const char *name;
	json_t *each;
	int rc = 0;

	*selection =
		(struct selection){.kept = noun->noun->flags & VS_NOUN_MANY};
	if (where && !json_is_object(where))
		return vs_error_set(error, EINVAL, "where",
				    "where: must be an object");
	if (json_object_size(where) > FILTERS)
		return vs_error_set(error, E2BIG, "where",
				    "where: at most %u filters", FILTERS);
	json_object_foreach((json_t *)(uintptr_t)where, name, each)
	{
		rc = filter_start(&filters[count++], noun, name, each, error);
		if (rc)
			break;
	}
	if (rc == 0 && select_filtered(store, noun, filters, count, selection))
		rc = vs_error_set(error, ENOMEM, "", "out of memory");
	while (count)
		json_decref(filters[--count].made);
	return rc;
}

int select_one(const struct store *store, const struct schema_noun *noun,
	       const json_t *params, struct vs_object **object,
	       struct vs_error *error)
{
	const json_t *parent_name = json_object_get(params, "parent");
	const json_t *given = json_object_get(params, "key");
	struct vs_object *parent, *found;
	char one[160], two[160];
	json_t *key;
	int rc;

	if (!given)
		return vs_error_set(error, EINVAL, "key", "key: missing");
	rc = select_key(noun, given, &key, error);
	if (rc)
		return rc;
	if (parent_name) {
		rc = select_parent(store, noun, parent_name, &parent, error);
		*object = rc ? NULL
			     : store_find(store, noun, parent,
					  json_string_value(key));
	} else {
		*object = store_any(store, noun, json_string_value(key), 0);
	}
	if (rc == 0 && !*object)
		rc = vs_error_set(error, ENOENT, "",
				  "there is no %s '%.60s'; vsctl %s lists them",
				  noun->noun->name, json_string_value(key),
				  noun->noun->name);
	found = parent_name ? NULL
			    : store_any(store, noun, json_string_value(key), 1);
	if (rc == 0 && found) {
		object_path(*object, NULL, one, sizeof(one));
		object_path(found, NULL, two, sizeof(two));
		rc = vs_error_set(error, EINVAL, "key",
				  "several: %s and %s: say %s=", one, two,
				  noun->noun->parent_field
					  ? noun->noun->parent_field
					  : noun->noun->parent);
	}
	json_decref(key);
	return rc;
}
