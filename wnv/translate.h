/* SPDX-License-Identifier: Apache-2.0 */
/*
 * translate.h: the decision of network virtualization, both ways; the data
 * hooks of the adapter end here.
 *
 * Theory of operation
 * -------------------
 * Decide first, write afterwards; a frame that is refused is never touched.
 *
 *   from the wire   codec_read -> wnv_outer_check -> subnet -> wnv_inner_read
 *                   -> wnv_inbound_check -> ECN -> pull the outer headers, set
 * VSID to the wire     answered here? (ARP, ND, gateway) -> who has the
 *                   destination CA? (lookup record) -> does it fit? (mtu.h)
 *                   -> which way to its PA? (shard_path) -> recipe
 *
 * Example. VM 10.0.0.5 (VSID 5001, host A, PA 192.0.2.1) pings 10.0.0.7, whose
 * record says PA 192.0.2.2. Its ARP request is answered here with the record's
 * MAC. The echo request finds the record, fits 1458, the next hop 192.0.2.2 is
 * on our link and has a MAC: one recipe, lead = 42 bytes of outer headers,
 * slice = the frame as it came. On host B the outer source 192.0.2.1 is
 * checked against the record of 10.0.0.5, 42 bytes go, VSID 5001 is set.
 */
#ifndef WNV_TRANSLATE_H
#define WNV_TRANSLATE_H

#include <vswitch/extension.h>

/* translate_in - the from_wire hook. */
void translate_in(const struct vs_call *call, struct vs_burst *burst);
/* translate_out - the to_wire hook. */
void translate_out(const struct vs_call *call, struct vs_outbound_burst *burst);
/* translate_resume - a held frame, once more; ends its hold. */
void translate_resume(const struct vs_call *call, const struct vs_frame *frame);

#endif
