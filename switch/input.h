/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h: files that the command line names.
 *
 * Whoever names a file waits for an answer: what has no end (a device) or no
 * writer (a named pipe) is refused instead of waited for. What a shell puts in
 * a file's place, <(...), is a pipe without a name and is read to its end.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdio.h>

struct vs_error;

/* input_open - NULL: `error` says why; its code is ENOENT and the like, or
 * EINVAL for what is no file. The caller closes it. */
FILE *input_open(const char *file, struct vs_error *error);

/* input_document - a document of at most VS_RPC_DOCUMENT_SIZE as a sealed
 * memfd, as a client sends it; "-": stdin. The fd, the caller's, or -errno. */
int input_document(const char *file, struct vs_error *error);

#endif
