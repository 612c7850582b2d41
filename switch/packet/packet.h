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

struct vs_packet;
struct vs_walk;

/* What frame.c does to a packet in a burst only if the hook that runs may.
 * Core's own stations may all of it. */
enum vs_walk_right {
	VS_WALK_ANSWER = 1 << 0, /* drop, consume */
	VS_WALK_AGAIN = 1 << 1,	 /* ... a frame that has its answer */
	VS_WALK_EDIT = 1 << 2,
	VS_WALK_SET_VSID = 1 << 3,
	VS_WALK_EXCLUDE = 1 << 4, /* take destinations away */
	VS_WALK_CHOOSE = 1 << 5,  /* add destinations */
	VS_WALK_FOREIGN = 1 << 6, /* a frame that is not in the burst */
	VS_WALK_RIGHTS = (1 << 7) - 1
};

/*
 * What a walk does when a hook asks for more than an answer about a packet:
 * core implements it, frame.c calls it, the packet carries it. `walk` of a
 * packet is set while it is in a burst; it may be NULL elsewhere.
 */
struct vs_walk_ops {
	/* `port` was a destination and is none any more: book that copy */
	void (*excluded)(struct vs_walk *walk, struct vs_packet *packet,
			 struct vs_port_id port, uint16_t reason);
	/* make `port` a destination; -EINVAL as vs_decision_add */
	int (*decision_add)(struct vs_walk *walk, struct vs_packet *packet,
			    struct vs_port_id port);
	/* the built-in forwarder chooses */
	void (*decision_learn)(struct vs_walk *walk, struct vs_packet *packet);
	/* frame.c did nothing, for want of `right` */
	void (*refused)(struct vs_walk *walk, struct vs_packet *packet,
			enum vs_walk_right right);
};

struct vs_walk { /* first member of core's own struct */
	const struct vs_walk_ops *ops;
	uint64_t answered; /* an answer sets bit `slot` of the packet here */
	uint64_t edited;   /* and whoever edits it, here: to be parsed again */
	/* the frames that hooks were given; NULL: any packet is one */
	const struct vs_burst *burst;
	/* those whose answer is one about their flow, by the same bits */
	uint64_t cacheable;
	uint32_t denied; /* enum vs_walk_right, to the hook that runs */
};

struct vs_packet {
	struct vs_view view; /* first: a struct vs_frame * points here */
	uint8_t *buffer;     /* the allocation; view.data lies in it */
	uint32_t capacity;   /* bytes of buffer */
	uint32_t references;
	struct vs_pool *pool;
	struct vs_packet *next;		  /* free list, injection queue */
	struct vs_port_set *destinations; /* NULL: `destination` alone */
	struct vs_walk *walk;		  /* of the running burst, or NULL */
	uint32_t ledger_row;
	struct vs_verdict verdict;
	struct vs_port_id destination; /* 0 = none */
	uint16_t entry;		       /* injected: where the walk begins */
	uint8_t slot;		       /* index in the running burst */
	bool edited;		       /* parse again */
	bool big : 1;		       /* from the pool of big buffers */
	/* an extension made it and has not given it away: `ledger_row` is the
	 * number of its attachment */
	bool made : 1;
	bool held;
};

_Static_assert(sizeof(struct vs_view) == 64, "the view is one cache line");
_Static_assert(sizeof(struct vs_packet) == 128, "a packet is two");

static inline struct vs_frame *vs_packet_frame(struct vs_packet *packet)
{
	return (struct vs_frame *)packet;
}

static inline struct vs_packet *vs_frame_packet(struct vs_frame *frame)
{
	return (struct vs_packet *)frame;
}

/* The other handles are the same packet under another right. */
static inline struct vs_delivery *vs_packet_delivery(struct vs_packet *packet)
{
	return (struct vs_delivery *)packet;
}

static inline struct vs_decision *vs_packet_decision(struct vs_packet *packet)
{
	return (struct vs_decision *)packet;
}

static inline struct vs_outbound *vs_packet_outbound(struct vs_packet *packet)
{
	return (struct vs_outbound *)packet;
}

/*
 * vs_packet_parse - compute every derived member of the view from its bytes,
 * size and offload; metadata (vsid, port, FROM_WIRE, INJECTED, REFLECTED)
 * stays, `edited` is cleared. Never reads past size. A frame under 14 bytes
 * gets ether_type 0. l3 is there only behind a good IPv4, IPv6 or ARP header
 * (else BAD_IP, or no ARP flag), l4 only if the transport header's fixed part
 * lies inside the IP packet's own length, payload only if all of it does. A
 * tag cut short counts and has VID 4095. Offload claims about bytes that are
 * not there are taken back, and header_size is what was parsed.
 */
void vs_packet_parse(struct vs_packet *packet);
/* vs_packet_fragment_id - the ID that the fragments of one IP packet have in
 * common; only of a view with VS_FRAME_FRAGMENT. */
uint32_t vs_packet_fragment_id(const struct vs_view *view);

/* vs_packet_addresses - source and target of an IP packet; false: the frame has
 * none. */
static inline bool vs_packet_addresses(const struct vs_view *view,
				       struct vs_ip *source,
				       struct vs_ip *target)
{
	const uint8_t *ip = view->data + view->l3;

	if (view->flags & VS_FRAME_IPV4) {
		*source = vs_ip_from_v4(ip + 12);
		*target = vs_ip_from_v4(ip + 16);
	} else if (view->flags & VS_FRAME_IPV6) {
		*source = vs_ip_from_v6(ip + 8);
		*target = vs_ip_from_v6(ip + 24);
	} else {
		return false;
	}
	return true;
}

#endif
