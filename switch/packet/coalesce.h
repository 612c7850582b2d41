/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coalesce.h: put in-order TCP segments of a flow together again before a
 * write to a port that takes super-frames, the inverse of segment.h; and UDP
 * datagrams of one size, for a receiver that takes them apart again: its
 * sockets get each by itself, its stack is crossed once.
 *
 * Works on the recipes of one flush that go to one port. Nothing is copied:
 * a run is a patched header and the payload slices of its members. Only
 * plain data segments join: same addresses, ports, ACK, window, options
 * (timestamps included), TTL, DSCP, ECN, DF; consecutive sequence numbers;
 * equal size but for the last, which may be shorter; no flags but ACK, PSH
 * (ends the run). Datagrams: the same without what TCP has. Without DF their
 * IPv4 IDs must be consecutive, so that they come back when a router cuts the
 * run. A member's checksum must be known or verified good first, or left to
 * be made (partial): a bad one goes through alone, unchanged, and so does a
 * UDP checksum of zero. Flows may interleave within a flush; order within a
 * flow is kept.
 */
#ifndef PACKET_COALESCE_H
#define PACKET_COALESCE_H

#include <vswitch/host.h>

#define VS_COALESCE_RUNS    64u
#define VS_COALESCE_MEMBERS 64u
#define VS_COALESCE_LEAD    42u /* Ethernet, IPv4, GRE with key */

/* What a link can send beside TCP segments; bits. */
enum vs_coalesce_kind {
	VS_COALESCE_UDP = 1 << 0,     /* datagrams */
	VS_COALESCE_WRAPPED = 1 << 1, /* behind NVGRE over IPv4 */
};

struct vs_run {
	uint16_t first;	       /* index of the first member; its headers lead */
	uint16_t members;      /* 1 = not coalesced: send as it is */
	uint16_t header_size;  /* bytes of `header`; members > 1 only */
	uint16_t payload;      /* where it begins in each member's frame */
	uint32_t payload_size; /* of all members together */
	struct vs_offload offload; /* of the run; members > 1 only */
	/* the lead, and patched Ethernet, IP, TCP or UDP headers */
	uint8_t header[192];
	uint16_t member[VS_COALESCE_MEMBERS]; /* indices, in order */
};

/*
 * vs_coalesce - group `count` recipes of whole frames into runs, in order of
 * first members; `kinds` of enum vs_coalesce_kind. Returns the number of runs;
 * consumes at most VS_COALESCE_RUNS runs' worth: *used = recipes consumed.
 */
uint16_t vs_coalesce(const struct vs_recipe *const recipes[], uint16_t count,
		     unsigned int kinds, struct vs_run runs[VS_COALESCE_RUNS],
		     uint16_t *used);

#endif
