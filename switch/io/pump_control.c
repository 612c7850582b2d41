/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pump_control.c: the main thread's side of the pump: start, stop, which
 * switches it serves, wake-ups, numbers.
 *
 * Before it: the engine; after it: pump.c on the worker's thread.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "io/fast.h"
#include "io/pump_thread.h"

/* -- the main thread's side --------------------------------------------------
 */

static void on_woken(struct poller_watch *watch)
{
	struct pump_thread *thread =
		(struct pump_thread *)((char *)watch -
				       offsetof(struct pump_thread,
						poller.woken));

	counter_add(&thread->counters.wakes, 1);
}

void pump_wake(struct pump *pump, uint16_t worker)
{
	for (uint16_t i = 0; i < pump->workers; i++) {
		struct pump_thread *thread = pump->thread[i];

		if (worker != UINT16_MAX && worker != i)
			continue;
		atomic_store(&thread->woken, true);
		if (atomic_load(&thread->asleep))
			poller_wake(&thread->poller);
	}
}

static int thread_create(struct pump *pump, uint16_t index)
{
	struct pump_thread *thread =
		aligned_alloc(64, (sizeof(*thread) + 63) / 64 * 64);
	int error;

	if (!thread)
		return -ENOMEM;
	memset(thread, 0, sizeof(*thread));
	thread->pump = pump;
	thread->index = index;
	thread->outbox.flush = pump_flush;
	thread->starved_until = UINT64_MAX;
	thread->scratch = link_scratch_create();
	error = thread->scratch ? poller_open(&thread->poller, on_woken)
				: -ENOMEM;
	if (error) {
		link_scratch_destroy(thread->scratch);
		free(thread);
		return error;
	}
	pump->thread[index] = thread;
	pump->workers++;
	return 0;
}

/* Signals are the main thread's. */
static int thread_start(struct pump_thread *thread)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread->thread, NULL, pump_thread_main, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	thread->running = !error;
	return -error;
}

static int thread_fast(struct pump_thread *thread,
		       const struct pump_params *params)
{
	thread->fast =
		fast_table_create(params->fast, thread->index, params->workers);
	return thread->fast ? 0 : -ENOMEM;
}

int pump_create(struct pump **out, const struct pump_params *params,
		struct vs_error *error)
{
	struct pump *pump = calloc(1, sizeof(*pump));
	int failed = 0;

	assert(params->workers && params->workers < VS_WORKERS_MAXIMUM);
	if (!pump)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	pump->owner = params->owner;
	pump->spin_auto = params->spin_us == PUMP_SPIN_AUTO;
	pump->spin_ns =
		1000u * (params->spin_us < PUMP_SPIN_MAX ? params->spin_us
							 : PUMP_SPIN_MAX);
	for (uint16_t i = 0; i < params->workers && !failed; i++) {
		failed = thread_create(pump, i);
		if (!failed && params->fast)
			failed = thread_fast(pump->thread[i], params);
	}
	for (uint16_t i = 0; i < pump->workers && !failed; i++)
		failed = thread_start(pump->thread[i]);
	if (failed) {
		pump_destroy(pump);
		return vs_error_set(error, -failed, "",
				    "worker threads don't start: %s",
				    strerror(-failed));
	}
	*out = pump;
	return 0;
}

void pump_destroy(struct pump *pump)
{
	if (!pump)
		return;
	for (uint16_t i = 0; i < pump->workers; i++)
		atomic_store(&pump->thread[i]->stop, true);
	pump_wake(pump, UINT16_MAX);
	for (uint16_t i = 0; i < pump->workers; i++) {
		struct pump_thread *thread = pump->thread[i];

		if (thread->running)
			pthread_join(thread->thread, NULL);
		poller_close(&thread->poller);
		link_scratch_destroy(thread->scratch);
		fast_table_destroy(thread->fast);
		free(thread);
	}
	free(pump);
}

static void tell_threads(struct pump *pump)
{
	atomic_fetch_add(&pump->changes, 1);
	pump_wake(pump, UINT16_MAX);
}

static bool all_saw(const struct pump *pump, uint64_t change)
{
	for (uint16_t i = 0; i < pump->workers; i++)
		if (atomic_load(&pump->thread[i]->seen) < change)
			return false;
	return true;
}

int pump_add(struct pump *pump, struct vs_switch *sw)
{
	assert(vs_switch_workers(sw) == pump->workers);
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++) {
		/* not a seat that a dropped switch may still be leaving */
		if (atomic_load(&pump->wanted[i]) ||
		    !all_saw(pump, pump->dropped[i].change))
			continue;
		atomic_store(&pump->wanted[i], sw);
		tell_threads(pump);
		return 0;
	}
	return -ENOSPC;
}

void pump_drop(struct pump *pump, struct vs_switch *sw)
{
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++) {
		if (atomic_load(&pump->wanted[i]) != sw)
			continue;
		atomic_store(&pump->wanted[i], NULL);
		tell_threads(pump);
		pump->dropped[i].sw = sw;
		pump->dropped[i].change = atomic_load(&pump->changes);
		return;
	}
}

bool pump_holds(const struct pump *pump, const struct vs_switch *sw)
{
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++) {
		if (atomic_load(&pump->wanted[i]) == sw)
			return true;
		if (pump->dropped[i].sw == sw &&
		    !all_saw(pump, pump->dropped[i].change))
			return true;
	}
	return false;
}

void pump_stats(const struct pump *pump, uint16_t worker,
		struct pump_stats *stats)
{
	const struct pump_counters *from = &pump->thread[worker]->counters;

	*stats = (struct pump_stats){
		.rounds = from->rounds,
		.sleeps = from->sleeps,
		.wakes = from->wakes,
		.bursts = from->bursts,
		.frames = from->frames,
		.no_link = from->no_link,
		.starved = from->starved,
	};
}
