/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h: an open-addressing hash index over an array that somebody else
 * owns; built once, then read-only.
 *
 * A slot is {hash, position in the array}; who searches compares the key in
 * the array when the hash fits. At most three quarters are filled. Keys come
 * from policy only, so a tenant can look up but never fill it.
 *
 *	WNV_INDEX_EACH (i, &index, hash)
 *		if (key_equal(&array[i], key))
 *			return &array[i];
 */
#ifndef WNV_INDEX_H
#define WNV_INDEX_H

#include <string.h>

#include "address.h"

struct wnv_slot {
	uint32_t hash;
	uint32_t position; /* UINT32_MAX: empty */
};

struct wnv_index {
	struct wnv_slot *slots; /* NULL: an empty index */
	uint32_t mask;
};

/* wnv_index_create - room for `count` entries; 0 or -ENOMEM. */
int wnv_index_create(struct wnv_index *index, uint32_t count);
void wnv_index_destroy(struct wnv_index *index);
/* wnv_index_add - never more than `count` times. */
void wnv_index_add(struct wnv_index *index, uint32_t hash, uint32_t position);

/* wnv_index_next - the next position with this hash; *at starts as hash. */
static inline uint32_t wnv_index_next(const struct wnv_index *index,
				      uint32_t hash, uint32_t *at)
{
	const struct wnv_slot *slot;

	if (!index->slots)
		return UINT32_MAX;
	for (;;) {
		slot = &index->slots[(*at)++ & index->mask];
		if (slot->position == UINT32_MAX || slot->hash == hash)
			return slot->position;
	}
}

#define WNV_INDEX_EACH(i, index, key_hash)                                     \
	for (uint32_t wnv_at_ = (key_hash),                                    \
		      i = wnv_index_next(index, key_hash, &wnv_at_);           \
	     i != UINT32_MAX; i = wnv_index_next(index, key_hash, &wnv_at_))

static inline uint64_t wnv_hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* wnv_hash_ip - of an address and a number (a VSID, a network). */
static inline uint32_t wnv_hash_ip(uint64_t seed, uint64_t number,
				   const struct vs_ip *ip)
{
	uint64_t high, low;

	memcpy(&high, ip->octet, 8);
	memcpy(&low, ip->octet + 8, 8);
	high ^= seed ^ 0x9e3779b97f4a7c15u;
	low ^= (seed << 32 | seed >> 32) ^ number * 0xd6e8feb86659fd93u;
	return (uint32_t)wnv_hash_mix(wnv_hash_mix(high, low | 1) ^ low,
				      0xa0761d6478bd642fu);
}

/* wnv_hash_mac - of a MAC and a VSID. */
static inline uint32_t wnv_hash_mac(uint64_t seed, struct vs_vsid vsid,
				    const struct vs_mac *mac)
{
	uint64_t key = 0;

	memcpy(&key, mac->octet, sizeof(mac->octet));
	return (uint32_t)wnv_hash_mix(
		key ^ seed,
		(vsid.value ^ (seed >> 24)) * 0xd6e8feb86659fd93u | 1);
}

#endif
