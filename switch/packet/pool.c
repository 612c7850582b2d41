// SPDX-License-Identifier: Apache-2.0
/*
 * pool.c: a worker's packet buffers. Decides who holds a buffer, never what
 * is in it. One allocation per kind when the pool is made, none afterwards.
 *
 * Before this file: the link that reads. After it: parse.c.
 */
#include <assert.h>
#include <stdlib.h>

#include "packet/pool.h"

#define LINE	      64u
#define SMALL_DEFAULT 1024u
#define BIG_DEFAULT   16u
#define SMALL_BUFFER  (VS_PACKET_HEADROOM + VS_SMALL_SIZE)

_Static_assert(SMALL_BUFFER % LINE == 0 && VS_BIG_SIZE % LINE == 0,
	       "buffers begin on a cache line");

static bool shelf_fill(struct vs_pool *pool, struct vs_shelf *shelf,
		       uint32_t count, uint32_t size)
{
	size_t room = VS_PACKET_ROOM, total = (room + size) * count;
	struct vs_packet *packet;
	uint8_t *packets, *buffers;
	uint32_t i;

	shelf->memory = calloc(1, total + LINE);
	if (!shelf->memory)
		return false;
	packets = shelf->memory + (-(uintptr_t)shelf->memory & (LINE - 1));
	buffers = packets + room * count;
	shelf->packets = packets;
	for (i = count; i-- > 0;) {
		packet = (struct vs_packet *)(void *)(packets + room * i);
		packet->pool = pool;
		packet->buffer = buffers + (size_t)size * i;
		packet->capacity = size;
		packet->big = shelf == &pool->big;
		packet->next = shelf->first_free;
		shelf->first_free = packet;
	}
	shelf->count = count;
	shelf->free_count = count;
	return true;
}

struct vs_pool *vs_pool_create(const struct vs_pool_params *params)
{
	uint32_t small = params->small_count, big = params->big_count;
	struct vs_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	if (!shelf_fill(pool, &pool->small, small ? small : SMALL_DEFAULT,
			SMALL_BUFFER) ||
	    !shelf_fill(pool, &pool->big, big ? big : BIG_DEFAULT,
			VS_BIG_SIZE)) {
		vs_pool_destroy(pool);
		return NULL;
	}
	return pool;
}

void vs_pool_destroy(struct vs_pool *pool)
{
	if (!pool)
		return;
	assert(pool->small.free_count == pool->small.count);
	assert(pool->big.free_count == pool->big.count);
	free(pool->small.memory);
	free(pool->big.memory);
	free(pool);
}

static struct vs_packet *shelf_at(const struct vs_shelf *shelf, size_t index)
{
	return (struct vs_packet *)(void *)(shelf->packets +
					    index * VS_PACKET_ROOM);
}

struct vs_packet *vs_pool_next(struct vs_pool *pool,
			       const struct vs_packet *after)
{
	size_t next = 0;

	if (after && after->big)
		next = pool->small.count + vs_shelf_index(&pool->big, after) +
		       1;
	else if (after)
		next = vs_shelf_index(&pool->small, after) + 1;
	if (next < pool->small.count)
		return shelf_at(&pool->small, next);
	next -= pool->small.count;
	return next < pool->big.count ? shelf_at(&pool->big, next) : NULL;
}

void vs_pool_stats(const struct vs_pool *pool, struct vs_pool_stats *stats)
{
	*stats = (struct vs_pool_stats){
		.small_free = pool->small.free_count,
		.small_count = pool->small.count,
		.big_free = pool->big.free_count,
		.big_count = pool->big.count,
		.small_empty = counter_read(&pool->small.empty),
		.big_empty = counter_read(&pool->big.empty),
	};
}

uint64_t vs_pool_empty(const struct vs_pool *pool)
{
	return counter_read(&pool->small.empty) +
	       counter_read(&pool->big.empty);
}
