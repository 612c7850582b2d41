/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h: frames that WNV itself sends to a port: proxy answers and echo
 * replies (errors: icmp.h). All go to the port that asked, in its VSID.
 *
 * Each function returns false if there is no buffer or no room; then nothing
 * was sent. Before it: neighbour.c, router.c. After it: the host.
 */
#ifndef WNV_ANSWER_H
#define WNV_ANSWER_H

#include <vswitch/extension.h>

#include "address.h"

/* Who answers, and what about it is said. */
struct answer_as {
	struct vs_mac mac;
	struct wnv_ca ca;
	bool router; /* ND only */
};

/* answer_arp - a reply to the ARP request `question`. */
bool answer_arp(const struct vs_call *call, const struct vs_frame *question,
		const struct answer_as *as);
/* answer_nd - an advertisement for the neighbour solicitation `question`; to
 * all nodes if its source is :: (RFC 4861 7.2.4). */
bool answer_nd(const struct vs_call *call, const struct vs_frame *question,
	       const struct answer_as *as);
/* answer_echo - an ICMP or ICMPv6 echo reply with the request's bytes. */
bool answer_echo(const struct vs_call *call, const struct vs_frame *question);

#endif
