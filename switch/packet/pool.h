/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h: a worker's packet buffers: small (2 KiB) and big (68 KiB).
 *
 * Everything is allocated when the pool is made; take and give never
 * allocate. One worker, no locks. A link reads into {small buffer, tail of
 * the spare big buffer}; only a frame that spilled becomes a big packet.
 */
#ifndef PACKET_POOL_H
#define PACKET_POOL_H

#include <assert.h>

#include "packet.h"

#define VS_SMALL_SIZE 2048u	    /* bytes behind the headroom */
#define VS_BIG_SIZE   (68u * 1024u) /* with the headroom */

struct vs_pool_params {
	uint32_t small_count; /* default 1024 */
	uint32_t big_count;   /* default 16 */
};

/* vs_pool_create - NULL when out of memory. The pool owns its buffers. */
struct vs_pool *vs_pool_create(const struct vs_pool_params *params);
/* vs_pool_destroy - every packet must be back; NULL is allowed. */
void vs_pool_destroy(struct vs_pool *pool);

/*
 * vs_pool_take - an unparsed packet with one reference, view.data at the
 * headroom, size 0, no offload, metadata cleared; NULL = none left. `big`
 * asks for a 68 KiB buffer.
 */
struct vs_packet *vs_pool_take(struct vs_pool *pool, bool big);
/* vs_packet_free - to the pool: nobody has a reference any more. */
void vs_packet_free(struct vs_packet *packet);

static inline void vs_packet_ref(struct vs_packet *packet)
{
	assert(packet->references > 0);
	packet->references++;
}

/* vs_packet_unref - the last reference gives the buffer back. */
static inline void vs_packet_unref(struct vs_packet *packet)
{
	assert(packet->references > 0);
	if (--packet->references == 0)
		vs_packet_free(packet);
}

/*
 * vs_pool_spill - turn a full small packet, whose bytes beyond VS_SMALL_SIZE
 * were read to view.data + VS_SMALL_SIZE of `big`, into that big packet: the
 * small part is copied to big's front, the small one given back.
 */
struct vs_packet *vs_pool_spill(struct vs_packet *small, struct vs_packet *big,
				uint32_t size);

struct vs_pool_stats {
	uint32_t small_free, small_count, big_free, big_count;
	uint64_t small_empty, big_empty; /* takes that found none */
};
/* vs_pool_stats - by the pool's own thread. */
void vs_pool_stats(const struct vs_pool *pool, struct vs_pool_stats *stats);
/* vs_pool_empty - takes that found none, of either size; any thread. */
uint64_t vs_pool_empty(const struct vs_pool *pool);

#endif
