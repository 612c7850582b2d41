/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mismatch.h: a guest that uses other addresses, or another gateway, than
 * policy gives its port (hnv.md A5.15): its frames are dropped by name; here
 * somebody is told, once for each port and kind until something new is
 * published. Until then it is shown with the port, too.
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

#define MISMATCH_TEXT 116u

struct mismatch_found {
	struct vs_port_id port;
	char text[MISMATCH_TEXT]; /* "the guest uses 10.0.0.9; ..." */
};

struct mismatches {
	_Atomic uint8_t told[VS_PORTS_MAXIMUM]; /* 1 << enum mismatch_kind */
	/* the main thread's: what was told */
	struct mismatch_found *list;
	uint32_t count, room;
};

struct vs_switch;
struct vs_worker;
struct vs_packet;

/* mismatch_note - admit drops a port's frame for this reason: tell, if it is
 * one of ours and news. */
void mismatch_note(struct vs_worker *worker, const struct vs_packet *packet,
		   uint16_t reason);
/* mismatch_say - an extension says so of the guest behind a port; NULL only
 * asks. Is, or was, it news? */
bool mismatch_say(struct vs_worker *worker, struct vs_port_id source,
		  const char *text);
/* mismatch_tell - a worker's mail, as an event of the switch. mismatch_forget -
 * something was published. mismatches_close - nothing is kept. Main thread. */
void mismatch_tell(struct vs_switch *sw, const struct mismatch_found *found);
void mismatch_forget(struct vs_switch *sw);
void mismatches_close(struct mismatches *mismatches);

#endif
