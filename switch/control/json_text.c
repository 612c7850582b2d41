// SPDX-License-Identifier: Apache-2.0
/*
 * json_text.c: loading JSON within limits, and its checksum.
 *
 * Before this file: the shell's bytes. After it: document.c, request.c,
 * journal.c.
 */
#include "control/json_text.h"

#include <errno.h>
#include <stdbool.h>
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
