/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_arp.c: ARP of the provider side, read and written
 * (provider_message.h). Knows no policy.
 *
 * Before it: provider_hear.c; provider_say. After it: provider_hear.c; the
 * uplink.
 */
#include "provider_message.h"

#include <string.h>

#include <vswitch/wire.h>

#define ARP_REQUEST 1u
#define ARP_REPLY   2u

/* Ethernet, IPv4, and the sizes of their addresses. */
static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};

static struct wnv_pa pa_at(const uint8_t *bytes)
{
	return (struct wnv_pa){vs_ip_from_v4(bytes)};
}

enum provider_reading provider_arp_read(const struct provider_frame *frame,
					struct provider_message *message)
{
	const uint8_t *p = frame->bytes + frame->l3;
	struct wnv_pa sender, target;

	if (frame->size - frame->l3 < VS_ARP_SIZE ||
	    memcmp(p, head, sizeof(head)) != 0)
		return PROVIDER_UNREAD;
	sender = pa_at(p + 14);
	target = pa_at(p + 24);
	*message = (struct provider_message){
		.solicited = true,
		.overrides = true,
	};
	memcpy(message->mac.octet, p + 8, 6);
	message->from = message->mac;
	if (!vs_ip_is_unspecified(&sender.ip))
		message->subject = sender;
	if (vs_load16(p + 6) == ARP_REQUEST)
		message->asked = target;
	else if (vs_load16(p + 6) == ARP_REPLY)
		message->to = target;
	else
		return PROVIDER_UNREAD;
	return vs_mac_is_group(&message->mac) || vs_mac_is_zero(&message->mac)
		       ? PROVIDER_UNREAD
		       : PROVIDER_READ;
}

static void put_pa(uint8_t *at, const struct wnv_pa *pa)
{
	memcpy(at, pa->ip.octet + 12, 4);
}

/* RFC 5227 1.1: a probe has no sender; an announcement asks for oneself. */
void provider_arp_say(const struct vs_call *call,
		      const struct provider_speech *speech)
{
	static const struct vs_mac everybody = {{255, 255, 255, 255, 255, 255}};
	struct provider_speech to = *speech;
	bool answers = speech->what == PROVIDER_ANSWERS;
	bool asks = speech->what == PROVIDER_ASKS;
	struct vs_frame *frame;
	uint8_t *p;

	if (!answers && !(asks && !vs_mac_is_zero(&speech->to)))
		to.to = everybody;
	frame = provider_frame_new(call, &to, VS_TYPE_ARP, VS_ARP_SIZE, &p);
	if (!frame)
		return;
	memcpy(p, head, sizeof(head));
	vs_store16(p + 6, answers ? ARP_REPLY : ARP_REQUEST);
	memcpy(p + 8, speech->mac.octet, 6);
	if (speech->what != PROVIDER_PROBES)
		put_pa(p + 14, &speech->pa);
	if (answers)
		memcpy(p + 18, speech->to.octet, 6);
	put_pa(p + 24, answers || asks ? &speech->other : &speech->pa);
	provider_frame_send(call, frame, &to);
}
