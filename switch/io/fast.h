/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast.h: the fast path: frames of a flow whose way the switch has shown
 * lately go from device to device in the kernel.
 *
 * Theory of operation
 * -------------------
 * The switch decides about every flow; the kernel repeats it. A frame of a
 * packet socket's device is walked as ever. If its entry in the outbox is
 * steady (core/steady.h) and goes to such a device too, the two are compared:
 * what happened to the headers is a change (fast_frame.h), and after a few
 * frames of a flow its key and change are put into a map. Programs at the
 * device (bpf/fast.bpf.c) look there first.
 *
 * What is in the map holds until one of these:
 *
 *   - its generation moved on: what may have changed an answer counts one up
 *     (vs_switch_params.changes), and from that store on no flow of an older
 *     one is found, whatever lies in the map. Everybody's is for policy; a flow
 *     has that of its part besides, by switch and VSID, for what VMs of the
 * VSID can cause themselves (core/changes.h);
 *   - some seconds are over, or the frame is larger than the switch
 *     allows, or has no hop left, or is one that begins or ends
 *     a connection.
 *
 * Then the frame comes to the switch, which is asked about it as about the
 * first; if the answer is the same, the flow goes on. So ageing, neighbours
 * and peers are kept alive by one frame in some seconds.
 *
 * Places are few; of a thread's, a port and a VSID have their shares
 * (fast_share.h).
 *
 * The kernel counts each flow's frames; a sweep once a second puts them into
 * the ledger and the links' counters, in the names of the flow's ports.
 *
 * What the kernel sends is booked as sent; what a device then loses (it is
 * down, its queue is full) is the device's own count only. A device is known by
 * its number: until the daemon has heard that one is gone, a device that got
 * the number meanwhile would get its flows' frames.
 *
 * Maps and threads. `flow` is one array that both sides have in their memory;
 * its first elements are the generations. Each thread has some of the others
 * for itself, and keeps beside them what the kernel does not need
 * (struct fast_own). An element is filled before its key is put into the map,
 * and lies fallow for a while after the key was taken out; of one in use only
 * `until`, `most` and the generations are written.
 *
 * Example: a VM on a veth, IP rewrite, an uplink. SYN and SYN+ACK are walked;
 * of the data, the first eight bursts; then the kernel changes both MACs and
 * both addresses itself, super-frames whole.
 *
 * Before this file: pump.c; after it: the kernel.
 */
#ifndef IO_FAST_H
#define IO_FAST_H

#include "core/changes.h"
#include "core/outbox.h"
#include "core/worker.h"
#include "io/fast_frame.h"
#include "io/fast_share.h"
#include "io/link.h"

struct fast;
struct fast_table; /* a thread's */

/*
 * fast_create - over the maps of PRIV_OPEN_FAST, whose fds it takes over,
 * whatever the answer. 0 or -errno.
 */
int fast_create(struct fast **fast, int fds[2]);
void fast_destroy(struct fast *fast); /* NULL is allowed */
/* fast_changes - the generations, for vs_switch_params.changes. */
struct vs_changes *fast_changes(struct fast *fast);
/* fast_maps - the numbers by which the kernel knows both maps. */
void fast_maps(const struct fast *fast, uint32_t ids[2]);

/* fast_table_create - of thread `index` of `threads`; NULL: no memory. */
struct fast_table *fast_table_create(struct fast *fast, uint16_t index,
				     uint16_t threads);
void fast_table_destroy(struct fast_table *table); /* NULL is allowed */

/* Whose frames they are, for the books. */
struct fast_owner {
	const struct vs_switch *sw;
	uint16_t seat;
};

enum fast_lesson { FAST_NOTHING, FAST_TEACH, FAST_RENEW, FAST_END };

/* A frame that is being walked, as it came, and what it taught. */
struct fast_watch {
	const struct vs_packet *packet; /* NULL: none is worth it */
	struct fast_head head;
	struct fast_key key;
	struct fast_seen seen;
	uint8_t lesson;	      /* enum fast_lesson */
	uint16_t at;	      /* whose, unless it is a new one */
	struct vs_link *link; /* of the port that its place is for */
	struct fast_holder holder;
	struct fast_flow flow;
	struct fast_owner owner;
	struct vs_port_id from, to;
	struct vs_vsid vsid;
};

/* fast_enter - before the thread enters its switches. */
void fast_enter(struct fast_table *table);
/* fast_look - which frame of a burst to watch. */
void fast_look(const struct fast_table *table, struct vs_link *link,
	       struct vs_packet *const packets[], uint16_t count,
	       struct fast_watch *watch);
/* fast_learn - what became of it; the outbox is not sent yet. */
void fast_learn(const struct fast_table *table, struct fast_watch *watch,
		const struct vs_outbox *outbox, struct fast_owner owner,
		uint64_t now);
/*
 * fast_keep - tell the kernel; the outbox is sent. `behind`: more frames may
 * wait at the device, which those that the kernel forwards would overtake: a
 * flow that is to go on waits for a better moment, but not for long. False: a
 * flow that is worth it found no place; watch->link has its port's.
 */
bool fast_keep(struct fast_table *table, const struct fast_watch *watch,
	       bool behind, uint64_t now);
/* fast_leave - a switch leaves its seat: its flows end, and are nobody's. */
void fast_leave(struct fast_table *table, uint16_t seat, uint64_t now);

/* What a flow's frames have come to since the last sweep. */
struct fast_went {
	struct fast_owner owner;
	struct vs_steady steady;   /* sent on */
	uint64_t lost, lost_bytes; /* received besides */
};
typedef void fast_book(void *context, const struct fast_went *went);
/* fast_due - when it wants to be swept (ns); UINT64_MAX: never. */
uint64_t fast_due(const struct fast_table *table);
void fast_sweep(struct fast_table *table, uint64_t now, fast_book *book,
		void *context);

#endif
