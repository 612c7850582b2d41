// SPDX-License-Identifier: Apache-2.0
/*
 * later.c: the words of vsctl's grammar that come with later versions. A line
 * goes away when its word works; nothing is carried out here.
 */
#include "later.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *word;
	const char *second; /* NULL: the word itself */
	const char *instead;
} words[] = {
	{"top", NULL, "for now: watch vsctl stats"},
};

static bool is_it(const char *said, const char *known)
{
	return said && known ? strcmp(said, known) == 0 : said == known;
}

const char *later_instead(const char *word, const char *second)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_it(word, words[i].word) &&
		    is_it(second, words[i].second))
			return words[i].instead;
	return NULL;
}
