/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_host.h: runs one extension without a switch: one worker, one burst at a
 * time, a clock that only the test moves, and every service recorded.
 *
 * Example:
 *	struct fake_host *fake = fake_host_open(&vs_extension);
 *	struct vs_packet *frame = fake_frame(fake, bytes, size, 5, 5001);
 *
 *	ck_assert_int_eq(fake_ingress(fake, frame).action, VS_PASS);
 *	fake_host_close(fake);
 *
 * A frame stays valid until the host is closed. All counts assert when a
 * fixed array is full.
 */
#ifndef TESTS_SUPPORT_FAKE_HOST_H
#define TESTS_SUPPORT_FAKE_HOST_H

#include <vswitch/extension.h>

#include "packet/packet.h"

#define FAKE_ROOM     256u
#define FAKE_FRAMES   512u
#define FAKE_PORTS    32u
#define FAKE_COUNTERS 64u
#define FAKE_SINKS    8u
#define FAKE_TEXT     256u

struct fake_emitted {
	struct vs_packet *packet;
	enum vs_emit where;
	struct vs_port_id to, from;
};

struct fake_reflected {
	struct vs_packet *packet;
	struct vs_vsid vsid;
	uint8_t header[VS_LEAD_SIZE];
	uint16_t header_size;
};

struct fake_released {
	const struct vs_frame *frame;
	enum vs_action action;
	uint16_t reason;
};

struct fake_event {
	uint16_t event;
	char text[FAKE_TEXT];
};

struct fake_note {
	uint16_t worker; /* posts to the main thread: UINT16_MAX */
	struct vs_note note;
};

struct fake_sink {     /* all records, one behind the other */
	char name[64]; /* "" = the client's */
	uint8_t *bytes;
	size_t size;
	unsigned int records;
	/* set by a test. broken: answers -EPIPE; full: -ENOBUFS; error: why it
	 * is broken, EPIPE if 0; lost: what it tells of records */
	bool open, broken, full;
	bool still; /* sink_counts tells of no bytes */
	int error;
	uint64_t lost;
};

/* What the extension did. */
struct fake_records {
	struct fake_emitted emitted[FAKE_ROOM];
	struct vs_recipe sent[FAKE_ROOM]; /* committed recipes, in order */
	struct fake_reflected reflected[FAKE_ROOM];
	struct fake_released released[FAKE_ROOM];
	struct fake_event events[FAKE_ROOM];
	struct fake_note posts[FAKE_ROOM], kicks[FAKE_ROOM];
	unsigned int emitted_count, sent_count, reflected_count, released_count,
		event_count, post_count, kick_count, held_count, trace_count;
	unsigned int reconfigures;
	unsigned int invalidations;
	struct vs_vsid outdated[FAKE_ROOM]; /* invalidate_vsid's, in order */
	unsigned int outdated_count;
	char mismatch[160];    /* the last that was said of a guest */
	unsigned int deferred; /* method calls: the last token */
	bool answered;	       /* that one */
	uint64_t tick_at_ns;   /* the earliest that was asked for; 0 = none */
	uint64_t counters[FAKE_COUNTERS];
	struct fake_sink sinks[FAKE_SINKS]; /* id - 1 */
	/* destinations that an egress hook took away, by port */
	uint16_t excluded[VS_PORTS_MAXIMUM]; /* reason, 0 = not */
};

struct fake_host {
	struct vs_call call; /* .now_ns is the clock; .tracing may be set */
	struct vs_main_host main;
	const struct vs_extension *extension;
	struct vs_instance *instance;
	const struct vs_state *state;
	struct vs_pool *pool;
	struct vs_walk walk;
	struct vs_recipe open; /* of recipe_open */
	uint64_t wall_ns, random;
	struct vs_reply *reply; /* what a deferred call is answered in; NULL:
				 * defer refuses */
	bool no_buffers;	/* frame_new, frame_copy, hold: refuse */
	struct vs_port_info ports[FAKE_PORTS];
	unsigned int port_count;
	struct vs_packet *frames[FAKE_FRAMES]; /* of fake_frame */
	unsigned int frame_count;
	struct fake_records seen;
};

/* fake_host_open - a host with the extension attached and its shard opened;
 * never NULL. Its clock stands at 1 s. */
struct fake_host *fake_host_open(const struct vs_extension *extension);
/* fake_host_close - retires the state, detaches, frees every frame. */
void fake_host_close(struct fake_host *fake);

/* fake_configure - as publish does it: new state in, old one retired. */
int fake_configure(struct fake_host *fake, const struct vs_settings *settings,
		   struct vs_error *error);

/* fake_port - add a port and tell the extension; up, MTU 1500. */
struct vs_port_info *fake_port(struct fake_host *fake, enum vs_port_kind kind,
			       uint16_t id, const char *name);

/* fake_frame - a parsed frame of these bytes; the test may change the view
 * (offload, flags) before it is given to a hook. */
struct vs_packet *fake_frame(struct fake_host *fake, const uint8_t *bytes,
			     uint32_t size, uint16_t port, uint32_t vsid);

/* One frame through one hook; the answer. An edited frame is parsed again. */
struct vs_verdict fake_ingress(struct fake_host *fake,
			       struct vs_packet *packet);
struct vs_verdict fake_from_wire(struct fake_host *fake,
				 struct vs_packet *packet);
struct vs_verdict fake_to_wire(struct fake_host *fake,
			       struct vs_packet *packet);
/* fake_to_wire_burst - 1..64 frames at once, each with its answer. */
void fake_to_wire_burst(struct fake_host *fake,
			struct vs_packet *const *packets,
			struct vs_verdict *verdicts, uint16_t count);
/* fake_egress - with `to` as the only destination; false if taken away. */
bool fake_egress(struct fake_host *fake, struct vs_packet *packet, uint16_t to);
/* fake_sent_bytes - what recipe `index` puts on the wire; returns its size. */
uint32_t fake_sent_bytes(const struct fake_host *fake, unsigned int index,
			 uint8_t *bytes, uint32_t room);

#endif
