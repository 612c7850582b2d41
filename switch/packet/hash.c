// SPDX-License-Identifier: Apache-2.0
/*
 * hash.c: the flow hash: which frames belong together, for FlowIDs, for
 * spreading, for coalescing. Decides nothing about them.
 *
 * Before this file: parse.c. After it: whoever keeps flows in order.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "packet/hash.h"
#include "packet/packet.h"

/* The words of one flow: addresses, protocol, ports or fragment ID. */
struct flow {
	uint32_t words[12];
	size_t count;
};

static void flow_add(struct flow *flow, const uint8_t *bytes, size_t size)
{
	memcpy(flow->words + flow->count, bytes, size);
	flow->count += size / 4;
}

/* The ID of an IPv6 fragment: parse.c has been along this chain before. */
static uint32_t ipv6_fragment_id(const struct vs_view *view)
{
	uint32_t offset = view->l3 + VS_IPV6_SIZE;
	uint8_t next = view->data[view->l3 + 6];

	while (offset + 8 <= view->size) {
		if (next == 44)
			return vs_load32(view->data + offset + 4);
		next = view->data[offset];
		offset += (view->data[offset + 1] + 1u) * 8;
	}
	return 0;
}

uint32_t vs_packet_fragment_id(const struct vs_view *view)
{
	return view->flags & VS_FRAME_IPV4
		       ? vs_load16(view->data + view->l3 + 4)
		       : ipv6_fragment_id(view);
}

static void flow_add_ip(struct flow *flow, const struct vs_view *view)
{
	const uint8_t *ip = view->data + view->l3;
	bool v4 = view->flags & VS_FRAME_IPV4;

	flow_add(flow, ip + (v4 ? 12 : 8), v4 ? 8 : 32);
	flow->words[flow->count] = view->protocol;
	if (view->flags & VS_FRAME_FRAGMENT) {
		flow->words[flow->count++] |= 0x100;
		flow->words[flow->count++] = vs_packet_fragment_id(view);
		return;
	}
	flow->count++;
	if (view->l4 != VS_ABSENT &&
	    (view->protocol == VS_IP_TCP || view->protocol == VS_IP_UDP))
		flow_add(flow, view->data + view->l4, 4);
}

/* A whole IPv4 frame with ports: the same four words, without the loop. */
static uint64_t hash_ports4(const struct vs_view *view,
			    const struct hash_key *key)
{
	const uint8_t *ip = view->data + view->l3;
	uint32_t words[4];

	memcpy(words, ip + 12, 8);
	words[2] = view->protocol;
	memcpy(&words[3], view->data + view->l4, 4);
	return hash_words(key, words, 4);
}

uint32_t vs_frame_flow_hash(const struct vs_frame *frame, uint32_t seed)
{
	const struct vs_view *view = vs_view(frame);
	struct hash_key key = hash_key(seed);
	struct flow flow;

	if ((view->flags & (VS_FRAME_IPV4 | VS_FRAME_FRAGMENT)) ==
		    VS_FRAME_IPV4 &&
	    view->l4 != VS_ABSENT &&
	    (view->protocol == VS_IP_TCP || view->protocol == VS_IP_UDP))
		return (uint32_t)(hash_ports4(view, &key) >> 32);
	flow.count = 0;
	if (view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6)) {
		flow_add_ip(&flow, view);
	} else if (view->size >= VS_ETHERNET_SIZE) {
		flow_add(&flow, view->data, 12);
		flow.words[flow.count++] = view->ether_type;
	}
	return (uint32_t)(hash_words(&key, flow.words, flow.count) >> 32);
}
