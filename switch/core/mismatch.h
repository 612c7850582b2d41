/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mismatch.h: a guest that uses other addresses than policy gives its port
 * (hnv.md A5.15): its frames are dropped by name; here somebody is told, once
 * for each port and kind until something new is published.
 */
#ifndef CORE_MISMATCH_H
#define CORE_MISMATCH_H

#include <stdatomic.h>

#include <vswitch/types.h>

enum mismatch_kind {
	MISMATCH_MAC, /* mac_spoof */
	MISMATCH_IP,  /* ca_spoof */
	MISMATCH_ARP, /* arp_spoof, nd_spoof */
	MISMATCH_KINDS
};

struct mismatches {
	_Atomic uint8_t told[VS_PORTS_MAXIMUM]; /* 1 << enum mismatch_kind */
};

struct vs_switch;
struct vs_worker;
struct vs_packet;
struct mail;

/* mismatch_note - admit drops a port's frame for this reason: tell, if it is
 * one of ours and news. */
void mismatch_note(struct vs_worker *worker, const struct vs_packet *packet,
		   uint16_t reason);
/* mismatch_tell - a worker's mail, as an event of the switch. mismatch_forget -
 * something was published. Main thread. */
void mismatch_tell(struct vs_switch *sw, const struct mail *mail);
void mismatch_forget(struct vs_switch *sw);

#endif
