/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow_in.c: is a frame from the wire another one of the flow before it?
 * Compares bytes; what they mean was found out about the leader.
 *
 * Before it: translate_in.c, for every frame. After it: translate_in.c, which
 * unwraps the frame as it did the leader, or looks at it anew.
 */
#include "follow.h"

#include <string.h>

#include <vswitch/wire.h>

#include "codec.h"

/* Where the headers of such a packet stand. */
enum {
	OUTER = VS_ETHERNET_SIZE,
	GRE = OUTER + VS_IPV4_SIZE,
	INNER = GRE + VS_GRE_KEY_SIZE,
	INNER_IP = INNER + VS_ETHERNET_SIZE,
	INNER_L4 = INNER_IP + VS_IPV4_SIZE,
	READ = INNER_L4 + 20,
};

#define TCP_FLAGS 13u
#define TCP_SYN	  0x02u

static bool is_ipv4(const uint8_t *ip, uint8_t protocol)
{
	return vs_load16(ip - 2) == VS_TYPE_IPV4 && ip[0] == 0x45 &&
	       ip[9] == protocol && !(vs_load16(ip + 6) & 0x3fff);
}

static bool leaves_nothing(const struct vs_offload *offload)
{
	return offload->gso == VS_GSO_NONE && offload->csum_start == VS_ABSENT;
}

static bool is_syn(const uint8_t *bytes)
{
	return bytes[INNER_IP + 9] == VS_IP_TCP &&
	       bytes[INNER_L4 + TCP_FLAGS] & TCP_SYN;
}

bool follow_may_lead(const struct vs_view *view)
{
	const uint8_t *bytes = view->data;

	return view->size >= READ && leaves_nothing(&view->offload) &&
	       is_ipv4(bytes + OUTER, VS_IP_GRE) &&
	       (is_ipv4(bytes + INNER_IP, VS_IP_UDP) ||
		is_ipv4(bytes + INNER_IP, VS_IP_TCP)) &&
	       !is_syn(bytes) &&
	       /* no congestion mark to carry inward */
	       !((bytes[OUTER + 1] ^ bytes[INNER_IP + 1]) & CODEC_ECN);
}

/* An IPv4 header's, in the machine's own order (RFC 1071 2.B). */
static bool checksum_holds(const uint8_t *ip)
{
	uint64_t low, high, sum;
	uint32_t last;

	memcpy(&low, ip, sizeof(low));
	memcpy(&high, ip + 8, sizeof(high));
	memcpy(&last, ip + 16, sizeof(last));
	sum = (low & UINT32_MAX) + (low >> 32) + (high & UINT32_MAX) +
	      (high >> 32) + last;
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static inline bool same(const uint8_t *a, const uint8_t *b, uint32_t from,
			uint32_t to)
{
	return memcmp(a + from, b + from, to - from) == 0;
}

bool follow_in(const struct vs_view *view, const uint8_t *leader, uint32_t size)
{
	const uint8_t *bytes = view->data;

	return view->size == size && leaves_nothing(&view->offload) &&
	       same(bytes, leader, 0, OUTER + 4) &&
	       same(bytes, leader, OUTER + 6, OUTER + 10) &&
	       same(bytes, leader, OUTER + 12, INNER_IP + 4) &&
	       same(bytes, leader, INNER_IP + 6, INNER_IP + 10) &&
	       same(bytes, leader, INNER_IP + 12, INNER_L4 + 4) &&
	       !is_syn(bytes) && checksum_holds(bytes + OUTER);
}
