/* SPDX-License-Identifier: Apache-2.0 */
#include "uuid5.h"

#include <string.h>
#include <vswitch/wire.h>

/* The namespace of network names; never to change: RDIDs hang on it. */
static const uint8_t name_space[16] = {0x6f, 0x1c, 0x3b, 0x52, 0x9a, 0x0e,
				       0x4d, 0x77, 0x8b, 0x43, 0x76, 0x73,
				       0x77, 0x6e, 0x76, 0x01};

#define NAME_SIZE 240u

static uint32_t rotate(uint32_t value, unsigned int bits)
{
	return value << bits | value >> (32 - bits);
}

static uint32_t choose(unsigned int round, const uint32_t s[5])
{
	switch (round / 20) {
	case 0:
		return ((s[1] & s[2]) | (~s[1] & s[3])) + 0x5a827999u;
	case 1:
		return (s[1] ^ s[2] ^ s[3]) + 0x6ed9eba1u;
	case 2:
		return ((s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3])) +
		       0x8f1bbcdcu;
	default:
		return (s[1] ^ s[2] ^ s[3]) + 0xca62c1d6u;
	}
}

static void sha1_block(uint32_t state[5], const uint8_t *block)
{
	uint32_t word[80], s[5], next;
	unsigned int i;

	for (i = 0; i < 16; i++)
		word[i] = vs_load32(block + 4 * i);
	for (; i < 80; i++)
		word[i] = rotate(word[i - 3] ^ word[i - 8] ^ word[i - 14] ^
					 word[i - 16],
				 1);
	memcpy(s, state, sizeof(s));
	for (i = 0; i < 80; i++) {
		next = rotate(s[0], 5) + choose(i, s) + s[4] + word[i];
		s[4] = s[3];
		s[3] = s[2];
		s[2] = rotate(s[1], 30);
		s[1] = s[0];
		s[0] = next;
	}
	for (i = 0; i < 5; i++)
		state[i] += s[i];
}

void wnv_sha1(const uint8_t *bytes, size_t size, uint8_t digest[20])
{
	uint32_t state[5] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u,
			     0xc3d2e1f0u};
	uint8_t last[128] = {0};
	size_t rest = size % 64, tail = rest < 56 ? 64 : 128, i;

	for (i = 0; i + 64 <= size; i += 64)
		sha1_block(state, bytes + i);
	memcpy(last, bytes + size - rest, rest);
	last[rest] = 0x80;
	vs_store32(last + tail - 8, (uint32_t)((uint64_t)size >> 29));
	vs_store32(last + tail - 4, (uint32_t)((uint64_t)size << 3));
	for (i = 0; i < tail; i += 64)
		sha1_block(state, last + i);
	for (i = 0; i < 5; i++)
		vs_store32(digest + 4 * i, state[i]);
}

struct wnv_rdid wnv_rdid_of_name(const char *name)
{
	uint8_t bytes[sizeof(name_space) + NAME_SIZE], digest[20];
	size_t length = strnlen(name, NAME_SIZE);
	struct wnv_rdid rdid;

	memcpy(bytes, name_space, sizeof(name_space));
	memcpy(bytes + sizeof(name_space), name, length);
	wnv_sha1(bytes, sizeof(name_space) + length, digest);
	memcpy(rdid.uuid.octet, digest, 16);
	rdid.uuid.octet[6] = (uint8_t)((rdid.uuid.octet[6] & 0x0f) | 0x50);
	rdid.uuid.octet[8] = (uint8_t)((rdid.uuid.octet[8] & 0x3f) | 0x80);
	return rdid;
}
