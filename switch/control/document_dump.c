// SPDX-License-Identifier: Apache-2.0
/*
 * document_dump.c: from the store to JSON, and places in it.
 *
 * Before this file: store.c. After it: change.c, request_objects.c.
 */
#include <errno.h>
#include <string.h>

#include "control/document.h"
#include "control/record.h"
#include "control/value.h"
#include "control/words.h"

/* How many objects of one noun a summary shows. */
#define SUMMARY_OBJECTS 64u

json_t *document_fields(const struct vs_object *object)
{
	const struct vs_noun *noun = object_noun(object)->noun;
	const struct vs_value *value;
	json_t *json = json_object();
	uint16_t i;

	for (i = 1; json && i < noun->field_count; i++) {
		value = object_value(object, i);
		if (!value->present)
			continue;
		if (json_object_set_new(json, noun->fields[i].name,
					value_json(&noun->fields[i], value))) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

/* Dumps an object; all of what stands below it, or at most `most` of a noun. */
static json_t *dump_object(const struct store *store,
			   const struct vs_object *object, size_t most);

static json_t *dump_collection(const struct store *store,
			       const struct schema_noun *noun,
			       const struct vs_object *parent, size_t most)
{
	const struct vs_object *object = NULL;
	json_t *json = NULL;
	size_t count = 0;

	while ((object = store_next(store, noun, parent, object))) {
		if (!json)
			json = json_object();
		if (count++ == most)
			break;
		json_object_set_new(json, object_key(object),
				    dump_object(store, object, most));
	}
	if (object)
		json_object_set_new(
			json, "...",
			json_sprintf("%zu more",
				     store_children(store, noun, parent) -
					     most));
	return json;
}

static void dump_children(const struct store *store,
			  const struct schema_noun *noun,
			  const struct vs_object *parent, json_t *json,
			  size_t most)
{
	const struct schema_noun *const *children;
	uint16_t i,
		count = schema_children(store_schema(store), noun, &children);
	json_t *collection;

	for (i = 0; i < count; i++) {
		collection = dump_collection(store, children[i], parent, most);
		if (collection)
			json_object_set_new(json, children[i]->noun->member,
					    collection);
	}
}

static json_t *dump_object(const struct store *store,
			   const struct vs_object *object, size_t most)
{
	json_t *json = document_fields(object);

	if (json && object_has_children(object))
		dump_children(store, object_noun(object), object, json, most);
	return json;
}

json_t *document_object(const struct store *store,
			const struct vs_object *object)
{
	return dump_object(store, object, SIZE_MAX);
}

json_t *document_summary(const struct store *store,
			 const struct vs_object *object)
{
	return dump_object(store, object, SUMMARY_OBJECTS);
}

static json_t *empty_document(void)
{
	json_t *json = json_object();

	if (json)
		json_object_set_new(json, "format",
				    json_integer(DOCUMENT_FORMAT));
	return json;
}

json_t *document_dump(const struct store *store)
{
	json_t *json = empty_document();

	if (json)
		dump_children(store, NULL, NULL, json, SIZE_MAX);
	return json;
}

/* -- places -------------------------------------------------------------------
 */

/* One piece of a path: ["anything"] or what reaches to the next . or [. */
static int take_piece(const char **part, json_t *at)
{
	const char *start = *part, *end;

	if (start[0] == '[' && start[1] == '"') {
		start += 2;
		end = strstr(start, "\"]");
		if (!end)
			return -EINVAL;
		*part = end + 2;
	} else {
		end = start + strcspn(start, ".[");
		*part = end;
	}
	if (end == start ||
	    json_array_append_new(at,
				  json_stringn(start, (size_t)(end - start))))
		return -EINVAL;
	if (**part == '.')
		(*part)++;
	else if (**part && **part != '[')
		return -EINVAL;
	return 0;
}

int document_split(const char *part, json_t **at, struct vs_error *error)
{
	const char *rest = part;
	int rc = -EINVAL;

	*at = json_array();
	if (*at && *rest)
		do
			rc = take_piece(&rest, *at);
		while (rc == 0 && *rest);
	if (rc == 0)
		return 0;
	json_decref(*at);
	*at = NULL;
	return vs_error_set(error, EINVAL, "part",
			    "'%.80s' is no path: say it as networks.green or "
			    "networks[\"a.b\"]",
			    part);
}

static int locate_key(const struct store *store, const char *key,
		      struct document_place *place, struct vs_error *error)
{
	const struct vs_field *field = &place->noun->noun->fields[0];
	struct vs_value value;
	char text[VALUE_TEXT];
	int rc;

	place->key = key;
	rc = value_parse_text(field, key, &value, error);
	if (rc)
		return rc;
	place->object = store_find(store, place->noun, place->parent,
				   value_text(field, &value, text));
	if (place->object)
		place->key = object_key(place->object);
	return 0;
}

int document_locate(const struct store *store, const json_t *at,
		    struct document_place *place, struct vs_error *error)
{
	struct words_nearest nearest;
	const struct schema_noun *const *children;
	const char *piece;
	char hint[96];
	uint16_t j, count;
	size_t i;
	int rc;

	*place = (struct document_place){.parent = NULL};
	for (i = 0; i < json_array_size(at); i++) {
		piece = json_string_value(json_array_get(at, i));
		if (!piece || (i && i % 2 == 0 && !place->object))
			return vs_error_set(
				error, ENOENT, "", "there is no %s '%.60s'",
				i ? place->noun->noun->name : "place",
				i ? place->key : "");
		if (i % 2) {
			rc = locate_key(store, piece, place, error);
			if (rc)
				return rc;
			continue;
		}
		nearest = (struct words_nearest){.word = piece};
		count = schema_children(store_schema(store), place->noun,
					&children);
		for (j = 0; j < count; j++)
			words_offer(&nearest, children[j]->noun->member);
		place->parent = place->object;
		place->noun =
			schema_member(store_schema(store), place->noun, piece);
		place->object = NULL;
		place->key = NULL;
		if (!place->noun)
			return vs_error_set(error, ENOENT, "",
					    "unknown member '%.60s'%s", piece,
					    words_hint(&nearest, hint));
	}
	return place->noun ? 0
			   : vs_error_set(error, EINVAL, "", "an empty path");
}

/* {member: {key: below}} of an object, inside those of its parents. */
static json_t *wrap(const struct vs_object *object, json_t *below)
{
	json_t *keyed, *json;

	while (object) {
		keyed = json_pack("{s:o}", object_key(object), below);
		below = json_pack("{s:o}", object_noun(object)->noun->member,
				  keyed);
		object = object_parent(object);
		if (!object)
			break;
		json = document_fields(object);
		json_object_update(json, below);
		json_decref(below);
		below = json;
	}
	return below;
}

json_t *document_part(const struct store *store,
		      const struct document_place *place)
{
	json_t *json = empty_document(), *part, *fields;

	if (place->object) {
		part = wrap(place->object,
			    document_object(store, place->object));
	} else {
		part = dump_collection(store, place->noun, place->parent,
				       SIZE_MAX);
		part = json_pack("{s:o}", place->noun->noun->member,
				 part ? part : json_object());
		if (place->parent) {
			fields = document_fields(place->parent);
			json_object_update(fields, part);
			json_decref(part);
			part = wrap(place->parent, fields);
		}
	}
	json_object_update(json, part);
	json_decref(part);
	return json;
}
