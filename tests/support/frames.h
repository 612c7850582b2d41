/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames for tests, written header by header into a caller's buffer. Lengths
 * are set when a frame is finished; checksums are right unless a test breaks
 * them.
 */
#ifndef TESTS_SUPPORT_FRAMES_H
#define TESTS_SUPPORT_FRAMES_H

#include <string.h>

#include <vswitch/wire.h>

/* A frame under construction. */
struct frames {
	uint8_t *bytes;
	uint32_t size;
	uint32_t l3, l4; /* 0 = not there yet */
};

static inline void frames_bytes(struct frames *frame, const void *bytes,
				uint32_t size)
{
	memcpy(frame->bytes + frame->size, bytes, size);
	frame->size += size;
}

static inline void frames_u16(struct frames *frame, uint16_t value)
{
	vs_store16(frame->bytes + frame->size, value);
	frame->size += 2;
}

/* 02:00:00:00:00:02 to 02:00:00:00:00:01. */
static inline struct frames frames_ethernet(uint8_t *buffer, uint16_t type)
{
	static const uint8_t macs[12] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
	struct frames frame = {.bytes = buffer};

	frames_bytes(&frame, macs, sizeof(macs));
	frames_u16(&frame, type);
	return frame;
}

/* 10.0.0.2 to 10.0.0.1, DF, TTL 64. */
static inline void frames_ipv4(struct frames *frame, uint8_t protocol)
{
	const uint8_t ip[20] = {0x45, 0, 0,  0, 0, 0, 0x40, 0, 64, protocol,
				0,    0, 10, 0, 0, 2, 10,   0, 0,  1};

	frame->l3 = frame->size;
	frames_bytes(frame, ip, sizeof(ip));
	frame->l4 = frame->size;
}

/* 2001:db8::2 to 2001:db8::1, hop limit 64. */
static inline void frames_ipv6(struct frames *frame, uint8_t next)
{
	const uint8_t ip[40] = {
		0x60,	     [6] = next, [7] = 64, [8] = 0x20,	[9] = 1,
		[10] = 0x0d, 0xb8,	 [23] = 2, [24] = 0x20, 1,
		0x0d,	     0xb8,	 [39] = 1};

	frame->l3 = frame->size;
	frames_bytes(frame, ip, sizeof(ip));
	frame->l4 = frame->size;
}

static inline void frames_tcp(struct frames *frame, uint32_t sequence,
			      uint8_t flags)
{
	uint8_t tcp[20] = {0x9c, 0x40, 0, 80, [12] = 0x50, 0, 0x10, 0};

	vs_store32(tcp + 4, sequence);
	vs_store32(tcp + 8, 77777);
	tcp[13] = flags;
	frames_bytes(frame, tcp, sizeof(tcp));
}

static inline void frames_udp(struct frames *frame)
{
	static const uint8_t udp[8] = {0x9c, 0x40, 0, 53};

	frames_bytes(frame, udp, sizeof(udp));
}

/* The IP length of a frame that ends here, and the IPv4 checksum. */
static inline void frames_finish_ip(struct frames *frame)
{
	uint8_t *ip = frame->bytes + frame->l3;
	uint32_t size = frame->size - frame->l3, header;

	if (ip[0] >> 4 == 6) {
		vs_store16(ip + 4, (uint16_t)(size - VS_IPV6_SIZE));
		return;
	}
	header = (ip[0] & 15u) * 4;
	vs_store16(ip + 2, (uint16_t)size);
	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, header)));
}

/* The same with the checksum of TCP or UDP (and UDP's length). */
static inline void frames_finish(struct frames *frame, uint8_t protocol)
{
	uint8_t *l4 = frame->bytes + frame->l4;
	uint32_t size = frame->size - frame->l4;
	uint8_t *field = l4 + (protocol == VS_IP_UDP ? 6 : 16);
	uint64_t sum;

	frames_finish_ip(frame);
	if (protocol == VS_IP_UDP)
		vs_store16(l4 + 4, (uint16_t)size);
	vs_store16(field, 0);
	sum = vs_sum_pseudo(frame->bytes + frame->l3, protocol, size);
	vs_store16(field, vs_checksum(vs_sum(sum, l4, size)));
}

#endif
