/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvgre.h: the outer headers of NVGRE over IPv4 (RFC 7637, hnv.md B1), read
 * and written. Knows no policy.
 *
 * On the wire:  Ethernet 14 | IPv4 20 | GRE 8 | inner Ethernet frame
 * GRE: 20 00 65 58, then 24 bits of VSID and 8 bits of FlowID.
 */
#ifndef WNV_NVGRE_H
#define WNV_NVGRE_H

#include "address.h"
#include "reason.h"

#define NVGRE_LEAD    42u /* bytes in front of the inner frame */
#define NVGRE_FLAGS   0x2000u
#define NVGRE_TTL     128u /* B1.6 */
#define NVGRE_ECN     0x03u
#define NVGRE_ECN_CE  0x03u
#define NVGRE_DF      0x4000u
#define NVGRE_LARGEST 65535u

/* The outer headers of a received packet. */
struct nvgre_packet {
	struct wnv_pa source, target;
	struct vs_vsid vsid;
	uint32_t inner; /* offset of the inner frame */
	uint32_t end;	/* offset behind it: the outer total length's */
	uint8_t tos;	/* outer DSCP and ECN */
	uint8_t flow_id;
};

/*
 * nvgre_target - the destination of an untagged IPv4 packet with protocol 47;
 * false: the frame is none, or too short to say.
 */
bool nvgre_target(const uint8_t *bytes, uint32_t size, struct wnv_pa *target);

/*
 * nvgre_is - after nvgre_target: does the GRE header say transparent Ethernet?
 * For packets that are not for us; false if it is cut off.
 */
bool nvgre_is(const uint8_t *bytes, uint32_t size);

/*
 * nvgre_read - the outer headers of a frame for which nvgre_target was true.
 * False with outer_length, outer_csum, outer_fragment, gre_truncated,
 * gre_version, gre_proto, gre_csum_bit, gre_seq_bit, gre_reserved, gre_no_key,
 * vsid_reserved or control_bad. IP options are skipped.
 */
bool nvgre_read(const uint8_t *bytes, uint32_t size,
		struct nvgre_packet *packet, enum wnv_reason *reason);

/* Everything in the outer headers that is the same for all frames between
 * two provider addresses. */
struct nvgre_path {
	uint8_t header[NVGRE_LEAD]; /* length, ID, tos, sum and key are 0 */
	uint32_t sum;		    /* of the IPv4 header as it stands there */
};

void nvgre_path_make(struct nvgre_path *path, const struct vs_mac *source_mac,
		     const struct vs_mac *hop_mac, const struct wnv_pa *source,
		     const struct wnv_pa *target);

/* What differs from frame to frame. */
struct nvgre_frame {
	struct vs_vsid vsid;
	uint32_t size; /* bytes of the inner frame */
	uint16_t id;   /* outer IPv4 ID */
	uint8_t tos;
	uint8_t flow_id;
};

/* nvgre_write - the NVGRE_LEAD bytes of outer headers to `lead`. Of a
 * super-frame the link patches lengths, IDs and sums per segment. */
void nvgre_write(const struct nvgre_path *path, const struct nvgre_frame *frame,
		 uint8_t *lead);

/*
 * nvgre_ecn_merge - RFC 6040 4.2: the inner ECN after decapsulation, or -1:
 * the frame must be dropped (congestion was marked, and the inner transport
 * would not understand).
 */
int nvgre_ecn_merge(uint8_t outer_tos, uint8_t inner_tos);

#endif
