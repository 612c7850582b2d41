// SPDX-License-Identifier: Apache-2.0
/*
 * echo.c: the bytes of vswitch/echo.h. Decides nothing.
 *
 * Before it: core/echo.c, or an extension that asks. After it: the wire, and
 * the answer.
 */
#include <vswitch/echo.h>
#include <vswitch/wire.h>

#include <string.h>

#define ICMP_SIZE     8u
#define ICMP_REPLY    0u
#define ICMP_REQUEST  8u
#define ICMP_FIRST    3u /* the errors: 3, 4, 5, 11, 12 */
#define ICMP_LAST     12u
#define ICMP6_REQUEST 128u
#define ICMP6_REPLY   129u
#define ICMP_NEEDED   0x0304u
#define ICMP6_TOO_BIG 2u
#define IPV4_LATER    0x1fffu
#define IPV4_DF	      0x4000u

/* An ICMP message of either family, and where it begins. */
struct message {
	const uint8_t *icmp;
	uint32_t size;	/* readable and within the packet */
	uint32_t whole; /* as the IP header says */
	struct vs_ip source, target;
	uint8_t hop_limit;
	bool ipv6, df;
};

static uint32_t header_size(const struct vs_echo *echo)
{
	return vs_ip_is_v4(&echo->source) ? VS_IPV4_SIZE : VS_IPV6_SIZE;
}

uint32_t vs_echo_size(const struct vs_echo *echo)
{
	return header_size(echo) + ICMP_SIZE + echo->size;
}

static void write_ipv4(const struct vs_echo *echo, uint8_t *ip)
{
	memset(ip, 0, VS_IPV4_SIZE);
	ip[0] = 0x45;
	vs_store16(ip + 2, (uint16_t)vs_echo_size(echo));
	vs_store16(ip + 4, echo->sequence);
	vs_store16(ip + 6, echo->whole ? IPV4_DF : 0);
	ip[8] = echo->hop_limit;
	ip[9] = VS_IP_ICMP;
	memcpy(ip + 12, echo->source.octet + 12, 4);
	memcpy(ip + 16, echo->target.octet + 12, 4);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, VS_IPV4_SIZE)));
}

static void write_ipv6(const struct vs_echo *echo, uint8_t *ip)
{
	memset(ip, 0, VS_IPV6_SIZE);
	ip[0] = 0x60;
	vs_store16(ip + 4, (uint16_t)(ICMP_SIZE + echo->size));
	ip[6] = VS_IP_ICMP6;
	ip[7] = echo->hop_limit;
	memcpy(ip + 8, echo->source.octet, 16);
	memcpy(ip + 24, echo->target.octet, 16);
}

/* What ping programs send, too, so that it reads well in a capture. */
static void write_payload(const struct vs_echo *echo, uint8_t *at)
{
	uint32_t i;

	for (i = 0; i < echo->size; i++)
		at[i] = (uint8_t)i;
	if (echo->size < VS_ECHO_COOKIE)
		return;
	vs_store32(at, (uint32_t)(echo->cookie >> 32));
	vs_store32(at + 4, (uint32_t)echo->cookie);
}

void vs_echo_write(const struct vs_echo *echo, uint8_t *ip)
{
	bool v4 = vs_ip_is_v4(&echo->source);
	uint8_t *icmp = ip + header_size(echo);
	uint32_t size = ICMP_SIZE + echo->size;
	uint64_t sum = 0;

	if (v4)
		write_ipv4(echo, ip);
	else
		write_ipv6(echo, ip);
	icmp[0] = v4 ? (echo->reply ? ICMP_REPLY : ICMP_REQUEST)
		     : (echo->reply ? ICMP6_REPLY : ICMP6_REQUEST);
	icmp[1] = 0;
	vs_store16(icmp + 2, 0);
	vs_store16(icmp + 4, echo->id);
	vs_store16(icmp + 6, echo->sequence);
	write_payload(echo, icmp + ICMP_SIZE);
	if (!v4)
		sum = vs_sum_pseudo(ip, VS_IP_ICMP6, size);
	vs_store16(icmp + 2, vs_checksum(vs_sum(sum, icmp, size)));
}

/* Swapping source and target leaves every sum as it is. */
static void swap(uint8_t *a, uint8_t *b, size_t size)
{
	uint8_t kept[16];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

void vs_echo_turn(uint8_t *ip, uint8_t hop_limit)
{
	bool v4 = ip[0] >> 4 == 4;
	uint8_t *icmp = ip + (v4 ? (ip[0] & 15u) * 4 : VS_IPV6_SIZE);
	uint64_t before;

	if (v4) {
		swap(ip + 12, ip + 16, 4);
		before = vs_load16(ip + 8);
		ip[8] = hop_limit;
		vs_store16(ip + 10,
			   vs_checksum_update(vs_load16(ip + 10), before,
					      vs_load16(ip + 8)));
	} else {
		swap(ip + 8, ip + 24, 16);
		ip[7] = hop_limit;
	}
	before = vs_load16(icmp);
	icmp[0] = v4 ? ICMP_REPLY : ICMP6_REPLY;
	vs_store16(icmp + 2, vs_checksum_update(vs_load16(icmp + 2), before,
						vs_load16(icmp)));
}

/* -- read ------------------------------------------------------------------
 */

static bool read_ipv4(const uint8_t *ip, uint32_t size, struct message *message)
{
	uint32_t header = (ip[0] & 15u) * 4, total = vs_load16(ip + 2);

	if (header < VS_IPV4_SIZE || total < header + ICMP_SIZE ||
	    size < header + ICMP_SIZE || ip[9] != VS_IP_ICMP ||
	    vs_load16(ip + 6) & IPV4_LATER)
		return false;
	*message = (struct message){
		.icmp = ip + header,
		.size = (total < size ? total : size) - header,
		.whole = total - header,
		.source = vs_ip_from_v4(ip + 12),
		.target = vs_ip_from_v4(ip + 16),
		.hop_limit = ip[8],
		.df = vs_load16(ip + 6) & IPV4_DF,
	};
	return true;
}

static bool read_ipv6(const uint8_t *ip, uint32_t size, struct message *message)
{
	uint32_t payload = vs_load16(ip + 4);

	if (size < VS_IPV6_SIZE + ICMP_SIZE || payload < ICMP_SIZE ||
	    ip[6] != VS_IP_ICMP6)
		return false;
	size -= VS_IPV6_SIZE;
	*message = (struct message){
		.icmp = ip + VS_IPV6_SIZE,
		.size = payload < size ? payload : size,
		.whole = payload,
		.source = vs_ip_from_v6(ip + 8),
		.target = vs_ip_from_v6(ip + 24),
		.hop_limit = ip[7],
		.ipv6 = true,
	};
	return true;
}

static bool read_message(const uint8_t *ip, uint32_t size,
			 struct message *message)
{
	if (size < VS_IPV4_SIZE)
		return false;
	return ip[0] >> 4 == 4	 ? read_ipv4(ip, size, message)
	       : ip[0] >> 4 == 6 ? read_ipv6(ip, size, message)
				 : false;
}

static bool read_echo(const struct message *message, struct vs_echo *echo)
{
	const uint8_t *icmp = message->icmp;
	uint8_t request = message->ipv6 ? ICMP6_REQUEST : ICMP_REQUEST;
	uint8_t reply = message->ipv6 ? ICMP6_REPLY : ICMP_REPLY;

	if ((icmp[0] != request && icmp[0] != reply) || icmp[1])
		return false;
	*echo = (struct vs_echo){
		.source = message->source,
		.target = message->target,
		.id = vs_load16(icmp + 4),
		.sequence = vs_load16(icmp + 6),
		.size = (uint16_t)(message->whole - ICMP_SIZE),
		.hop_limit = message->hop_limit,
		.reply = icmp[0] == reply,
		.whole = message->df,
	};
	if (message->size >= ICMP_SIZE + VS_ECHO_COOKIE)
		echo->cookie = (uint64_t)vs_load32(icmp + ICMP_SIZE) << 32 |
			       vs_load32(icmp + ICMP_SIZE + 4);
	return true;
}

bool vs_echo_read(const uint8_t *ip, uint32_t size, struct vs_echo *echo)
{
	struct message message;

	return read_message(ip, size, &message) && read_echo(&message, echo);
}

static bool is_error(const struct message *message)
{
	uint8_t type = message->icmp[0];

	if (message->ipv6)
		return type && type < ICMP6_REQUEST;
	return type >= ICMP_FIRST && type <= ICMP_LAST && type != ICMP_REQUEST;
}

static uint16_t mtu_of(const struct message *message)
{
	const uint8_t *icmp = message->icmp;
	uint32_t mtu = 0;

	if (message->ipv6 && icmp[0] == ICMP6_TOO_BIG)
		mtu = vs_load32(icmp + 4);
	else if (!message->ipv6 && vs_load16(icmp) == ICMP_NEEDED)
		mtu = vs_load16(icmp + 6);
	return mtu > UINT16_MAX ? 0 : (uint16_t)mtu;
}

bool vs_echo_read_error(const uint8_t *ip, uint32_t size,
			struct vs_echo_error *error)
{
	struct message message, quoted;

	if (!read_message(ip, size, &message) || !is_error(&message) ||
	    !read_message(message.icmp + ICMP_SIZE, message.size - ICMP_SIZE,
			  &quoted) ||
	    quoted.ipv6 != message.ipv6 ||
	    !read_echo(&quoted, &error->request) || error->request.reply)
		return false;
	error->from = message.source;
	error->type = message.icmp[0];
	error->code = message.icmp[1];
	error->mtu = mtu_of(&message);
	return true;
}
