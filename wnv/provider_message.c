/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_message.c: the Ethernet level of provider_message.h: tags, and
 * which of the two languages a frame speaks.
 *
 * Before it: translate_in.c, provider_pa.c, provider_neighbour.c. After it:
 * provider_arp.c, provider_nd.c.
 */
#include "provider_message.h"

#include <string.h>

#include <vswitch/wire.h>

#define TAG_SIZE 4u

bool provider_frame_of(const struct vs_frame *frame, struct provider_frame *out)
{
	const struct vs_view *view = vs_view(frame);

	if (view->size < VS_ETHERNET_SIZE + TAG_SIZE)
		return false;
	*out = (struct provider_frame){
		.bytes = view->data,
		.size = view->size,
		.l3 = VS_ETHERNET_SIZE,
		.type = vs_load16(view->data + 12),
		.open_sum = view->offload.csum_start != VS_ABSENT,
	};
	if (out->type == VS_TYPE_VLAN) {
		out->vlan = vs_load16(view->data + 14) & PROVIDER_VID_MASK;
		out->type = vs_load16(view->data + 16);
		out->l3 += TAG_SIZE;
	}
	return out->type != VS_TYPE_VLAN;
}

enum provider_language provider_language(const struct provider_frame *frame)
{
	const uint8_t *ip = frame->bytes + frame->l3;
	uint8_t type;

	if (frame->type == VS_TYPE_ARP)
		return PROVIDER_ARP;
	if (frame->type != VS_TYPE_IPV6 ||
	    frame->size - frame->l3 < VS_IPV6_SIZE + 1 || ip[0] >> 4 != 6 ||
	    ip[6] != VS_IP_ICMP6)
		return PROVIDER_NEITHER;
	type = ip[VS_IPV6_SIZE];
	return type == VS_ND_SOLICIT || type == VS_ND_ADVERT ? PROVIDER_ND
							     : PROVIDER_NEITHER;
}

void provider_say(const struct vs_call *call,
		  const struct provider_speech *speech)
{
	if (vs_ip_is_v4(&speech->pa.ip))
		provider_arp_say(call, speech);
	else
		provider_nd_say(call, speech);
}

struct vs_frame *provider_frame_new(const struct vs_call *call,
				    const struct provider_speech *speech,
				    uint16_t type, uint32_t size, uint8_t **at)
{
	uint32_t head = VS_ETHERNET_SIZE + (speech->vlan ? TAG_SIZE : 0);
	struct vs_frame *frame =
		call->host->frame_new(call, head + size, (struct vs_vsid){0});
	uint8_t *p;

	if (!frame)
		return NULL;
	p = vs_frame_edit(frame, 0, head + size);
	memset(p, 0, head + size);
	memcpy(p, speech->to.octet, 6);
	memcpy(p + 6, speech->mac.octet, 6);
	if (speech->vlan) {
		vs_store16(p + 12, VS_TYPE_VLAN);
		vs_store16(p + 14, speech->vlan);
	}
	vs_store16(p + head - 2, type);
	*at = p + head;
	return frame;
}

void provider_frame_send(const struct vs_call *call, struct vs_frame *frame,
			 const struct provider_speech *speech)
{
	const struct vs_port_id nobody = {0};

	call->host->emit(call, frame, VS_EMIT_UPLINK, speech->uplink, nobody);
}
