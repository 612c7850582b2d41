/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router.h: the distributed router (hnv.md A5.4, A5.10, A5.11, A6; design 8).
 *
 * Theory of operation
 * -------------------
 * Every host is the gateway of every subnet, with one MAC everywhere. A frame
 * for that MAC whose destination has no record in the frame's own VSID is
 * routed: the CA's record anywhere in the routing domain, else the best
 * customer route's next hop, says which subnet it goes into.
 *
 *   where it lives     how it gets there
 *   another host       a recipe under the destination's VSID; the changed
 *                      Ethernet and IP header stand in the lead
 *   this host          reflected: in at admit under that VSID; or, where it
 *                      must be cut smaller first, as copies
 *   a gateway address  served here: echo
 *   nowhere            ICMP from the gateway of the sender's subnet
 *
 * Routing changes both MACs (to the record's, from the destination subnet's
 * gateway) and the TTL, nothing else. It happens once: the other end delivers
 * by the record, and a reflected frame that comes here again is a loop.
 *
 * Before it: translate_out.c. After it: outbound.c, icmp.c.
 */
#ifndef WNV_ROUTER_H
#define WNV_ROUTER_H

#include "answer.h"
#include "outbound.h"

/* router_addressed - is the frame for the gateway of its subnet? */
bool router_addressed(const struct outbound *out);

/* router_forward - a frame that is, to a CA without a record in its VSID. */
void router_forward(struct outbound *out, const struct wnv_ca *ca);
/* router_remembers - the frame before in the burst went the same way. */
bool router_remembers(const struct outbound *out, const struct wnv_ca *ca);

/* router_serve - a packet for a gateway address: echo, nothing else. */
void router_serve(struct outbound *out);

/* router_speaker - the gateway of the frame's subnet, in the frame's family;
 * false: it has none. */
bool router_speaker(const struct outbound *out, struct answer_as *as);

/* router_header_size - the first bytes of a frame that routing changes. */
uint32_t router_header_size(const struct vs_view *view);
/* router_rewrite - a routed frame's copy of them. */
void router_rewrite(const struct outbound *out, uint8_t *bytes);

#endif
