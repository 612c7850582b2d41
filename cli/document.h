/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h: a document as somebody has it: in a file, on the input, or behind
 * a pipe that waits for its writer. What it means is the daemon's to judge; a
 * large one is not even parsed here, so that the daemon can refuse it at once.
 */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include <stddef.h>

#include <jansson.h>

#include "complaint.h"

/* Either a value or a text; neither: there is no document. */
struct document {
	char name[256]; /* for complaints: as much of it as fits */
	json_t *json;	/* what fits into a request */
	char *text;	/* what does not, as it stands; `size` bytes */
	size_t size;
};

/*
 * Reads the file ("-": standard input). What is small and no JSON is refused
 * with line and column, and so is what is larger than a document may be; a
 * named pipe into which nobody writes for timeout_ms (-1: for ever) is a
 * time-out. *document is empty when refused.
 */
enum vs_exit document_load(const char *file, int timeout_ms,
			   struct document *document,
			   struct complaint *complaint);

/* What the daemon said of a text as a whole (of one that it could not parse)
 * now names the file, too; what names a place stays. Returns the exit code. */
enum vs_exit document_blame(const struct document *document, enum vs_exit code,
			    struct complaint *complaint);

void document_free(struct document *document);

#endif
