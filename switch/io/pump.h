/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pump.h: the spine's first and last step: links -> worker -> links.
 *
 * Theory of operation
 * -------------------
 * The pump has N threads. Thread i drives worker i of every switch. A round:
 * enter each worker's epoch; if a snapshot is new, look at vs_worker_ports
 * and watch what this worker reads; serve each ready port in turn with at
 * most 64 frames or 256 KiB (what a burst overshoots is taken from the next
 * turn); tick what is due; flush. A new snapshot or a due tick ends a round
 * early: a change waits for one port's turn at most. Nothing ready: spin a
 * little if that is allowed, then park every worker and sleep.
 *
 * A link is touched only while a snapshot that names it is entered, and is in
 * a thread's poller only while that thread pins such a snapshot, asleep or not.
 * So the main thread may close it as soon as the core says link_retired: the
 * number of its fd is nobody else's while a poller is asked about it. A link
 * that reports -ENODEV is taken out of the loop at once and marked
 * (vs_link.gone); the owner hears of it and opens the device again.
 *
 * Before this file: nothing. After it: tap.c, packet_socket.c (rx), then
 * core/worker.c.
 */
#ifndef IO_PUMP_H
#define IO_PUMP_H

#include <vswitch/types.h>

#include "core/switch.h"

struct pump;
struct fast;

#define PUMP_SPIN_AUTO UINT32_MAX
#define PUMP_SPIN_MAX  50u /* microseconds */
#define PUMP_SWITCHES  64u

struct pump_owner {
	/* any worker thread: some link's `gone` was set: wake the main loop
	 * and look; must not block */
	void (*link_gone)(struct pump_owner *owner);
};

struct pump_params {
	uint16_t workers;  /* 1..VS_WORKERS_MAXIMUM-1 */
	uint32_t spin_us;  /* 0..PUMP_SPIN_MAX; AUTO = only where the thread
			    * may use more than one CPU */
	struct fast *fast; /* fast.h; NULL: no fast path. Outlives the pump */
	struct pump_owner *owner;
};

/* pump_create - starts the threads, which sleep. 0 or -errno. */
int pump_create(struct pump **pump, const struct pump_params *params,
		struct vs_error *error);
/* pump_destroy - stops and joins the threads; every worker is parked. Close
 * links and destroy switches after it. NULL is allowed. */
void pump_destroy(struct pump *pump);

/*
 * A switch with the pump's number of workers. add: its ports are read from
 * its next publish on. drop: asks the threads to let go; pump_holds says
 * whether one still may touch it (poll it from a timer, then
 * vs_switch_destroy). Main thread. -ENOSPC: PUMP_SWITCHES.
 */
int pump_add(struct pump *pump, struct vs_switch *sw);
void pump_drop(struct pump *pump, struct vs_switch *sw);
bool pump_holds(const struct pump *pump, const struct vs_switch *sw);

/* pump_wake - any thread: a worker's mailbox has something, or (UINT16_MAX =
 * all workers) a snapshot was published: call it after each publish. */
void pump_wake(struct pump *pump, uint16_t worker);

struct pump_stats {
	uint64_t rounds, sleeps, wakes, bursts, frames;
	uint64_t no_link; /* entries for a port without a device */
	uint64_t starved; /* bursts that found no buffer */
};
/* pump_stats - of one worker; any thread. */
void pump_stats(const struct pump *pump, uint16_t worker,
		struct pump_stats *stats);

#endif
