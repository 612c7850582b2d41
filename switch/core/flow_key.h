/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_key.h: what tells a frame's flow from others, as words, and their hash.
 * Before: parse.c, which found the headers; after: flow_table.c.
 *
 * Two words are of the view: whose frame it is, and where its headers are.
 * Most frames of a burst agree in both: those two are a shape, whose hash and
 * offsets are made once for the neighbours that have it. The others are
 * of the bytes: both MACs, ports or ICMP's type and code, addresses; those of
 * IPv4 end with the fifth word.
 */
#ifndef CORE_FLOW_KEY_H
#define CORE_FLOW_KEY_H

#include <string.h>

#include <vswitch/packet.h>
#include <vswitch/wire.h>

#include "packet/hash.h"

/* The flow key, no byte of it unset. */
struct flow_key {
	uint64_t word[8];
};

#define FLOW_SHORT   5u /* words of a key without IPv6's addresses */
#define FLOW_SECRETS 8u

#define FLOW_ORIGIN                                                            \
	(VS_FRAME_FROM_WIRE | VS_FRAME_INJECTED | VS_FRAME_REFLECTED)
#define FLOW_BYPASS (VS_FRAME_GROUP | VS_FRAME_FRAGMENT | VS_FRAME_BAD_IP)

struct flow_shape {
	uint64_t word[2], hash; /* word[0] is the view's `whose` */
	/* of the view, as it is in memory; 0 until it is one's */
	uint64_t where;
	uint16_t what, flags;
	uint16_t ports_at, addresses_at;
	uint32_t ports; /* mask over the four bytes at ports_at */
};

static inline uint64_t flow_load64(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static inline uint32_t flow_load32(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* -- the shape --------------------------------------------------------------
 */

/* The view's members that are of the shape, by the word. */
static inline uint64_t flow_whose(const struct vs_view *view)
{
	return flow_load64((const uint8_t *)view +
			   offsetof(struct vs_view, vsid));
}

static inline uint64_t flow_where(const struct vs_view *view)
{
	static const uint8_t all_but_payload[8] = {255, 255, 255,
						   255, 255, 255};

	return flow_load64((const uint8_t *)view +
			   offsetof(struct vs_view, vlan)) &
	       flow_load64(all_but_payload);
}

static inline uint16_t flow_what(const struct vs_view *view)
{
	uint16_t word;

	memcpy(&word,
	       (const uint8_t *)view + offsetof(struct vs_view, protocol),
	       sizeof(word));
	return word;
}

static inline uint16_t flow_flags(const struct vs_view *view)
{
	return view->flags &
	       (FLOW_ORIGIN | FLOW_BYPASS | VS_FRAME_IPV4 | VS_FRAME_IPV6);
}
_Static_assert(offsetof(struct vs_view, port) ==
			       offsetof(struct vs_view, vsid) + 4 &&
		       offsetof(struct vs_view, ether_type) ==
			       offsetof(struct vs_view, vsid) + 6,
	       "flow_whose");
_Static_assert(offsetof(struct vs_view, l3) ==
			       offsetof(struct vs_view, vlan) + 2 &&
		       offsetof(struct vs_view, l4) ==
			       offsetof(struct vs_view, vlan) + 4 &&
		       offsetof(struct vs_view, payload) ==
			       offsetof(struct vs_view, vlan) + 6,
	       "flow_where");
_Static_assert(offsetof(struct vs_view, tags) ==
		       offsetof(struct vs_view, protocol) + 1,
	       "flow_what");

/* flow_shape_fits - is it this frame's? */
static inline bool flow_shape_fits(const struct flow_shape *shape,
				   const struct vs_view *view)
{
	return flow_flags(view) == shape->flags &&
	       flow_whose(view) == shape->word[0] &&
	       flow_where(view) == shape->where &&
	       flow_what(view) == shape->what;
}

/* Which of the first bytes of the transport header are of the flow. */
static inline uint32_t flow_ports(const struct vs_view *view)
{
	static const uint8_t two[4] = {255, 255};

	if (view->l4 == VS_ABSENT)
		return 0;
	if (view->protocol == VS_IP_TCP || view->protocol == VS_IP_UDP)
		return UINT32_MAX;
	return view->protocol == VS_IP_ICMP || view->protocol == VS_IP_ICMP6
		       ? flow_load32(two)
		       : 0;
}

static inline uint64_t flow_hash_shape(const uint64_t *secret,
				       const uint64_t *word)
{
	return hash_mix(secret[3] ^ word[0], secret[4] ^ word[1]);
}

/* flow_shape_make - false: it stays, the frame is of no flow that could have
 * an entry. */
static inline bool flow_shape_make(struct flow_shape *shape,
				   const uint64_t *secret,
				   const struct vs_view *view)
{
	bool ipv4 = view->flags & VS_FRAME_IPV4;

	if (view->flags & FLOW_BYPASS)
		return false;
	shape->flags = flow_flags(view);
	shape->where = flow_where(view);
	shape->what = flow_what(view);
	shape->word[0] = flow_whose(view);
	shape->word[1] = view->vlan | (uint64_t)view->l3 << 16 |
			 (uint64_t)view->l4 << 32 |
			 (uint64_t)view->protocol << 48 |
			 (uint64_t)(view->tags | shape->flags >> 8) << 56;
	shape->hash = flow_hash_shape(secret, shape->word);
	shape->ports = flow_ports(view);
	shape->ports_at = shape->ports ? view->l4 : 0; /* there are bytes */
	shape->addresses_at = (uint16_t)(view->l3 + (ipv4 ? 12u : 8u));
	return true;
}
_Static_assert((FLOW_ORIGIN & 0x3ff) == 0 && FLOW_ORIGIN < 1 << 16,
	       "beside 0 to 2 tags");

/* -- the whole key ----------------------------------------------------------
 */

/* flow_key_start - the words behind the shape's up to the addresses. */
static inline void flow_key_start(const struct flow_shape *shape,
				  const struct vs_view *view, uint64_t *word)
{
	const uint8_t *data = view->data;
	uint32_t ports = flow_load32(data + shape->ports_at) & shape->ports;

	word[0] = flow_load64(data);
	word[1] = flow_load32(data + 8) | (uint64_t)ports << 32;
}

static inline void flow_key_of(const struct flow_shape *shape,
			       const struct vs_view *view, struct flow_key *key)
{
	const uint8_t *addresses = view->data + shape->addresses_at;

	*key = (struct flow_key){{shape->word[0], shape->word[1]}};
	flow_key_start(shape, view, &key->word[2]);
	if (view->flags & VS_FRAME_IPV4)
		memcpy(&key->word[4], addresses, 8);
	else if (view->flags & VS_FRAME_IPV6)
		memcpy(&key->word[4], addresses, 32);
}

static inline struct vs_vsid flow_vsid(const struct flow_key *key)
{
	struct vs_vsid vsid;

	memcpy(&vsid, &key->word[0], sizeof(vsid)); /* flow_whose begins so */
	return vsid;
}

/* flow_hash_short - of the words behind the shape's, up to FLOW_SHORT. Without
 * the secrets a guest can only make pairs of one hash (two top bits). */
static inline uint32_t flow_hash_short(const uint64_t *secret,
				       uint64_t shape_hash,
				       const uint64_t *word)
{
	uint64_t hash = hash_mix(secret[0] ^ (word[0] * secret[1] + word[2]),
				 secret[2] ^ shape_hash ^ word[1]);

	return (uint32_t)(hash >> 32);
}

/* flow_hash_more - what IPv6's other words make of a shape's hash: nothing, if
 * there are none. */
static inline uint64_t flow_hash_more(const uint64_t *secret,
				      uint64_t shape_hash, const uint64_t *word)
{
	if (!(word[0] | word[1] | word[2]))
		return shape_hash;
	return shape_hash ^
	       hash_mix(secret[5] ^ (word[0] * secret[6] + word[1]),
			secret[7] ^ word[2]);
}

static inline uint32_t flow_hash_long(const uint64_t *secret,
				      const struct flow_key *key)
{
	const uint64_t *word = key->word;
	uint64_t hash = flow_hash_more(secret, flow_hash_shape(secret, word),
				       word + FLOW_SHORT);

	return flow_hash_short(secret, hash, &word[2]);
}

#endif
