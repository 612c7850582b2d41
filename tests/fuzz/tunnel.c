/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec over any bytes: one byte (bit 0: with offload; bit 1: right
 * lengths and sums first, so that what is behind them is reached), 8 bytes of
 * offload, then a frame in a block of exactly its size. What is read lies in
 * the frame and is a tenant's; what is read and written again is read the
 * same.
 */
#include <stdlib.h>
#include <string.h>

#include "wnv/codec.h"

#define LIMIT 9000u
#define FRONT 9u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Make the lengths and sums of a frame right, wherever they lie. */
static void mend(uint8_t *bytes, uint32_t size)
{
	struct codec_outer outer;
	uint32_t header;
	uint8_t *ip;

	if (!codec_find(bytes, size, &outer))
		return;
	ip = bytes + outer.l3;
	header = (ip[0] & 15u) * 4;
	if (outer.ipv6) {
		vs_store16(ip + 4, (uint16_t)(size - outer.l3 - VS_IPV6_SIZE));
	} else if (header >= VS_IPV4_SIZE && outer.l3 + header <= size) {
		vs_store16(ip + 2, (uint16_t)(size - outer.l3));
		vs_store16(ip + 10, 0);
		vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, header)));
	}
	if (outer.kind != CODEC_VXLAN || outer.l4 + CODEC_UDP_SIZE > size)
		return;
	size -= outer.l4;
	vs_store16(bytes + outer.l4 + 4, (uint16_t)size);
	vs_store16(bytes + outer.l4 + 6, 0);
	vs_store16(bytes + outer.l4 + 6,
		   vs_checksum(vs_sum(vs_sum_pseudo(ip, VS_IP_UDP, size),
				      bytes + outer.l4, size)));
}

static void judge(const struct vs_view *view, const struct codec_outer *outer,
		  const struct codec_packet *packet)
{
	if (packet->inner > packet->end || packet->end > view->size ||
	    packet->inner <
		    codec_overhead((enum codec_kind)outer->kind, outer->ipv6) ||
	    !vs_vsid_is_tenant(packet->vsid) ||
	    vs_ip_is_v4(&packet->source.ip) == outer->ipv6 ||
	    vs_ip_is_v4(&packet->target.ip) == outer->ipv6)
		abort();
}

/* Wrapped again as it was, it says the same. */
static void round_trip(const struct vs_view *view,
		       const struct codec_outer *outer,
		       const struct codec_packet *packet)
{
	struct codec_ends ends = {
		.source = packet->source,
		.target = packet->target,
		.kind = (enum codec_kind)outer->kind,
		.flowid = true,
	};
	struct codec_frame frame = {
		.vsid = packet->vsid,
		.size = packet->end - packet->inner,
		.hash = packet->flow_id,
		.tos = packet->tos,
	};
	static uint8_t bytes[CODEC_LEAD + LIMIT];
	struct codec_path path;
	struct codec_packet again;
	struct codec_outer found;
	struct vs_view copy = {.data = bytes};
	enum wnv_reason reason;

	codec_path_make(&path, &ends);
	codec_write(&path, &frame, bytes);
	memcpy(bytes + path.size, view->data + packet->inner, frame.size);
	copy.size = path.size + frame.size;
	copy.offload.csum_start =
		outer->kind == CODEC_VXLAN ? path.l4 : VS_ABSENT;
	if (!codec_find(bytes, copy.size, &found) ||
	    !codec_read(&copy, &found, &again, &reason) ||
	    !vs_vsid_equal(again.vsid, packet->vsid) ||
	    again.tos != packet->tos || again.flow_id != packet->flow_id ||
	    again.end - again.inner != frame.size ||
	    !wnv_pa_equal(&again.source, &packet->source) ||
	    !wnv_pa_equal(&again.target, &packet->target))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct vs_view view = {.offload.csum_start = VS_ABSENT};
	struct codec_packet packet;
	struct codec_outer outer;
	enum wnv_reason reason = WNV_REASONS;
	uint8_t *exact;

	if (size < FRONT + 14 || size > LIMIT)
		return 0;
	exact = malloc(size - FRONT);
	if (!exact)
		abort();
	memcpy(exact, bytes + FRONT, size - FRONT);
	view.data = exact;
	view.size = (uint32_t)(size - FRONT);
	if (bytes[0] & 1) {
		view.offload.csum_start = vs_load16(bytes + 1);
		view.offload.csum_offset = vs_load16(bytes + 3);
		view.offload.gso = bytes[5] & 3;
		view.offload.verified = bytes[6] & 1;
	}
	if (bytes[0] & 2)
		mend(exact, view.size);
	if (!codec_find(view.data, view.size, &outer))
		goto out;
	codec_is_tunnel(view.data, view.size, &outer);
	if (!codec_read(&view, &outer, &packet, &reason)) {
		if (reason >= WNV_REASONS)
			abort(); /* dropped without a name */
		goto out;
	}
	judge(&view, &outer, &packet);
	round_trip(&view, &outer, &packet);
out:
	free(exact);
	return 0;
}
