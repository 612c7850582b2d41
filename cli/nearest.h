/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest.h: "did you mean": the word closest to one that was mistyped.
 *
 *	struct nearest nearest = {.word = typed};
 *	nearest_offer(&nearest, "add"); ...
 *	nearest_hint(&nearest, text, sizeof(text));   "; did you mean add?"
 */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

#define NEAREST_SIZE 64

struct nearest {
	const char *word;
	const char *best; /* borrowed from the offer; NULL: none so far */
	unsigned int distance;
};

/* Edits (insert, delete, replace, swap of neighbours) between two words. */
unsigned int word_distance(const char *a, const char *b);

void nearest_offer(struct nearest *nearest, const char *candidate);

/* "; did you mean BEST?", or "" when nothing is close. Returns out. */
const char *nearest_hint(const struct nearest *nearest, char *out, size_t size);

#endif
