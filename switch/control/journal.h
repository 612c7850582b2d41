/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal.h: the bytes of the two files that hold the policy.
 *
 * The journal: one accepted change a line, `CHECK JSON`, CHECK being the
 * CRC-32C of the JSON's bytes in eight hex digits. A crash may tear the last
 * line: the reader stops before the first line that is not whole, and says
 * how many bytes are good. A line that has its end, or more behind it, was no
 * crash's: such changes were accepted, and are not given up in silence. The
 * document file: a line {"policy":{"generation",
 * "document","log"},"check":"CHECK"}, CHECK being that of the policy's bytes,
 * and behind it journal lines of what was changed while the first one was
 * written; it is replaced as a whole, and then the journal is emptied. Lines
 * of its generation or older are already in it.
 *
 * Bytes only; what a record means is history.c's. Before this file: the
 * writer thread. After it: compact.c, apply.c.
 */
#ifndef CONTROL_JOURNAL_H
#define CONTROL_JOURNAL_H

#include <jansson.h>

#include <vswitch/types.h>

/* A growing text; zero it, journal_free() it. */
struct journal_bytes {
	char *bytes;
	size_t size, room;
};
void journal_free(struct journal_bytes *bytes);
struct change_list;
/* journal_write_line - a record and its operations (NULL: it has none);
 * appends. 0 or -ENOMEM. */
int journal_write_line(struct journal_bytes *bytes, const json_t *record,
		       const struct change_list *operations);
/* journal_write_record - the same without check and line's end. */
int journal_write_record(struct journal_bytes *bytes, const json_t *record,
			 const struct change_list *operations);
/* What stands around the policy's bytes in the document file. */
int journal_write_head(struct journal_bytes *bytes);
int journal_write_tail(struct journal_bytes *bytes, uint32_t check);

struct journal_reader {
	const char *bytes;
	size_t size;
	size_t at, lines; /* good so far */
};
/* journal_read - the next record, the caller's; NULL = the end, or torn. */
json_t *journal_read(struct journal_reader *reader);
/* journal_ends_torn - is what journal_read left the last line as a crash may
 * leave it, without its end, or with a hole? Else the end, or damaged. */
bool journal_ends_torn(const struct journal_reader *reader);
/* journal_read_document - 0 or -errno with `error`: damaged. *used: the bytes
 * of it; journal lines may follow. */
int journal_read_document(const char *bytes, size_t size, json_t **policy,
			  size_t *used, struct vs_error *error);

#endif
