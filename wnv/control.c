/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.c: see control.h. Every byte that is read was asked for.
 *
 * Before it: translate_in.c, with what came under the control VSID; advise.c,
 * which has something to say. After it: advise.c, the uplink.
 */
#include "control.h"

#include <string.h>

#include <vswitch/wire.h>

#include "codec.h"

#define TTL	  128u
#define ICMP_SIZE 8u

/* type << 8 | code */
struct numbers {
	uint16_t v4, v6;
};
static const struct numbers numbers[] = {
	[CONTROL_REDIRECT] = {5u << 8 | 10, VS_ND_REDIRECT << 8 | 1},
	[CONTROL_UNREACHABLE] = {3u << 8 | 10, 1u << 8 | 1},
};
#define KINDS (sizeof(numbers) / sizeof(numbers[0]))

/* -- read ------------------------------------------------------------------ */

/* `size` bytes at the front are done with; false: there are fewer. */
static bool skip(struct control_bytes *bytes, uint32_t size)
{
	if (bytes->size < size)
		return false;
	bytes->at += size;
	bytes->size -= size;
	return true;
}

/* The addresses of an IP header; its size, 0: there is none, or it is not all
 * there. */
struct addresses {
	struct vs_ip source, target;
	uint8_t protocol;
	uint16_t payload; /* bytes behind the header, as it says */
};

static uint32_t read_ip(const struct control_bytes *bytes,
			struct addresses *addresses)
{
	const uint8_t *ip = bytes->at;
	uint32_t header;

	if (bytes->size >= VS_IPV6_SIZE && ip[0] >> 4 == 6) {
		addresses->source = vs_ip_from_v6(ip + 8);
		addresses->target = vs_ip_from_v6(ip + 24);
		addresses->protocol = ip[6];
		addresses->payload = vs_load16(ip + 4);
		return VS_IPV6_SIZE;
	}
	if (bytes->size < VS_IPV4_SIZE || ip[0] >> 4 != 4)
		return 0;
	header = (ip[0] & 15u) * 4;
	if (header < VS_IPV4_SIZE || header > bytes->size ||
	    vs_load16(ip + 2) < header)
		return 0;
	addresses->source = vs_ip_from_v4(ip + 12);
	addresses->target = vs_ip_from_v4(ip + 16);
	addresses->protocol = ip[9];
	addresses->payload = (uint16_t)(vs_load16(ip + 2) - header);
	return header;
}

static bool read_quote(struct control_bytes rest, struct control_quote *quote)
{
	struct addresses outer = {.protocol = VS_IP_GRE}, inner;
	uint32_t header = read_ip(&rest, &outer);
	struct codec_shim shim;
	uint16_t type;

	quote->has_outer = header > 0;
	quote->source.ip = outer.source;
	quote->target.ip = outer.target;
	if (!skip(&rest, header) ||
	    !codec_read_quote(rest.at, rest.size, outer.protocol, &shim) ||
	    !skip(&rest, shim.size) || rest.size < VS_ETHERNET_SIZE)
		return false;
	quote->vsid = shim.vsid;
	memcpy(quote->target_mac.octet, rest.at, 6);
	memcpy(quote->source_mac.octet, rest.at + 6, 6);
	type = vs_load16(rest.at + 12);
	skip(&rest, VS_ETHERNET_SIZE);
	if (!read_ip(&rest, &inner) ||
	    type != (rest.at[0] >> 4 == 6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4))
		return false;
	quote->target_ca.ip = inner.target;
	return true;
}

static bool read_kind(uint16_t type_code, bool ipv6, uint8_t *kind)
{
	for (*kind = 0; *kind < KINDS; ++*kind)
		if (type_code == (ipv6 ? numbers[*kind].v6 : numbers[*kind].v4))
			return true;
	return false;
}

/* No options, no fragment, both checksums right: who sends such a message
 * makes it whole. */
static bool check_ip(const uint8_t *ip, const struct addresses *said)
{
	const uint8_t *icmp;
	bool ipv6 = ip[0] >> 4 == 6;
	uint64_t sum = 0;

	if (said->payload < ICMP_SIZE)
		return false;
	if (ipv6) {
		if (said->protocol != VS_IP_ICMP6)
			return false;
		icmp = ip + VS_IPV6_SIZE;
		sum = vs_sum_pseudo(ip, VS_IP_ICMP6, said->payload);
	} else {
		if (ip[0] != 0x45 || said->protocol != VS_IP_ICMP ||
		    vs_load16(ip + 6) & 0x3fff ||
		    vs_sum_fold(vs_sum(0, ip, VS_IPV4_SIZE)) != 0xffff)
			return false;
		icmp = ip + VS_IPV4_SIZE;
	}
	return vs_sum_fold(vs_sum(sum, icmp, said->payload)) == 0xffff;
}

bool control_read(const struct control_bytes *frame,
		  struct control_message *message)
{
	struct control_bytes rest = *frame;
	struct addresses said;
	uint32_t header;
	uint16_t type;
	bool ipv6;

	if (rest.size < VS_ETHERNET_SIZE)
		return false;
	type = vs_load16(rest.at + 12);
	skip(&rest, VS_ETHERNET_SIZE);
	header = read_ip(&rest, &said);
	if (!header || said.payload > rest.size - header ||
	    !check_ip(rest.at, &said))
		return false;
	ipv6 = rest.at[0] >> 4 == 6;
	if (type != (ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4) ||
	    !read_kind(vs_load16(rest.at + header), ipv6, &message->kind))
		return false;
	message->from.ip = said.source;
	message->to.ip = said.target;
	rest.size = header + said.payload;
	skip(&rest, header + ICMP_SIZE);
	return read_quote(rest, &message->quote);
}

/* -- written --------------------------------------------------------------- */

static void write_ipv4(uint8_t *ip, const struct control_message *message,
		       uint32_t payload)
{
	ip[0] = 0x45;
	vs_store16(ip + 2, (uint16_t)(VS_IPV4_SIZE + payload));
	ip[8] = TTL;
	ip[9] = VS_IP_ICMP;
	memcpy(ip + 12, message->from.ip.octet + 12, 4);
	memcpy(ip + 16, message->to.ip.octet + 12, 4);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, VS_IPV4_SIZE)));
}

static void write_ipv6(uint8_t *ip, const struct control_message *message,
		       uint32_t payload)
{
	ip[0] = 0x60;
	vs_store16(ip + 4, (uint16_t)payload);
	ip[6] = VS_IP_ICMP6;
	ip[7] = TTL;
	memcpy(ip + 8, message->from.ip.octet, 16);
	memcpy(ip + 24, message->to.ip.octet, 16);
}

static void write_icmp(uint8_t *icmp, const struct control_message *message,
		       const struct control_bytes *quote, uint64_t pseudo)
{
	bool ipv6 = !vs_ip_is_v4(&message->to.ip);
	const struct numbers *number = &numbers[message->kind];

	vs_store16(icmp, ipv6 ? number->v6 : number->v4);
	if (!ipv6 && message->kind == CONTROL_REDIRECT)
		memcpy(icmp + 4, message->to.ip.octet + 12, 4);
	memcpy(icmp + ICMP_SIZE, quote->at, quote->size);
	vs_store16(icmp + 2,
		   vs_checksum(vs_sum(pseudo, icmp, ICMP_SIZE + quote->size)));
}

uint32_t control_write(const struct control_message *message,
		       const struct control_macs *macs,
		       const struct control_bytes *packet, uint8_t *frame)
{
	bool ipv6 = !vs_ip_is_v4(&message->to.ip);
	uint32_t header = ipv6 ? VS_IPV6_SIZE : VS_IPV4_SIZE;
	uint32_t room = CONTROL_PACKET - header - ICMP_SIZE, payload;
	struct control_bytes quote = *packet;
	uint8_t *ip = frame + VS_ETHERNET_SIZE;

	if (quote.size > room)
		quote.size = room;
	payload = ICMP_SIZE + quote.size;
	memset(frame, 0, VS_ETHERNET_SIZE + header + ICMP_SIZE);
	memcpy(frame, macs->target.octet, 6);
	memcpy(frame + 6, macs->source.octet, 6);
	vs_store16(frame + 12, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	if (ipv6)
		write_ipv6(ip, message, payload);
	else
		write_ipv4(ip, message, payload);
	write_icmp(ip + header, message, &quote,
		   ipv6 ? vs_sum_pseudo(ip, VS_IP_ICMP6, payload) : 0);
	return VS_ETHERNET_SIZE + header + payload;
}
