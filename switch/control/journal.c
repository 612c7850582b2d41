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

#include "control/change.h"
#include "control/json_text.h"
#include "control/json_write.h"
#include "packet/hex.h"

#define CHECK_SIZE 9 /* eight digits and a blank */

static int append(const char *piece, size_t size, void *sink)
{
	return json_write_bytes(sink, piece, size) ? -1 : 0;
}

void journal_free(struct journal_bytes *bytes)
{
	free(bytes->bytes);
	*bytes = (struct journal_bytes){.bytes = NULL};
}

int journal_write_record(struct journal_bytes *bytes, const json_t *record,
			 const struct change_list *operations)
{
	int rc;

	if (json_dump_callback(record, append, bytes, JSON_COMPACT))
		return -ENOMEM;
	if (!operations)
		return 0;
	bytes->size--; /* the record's closing brace comes behind them */
	rc = json_write_plain(bytes, ",\"ops\":");
	if (rc == 0)
		rc = change_write(bytes, operations);
	return rc ? rc : json_write_plain(bytes, "}");
}

static void write_check(uint32_t check, char text[CHECK_SIZE])
{
	snprintf(text, CHECK_SIZE, "%08x", check);
}

int journal_write_line(struct journal_bytes *bytes, const json_t *record,
		       const struct change_list *operations)
{
	size_t gap = bytes->size, start = gap + CHECK_SIZE;
	char check[CHECK_SIZE];

	if (json_write_plain(bytes, "00000000 ") ||
	    journal_write_record(bytes, record, operations))
		return -ENOMEM;
	write_check(json_text_crc(bytes->bytes + start, bytes->size - start),
		    check);
	memcpy(bytes->bytes + gap, check, CHECK_SIZE - 1);
	return json_write_plain(bytes, "\n");
}

/* The document file, around the policy's bytes. */
static const char head[] = "{\"policy\":";
static const char middle[] = ",\"check\":\"";
static const char tail[] = "\"}\n";
#define HEAD_SIZE   (sizeof(head) - 1)
#define MIDDLE_SIZE (sizeof(middle) - 1)
#define TAIL_SIZE   (sizeof(tail) - 1)
#define BEHIND	    (MIDDLE_SIZE + CHECK_SIZE - 1 + TAIL_SIZE)

int journal_write_head(struct journal_bytes *bytes)
{
	return json_write_plain(bytes, head);
}

int journal_write_tail(struct journal_bytes *bytes, uint32_t check)
{
	char text[CHECK_SIZE];

	write_check(check, text);
	if (json_write_plain(bytes, middle) || json_write_plain(bytes, text))
		return -ENOMEM;
	return json_write_plain(bytes, tail);
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
	if (record) {
		reader->at += (size_t)(end - line) + 1;
		reader->lines++;
	}
	return record;
}

bool journal_ends_torn(const struct journal_reader *reader)
{
	const char *line = reader->bytes + reader->at, *end;
	size_t left = reader->size - reader->at;

	end = left ? memchr(line, '\n', left) : NULL;
	if (!end)
		return left;
	return end == line + left - 1 && memchr(line, '\0', left);
}

static bool document_is_whole(const char *bytes, size_t size)
{
	const char *end = bytes + size - BEHIND;

	return size >= HEAD_SIZE + BEHIND &&
	       memcmp(bytes, head, HEAD_SIZE) == 0 &&
	       memcmp(end, middle, MIDDLE_SIZE) == 0 &&
	       memcmp(bytes + size - TAIL_SIZE, tail, TAIL_SIZE) == 0 &&
	       check_is(end + MIDDLE_SIZE,
			json_text_crc(bytes + HEAD_SIZE,
				      size - HEAD_SIZE - BEHIND));
}

int journal_read_document(const char *bytes, size_t size, json_t **policy,
			  size_t *used, struct vs_error *error)
{
	const char *end = size ? memchr(bytes, '\n', size) : NULL;
	json_error_t why;

	*policy = NULL;
	*used = end ? (size_t)(end - bytes) + 1 : size;
	if (!document_is_whole(bytes, *used))
		return vs_error_set(error, EINVAL, "",
				    "the stored policy is damaged: its "
				    "checksum does not fit");
	*policy = json_loadb(bytes + HEAD_SIZE, *used - HEAD_SIZE - BEHIND,
			     JSON_REJECT_DUPLICATES, &why);
	if (*policy)
		return 0;
	return vs_error_set(error, EINVAL, "",
			    "the stored policy is damaged: line %d: %s",
			    why.line, why.text);
}
