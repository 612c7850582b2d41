/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring.h: records from any thread to one, bounded, without a lock.
 *
 * Theory of operation
 * -------------------
 * A power of two of bytes; `head` and `tail` count for ever. A producer
 * reserves room by compare-and-swap of head, fills it, then sets the record's
 * `ready` (release). The one consumer takes records in order as long as they
 * are ready (acquire), zeroes what it took, then moves tail (release): a place
 * that nobody filled yet always reads as not ready. A record never wraps: a
 * filler record takes the rest of the lap. All sizes are multiples of 16.
 */
#ifndef IO_RING_H
#define IO_RING_H

#include <stdatomic.h>
#include <stdint.h>

struct ring;

#define RING_RECORD_MAXIMUM (128u * 1024)

/* ring_create - `size` bytes, a power of two >= 4 records; NULL: no memory. */
struct ring *ring_create(uint32_t size);
void ring_destroy(struct ring *ring);

/* ring_put - any thread: 0, -ENOBUFS (full), -EMSGSIZE. */
int ring_put(struct ring *ring, uint32_t mark, const uint8_t *const pieces[],
	     const uint32_t sizes[], uint16_t count);

struct ring_record {
	const uint8_t *bytes;
	uint32_t size;
	uint32_t mark;
};
/* ring_peek - the consumer: 1 = *record is the oldest, 0 = none is ready. */
int ring_peek(struct ring *ring, struct ring_record *record);
/* ring_take - the consumer is done with what peek gave. */
void ring_take(struct ring *ring);

#endif
