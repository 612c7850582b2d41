/* SPDX-License-Identifier: Apache-2.0 */
/*
 * icmp.c: writes the errors of icmp.h; decides nothing about policy.
 */
#include "icmp.h"

#include <string.h>

#include <vswitch/wire.h>

#define HOP_LIMIT   64u
#define ICMP_HEADER 8u
#define ICMP_QUOTE  548u  /* RFC 1812 4.3.2.3: 576 in all */
#define ICMP6_QUOTE 1232u /* RFC 4443 3.2: 1280 in all */
#define ICMP6_ERROR 128u  /* below: errors */

struct error_code {
	uint8_t type, code;
};

static const struct error_code codes4[] = {
	[ICMP_TOO_BIG] = {3, 4},      [ICMP_TIME_EXCEEDED] = {11, 0},
	[ICMP_NO_ROUTE] = {3, 0},     [ICMP_NO_HOST] = {3, 1},
	[ICMP_BEYOND_SCOPE] = {0, 0}, /* there is none */
};

static const struct error_code codes6[] = {
	[ICMP_TOO_BIG] = {2, 0},      [ICMP_TIME_EXCEEDED] = {3, 0},
	[ICMP_NO_ROUTE] = {1, 0},     [ICMP_NO_HOST] = {1, 3},
	[ICMP_BEYOND_SCOPE] = {1, 2},
};

static bool is_error(const struct vs_view *view)
{
	uint8_t type = view->l4 == VS_ABSENT ? 0 : view->data[view->l4];

	if (view->flags & VS_FRAME_IPV6)
		return view->protocol == VS_IP_ICMP6 &&
		       (type < ICMP6_ERROR || type == VS_ND_REDIRECT);
	/* echo, echo reply, and the questions from 13 on are none */
	return view->protocol == VS_IP_ICMP && type != 0 && type != 8 &&
	       type < 13;
}

bool icmp_may_answer(const struct vs_view *view)
{
	const uint8_t *ip = view->data + view->l3;
	bool ipv6 = view->flags & VS_FRAME_IPV6;
	struct vs_ip source =
		ipv6 ? vs_ip_from_v6(ip + 8) : vs_ip_from_v4(ip + 12);

	if (view->flags & VS_FRAME_LATER || is_error(view))
		return false;
	/* "too big" about a group packet is allowed in IPv6 only */
	if (!ipv6 && view->flags & VS_FRAME_GROUP)
		return false;
	return !wnv_ip_is_martian(&source);
}

/* An error with room for `quote` bytes, Ethernet written; NULL: no buffer. */
static uint8_t *begin(const struct vs_call *call, const struct vs_view *view,
		      const struct answer_as *as, uint32_t size,
		      struct vs_frame **error)
{
	uint8_t *bytes;

	*error = call->host->frame_new(call, size, view->vsid);
	if (!*error)
		return NULL;
	bytes = vs_frame_edit(*error, 0, size);
	memset(bytes, 0, size);
	memcpy(bytes, view->data + 6, 6);
	memcpy(bytes + 6, as->mac.octet, 6);
	memcpy(bytes + 12, view->data + 12, 2);
	return bytes;
}

static bool send(const struct vs_call *call, struct vs_frame *error,
		 const struct vs_view *view)
{
	return call->host->emit(call, error, VS_EMIT_PORT, view->port,
				view->port) == 0;
}

static uint32_t quote_size(const struct vs_view *view, uint32_t limit)
{
	uint32_t size = view->size - view->l3;

	return size < limit ? size : limit;
}

static bool error4(const struct vs_call *call, const struct vs_view *view,
		   const struct answer_as *as, enum icmp_kind kind,
		   uint16_t mtu)
{
	uint32_t quote = quote_size(view, ICMP_QUOTE);
	uint32_t size = VS_IPV4_SIZE + ICMP_HEADER + quote;
	struct vs_frame *error;
	uint8_t *ip = begin(call, view, as, VS_ETHERNET_SIZE + size, &error);
	uint8_t *icmp;

	if (!ip)
		return false;
	ip += VS_ETHERNET_SIZE;
	ip[0] = 0x45;
	vs_store16(ip + 2, (uint16_t)size);
	ip[8] = HOP_LIMIT;
	ip[9] = VS_IP_ICMP;
	memcpy(ip + 12, as->ca.ip.octet + 12, 4);
	memcpy(ip + 16, view->data + view->l3 + 12, 4);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, VS_IPV4_SIZE)));
	icmp = ip + VS_IPV4_SIZE;
	icmp[0] = codes4[kind].type;
	icmp[1] = codes4[kind].code;
	vs_store16(icmp + 6, mtu);
	memcpy(icmp + ICMP_HEADER, view->data + view->l3, quote);
	vs_store16(icmp + 2, vs_checksum(vs_sum(0, icmp, ICMP_HEADER + quote)));
	return send(call, error, view);
}

static bool error6(const struct vs_call *call, const struct vs_view *view,
		   const struct answer_as *as, enum icmp_kind kind,
		   uint16_t mtu)
{
	uint32_t quote = quote_size(view, ICMP6_QUOTE);
	uint32_t payload = ICMP_HEADER + quote;
	struct vs_frame *error;
	uint8_t *ip = begin(call, view, as,
			    VS_ETHERNET_SIZE + VS_IPV6_SIZE + payload, &error);
	uint8_t *icmp;
	uint64_t sum;

	if (!ip)
		return false;
	ip += VS_ETHERNET_SIZE;
	ip[0] = 0x60;
	vs_store16(ip + 4, (uint16_t)payload);
	ip[6] = VS_IP_ICMP6;
	ip[7] = HOP_LIMIT;
	memcpy(ip + 8, as->ca.ip.octet, 16);
	memcpy(ip + 24, view->data + view->l3 + 8, 16);
	icmp = ip + VS_IPV6_SIZE;
	icmp[0] = codes6[kind].type;
	icmp[1] = codes6[kind].code;
	vs_store32(icmp + 4, mtu);
	memcpy(icmp + ICMP_HEADER, view->data + view->l3, quote);
	sum = vs_sum_pseudo(ip, VS_IP_ICMP6, payload);
	vs_store16(icmp + 2, vs_checksum(vs_sum(sum, icmp, payload)));
	return send(call, error, view);
}

bool icmp_error(const struct vs_call *call, const struct vs_frame *frame,
		const struct answer_as *as, enum icmp_kind kind, uint16_t mtu)
{
	const struct vs_view *view = vs_view(frame);

	if (view->flags & VS_FRAME_IPV6)
		return error6(call, view, as, kind, mtu);
	return codes4[kind].type && error4(call, view, as, kind, mtu);
}
