/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.h: a switch on fake wires and a virtual clock, for unit tests and the
 * scenario runner. What leaves is kept per port in the order that it left;
 * bytes are those of the finished recipe (lead + slice).
 */
#ifndef TESTS_SUPPORT_RIG_H
#define TESTS_SUPPORT_RIG_H

#include "core/switch.h"
#include "core/worker.h"

#define RIG_FRAMES 4096u
#define RIG_BYTES  9216u /* kept of each frame */
#define RIG_PORTS  32u
#define RIG_STACK  16u
#define RIG_EVENTS 64u

struct script_host;

struct vs_link {
	struct vs_port_id port;
	uint32_t retired; /* link_retired calls */
};

struct rig_frame {
	struct vs_port_id port;
	uint32_t size;
	uint16_t lead_size;
	bool link; /* the entry had one */
	uint8_t bytes[RIG_BYTES];
};

struct rig_event {
	char source[32], name[48], text[128];
};

struct rig {
	struct vs_outbox outbox; /* first: flush finds the rig by it */
	struct vs_switch_owner owner;
	struct vs_switch *sw;
	uint64_t now;
	uint16_t port_count, stack_count;
	struct vs_port_plan plan[RIG_PORTS];
	struct vs_link link[VS_PORTS_MAXIMUM];
	struct vs_attachment *stack[RIG_STACK];
	const struct vs_state *state[RIG_STACK];
	struct rig_frame *sent;
	uint32_t sent_count, lost; /* lost: more than RIG_FRAMES */
	struct rig_event event[RIG_EVENTS];
	uint32_t event_count;
	_Atomic uint32_t wakes;
	bool reconfigure; /* an extension asked for it; the caller's to clear */
	bool drop_sent;	  /* keep nothing: benchmarks, long properties */
	/* instead of being kept, a frame goes here; rig_frame_new to keep it */
	void (*taker)(struct rig *rig, const struct vs_outbox_entry *entry);
	struct script_host *taker_owner; /* the scenario runner's */
};

/* rig_open - workers parked, nothing published. Aborts when out of memory. */
struct rig *rig_open(const struct vs_switch_params *params);
void rig_close(struct rig *rig);

/* rig_port - plan an ordinary port, up, guards on, MTU 1500, MAC
 * 02:00:00:00:00:id; change the plan before rig_publish. */
struct vs_port_plan *rig_port(struct rig *rig, const char *name, uint16_t id,
			      uint32_t vsid);
struct vs_port_plan *rig_uplink(struct rig *rig, const char *name, uint16_t id);
/* rig_frame_new - room for one more sent frame, or NULL (counted as lost). */
struct rig_frame *rig_frame_new(struct rig *rig);
/* rig_attach - next in the stack; configure() without settings. */
struct vs_attachment *rig_attach(struct rig *rig,
				 const struct vs_extension *ext);
/* rig_build - a snapshot of the plans and the stack, or -errno. */
int rig_build(struct rig *rig, struct vs_snapshot **snapshot,
	      struct vs_error *error);
/* rig_publish - must succeed; acls of the plans go to the snapshot. */
void rig_publish(struct rig *rig);

/* rig_input - one frame into a port, read by the plan's worker. Enters,
 * walks, parks, flushes. */
void rig_input(struct rig *rig, uint16_t port, const uint8_t *bytes,
	       uint32_t size);
/* rig_packet - a packet of the port's worker, to be changed and walked. */
struct vs_packet *rig_packet(struct rig *rig, uint16_t port,
			     const uint8_t *bytes, uint32_t size);
void rig_walk(struct rig *rig, uint16_t port, struct vs_packet *packet);
/* rig_burst - so many packets together. */
void rig_burst(struct rig *rig, uint16_t port, struct vs_packet *packets[],
	       uint16_t count);
/* rig_tick - every worker's tick, and the main thread's poll. */
void rig_tick(struct rig *rig);
void rig_advance(struct rig *rig, uint64_t ns);
void rig_flush(struct rig *rig);
void rig_forget(struct rig *rig); /* what was sent */

/* rig_dropped, _total - of all rows. */
uint64_t rig_dropped(const struct rig *rig, uint16_t reason);
uint64_t rig_dropped_of(const struct rig *rig, uint16_t port, uint16_t reason);
struct vs_ledger_row rig_total(const struct rig *rig);
/* rig_balance - 0, or the first row's that is not. */
int64_t rig_balance(const struct rig *rig);
/* rig_buffers_used - packets that nobody gave back. */
uint32_t rig_buffers_used(const struct rig *rig);

/* rig_udp - a frame of `size` bytes; last octets of MACs 02:..:xx and of
 * addresses 10.0.0.xx. Returns size. */
uint32_t rig_udp(uint8_t *bytes, uint32_t size, uint8_t from, uint8_t to);

#endif
