// SPDX-License-Identifier: Apache-2.0
/*
 * epoch.c: who uses which snapshot.
 *
 * Decides when nobody can see a snapshot any more; frees nothing itself
 * (switch.c does). A worker announces generation 0, which pins everything,
 * before it loads the pointer: so it never reads a snapshot that the main
 * thread believes unused, and there is no loop.
 */
#include "core/epoch.h"

#include <assert.h>

#include "core/snapshot.h"

void vs_epoch_init(struct vs_epoch *epoch, uint16_t workers)
{
	uint16_t i;

	assert(workers <= VS_WORKERS_MAXIMUM);
	atomic_init(&epoch->published, NULL);
	epoch->workers = workers;
	for (i = 0; i < VS_WORKERS_MAXIMUM; i++) {
		atomic_init(&epoch->slot[i].generation, VS_EPOCH_PARKED);
		atomic_init(&epoch->slot[i].pinned, VS_EPOCH_PARKED);
	}
}

struct vs_snapshot *vs_epoch_enter(struct vs_epoch *epoch, uint16_t worker)
{
	_Atomic uint64_t *slot = &epoch->slot[worker].generation;
	struct vs_snapshot *snapshot;

	atomic_store(slot, 0);
	snapshot = atomic_load(&epoch->published);
	atomic_store_explicit(slot,
			      snapshot ? snapshot->generation : VS_EPOCH_PARKED,
			      memory_order_release);
	return snapshot;
}

void vs_epoch_park(struct vs_epoch *epoch, uint16_t worker)
{
	atomic_store_explicit(&epoch->slot[worker].generation, VS_EPOCH_PARKED,
			      memory_order_release);
}

void vs_epoch_pin(struct vs_epoch *epoch, uint16_t worker,
		  const struct vs_snapshot *snapshot)
{
	atomic_store_explicit(&epoch->slot[worker].pinned,
			      snapshot ? snapshot->generation : VS_EPOCH_PARKED,
			      memory_order_release);
}

struct vs_snapshot *vs_epoch_publish(struct vs_epoch *epoch,
				     struct vs_snapshot *snapshot)
{
	return atomic_exchange(&epoch->published, snapshot);
}

/* In this order: who has parked since has said what it pins before. */
static uint64_t held_by(const struct vs_epoch_slot *slot)
{
	uint64_t generation = atomic_load(&slot->generation);
	uint64_t pinned = atomic_load(&slot->pinned);

	return pinned < generation ? pinned : generation;
}

uint64_t vs_epoch_oldest(const struct vs_epoch *epoch, uint16_t *holder)
{
	uint64_t oldest = VS_EPOCH_PARKED;
	uint16_t i;

	*holder = UINT16_MAX;
	for (i = 0; i < epoch->workers; i++) {
		uint64_t generation = held_by(&epoch->slot[i]);

		if (generation < oldest) {
			oldest = generation;
			*holder = i;
		}
	}
	return oldest;
}
