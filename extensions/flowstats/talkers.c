// SPDX-License-Identifier: Apache-2.0
/*
 * talkers.c: see talkers.h. The table is small: it is searched from its front,
 * to which whoever talks moves.
 */
#include "talkers.h"

#include <stdlib.h>
#include <string.h>

static bool is_same(const struct talker *a, const struct talker *b)
{
	return a->vsid.value == b->vsid.value &&
	       memcmp(&a->ip, &b->ip, sizeof(a->ip)) == 0 &&
	       memcmp(&a->mac, &b->mac, sizeof(a->mac)) == 0;
}

static uint32_t smallest(const struct talkers *talkers)
{
	uint32_t least = 0;

	for (uint32_t i = 1; i < talkers->count; i++)
		if (talkers->of[i].bytes < talkers->of[least].bytes)
			least = i;
	return least;
}

/* One place to the front: who talks all the time is found at once. */
static void promote(struct talkers *talkers, uint32_t at)
{
	struct talker moved = talkers->of[at];

	if (!at)
		return;
	talkers->of[at] = talkers->of[at - 1];
	talkers->of[at - 1] = moved;
}

void talkers_add(struct talkers *talkers, const struct talker *who)
{
	uint32_t at = 0;

	while (at < talkers->count && !is_same(&talkers->of[at], who))
		at++;
	if (at == talkers->count && at < talkers->size) {
		talkers->of[talkers->count++] = *who;
		return;
	}
	if (at == talkers->count) {
		uint64_t bytes;

		at = smallest(talkers);
		bytes = talkers->of[at].bytes;
		talkers->of[at] = *who;
		talkers->of[at].bytes += bytes;
		talkers->of[at].inherited += bytes;
	} else {
		talkers->of[at].frames += who->frames;
		talkers->of[at].bytes += who->bytes;
		talkers->of[at].inherited += who->inherited;
	}
	promote(talkers, at);
}

static int by_bytes(const void *left, const void *right)
{
	const struct talker *a = left, *b = right;

	return a->bytes < b->bytes ? 1 : a->bytes > b->bytes ? -1 : 0;
}

void talkers_sort(struct talkers *talkers)
{
	if (talkers->count)
		qsort(talkers->of, talkers->count, sizeof(*talkers->of),
		      by_bytes);
}
