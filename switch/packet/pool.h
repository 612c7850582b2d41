/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h: a worker's packet buffers: small (2 KiB) and big (68 KiB).
 *
 * Everything is allocated when the pool is made; take and give never
 * allocate. One worker, no locks. A link reads into a big buffer; what fits a
 * small one moves there (io/rx.h).
 */
#ifndef PACKET_POOL_H
#define PACKET_POOL_H

#include <assert.h>

#include "packet/counter.h"
#include "packet/packet.h"

#define VS_SMALL_SIZE 2048u	    /* bytes behind the headroom */
#define VS_BIG_SIZE   (68u * 1024u) /* with the headroom */

/* The buffers of one size. */
struct vs_shelf {
	uint8_t *memory;  /* as allocated */
	uint8_t *packets; /* the first of `count`, side by side */
	uint32_t count, free_count;
	struct vs_packet *first_free;
	_Atomic uint64_t empty; /* takes that found none; read by any thread */
};

/* Packets begin on cache lines, which they fill: a constant division. */
#define VS_PACKET_ROOM ((sizeof(struct vs_packet) + 63) / 64 * 64)

/* vs_shelf_index - the packet's index, or `count` and more: none of it. */
static inline size_t vs_shelf_index(const struct vs_shelf *shelf,
				    const struct vs_packet *packet)
{
	size_t offset =
		(uintptr_t)packet - (uintptr_t)(const void *)shelf->packets;

	return offset % VS_PACKET_ROOM ? shelf->count : offset / VS_PACKET_ROOM;
}

/* In sight only so that take and free, two per frame, need no call. */
struct vs_pool {
	struct vs_shelf small, big;
};

struct vs_pool_params {
	uint32_t small_count; /* default 1024 */
	uint32_t big_count;   /* default 16 */
};

/* vs_pool_create - NULL when out of memory. The pool owns its buffers. */
struct vs_pool *vs_pool_create(const struct vs_pool_params *params);
/* vs_pool_destroy - every packet must be back; NULL is allowed. */
void vs_pool_destroy(struct vs_pool *pool);

/* As fresh as from the constructor, whoever had it before. */
static inline void vs_packet_reset(struct vs_packet *packet)
{
	packet->view = (struct vs_view){
		.data = packet->buffer + VS_PACKET_HEADROOM,
		.struct_size = sizeof(packet->view),
		.vlan = VS_ABSENT,
		.l3 = VS_ABSENT,
		.l4 = VS_ABSENT,
		.payload = VS_ABSENT,
		.offload.csum_start = VS_ABSENT,
	};
	packet->references = 1;
	packet->next = NULL;
	packet->destinations = NULL;
	packet->walk = NULL;
	packet->ledger_row = 0;
	packet->verdict = (struct vs_verdict){.action = VS_PASS};
	packet->destination.value = 0;
	packet->entry = 0;
	packet->slot = 0;
	packet->edited = false;
	packet->made = false;
	packet->held = false;
}

/*
 * vs_pool_take - an unparsed packet with one reference, view.data at the
 * headroom, size 0, no offload, metadata cleared; NULL = none left. `big`
 * asks for a 68 KiB buffer.
 */
static inline struct vs_packet *vs_pool_take(struct vs_pool *pool, bool big)
{
	struct vs_shelf *shelf = big ? &pool->big : &pool->small;
	struct vs_packet *packet = shelf->first_free;

	if (__builtin_expect(!packet, 0)) {
		counter_add(&shelf->empty, 1);
		return NULL;
	}
	shelf->first_free = packet->next;
	shelf->free_count--;
	vs_packet_reset(packet);
	return packet;
}

/* vs_packet_free - to the pool: nobody has a reference any more. */
static inline void vs_packet_free(struct vs_packet *packet)
{
	struct vs_shelf *shelf =
		packet->big ? &packet->pool->big : &packet->pool->small;

	packet->next = shelf->first_free;
	shelf->first_free = packet;
	shelf->free_count++;
}

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

/* vs_pool_has - is it the address of a packet of this pool, taken or free? */
static inline bool vs_pool_has(const struct vs_pool *pool,
			       const struct vs_packet *packet)
{
	return vs_shelf_index(&pool->small, packet) < pool->small.count ||
	       vs_shelf_index(&pool->big, packet) < pool->big.count;
}
/* vs_pool_next - walk all packets, taken or free: `after` NULL begins, NULL is
 * the end. */
struct vs_packet *vs_pool_next(struct vs_pool *pool,
			       const struct vs_packet *after);

struct vs_pool_stats {
	uint32_t small_free, small_count, big_free, big_count;
	uint64_t small_empty, big_empty; /* takes that found none */
};
/* vs_pool_stats - by the pool's own thread. */
void vs_pool_stats(const struct vs_pool *pool, struct vs_pool_stats *stats);
/* vs_pool_empty - takes that found none, of either size; any thread. */
uint64_t vs_pool_empty(const struct vs_pool *pool);

#endif
