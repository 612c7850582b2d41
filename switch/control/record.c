// SPDX-License-Identifier: Apache-2.0
/*
 * record.c: packing an object's values into one allocation.
 *
 * Layout: the record, its values, the elements of its lists, its texts.
 * Before this file: value.c. After it: store.c.
 */
#include "control/record.h"

#include <stdlib.h>
#include <string.h>

#include "control/value.h"

static bool is_text(const struct vs_value *value)
{
	return (value->kind == VS_KIND_TEXT || value->kind == VS_KIND_NAME) &&
	       !value->any;
}

struct room {
	size_t elements, text_size;
};

static void measure(const struct vs_value *value, struct room *room)
{
	uint16_t i;

	if (!value->present)
		return;
	for (i = 0; i < value->count; i++)
		if (is_text(&value->list[i]))
			room->text_size += strlen(value->list[i].text) + 1;
	room->elements += value->count;
	if (!value->count && is_text(value))
		room->text_size += strlen(value->text) + 1;
}

/* Where the next element and the next text go. */
struct pen {
	struct vs_value *elements;
	char *text;
};

static const char *write_text(struct pen *pen, const char *text)
{
	size_t size = strlen(text) + 1;
	char *at = memcpy(pen->text, text, size);

	pen->text += size;
	return at;
}

static void write_value(struct pen *pen, struct vs_value *to,
			const struct vs_value *from)
{
	struct vs_value *list = pen->elements;
	uint16_t i;

	*to = *from;
	if (!from->count) {
		if (is_text(from))
			to->text = write_text(pen, from->text);
		return;
	}
	pen->elements += from->count;
	for (i = 0; i < from->count; i++)
		write_value(pen, &list[i], &from->list[i]);
	to->list = list;
}

struct record *record_create(const struct schema_noun *noun,
			     const struct vs_value *values)
{
	uint16_t i, count = noun->noun->field_count;
	struct room room = {0, 0};
	struct vs_value *copies;
	struct record *record;
	char text[VALUE_TEXT];
	const char *key;
	struct pen pen;

	key = value_text(&noun->noun->fields[0], &values[0], text);
	for (i = 0; i < count; i++)
		measure(&values[i], &room);
	room.text_size += strlen(key) + 1;
	record = calloc(1, sizeof(*record) +
				   (count + room.elements) * sizeof(*copies) +
				   room.text_size);
	if (!record)
		return NULL;
	copies = (struct vs_value *)(record + 1);
	pen.elements = copies + count;
	pen.text = (char *)(pen.elements + room.elements);
	for (i = 0; i < count; i++) {
		copies[i].kind = noun->noun->fields[i].kind;
		if (values[i].present &&
		    !(noun->unset[i].present &&
		      value_equal(&values[i], &noun->unset[i])))
			write_value(&pen, &copies[i], &values[i]);
	}
	record->noun = noun;
	record->references = 1;
	record->values = copies;
	record->key = write_text(&pen, key);
	return record;
}

struct record *record_hold(struct record *record)
{
	record->references++;
	return record;
}

void record_release(struct record *record)
{
	if (record && --record->references == 0)
		free(record);
}

bool record_equal(const struct record *a, const struct record *b)
{
	uint16_t i;

	if (a == b)
		return true;
	if (a->noun != b->noun || strcmp(a->key, b->key) != 0)
		return false;
	for (i = 1; i < a->noun->noun->field_count; i++)
		if (!value_equal(&a->values[i], &b->values[i]))
			return false;
	return true;
}
