/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path_mtu.c: ICMP about tunnel packets of ours, read as path_mtu.h says.
 *
 * Before it: translate_in.c, with what is no tunnel. After it: outbound.c,
 * which asks for a peer's number.
 */
#include "path_mtu.h"

#include <stdio.h>

#include <vswitch/wire.h>

#include "codec.h"

#define LIFE_MS	      (UINT64_C(600) * 1000)
#define ICMP_SIZE     8u
#define ICMP_NEEDED   0x0304u /* type 3, code 4 */
#define ICMP6_TOO_BIG 2u

/* A message, and the packet that it quotes. */
struct message {
	struct wnv_pa to; /* whom it is addressed to */
	uint32_t mtu;
	const uint8_t *quote;
	uint32_t quote_size;
	bool ipv6;
};

/* The quoted packet's headers, as far as they count. */
struct quote {
	struct wnv_pa source, target;
	struct codec_shim shim;
};

static bool read_icmp4(const uint8_t *ip, uint32_t size,
		       struct message *message)
{
	uint32_t header = (ip[0] & 15u) * 4, total = vs_load16(ip + 2);
	const uint8_t *icmp = ip + header;

	if (ip[0] >> 4 != 4 || header < VS_IPV4_SIZE || ip[9] != VS_IP_ICMP ||
	    vs_load16(ip + 6) & 0x3fff || total > size ||
	    total < header + ICMP_SIZE || vs_load16(icmp) != ICMP_NEEDED ||
	    vs_sum_fold(vs_sum(0, icmp, total - header)) != 0xffff)
		return false;
	*message = (struct message){
		.to.ip = vs_ip_from_v4(ip + 16),
		.mtu = vs_load16(icmp + 6),
		.quote = icmp + ICMP_SIZE,
		.quote_size = total - header - ICMP_SIZE,
	};
	/* a router of before RFC 1191 does not say; one that says less than
	 * IPv4's hosts must take lies, or will fragment */
	if (message->mtu && message->mtu < PATH_MTU_LEAST)
		message->mtu = PATH_MTU_LEAST;
	return message->mtu != 0;
}

static bool read_icmp6(const uint8_t *ip, uint32_t size,
		       struct message *message)
{
	uint32_t payload = vs_load16(ip + 4);
	const uint8_t *icmp = ip + VS_IPV6_SIZE;

	if (size < VS_IPV6_SIZE || ip[0] >> 4 != 6 || ip[6] != VS_IP_ICMP6 ||
	    payload > size - VS_IPV6_SIZE || payload < ICMP_SIZE ||
	    icmp[0] != ICMP6_TOO_BIG ||
	    vs_sum_fold(vs_sum(vs_sum_pseudo(ip, VS_IP_ICMP6, payload), icmp,
			       payload)) != 0xffff)
		return false;
	*message = (struct message){
		.to.ip = vs_ip_from_v6(ip + 24),
		.mtu = vs_load32(icmp + 4),
		.quote = icmp + ICMP_SIZE,
		.quote_size = payload - ICMP_SIZE,
		.ipv6 = true,
	};
	return message->mtu >= PATH_MTU_LEAST; /* RFC 8201 4: else discard */
}

static bool read_message(const struct vs_view *view, struct message *message)
{
	const uint8_t *ip = view->data + VS_ETHERNET_SIZE;
	uint32_t size = view->size - VS_ETHERNET_SIZE;
	uint16_t type;

	if (view->size < VS_ETHERNET_SIZE + VS_IPV4_SIZE + ICMP_SIZE)
		return false;
	type = vs_load16(view->data + 12);
	return type == VS_TYPE_IPV4   ? read_icmp4(ip, size, message)
	       : type == VS_TYPE_IPV6 ? read_icmp6(ip, size, message)
				      : false;
}

/* We write no options and no extension headers. */
static bool read_quote(const struct message *message, struct quote *quote)
{
	uint32_t header = message->ipv6 ? VS_IPV6_SIZE : VS_IPV4_SIZE;
	const uint8_t *ip = message->quote;

	if (message->quote_size < header ||
	    (message->ipv6 ? ip[0] >> 4 != 6 : ip[0] != 0x45))
		return false;
	quote->source.ip =
		message->ipv6 ? vs_ip_from_v6(ip + 8) : vs_ip_from_v4(ip + 12);
	quote->target.ip =
		message->ipv6 ? vs_ip_from_v6(ip + 24) : vs_ip_from_v4(ip + 16);
	return codec_read_quote(ip + header, message->quote_size - header,
				message->ipv6 ? ip[6] : ip[9], &quote->shim);
}

static void learn(const struct vs_call *call, struct tallies *tallies,
		  const struct wnv_peer *peer, uint16_t mtu)
{
	uint16_t known = path_mtu_of(tallies, peer->tally, call->now_ns);
	char ip[VS_IP_TEXT], text[VS_IP_TEXT + 64];

	/* never wider by hearsay; the same again keeps it */
	if (call->tracing || !peer->tally || (known && mtu > known))
		return;
	atomic_store_explicit(&tallies->path_mtu[peer->tally],
			      (call->now_ns / 1000000 + LIFE_MS) << 16 | mtu,
			      memory_order_relaxed);
	atomic_store_explicit(&tallies->path_mtu_seen, true,
			      memory_order_relaxed);
	if (known == mtu)
		return;
	snprintf(text, sizeof(text), "to %s: %u bytes",
		 vs_ip_format(&peer->pa.ip, ip), mtu);
	call->host->event(call, WNV_EVENT_PATH_MTU, text);
}

bool path_mtu_hear(const struct vs_call *call, struct tallies *tallies,
		   const struct vs_frame *frame)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_peer *peer;
	struct message message;
	struct quote quote;

	if (!read_message(vs_view(frame), &message) ||
	    !read_quote(&message, &quote) ||
	    !wnv_pa_equal(&quote.source, &message.to) ||
	    !wnv_pa_local(state, &message.to) ||
	    !wnv_takes(state, quote.shim.kind) ||
	    (quote.shim.vsid.value != VS_VSID_CONTROL &&
	     !wnv_subnet_find(state, quote.shim.vsid)))
		return false;
	peer = wnv_peer_find(state, &quote.target);
	if (!peer)
		return false;
	if (message.mtu < UINT16_MAX)
		learn(call, tallies, peer, (uint16_t)message.mtu);
	return true;
}
