/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of flows for the fast path's tests: all that is not the flow's key is
 * random, checksums are right, wrong, absent or partial, and what is right is
 * told the slow way: everything is added up.
 */
#ifndef TESTS_SUPPORT_FAST_FRAMES_H
#define TESTS_SUPPORT_FAST_FRAMES_H

#include <stdbool.h>
#include <string.h>

#include <vswitch/wire.h>

#include "io/fast_frame.h"
#include "tests/support/frames.h"
#include "tests/support/prng.h"

#define FLOWN_SIZE 512u

/* What a flow's frames have in common. */
struct flown_names {
	bool ipv6;
	uint8_t protocol;
	uint8_t macs[12], ports[4], addresses[32];
};

/* A whole frame of one. */
struct flown {
	struct flown_names names;
	uint8_t bytes[FLOWN_SIZE];
	uint32_t size, end; /* of the frame; where its IP packet ends */
	uint16_t gso_size;
	bool partial;
};

static inline uint32_t flown_l4(const struct flown *frame)
{
	return VS_ETHERNET_SIZE +
	       (frame->names.ipv6 ? VS_IPV6_SIZE : VS_IPV4_SIZE);
}

static inline uint32_t flown_address(const struct flown *frame)
{
	return VS_ETHERNET_SIZE + (frame->names.ipv6 ? 8u : 12u);
}

static inline uint32_t flown_address_size(const struct flown *frame)
{
	return frame->names.ipv6 ? 32 : 8;
}

static inline uint32_t flown_hops(const struct flown *frame)
{
	return VS_ETHERNET_SIZE + (frame->names.ipv6 ? 7u : 8u);
}

/* Where TCP or UDP has its checksum. */
static inline uint32_t flown_sum(const struct flown *frame)
{
	return flown_l4(frame) +
	       (frame->names.protocol == VS_IP_TCP ? 16u : 6u);
}

/* -- adding up --------------------------------------------------------------
 */

static inline uint16_t flown_add(uint32_t sum, const uint8_t *bytes,
				 uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline uint16_t flown_pseudo(const struct flown *frame)
{
	uint32_t sum = frame->end - flown_l4(frame) + frame->names.protocol;

	return flown_add(sum, frame->bytes + flown_address(frame),
			 flown_address_size(frame));
}

/* Of one's complement's two zeros, one. */
static inline bool flown_equal(uint16_t left, uint16_t right)
{
	return left % 0xffffu == right % 0xffffu;
}

static inline bool flown_header_right(const struct flown *frame)
{
	return frame->names.ipv6 ||
	       flown_equal(flown_add(0, frame->bytes + VS_ETHERNET_SIZE,
				     VS_IPV4_SIZE),
			   0);
}

/* A UDP datagram may go without, unless its checksum is only begun. */
static inline bool flown_unsummed(const struct flown *frame)
{
	return frame->names.protocol == VS_IP_UDP && !frame->partial &&
	       !vs_load16(frame->bytes + flown_sum(frame));
}

static inline bool flown_sum_right(const struct flown *frame)
{
	uint32_t l4 = flown_l4(frame);
	uint16_t pseudo = flown_pseudo(frame);

	if (frame->partial)
		return flown_equal(vs_load16(frame->bytes + flown_sum(frame)),
				   pseudo);
	return flown_unsummed(frame) ||
	       flown_equal(
		       flown_add(pseudo, frame->bytes + l4, frame->end - l4),
		       0);
}

static inline void flown_finish_header(struct flown *frame)
{
	uint8_t *ip = frame->bytes + VS_ETHERNET_SIZE;

	if (frame->names.ipv6)
		return;
	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, (uint16_t)~flown_add(0, ip, VS_IPV4_SIZE));
}

static inline void flown_finish_sum(struct flown *frame)
{
	uint32_t l4 = flown_l4(frame);
	uint8_t *field = frame->bytes + flown_sum(frame);
	uint16_t sum = flown_pseudo(frame);

	vs_store16(field, 0);
	if (!frame->partial) {
		sum = (uint16_t)~flown_add(sum, frame->bytes + l4,
					   frame->end - l4);
		if (!sum && frame->names.protocol == VS_IP_UDP)
			sum = UINT16_MAX;
	}
	vs_store16(field, sum);
}

/* -- at random --------------------------------------------------------------
 */

static inline struct flown_names flown_names(struct prng *prng)
{
	struct flown_names names = {
		.ipv6 = prng_below(prng, 2),
		.protocol = prng_below(prng, 2) ? VS_IP_TCP : VS_IP_UDP,
	};

	prng_fill(prng, names.macs, sizeof(names.macs));
	prng_fill(prng, names.ports, sizeof(names.ports));
	prng_fill(prng, names.addresses, names.ipv6 ? 32 : 8);
	return names;
}

static inline void flown_ip(struct flown *frame, struct prng *prng)
{
	uint8_t *ip = frame->bytes + VS_ETHERNET_SIZE;
	uint32_t size = frame->end - VS_ETHERNET_SIZE;

	if (frame->names.ipv6) {
		ip[0] = (uint8_t)(0x60u | (ip[0] & 15u));
		vs_store16(ip + 4, (uint16_t)(size - VS_IPV6_SIZE));
		ip[6] = frame->names.protocol;
	} else {
		ip[0] = 0x45;
		vs_store16(ip + 2, (uint16_t)size);
		vs_store16(ip + 6, prng_below(prng, 2) ? 0x4000 : 0);
		ip[9] = frame->names.protocol;
	}
	frame->bytes[flown_hops(frame)] = (uint8_t)(2 + prng_below(prng, 254));
	memcpy(frame->bytes + flown_address(frame), frame->names.addresses,
	       flown_address_size(frame));
}

static inline void flown_transport(struct flown *frame, uint32_t header)
{
	uint8_t *l4 = frame->bytes + flown_l4(frame);

	memcpy(l4, frame->names.ports, sizeof(frame->names.ports));
	if (frame->names.protocol == VS_IP_UDP) {
		vs_store16(l4 + 4, (uint16_t)(frame->end - flown_l4(frame)));
	} else {
		l4[12] = (uint8_t)(header / 4 << 4 | (l4[12] & 15u));
		l4[13] &= 0xd8; /* no FIN, SYN, RST, URG */
	}
}

/* The checksum comes out as zero, by two bytes of the payload. */
static inline void flown_force_zero(struct flown *frame, uint32_t payload)
{
	uint8_t *spare = frame->bytes + payload;

	vs_store16(spare, 0);
	flown_finish_sum(frame);
	vs_store16(spare, vs_load16(frame->bytes + flown_sum(frame)));
	flown_finish_sum(frame);
}

static inline void flown_sums(struct flown *frame, struct prng *prng,
			      uint32_t payload)
{
	bool udp = frame->names.protocol == VS_IP_UDP;
	uint8_t *field = frame->bytes + flown_sum(frame);
	uint32_t kind = prng_below(prng, 8);

	flown_finish_header(frame);
	flown_finish_sum(frame);
	if (kind < 2 && !frame->partial && payload + 2 <= frame->end)
		flown_force_zero(frame, payload);
	else if (kind == 2 && udp && !frame->partial)
		vs_store16(field, 0);
	else if (kind == 3)
		vs_store16(field, (uint16_t)(1 + prng_below(prng, 0xfffe)));
	if (kind == 4 && !frame->names.ipv6)
		frame->bytes[VS_ETHERNET_SIZE + 10] ^= 0x40;
}

/* A frame of the flow. */
static inline void flown_make(struct flown *frame, struct prng *prng,
			      const struct flown_names *names)
{
	uint32_t header = names->protocol == VS_IP_UDP
				  ? 8
				  : 20 + 4 * prng_below(prng, 11);
	uint32_t payload, kind = prng_below(prng, 8);

	memset(frame, 0, sizeof(*frame));
	frame->names = *names;
	prng_fill(prng, frame->bytes, sizeof(frame->bytes));
	payload = flown_l4(frame) + header;
	frame->end = payload + prng_below(prng, 160);
	frame->size = frame->end;
	if (frame->size < 60 && !prng_below(prng, 2))
		frame->size = 60; /* padded */
	frame->partial = kind < 3;
	frame->gso_size =
		(uint16_t)(kind == 0 ? 1 + prng_below(prng, 1400) : 0);
	memcpy(frame->bytes, names->macs, sizeof(names->macs));
	vs_store16(frame->bytes + 12,
		   names->ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	flown_ip(frame, prng);
	flown_transport(frame, header);
	flown_sums(frame, prng, payload);
}

/*
 * The same frame under other names; `hops` are added. What was right is added
 * up anew, so it is right.
 */
static inline void flown_rename(struct flown *frame,
				const struct flown_names *names, int hops)
{
	bool header = flown_header_right(frame), sum = flown_sum_right(frame);
	uint8_t *hop = frame->bytes + flown_hops(frame);

	frame->names = *names;
	memcpy(frame->bytes, names->macs, sizeof(names->macs));
	memcpy(frame->bytes + flown_address(frame), names->addresses,
	       flown_address_size(frame));
	*hop = (uint8_t)(*hop + hops);
	if (header)
		flown_finish_header(frame);
	if (sum && !flown_unsummed(frame))
		flown_finish_sum(frame);
}

/* What is left of a frame that somebody broke. */
static inline void flown_spoil(struct flown *frame, struct prng *prng)
{
	uint32_t count = prng_below(prng, 4);

	while (count--) {
		uint32_t at = prng_below(prng, 80);

		if (prng_below(prng, 2))
			frame->bytes[at] = (uint8_t)prng_u32(prng);
		else
			frame->bytes[at] ^=
				(uint8_t)(1u << prng_below(prng, 8));
	}
	if (!prng_below(prng, 4))
		frame->size = prng_below(prng, frame->size);
}

/* -- as the fast path sees them ----------------------------------------------
 */

static inline struct fast_head flown_head(const struct flown *frame)
{
	struct fast_head head = {.size = frame->size,
				 .gso_size = frame->gso_size,
				 .partial = frame->partial};

	memcpy(head.bytes, frame->bytes,
	       frame->size < FAST_HEAD ? frame->size : FAST_HEAD);
	return head;
}

static inline struct fast_key flown_key(const struct flown_names *names,
					uint32_t if_index)
{
	struct fast_key key = {.if_index = if_index,
			       .ipv6 = names->ipv6,
			       .protocol = names->protocol};

	memcpy(key.macs, names->macs, sizeof(key.macs));
	memcpy(key.ports, names->ports, sizeof(key.ports));
	memcpy(key.addresses, names->addresses, names->ipv6 ? 32 : 8);
	return key;
}

/* -- shapes -- */

enum shape { TCP4, UDP4, TCP6, UDP6, SHAPES };

static inline bool is_ipv6(enum shape shape)
{
	return shape == TCP6 || shape == UDP6;
}

static inline uint8_t protocol_of(enum shape shape)
{
	return shape == TCP4 || shape == TCP6 ? VS_IP_TCP : VS_IP_UDP;
}

static inline uint32_t l4_of(enum shape shape)
{
	return is_ipv6(shape) ? 54 : 34;
}

/* A plain frame with 16 bytes of payload; returns its size. */
static inline uint32_t flown_plain(uint8_t bytes[FLOWN_SIZE], enum shape shape)
{
	struct frames frame;

	memset(bytes, 0, FLOWN_SIZE);
	frame = frames_ethernet(bytes,
				is_ipv6(shape) ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	if (is_ipv6(shape))
		frames_ipv6(&frame, protocol_of(shape));
	else
		frames_ipv4(&frame, protocol_of(shape));
	if (protocol_of(shape) == VS_IP_TCP)
		frames_tcp(&frame, 1, 0x18);
	else
		frames_udp(&frame);
	frame.size += 16;
	frames_finish(&frame, protocol_of(shape));
	return frame.size;
}

#endif
