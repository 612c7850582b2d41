// SPDX-License-Identifier: Apache-2.0
/*
 * segment.c: recipes to pieces, for a link whose device can't: finish the
 * checksum, cut a super-frame. Decides nothing about where a frame goes; what
 * contradicts itself is refused here, before a byte is sent.
 *
 * Before this file: the walk, which made the recipe. After it: the link's tx.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "packet/parse.h"
#include "packet/segment.h"

#define IP_MAXIMUM   65535u
#define TCP_CHECKSUM 16u
#define UDP_CHECKSUM 6u
#define UDP_SIZE     8u
#define VXLAN_SIZE   8u
#define GRE_SIZE     4u

#define TCP_FIN 0x01u
#define TCP_PSH 0x08u
#define TCP_CWR 0x80u

static uint32_t recipe_size(const struct vs_recipe *recipe)
{
	return recipe->lead_size + recipe->slice_size;
}

static bool recipe_is_sane(const struct vs_recipe *recipe)
{
	return recipe->lead_size <= VS_LEAD_SIZE &&
	       (recipe->slice_size == 0 ||
		vs_frame_at(recipe->frame, recipe->slice_offset,
			    recipe->slice_size)) &&
	       recipe_size(recipe) > 0;
}

/*
 * How many bytes are made here instead of sent from the frame: the lead at the
 * least, all that changes from piece to piece, and a checksum to be completed.
 */
static uint32_t choose_header(const struct vs_recipe *recipe)
{
	const struct vs_offload *offload = &recipe->offload;
	uint32_t total = recipe_size(recipe), size = recipe->lead_size;
	uint32_t field = 0;

	if (offload->gso != VS_GSO_NONE)
		return offload->header_size;
	if (offload->csum_start != VS_ABSENT) {
		field = (uint32_t)offload->csum_start + offload->csum_offset +
			2;
		if (size < field)
			size = field;
		/* The payload's sum begins at an even place. */
		if (size < total)
			size += (size - offload->csum_start) & 1;
	}
	if (size == 0)
		size = total < VS_ETHERNET_SIZE ? total : VS_ETHERNET_SIZE;
	return size;
}

static bool fill_template(struct vs_segmenter *segmenter)
{
	const struct vs_recipe *recipe = segmenter->recipe;
	uint32_t total = recipe_size(recipe), size = choose_header(recipe);

	if (size < recipe->lead_size || size > total ||
	    size > VS_SEGMENT_HEADER)
		return false;
	memcpy(segmenter->template_bytes, recipe->lead, recipe->lead_size);
	if (size > recipe->lead_size)
		memcpy(segmenter->template_bytes + recipe->lead_size,
		       vs_view(recipe->frame)->data + recipe->slice_offset,
		       size - recipe->lead_size);
	segmenter->header_size = size;
	segmenter->payload_size = total - size;
	return true;
}

/* UDP's checksum is made here with the inner one, or is the only one. */
static bool find_outer_udp(struct vs_segmenter *segmenter, uint32_t udp)
{
	const struct vs_recipe *recipe = segmenter->recipe;
	uint16_t start = recipe->offload.csum_start;

	segmenter->outer_udp = (uint16_t)udp;
	return start != VS_ABSENT && (start == udp || start >= recipe->inner);
}

/* The outer IP header: whole, and before the inner frame. */
static bool find_outer(struct vs_segmenter *segmenter)
{
	static const uint8_t shims[VS_ENCAPS] = {
		[VS_ENCAP_NVGRE] = VS_GRE_KEY_SIZE,
		[VS_ENCAP_VXLAN] = UDP_SIZE + VXLAN_SIZE,
		[VS_ENCAP_GRE] = GRE_SIZE,
	};
	bool vxlan = segmenter->recipe->encapsulation == VS_ENCAP_VXLAN;
	uint32_t shim = shims[segmenter->recipe->encapsulation];
	const uint8_t *bytes = segmenter->template_bytes;
	uint32_t inner = segmenter->recipe->inner, l3 = VS_ETHERNET_SIZE, size;
	uint16_t type;

	if (inner > segmenter->header_size || inner < l3 + VS_IPV4_SIZE + shim)
		return false;
	type = vs_load16(bytes + 12);
	if (type == VS_TYPE_VLAN) {
		type = vs_load16(bytes + 16);
		l3 += 4;
	}
	size = type == VS_TYPE_IPV4   ? (bytes[l3] & 15u) * 4
	       : type == VS_TYPE_IPV6 ? VS_IPV6_SIZE
				      : 0;
	if (size < VS_IPV4_SIZE || l3 + size + shim > inner ||
	    bytes[l3] >> 4 != (type == VS_TYPE_IPV4 ? 4 : 6))
		return false;
	segmenter->outer_l3 = (uint16_t)l3;
	return !vxlan || find_outer_udp(segmenter, inner - shim);
}

/* Bytes behind the IP packet's own length are padding, not payload. */
static uint32_t trim_payload(const struct vs_segmenter *segmenter)
{
	const uint8_t *ip = segmenter->template_bytes + segmenter->l3;
	uint32_t length, headers = segmenter->header_size - segmenter->l3;

	length = ip[0] >> 4 == 4
			 ? vs_load16(ip + 2)
			 : vs_load16(ip + 4) + (vs_load16(ip + 4) ? 40u : 0);
	return length == 0 ? segmenter->payload_size : length - headers;
}

/* The headers that change from piece to piece. */
static bool find_inner(struct vs_segmenter *segmenter)
{
	const struct vs_recipe *recipe = segmenter->recipe;
	uint32_t inner = segmenter->outer_l3 == VS_ABSENT ? 0 : recipe->inner;
	struct vs_view view = {
		.data = segmenter->template_bytes + inner,
		.size = recipe_size(recipe) - inner,
		.offload = {.gso = recipe->offload.gso,
			    .gso_size = recipe->offload.gso_size,
			    .csum_start = VS_ABSENT},
	};

	parse_view(&view, segmenter->header_size - inner);
	if (!parse_fits_gso(&view, recipe->offload.gso) ||
	    view.payload + inner != segmenter->header_size)
		return false;
	segmenter->l3 = (uint16_t)(view.l3 + inner);
	segmenter->l4 = (uint16_t)(view.l4 + inner);
	if (recipe->offload.csum_start != VS_ABSENT &&
	    recipe->offload.csum_start != segmenter->l4)
		return false;
	segmenter->payload_size = trim_payload(segmenter);
	segmenter->id = vs_load16(view.data + view.l3 + 4);
	segmenter->pseudo_sum =
		vs_sum_pseudo(view.data + view.l3, view.protocol, 0);
	return true;
}

/* How many pieces; 0 if that can't be, or an IP length would overflow. */
static uint32_t count_pieces(const struct vs_segmenter *segmenter)
{
	uint32_t size = segmenter->recipe->offload.gso_size;
	uint32_t payload = segmenter->payload_size, pieces = 1, from;

	if (segmenter->l4 != VS_ABSENT) {
		if (payload > size)
			pieces = (payload + size - 1) / size;
		if (payload > size)
			payload = size;
	}
	from = segmenter->outer_l3 != VS_ABSENT ? segmenter->outer_l3
	       : segmenter->l3 != VS_ABSENT	? segmenter->l3
						: segmenter->header_size;
	if (segmenter->header_size - from + payload > IP_MAXIMUM &&
	    from != segmenter->header_size)
		return 0;
	return pieces <= UINT16_MAX ? pieces : 0;
}

int vs_segment_begin(struct vs_segmenter *segmenter,
		     const struct vs_recipe *recipe, uint16_t outer_id)
{
	bool cut = recipe->offload.gso != VS_GSO_NONE;
	uint32_t pieces;

	segmenter->recipe = recipe;
	segmenter->sent = 0;
	segmenter->index = 0;
	segmenter->outer_id = outer_id;
	segmenter->outer_l3 = VS_ABSENT;
	segmenter->outer_udp = VS_ABSENT;
	segmenter->l3 = VS_ABSENT;
	segmenter->l4 = VS_ABSENT;
	if (!recipe_is_sane(recipe) || (cut && recipe->offload.gso_size == 0) ||
	    !fill_template(segmenter))
		return -EINVAL;
	if (recipe->encapsulation != VS_ENCAP_NONE && !find_outer(segmenter))
		return -EINVAL;
	if (cut && !find_inner(segmenter))
		return -EINVAL;
	pieces = count_pieces(segmenter);
	if (pieces == 0)
		return -EINVAL;
	segmenter->pieces = (uint16_t)pieces;
	return (int)pieces;
}

/* Length, ID and checksum of an IP header over `size` bytes in all. */
static void patch_ip(uint8_t *ip, uint32_t size, uint16_t id)
{
	if (ip[0] >> 4 == 6) {
		vs_store16(ip + 4, (uint16_t)(size - VS_IPV6_SIZE));
		return;
	}
	vs_store16(ip + 2, (uint16_t)size);
	vs_store16(ip + 4, id);
	vs_store16(ip + 10, 0);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, (ip[0] & 15u) * 4)));
}

static void patch_tcp(const struct vs_segmenter *segmenter, uint8_t *tcp)
{
	vs_store32(tcp + 4, vs_load32(tcp + 4) + segmenter->sent);
	if (segmenter->index + 1 < segmenter->pieces)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (segmenter->index > 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
}

/* A UDP checksum of 0 would say that there is none (RFC 768). */
static uint16_t udp_checksum(uint16_t checksum)
{
	return checksum ? checksum : 0xffff;
}

static void patch_inner(const struct vs_segmenter *segmenter, uint8_t *header,
			const uint8_t *payload, uint32_t size)
{
	bool udp = segmenter->recipe->offload.gso == VS_GSO_UDP;
	uint32_t l4_header = segmenter->header_size - segmenter->l4;
	uint8_t *l4 = header + segmenter->l4;
	uint8_t *field = l4 + (udp ? UDP_CHECKSUM : TCP_CHECKSUM);
	uint64_t sum = segmenter->pseudo_sum + l4_header + size;
	uint16_t checksum;

	patch_ip(header + segmenter->l3,
		 segmenter->header_size - segmenter->l3 + size,
		 (uint16_t)(segmenter->id + segmenter->index));
	if (udp)
		vs_store16(l4 + 4, (uint16_t)(l4_header + size));
	else
		patch_tcp(segmenter, l4);
	vs_store16(field, 0);
	sum = vs_sum(vs_sum(sum, l4, l4_header), payload, size);
	checksum = vs_checksum(sum);
	vs_store16(field, udp ? udp_checksum(checksum) : checksum);
}

/* The field holds the pseudo-header's sum: add all from csum_start on. */
static void complete_checksum(const struct vs_segmenter *segmenter,
			      uint8_t *header, const uint8_t *payload,
			      uint32_t size)
{
	const struct vs_offload *offload = &segmenter->recipe->offload;
	uint8_t *field = header + offload->csum_start + offload->csum_offset;
	uint16_t checksum;
	uint64_t sum;

	sum = vs_sum(0, header + offload->csum_start,
		     segmenter->header_size - offload->csum_start);
	checksum = vs_checksum(vs_sum(sum, payload, size));
	vs_store16(field, offload->csum_offset == UDP_CHECKSUM
				  ? udp_checksum(checksum)
				  : checksum);
}

/*
 * What all bytes from the inner checksum's start on add up to, without reading
 * them: with its pseudo-header they give 0xffff, since the checksum is right
 * by now.
 */
static uint16_t covered_sum(const struct vs_segmenter *segmenter, uint32_t size)
{
	const struct vs_offload *offload = &segmenter->recipe->offload;
	uint64_t pseudo = vs_load16(segmenter->template_bytes +
				    offload->csum_start + offload->csum_offset);
	uint16_t sum;

	if (segmenter->l4 != VS_ABSENT)
		pseudo = segmenter->pseudo_sum + segmenter->header_size -
			 segmenter->l4 + size;
	sum = vs_checksum(pseudo);
	if ((offload->csum_start - segmenter->outer_udp) & 1)
		sum = (uint16_t)(sum << 8 | sum >> 8);
	return sum;
}

static void patch_outer_udp(const struct vs_segmenter *segmenter,
			    uint8_t *header, uint32_t size)
{
	uint32_t start = segmenter->recipe->offload.csum_start;
	uint8_t *udp = header + segmenter->outer_udp;
	uint32_t length = segmenter->header_size - segmenter->outer_udp + size;
	uint64_t sum;

	if (start == segmenter->outer_udp)
		return; /* complete_checksum was here */
	vs_store16(udp + 4, (uint16_t)length);
	vs_store16(udp + UDP_CHECKSUM, 0);
	sum = vs_sum_pseudo(header + segmenter->outer_l3, VS_IP_UDP, length);
	sum = vs_sum(sum, udp, start - segmenter->outer_udp);
	sum += covered_sum(segmenter, size);
	vs_store16(udp + UDP_CHECKSUM, udp_checksum(vs_checksum(sum)));
}

static void patch_outer(const struct vs_segmenter *segmenter, uint8_t *header,
			uint32_t size)
{
	patch_ip(header + segmenter->outer_l3,
		 segmenter->header_size - segmenter->outer_l3 + size,
		 (uint16_t)(segmenter->outer_id + segmenter->index));
	if (segmenter->outer_udp != VS_ABSENT)
		patch_outer_udp(segmenter, header, size);
}

uint16_t vs_segment_next(struct vs_segmenter *segmenter, uint8_t *header,
			 uint32_t *offset, uint32_t *size)
{
	const struct vs_recipe *recipe = segmenter->recipe;
	uint32_t piece = segmenter->payload_size - segmenter->sent;
	const uint8_t *payload;

	if (segmenter->index == segmenter->pieces)
		return 0;
	if (segmenter->l4 != VS_ABSENT && piece > recipe->offload.gso_size)
		piece = recipe->offload.gso_size;
	*offset = recipe->slice_offset + segmenter->header_size -
		  recipe->lead_size + segmenter->sent;
	*size = piece;
	payload = vs_view(recipe->frame)->data + *offset;
	memcpy(header, segmenter->template_bytes, segmenter->header_size);
	if (segmenter->l4 != VS_ABSENT)
		patch_inner(segmenter, header, payload, piece);
	else if (recipe->offload.csum_start != VS_ABSENT)
		complete_checksum(segmenter, header, payload, piece);
	if (segmenter->outer_l3 != VS_ABSENT)
		patch_outer(segmenter, header, piece);
	segmenter->sent += piece;
	segmenter->index++;
	return (uint16_t)segmenter->header_size;
}
