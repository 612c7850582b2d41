// SPDX-License-Identifier: Apache-2.0
/*
 * journal.c: lines with checksums, written and read back.
 *
 * Before this file: json_text.c. After it: apply.c.
 */
#include "control/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json_text.h"

#define CHECK_SIZE 9 /* eight digits and a blank */

static int reserve(struct journal_bytes *bytes, size_t more)
{
	size_t room = bytes->room ? bytes->room : 256;
	char *grown;

	while (room - bytes->size < more)
		room *= 2;
	if (room == bytes->room)
		return 0;
	grown = realloc(bytes->bytes, room);
	if (!grown)
		return -ENOMEM;
	bytes->bytes = grown;
	bytes->room = room;
	return 0;
}

static int append(const char *piece, size_t size, void *sink)
{
	struct journal_bytes *bytes = sink;

	if (reserve(bytes, size))
		return -1;
	memcpy(bytes->bytes + bytes->size, piece, size);
	bytes->size += size;
	return 0;
}

void journal_free(struct journal_bytes *bytes)
{
	free(bytes->bytes);
	*bytes = (struct journal_bytes){.bytes = NULL};
}

int journal_write_line(struct journal_bytes *bytes, const json_t *record)
{
	char check[CHECK_SIZE + 1];

	snprintf(check, sizeof(check), "%08x ", json_text_check(record));
	if (append(check, CHECK_SIZE, bytes) ||
	    json_dump_callback(record, append, bytes, JSON_COMPACT) ||
	    append("\n", 1, bytes))
		return -ENOMEM;
	return 0;
}

int journal_write_document(struct journal_bytes *bytes, json_t *policy)
{
	char check[CHECK_SIZE];
	json_t *file;
	int rc;

	snprintf(check, sizeof(check), "%08x", json_text_check(policy));
	file = json_pack("{s:s, s:O}", "check", check, "policy", policy);
	if (!file)
		return -ENOMEM;
	rc = json_dump_callback(file, append, bytes, JSON_INDENT(1));
	json_decref(file);
	return rc || append("\n", 1, bytes) ? -ENOMEM : 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool check_is(const char *text, uint32_t check)
{
	uint32_t read = 0;
	int i, digit;

	for (i = 0; i < 8; i++) {
		digit = hex_digit(text[i]);
		if (digit < 0)
			return false;
		read = read << 4 | (uint32_t)digit;
	}
	return read == check;
}

json_t *journal_read(struct journal_reader *reader)
{
	const char *line = reader->bytes + reader->at, *end;
	size_t left = reader->size - reader->at, size;
	json_t *record;

	end = left ? memchr(line, '\n', left) : NULL;
	if (!end || end - line < CHECK_SIZE || line[CHECK_SIZE - 1] != ' ')
		return NULL;
	size = (size_t)(end - line) - CHECK_SIZE;
	if (!check_is(line, json_text_crc(line + CHECK_SIZE, size)))
		return NULL;
	record = json_loadb(line + CHECK_SIZE, size, JSON_REJECT_DUPLICATES,
			    NULL);
	if (record)
		reader->at += (size_t)(end - line) + 1;
	return record;
}

int journal_read_document(const char *bytes, size_t size, json_t **policy,
			  struct vs_error *error)
{
	json_error_t why;
	json_t *file, *inner;
	const char *check;

	*policy = NULL;
	file = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &why);
	if (!file)
		return vs_error_set(error, EINVAL, "",
				    "the stored policy is damaged: line %d: "
				    "%s",
				    why.line, why.text);
	inner = json_object_get(file, "policy");
	check = json_string_value(json_object_get(file, "check"));
	if (inner && check && strlen(check) == 8 &&
	    check_is(check, json_text_check(inner)))
		*policy = json_incref(inner);
	json_decref(file);
	if (*policy)
		return 0;
	return vs_error_set(error, EINVAL, "",
			    "the stored policy is damaged: its checksum does "
			    "not fit");
}
