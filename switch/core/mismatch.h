/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mismatch.h: a guest that uses other addresses, or another gateway, than
 * policy gives its port (hnv.md A5.15): its frames are dropped by name; here
 * somebody is told, once for each port and kind, and it is shown with the port.
 *
 * Theory of operation
 * -------------------
 * A worker that drops such a frame says so once (`told`), and sends the
 * beginning of the frame along. With each snapshot that is published, the bits
 * go, and the frame of all that is shown walks again, by the probe worker: who
 * would say the same of it now stays, without a word to anybody; all else is
 * forgotten. So what a change of policy does not mend outlives it, and what it
 * mends is gone at once. A guest that was mended by itself is another matter:
 * what nobody saw again for ten minutes goes with the next change.
 *
 * Example: vm1 asks for 10.0.0.254, and its gateway is 10.0.0.1. A new port
 * elsewhere: its question walks again, and the line stays. The subnet's gateway
 * becomes 10.0.0.254: the question is answered, and the line goes.
 */
#ifndef CORE_MISMATCH_H
#define CORE_MISMATCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include <vswitch/types.h>

enum mismatch_kind {
	MISMATCH_MAC, /* mac_spoof */
	MISMATCH_IP,  /* ca_spoof */
	MISMATCH_ARP, /* arp_spoof, nd_spoof */
	MISMATCH_WAY, /* what an extension says (vs_host.mismatch) */
	MISMATCH_KINDS
};

#define MISMATCH_TEXT  116u
#define MISMATCH_FRAME 116u
#define MISMATCH_NS    UINT64_C(600000000000) /* shown and not seen again */

struct mismatch_found {
	struct vs_port_id port;
	uint8_t kind;		  /* enum mismatch_kind */
	char text[MISMATCH_TEXT]; /* "the guest uses 10.0.0.9; ..." */
};

/* What it was found by, for what was found just before. */
struct mismatch_frame {
	struct vs_port_id port;
	uint8_t kind;
	uint8_t size; /* 0: it can't be told again */
	uint8_t bytes[MISMATCH_FRAME];
};

struct mismatch {
	struct mismatch_found found;
	struct mismatch_frame frame;
	uint64_t asked; /* published, and not seen since; 0: it was seen */
};

/* The probe walks the frame of `found`. */
struct mismatch_again {
	const struct mismatch_found *found;
	bool same; /* it says so again */
};

struct mismatches {
	_Atomic uint8_t told[VS_PORTS_MAXIMUM]; /* 1 << enum mismatch_kind */
	/* the main thread's: what was told */
	struct mismatch *list;
	uint32_t count, room;
	struct mismatch_again *again; /* while the probe walks for it */
};

struct vs_switch;
struct vs_worker;
struct vs_packet;

/* mismatch_note - admit drops a port's frame for this reason: tell, if it is
 * one of ours and news. */
void mismatch_note(struct vs_worker *worker, const struct vs_packet *packet,
		   uint16_t reason);
/* mismatch_say - an extension says so of the guest that a frame comes from;
 * NULL only asks. Is, or was, it news? */
bool mismatch_say(struct vs_worker *worker, const struct vs_packet *packet,
		  const char *text);
/* mismatch_tell - a worker's mail, as an event of the switch, and mismatch_add
 * the frame to it. mismatch_follow - something was published. mismatches_close
 * - nothing is kept. Main thread. */
void mismatch_tell(struct vs_switch *sw, const struct mismatch_found *found);
void mismatch_add(struct vs_switch *sw, const struct mismatch_frame *frame);
void mismatch_follow(struct vs_switch *sw);
void mismatches_close(struct mismatches *mismatches);

#endif
