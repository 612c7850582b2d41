// SPDX-License-Identifier: Apache-2.0
/*
 * parse.c: where the headers of a frame are. Decides what a frame claims to
 * be and nothing about whether it may pass. Every read is bounded by the
 * frame's size, every transport offset also by the IP packet's own length,
 * every loop by a constant.
 *
 * Before this file: the link that read the frame. After it: admit (core).
 */
#include <string.h>

#include <vswitch/wire.h>

#include "packet/packet.h"
#include "packet/parse.h"

#define TAGS_MAXIMUM	   2u
#define EXTENSIONS_MAXIMUM 8u
#define CUT_TAG		   0x0fffu /* a VID that no frame may carry */

#define IPV4_DF	     0x4000u
#define IPV4_MF	     0x2000u
#define IPV4_OFFSET  0x1fffu
#define IPV6_HOP     0u
#define IPV6_ROUTING 43u
#define IPV6_FRAG    44u
#define IPV6_NONE    59u
#define IPV6_OPTIONS 60u

#define FLAGS_KEPT (VS_FRAME_FROM_WIRE | VS_FRAME_INJECTED | VS_FRAME_REFLECTED)

/* What one run of the parser knows. */
struct parse {
	struct vs_view *view;
	uint32_t readable; /* bytes that may be looked at */
	uint32_t end;	   /* the IP packet's; behind it is padding */
	uint32_t flags;	   /* the view's, until it is done */
	bool endless;	   /* a super-frame that left its length out */
};

/* What nearly every frame goes through: one function when compiled. */
#define STRAIGHT static inline __attribute__((always_inline))

STRAIGHT bool parse_has(const struct parse *parse, uint32_t offset,
			uint32_t size)
{
	uint32_t limit =
		parse->end < parse->readable ? parse->end : parse->readable;

	return offset <= limit && size <= limit - offset;
}

STRAIGHT void parse_flag(struct parse *parse, unsigned int flag)
{
	parse->flags |= flag;
}

/* TCP and UDP: their header must lie in the IP packet to be one. */
STRAIGHT void parse_payload(struct parse *parse, uint32_t l4)
{
	struct vs_view *view = parse->view;
	const uint8_t *header = view->data + l4;
	uint32_t size = parse->end - l4, length;

	if (view->protocol == VS_IP_UDP) {
		length = vs_load16(header + 4);
		if (length == 0 && view->offload.gso != VS_GSO_NONE)
			length = size;
		/* A first fragment holds only the beginning of a datagram. */
		if (length >= 8 &&
		    (length <= size || parse->flags & VS_FRAME_FRAGMENT))
			view->payload = (uint16_t)(l4 + 8);
		return;
	}
	length = (header[12] >> 4) * 4u;
	if (length >= 20 && parse_has(parse, l4, length))
		view->payload = (uint16_t)(l4 + length);
}

/* Bytes that a transport header has at least. */
STRAIGHT uint32_t transport_least(uint8_t protocol)
{
	return protocol == VS_IP_TCP	 ? 20
	       : protocol == VS_IP_UDP	 ? 8
	       : protocol == VS_IP_ICMP	 ? 4
	       : protocol == VS_IP_ICMP6 ? 4
					 : 1;
}

/* The transport header at `l4`, if what every such header has is there. */
STRAIGHT void parse_transport(struct parse *parse, uint32_t l4)
{
	struct vs_view *view = parse->view;
	bool ported =
		view->protocol == VS_IP_TCP || view->protocol == VS_IP_UDP;
	uint8_t type;

	if (parse->flags & VS_FRAME_LATER ||
	    !parse_has(parse, l4, transport_least(view->protocol)))
		return;
	view->l4 = (uint16_t)l4;
	if (ported)
		parse_payload(parse, l4);
	type = view->data[l4];
	if (view->protocol == VS_IP_ICMP6 && parse->flags & VS_FRAME_IPV6 &&
	    type >= VS_ND_ROUTER_SOLICIT && type <= VS_ND_REDIRECT)
		parse_flag(parse, VS_FRAME_ND);
}

/*
 * The end of an IP packet that says to have `size` bytes from `l3` on: bytes
 * behind it are padding; 0 of a super-frame means "more than 16 bits hold".
 */
STRAIGHT bool parse_end(struct parse *parse, uint32_t l3, uint32_t size,
			bool unknown)
{
	const struct vs_view *view = parse->view;

	parse->endless = unknown && view->offload.gso != VS_GSO_NONE;
	if (parse->endless)
		size = view->size - l3;
	if (size > view->size - l3)
		return false;
	parse->end = l3 + size;
	return true;
}

STRAIGHT bool parse_ipv4(struct parse *parse, uint32_t l3)
{
	struct vs_view *view = parse->view;
	const uint8_t *ip = view->data + l3;
	uint32_t header, total;
	uint16_t fragment;

	if (!parse_has(parse, l3, VS_IPV4_SIZE) || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 15u) * 4;
	total = vs_load16(ip + 2);
	if (header < VS_IPV4_SIZE || !parse_end(parse, l3, total, total == 0) ||
	    !parse_has(parse, l3, header))
		return false;
	fragment = vs_load16(ip + 6);
	parse_flag(parse, VS_FRAME_IPV4);
	if (fragment & IPV4_DF)
		parse_flag(parse, VS_FRAME_DF);
	if (fragment & (IPV4_MF | IPV4_OFFSET))
		parse_flag(parse, VS_FRAME_FRAGMENT);
	if (fragment & IPV4_OFFSET)
		parse_flag(parse, VS_FRAME_LATER);
	view->l3 = (uint16_t)l3;
	view->protocol = ip[9];
	parse_transport(parse, l3 + header);
	return true;
}

/*
 * Walk the extension headers from *offset on; *next is the type of what stands
 * there. True if the chain ends within the packet and the bound.
 */
static bool parse_extensions(struct parse *parse, uint32_t *offset,
			     uint8_t *next)
{
	const uint8_t *header;
	unsigned int i;
	uint16_t fragment;
	uint32_t size;

	for (i = 0; i <= EXTENSIONS_MAXIMUM; i++) {
		if (*next != IPV6_HOP && *next != IPV6_ROUTING &&
		    *next != IPV6_FRAG && *next != IPV6_OPTIONS)
			return true;
		if (i == EXTENSIONS_MAXIMUM || !parse_has(parse, *offset, 8))
			return false;
		header = parse->view->data + *offset;
		size = *next == IPV6_FRAG ? 8 : (header[1] + 1u) * 8;
		if (!parse_has(parse, *offset, size))
			return false;
		if (*next == IPV6_FRAG) {
			fragment = vs_load16(header + 2);
			/* Offset 0 and no more: whole (RFC 6946). */
			if (fragment & 0xfff9)
				parse_flag(parse, VS_FRAME_FRAGMENT);
			if (fragment & 0xfff8)
				parse_flag(parse, VS_FRAME_LATER);
		}
		*next = header[0];
		*offset += size;
		if (parse->flags & VS_FRAME_LATER)
			return true;
	}
	return false;
}

static bool parse_ipv6(struct parse *parse, uint32_t l3)
{
	struct vs_view *view = parse->view;
	const uint8_t *ip = view->data + l3;
	struct vs_ip source, target;
	uint32_t length, l4 = l3 + VS_IPV6_SIZE;
	uint8_t next;

	if (!parse_has(parse, l3, VS_IPV6_SIZE) || ip[0] >> 4 != 6)
		return false;
	length = vs_load16(ip + 4);
	if (!parse_end(parse, l3, VS_IPV6_SIZE + length, length == 0))
		return false;
	next = ip[6];
	if (!parse_extensions(parse, &l4, &next))
		return false;
	source = vs_ip_from_v6(ip + 8);
	target = vs_ip_from_v6(ip + 24);
	if (vs_ip_is_v4(&source) || vs_ip_is_v4(&target))
		parse_flag(parse, VS_FRAME_MAPPED_V6);
	parse_flag(parse, VS_FRAME_IPV6);
	view->l3 = (uint16_t)l3;
	view->protocol = next;
	if (next == IPV6_NONE)
		return true;
	parse_transport(parse, l4);
	/* The first fragment holds the whole chain of headers (RFC 7112). */
	return view->l4 != VS_ABSENT || !(parse->flags & VS_FRAME_FRAGMENT) ||
	       parse->flags & VS_FRAME_LATER;
}

static void parse_arp(struct parse *parse, uint32_t l3)
{
	/* Ethernet, IPv4, 6-byte and 4-byte addresses (RFC 826). */
	static const uint8_t kind[6] = {0, 1, 8, 0, 6, 4};
	struct vs_view *view = parse->view;

	if (!parse_has(parse, l3, VS_ARP_SIZE) ||
	    memcmp(view->data + l3, kind, sizeof(kind)) != 0)
		return;
	parse_flag(parse, VS_FRAME_ARP);
	view->l3 = (uint16_t)l3;
}

/* Of a frame whose destination has the group bit. */
static unsigned int group_flags(const uint8_t *mac)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};

	return memcmp(mac, all, sizeof(all)) == 0
		       ? VS_FRAME_GROUP | VS_FRAME_BROADCAST
		       : VS_FRAME_GROUP;
}

/* Tags and EtherType; returns the offset behind them. */
STRAIGHT uint32_t parse_ethernet(struct parse *parse)
{
	struct vs_view *view = parse->view;
	uint32_t offset = VS_ETHERNET_SIZE;
	uint16_t type = vs_load16(view->data + 12);
	uint16_t tci;

	if (view->data[0] & 1)
		parse_flag(parse, group_flags(view->data));
	while ((type == VS_TYPE_VLAN || type == VS_TYPE_QINQ) &&
	       view->tags < TAGS_MAXIMUM) {
		tci = parse_has(parse, offset, 2)
			      ? vs_load16(view->data + offset)
			      : CUT_TAG;
		if (view->tags++ == 0)
			view->vlan = tci;
		if (!parse_has(parse, offset, 4))
			break;
		type = vs_load16(view->data + offset + 2);
		offset += 4;
	}
	view->ether_type = type;
	return offset;
}

/* Take back what the offload claims about bytes that are not there. */
STRAIGHT void parse_offload(struct vs_view *view)
{
	struct vs_offload *offload = &view->offload;
	uint32_t field = (uint32_t)offload->csum_start + offload->csum_offset;

	/* A link's header size is a hint; what was parsed is known. */
	if (offload->gso != VS_GSO_NONE && view->payload != VS_ABSENT &&
	    (view->l4 == offload->csum_start ||
	     offload->csum_start == VS_ABSENT))
		offload->header_size = view->payload;
	if (offload->csum_start != VS_ABSENT &&
	    (view->size < 2 || field > view->size - 2))
		offload->csum_start = VS_ABSENT;
	if (offload->gso != VS_GSO_NONE &&
	    (!offload->gso_size || offload->header_size > view->size))
		offload->gso = VS_GSO_NONE;
	if (offload->gso == VS_GSO_NONE) {
		offload->gso_size = 0;
		offload->header_size = 0;
	}
}

/* Nothing of an IP packet that contradicts itself is to be relied upon. */
static void parse_refuse(struct vs_view *view)
{
	view->flags &= FLAGS_KEPT | VS_FRAME_GROUP | VS_FRAME_BROADCAST;
	view->flags |= VS_FRAME_BAD_IP;
	view->l3 = VS_ABSENT;
	view->l4 = VS_ABSENT;
	view->payload = VS_ABSENT;
	view->protocol = 0;
}

/* What the short way below looks at without asking again. */
#define PLAIN_READ (VS_ETHERNET_SIZE + VS_IPV4_SIZE + 20u)

/* Where the payload of a packet begins whose transport has `size` bytes. */
STRAIGHT uint16_t plain_payload(const struct vs_view *view, uint32_t size,
				uint32_t readable)
{
	const uint32_t l4 = VS_ETHERNET_SIZE + VS_IPV4_SIZE;
	const uint8_t *header = view->data + l4;
	uint32_t length;

	if (view->protocol == VS_IP_UDP) {
		length = vs_load16(header + 4);
		return length >= 8 && length <= size ? (uint16_t)(l4 + 8)
						     : VS_ABSENT;
	}
	if (view->protocol != VS_IP_TCP)
		return VS_ABSENT;
	length = (header[12] >> 4) * 4u;
	return length >= 20 && length <= size && length <= readable - l4
		       ? (uint16_t)(l4 + length)
		       : VS_ABSENT;
}

/*
 * The short way for what most frames are: untagged IPv4 without options or
 * fragments, a whole transport header, nothing to segment. It finds what the
 * long way finds (a test compares them), or nothing: false.
 */
STRAIGHT bool parse_plain(struct vs_view *view, uint32_t readable)
{
	const uint32_t l4 = VS_ETHERNET_SIZE + VS_IPV4_SIZE;
	const uint8_t *ip = view->data + VS_ETHERNET_SIZE;
	uint32_t total, fragment, flags;

	if (readable < PLAIN_READ || vs_load16(ip - 2) != VS_TYPE_IPV4 ||
	    ip[0] != 0x45 || view->offload.gso != VS_GSO_NONE)
		return false;
	total = vs_load16(ip + 2);
	fragment = vs_load16(ip + 6);
	if (fragment & (IPV4_MF | IPV4_OFFSET) ||
	    total < VS_IPV4_SIZE + transport_least(ip[9]) ||
	    total > view->size - VS_ETHERNET_SIZE)
		return false;
	flags = (view->flags & FLAGS_KEPT) | VS_FRAME_IPV4;
	if (fragment & IPV4_DF)
		flags |= VS_FRAME_DF;
	if (view->data[0] & 1)
		flags |= group_flags(view->data);
	view->flags = (uint16_t)flags;
	view->ether_type = VS_TYPE_IPV4;
	view->vlan = VS_ABSENT;
	view->tags = 0;
	view->l3 = VS_ETHERNET_SIZE;
	view->l4 = (uint16_t)l4;
	view->protocol = ip[9];
	view->payload = plain_payload(view, total - VS_IPV4_SIZE, readable);
	parse_offload(view);
	return true;
}

void parse_view(struct vs_view *view, uint32_t readable)
{
	if (!parse_plain(view, readable))
		parse_view_long(view, readable);
}

void parse_view_long(struct vs_view *view, uint32_t readable)
{
	struct parse parse = {view, readable, view->size,
			      view->flags & FLAGS_KEPT, false};
	struct parse other; /* so that IPv4's may stay in registers */
	bool good = true;
	uint32_t l3;

	view->ether_type = 0;
	view->vlan = VS_ABSENT;
	view->tags = 0;
	view->l3 = VS_ABSENT;
	view->l4 = VS_ABSENT;
	view->payload = VS_ABSENT;
	view->protocol = 0;
	if (readable >= VS_ETHERNET_SIZE) {
		l3 = parse_ethernet(&parse);
		other = parse;
		if (view->ether_type == VS_TYPE_IPV4)
			good = parse_ipv4(&parse, l3);
		else if (view->ether_type == VS_TYPE_IPV6)
			good = parse_ipv6(&other, l3);
		else if (view->ether_type == VS_TYPE_ARP)
			parse_arp(&other, l3);
		parse.flags |= other.flags;
		parse.endless |= other.endless;
	}
	view->flags = (uint16_t)parse.flags;
	parse_offload(view);
	if (parse.endless && (view->offload.gso == VS_GSO_NONE ||
			      !parse_fits_gso(view, view->offload.gso)))
		good = false;
	if (!good)
		parse_refuse(view);
}

void vs_packet_parse(struct vs_packet *packet)
{
	parse_view(&packet->view, packet->view.size);
	packet->edited = false;
}
