/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int wnv_index_create(struct wnv_index *index, uint32_t count)
{
	size_t size = 4;

	*index = (struct wnv_index){0};
	if (!count)
		return 0;
	while (size / 4 * 3 < count)
		size *= 2;
	index->slots = malloc(size * sizeof(*index->slots));
	if (!index->slots)
		return -ENOMEM;
	memset(index->slots, 0xff, size * sizeof(*index->slots));
	index->mask = (uint32_t)(size - 1);
	return 0;
}

void wnv_index_destroy(struct wnv_index *index)
{
	free(index->slots);
	index->slots = NULL;
}

void wnv_index_add(struct wnv_index *index, uint32_t hash, uint32_t position)
{
	uint32_t at = hash;

	assert(index->slots);
	while (index->slots[at & index->mask].position != UINT32_MAX)
		at++;
	index->slots[at & index->mask] = (struct wnv_slot){hash, position};
}
