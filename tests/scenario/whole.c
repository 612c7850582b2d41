// SPDX-License-Identifier: Apache-2.0
/*
 * whole.c: puts the pieces of a frame together as the receiver's stack would:
 * IPv4 fragments by offset, TCP segments by sequence number, in order.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "tests/scenario/script.h"

#define IP 14u

static bool is_fragment(const uint8_t *bytes)
{
	return vs_load16(bytes + 12) == VS_TYPE_IPV4 &&
	       vs_load16(bytes + IP + 6) & 0x3fff;
}

/* Of the bytes that pieces share out; 0 = not a frame of such a kind. */
static uint32_t payload_of(const uint8_t *bytes)
{
	uint32_t l4 = IP + VS_IPV4_SIZE;

	if (vs_load16(bytes + 12) == VS_TYPE_IPV6)
		l4 = IP + VS_IPV6_SIZE;
	else if (vs_load16(bytes + 12) != VS_TYPE_IPV4)
		return 0;
	if (is_fragment(bytes))
		return l4;
	if (bytes[l4 == IP + VS_IPV4_SIZE ? IP + 9 : IP + 6] != VS_IP_TCP)
		return 0;
	return l4 + (uint32_t)(bytes[l4 + 12] >> 4) * 4;
}

static uint32_t sequence(const uint8_t *bytes)
{
	uint32_t l4 = vs_load16(bytes + 12) == VS_TYPE_IPV6 ? IP + VS_IPV6_SIZE
							    : IP + VS_IPV4_SIZE;

	return is_fragment(bytes) ? (vs_load16(bytes + IP + 6) & 0x1fffu) * 8
				  : vs_load32(bytes + l4 + 4);
}

const char *whole_add(struct whole *whole, const struct rig_frame *piece)
{
	uint32_t payload = payload_of(piece->bytes), size;

	if (!payload)
		return "a piece is neither fragment nor segment";
	if (!whole->pieces++) {
		memcpy(whole->frame.bytes, piece->bytes, payload);
		whole->frame.size = whole->payload = payload;
		whole->next = sequence(piece->bytes);
	}
	if (payload != whole->payload)
		return "a piece has other headers";
	if (sequence(piece->bytes) != whole->next)
		return "a piece does not follow the one before";
	size = piece->size - payload;
	if (size > FRAME_BYTES - whole->frame.size)
		return "the pieces are more than a frame";
	memcpy(whole->frame.bytes + whole->frame.size, piece->bytes + payload,
	       size);
	whole->frame.size += size;
	whole->next += size;
	if (whole->last)
		return "a piece comes behind the last fragment";
	whole->last = is_fragment(piece->bytes) &&
		      !(vs_load16(piece->bytes + IP + 6) & 0x2000);
	return NULL;
}

const char *whole_equal(const struct whole *whole, const struct frame *frame)
{
	const uint8_t *a = whole->frame.bytes, *b = frame->bytes;
	uint32_t payload = payload_of(b);

	if (is_fragment(a) && !whole->last)
		return "the last fragment is missing";
	if (is_fragment(a)) /* its transport header counts as payload */
		payload = IP + VS_IPV4_SIZE;
	if (whole->frame.size != frame->size)
		return "the whole has another size";
	if (memcmp(a, b, 14) != 0 || memcmp(a + IP + 12, b + IP + 12, 8) != 0)
		return "the whole has other addresses";
	return memcmp(a + payload, b + payload, frame->size - payload) != 0
		       ? "the whole has another payload"
		       : NULL;
}
