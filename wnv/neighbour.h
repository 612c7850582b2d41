/* SPDX-License-Identifier: Apache-2.0 */
/*
 * neighbour.h: ARP and neighbour discovery of customers: who answers, and
 * with which MAC (hnv.md A7.1 to A7.3, A7.13; design 8).
 *
 *   asked for                 answer
 *   the gateway               its MAC, also to probes and unicast requests
 *   a CA of another host      the record's MAC; not to the one who has that
 *                             MAC itself; unicast goes to the real VM
 *   a CA of this host         silence: its owner got the flooded copy; if no
 *                             port has it, local_only
 *   no record, IPv6 from ::   to the other hosts: duplicate detection and
 *     or fe80::/10, or for     link-local addresses work without records
 *     a link-local address
 *   no record else            to the hosts with an L2Only record of the VSID
 *                             (A7.4), else no_lookup_record
 *   gratuitous, unsolicited   never answered; to the other hosts
 *   replies to the gateway    taken: probe.h asks in its name
 *
 * Pure decision: nothing is sent here. Before it: translate_out.c.
 */
#ifndef WNV_NEIGHBOUR_H
#define WNV_NEIGHBOUR_H

#include "answer.h"
#include "policy.h"

enum neighbour_action {
	NEIGHBOUR_ANSWER,    /* as `as` says */
	NEIGHBOUR_SILENT,    /* taken, not answered */
	NEIGHBOUR_ABSENT,    /* of this host, by its record; no port has it */
	NEIGHBOUR_ADVERTISE, /* the router was asked for */
	NEIGHBOUR_FORWARD,   /* unicast to the CA in as.ca */
	NEIGHBOUR_REPLICATE, /* a copy to every other host */
	NEIGHBOUR_SEEK,	     /* nobody is known to have it */
	NEIGHBOUR_MALFORMED,
};

/* neighbour_arp - for a frame with VS_FRAME_ARP. */
enum neighbour_action neighbour_arp(const struct wnv_state *state,
				    const struct wnv_subnet *subnet,
				    const struct vs_frame *frame,
				    uint64_t now_ns, struct answer_as *as);
/* neighbour_nd - for a frame with VS_FRAME_ND. */
enum neighbour_action neighbour_nd(const struct wnv_state *state,
				   const struct wnv_subnet *subnet,
				   const struct vs_frame *frame,
				   uint64_t now_ns, struct answer_as *as);

#endif
