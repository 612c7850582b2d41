/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announce.h: a VM that has come to this host is shown to its subnet: a
 * gratuitous ARP or an unsolicited neighbour advertisement in its name (hnv.md
 * A8.7; RFC 5227 3, RFC 4861 7.2.6), three times within two seconds.
 *
 * It is for switches and caches that learn: bridges inside of VMs, machines
 * behind a gateway. Hosts of the fabric go by their records.
 */
#ifndef WNV_ANNOUNCE_H
#define WNV_ANNOUNCE_H

#include "moves.h"

/* A worker's memory of it; zeroed to begin with. */
struct announce {
	uint64_t serial;  /* of the state that it looked at */
	uint64_t done_ns; /* what was due up to then was sent */
};

/* announce_tick - send what is due; worker 0, when it likes: what became due
 * since the last time is sent. */
void announce_tick(const struct vs_call *call, struct announce *announce);

#endif
