/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvgre.c: the outer headers of NVGRE, read and written; every way in which
 * they can be wrong has its own name.
 *
 * Before it: the uplink, or translate_out.c. After it: inner.c, or the link.
 */
#include "nvgre.h"

#include <string.h>

#include <vswitch/wire.h>

#define GRE_CSUM     0x8000u
#define GRE_ROUTING  0x4000u
#define GRE_KEY	     0x2000u
#define GRE_SEQUENCE 0x1000u
#define GRE_RESERVED 0x0ff8u
#define GRE_VERSION  0x0007u

#define IP_AT VS_ETHERNET_SIZE

bool nvgre_target(const uint8_t *bytes, uint32_t size, struct wnv_pa *target)
{
	const uint8_t *ip = bytes + IP_AT;

	if (size < IP_AT + VS_IPV4_SIZE ||
	    vs_load16(bytes + 12) != VS_TYPE_IPV4 || ip[0] >> 4 != 4 ||
	    ip[9] != VS_IP_GRE)
		return false;
	target->ip = vs_ip_from_v4(ip + 16);
	return true;
}

bool nvgre_is(const uint8_t *bytes, uint32_t size)
{
	uint32_t gre = IP_AT + (bytes[IP_AT] & 15u) * 4;

	return size >= gre + 4 && vs_load16(bytes + gre + 2) == VS_TYPE_TEB;
}

/* The IPv4 header: the frame's end and, behind options, its payload. */
static bool read_ip(const uint8_t *bytes, uint32_t size,
		    struct nvgre_packet *packet, enum wnv_reason *reason)
{
	const uint8_t *ip = bytes + IP_AT;
	uint32_t header = (ip[0] & 15u) * 4, total = vs_load16(ip + 2);

	*reason = WNV_OUTER_LENGTH;
	if (header < VS_IPV4_SIZE || header > size - IP_AT || total < header ||
	    total > size - IP_AT)
		return false;
	*reason = WNV_OUTER_CSUM;
	if (vs_sum_fold(vs_sum(0, ip, header)) != 0xffff)
		return false;
	*reason = WNV_OUTER_FRAGMENT; /* RFC 7637 4.4 lets us */
	if (vs_load16(ip + 6) & 0x3fff)
		return false;
	packet->source.ip = vs_ip_from_v4(ip + 12);
	packet->target.ip = vs_ip_from_v4(ip + 16);
	packet->tos = ip[1];
	packet->inner = IP_AT + header;
	packet->end = IP_AT + total;
	return true;
}

static bool refuse(enum wnv_reason *reason, enum wnv_reason why)
{
	*reason = why;
	return false;
}

/* RFC 7637 3.2: key present, nothing else, version 0, protocol 0x6558. */
static bool check_gre(const uint8_t *gre, uint32_t size,
		      enum wnv_reason *reason)
{
	uint16_t flags;

	if (size < 4)
		return refuse(reason, WNV_GRE_TRUNCATED);
	flags = vs_load16(gre);
	if (flags & GRE_VERSION)
		return refuse(reason, WNV_GRE_VERSION);
	if (vs_load16(gre + 2) != VS_TYPE_TEB)
		return refuse(reason, WNV_GRE_PROTO);
	if (flags & GRE_CSUM)
		return refuse(reason, WNV_GRE_CSUM_BIT);
	if (flags & GRE_SEQUENCE)
		return refuse(reason, WNV_GRE_SEQ_BIT);
	if (flags & (GRE_ROUTING | GRE_RESERVED))
		return refuse(reason, WNV_GRE_RESERVED);
	if (!(flags & GRE_KEY))
		return refuse(reason, WNV_GRE_NO_KEY);
	return size >= VS_GRE_KEY_SIZE || refuse(reason, WNV_GRE_TRUNCATED);
}

bool nvgre_read(const uint8_t *bytes, uint32_t size,
		struct nvgre_packet *packet, enum wnv_reason *reason)
{
	const uint8_t *gre;
	uint32_t key;

	if (!read_ip(bytes, size, packet, reason))
		return false;
	gre = bytes + packet->inner;
	if (!check_gre(gre, packet->end - packet->inner, reason))
		return false;
	packet->inner += VS_GRE_KEY_SIZE;
	key = vs_load32(gre + 4);
	packet->vsid.value = key >> 8;
	packet->flow_id = (uint8_t)key;
	if (packet->vsid.value == VS_VSID_CONTROL)
		return refuse(reason, WNV_CONTROL_BAD);
	return vs_vsid_is_tenant(packet->vsid) ||
	       refuse(reason, WNV_VSID_RESERVED);
}

void nvgre_path_make(struct nvgre_path *path, const struct vs_mac *source_mac,
		     const struct vs_mac *hop_mac, const struct wnv_pa *source,
		     const struct wnv_pa *target)
{
	uint8_t *ip = path->header + IP_AT, *gre = ip + VS_IPV4_SIZE;

	memset(path, 0, sizeof(*path));
	memcpy(path->header, hop_mac->octet, 6);
	memcpy(path->header + 6, source_mac->octet, 6);
	vs_store16(path->header + 12, VS_TYPE_IPV4);
	ip[0] = 0x45;
	vs_store16(ip + 6, NVGRE_DF); /* RFC 7637 4.4, B1.5 */
	ip[8] = NVGRE_TTL;
	ip[9] = VS_IP_GRE;
	memcpy(ip + 12, source->ip.octet + 12, 4);
	memcpy(ip + 16, target->ip.octet + 12, 4);
	vs_store16(gre, NVGRE_FLAGS);
	vs_store16(gre + 2, VS_TYPE_TEB);
	path->sum = vs_sum_fold(vs_sum(0, ip, VS_IPV4_SIZE));
}

void nvgre_write(const struct nvgre_path *path, const struct nvgre_frame *frame,
		 uint8_t *lead)
{
	uint8_t *ip = lead + IP_AT;
	uint16_t total =
		(uint16_t)(VS_IPV4_SIZE + VS_GRE_KEY_SIZE + frame->size);

	memcpy(lead, path->header, NVGRE_LEAD);
	ip[1] = frame->tos;
	vs_store16(ip + 2, total);
	vs_store16(ip + 4, frame->id);
	vs_store16(ip + 10, vs_checksum((uint64_t)path->sum + frame->tos +
					total + frame->id));
	vs_store32(ip + VS_IPV4_SIZE + 4,
		   frame->vsid.value << 8 | frame->flow_id);
}

int nvgre_ecn_merge(uint8_t outer_tos, uint8_t inner_tos)
{
	/* Rows: inner Not-ECT, ECT(1), ECT(0), CE; columns: outer, the same.
	 * RFC 6040 figure 4. */
	static const int8_t merged[4][4] = {
		{0, 0, 0, -1},
		{1, 1, 1, 3},
		{2, 1, 2, 3},
		{3, 3, 3, 3},
	};

	return merged[inner_tos & NVGRE_ECN][outer_tos & NVGRE_ECN];
}
