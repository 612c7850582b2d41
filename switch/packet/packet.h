/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet.h: the frame as the host sees it.
 *
 * A packet belongs to the worker whose pool it came from; its reference count
 * is not atomic. The first cache line is the SDK's view and is what every
 * packet touches; the rest is the walk's bookkeeping. Stations borrow; who
 * queues a packet takes a reference (outbox, hold). Once `decide` answered,
 * the bytes are immutable.
 */
#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include <vswitch/packet.h>

struct vs_pool;

#define VS_PACKET_HEADROOM 128u

/* A set of ports, for floods; one per burst slot in the worker. */
struct vs_port_set {
	uint64_t word[VS_PORTS_MAXIMUM / 64];
};

struct vs_packet {
	struct vs_view view; /* first: a struct vs_frame * points here */
	uint8_t *buffer;     /* the allocation; view.data lies in it */
	uint32_t capacity;   /* bytes of buffer */
	uint32_t references;
	struct vs_pool *pool;
	struct vs_packet *next; /* free list, injection queue */
	uint64_t *answered;	/* the running burst's mask, or NULL */
	struct vs_port_set *destinations; /* NULL: `destination` alone */
	uint32_t ledger_row;
	struct vs_verdict verdict;
	struct vs_port_id destination; /* 0 = none */
	uint16_t entry;		       /* injected: where the walk begins */
	uint8_t slot;		       /* index in the running burst */
	bool edited;		       /* parse again */
	bool big;		       /* from the pool of big buffers */
	bool held;
};

_Static_assert(sizeof(struct vs_view) == 64, "the view is one cache line");

static inline struct vs_frame *vs_packet_frame(struct vs_packet *packet)
{
	return (struct vs_frame *)packet;
}

static inline struct vs_packet *vs_frame_packet(struct vs_frame *frame)
{
	return (struct vs_packet *)frame;
}

/*
 * vs_packet_parse - compute every derived member of the view from its bytes,
 * size and offload; metadata (vsid, port, FROM_WIRE, INJECTED, REFLECTED)
 * stays. Never reads past size. A frame under 14 bytes gets ether_type 0.
 */
void vs_packet_parse(struct vs_packet *packet);

#endif
