/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold.h: frames that wait for the MAC of a next hop; a worker's own.
 *
 * Bounded three times: HOLD_FRAMES and HOLD_BYTES per hop, HOLD_NS in time
 * (longer while our own PA may not send yet), and HOLDS hops at once. The
 * newest frame is refused when a bound is reached: what waits is the begin of
 * a conversation. Group frames never wait (design 8).
 *
 *   state      entered by                    left by
 *   empty      start, wnv_hold_release, time-out wnv_hold_put
 *   waiting    wnv_hold_put; asked every 300 ms    wnv_hold_release: each frame
 * is translated anew; time-out: each is dropped pa_unresolved
 */
#ifndef WNV_HOLD_H
#define WNV_HOLD_H

#include "provider.h"

#define HOLDS	       16u
#define HOLD_FRAMES    64u
#define HOLD_BYTES     (128u * 1024u)
#define HOLD_NS	       (UINT64_C(1000) * 1000 * 1000)
#define HOLD_EARLY_NS  (UINT64_C(2200) * 1000 * 1000)
#define HOLD_REPEAT_NS (UINT64_C(300) * 1000 * 1000)

struct hold {
	struct provider_hop hop;
	uint64_t deadline_ns, repeat_ns;
	uint32_t bytes;
	uint16_t count; /* 0 = empty */
	const struct vs_frame *frames[HOLD_FRAMES];
	uint16_t tally[HOLD_FRAMES]; /* of the peer that each is for */
};

/* wnv_hold_put - keep an outbound frame until the hop is resolved. False:
 * hold_full; the frame is still unanswered. */
bool wnv_hold_put(const struct vs_call *call, struct hold holds[HOLDS],
		  struct vs_outbound *outbound, const struct provider_hop *hop,
		  uint16_t tally);

/* wnv_hold_release - the hop is known: translate and send what waits for it. */
void wnv_hold_release(const struct vs_call *call, struct hold holds[HOLDS],
		      const struct provider_hop *hop);

/* wnv_hold_tick - ask again, give up; returns the next deadline, UINT64_MAX. */
uint64_t wnv_hold_tick(const struct vs_call *call, struct hold holds[HOLDS],
		       struct provider *provider);

#endif
