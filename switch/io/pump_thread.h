/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pump_thread.h: what the pump's files share: a thread, its switches, the
 * ports that it reads. pump.c is the spine, pump_seat.c keeps the list of
 * ports true, pump_control.c is the main thread's side.
 */
#ifndef IO_PUMP_THREAD_H
#define IO_PUMP_THREAD_H

#include <pthread.h>

#include "core/worker.h"
#include "io/link.h"
#include "io/loop.h"
#include "io/poller.h"
#include "io/pump.h"
#include "io/share.h"
#include "packet/counter.h"

struct pump_thread;

/* A port that this thread reads. */
struct pump_port {
	struct poller_watch watch; /* first: ready() recovers the port */
	struct pump_thread *thread;
	struct pump_port *next; /* in the ready ring */
	struct vs_link *link;	/* valid while its snapshot is entered */
	uint64_t serial;
	struct vs_port_id id;
	uint16_t seat;	 /* index of its switch */
	uint16_t weight; /* 0: an uplink, or the host's: a full turn */
	struct share share;
	bool ready;   /* in the ring */
	bool starved; /* found no buffer: a turn when they are looked at */
	bool dead;    /* its device is gone: not served */
};

/* One switch's worker on this thread. */
struct pump_seat {
	struct vs_switch *sw; /* NULL = free */
	struct vs_worker *worker;
	uint64_t generation;	  /* whose ports are watched */
	struct pump_port **ports; /* by port id, VS_PORTS_MAXIMUM of them */
};

/* Written by the thread, read by any. */
struct pump_counters {
	_Atomic uint64_t rounds, sleeps, wakes, bursts, frames, no_link,
		starved;
};

struct pump_thread {
	struct pump *pump;
	uint16_t index;
	bool running; /* the pthread exists */
	pthread_t thread;
	struct poller poller;
	uint64_t
		starved_until; /* ports look away till then; UINT64_MAX: none */
	struct link_scratch *scratch;
	struct fast_table *fast; /* NULL: no fast path */
	struct pump_seat seat[PUMP_SWITCHES];
	/* the ring of ports with something to read: first, last */
	struct pump_port *first, *last;
	uint64_t clock;	   /* when the last burst was read */
	uint32_t heaviest; /* of those that were ready for this round */
	struct pump_counters counters;
	uint64_t spin_ns;    /* what is worth it just now */
	uint64_t spin_rest;  /* none before then: the CPU was wanted */
	uint64_t look_again; /* when: at the CPUs it may use */
	bool roomy;	     /* more than one */
	/* other threads -> this one */
	_Alignas(64) _Atomic bool asleep;
	_Atomic bool woken;
	_Atomic bool stop;
	_Atomic uint64_t seen; /* changes of pump->wanted that are done */
	_Alignas(64) struct vs_outbox outbox;
};

struct pump {
	struct pump_owner *owner;
	uint16_t workers;
	uint64_t spin_ns;
	bool spin_auto;
	/* which switches the threads should serve: the main thread writes,
	 * then moves `changes` */
	_Atomic(struct vs_switch *) wanted[PUMP_SWITCHES];
	_Atomic uint64_t changes;
	/* main thread: switches asked to go, and by which change */
	struct {
		const struct vs_switch *sw;
		uint64_t change;
	} dropped[PUMP_SWITCHES];
	struct pump_thread *thread[VS_WORKERS_MAXIMUM];
};

/* pump_thread_main - the thread's body; `start` is its struct pump_thread. */
void *pump_thread_main(void *start);
/* pump_flush - the outbox's flush. */
void pump_flush(struct vs_outbox *outbox);

/* pump_ring_append - the port gets a turn; nothing if it is dead or in. */
void pump_ring_append(struct pump_port *port);
/* pump_ring_take - the first port's turn; the ring is not empty. */
struct pump_port *pump_ring_take(struct pump_thread *thread);

/* pump_enter - enter every switch, look at ports that a new snapshot names. */
void pump_enter(struct pump_thread *thread);
void pump_park(struct pump_thread *thread);
/* pump_leave - forget every port, park for good. */
void pump_leave(struct pump_thread *thread);
/* pump_port_died - out of the loop, marked, the owner told. */
void pump_port_died(struct pump_port *port);
/* pump_on_readable - the spine's first step: a port's wake-up. */
void pump_on_readable(struct poller_watch *watch);

#endif
