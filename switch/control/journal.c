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

/* Writes `json` compactly, and the check of those bytes into a gap of eight
 * digits that was left at `gap`. */
static int append_checked(struct journal_bytes *bytes, const json_t *json,
			  size_t gap)
{
	size_t start = bytes->size;
	char check[CHECK_SIZE];

	if (json_dump_callback(json, append, bytes, JSON_COMPACT))
		return -ENOMEM;
	snprintf(check, sizeof(check), "%08x",
		 json_text_crc(bytes->bytes + start, bytes->size - start));
	memcpy(bytes->bytes + gap, check, CHECK_SIZE - 1);
	return 0;
}

int journal_write_line(struct journal_bytes *bytes, const json_t *record)
{
	size_t gap = bytes->size;

	if (append("00000000 ", CHECK_SIZE, bytes) ||
	    append_checked(bytes, record, gap) || append("\n", 1, bytes))
		return -ENOMEM;
	return 0;
}

/* The document file, around the policy's bytes. */
static const char head[] = "{\"check\":\"";
static const char middle[] = "\",\"policy\":";
static const char tail[] = "}\n";
#define HEAD_SIZE   (sizeof(head) - 1)
#define MIDDLE_SIZE (sizeof(middle) - 1)
#define TAIL_SIZE   (sizeof(tail) - 1)
#define POLICY_AT   (HEAD_SIZE + 8 + MIDDLE_SIZE)

int journal_write_document(struct journal_bytes *bytes, const json_t *policy)
{
	size_t gap = bytes->size + HEAD_SIZE;

	if (append(head, HEAD_SIZE, bytes) || append("00000000", 8, bytes) ||
	    append(middle, MIDDLE_SIZE, bytes) ||
	    append_checked(bytes, policy, gap) ||
	    append(tail, TAIL_SIZE, bytes))
		return -ENOMEM;
	return 0;
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

static bool document_is_whole(const char *bytes, size_t size)
{
	return size >= POLICY_AT + TAIL_SIZE &&
	       memcmp(bytes, head, HEAD_SIZE) == 0 &&
	       memcmp(bytes + HEAD_SIZE + 8, middle, MIDDLE_SIZE) == 0 &&
	       memcmp(bytes + size - TAIL_SIZE, tail, TAIL_SIZE) == 0 &&
	       check_is(bytes + HEAD_SIZE,
			json_text_crc(bytes + POLICY_AT,
				      size - POLICY_AT - TAIL_SIZE));
}

int journal_read_document(const char *bytes, size_t size, json_t **policy,
			  struct vs_error *error)
{
	json_error_t why;

	*policy = NULL;
	if (!document_is_whole(bytes, size))
		return vs_error_set(error, EINVAL, "",
				    "the stored policy is damaged: its "
				    "checksum does not fit");
	*policy = json_loadb(bytes + POLICY_AT, size - POLICY_AT - TAIL_SIZE,
			     JSON_REJECT_DUPLICATES, &why);
	if (*policy)
		return 0;
	return vs_error_set(error, EINVAL, "",
			    "the stored policy is damaged: line %d: %s",
			    why.line, why.text);
}
