// SPDX-License-Identifier: Apache-2.0
/*
 * later.c: the words of vsctl's grammar that come with later versions. A line
 * goes away when its word works; nothing is carried out here.
 */
#include "later.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *word, *instead;
} words[] = {
	{"top", "for now: watch vsctl stats"},
};

const char *later_instead(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i].word) == 0)
			return words[i].instead;
	return NULL;
}
