/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pump.c: THE SPINE: links -> worker -> links, one thread per worker.
 *
 * Decides: whose turn it is, how much a turn is, when to sleep. Not: what a
 * frame means. Before it in the walk: nothing; it calls tap.c and
 * packet_socket.c to read, core/worker.c to walk, and flushes what came out.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>

#include "io/count.h"
#include "io/fast.h"
#include "io/pump_thread.h"

#define STARVED_NS 1000000u /* look again for buffers after 1 ms */

#define LOOK_AGAIN_NS 100000000u /* at the CPUs that a thread may use */
#define SPIN_FIRST_NS 10000u
#define SPIN_LEAST_NS 2000u
/* Longer than a look can take: another thread had the CPU meanwhile. */
#define SPIN_GAP_NS  50000u
#define SPIN_REST_NS 10000000u /* then it is left to those who need it */

/* A wake-up: the port gets a turn in this round. */
void pump_on_readable(struct poller_watch *watch)
{
	struct pump_port *port = (struct pump_port *)watch;

	pump_ring_append(port);
}

/* -- the way out ---------------------------------------------------------- */

static void send_group(struct pump_thread *thread, struct vs_link *link,
		       const struct vs_outbox_entry *const entries[],
		       uint16_t count)
{
	bool was_gone = atomic_load_explicit(&link->gone, memory_order_relaxed);

	link->ops->tx_burst(link, entries, count, thread->scratch);
	if (!was_gone &&
	    atomic_load_explicit(&link->gone, memory_order_relaxed))
		thread->pump->owner->link_gone(thread->pump->owner);
}

/* The outbox's flush: the entries of each link together, in their order. */
void pump_flush(struct vs_outbox *outbox)
{
	struct pump_thread *thread =
		(struct pump_thread *)((char *)outbox -
				       offsetof(struct pump_thread, outbox));
	const struct vs_outbox_entry *group[VS_OUTBOX_SIZE];
	bool sent[VS_OUTBOX_SIZE] = {false};

	for (uint16_t i = 0; i < outbox->count; i++) {
		struct vs_link *link = outbox->entry[i].link;
		uint16_t count = 0;

		if (sent[i])
			continue;
		if (!link) {
			counter_add(&thread->counters.no_link, 1);
			continue;
		}
		for (uint16_t j = i; j < outbox->count; j++) {
			if (outbox->entry[j].link != link)
				continue;
			sent[j] = true;
			group[count++] = &outbox->entry[j];
		}
		send_group(thread, link, group, count);
	}
	vs_outbox_clear(outbox);
}

static void flush(struct pump_thread *thread)
{
	if (thread->outbox.count)
		pump_flush(&thread->outbox);
}

/* -- a round --------------------------------------------------------------- */

/* Ports without a buffer are looked at again. */
static void look_again(struct pump_thread *thread)
{
	thread->starved_until = UINT64_MAX;
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++) {
		struct pump_seat *seat = &thread->seat[i];

		for (uint16_t id = 0; seat->sw && id < VS_PORTS_MAXIMUM; id++) {
			struct pump_port *port = seat->ports[id];

			if (!port || !port->starved)
				continue;
			port->starved = false;
			poller_resume(&thread->poller, &port->watch);
			/* what can't be polled has no other call */
			pump_ring_append(port);
		}
	}
}

/* No buffer: look away for a moment instead of being woken for nothing. */
static void port_starved(struct pump_port *port)
{
	struct pump_thread *thread = port->thread;

	counter_add(&thread->counters.starved, 1);
	port->starved = true;
	poller_pause(&thread->poller, &port->watch);
	if (thread->starved_until == UINT64_MAX)
		thread->starved_until = loop_now_ns() + STARVED_NS;
}

static uint32_t burst_bytes(struct vs_packet *const packets[], int count)
{
	uint32_t bytes = 0;

	for (int i = 0; i < count; i++)
		bytes += packets[i]->view.size;
	return bytes;
}

/* One port's turn: a burst through the walk and out. */
static void port_turn(struct pump_port *port)
{
	struct pump_thread *thread = port->thread;
	struct vs_worker *worker = thread->seat[port->seat].worker;
	struct vs_packet *packets[SHARE_FRAMES];
	uint16_t room =
		share_begin(&port->share, port->weight ? port->weight : 1,
			    port->weight ? thread->heaviest : 1);
	struct fast_watch watch;
	bool more;
	int count;

	if (!room) {
		pump_ring_append(port);
		return;
	}
	count = port->link->ops->rx_burst(port->link, vs_worker_pool(worker),
					  packets, room,
					  (uint32_t)port->share.bytes);
	if (count <= 0) {
		port->share = (struct share){0};
		if (count == -ENOBUFS)
			port_starved(port);
		else if (count < 0)
			pump_port_died(port);
		else if (port->link->unread)
			pump_ring_append(port);
		return;
	}
	thread->clock = loop_now_ns();
	fast_look(thread->fast, port->link, packets, (uint16_t)count, &watch);
	counter_add(&thread->counters.bursts, 1);
	counter_add(&thread->counters.frames, (uint64_t)count);
	more = share_end(&port->share, room, (uint16_t)count,
			 burst_bytes(packets, count));
	vs_worker_input(worker,
			&(struct vs_input){.port = port->id,
					   .count = (uint16_t)count,
					   .packets = packets,
					   .now = thread->clock},
			&thread->outbox);
	if (watch.packet)
		fast_learn(thread->fast, &watch, &thread->outbox,
			   (struct fast_owner){thread->seat[port->seat].sw,
					       port->seat},
			   thread->clock);
	flush(thread);
	if (watch.packet && watch.lesson &&
	    !fast_keep(thread->fast, &watch, port->link->unread, thread->clock))
		link_add(&watch.link->stats.fast_refused, 1);
	/* a full turn leaves more behind; a short one emptied the queue, and
	 * the poller will say when there is more */
	if (more || port->link->unread || !port->link->pollable)
		pump_ring_append(port);
}

/* The heaviest of those that wait for a turn; at least 1. */
static uint32_t heaviest(const struct pump_thread *thread)
{
	const struct pump_port *port;
	uint32_t most = 1;

	for (port = thread->first; port; port = port->next)
		if (port->weight > most)
			most = port->weight;
	return most;
}

/* Is there something that must not wait for the end of a round? One flooded
 * frame of each of 1,000 ports is a million writes. */
static bool is_called(const struct pump_thread *thread, uint64_t deadline)
{
	return atomic_load_explicit(&thread->woken, memory_order_relaxed) ||
	       thread->clock >= deadline;
}

/* Every port that is ready now gets one turn, until the deadline of a tick or
 * until somebody calls; the others are first in the next round. */
static bool serve(struct pump_thread *thread, uint64_t deadline)
{
	struct pump_port *last = thread->last;

	if (!last)
		return false;
	thread->heaviest = heaviest(thread);
	for (;;) {
		struct pump_port *port = pump_ring_take(thread);
		bool end = port == last;

		port_turn(port);
		if (end || !thread->first || is_called(thread, deadline))
			return true;
	}
}

/* What the kernel forwarded, as if this thread had: a part of `count`. */
static void book_fast(void *context, const struct fast_went *went)
{
	struct pump_thread *thread = context;
	const struct pump_seat *seat = &thread->seat[went->owner.seat];
	struct vs_steady steady = went->steady;
	struct vs_link *links[2];

	if (seat->sw != went->owner.sw)
		return; /* the switch is gone, and its books */
	steady.frames += went->lost;
	steady.bytes += went->lost_bytes;
	vs_worker_book(seat->worker, &steady, links);
	if (links[0]) {
		link_add(&links[0]->stats.received, steady.frames);
		link_add(&links[0]->stats.received_bytes, steady.bytes);
		link_add(&links[0]->stats.fast, steady.frames);
	}
	if (links[1]) {
		link_add(&links[1]->stats.sent, steady.frames);
		link_add(&links[1]->stats.written, went->steady.frames);
		link_add(&links[1]->stats.wire_frames, went->steady.frames);
		link_add(&links[1]->stats.bytes, went->steady.bytes);
		link_add(&links[1]->stats.lost[LINK_REFUSED], went->lost);
	}
}

/* Tick what is due; returns when the next tick is. */
static uint64_t tick(struct pump_thread *thread, bool all)
{
	uint64_t now = loop_now_ns(), next;

	if (thread->starved_until <= now)
		look_again(thread);
	if (fast_due(thread->fast) <= now)
		fast_sweep(thread->fast, now, book_fast, thread);
	next = thread->starved_until;
	if (fast_due(thread->fast) < next)
		next = fast_due(thread->fast);
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++) {
		struct pump_seat *seat = &thread->seat[i];
		uint64_t due;

		if (!seat->sw)
			continue;
		if (all || vs_worker_deadline(seat->worker) <= now) {
			vs_worker_tick(seat->worker, now, &thread->outbox);
			flush(thread);
		}
		due = vs_worker_deadline(seat->worker);
		if (due < next)
			next = due;
	}
	return next;
}

/* -- sleeping ---------------------------------------------------------------
 */

static bool may_use_more_cpus(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	return sched_getaffinity(0, sizeof(set), &set) == 0 &&
	       CPU_COUNT(&set) > 1;
}

/* May this thread spin? It can be pinned to a CPU at any time. */
static bool may_spin(struct pump_thread *thread, uint64_t now)
{
	if (!thread->pump->spin_auto)
		return true;
	if (now < thread->spin_rest)
		return false;
	if (now >= thread->look_again) {
		thread->roomy = may_use_more_cpus();
		thread->look_again = now + LOOK_AGAIN_NS;
	}
	return thread->roomy;
}

/*
 * Poll for a short time before sleeping: a wake-up across CPUs costs more. How
 * long is learned: a sleep that a spin would have spared makes it longer, a
 * long sleep makes it shorter, down to none. Who spins takes the CPU from
 * others: once somebody else wanted it, a rest follows.
 */
static bool spin(struct pump_thread *thread, uint64_t until)
{
	uint64_t now, before, end;

	if (!thread->spin_ns)
		return false;
	now = loop_now_ns();
	if (!may_spin(thread, now))
		return false;
	end = now + thread->spin_ns;
	if (until < end)
		end = until;
	do {
		poller_wait(&thread->poller, 0);
		before = now;
		now = loop_now_ns();
		if (now - before > SPIN_GAP_NS)
			thread->spin_rest = now + SPIN_REST_NS;
		if (thread->first ||
		    atomic_load_explicit(&thread->woken, memory_order_relaxed))
			return true;
	} while (now < end);
	return false;
}

static void learn_spin(struct pump_thread *thread, uint64_t slept)
{
	uint64_t most = thread->pump->spin_ns;

	if (slept > most)
		thread->spin_ns = thread->spin_ns / 2 < SPIN_LEAST_NS
					  ? 0
					  : thread->spin_ns / 2;
	else
		thread->spin_ns = thread->spin_ns < SPIN_FIRST_NS
					  ? SPIN_FIRST_NS
					  : thread->spin_ns * 2;
	if (thread->spin_ns > most)
		thread->spin_ns = most;
}

static void sleep_until(struct pump_thread *thread, uint64_t deadline)
{
	uint64_t now = loop_now_ns();

	pump_park(thread);
	atomic_store(&thread->asleep, true);
	/* pump_wake sets woken first, then looks at asleep: one of us sees */
	if (!atomic_load(&thread->woken)) {
		counter_add(&thread->counters.sleeps, 1);
		poller_wait(&thread->poller, deadline);
		if (thread->pump->spin_ns)
			learn_spin(thread, loop_now_ns() - now);
	}
	atomic_store(&thread->asleep, false);
}

void *pump_thread_main(void *start)
{
	struct pump_thread *thread = start;
	uint64_t next = UINT64_MAX;

	while (!atomic_load(&thread->stop)) {
		bool woken = atomic_exchange(&thread->woken, false);
		bool worked;

		counter_add(&thread->counters.rounds, 1);
		pump_enter(thread);
		worked = serve(thread, next);
		next = tick(thread, woken);
		if (thread->first)
			poller_wait(&thread->poller, 0);
		else if (!(worked && spin(thread, next)))
			sleep_until(thread, next);
	}
	pump_leave(thread);
	return NULL;
}
