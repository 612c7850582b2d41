/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Super-frames for the tests of segment.c and coalesce.c: a packet around a
 * buffer of its own, as a TAP would give it: one header, a long payload, the
 * pseudo-header's sum where the checksum belongs.
 */
#ifndef TESTS_SUPPORT_SUPERS_H
#define TESTS_SUPPORT_SUPERS_H

#include <vswitch/host.h>

#include "packet/packet.h"
#include "tests/support/frames.h"
#include "tests/support/prng.h"

#define SUPERS_SIZE 70000u

struct super {
	struct vs_packet packet;
	uint8_t bytes[SUPERS_SIZE];
};

/* What kind of super-frame. */
struct super_plan {
	bool ipv6, udp;
	uint8_t options; /* bytes of TCP options, a multiple of 4 */
	uint8_t tcp_flags;
	uint16_t gso_size; /* 0 = not cut */
	uint32_t payload_size;
	uint16_t id;
};

static inline void super_wrap(struct super *super, uint32_t size)
{
	memset(&super->packet, 0, sizeof(super->packet));
	super->packet.buffer = super->bytes;
	super->packet.capacity = SUPERS_SIZE;
	super->packet.references = 1;
	super->packet.view.struct_size = sizeof(super->packet.view);
	super->packet.view.data = super->bytes;
	super->packet.view.size = size;
	super->packet.view.offload.csum_start = VS_ABSENT;
}

static inline uint8_t super_gso(const struct super_plan *plan)
{
	if (!plan->gso_size)
		return VS_GSO_NONE;
	if (plan->udp)
		return VS_GSO_UDP;
	return plan->ipv6 ? VS_GSO_TCP6 : VS_GSO_TCP4;
}

static inline void super_make(struct super *super,
			      const struct super_plan *plan, struct prng *prng)
{
	uint8_t protocol = plan->udp ? VS_IP_UDP : VS_IP_TCP;
	struct frames frame = frames_ethernet(
		super->bytes, plan->ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	struct vs_offload *offload = &super->packet.view.offload;
	uint8_t *field;

	if (plan->ipv6)
		frames_ipv6(&frame, protocol);
	else
		frames_ipv4(&frame, protocol);
	if (plan->udp)
		frames_udp(&frame);
	else
		frames_tcp(&frame, prng_u32(prng), plan->tcp_flags);
	if (!plan->udp && plan->options) {
		prng_fill(prng, frame.bytes + frame.size, plan->options);
		frame.size += plan->options;
		frame.bytes[frame.l4 + 12] =
			(uint8_t)((20 + plan->options) / 4 << 4);
	}
	prng_fill(prng, frame.bytes + frame.size, plan->payload_size);
	frame.size += plan->payload_size;
	if (!plan->ipv6)
		vs_store16(frame.bytes + frame.l3 + 4, plan->id);
	frames_finish(&frame, protocol);
	super_wrap(super, frame.size);
	offload->gso = super_gso(plan);
	offload->gso_size = plan->gso_size;
	offload->header_size = (uint16_t)(frame.size - plan->payload_size);
	offload->csum_start = (uint16_t)frame.l4;
	offload->csum_offset = plan->udp ? 6 : 16;
	field = frame.bytes + offload->csum_start + offload->csum_offset;
	vs_store16(field,
		   vs_sum_fold(vs_sum_pseudo(frame.bytes + frame.l3, protocol,
					     frame.size - frame.l4)));
	vs_packet_parse(&super->packet);
}

static inline struct vs_recipe super_recipe(struct super *super)
{
	return (struct vs_recipe){
		.frame = vs_packet_frame(&super->packet),
		.slice_size = super->packet.view.size,
		.offload = super->packet.view.offload,
	};
}

/* Do the checksums of a parsed TCP or UDP frame hold? */
static inline bool super_sums_hold(const struct vs_view *view)
{
	const uint8_t *ip = view->data + view->l3;
	uint32_t size = view->size - view->l4;
	uint64_t sum = vs_sum_pseudo(ip, view->protocol, size);

	if (view->flags & VS_FRAME_IPV4 &&
	    vs_sum_fold(vs_sum(0, ip, (ip[0] & 15u) * 4)) != 0xffff)
		return false;
	return vs_sum_fold(vs_sum(sum, view->data + view->l4, size)) == 0xffff;
}

#endif
