// SPDX-License-Identifier: Apache-2.0
/*
 * words.c: natural order and nearest words.
 *
 * Before this file: none. After it: schema.c, store.c, document.c.
 */
#include "control/words.h"

#include <stdio.h>
#include <string.h>

#define WORD_SIZE 32

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compares the runs of digits that *a and *b begin with, and skips them. */
static int compare_digits(const char **a, const char **b)
{
	size_t a_size, b_size;
	int order;

	while (**a == '0')
		(*a)++;
	while (**b == '0')
		(*b)++;
	a_size = strspn(*a, "0123456789");
	b_size = strspn(*b, "0123456789");
	if (a_size != b_size)
		return a_size < b_size ? -1 : 1;
	order = strncmp(*a, *b, a_size);
	*a += a_size;
	*b += b_size;
	return order;
}

int words_compare(const char *a, const char *b)
{
	const char *a_start = a, *b_start = b;
	int order;

	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			order = compare_digits(&a, &b);
			if (order)
				return order;
			continue;
		}
		if (*a != *b)
			break;
		a++;
		b++;
	}
	order = (int)(unsigned char)*a - (int)(unsigned char)*b;
	return order ? order : strcmp(a_start, b_start);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_SIZE + 1], a_size = strlen(a), b_size = strlen(b);
	size_t i, j, corner, above;

	if (a_size > WORD_SIZE || b_size > WORD_SIZE)
		return WORD_SIZE;
	for (j = 0; j <= b_size; j++)
		row[j] = j;
	for (i = 1; i <= a_size; i++) {
		corner = row[0];
		row[0] = i;
		for (j = 1; j <= b_size; j++) {
			above = row[j];
			row[j] = least(least(above, row[j - 1]) + 1,
				       corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[b_size];
}

void words_offer(struct words_nearest *nearest, const char *candidate)
{
	size_t d = distance(nearest->word, candidate);

	if (d > 2 || d >= strlen(candidate))
		return;
	if (nearest->best && d >= nearest->distance)
		return;
	nearest->best = candidate;
	nearest->distance = d;
}

const char *words_hint(const struct words_nearest *nearest, char text[96])
{
	text[0] = '\0';
	if (nearest->best)
		snprintf(text, 96, "; did you mean '%s'?", nearest->best);
	return text;
}
