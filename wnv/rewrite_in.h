/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite_in.h: a packet from the wire to a PA that stands for a CA of ours.
 *
 * Before it: translate_in.c. After it: rewrite.c, then admit (core).
 */
#ifndef WNV_REWRITE_IN_H
#define WNV_REWRITE_IN_H

#include "pair.h"

/* The pair of the frame before, if it was vouched for: of a burst the next is
 * mostly the same, and the same state answers. */
struct rewrite_pair {
	const struct wnv_record *source, *target;
};

/*
 * rewrite_in - false: it is none of these, and as it was. True: it is a
 * customer frame now, or dropped with rw_no_pair, rw_other_tenant,
 * rw_not_carried, vsid_unknown, pa_vlan, outer_length, offload_bad, or
 * what wnv_inbound_check found.
 */
bool rewrite_in(const struct vs_call *call, struct vs_frame *frame,
		struct rewrite_pair *before);

#endif
