/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vxlan.c: VXLAN (RFC 7348) from its UDP header on, as it comes.
 *
 * Decides which checksum may be believed, and that nothing but a VNI is there:
 * RFC 7348 says to ignore reserved bits, but extensions give them a meaning
 * (of the one, the frame inside is no Ethernet at all), so that what is not
 * understood is dropped, as the kernel's device does.
 *
 * Before it: codec.c. After it: codec.c, then inner.c.
 */
#include "codec.h"

#define VNI_FLAG 0x08000000u

static bool refuse(enum wnv_reason *reason, enum wnv_reason why)
{
	*reason = why;
	return false;
}

/*
 * The sum of everything that the UDP checksum covers, up to `end`. Where the
 * sender left an inner checksum to be completed (the same machine, or GSO),
 * the outer one was written for the complete packet: what is still missing
 * makes the rest from csum_start on sum up to the complement of the field
 * (local checksum offload, RFC 1071 in disguise).
 */
static uint64_t sum_all(const struct vs_view *view,
			const struct codec_outer *outer, uint32_t end)
{
	const struct vs_offload *offload = &view->offload;
	uint32_t udp = outer->l4, start = offload->csum_start;
	uint64_t sum =
		vs_sum_pseudo(view->data + outer->l3, VS_IP_UDP, end - udp);

	if (offload->csum_start == VS_ABSENT)
		return vs_sum(sum, view->data + udp, end - udp);
	/* csum_start stands at an even distance, or this is no such packet
	 * and the sum will be wrong */
	sum = vs_sum(sum, view->data + udp, start - udp);
	return sum +
	       (uint16_t)~vs_load16(view->data + start + offload->csum_offset);
}

/*
 * May what is inside be believed? Not checked here: what the device checked,
 * what never was on a wire (the checksum is still to be made), and a
 * super-frame, which was merged from packets that were good.
 */
static bool check_csum(const struct vs_view *view,
		       const struct codec_outer *outer, uint32_t end,
		       enum wnv_reason *reason)
{
	const struct vs_offload *offload = &view->offload;
	uint32_t start = offload->csum_start;

	/* RFC 8200 8.1; RFC 6935's exception is for those who asked for it */
	if (!vs_load16(view->data + outer->l4 + 6))
		return !outer->ipv6 || refuse(reason, WNV_UDP_NO_CSUM);
	if (offload->verified || start == outer->l4 ||
	    offload->gso != VS_GSO_NONE)
		return true;
	if (start != VS_ABSENT &&
	    (start < outer->l4 || start + offload->csum_offset + 2u > end))
		return refuse(reason, WNV_OFFLOAD_BAD);
	return vs_sum_fold(sum_all(view, outer, end)) == 0xffff ||
	       refuse(reason, WNV_UDP_CSUM);
}

bool codec_read_vxlan(const struct vs_view *view,
		      const struct codec_outer *outer,
		      struct codec_packet *packet, enum wnv_reason *reason)
{
	const uint8_t *udp = view->data + outer->l4;
	const uint8_t *vxlan = udp + CODEC_UDP_SIZE;
	uint32_t room = packet->end - outer->l4, size;

	if (room < CODEC_UDP_SIZE)
		return refuse(reason, WNV_VXLAN_TRUNCATED);
	size = vs_load16(udp + 4);
	if (size < CODEC_UDP_SIZE || size > room)
		return refuse(reason, WNV_UDP_LENGTH);
	if (size < CODEC_UDP_SIZE + CODEC_VXLAN_SIZE)
		return refuse(reason, WNV_VXLAN_TRUNCATED);
	packet->end = outer->l4 + size;
	if (!check_csum(view, outer, packet->end, reason))
		return false;
	if (!(vs_load32(vxlan) & VNI_FLAG))
		return refuse(reason, WNV_VXLAN_NO_VNI);
	if (vs_load32(vxlan) & ~VNI_FLAG || vxlan[7])
		return refuse(reason, WNV_VXLAN_RESERVED);
	packet->vsid.value = vs_load32(vxlan + 4) >> 8;
	packet->flow_id = 0;
	packet->udp = outer->l4;
	packet->inner = outer->l4 + CODEC_UDP_SIZE + CODEC_VXLAN_SIZE;
	return true;
}
