/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h: a document as somebody has it: in a file, on the input, or behind
 * a pipe that waits for its writer. What it means is the daemon's to judge.
 */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include <jansson.h>

#include "complaint.h"

/*
 * Reads the file ("-": standard input). What is no JSON is refused with line
 * and column; a named pipe into which nobody writes for timeout_ms (-1: for
 * ever) is a time-out. *document is the caller's, NULL when refused.
 */
enum vs_exit document_load(const char *file, int timeout_ms, json_t **document,
			   struct complaint *complaint);

#endif
