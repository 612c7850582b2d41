/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counter.h: a number that one thread writes and any thread may read: a worker
 * counts, the main thread shows. As nobody else writes it, adding needs no
 * locked instruction; as nothing hangs on it, a reader needs no order.
 */
#ifndef PACKET_COUNTER_H
#define PACKET_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

/* counter_add - by its writer alone. */
static inline void counter_add(_Atomic uint64_t *counter, uint64_t amount)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + amount, memory_order_relaxed);
}

/* counter_read - by anybody. */
static inline uint64_t counter_read(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
