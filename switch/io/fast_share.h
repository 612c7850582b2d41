/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast_share.h: how many of a thread's places in the fast path one port and one
 * VSID may have. Pure.
 *
 * Theory of operation
 * -------------------
 * A port may have as many places as are free, a VSID three times as many. So a
 * port that is alone gets half of them and a VSID three quarters, and of n
 * ports that want all of them each gets the n + 1st part, as does whoever comes
 * next: something is always left, whatever one of them opens. Nobody's place is
 * taken away: a flow that is not used gives its place back within seconds, and
 * who is refused goes through the switch.
 *
 * A place is the port's here: that which the frames come from or, if they come
 * from the wire, that which they go to. An uplink has the flows of all.
 *
 * VSIDs are told apart as in core/changes.h: two that meet share their places.
 */
#ifndef IO_FAST_SHARE_H
#define IO_FAST_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/changes.h"
#include "io/pump.h"

/* Whose a place is. */
struct fast_holder {
	uint16_t seat;
	struct vs_port_id port;
	uint32_t part; /* changes_part() of its VSID */
};

/* Of a thread, how many there are; zeroes are none. */
struct fast_shares {
	uint16_t ports[PUMP_SWITCHES][VS_PORTS_MAXIMUM];
	uint16_t parts[VS_CHANGES_PARTS];
};

/* fast_share_take - one more place of `left` that are free; false: it has its
 * share. */
bool fast_share_take(struct fast_shares *shares,
		     const struct fast_holder *holder, uint32_t left);
/* fast_share_give - one that was taken back. */
void fast_share_give(struct fast_shares *shares,
		     const struct fast_holder *holder);

#endif
