/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h: the packet path's door. One worker, one thread; every function
 * here may be called by that thread only (tests drive several in turn).
 */
#ifndef CORE_WORKER_H
#define CORE_WORKER_H

#include "core/outbox.h"
#include "packet/pool.h"

struct vs_worker;

/* Before touching anything, and before sleeping (design 1). enter is cheap:
 * call it at each wake-up. */
void vs_worker_enter(struct vs_worker *worker);
void vs_worker_park(struct vs_worker *worker);

/* vs_worker_pin - the caller keeps something of the entered snapshot, which is
 * not freed nor a link of it retired, also while the worker is parked, until
 * another is pinned. Call it when nothing is kept of those before. */
void vs_worker_pin(struct vs_worker *worker);
/* vs_worker_unpin - nothing is kept. */
void vs_worker_unpin(struct vs_worker *worker);

/* vs_worker_generation - of the entered snapshot, 0 = none published yet: the
 * pump asks vs_worker_ports again when it moves. */
uint64_t vs_worker_generation(const struct vs_worker *worker);

struct vs_pool *vs_worker_pool(struct vs_worker *worker);
uint16_t vs_worker_index(const struct vs_worker *worker);

/* What a worker was short of, since it was made. */
struct vs_worker_stats {
	uint64_t mailbox_full; /* notes for it that found no room */
	uint64_t no_buffer;    /* buffers asked for when there was none */
};
/* vs_worker_stats - any thread. */
void vs_worker_stats(const struct vs_worker *worker,
		     struct vs_worker_stats *stats);

/* Packets of one port, as they come in. */
struct vs_input {
	struct vs_port_id port;
	uint16_t count;
	struct vs_packet *const *packets;
	uint64_t now; /* ns, monotonic */
};

/*
 * vs_worker_input - walk packets of this worker's pool that came in on a
 * port: data, size and offload are set, vlan may be (a tag from AF_PACKET's
 * auxdata: view.vlan and view.tags = 1, else VS_ABSENT, 0). The worker takes
 * the references over. Injected frames run before it returns, at most 256 of
 * them. Entries go to `outbox`.
 */
void vs_worker_input(struct vs_worker *worker, const struct vs_input *input,
		     struct vs_outbox *outbox);

/* Frames that went their steady way (steady.h) past the worker. */
struct vs_steady {
	struct vs_port_id from, to;
	struct vs_vsid vsid;
	uint64_t frames, bytes;
};
/*
 * vs_worker_book - into the ledger, as received and sent, as if they had been
 * walked. The links of both ports get into `links`; NULL: the port has none, or
 * is gone. Entered.
 */
void vs_worker_book(struct vs_worker *worker, const struct vs_steady *went,
		    struct vs_link *links[2]);

/* vs_worker_tick - mailbox, shard ticks, injected frames. */
void vs_worker_tick(struct vs_worker *worker, uint64_t now,
		    struct vs_outbox *outbox);
/* vs_worker_deadline - when tick wants to run next (ns), UINT64_MAX. */
uint64_t vs_worker_deadline(const struct vs_worker *worker);

/* The ports of the entered snapshot that this worker reads; for the pump. */
struct vs_port_plan;
uint16_t vs_worker_ports(const struct vs_worker *worker,
			 const struct vs_port_plan **plans, uint16_t room);

/*
 * vs_worker_trace - the probe worker walks its packets and calls `line` for
 * each thing that happens; nothing lasting changes, nothing is sent: the
 * outbox gets the recipes, to be looked at.
 */
struct vs_tracer {
	/* this port counts as up whatever its device does; 0: none */
	struct vs_port_id spoken_for;
	void (*line)(struct vs_tracer *tracer, const char *station,
		     const char *text);
};
void vs_worker_trace(struct vs_worker *probe, const struct vs_input *input,
		     struct vs_outbox *outbox, struct vs_tracer *tracer);

#endif
