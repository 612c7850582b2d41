/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.h: the keyed mix behind vs_table and the flow hash.
 *
 * Keys come from guests, so collisions must not be computable without the
 * seed. Multiplying by constants is not enough for that (a difference in the
 * top bit passes through whatever the seed is); here both factors of each
 * 64 x 64 -> 128 bit product are masked by secret words, and the halves are
 * folded. Not a cryptographic hash: nobody outside sees its values.
 */
#ifndef PACKET_HASH_H
#define PACKET_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The secret, spread over two words. */
struct hash_key {
	uint64_t a, b;
};

static inline uint64_t hash_mix(uint64_t x, uint64_t y)
{
	__extension__ unsigned __int128 product = x;

	product *= y;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline struct hash_key hash_key(uint64_t seed)
{
	struct hash_key key;

	key.a = hash_mix(seed ^ 0xd6e8feb86659fd93u, 0xa3b195354a39b70du);
	key.b = hash_mix(seed ^ 0x1b03738712fad5c9u,
			 key.a ^ 0xc2b2ae3d27d4eb4fu);
	return key;
}

/* `count` 32-bit words; keys of different length are different users. */
static inline uint64_t hash_words(const struct hash_key *key,
				  const uint32_t *words, size_t count)
{
	uint64_t hash = key->a ^ count, x, y;

	for (; count >= 4; count -= 4, words += 4) {
		x = (uint64_t)words[1] << 32 | words[0];
		y = (uint64_t)words[3] << 32 | words[2];
		hash = hash_mix(hash ^ x, key->b ^ y);
	}
	if (count) {
		x = words[0];
		if (count > 1)
			x |= (uint64_t)words[1] << 32;
		y = count > 2 ? words[2] : 0;
		hash = hash_mix(hash ^ x, key->b ^ y);
	}
	return hash_mix(hash ^ key->b, key->a | 1);
}

#endif
