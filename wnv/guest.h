/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guest.h: a guest that goes by another gateway than its subnet's (hnv.md
 * A5.15). Nothing works beyond its link then, and the guest does not know why:
 * somebody is told, once for each port (vs_host.mismatch).
 *
 * What gives it away: packets for elsewhere to a MAC that does not forward
 * them; and questions for an address that nobody has and that is either on no
 * link of the subnet, or where gateways are by custom, the first or the last
 * host of a prefix.
 *
 * Before it: translate_out.c, with a frame that is lost. After it: none.
 */
#ifndef WNV_GUEST_H
#define WNV_GUEST_H

#include "outbound.h"

/* guest_sends - a packet for elsewhere, to who does not forward it. */
void guest_sends(const struct outbound *out, const struct wnv_ca *ca);
/* guest_asks - by ARP or ND, for an address that nobody has. */
void guest_asks(const struct outbound *out, const struct wnv_ca *ca);

#endif
