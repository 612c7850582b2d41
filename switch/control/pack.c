// SPDX-License-Identifier: Apache-2.0
/*
 * pack.c: writing and reading packed objects.
 *
 * Before this file: record.c. After it: roster.c.
 */
#include "control/pack.h"

#include <assert.h>
#include <string.h>

#include "control/words.h"

enum mark { MARK_ANY = 0xf0, MARK_TEXT, MARK_LIST };

/* Where the next byte goes; to NULL: only counts. */
struct pen {
	uint8_t *to;
	size_t size;
};

static void put(struct pen *pen, const void *bytes, size_t size)
{
	if (pen->to)
		memcpy(pen->to + pen->size, bytes, size);
	pen->size += size;
}

static void put_byte(struct pen *pen, unsigned int byte)
{
	uint8_t one = (uint8_t)byte;

	put(pen, &one, 1);
}

static void put_sized(struct pen *pen, const void *bytes, size_t size)
{
	put_byte(pen, (unsigned int)size);
	put(pen, bytes, size);
}

static void put_number(struct pen *pen, uint64_t number)
{
	uint8_t bytes[8];
	unsigned int i, size = 0;

	while (size < 8 && number >> 8 * size)
		size++;
	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)(number >> 8 * (size - 1 - i));
	put_sized(pen, bytes, size);
}

static void put_ip(struct pen *pen, const struct vs_ip *ip)
{
	if (vs_ip_is_v4(ip))
		put_sized(pen, ip->octet + 12, 4);
	else
		put_sized(pen, ip->octet, 16);
}

static void put_one(struct pen *pen, const struct vs_value *value)
{
	uint8_t prefix[17];

	if (value->any) {
		put_byte(pen, MARK_ANY);
		return;
	}
	switch ((enum vs_kind)value->kind) {
	case VS_KIND_BOOL:
		put_number(pen, value->truth);
		break;
	case VS_KIND_NUMBER:
		put_number(pen, value->number);
		break;
	case VS_KIND_CHOICE:
		put_number(pen, value->choice);
		break;
	case VS_KIND_VSID:
		put_number(pen, value->vsid.value);
		break;
	case VS_KIND_TAG:
		put_number(pen, (uint64_t)value->tag.vlan << 32 |
					value->tag.vsid.value);
		break;
	case VS_KIND_RANGE:
		put_number(pen, (uint64_t)value->range.first << 16 |
					value->range.last);
		break;
	case VS_KIND_MAC:
		put_sized(pen, value->mac.octet, sizeof(value->mac.octet));
		break;
	case VS_KIND_IP:
		put_ip(pen, &value->ip);
		break;
	case VS_KIND_PREFIX:
		memcpy(prefix, value->prefix.ip.octet, 16);
		prefix[16] = value->prefix.length;
		put_sized(pen, prefix, sizeof(prefix));
		break;
	case VS_KIND_UUID:
		put_sized(pen, value->uuid.octet, sizeof(value->uuid.octet));
		break;
	case VS_KIND_TEXT:
	case VS_KIND_NAME:
		put_byte(pen, MARK_TEXT);
		put(pen, value->text, strlen(value->text) + 1);
		break;
	case VS_KINDS:
		break;
	}
}

static void put_value(struct pen *pen, const struct vs_value *value)
{
	uint16_t i;

	if (!value->count) {
		put_one(pen, value);
		return;
	}
	put_byte(pen, MARK_LIST);
	put(pen, &value->count, sizeof(value->count));
	for (i = 0; i < value->count; i++)
		put_one(pen, &value->list[i]);
}

static_assert(SCHEMA_FIELDS <= 64, "a bit for each field");

static void put_record(struct pen *pen, const struct record *record)
{
	uint16_t i, count = record->noun->noun->field_count;
	uint64_t present = 0;

	put_one(pen, &record->values[0]);
	for (i = 1; i < count; i++)
		present |= (uint64_t)record->values[i].present << i;
	put(pen, &present, (count + 7u) / 8);
	for (i = 1; i < count; i++)
		if (record->values[i].present)
			put_value(pen, &record->values[i]);
}

size_t pack_size(const struct record *record)
{
	struct pen pen = {.to = NULL};

	put_record(&pen, record);
	return pen.size;
}

void pack_write(const struct record *record, uint8_t *to)
{
	struct pen pen = {.to = to};

	put_record(&pen, record);
}

size_t pack_key(const struct vs_value *key, uint8_t *to, size_t room)
{
	struct pen pen = {.to = NULL};

	put_one(&pen, key);
	if (pen.size > room)
		return 0;
	pen = (struct pen){.to = to};
	put_one(&pen, key);
	return pen.size;
}

int pack_compare(const uint8_t *a, const uint8_t *b)
{
	if (*a != *b)
		return *a < *b ? -1 : 1;
	if (*a == MARK_TEXT)
		return words_compare((const char *)a + 1, (const char *)b + 1);
	return *a < MARK_ANY ? memcmp(a + 1, b + 1, *a) : 0;
}

/* -- reading ------------------------------------------------------------------
 */

static const uint8_t *skip_one(const uint8_t *at)
{
	if (*at == MARK_TEXT)
		return at + strlen((const char *)at) + 1;
	return *at < MARK_ANY ? at + 1 + *at : at + 1;
}

static uint64_t get_number(const uint8_t *at)
{
	uint64_t number = 0;
	unsigned int i;

	assert(*at <= 8);
	for (i = 1; i <= *at; i++)
		number = number << 8 | at[i];
	return number;
}

static const uint8_t *get_one(const uint8_t *at, struct vs_value *value)
{
	value->present = true;
	if (*at == MARK_ANY) {
		value->any = true;
		return at + 1;
	}
	switch ((enum vs_kind)value->kind) {
	case VS_KIND_BOOL:
		value->truth = get_number(at) != 0;
		break;
	case VS_KIND_NUMBER:
		value->number = get_number(at);
		break;
	case VS_KIND_CHOICE:
		value->choice = (uint16_t)get_number(at);
		break;
	case VS_KIND_VSID:
		value->vsid.value = (uint32_t)get_number(at);
		break;
	case VS_KIND_TAG:
		value->tag.vlan = (uint16_t)(get_number(at) >> 32);
		value->tag.vsid.value = (uint32_t)get_number(at);
		break;
	case VS_KIND_RANGE:
		value->range.first = (uint16_t)(get_number(at) >> 16);
		value->range.last = (uint16_t)get_number(at);
		break;
	case VS_KIND_MAC:
		memcpy(value->mac.octet, at + 1, sizeof(value->mac.octet));
		break;
	case VS_KIND_IP:
		if (*at == 4)
			value->ip = vs_ip_from_v4(at + 1);
		else
			memcpy(value->ip.octet, at + 1, 16);
		break;
	case VS_KIND_PREFIX:
		memcpy(value->prefix.ip.octet, at + 1, 16);
		value->prefix.length = at[17];
		break;
	case VS_KIND_UUID:
		memcpy(value->uuid.octet, at + 1, sizeof(value->uuid.octet));
		break;
	case VS_KIND_TEXT:
	case VS_KIND_NAME:
		value->text = (const char *)at + 1;
		break;
	case VS_KINDS:
		break;
	}
	return skip_one(at);
}

static const uint8_t *get_value(const uint8_t *at, struct vs_value *value,
				struct vs_value **elements)
{
	uint16_t i;

	if (*at != MARK_LIST)
		return get_one(at, value);
	value->present = true;
	memcpy(&value->count, at + 1, sizeof(value->count));
	value->list = *elements;
	at += 1 + sizeof(value->count);
	for (i = 0; i < value->count; i++) {
		**elements = (struct vs_value){.kind = value->kind};
		at = get_one(at, (*elements)++);
	}
	return at;
}

static uint64_t get_present(const struct schema_noun *noun, const uint8_t **at)
{
	size_t size = (noun->noun->field_count + 7u) / 8;
	uint64_t present = 0;

	memcpy(&present, *at, size);
	*at += size;
	return present;
}

size_t pack_elements(const struct schema_noun *noun, const uint8_t *from)
{
	const uint8_t *at = skip_one(from);
	uint64_t present = get_present(noun, &at);
	uint16_t i, k, count;
	size_t elements = 0;

	for (i = 1; i < noun->noun->field_count; i++) {
		if (!(present >> i & 1))
			continue;
		if (*at != MARK_LIST) {
			at = skip_one(at);
			continue;
		}
		memcpy(&count, at + 1, sizeof(count));
		at += 1 + sizeof(count);
		for (k = 0; k < count; k++)
			at = skip_one(at);
		elements += count;
	}
	return elements;
}

void pack_read(const struct schema_noun *noun, const uint8_t *from,
	       struct vs_value *values, struct vs_value *elements)
{
	const struct vs_field *fields = noun->noun->fields;
	const uint8_t *at;
	uint64_t present;
	uint16_t i;

	values[0] = (struct vs_value){.kind = fields[0].kind};
	at = get_one(from, &values[0]);
	present = get_present(noun, &at);
	for (i = 1; i < noun->noun->field_count; i++) {
		values[i] = (struct vs_value){.kind = fields[i].kind};
		if (present >> i & 1)
			at = get_value(at, &values[i], &elements);
	}
}
