/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share.h: how much a port may read when it is its turn: deficit round robin
 * in frames and in bytes, by weight (hnv.md C8.12).
 *
 * Theory of operation
 * -------------------
 * A thread that has more to do than it can serves its ready ports in turns.
 * The heaviest of those that are ready gets a full turn, 64 frames or 256 KiB,
 * whichever ends first; another gets that part of it which its weight is of the
 * heaviest one's. What a turn does not use up of a part too small for one
 * frame is kept for the next; what was read beyond it (a super-frame is read
 * whole) is owed. A port that had nothing left begins anew: nobody saves up.
 *
 * Both count, each for the frames that it is for: small ones cost time, which
 * their number measures, super-frames cost bytes.
 *
 * So weights hold where a worker is what there is too little of; a port alone
 * has all of it, whatever its weight.
 */
#ifndef IO_SHARE_H
#define IO_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define SHARE_FRAMES 64
#define SHARE_BYTES  (256 * 1024)
#define SHARE_UNIT   256 /* of a frame */

struct share {
	int32_t frames; /* credit, in SHARE_UNITs of a frame */
	int32_t bytes;	/* credit; negative = overshot */
};

/* share_begin - a turn with `weight` beside a heaviest one of `heaviest` (>=
 * weight, > 0). Returns how many frames it may read, up to share->bytes; 0 =
 * none yet, but it keeps its place. */
uint16_t share_begin(struct share *share, uint32_t weight, uint32_t heaviest);
/* share_end - so much was read. True: there may be more; false: the port had
 * nothing left. */
bool share_end(struct share *share, uint16_t room, uint16_t frames,
	       uint32_t bytes);

#endif
