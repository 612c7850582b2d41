/* SPDX-License-Identifier: Apache-2.0 */
/*
 * icmp.h: what the gateway tells the sender of a packet that it can't forward
 * (RFC 792, RFC 1812 4.3, RFC 4443).
 *
 * Before it: router.c and outbound.c, which know why. After it: the host.
 */
#ifndef WNV_ICMP_H
#define WNV_ICMP_H

#include "answer.h"

/* What is wrong, in the numbers of both families. */
enum icmp_kind {
	ICMP_TOO_BIG,
	ICMP_TIME_EXCEEDED,
	ICMP_NO_ROUTE,	   /* net unreachable; no route to destination */
	ICMP_NO_HOST,	   /* host unreachable; address unreachable */
	ICMP_BEYOND_SCOPE, /* IPv6 only */
};

/*
 * icmp_may_answer - may this packet be answered with an error at all? Not an
 * error itself, no later fragment, nobody's or a group's source (RFC 1122
 * 3.2.2, RFC 4443 2.4).
 */
bool icmp_may_answer(const struct vs_view *view);

/*
 * icmp_error - the error, from `as`, quoting `frame`, to the port that it came
 * from; `mtu` for ICMP_TOO_BIG. False: no buffer, no room, or the family has
 * no such error.
 */
bool icmp_error(const struct vs_call *call, const struct vs_frame *frame,
		const struct answer_as *as, enum icmp_kind kind, uint16_t mtu);

#endif
