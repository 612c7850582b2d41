/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advertise.h: the gateway as an IPv6 router that shows itself (RFC 4861 6.2):
 * router advertisements, asked for or not.
 *
 * Theory of operation
 * -------------------
 * A subnet advertises if its gateway has a link-local address. Whoever solicits
 * is answered at once, alone: there is one router on the link, so that the
 * delay of 6.2.6 would serve nobody. Everybody else hears from it three times
 * after what it says has changed, 16 s apart, then every 200 to 600 s. When is
 * a function of the subnet and of when it began (`advertised_ns`, kept from
 * state to state while nothing changes): no timer is kept anywhere. Worker 0
 * looks once a second which times have passed; each host serves its own ports.
 *
 * An advertisement names the prefixes on the link, the MTU and, under slaac=on,
 * the /64 to number oneself in. M and O are never set: no DHCPv6 is served.
 */
#ifndef WNV_ADVERTISE_H
#define WNV_ADVERTISE_H

#include "policy.h"

#define ADVERTISE_LIFETIME_S 1800u /* 3 x the longest gap (RFC 4861 6.2.1) */

/* A worker's place in the round; zeroed to begin with. */
struct advertise {
	uint64_t serial;     /* of the state that it walks */
	uint64_t checked_ns; /* all up to then were sent */
	uint64_t until_ns;   /* the round's end */
	uint32_t cursor;     /* of the round; 0: none is under way */
};

/* advertise_tick - send what is due; a bounded number at a time. */
void advertise_tick(const struct vs_call *call, struct advertise *advertise);

/* advertise_answer - to the router solicitation `question`, at its port. */
bool advertise_answer(const struct vs_call *call,
		      const struct wnv_subnet *subnet,
		      const struct vs_frame *question);

/* advertise_due - the first time after `after_ns` at which the subnet
 * advertises by itself. */
uint64_t advertise_due(const struct wnv_subnet *subnet, uint64_t after_ns);

#endif
