/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold.h: frames that wait for the MAC of a next hop; a worker's own.
 *
 * A virtual subnet waits by itself: for each hop that it has frames for, it
 * has a hold. Each is bounded: HOLD_FRAMES and HOLD_BYTES, and HOLD_NS in time
 * (longer while our own PA may not send yet). The newest frame is refused when
 * a bound is reached: what waits is the begin of a conversation. Group frames
 * never wait (design 8).
 *
 * All together are HOLDS, with HOLD_ALL frames, HOLD_LARGE of them large: as
 * many as the host keeps by default. A VSID's share of each is half of what
 * the share leaves free: one alone gets a third, and whoever comes next finds
 * room for its first frame, however many dead hops the first one addresses.
 *
 *   state      entered by                    left by
 *   empty      start, wnv_hold_release, time-out wnv_hold_put
 *   waiting    wnv_hold_put; asked every 300 ms    wnv_hold_release: each frame
 * is translated anew; time-out: each is dropped pa_unresolved
 */
#ifndef WNV_HOLD_H
#define WNV_HOLD_H

#include "provider.h"

#define HOLDS	       64u
#define HOLD_ALL       512u
#define HOLD_LARGE     8u
#define HOLD_SMALL     1536u /* bytes; what is more may need a big buffer */
#define HOLD_FRAMES    64u
#define HOLD_BYTES     (128u * 1024u)
#define HOLD_NS	       (UINT64_C(1000) * 1000 * 1000)
#define HOLD_EARLY_NS  (UINT64_C(2200) * 1000 * 1000)
#define HOLD_REPEAT_NS (UINT64_C(300) * 1000 * 1000)

struct hold {
	struct provider_hop hop;
	struct vs_vsid vsid;
	uint64_t deadline_ns, repeat_ns;
	uint32_t bytes;
	uint16_t count; /* 0 = empty */
	uint16_t large; /* of them */
	const struct vs_frame *frames[HOLD_FRAMES];
	uint16_t tally[HOLD_FRAMES]; /* of the peer that each is for */
};

enum hold_answer {
	HOLD_KEPT,
	HOLD_FULL, /* a bound is reached */
	HOLD_SHARE /* the frame's VSID has its share */
};

/* wnv_hold_put - keep an outbound frame until the hop is resolved. Unless it
 * is kept, it is still unanswered. */
enum hold_answer wnv_hold_put(const struct vs_call *call,
			      struct hold holds[HOLDS],
			      struct vs_outbound *outbound,
			      const struct provider_hop *hop, uint16_t tally);

/* wnv_hold_release - the hop is known: translate and send what waits for it. */
void wnv_hold_release(const struct vs_call *call, struct hold holds[HOLDS],
		      const struct provider_hop *hop);

/* wnv_hold_tick - ask again, give up; returns the next deadline, UINT64_MAX. */
uint64_t wnv_hold_tick(const struct vs_call *call, struct hold holds[HOLDS],
		       struct provider *provider);

#endif
