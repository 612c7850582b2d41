/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The random numbers of property tests: xorshift64*, seeded, repeatable. Not
 * for anything that an attacker may guess. The seed is VS_SEED of the
 * environment: a number, "random" for a new one each run, or a fixed default
 * if unset. tests/support/suite.h prints it when a test fails.
 */
#ifndef TESTS_SUPPORT_PRNG_H
#define TESTS_SUPPORT_PRNG_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* One stream of numbers; the caller owns it. */
struct prng {
	uint64_t state; /* never 0 */
};

/*
 * The seed of this run. "random" is resolved once and put back into the
 * environment, so that every caller and every forked test sees one number.
 */
static inline uint64_t prng_seed(void)
{
	const char *text = getenv("VS_SEED");
	uint64_t seed = 0;
	char digits[19] = "0x";
	int i;

	if (!text || !*text)
		return 0x5eed5eed5eed5eedu;
	if (strcmp(text, "random") != 0)
		return strtoull(text, NULL, 0);
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		abort();
	seed >>= 1;
	for (i = 0; i < 16; i++)
		digits[2 + i] = "0123456789abcdef"[(seed >> (60 - 4 * i)) & 15];
	setenv("VS_SEED", digits, 1);
	return seed;
}

/* Starts a stream; equal seeds give equal streams, 0 is a seed like any. */
static inline struct prng prng_start(uint64_t seed)
{
	uint64_t z = seed + 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return (struct prng){.state = z ? z : 1};
}

/* The next 64 random bits. */
static inline uint64_t prng_u64(struct prng *prng)
{
	uint64_t x = prng->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	prng->state = x;
	return x * 0x2545f4914f6cdd1du;
}

/* The next 32 random bits. */
static inline uint32_t prng_u32(struct prng *prng)
{
	return (uint32_t)(prng_u64(prng) >> 32);
}

/* A number in [0, bound); bound > 0. The bias is below bound / 2^32. */
static inline uint32_t prng_below(struct prng *prng, uint32_t bound)
{
	return (uint32_t)(((uint64_t)prng_u32(prng) * bound) >> 32);
}

/* Fills size bytes. */
static inline void prng_fill(struct prng *prng, uint8_t *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)(prng_u64(prng) >> 56);
}

#endif
