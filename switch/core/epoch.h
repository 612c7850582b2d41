/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoch.h: agreement between the main thread and workers without a lock.
 *
 * Snapshots carry a generation. A worker stores the generation it uses in its
 * own cache line when it wakes (enter) and PARKED before it sleeps (park). A
 * snapshot older than every worker's generation can be freed: nobody can see
 * it. Who writes what: `published` by the main thread only; a slot by its
 * worker only; anybody reads. enter() announces generation 0, which pins
 * everything, before it reads `published` (sequentially consistent on both
 * sides), so that what it reads can't be freed in between.
 *
 * Who keeps something of a snapshot while the worker is parked (the pump: the
 * fds of its links in a poller) pins it: `pinned` is the oldest generation of
 * which something is kept, PARKED = nothing. It may be set while that
 * generation is entered, so that there is no moment at which neither says so.
 */
#ifndef CORE_EPOCH_H
#define CORE_EPOCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define VS_WORKERS_MAXIMUM 16u /* the probe worker included */
#define VS_EPOCH_PARKED	   UINT64_MAX

struct vs_epoch_slot {
	_Alignas(64) _Atomic uint64_t generation;
	_Atomic uint64_t pinned;
};

struct vs_snapshot; /* snapshot.h; has a generation */

struct vs_epoch {
	_Atomic(struct vs_snapshot *) published;
	uint16_t workers;
	struct vs_epoch_slot slot[VS_WORKERS_MAXIMUM];
};

void vs_epoch_init(struct vs_epoch *epoch, uint16_t workers);
/* vs_epoch_enter - the snapshot that worker may use until it parks. */
struct vs_snapshot *vs_epoch_enter(struct vs_epoch *epoch, uint16_t worker);
void vs_epoch_park(struct vs_epoch *epoch, uint16_t worker);
/* vs_epoch_pin - that worker keeps something of the snapshot that it has
 * entered, and of no older one; NULL: of none. */
void vs_epoch_pin(struct vs_epoch *epoch, uint16_t worker,
		  const struct vs_snapshot *snapshot);
/* vs_epoch_publish - returns the snapshot that is now retired (or NULL). */
struct vs_snapshot *vs_epoch_publish(struct vs_epoch *epoch,
				     struct vs_snapshot *snapshot);
/* vs_epoch_oldest - no worker uses or pins a generation below this one. *holder
 * gets the worker that holds the oldest (UINT16_MAX = none does). */
uint64_t vs_epoch_oldest(const struct vs_epoch *epoch, uint16_t *holder);

#endif
