// SPDX-License-Identifier: Apache-2.0
/*
 * inject.c: the queue of frames that a walk caused: emitted, reflected,
 * released. They run after the burst, in order, a bounded number at a time;
 * what is left waits for the next tick. Before: services.c, hold.c. After:
 * pipeline_run.
 */
#include <errno.h>

#include "core/pipeline.h"

static void queue_append(struct vs_worker *worker, struct vs_packet *packet,
			 uint16_t entry)
{
	struct walk_queue *queue = &worker->queue;

	packet->entry = entry;
	packet->walk = &worker->walk; /* nobody's, until its burst begins */
	packet->slot = VS_BURST_FRAMES;
	packet->next = NULL;
	packet->destinations = NULL;
	if (queue->tail)
		queue->tail->next = packet;
	else
		queue->head = packet;
	queue->tail = packet;
	queue->count++;
}

static bool queue_full(struct vs_worker *worker, struct vs_packet *packet)
{
	if (worker->queue.count < VS_INJECT_LIMIT)
		return false;
	walk_book_drop(worker, packet, VS_REASON_INJECT_LIMIT);
	vs_packet_unref(packet);
	return true;
}

int inject(struct vs_worker *worker, struct vs_packet *packet, uint16_t entry)
{
	vs_ledger_inject(worker->ledger, worker->ledger_index,
			 packet->ledger_row);
	if (queue_full(worker, packet))
		return -ENOBUFS;
	queue_append(worker, packet, entry);
	return 0;
}

void inject_again(struct vs_worker *worker, struct vs_packet *packet,
		  uint16_t entry)
{
	if (!queue_full(worker, packet))
		queue_append(worker, packet, entry);
}

static struct vs_packet *queue_take(struct walk_queue *queue)
{
	struct vs_packet *packet = queue->head;

	queue->head = packet->next;
	if (!queue->head)
		queue->tail = NULL;
	queue->count--;
	packet->next = NULL;
	return packet;
}

/* Neighbours that begin at one place run as one burst. */
static uint16_t load_alike(struct vs_worker *worker)
{
	struct walk_queue *queue = &worker->queue;
	uint16_t entry = queue->head->entry;

	pipeline_begin(worker);
	while (queue->head && queue->head->entry == entry &&
	       worker->run.burst.count < VS_BURST_FRAMES)
		pipeline_load(worker, queue_take(queue));
	return entry;
}

void inject_run(struct vs_worker *worker)
{
	uint32_t budget = VS_INJECT_LIMIT;

	while (worker->queue.head && budget) {
		uint16_t entry = load_alike(worker);
		uint16_t count = worker->run.burst.count;

		WALK_TRACE(worker, "next: a frame that was made on the way");
		pipeline_run(worker, entry);
		budget -= count < budget ? count : budget;
	}
}
