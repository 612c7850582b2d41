// SPDX-License-Identifier: Apache-2.0
/*
 * json_write.c: JSON text straight from the store.
 *
 * Before this file: store.c. After it: change.c, compact.c.
 */
#include "control/json_write.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/document.h"
#include "control/value.h"
#include "packet/hex.h"

int json_write_bytes(struct journal_bytes *bytes, const char *piece,
		     size_t size)
{
	size_t room = bytes->room ? bytes->room : 256;
	char *grown;

	while (room - bytes->size < size)
		room *= 2;
	if (room != bytes->room) {
		grown = realloc(bytes->bytes, room);
		if (!grown)
			return -ENOMEM;
		bytes->bytes = grown;
		bytes->room = room;
	}
	memcpy(bytes->bytes + bytes->size, piece, size);
	bytes->size += size;
	return 0;
}

int json_write_plain(struct journal_bytes *bytes, const char *piece)
{
	return json_write_bytes(bytes, piece, strlen(piece));
}

/* Texts hold no control characters but may hold anything in UTF-8. */
int json_write_string(struct journal_bytes *bytes, const char *text)
{
	char escape[6] = {'\\', 'u', '0', '0', '0', '0'};
	int rc = json_write_bytes(bytes, "\"", 1);
	size_t size;

	while (rc == 0 && *text) {
		for (size = 0; (unsigned char)text[size] >= ' ' &&
			       text[size] != '"' && text[size] != '\\';)
			size++;
		rc = json_write_bytes(bytes, text, size);
		text += size;
		if (rc || !*text)
			break;
		if (*text == '"' || *text == '\\') {
			escape[1] = *text;
			rc = json_write_bytes(bytes, escape, 2);
			escape[1] = 'u';
		} else {
			hex_write((unsigned char)*text, escape + 4);
			rc = json_write_bytes(bytes, escape, sizeof(escape));
		}
		text++;
	}
	return rc ? rc : json_write_bytes(bytes, "\"", 1);
}

int json_write_number(struct journal_bytes *bytes, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	return json_write_bytes(bytes, digits + at, sizeof(digits) - at);
}

static int write_one(struct journal_bytes *bytes, const struct vs_field *field,
		     const struct vs_value *value)
{
	char text[VALUE_TEXT];

	if (!value->any && value->kind == VS_KIND_BOOL)
		return json_write_plain(bytes, value->truth ? "true" : "false");
	if (!value->any && value->kind == VS_KIND_NUMBER)
		return json_write_number(bytes, value->number);
	if (!value->any && value->kind == VS_KIND_VSID)
		return json_write_number(bytes, value->vsid.value);
	return json_write_string(bytes, value_text(field, value, text));
}

int json_write_value(struct journal_bytes *bytes, const struct vs_field *field,
		     const struct vs_value *value)
{
	uint16_t i;
	int rc;

	if (!value->present)
		return json_write_plain(bytes, "null");
	if (!(field->flags & VS_FIELD_LIST))
		return write_one(bytes, field, value);
	rc = json_write_bytes(bytes, "[", 1);
	for (i = 0; rc == 0 && i < value->count; i++) {
		if (i)
			rc = json_write_bytes(bytes, ",", 1);
		if (rc == 0)
			rc = write_one(bytes, field, &value->list[i]);
	}
	return rc ? rc : json_write_bytes(bytes, "]", 1);
}

/* "member": before a value; `comma` before that. */
static int write_name(struct journal_bytes *bytes, const char *name, bool comma)
{
	int rc = comma ? json_write_bytes(bytes, ",", 1) : 0;

	if (rc == 0)
		rc = json_write_string(bytes, name);
	return rc ? rc : json_write_bytes(bytes, ":", 1);
}

static int write_at(struct journal_bytes *bytes, const struct vs_object *object)
{
	const struct vs_object *parent = object_parent(object);
	int rc = 0;

	if (parent) {
		rc = write_at(bytes, parent);
		if (rc == 0)
			rc = json_write_bytes(bytes, ",", 1);
	}
	if (rc == 0)
		rc = json_write_string(bytes,
				       object_noun(object)->noun->member);
	if (rc == 0)
		rc = json_write_bytes(bytes, ",", 1);
	return rc ? rc : json_write_string(bytes, object_key(object));
}

int json_write_at(struct journal_bytes *bytes, const struct vs_object *object)
{
	int rc = json_write_bytes(bytes, "[", 1);

	if (rc == 0)
		rc = write_at(bytes, object);
	return rc ? rc : json_write_bytes(bytes, "]", 1);
}

/* -- walks --------------------------------------------------------------------
 */

/* The brace and the fields of an object; *comma: there were some. */
static int write_fields(struct journal_bytes *bytes,
			const struct vs_object *object, bool *comma)
{
	const struct vs_noun *noun = object_noun(object)->noun;
	const struct vs_value *value;
	uint16_t i;
	int rc = json_write_bytes(bytes, "{", 1);

	*comma = false;
	for (i = 1; rc == 0 && i < noun->field_count; i++) {
		value = object_value(object, i);
		if (!value->present)
			continue;
		rc = write_name(bytes, noun->fields[i].name, *comma);
		if (rc == 0)
			rc = json_write_value(bytes, &noun->fields[i], value);
		*comma = true;
	}
	return rc;
}

static void enter(struct json_walk *walk, struct vs_object *parent)
{
	struct json_level *level = &walk->level[walk->depth++];

	assert(walk->depth <= JSON_WALK_DEPTH);
	*level = (struct json_level){.parent = parent};
	level->count = schema_children(store_schema(walk->store),
				       parent ? object_noun(parent) : NULL,
				       &level->nouns);
}

int json_walk_start(struct json_walk *walk, const struct store *store,
		    struct vs_object *object, struct journal_bytes *bytes)
{
	int rc;

	*walk = (struct json_walk){.store = store};
	if (object) {
		rc = write_fields(bytes, object, &walk->comma);
	} else {
		rc = json_write_plain(bytes, "{\"format\":");
		if (rc == 0)
			rc = json_write_number(bytes, DOCUMENT_FORMAT);
		walk->comma = true;
	}
	enter(walk, object);
	return rc;
}

/* The next object of the level's noun; begins and ends the noun's braces. */
static int next_object(struct json_walk *walk, struct journal_bytes *bytes)
{
	struct json_level *level = &walk->level[walk->depth - 1];
	const struct schema_noun *noun = level->nouns[level->noun];
	bool begins = !level->at;
	int rc = 0;

	level->at = store_next(walk->store, noun, level->parent, level->at);
	if (!level->at) {
		level->noun++;
		if (begins)
			return 0;
		walk->comma = true;
		return json_write_bytes(bytes, "}", 1);
	}
	if (begins) {
		rc = write_name(bytes, noun->noun->member, walk->comma);
		if (rc == 0)
			rc = json_write_bytes(bytes, "{", 1);
	}
	if (rc == 0)
		rc = write_name(bytes, object_key(level->at), !begins);
	if (rc == 0)
		rc = write_fields(bytes, level->at, &walk->comma);
	if (rc == 0 && object_has_children(level->at))
		enter(walk, level->at);
	else if (rc == 0)
		rc = json_write_bytes(bytes, "}", 1);
	return rc;
}

int json_walk_on(struct json_walk *walk, struct journal_bytes *bytes,
		 size_t most, bool *done)
{
	struct json_level *level;
	int rc = 0;

	while (rc == 0 && walk->depth && bytes->size < most) {
		level = &walk->level[walk->depth - 1];
		if (level->noun < level->count) {
			rc = next_object(walk, bytes);
			continue;
		}
		walk->depth--;
		rc = json_write_bytes(bytes, "}", 1);
	}
	*done = !walk->depth;
	return rc;
}

int json_write_object(struct journal_bytes *bytes, const struct store *store,
		      const struct vs_object *object)
{
	struct json_walk walk;
	bool done;
	int rc = json_walk_start(&walk, store,
				 (struct vs_object *)(uintptr_t)object, bytes);

	return rc ? rc : json_walk_on(&walk, bytes, SIZE_MAX, &done);
}
