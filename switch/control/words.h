/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h: comparing names: natural order, and the nearest of some words.
 *
 * Before this file: none. After it: store.c (order), and every refusal of an
 * unknown name.
 */
#ifndef CONTROL_WORDS_H
#define CONTROL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* words_compare - as strcmp, but runs of digits compare as numbers. */
int words_compare(const char *a, const char *b);

/* The search for what somebody meant; start with {.word = ...}. */
struct words_nearest {
	const char *word;
	const char *best; /* NULL: nothing is near */
	size_t distance;
};
/* words_offer - a candidate; the nearest within two edits stays. */
void words_offer(struct words_nearest *nearest, const char *candidate);
/* words_hint - "; did you mean 'x'?" or "". Returns text. */
const char *words_hint(const struct words_nearest *nearest, char text[96]);

#endif
