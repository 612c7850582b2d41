/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pump_seat.c: which ports a thread reads, kept true to the snapshots.
 *
 * Decides when a link may still be touched: while its snapshot is entered; and
 * when it no longer is in the poller, which is what a snapshot is pinned for.
 * Before it: pump_control.c, which names the switches; after it: pump.c.
 */
#include <stdlib.h>

#include "io/fast.h"
#include "io/loop.h"
#include "io/pump_thread.h"

#define PLANS_UNSEEN UINT64_MAX

/* -- the ring of ready ports ---------------------------------------------- */

void pump_ring_append(struct pump_port *port)
{
	struct pump_thread *thread = port->thread;

	if (port->ready || port->dead)
		return;
	port->ready = true;
	port->next = NULL;
	if (thread->last)
		thread->last->next = port;
	else
		thread->first = port;
	thread->last = port;
}

struct pump_port *pump_ring_take(struct pump_thread *thread)
{
	struct pump_port *port = thread->first;

	thread->first = port->next;
	if (!thread->first)
		thread->last = NULL;
	port->ready = false;
	return port;
}

static void ring_remove(struct pump_port *gone)
{
	struct pump_thread *thread = gone->thread;
	struct pump_port *port = thread->first;

	if (!gone->ready)
		return;
	thread->first = NULL;
	thread->last = NULL;
	while (port) {
		struct pump_port *next = port->next;

		port->ready = false;
		if (port != gone)
			pump_ring_append(port);
		port = next;
	}
}

/* -- what this thread reads ----------------------------------------------- */

static void port_forget(struct pump_port *port)
{
	ring_remove(port);
	poller_remove(&port->thread->poller, &port->watch);
	free(port);
}

void pump_port_died(struct pump_port *port)
{
	/* a dead TAP is never good again: out of the poller at once */
	poller_remove(&port->thread->poller, &port->watch);
	ring_remove(port);
	port->dead = true;
	atomic_store(&port->link->gone, true);
	port->thread->pump->owner->link_gone(port->thread->pump->owner);
}

static struct pump_port *port_create(struct pump_thread *thread, uint16_t seat,
				     const struct vs_port_plan *plan)
{
	struct pump_port *port = calloc(1, sizeof(*port));
	int error = 0;

	if (!port)
		return NULL;
	port->watch.ready = pump_on_readable;
	port->thread = thread;
	port->seat = seat;
	port->id = plan->info.id;
	port->link = plan->link;
	port->serial = plan->link->serial;
	if (plan->link->pollable)
		error = poller_add(&thread->poller, &port->watch,
				   plan->link->fd);
	if (error)
		pump_port_died(port);
	else
		/* whatever lies there already; the only call for what can't
		 * be polled */
		pump_ring_append(port);
	return port;
}

/* The entered snapshot is another one. What it no longer names goes first, and
 * may be closed once this one is pinned instead of that which named it. */
static void seat_refresh(struct pump_thread *thread, uint16_t index)
{
	struct pump_seat *seat = &thread->seat[index];
	const struct vs_port_plan *plans[VS_PORTS_MAXIMUM];
	const struct vs_port_plan *named[VS_PORTS_MAXIMUM] = {NULL};
	uint16_t count = vs_worker_ports(seat->worker, plans, VS_PORTS_MAXIMUM);

	for (uint16_t i = 0; i < count; i++)
		if (plans[i]->link)
			named[plans[i]->info.id.value] = plans[i];
	for (uint16_t id = 0; id < VS_PORTS_MAXIMUM; id++) {
		struct pump_port *port = seat->ports[id];

		if (!port ||
		    (named[id] && named[id]->link->serial == port->serial))
			continue;
		port_forget(port);
		seat->ports[id] = NULL;
	}
	for (uint16_t id = 0; id < VS_PORTS_MAXIMUM; id++) {
		if (named[id] && !seat->ports[id])
			seat->ports[id] = port_create(thread, index, named[id]);
		if (named[id] && seat->ports[id])
			seat->ports[id]->weight = named[id]->police.weight;
	}
	vs_worker_pin(seat->worker);
}

static void seat_leave(struct pump_thread *thread, struct pump_seat *seat)
{
	if (thread->fast)
		fast_leave(thread->fast, (uint16_t)(seat - thread->seat),
			   loop_now_ns());
	for (uint16_t id = 0; id < VS_PORTS_MAXIMUM; id++)
		if (seat->ports[id])
			port_forget(seat->ports[id]);
	free(seat->ports);
	vs_worker_unpin(seat->worker);
	vs_worker_park(seat->worker);
	*seat = (struct pump_seat){0};
}

static void seat_take(struct pump_thread *thread, struct pump_seat *seat,
		      struct vs_switch *sw)
{
	seat->ports = calloc(VS_PORTS_MAXIMUM, sizeof(struct pump_port *));
	if (!seat->ports)
		return;
	seat->sw = sw;
	seat->worker = vs_switch_worker(sw, thread->index);
	seat->generation = PLANS_UNSEEN;
}

/* Serve the switches that the main thread wants served. */
static void thread_reseat(struct pump_thread *thread)
{
	struct pump *pump = thread->pump;
	uint64_t changes = atomic_load(&pump->changes);

	if (changes ==
	    atomic_load_explicit(&thread->seen, memory_order_relaxed))
		return;
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++) {
		struct vs_switch *wanted = atomic_load(&pump->wanted[i]);
		struct pump_seat *seat = &thread->seat[i];

		if (seat->sw == wanted)
			continue;
		if (seat->sw)
			seat_leave(thread, seat);
		if (wanted)
			seat_take(thread, seat, wanted);
	}
	atomic_store(&thread->seen, changes);
}

void pump_enter(struct pump_thread *thread)
{
	thread_reseat(thread);
	if (thread->fast)
		fast_enter(thread->fast);
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++) {
		struct pump_seat *seat = &thread->seat[i];
		uint64_t generation;

		if (!seat->sw)
			continue;
		vs_worker_enter(seat->worker);
		generation = vs_worker_generation(seat->worker);
		if (generation == seat->generation)
			continue;
		seat->generation = generation;
		seat_refresh(thread, i);
	}
}

void pump_park(struct pump_thread *thread)
{
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++)
		if (thread->seat[i].sw)
			vs_worker_park(thread->seat[i].worker);
}

void pump_leave(struct pump_thread *thread)
{
	for (uint16_t i = 0; i < PUMP_SWITCHES; i++)
		if (thread->seat[i].sw)
			seat_leave(thread, &thread->seat[i]);
}
