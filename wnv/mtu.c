/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtu.c: the judgement of mtu.h, the clamp of SYNs, and inner fragmentation
 * (RFC 791 3.2), of a super-frame's datagrams one by one.
 */
#include "mtu.h"

#include <string.h>

#include <vswitch/wire.h>

#include "icmp.h"

#define IPV4_MF	      0x2000u
#define IPV4_RESERVED 0x8000u
#define IPV4_OFFSET   0x1fffu
#define OPTION_END    0u
#define OPTION_NOP    1u
#define OPTION_COPIED 0x80u
#define TCP_SIZE      20u
#define TCP_SYN	      0x02u
#define TCP_MSS	      2u
#define TCP_CHECKSUM  16u
#define UDP_SIZE      8u
#define UDP_LENGTH    4u
#define UDP_CHECKSUM  6u

static bool may_fragment(const struct vs_view *view)
{
	return view->flags & VS_FRAME_IPV4 && !(view->flags & VS_FRAME_DF);
}

static enum mtu_judgement judge_datagrams(const struct vs_view *view)
{
	if (may_fragment(view) && view->payload == view->l4 + UDP_SIZE)
		return MTU_FRAGMENT;
	return icmp_may_answer(view) ? MTU_ANSWER : MTU_DROP;
}

static enum mtu_judgement judge_super(const struct vs_view *view, uint16_t mtu,
				      uint16_t *gso_size)
{
	uint32_t headers = (uint32_t)view->payload - view->l3;

	*gso_size = view->offload.gso_size;
	if (view->payload == VS_ABSENT)
		return MTU_DROP;
	if (headers + view->offload.gso_size <= mtu)
		return MTU_FITS;
	/* The borders of datagrams mean something: they stay. */
	if (view->offload.gso == VS_GSO_UDP)
		return judge_datagrams(view);
	if (headers >= mtu)
		return MTU_DROP;
	*gso_size = (uint16_t)(mtu - headers);
	return MTU_FITS;
}

enum mtu_judgement mtu_judge(const struct vs_view *view, uint16_t mtu,
			     uint16_t *gso_size)
{
	const uint8_t *ip = view->data + view->l3;
	uint32_t size;

	*gso_size = 0;
	if (!(view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6)))
		return view->size - VS_ETHERNET_SIZE <= mtu ? MTU_FITS
							    : MTU_DROP;
	if (view->offload.gso != VS_GSO_NONE)
		return judge_super(view, mtu, gso_size);
	size = view->flags & VS_FRAME_IPV6 ? VS_IPV6_SIZE + vs_load16(ip + 4)
					   : vs_load16(ip + 2);
	/* what hangs behind the packet goes along, and must fit as well */
	if (size <= mtu)
		return view->size - view->l3 <= mtu ? MTU_FITS : MTU_DROP;
	if (may_fragment(view))
		return MTU_FRAGMENT;
	return icmp_may_answer(view) ? MTU_ANSWER : MTU_DROP;
}

uint16_t mtu_mss(uint16_t mtu, bool ipv6)
{
	uint32_t headers = (ipv6 ? VS_IPV6_SIZE : VS_IPV4_SIZE) + TCP_SIZE;

	return mtu > headers ? (uint16_t)(mtu - headers) : 1;
}

uint32_t mtu_find_mss(const uint8_t *tcp, uint32_t size, uint16_t limit)
{
	uint32_t at = TCP_SIZE, end;

	if (size < TCP_SIZE || !(tcp[13] & TCP_SYN))
		return 0;
	end = (tcp[12] >> 4) * 4u;
	end = end < size ? end : size;
	while (at < end && tcp[at] != OPTION_END) {
		if (tcp[at] == OPTION_NOP) {
			at++;
			continue;
		}
		if (end - at < 2 || tcp[at + 1] < 2 || tcp[at + 1] > end - at)
			return 0;
		if (tcp[at] == TCP_MSS && tcp[at + 1] == 4)
			return vs_load16(tcp + at + 2) > limit ? at + 2 : 0;
		at += tcp[at + 1];
	}
	return 0;
}

void mtu_clamp(uint8_t *tcp, uint32_t at, uint16_t limit, bool complete)
{
	/* The words that hold the value, also where it stands askew. A TCP
	 * header is whole 32-bit words, so they lie in it. */
	uint32_t word = at & ~1u, size = at & 1 ? 4 : 2;
	uint64_t before = vs_sum(0, tcp + word, size);
	uint8_t *field = tcp + TCP_CHECKSUM;

	vs_store16(tcp + at, limit);
	if (complete)
		vs_store16(field,
			   vs_checksum_update(vs_load16(field), before,
					      vs_sum(0, tcp + word, size)));
}

static uint16_t udp_checksum(uint16_t checksum)
{
	return checksum ? checksum : 0xffff; /* 0 says that there is none */
}

/* A partial checksum can't be left to the link: no fragment holds all that it
 * covers. Complete it here. */
static bool complete_front(struct mtu_cutter *cutter)
{
	const struct vs_view *view = cutter->view;
	const struct vs_offload *offload = &view->offload;
	uint32_t size = (uint32_t)offload->csum_offset + 2;
	uint16_t checksum;

	cutter->completed = 0;
	if (offload->csum_start == VS_ABSENT)
		return true;
	if (offload->csum_start != cutter->next || size > sizeof(cutter->front))
		return false;
	checksum = vs_checksum(vs_sum(0, view->data + cutter->next,
				      cutter->end - cutter->next));
	if (offload->csum_offset == UDP_CHECKSUM)
		checksum = udp_checksum(checksum);
	memcpy(cutter->front, view->data + cutter->next, size);
	vs_store16(cutter->front + offload->csum_offset, checksum);
	cutter->completed = (uint16_t)size;
	return true;
}

/* The UDP header of one datagram out of a super-frame. */
static void write_front(struct mtu_cutter *cutter)
{
	const struct vs_view *view = cutter->view;
	uint32_t size = cutter->end - cutter->first;
	uint8_t *udp = cutter->front;
	uint64_t sum = vs_sum_pseudo(view->data + view->l3, VS_IP_UDP, size);

	memcpy(udp, view->data + view->l4, UDP_SIZE);
	vs_store16(udp + UDP_LENGTH, (uint16_t)size);
	vs_store16(udp + UDP_CHECKSUM, 0);
	sum = vs_sum(vs_sum(sum, udp, UDP_SIZE),
		     view->data + cutter->first + UDP_SIZE, size - UDP_SIZE);
	vs_store16(udp + UDP_CHECKSUM, udp_checksum(vs_checksum(sum)));
	cutter->completed = UDP_SIZE;
}

static void take_header(struct mtu_cutter *cutter)
{
	const uint8_t *ip = cutter->view->data + cutter->view->l3;

	cutter->header_size = (uint16_t)((ip[0] & 15u) * 4);
	memcpy(cutter->header, ip, cutter->header_size);
}

/* A datagram has the super-frame's headers and its own ID. What stands in the
 * frame before its payload is the end of the one before. */
static void begin_datagram(struct mtu_cutter *cutter, uint32_t first)
{
	const struct vs_view *view = cutter->view;
	uint32_t index = (first - view->l4) / view->offload.gso_size;
	uint32_t left = cutter->last - first;
	uint32_t size = UDP_SIZE + (uint32_t)view->offload.gso_size;
	uint8_t *id;

	take_header(cutter);
	id = cutter->header + 4;
	vs_store16(id, (uint16_t)(vs_load16(id) + index));
	cutter->first = first;
	cutter->next = first;
	cutter->end = first + (left < size ? left : size);
	write_front(cutter);
}

bool mtu_cut_begin(struct mtu_cutter *cutter, const struct vs_view *view,
		   uint16_t mtu)
{
	const uint8_t *ip = view->data + view->l3;
	uint32_t length = vs_load16(ip + 2);

	cutter->view = view;
	take_header(cutter);
	if (mtu < cutter->header_size + 24u)
		return false;
	cutter->room = (uint16_t)(mtu - cutter->header_size);
	cutter->field = vs_load16(ip + 6);
	cutter->first = (uint32_t)view->l3 + cutter->header_size;
	/* no length: of a super-frame that has no room for its own */
	cutter->last = length ? view->l3 + length : view->size;
	if (view->offload.gso != VS_GSO_NONE) {
		begin_datagram(cutter, cutter->first);
		return true;
	}
	cutter->next = cutter->first;
	cutter->end = cutter->last;
	return complete_front(cutter);
}

/* Later fragments carry only the options that say so (RFC 791 3.1). */
static void keep_copied_options(struct mtu_cutter *cutter)
{
	uint8_t *header = cutter->header, kept[40] = {0};
	uint32_t at = VS_IPV4_SIZE, size = 0, option;

	while (at < cutter->header_size && header[at] != OPTION_END) {
		option = header[at] == OPTION_NOP	? 1u
			 : at + 1 < cutter->header_size ? header[at + 1]
							: 0u;
		if (option == 0 || option > cutter->header_size - at)
			break;
		if (header[at] & OPTION_COPIED && option > 1) {
			memcpy(kept + size, header + at, option);
			size += option;
		}
		at += option;
	}
	size = (size + 3) & ~3u;
	memcpy(header + VS_IPV4_SIZE, kept, size);
	cutter->header_size = (uint16_t)(VS_IPV4_SIZE + size);
	header[0] = (uint8_t)(0x40 | cutter->header_size / 4);
}

static void write_head(const struct mtu_cutter *cutter, uint32_t size,
		       struct mtu_fragment *fragment)
{
	const struct vs_view *view = cutter->view;
	uint32_t offset = (cutter->field & IPV4_OFFSET) +
			  (cutter->next - cutter->first) / 8;
	uint32_t field = (cutter->field & IPV4_RESERVED) | offset;
	uint8_t *ip = fragment->head + view->l3;

	if (cutter->next + size < cutter->end || cutter->field & IPV4_MF)
		field |= IPV4_MF;
	memcpy(fragment->head, view->data, view->l3);
	memcpy(ip, cutter->header, cutter->header_size);
	vs_store16(ip + 2, (uint16_t)(cutter->header_size + size));
	vs_store16(ip + 6, (uint16_t)field);
	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, cutter->header_size)));
	fragment->head_size = (uint16_t)(view->l3 + cutter->header_size);
}

bool mtu_cut_next(struct mtu_cutter *cutter, struct mtu_fragment *fragment)
{
	uint32_t left, size;

	if (cutter->next == cutter->end) {
		if (cutter->end == cutter->last)
			return false;
		begin_datagram(cutter, cutter->end - UDP_SIZE);
	}
	left = cutter->end - cutter->next;
	size = left <= cutter->room ? left : cutter->room & ~7u;
	write_head(cutter, size, fragment);
	memcpy(fragment->head + fragment->head_size, cutter->front,
	       cutter->completed);
	fragment->head_size =
		(uint16_t)(fragment->head_size + cutter->completed);
	fragment->offset = cutter->next + cutter->completed;
	fragment->size = size - cutter->completed;
	cutter->next += size;
	cutter->completed = 0;
	keep_copied_options(cutter);
	return true;
}
