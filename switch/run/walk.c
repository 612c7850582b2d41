// SPDX-License-Identifier: Apache-2.0
/*
 * walk.c: the clock, and one frame after the other. Each walks in a burst of
 * its own, so that what the ledger booked meanwhile is what became of it.
 */
#include "walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packet/segment.h"

#define FIRST_NS                                                               \
	UINT64_C(1000000000)	  /* the clock when the first frame comes      \
				   */
#define STEP_NS UINT64_C(1000000) /* to a deadline that is past */
#define LARGEST (VS_BIG_SIZE + VS_SEGMENT_HEADER)

struct walk {
	struct vs_outbox outbox; /* first: flush finds the walk by it */
	struct world *world;
	FILE *record;
	const struct frame *frame; /* that walks now, or NULL */
	uint64_t zero_ns;	   /* the files' clock when ours was 0 */
	uint64_t main_ns;	   /* the main thread's next deadline */
	struct vs_ledger_row before;
	uint8_t finished[LARGEST];
};

/* -- what leaves -- */

static void leave(struct walk *walk, const struct vs_outbox_entry *entry,
		  uint32_t size)
{
	bool is_injected = entry->packet->view.flags & VS_FRAME_INJECTED;
	struct world *world = walk->world;
	const struct frame *frame = walk->frame;

	verdict_log_sent(world->log, world_port_name(world, entry->recipe.port),
			 size, is_injected);
	if (frame && !is_injected &&
	    (size != frame->size ||
	     memcmp(walk->finished, frame->bytes, size) != 0))
		world->log->edited = true;
	frames_record(walk->record, world->wall_ns, walk->finished, size);
}

/* A file has no kernel behind it: sums and segments are made here. */
static void flush(struct vs_outbox *outbox)
{
	struct walk *walk = (struct walk *)(void *)outbox;
	struct vs_segmenter segmenter;
	uint32_t offset, size;
	uint16_t header;

	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct vs_outbox_entry *entry = &outbox->entry[i];

		if (vs_segment_begin(&segmenter, &entry->recipe, 1) < 0)
			continue;
		while ((header = vs_segment_next(&segmenter, walk->finished,
						 &offset, &size))) {
			memcpy(walk->finished + header,
			       entry->packet->view.data + offset, size);
			leave(walk, entry, header + size);
		}
	}
	vs_outbox_clear(outbox);
}

/* -- the books -- */

bool walk_balances(const struct world *world)
{
	struct vs_pool_stats pool;
	struct vs_ledger_row row;
	uint64_t held = 0;
	uint32_t cursor = 0;

	while (vs_ledger_next(vs_switch_ledger(world->sw), &cursor, &row)) {
		if (vs_ledger_balance(&row))
			return false;
		held += row.held;
	}
	vs_pool_stats(vs_worker_pool(vs_switch_worker(world->sw, 0)), &pool);
	return pool.small_count - pool.small_free + pool.big_count -
		       pool.big_free ==
	       held;
}

static void book(struct walk *walk, const struct verdict_step *step)
{
	struct vs_ledger_row after =
		vs_ledger_total(vs_switch_ledger(walk->world->sw));

	verdict_log_step(walk->world->log, walk->world, step, &walk->before,
			 &after);
	walk->before = after;
}

/* -- time -- */

static int pass_time(struct walk *walk, struct vs_error *error)
{
	struct world *world = walk->world;
	struct vs_worker *worker = vs_switch_worker(world->sw, 0);
	const struct verdict_step step = {.time_ns = world->now};
	int result = 0;

	vs_worker_enter(worker);
	vs_worker_tick(worker, world->now, &walk->outbox);
	walk->outbox.flush(&walk->outbox);
	vs_worker_park(worker);
	walk->main_ns = vs_switch_poll(world->sw, world->now);
	if (world->reconfigure)
		result = world_publish(world, error);
	book(walk, &step);
	return result;
}

static void set_clock(struct walk *walk, uint64_t now)
{
	walk->world->now = now;
	walk->world->wall_ns = walk->zero_ns + now;
}

static uint64_t next_deadline(const struct walk *walk)
{
	struct vs_worker *worker = vs_switch_worker(walk->world->sw, 0);
	uint64_t next;

	vs_worker_enter(worker);
	next = vs_worker_deadline(worker);
	vs_worker_park(worker);
	return walk->main_ns < next ? walk->main_ns : next;
}

/* To `until`, with a stop at each deadline on the way. */
static int go_on(struct walk *walk, uint64_t until, struct vs_error *error)
{
	int result = 0;

	while (!result) {
		uint64_t now = walk->world->now;
		uint64_t next = next_deadline(walk);

		if (next <= now)
			next = now + STEP_NS;
		if (next > until)
			break;
		set_clock(walk, next);
		result = pass_time(walk, error);
	}
	set_clock(walk, until);
	return result;
}

/* -- frames -- */

static int play(struct walk *walk, const struct frame *frame, uint64_t number,
		struct vs_error *error)
{
	struct world *world = walk->world;
	struct vs_worker *worker = vs_switch_worker(world->sw, 0);
	struct vs_packet *packet = vs_pool_take(vs_worker_pool(worker),
						frame->size > VS_SMALL_SIZE);
	const struct vs_input input = {
		.port = world_port(world, frame->port)->id,
		.count = 1,
		.packets = &packet,
		.now = world->now,
	};
	const struct verdict_step step = {number, world->now, frame->port,
					  frame->size};

	if (!packet)
		return vs_error_set(error, ENOBUFS, "",
				    "frame %llu: the extensions keep all "
				    "buffers",
				    (unsigned long long)number);
	memcpy(packet->buffer + VS_PACKET_HEADROOM, frame->bytes, frame->size);
	packet->view.size = frame->size;
	walk->frame = frame;
	vs_worker_enter(worker);
	vs_worker_input(worker, &input, &walk->outbox);
	walk->outbox.flush(&walk->outbox);
	vs_worker_park(worker);
	walk->frame = NULL;
	book(walk, &step);
	return pass_time(walk, error); /* who wants to be called, and when */
}

static int play_all(struct walk *walk, const struct walk_plan *plan,
		    struct vs_error *error)
{
	const struct frames *frames = plan->frames;
	uint64_t first = frames->count ? frames->at[0].time_ns : 0;
	int result;

	walk->zero_ns = first - FIRST_NS; /* may wrap, and back again */
	set_clock(walk, FIRST_NS);
	result = pass_time(walk, error);
	for (size_t i = 0; !result && i < frames->count; i++) {
		result = go_on(walk, frames->at[i].time_ns - walk->zero_ns,
			       error);
		if (!result)
			result = play(walk, &frames->at[i], i + 1, error);
	}
	if (!result)
		result = go_on(walk, walk->world->now + plan->linger_ns, error);
	return result ? result : pass_time(walk, error);
}

int walk_run(struct world *world, const struct walk_plan *plan,
	     struct vs_error *error)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	int result;

	if (!walk)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	walk->outbox.flush = flush;
	walk->world = world;
	walk->record = plan->record;
	result = play_all(walk, plan, error);
	free(walk);
	return result;
}
