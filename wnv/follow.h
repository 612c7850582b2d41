/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.h: frames that say what the one before them said. Bursts are mostly
 * of one flow, and of a flow only lengths, IDs and checksums differ: what was
 * decided for the leader holds for those that follow it at once, under the
 * same state, in the same burst.
 */
#ifndef WNV_FOLLOW_H
#define WNV_FOLLOW_H

#include <vswitch/packet.h>

/*
 * follow_may_lead - NVGRE over IPv4 with a plain IPv4 packet of TCP or UDP in
 * it, no SYN, no options, nothing left to do for a link? To be asked before it
 * is decapsulated.
 */
bool follow_may_lead(const struct vs_view *view);

/*
 * follow_in - does a frame from the wire say in all its headers, lengths too,
 * what the leader's bytes say (but IDs and checksums), and is its outer
 * checksum good? The leader had `size` bytes and follow_may_lead was true.
 */
bool follow_in(const struct vs_view *view, const uint8_t *leader,
	       uint32_t size);

#endif
