/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo.h: ICMP and ICMPv6 echo packets (RFC 792, RFC 4443 4), and the errors
 * that come back instead of a reply: written and read, from the IP header on.
 *
 * For whoever finds out whether something can be reached. A question carries a
 * random cookie in front of its payload, and its answer brings it back, so
 * that nobody else's answer is taken for it.
 */
#ifndef VSWITCH_ECHO_H
#define VSWITCH_ECHO_H

#include <vswitch/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VS_ECHO_COOKIE	8u /* bytes: the least payload */
#define VS_ECHO_PAYLOAD 56u
/* The ID of questions between provider addresses: of all echo replies the
 * uplink's receive filter lets in those with this one. */
#define VS_ECHO_ID 0x7673u

struct vs_echo {
	struct vs_ip source, target; /* of one family */
	uint64_t cookie;
	uint16_t id, sequence;
	uint16_t size; /* bytes of payload, the cookie among them */
	uint8_t hop_limit;
	bool reply;
	bool whole; /* IPv4: don't fragment */
};

/* vs_echo_size - bytes of the IP packet. */
uint32_t vs_echo_size(const struct vs_echo *echo);
/* vs_echo_write - so many bytes at `ip`, with complete checksums. */
void vs_echo_write(const struct vs_echo *echo, uint8_t *ip);

/* vs_echo_turn - make the reply of a request in place: the ends change places,
 * the hop limit is set, checksums follow. The request was read whole. */
void vs_echo_turn(uint8_t *ip, uint8_t hop_limit);

/*
 * vs_echo_read - is it an echo request or reply? `size` bytes at `ip` are
 * readable; what lies behind the packet's own end does not count. No later
 * fragment, no IPv6 extension header. Checksums are not looked at.
 */
bool vs_echo_read(const uint8_t *ip, uint32_t size, struct vs_echo *echo);

/* What came instead of a reply. */
struct vs_echo_error {
	struct vs_ip from;
	uint8_t type, code; /* of ICMP, or of ICMPv6 */
	uint16_t mtu;	    /* too big: what fits; else 0 */
	/* the request that it quotes; cookie and size as far as quoted, else
	 * 0 */
	struct vs_echo request;
};

/* vs_echo_read_error - is it an ICMP error about an echo request? */
bool vs_echo_read_error(const uint8_t *ip, uint32_t size,
			struct vs_echo_error *error);

#ifdef __cplusplus
}
#endif
#endif
