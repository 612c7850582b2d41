// SPDX-License-Identifier: Apache-2.0
/*
 * checksum.c: Internet checksums (RFC 1071, RFC 1624), fast enough to finish
 * every segment of a super-frame in user space.
 *
 * The sum does not depend on the byte order in which words are read (RFC 1071
 * 2.B), so whole vectors are added in the machine's own order and the result
 * is turned at the end. 32-bit halves in 64-bit lanes need no carry before
 * 2^32 additions.
 *
 * Before this file: wire.h. After it: parse.c, segment.c, coalesce.c.
 */
#include <string.h>

#include <vswitch/wire.h>

/* Two 64-bit lanes: what every 64-bit machine has. */
typedef uint64_t lanes __attribute__((vector_size(16)));

#define LANE_BYTES sizeof(lanes)

static inline lanes load_lanes(const uint8_t *p)
{
	lanes value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static inline uint64_t load_native(const uint8_t *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

/* Four vectors a turn, low and high halves apart. *bytes is advanced. */
static uint64_t sum_bulk(const uint8_t **bytes, size_t turns)
{
	const lanes low = {UINT32_MAX, UINT32_MAX};
	lanes a = {0, 0}, b = {0, 0}, c = {0, 0}, d = {0, 0};
	const uint8_t *p = *bytes;
	lanes v, w, x, y;

	for (; turns > 0; turns--, p += 4 * LANE_BYTES) {
		v = load_lanes(p);
		w = load_lanes(p + LANE_BYTES);
		x = load_lanes(p + 2 * LANE_BYTES);
		y = load_lanes(p + 3 * LANE_BYTES);
		a += (v & low) + (w & low);
		b += (v >> 32) + (w >> 32);
		c += (x & low) + (y & low);
		d += (x >> 32) + (y >> 32);
	}
	*bytes = p;
	a += b + c + d;
	return a[0] + a[1];
}

uint64_t vs_sum(uint64_t sum, const uint8_t *bytes, size_t size)
{
	uint64_t native = 0, word;
	uint16_t folded, pair;
	uint32_t half;

	if (size >= 4 * LANE_BYTES) {
		native = sum_bulk(&bytes, size / (4 * LANE_BYTES));
		size %= 4 * LANE_BYTES;
	}
	for (; size >= 8; size -= 8, bytes += 8) {
		word = load_native(bytes);
		native += (word & UINT32_MAX) + (word >> 32);
	}
	if (size & 4) {
		memcpy(&half, bytes, 4);
		native += half;
		bytes += 4;
	}
	if (size & 2) {
		memcpy(&pair, bytes, 2);
		native += pair;
		bytes += 2;
	}
	if (size & 1) {
		pair = 0;
		memcpy(&pair, bytes, 1);
		native += pair;
	}
	folded = vs_sum_fold(native);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	folded = __builtin_bswap16(folded);
#endif
	return sum + folded;
}

uint16_t vs_sum_fold(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)((sum & UINT16_MAX) + (sum >> 16));
}

uint16_t vs_checksum(uint64_t sum)
{
	return (uint16_t)~vs_sum_fold(sum);
}

uint16_t vs_checksum_update(uint16_t checksum, uint64_t old_sum,
			    uint64_t new_sum)
{
	uint64_t sum = (uint16_t)~checksum;

	sum += (uint16_t)~vs_sum_fold(old_sum);
	sum += vs_sum_fold(new_sum);
	return vs_checksum(sum);
}

uint64_t vs_sum_pseudo(const uint8_t *ip, uint8_t protocol, uint32_t size)
{
	uint64_t sum = (uint64_t)protocol + size;

	if (ip[0] >> 4 == 4)
		return vs_sum(sum, ip + 12, 8);
	return vs_sum(sum, ip + 8, 32);
}
