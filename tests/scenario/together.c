// SPDX-License-Identifier: Apache-2.0
/*
 * together.c: `in` statements of a block, N times each, by the workers that
 * read the ports: in turn in one thread, or, with --threads, each worker in a
 * thread of its own while the main thread publishes and polls, as in the
 * daemon. What leaves is counted per port.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/script.h"

#define ITEMS 16u

struct item {
	struct script_host *host;
	struct vs_worker *worker;
	uint16_t port;
	struct frame frame;
};

struct together {
	uint32_t times;
	uint16_t count;
	struct item item[ITEMS];
};

/* A worker's thread. */
struct driver {
	struct vs_outbox outbox; /* first: flush finds the rest by it */
	struct together *together;
	struct script_host *host;
	struct vs_worker *worker;
	pthread_t thread;
	_Atomic bool done;
};

void run_together(struct script *script, char **words, int count)
{
	(void)count;
	script_begin(script);
	script->together = calloc(1, sizeof(*script->together));
	if (!script->together)
		abort();
	script->together->times = (uint32_t)strtoul(words[1], NULL, 0);
}

void together_add(struct script *script, struct vs_port_plan *plan,
		  struct script_host *host, const struct frame *frame)
{
	struct together *together = script->together;

	if (together->count == ITEMS)
		script_fail(script, "too many frames in one block");
	together->item[together->count++] = (struct item){
		.host = host,
		.worker = vs_switch_worker(host->rig->sw, plan->worker),
		.port = plan->info.id.value,
		.frame = *frame,
	};
}

static void flush(struct vs_outbox *outbox)
{
	struct driver *driver = (struct driver *)(void *)outbox;
	uint16_t i;

	for (i = 0; i < outbox->count; i++)
		driver->host->counted[outbox->entry[i].recipe.port.value]++;
	vs_outbox_clear(outbox);
}

static struct vs_packet *packet_of(const struct item *item)
{
	struct vs_packet *packet = vs_pool_take(
		vs_worker_pool(item->worker), item->frame.size > VS_SMALL_SIZE);

	if (!packet)
		abort();
	memcpy(packet->buffer + VS_PACKET_HEADROOM, item->frame.bytes,
	       item->frame.size);
	packet->view.size = item->frame.size;
	packet->view.offload = item->frame.offload;
	return packet;
}

/* One wake-up of a worker: each of its frames once, then its tick. */
static void drive_once(struct driver *driver)
{
	const struct together *together = driver->together;
	uint64_t now = driver->host->rig->now;
	uint16_t i;

	vs_worker_enter(driver->worker);
	for (i = 0; i < together->count; i++) {
		const struct item *item = &together->item[i];
		struct vs_packet *packet;
		struct vs_input input = {.port = {item->port},
					 .count = 1,
					 .packets = &packet,
					 .now = now};

		if (item->worker != driver->worker)
			continue;
		packet = packet_of(item);
		vs_worker_input(driver->worker, &input, &driver->outbox);
	}
	vs_worker_tick(driver->worker, now, &driver->outbox);
	flush(&driver->outbox);
	vs_worker_park(driver->worker);
}

static void *drive(void *argument)
{
	struct driver *driver = argument;
	uint32_t i;

	for (i = 0; i < driver->together->times; i++)
		drive_once(driver);
	driver->done = true;
	return NULL;
}

static uint16_t make_drivers(struct script *script, struct driver *drivers)
{
	uint16_t count = 0, i, k;

	for (i = 0; i < script->host_count; i++) {
		struct vs_switch *sw = script->host[i]->rig->sw;

		for (k = 0; k < vs_switch_workers(sw); k++)
			drivers[count++] = (struct driver){
				.outbox.flush = flush,
				.together = script->together,
				.host = script->host[i],
				.worker = vs_switch_worker(sw, k)};
	}
	return count;
}

/* The main thread's part, until all are done: publish and poll. */
static void preside(struct script *script, const struct driver *drivers,
		    uint16_t count)
{
	bool busy = true;
	uint16_t i;

	while (busy) {
		busy = false;
		for (i = 0; i < script->host_count; i++) {
			struct script_host *host = script->host[i];

			host->published = false;
			host_publish(host);
			vs_switch_poll(host->rig->sw, host->rig->now);
		}
		for (i = 0; i < count; i++)
			busy |= !drivers[i].done;
		sched_yield();
	}
}

static void run_threads(struct script *script, struct driver *drivers,
			uint16_t count)
{
	uint16_t i;

	for (i = 0; i < count; i++)
		if (pthread_create(&drivers[i].thread, NULL, drive,
				   &drivers[i]) != 0)
			abort();
	preside(script, drivers, count);
	for (i = 0; i < count; i++)
		pthread_join(drivers[i].thread, NULL);
}

void run_end(struct script *script, char **words, int count)
{
	struct together *together = script->together;
	struct driver *drivers;
	uint16_t number, i;
	uint32_t n;

	(void)words;
	(void)count;
	if (!together)
		script_fail(script, "end without together");
	drivers = calloc(SCRIPT_HOSTS * VS_WORKERS_MAXIMUM, sizeof(*drivers));
	if (!drivers)
		abort();
	number = make_drivers(script, drivers);
	if (script->threads)
		run_threads(script, drivers, number);
	for (n = 0; !script->threads && n < together->times; n++)
		for (i = 0; i < number; i++)
			drive_once(&drivers[i]);
	for (i = 0; i < script->host_count; i++)
		rig_tick(script->host[i]->rig);
	free(drivers);
	free(together);
	script->together = NULL;
}
