/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_nd.c: neighbour discovery of the provider side, read and written
 * (provider_message.h). Knows no policy. Of router discovery nothing is read:
 * an advertisement from the fabric changes nothing here.
 *
 * Before it: provider_hear.c; provider_say. After it: provider_hear.c; the
 * uplink.
 */
#include "provider_message.h"

#include <string.h>

#include <vswitch/wire.h>

#define HOPS	      255u /* RFC 4861 7.1: it never crossed a router */
#define FIXED	      24u  /* of solicitation and advertisement, with target */
#define OPTION	      8u   /* a link-layer address option of Ethernet */
#define OPTION_SOURCE 1u
#define OPTION_TARGET 2u
#define SOLICITED     0x40u
#define OVERRIDE      0x20u

/* -- in --------------------------------------------------------------------
 */

/* An address that may be compared with a PA: mapped IPv4 is none. */
static struct wnv_pa pa_at(const uint8_t *bytes)
{
	struct wnv_pa pa = {vs_ip_from_v6(bytes)};

	if (vs_ip_is_v4(&pa.ip))
		memset(&pa, 0, sizeof(pa));
	return pa;
}

/* The options (RFC 4861 4.6): false if one has no size, or too much. */
static bool read_options(const uint8_t *at, uint32_t size, uint8_t wanted,
			 struct vs_mac *mac)
{
	while (size) {
		uint32_t step = size < 2 ? 0 : at[1] * 8u;

		if (!step || step > size)
			return false;
		if (at[0] == wanted && step == OPTION)
			memcpy(mac->octet, at + 2, 6);
		at += step;
		size -= step;
	}
	return true;
}

/* RFC 4861 7.1.1, 7.1.2, as far as one family of messages has them all. */
static bool is_sound(const struct provider_frame *frame, uint32_t size)
{
	const uint8_t *ip = frame->bytes + frame->l3;
	const uint8_t *icmp = ip + VS_IPV6_SIZE;

	return ip[7] == HOPS && icmp[1] == 0 && size >= FIXED &&
	       (frame->open_sum ||
		vs_checksum(vs_sum(vs_sum_pseudo(ip, VS_IP_ICMP6, size), icmp,
				   size)) == 0);
}

/* ff02::1:ffXX:XXXX of the target, RFC 4291 2.7.1. */
static bool is_solicited_node(const uint8_t *group, const uint8_t *target)
{
	static const uint8_t prefix[13] = {0xff, 2, [11] = 1, [12] = 0xff};

	return memcmp(group, prefix, sizeof(prefix)) == 0 &&
	       memcmp(group + 13, target + 13, 3) == 0;
}

static bool read_solicit(const uint8_t *ip, uint32_t size,
			 struct provider_message *message)
{
	const uint8_t *icmp = ip + VS_IPV6_SIZE;
	struct vs_ip source = vs_ip_from_v6(ip + 8);
	bool probes = vs_ip_is_unspecified(&source);

	if (!read_options(icmp + FIXED, size - FIXED, OPTION_SOURCE,
			  &message->mac))
		return false;
	message->overrides = true; /* 7.2.3: update, and make sure */
	if (!probes) {
		message->subject = pa_at(ip + 8);
		return !vs_ip_is_group(&source);
	}
	return is_solicited_node(ip + 24, icmp + 8) &&
	       vs_mac_is_zero(&message->mac);
}

static bool read_advert(const uint8_t *ip, uint32_t size,
			struct provider_message *message)
{
	const uint8_t *icmp = ip + VS_IPV6_SIZE;

	message->subject = pa_at(icmp + 8);
	message->solicited = icmp[4] & SOLICITED;
	message->overrides = icmp[4] & OVERRIDE;
	return read_options(icmp + FIXED, size - FIXED, OPTION_TARGET,
			    &message->mac) &&
	       !(ip[24] == 0xff && message->solicited);
}

enum provider_reading provider_nd_read(const struct provider_frame *frame,
				       struct provider_message *message)
{
	const uint8_t *ip = frame->bytes + frame->l3;
	const uint8_t *icmp = ip + VS_IPV6_SIZE;
	uint32_t size = vs_load16(ip + 4);
	uint32_t room = frame->size - frame->l3 - VS_IPV6_SIZE;
	bool asks = icmp[0] == VS_ND_SOLICIT, good;

	*message = (struct provider_message){0};
	memcpy(message->from.octet, frame->bytes + 6, 6);
	if (room < FIXED)
		return PROVIDER_UNREAD;
	if (asks)
		message->asked = pa_at(icmp + 8);
	else
		message->to = pa_at(ip + 24);
	if (size > room || !is_sound(frame, size) || icmp[8] == 0xff)
		return PROVIDER_BROKEN;
	good = asks ? read_solicit(ip, size, message)
		    : read_advert(ip, size, message);
	return good && !vs_mac_is_group(&message->mac) &&
			       !vs_mac_is_group(&message->from)
		       ? PROVIDER_READ
		       : PROVIDER_BROKEN;
}

/* -- out -------------------------------------------------------------------
 */

static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};

/* Where it goes, by address and by MAC (RFC 2464 7). */
static void address_to(const struct provider_speech *speech, uint8_t *target,
		       struct vs_mac *mac)
{
	const struct wnv_pa *wanted =
		speech->what == PROVIDER_PROBES ? &speech->pa : &speech->other;
	bool everybody = speech->what == PROVIDER_ANNOUNCES ||
			 (speech->what == PROVIDER_ANSWERS &&
			  !wnv_pa_is_set(&speech->other));

	if (everybody) {
		memcpy(target, all_nodes, 16);
	} else if (speech->what != PROVIDER_PROBES &&
		   !vs_mac_is_zero(&speech->to)) {
		memcpy(target, speech->other.ip.octet, 16);
		*mac = speech->to;
		return;
	} else {
		memcpy(target, (const uint8_t[13]){0xff, 2, [11] = 1, 0xff},
		       13);
		memcpy(target + 13, wanted->ip.octet + 13, 3);
	}
	*mac = (struct vs_mac){
		{0x33, 0x33, target[12], target[13], target[14], target[15]}};
}

static void write_icmp(const struct provider_speech *speech, uint8_t *icmp)
{
	bool asks = speech->what == PROVIDER_PROBES ||
		    speech->what == PROVIDER_ASKS;

	icmp[0] = asks ? VS_ND_SOLICIT : VS_ND_ADVERT;
	if (!asks)
		icmp[4] = speech->what == PROVIDER_ANSWERS &&
					  wnv_pa_is_set(&speech->other)
				  ? SOLICITED | OVERRIDE
				  : OVERRIDE;
	memcpy(icmp + 8,
	       speech->what == PROVIDER_ASKS ? speech->other.ip.octet
					     : speech->pa.ip.octet,
	       16);
	if (speech->what == PROVIDER_PROBES)
		return; /* 4.3: no source, so no address of it */
	icmp[FIXED] = asks ? OPTION_SOURCE : OPTION_TARGET;
	icmp[FIXED + 1] = 1;
	memcpy(icmp + FIXED + 2, speech->mac.octet, 6);
}

void provider_nd_say(const struct vs_call *call,
		     const struct provider_speech *speech)
{
	uint16_t size =
		speech->what == PROVIDER_PROBES ? FIXED : FIXED + OPTION;
	struct provider_speech to = *speech;
	struct vs_frame *frame;
	uint8_t target[16], *ip;

	address_to(speech, target, &to.to);
	frame = provider_frame_new(call, &to, VS_TYPE_IPV6,
				   VS_IPV6_SIZE + (uint32_t)size, &ip);
	if (!frame)
		return;
	ip[0] = 0x60;
	vs_store16(ip + 4, size);
	ip[6] = VS_IP_ICMP6;
	ip[7] = HOPS;
	if (speech->what != PROVIDER_PROBES)
		memcpy(ip + 8, speech->pa.ip.octet, 16);
	memcpy(ip + 24, target, 16);
	write_icmp(speech, ip + VS_IPV6_SIZE);
	vs_store16(ip + VS_IPV6_SIZE + 2,
		   vs_checksum(vs_sum(vs_sum_pseudo(ip, VS_IP_ICMP6, size),
				      ip + VS_IPV6_SIZE, size)));
	provider_frame_send(call, frame, &to);
}
