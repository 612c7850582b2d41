// SPDX-License-Identifier: Apache-2.0
/*
 * json_text.c: loading JSON within limits, and its checksum.
 *
 * Before this file: the shell's bytes. After it: document.c, request.c,
 * journal.c.
 */
#include "control/json_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/control.h>

static bool deeper_than(const char *bytes, size_t size, unsigned int limit)
{
	unsigned int depth = 0;
	bool quoted = false;
	size_t i;

	for (i = 0; i < size; i++) {
		if (quoted) {
			if (bytes[i] == '\\')
				i++;
			else if (bytes[i] == '"')
				quoted = false;
			continue;
		}
		if (bytes[i] == '"')
			quoted = true;
		else if ((bytes[i] == '{' || bytes[i] == '[') &&
			 ++depth > limit)
			return true;
		else if ((bytes[i] == '}' || bytes[i] == ']') && depth)
			depth--;
	}
	return false;
}

int json_text_load(const char *bytes, size_t size, json_t **json,
		   struct vs_error *error)
{
	json_error_t why;

	*json = NULL;
	if (deeper_than(bytes, size, VS_RPC_DEPTH))
		return vs_error_set(error, E2BIG, "",
				    "nested deeper than %d levels",
				    VS_RPC_DEPTH);
	*json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &why);
	if (*json)
		return 0;
	return vs_error_set(error, EINVAL, "", "line %d, column %d: %s",
			    why.line, why.column, why.text);
}

static size_t skip_space(const char *bytes, size_t size, size_t at)
{
	while (at < size && (bytes[at] == ' ' || bytes[at] == '\t' ||
			     bytes[at] == '\n' || bytes[at] == '\r'))
		at++;
	return at;
}

/* The ',' or the '}' behind the value that begins here; size: none. */
static size_t value_end(const char *bytes, size_t size, size_t at)
{
	unsigned int depth = 0;
	bool quoted = false;

	for (; at < size; at++) {
		if (quoted && bytes[at] == '\\')
			at++;
		else if (bytes[at] == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (!depth && (bytes[at] == ',' || bytes[at] == '}'))
			return at;
		else if (bytes[at] == '{' || bytes[at] == '[')
			depth++;
		else if ((bytes[at] == '}' || bytes[at] == ']') && depth)
			depth--;
	}
	return size;
}

/* A plain string from `at` on; false: none, or not a plain one. */
static bool take_name(struct json_text_look *look, size_t at,
		      char name[JSON_TEXT_NAME])
{
	size_t size = 0;

	if (at >= look->size || look->bytes[at] != '"')
		return false;
	for (at++; at < look->size && look->bytes[at] != '"'; at++) {
		char c = look->bytes[at];

		if (c < ' ' || c > '~' || c == '\\')
			return false;
		if (size < JSON_TEXT_NAME - 1)
			name[size++] = c;
	}
	name[size] = '\0';
	look->at = at + 1;
	return true;
}

char json_text_first(const char *bytes, size_t size)
{
	size_t at = skip_space(bytes, size, 0);

	return at < size ? bytes[at] : '\0';
}

bool json_text_member(struct json_text_look *look, char name[JSON_TEXT_NAME])
{
	const char *bytes = look->bytes;
	bool first = look->at == 0;
	size_t at = first ? skip_space(bytes, look->size, 0)
			  : value_end(bytes, look->size, look->at);

	if (at >= look->size || bytes[at] != (first ? '{' : ','))
		return false;
	at = skip_space(bytes, look->size, at + 1);
	if (!take_name(look, at, name))
		return false;
	look->at = skip_space(bytes, look->size, look->at);
	return look->at < look->size && bytes[look->at++] == ':';
}

/* CRC-32C (Castagnoli), reflected, one nibble at a time. */
uint32_t json_text_crc_on(uint32_t crc, const char *bytes, size_t size)
{
	static const uint32_t nibbles[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	size_t i;

	crc = ~crc;

	for (i = 0; i < size; i++) {
		crc ^= (unsigned char)bytes[i];
		crc = (crc >> 4) ^ nibbles[crc & 15];
		crc = (crc >> 4) ^ nibbles[crc & 15];
	}
	return ~crc;
}

uint32_t json_text_crc(const char *bytes, size_t size)
{
	return json_text_crc_on(0, bytes, size);
}

json_t *json_text_string(const char *text)
{
	json_t *json = json_string(text);
	char *copy;
	size_t i;

	if (json)
		return json;
	copy = strdup(text);
	for (i = 0; copy && copy[i]; i++)
		if ((unsigned char)copy[i] >= 0x80)
			copy[i] = '?';
	json = copy ? json_string(copy) : NULL;
	free(copy);
	return json;
}
