/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring.c: the bounded ring of records between the workers and the writer.
 *
 * Decides only whether there is room. Before it: host->sink on a worker;
 * after it: writer.c.
 */
#include "io/ring.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FILLER UINT32_MAX /* a mark that no sink has */

struct record_header {
	_Atomic uint32_t ready; /* bytes of the whole record, 0 = not yet */
	uint32_t size;		/* of the payload */
	uint32_t mark;
	uint32_t reserved;
};

struct ring {
	uint8_t *bytes;
	uint32_t size;
	_Alignas(64) _Atomic uint64_t head; /* producers */
	_Alignas(64) _Atomic uint64_t tail; /* the consumer */
};

struct ring *ring_create(uint32_t size)
{
	struct ring *ring = aligned_alloc(64, sizeof(*ring));

	assert((size & (size - 1)) == 0 && size >= 4 * RING_RECORD_MAXIMUM);
	if (!ring)
		return NULL;
	memset(ring, 0, sizeof(*ring));
	ring->size = size;
	ring->bytes = aligned_alloc(64, size);
	if (!ring->bytes) {
		free(ring);
		return NULL;
	}
	memset(ring->bytes, 0, size);
	return ring;
}

void ring_destroy(struct ring *ring)
{
	if (!ring)
		return;
	free(ring->bytes);
	free(ring);
}

static struct record_header *at(struct ring *ring, uint64_t position)
{
	return (struct record_header *)(ring->bytes +
					(position & (ring->size - 1)));
}

/* Reserve `need` bytes that do not wrap; *position is where. */
static bool reserve(struct ring *ring, uint32_t need, uint64_t *position,
		    uint32_t *filler)
{
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	do {
		uint32_t to_end =
			ring->size - (uint32_t)(head & (ring->size - 1));
		uint64_t tail =
			atomic_load_explicit(&ring->tail, memory_order_acquire);

		*filler = to_end < need ? to_end : 0;
		if (head + *filler + need - tail > ring->size)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
		&ring->head, &head, head + *filler + need, memory_order_relaxed,
		memory_order_relaxed));
	*position = head;
	return true;
}

int ring_put(struct ring *ring, uint32_t mark, const uint8_t *const pieces[],
	     const uint32_t sizes[], uint16_t count)
{
	struct record_header *header;
	uint32_t size = 0, need, filler;
	uint64_t position;
	uint8_t *to;

	for (uint16_t i = 0; i < count; i++) {
		if (sizes[i] > RING_RECORD_MAXIMUM - size)
			return -EMSGSIZE;
		size += sizes[i];
	}
	need = (uint32_t)(sizeof(*header) + size + 15) & ~15u;
	if (!reserve(ring, need, &position, &filler))
		return -ENOBUFS;
	if (filler) {
		header = at(ring, position);
		header->mark = FILLER;
		atomic_store_explicit(&header->ready, filler,
				      memory_order_release);
		position += filler;
	}
	header = at(ring, position);
	header->size = size;
	header->mark = mark;
	to = (uint8_t *)(header + 1);
	for (uint16_t i = 0; i < count; i++) {
		memcpy(to, pieces[i], sizes[i]);
		to += sizes[i];
	}
	atomic_store_explicit(&header->ready, need, memory_order_release);
	return 0;
}

int ring_peek(struct ring *ring, struct ring_record *record)
{
	for (;;) {
		uint64_t tail =
			atomic_load_explicit(&ring->tail, memory_order_relaxed);
		struct record_header *header = at(ring, tail);

		if (!atomic_load_explicit(&header->ready, memory_order_acquire))
			return 0;
		if (header->mark != FILLER) {
			record->bytes = (const uint8_t *)(header + 1);
			record->size = header->size;
			record->mark = header->mark;
			return 1;
		}
		ring_take(ring);
	}
}

void ring_take(struct ring *ring)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	struct record_header *header = at(ring, tail);
	uint32_t size =
		atomic_load_explicit(&header->ready, memory_order_relaxed);

	memset((uint8_t *)header, 0, size);
	atomic_store_explicit(&ring->tail, tail + size, memory_order_release);
}
