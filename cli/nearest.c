// SPDX-License-Identifier: Apache-2.0
/*
 * nearest.c: how far two words are apart, and whether that is near enough to
 * suggest one: at most two edits, and fewer than half of what was typed.
 */
#include "nearest.h"

#include <stdio.h>
#include <string.h>

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int word_distance(const char *a, const char *b)
{
	unsigned int rows[3][NEAREST_SIZE + 1];
	size_t m = strlen(a), n = strlen(b);

	if (m > NEAREST_SIZE || n > NEAREST_SIZE)
		return NEAREST_SIZE;
	for (size_t j = 0; j <= n; j++)
		rows[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= m; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *up = rows[(i + 2) % 3];
		const unsigned int *two_up = rows[(i + 1) % 3];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned int differ = a[i - 1] != b[j - 1];

			row[j] = least(up[j - 1] + differ,
				       least(up[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], two_up[j - 2] + 1);
		}
	}
	return rows[m % 3][n];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	unsigned int distance = word_distance(nearest->word, candidate);

	if (distance > 2 || distance * 2 > strlen(nearest->word))
		return;
	if (nearest->best && nearest->distance <= distance)
		return;
	nearest->best = candidate;
	nearest->distance = distance;
}

const char *nearest_hint(const struct nearest *nearest, char *out, size_t size)
{
	out[0] = '\0';
	if (nearest->best)
		snprintf(out, size, "; did you mean %s?", nearest->best);
	return out;
}
