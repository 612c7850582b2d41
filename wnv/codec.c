/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec.c: the outer IP header and GRE, read; all leads, written. Every way in
 * which they can be wrong has its own name. VXLAN's half of reading is
 * vxlan.c.
 *
 * Before it: the uplink, or translate_out.c. After it: inner.c, or the link.
 */
#include "codec.h"

#include <string.h>

#define GRE_CSUM     0x8000u
#define GRE_ROUTING  0x4000u
#define GRE_KEY	     0x2000u
#define GRE_SEQUENCE 0x1000u
#define GRE_RESERVED 0x0ff8u
#define GRE_VERSION  0x0007u

#define VXLAN_FLAGS 0x08000000u /* a VNI is there, nothing else */

#define IPV4_DF	      0x4000u
#define IPV4_FRAGMENT 0x3fffu
#define IPV4_LATER    0x1fffu
#define IPV6_LATER    0xfff8u

#define IPV6_HOP      0u
#define IPV6_FRAGMENT 44u
#define IPV6_OPTIONS  60u
#define EXTENSIONS    8u /* as many as core's parser follows */

#define TAG_SIZE 4u
#define VID_MASK 0x0fffu

/* -- found -----------------------------------------------------------------
 */

static bool find_kind(const uint8_t *bytes, uint32_t size, uint8_t protocol,
		      struct codec_outer *outer)
{
	outer->kind = CODEC_NVGRE;
	if (protocol == VS_IP_GRE)
		return true;
	outer->kind = CODEC_VXLAN;
	return protocol == VS_IP_UDP && (uint32_t)outer->l4 + 4 <= size &&
	       vs_load16(bytes + outer->l4 + 2) == VS_UDP_VXLAN;
}

static bool find_ipv4(const uint8_t *bytes, uint32_t size,
		      struct codec_outer *outer)
{
	const uint8_t *ip = bytes + outer->l3;

	if (size < outer->l3 + VS_IPV4_SIZE)
		return false;
	outer->addresses = ip + 12;
	outer->l4 = (uint16_t)(outer->l3 + (ip[0] & 15u) * 4);
	outer->ipv6 = false;
	/* behind the first fragment of UDP there are no ports */
	if (ip[0] >> 4 != 4 ||
	    (ip[9] == VS_IP_UDP && vs_load16(ip + 6) & IPV4_LATER))
		return false;
	return find_kind(bytes, size, ip[9], outer);
}

/* ::ffff:192.0.2.1 on the wire is nobody's, and must not pass for what it
 * looks like (types.h). */
static bool is_mapped(const uint8_t *address)
{
	const struct vs_ip ip = vs_ip_from_v6(address);

	return vs_ip_is_v4(&ip);
}

static bool find_ipv6(const uint8_t *bytes, uint32_t size,
		      struct codec_outer *outer)
{
	const uint8_t *ip = bytes + outer->l3, *header;
	uint32_t at = outer->l3 + VS_IPV6_SIZE;
	bool later = false;
	unsigned int i;
	uint8_t next;

	if (size < at || ip[0] >> 4 != 6)
		return false;
	next = ip[6];
	outer->addresses = ip + 8;
	outer->ipv6 = true;
	if (is_mapped(ip + 24))
		return false;
	for (i = 0; i < EXTENSIONS && !later; i++) {
		if (next != IPV6_HOP && next != IPV6_OPTIONS &&
		    next != IPV6_FRAGMENT)
			break;
		if (size - at < 8)
			return false;
		header = bytes + at;
		if (next == IPV6_FRAGMENT) {
			outer->fragment = true;
			later = vs_load16(header + 2) & IPV6_LATER;
			at += 8;
		} else {
			at += (header[1] + 1u) * 8;
		}
		next = header[0];
		if (at > size)
			return false;
	}
	outer->l4 = (uint16_t)at;
	return !(later && next == VS_IP_UDP) &&
	       find_kind(bytes, size, next, outer);
}

bool codec_find(const uint8_t *bytes, uint32_t size, struct codec_outer *outer)
{
	uint16_t type;

	if (size < VS_ETHERNET_SIZE + TAG_SIZE)
		return false;
	outer->l3 = VS_ETHERNET_SIZE;
	outer->vlan = 0;
	outer->fragment = false;
	type = vs_load16(bytes + 12);
	if (type == VS_TYPE_VLAN) {
		outer->l3 += TAG_SIZE;
		outer->vlan = vs_load16(bytes + 14) & VID_MASK;
		type = vs_load16(bytes + 16);
	}
	switch (type) {
	case VS_TYPE_IPV4:
		return find_ipv4(bytes, size, outer);
	case VS_TYPE_IPV6:
		return find_ipv6(bytes, size, outer);
	default:
		return false;
	}
}

bool codec_is_tunnel(const uint8_t *bytes, uint32_t size,
		     const struct codec_outer *outer)
{
	uint32_t gre = outer->l4;

	return outer->kind == CODEC_VXLAN ||
	       (size >= gre + 4 && vs_load16(bytes + gre + 2) == VS_TYPE_TEB);
}

/* -- read ------------------------------------------------------------------
 */

static bool refuse(enum wnv_reason *reason, enum wnv_reason why)
{
	*reason = why;
	return false;
}

static bool read_ipv4(const struct vs_view *view,
		      const struct codec_outer *outer,
		      struct codec_packet *packet, enum wnv_reason *reason)
{
	const uint8_t *ip = view->data + outer->l3;
	uint32_t header = (ip[0] & 15u) * 4, total = vs_load16(ip + 2);
	uint32_t room = view->size - outer->l3;

	if (header < VS_IPV4_SIZE || header > room || total < header ||
	    total > room)
		return refuse(reason, WNV_OUTER_LENGTH);
	if (vs_sum_fold(vs_sum(0, ip, header)) != 0xffff)
		return refuse(reason, WNV_OUTER_CSUM);
	if (vs_load16(ip + 6) & IPV4_FRAGMENT) /* RFC 7637 4.4 lets us */
		return refuse(reason, WNV_OUTER_FRAGMENT);
	packet->source.ip = vs_ip_from_v4(ip + 12);
	packet->target.ip = vs_ip_from_v4(ip + 16);
	packet->tos = ip[1];
	packet->end = outer->l3 + total;
	return true;
}

static bool read_ipv6(const struct vs_view *view,
		      const struct codec_outer *outer,
		      struct codec_packet *packet, enum wnv_reason *reason)
{
	const uint8_t *ip = view->data + outer->l3;
	uint32_t total = VS_IPV6_SIZE + vs_load16(ip + 4);

	if (total > view->size - outer->l3 ||
	    total < (uint32_t)outer->l4 - outer->l3)
		return refuse(reason, WNV_OUTER_LENGTH);
	if (outer->fragment)
		return refuse(reason, WNV_OUTER_FRAGMENT);
	if (is_mapped(ip + 8))
		return refuse(reason, WNV_PA_SRC_MARTIAN);
	packet->source.ip = vs_ip_from_v6(ip + 8);
	packet->target.ip = vs_ip_from_v6(ip + 24);
	packet->tos = (uint8_t)(ip[0] << 4 | ip[1] >> 4);
	packet->end = outer->l3 + total;
	return true;
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

static bool read_gre(const struct vs_view *view,
		     const struct codec_outer *outer,
		     struct codec_packet *packet, enum wnv_reason *reason)
{
	const uint8_t *gre = view->data + outer->l4;
	uint32_t key;

	if (!check_gre(gre, packet->end - outer->l4, reason))
		return false;
	key = vs_load32(gre + 4);
	packet->vsid.value = key >> 8;
	packet->flow_id = (uint8_t)key;
	packet->inner = outer->l4 + VS_GRE_KEY_SIZE;
	packet->udp = 0;
	return true;
}

bool codec_read(const struct vs_view *view, const struct codec_outer *outer,
		struct codec_packet *packet, enum wnv_reason *reason)
{
	if (!(outer->ipv6 ? read_ipv6(view, outer, packet, reason)
			  : read_ipv4(view, outer, packet, reason)))
		return false;
	if (!(outer->kind == CODEC_NVGRE
		      ? read_gre(view, outer, packet, reason)
		      : codec_read_vxlan(view, outer, packet, reason)))
		return false;
	if (packet->vsid.value == VS_VSID_CONTROL)
		return refuse(reason, WNV_CONTROL_BAD);
	return vs_vsid_is_tenant(packet->vsid) ||
	       refuse(reason, WNV_VSID_RESERVED);
}

bool codec_read_quote(const uint8_t *l4, uint32_t size, uint8_t protocol,
		      struct codec_shim *shim)
{
	if (protocol == VS_IP_GRE && size >= VS_GRE_KEY_SIZE &&
	    vs_load16(l4) == GRE_KEY && vs_load16(l4 + 2) == VS_TYPE_TEB)
		*shim = (struct codec_shim){.kind = CODEC_NVGRE,
					    .size = VS_GRE_KEY_SIZE};
	else if (protocol == VS_IP_UDP &&
		 size >= CODEC_UDP_SIZE + CODEC_VXLAN_SIZE &&
		 vs_load16(l4 + 2) == VS_UDP_VXLAN)
		*shim = (struct codec_shim){.kind = CODEC_VXLAN,
					    .size = CODEC_UDP_SIZE +
						    CODEC_VXLAN_SIZE};
	else
		return false;
	/* both end in 24 bits of it and one byte more */
	shim->vsid.value = vs_load32(l4 + shim->size - 4) >> 8;
	return true;
}

int codec_ecn_merge(uint8_t outer_tos, uint8_t inner_tos)
{
	/* Rows: inner Not-ECT, ECT(1), ECT(0), CE; columns: outer, the same.
	 * RFC 6040 figure 4. */
	static const int8_t merged[4][4] = {
		{0, 0, 0, -1},
		{1, 1, 1, 3},
		{2, 1, 2, 3},
		{3, 3, 3, 3},
	};

	return merged[inner_tos & CODEC_ECN][outer_tos & CODEC_ECN];
}

/* -- written ---------------------------------------------------------------
 */

static void make_ip(struct codec_path *path, const struct codec_ends *ends,
		    uint8_t protocol)
{
	uint8_t *ip = path->header + path->l3;

	vs_store16(ip - 2, path->ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);
	if (path->ipv6) {
		ip[0] = 0x60;
		ip[6] = protocol;
		ip[7] = CODEC_TTL;
		memcpy(ip + 8, ends->source.ip.octet, 16);
		memcpy(ip + 24, ends->target.ip.octet, 16);
		return;
	}
	ip[0] = 0x45;
	vs_store16(ip + 6, IPV4_DF); /* RFC 7637 4.4, B1.5 */
	ip[8] = CODEC_TTL;
	ip[9] = protocol;
	memcpy(ip + 12, ends->source.ip.octet + 12, 4);
	memcpy(ip + 16, ends->target.ip.octet + 12, 4);
	path->ip_sum = vs_sum_fold(vs_sum(0, ip, VS_IPV4_SIZE));
}

void codec_path_make(struct codec_path *path, const struct codec_ends *ends)
{
	bool vxlan = ends->kind == CODEC_VXLAN;
	uint8_t *l4;

	memset(path, 0, sizeof(*path));
	path->kind = (uint8_t)ends->kind;
	path->ipv6 = !vs_ip_is_v4(&ends->target.ip);
	path->l3 = (uint8_t)(VS_ETHERNET_SIZE + (ends->vlan ? TAG_SIZE : 0));
	path->l4 = (uint8_t)(path->l3 +
			     (path->ipv6 ? VS_IPV6_SIZE : VS_IPV4_SIZE));
	path->size = (uint8_t)(path->l3 - VS_ETHERNET_SIZE +
			       codec_overhead(ends->kind, path->ipv6));
	path->flow_mask = ends->flowid ? 0xff : 0;
	memcpy(path->header, ends->hop_mac.octet, 6);
	memcpy(path->header + 6, ends->source_mac.octet, 6);
	if (ends->vlan) {
		vs_store16(path->header + 12, VS_TYPE_VLAN);
		vs_store16(path->header + 14, ends->vlan);
	}
	make_ip(path, ends, vxlan ? VS_IP_UDP : VS_IP_GRE);
	l4 = path->header + path->l4;
	if (vxlan) {
		vs_store16(l4 + 2, VS_UDP_VXLAN);
		vs_store32(l4 + CODEC_UDP_SIZE, VXLAN_FLAGS);
		path->udp_sum = vs_sum_fold(
			vs_sum_pseudo(path->header + path->l3, VS_IP_UDP, 0));
	} else {
		vs_store16(l4, ends->kind == CODEC_GRE ? 0 : GRE_KEY);
		vs_store16(l4 + 2, VS_TYPE_TEB);
	}
}

/* The IPv4 header's last fields; its TOS is written. */
static void write_ipv4(const struct codec_path *path, uint32_t size,
		       uint16_t id, uint8_t *ip)
{
	uint16_t total = (uint16_t)(path->size - path->l3 + size);
	uint32_t sum = (uint32_t)path->ip_sum + ip[1] + total + id;

	/* of three 16-bit numbers and a byte: folded in two steps */
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	vs_store16(ip + 2, total);
	vs_store16(ip + 4, id);
	vs_store16(ip + 10, (uint16_t)~sum);
}

/* The flow label is the flow's (RFC 6438). */
static void write_ipv6(const struct codec_path *path,
		       const struct codec_frame *frame, uint8_t *lead)
{
	uint8_t *ip = lead + path->l3;

	vs_store32(ip, 6u << 28 | (uint32_t)frame->tos << 20 |
			       ((frame->hash ^ frame->hash >> 20) & 0xfffff));
}

static void write_ipv6_size(const struct codec_path *path, uint32_t size,
			    uint8_t *ip)
{
	vs_store16(ip + 4, (uint16_t)(path->size - path->l4 + size));
}

/* B1.11: the same for every frame of a flow. */
static uint8_t flow_id(const struct codec_path *path, uint32_t hash)
{
	hash ^= hash >> 16;
	return (uint8_t)((hash ^ hash >> 8) & path->flow_mask);
}

static void write_vxlan(const struct codec_frame *frame, uint8_t *udp)
{
	uint32_t hash = frame->hash ^ frame->hash >> 16;

	vs_store16(udp, (uint16_t)(CODEC_PORT_FIRST | (hash & 0x3fff)));
	vs_store32(udp + CODEC_UDP_SIZE + 4, frame->vsid.value << 8);
}

static void write_vxlan_size(const struct codec_path *path, uint32_t bytes,
			     uint8_t *udp)
{
	uint16_t size = (uint16_t)(path->size - path->l4 + bytes);

	vs_store16(udp + 4, size);
	vs_store16(udp + 6, vs_sum_fold((uint64_t)path->udp_sum + size));
}

/* What differs from frame to frame of a flow. */
static void write_size(const struct codec_path *path, uint32_t size,
		       uint16_t id, uint8_t *lead)
{
	if (path->ipv6)
		write_ipv6_size(path, size, lead + path->l3);
	else
		write_ipv4(path, size, id, lead + path->l3);
	if (path->kind == CODEC_VXLAN)
		write_vxlan_size(path, size, lead + path->l4);
}

void codec_write(const struct codec_path *path, const struct codec_frame *frame,
		 uint8_t *lead)
{
	/* all of it: a size that the compiler knows is a few moves */
	memcpy(lead, path->header, CODEC_LEAD);
	if (path->ipv6)
		write_ipv6(path, frame, lead);
	else
		lead[path->l3 + 1] = frame->tos;
	if (path->kind == CODEC_NVGRE)
		vs_store32(lead + path->l4 + 4,
			   frame->vsid.value << 8 | flow_id(path, frame->hash));
	else if (path->kind == CODEC_VXLAN)
		write_vxlan(frame, lead + path->l4);
	write_size(path, frame->size, frame->id, lead);
}

void codec_write_like(const struct codec_path *path, const uint8_t *like,
		      uint32_t size, uint16_t id, uint8_t *lead)
{
	memcpy(lead, like, CODEC_LEAD);
	write_size(path, size, id, lead);
}
