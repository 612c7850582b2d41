// SPDX-License-Identifier: Apache-2.0
/*
 * object.c: what an object of a store says of itself: noun, key, values, whom
 * it stands below, and its place in the document, which every refusal names.
 *
 * Before this file: record.c. After it: store.c.
 */
#include <assert.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/pack.h"
#include "control/store.h"
#include "control/store_private.h"
#include "control/words.h"

const struct schema_noun *object_noun(const struct vs_object *object)
{
	return object->record->noun;
}

const char *object_key(const struct vs_object *object)
{
	return object->record->key;
}

struct vs_object *object_parent(const struct vs_object *object)
{
	return object_is_root(object->parent) ? NULL : object->parent;
}

struct record *object_record(const struct vs_object *object)
{
	return object->record;
}

const struct vs_value *object_value(const struct vs_object *object,
				    uint16_t field)
{
	assert(field < object->record->noun->noun->field_count);
	return &object->record->values[field];
}

int object_compare(const struct vs_object *a, const struct vs_object *b)
{
	uint8_t x[PACK_MAXIMUM], y[PACK_MAXIMUM];

	if (!noun_is_many(object_noun(a)))
		return words_compare(object_key(a), object_key(b));
	pack_key(&a->record->values[0], x, sizeof(x));
	pack_key(&b->record->values[0], y, sizeof(y));
	return pack_compare(x, y);
}

bool object_has_children(const struct vs_object *object)
{
	uint16_t i;

	for (i = 0; i < object->kinds; i++)
		if (object->children[i].count ||
		    object->children[i].roster.count)
			return true;
	return false;
}

const struct vs_object *object_switch(const struct vs_object *object)
{
	while (object && object_noun(object)->noun != &host_nouns[HOST_SWITCH])
		object = object_parent(object);
	return object;
}

/* -- its place, as text -------------------------------------------------------
 */

static size_t append(char *text, size_t at, size_t size, const char *piece)
{
	size_t piece_size = strlen(piece);

	if (at + 1 >= size)
		return at;
	if (piece_size > size - 1 - at)
		piece_size = size - 1 - at;
	memcpy(text + at, piece, piece_size);
	text[at + piece_size] = '\0';
	return at + piece_size;
}

static size_t append_key(char *text, size_t at, size_t size, const char *key)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	if (key[0] && !key[strspn(key, plain)]) {
		at = append(text, at, size, ".");
		return append(text, at, size, key);
	}
	at = append(text, at, size, "[\"");
	at = append(text, at, size, key);
	return append(text, at, size, "\"]");
}

static size_t append_place(const struct vs_object *parent,
			   const struct schema_noun *noun, const char *key,
			   char *text, size_t size)
{
	size_t at = 0;

	if (parent && !object_is_root(parent)) {
		at = append_place(parent->parent, object_noun(parent),
				  object_key(parent), text, size);
		at = append(text, at, size, ".");
	}
	at = append(text, at, size, noun->noun->member);
	return key ? append_key(text, at, size, key) : at;
}

char *object_place(const struct vs_object *parent,
		   const struct schema_noun *noun, const char *key, char *text,
		   size_t size)
{
	text[0] = '\0';
	append_place(parent, noun, key, text, size);
	return text;
}

char *object_path(const struct vs_object *object, const char *field, char *text,
		  size_t size)
{
	size_t at = 0;

	text[0] = '\0';
	if (object) {
		at = append_place(object->parent, object_noun(object),
				  object_key(object), text, size);
		if (field)
			at = append(text, at, size, ".");
	}
	if (field)
		append(text, at, size, field);
	return text;
}
