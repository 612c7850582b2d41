/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast_frame.h: the same arithmetic as the programs of the fast path
 * (bpf/fast.bpf.c), for the daemon: of which flow a frame is, and by which
 * change it became what the switch made of it. Pure.
 *
 * A change is found by trying: it is what the two frames differ in, applied to
 * the first; if that is not the second, byte for byte, there is none. So the
 * kernel never does what the switch did not do.
 */
#ifndef IO_FAST_FRAME_H
#define IO_FAST_FRAME_H

#include <stdbool.h>

#include "io/fast_layout.h"

#define FAST_HEAD 96u /* bytes of a frame that are looked at */

/* The beginning of a frame. */
struct fast_head {
	uint32_t size;	   /* of the whole frame */
	uint16_t gso_size; /* 0: it is not cut */
	bool partial;	   /* the transport's checksum is not complete */
	uint8_t bytes[FAST_HEAD];
};

/* What of it is no key. */
struct fast_seen {
	uint32_t size; /* IP bytes, of a segment if it is cut */
	uint8_t hops;
};

/* fast_frame_read - of the flow that a frame on this device is of; false: of
 * none. No frame is read here that the program would not read. */
bool fast_frame_read(const struct fast_head *head, uint32_t if_index,
		     struct fast_key *key, struct fast_seen *seen);
/* fast_frame_change - what made `after` of `before`, which was read as `key`;
 * false: no change that the programs know. */
bool fast_frame_change(const struct fast_key *key,
		       const struct fast_head *before,
		       const struct fast_head *after,
		       struct fast_change *change);
/* fast_frame_apply - do to the headers what fast_forward does. */
void fast_frame_apply(const struct fast_change *change, struct fast_head *head);

#endif
