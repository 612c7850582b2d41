// SPDX-License-Identifier: Apache-2.0
/*
 * guard.c: who a frame claims to be. The customer-address guard of admit asks
 * the translate class whether policy lets the source send (design 8); the
 * provider guard keeps pass-through frames from posing as the provider side.
 *
 * Claims come from the IP source, the ARP sender and the addresses in
 * neighbour discovery: what other hosts would believe, nothing else.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/walk.h"

#define ND_OPTION_SOURCE 1u
#define ND_OPTION_TARGET 2u

static struct vs_mac source_mac(const struct vs_view *view)
{
	struct vs_mac mac;

	memcpy(mac.octet, view->data + 6, sizeof(mac.octet));
	return mac;
}

/* 0.0.0.0 and :: claim nothing. Whose fe80::/10 are is policy's to know: one
 * of them is the gateway. */
static bool is_claim(const struct vs_ip *ip)
{
	if (vs_ip_is_v4(ip))
		return vs_load32(ip->octet + 12) != 0;
	return !vs_ip_is_unspecified(ip);
}

/* Written in place: a copy of an address just built stalls the load. */
static void claim_v4(struct vs_claim *claim, const uint8_t *bytes)
{
	memset(claim->ip.octet, 0, 10);
	memset(claim->ip.octet + 10, 0xff, 2);
	memcpy(claim->ip.octet + 12, bytes, 4);
}

static void claim_v6(struct vs_claim *claim, const uint8_t *bytes)
{
	memcpy(claim->ip.octet, bytes, sizeof(claim->ip.octet));
}

static bool may_claim(struct vs_worker *worker, struct vs_claim *claim,
		      enum vs_claim_kind kind)
{
	struct guard_memo *memo = &worker->run.claimed;

	claim->kind = (uint8_t)(is_claim(&claim->ip) ? kind : VS_CLAIM_NONE);
	memo->may = stack_may_send(worker, claim);
	memo->claim = *claim;
	memo->ipv4 = false;
	return memo->may;
}

/* The source of an IPv4 frame, the one of the last IPv4 frame in the burst. */
static bool asked_before(const struct guard_memo *memo,
			 const struct vs_view *view)
{
	return memo->ipv4 && view->flags & VS_FRAME_IPV4 &&
	       vs_vsid_equal(memo->claim.vsid, view->vsid) &&
	       memcmp(memo->claim.mac.octet, view->data + 6, 6) == 0 &&
	       memcmp(memo->claim.ip.octet + 12, view->data + view->l3 + 12,
		      4) == 0;
}

static uint16_t judge_arp(struct vs_worker *worker, const struct vs_view *view,
			  struct vs_claim *claim)
{
	const uint8_t *arp = view->data + view->l3;

	if (!(view->flags & VS_FRAME_ARP) ||
	    memcmp(arp + 8, view->data + 6, 6) != 0)
		return VS_REASON_ARP_SPOOF;
	claim_v4(claim, arp + 14);
	return may_claim(worker, claim, VS_CLAIM_ARP) ? VS_REASON_NONE
						      : VS_REASON_ARP_SPOOF;
}

/* Bytes before the options, by ICMPv6 type (RFC 4861 4.1 to 4.5). */
static uint32_t nd_fixed_size(uint8_t type)
{
	switch (type) {
	case VS_ND_ROUTER_SOLICIT:
		return 8;
	case VS_ND_ROUTER_ADVERT:
		return 16;
	case VS_ND_REDIRECT:
		return 40;
	default:
		return 24;
	}
}

/* Every link-layer address option that speaks for the sender must be the
 * Ethernet source. */
static bool nd_options_honest(const struct vs_view *view, uint8_t type)
{
	uint8_t kind =
		type == VS_ND_ADVERT ? ND_OPTION_TARGET : ND_OPTION_SOURCE;
	uint32_t at = view->l4 + nd_fixed_size(type);

	if (at > view->size)
		return false;
	while (view->size - at >= 8) {
		const uint8_t *option = view->data + at;
		uint32_t size = option[1] * 8u;

		if (!size || size > view->size - at)
			return false;
		if (option[0] == kind && type != VS_ND_REDIRECT &&
		    memcmp(option + 2, view->data + 6, 6) != 0)
			return false;
		at += size;
	}
	return true;
}

/* Router advertisements and redirects bend the way of everybody on the link. */
static uint16_t judge_router(struct vs_worker *worker, struct vs_claim *claim)
{
	claim->kind = VS_CLAIM_ROUTER;
	worker->run.claimed.ipv4 = false;
	return stack_may_send(worker, claim) ? VS_REASON_NONE
					     : VS_REASON_RA_GUARD;
}

/* RFC 6980: neighbour discovery is never fragmented. Policy learns a source
 * from honest ones only. */
static bool nd_is_honest(const struct vs_view *view)
{
	return !(view->flags & VS_FRAME_FRAGMENT) &&
	       nd_options_honest(view, view->data[view->l4]);
}

static uint16_t judge_nd(struct vs_worker *worker, const struct vs_view *view,
			 struct vs_claim *claim)
{
	uint8_t type = view->data[view->l4];

	if (!nd_is_honest(view))
		return VS_REASON_ND_SPOOF;
	if (type == VS_ND_ROUTER_ADVERT || type == VS_ND_REDIRECT)
		return judge_router(worker, claim);
	if (type != VS_ND_ADVERT)
		return VS_REASON_NONE;
	claim_v6(claim, view->data + view->l4 + 8);
	if (vs_ip_is_v4(&claim->ip)) /* mapped */
		return VS_REASON_ND_SPOOF;
	return may_claim(worker, claim, VS_CLAIM_ND) ? VS_REASON_NONE
						     : VS_REASON_ND_SPOOF;
}

/* Apart, so that guard_judge needs no stack. */
static __attribute__((noinline)) uint16_t judge_anew(struct vs_worker *worker,
						     const struct vs_view *view)
{
	struct guard_memo *memo = &worker->run.claimed;
	struct vs_claim claim;
	enum vs_claim_kind kind;
	bool may;

	if (!worker->snapshot->translate ||
	    !worker->snapshot->translate->ext->translate->may_send)
		return VS_REASON_NONE;
	claim.vsid = view->vsid;
	claim.mac = source_mac(view);
	claim.reserved = 0;
	if (view->ether_type == VS_TYPE_ARP)
		return judge_arp(worker, view, &claim);
	if (view->flags & VS_FRAME_IPV4)
		claim_v4(&claim, view->data + view->l3 + 12);
	else if (view->flags & VS_FRAME_IPV6)
		claim_v6(&claim, view->data + view->l3 + 8);
	else
		memset(&claim.ip, 0, sizeof(claim.ip));
	kind = view->flags & VS_FRAME_ND && nd_is_honest(view) ? VS_CLAIM_ND
							       : VS_CLAIM_IP;
	may = may_claim(worker, &claim, kind);
	memo->ipv4 = (view->flags & VS_FRAME_IPV4) != 0;
	if (!may)
		return VS_REASON_CA_SPOOF;
	if (view->flags & VS_FRAME_ND)
		return judge_nd(worker, view, &claim);
	return VS_REASON_NONE;
}

uint16_t guard_judge(struct vs_worker *worker, const struct vs_packet *packet)
{
	const struct guard_memo *memo = &worker->run.claimed;

	if (asked_before(memo, &packet->view))
		return memo->may ? VS_REASON_NONE : VS_REASON_CA_SPOOF;
	return judge_anew(worker, &packet->view);
}

/* -- the provider guard -----------------------------------------------------
 */

static bool provider_ip(const struct vs_stack_member *translate,
			const struct vs_ip *ip)
{
	return translate->ext->translate->is_provider_ip &&
	       translate->ext->translate->is_provider_ip(translate->state, ip);
}

static bool provider_mac(const struct vs_stack_member *translate,
			 const uint8_t *octets)
{
	struct vs_mac mac;

	memcpy(mac.octet, octets, sizeof(mac.octet));
	return translate->ext->translate->is_provider_mac &&
	       translate->ext->translate->is_provider_mac(translate->state,
							  &mac);
}

/* NVGRE or VXLAN, as far as this fragment tells; what hides it is one. */
static bool is_tunnel(const struct vs_view *view)
{
	const uint8_t *l4 = view->data + view->l4;

	if (view->protocol != VS_IP_GRE && view->protocol != VS_IP_UDP)
		return false;
	if (view->flags & VS_FRAME_LATER)
		return false;
	if (view->l4 == VS_ABSENT || view->size - view->l4 < 4)
		return true;
	return view->protocol == VS_IP_GRE ? vs_load16(l4 + 2) == VS_TYPE_TEB
					   : vs_load16(l4 + 2) == VS_UDP_VXLAN;
}

static bool claims_provider_ip(const struct vs_stack_member *translate,
			       const struct vs_view *view)
{
	const uint8_t *l3 = view->data + view->l3;
	struct vs_ip ip;

	if (view->flags & VS_FRAME_ARP) {
		ip = vs_ip_from_v4(l3 + 14);
		return provider_ip(translate, &ip) ||
		       provider_mac(translate, l3 + 8);
	}
	if (view->flags & VS_FRAME_IPV4) {
		ip = vs_ip_from_v4(l3 + 12);
		return provider_ip(translate, &ip);
	}
	if (!(view->flags & VS_FRAME_IPV6))
		return false;
	ip = vs_ip_from_v6(l3 + 8);
	if (provider_ip(translate, &ip))
		return true;
	if (!(view->flags & VS_FRAME_ND) ||
	    view->data[view->l4] != VS_ND_ADVERT ||
	    view->size - view->l4 < nd_fixed_size(VS_ND_ADVERT))
		return false;
	ip = vs_ip_from_v6(view->data + view->l4 + 8);
	return provider_ip(translate, &ip);
}

bool guard_poses_as_provider(const struct vs_snapshot *snapshot,
			     const struct vs_packet *packet)
{
	const struct vs_stack_member *translate = snapshot->translate;
	const struct vs_view *view = &packet->view;

	if (!translate)
		return false;
	/* more tags than were looked behind, or an ARP that was not read */
	if (view->ether_type == VS_TYPE_VLAN ||
	    view->ether_type == VS_TYPE_QINQ ||
	    (view->ether_type == VS_TYPE_ARP && !(view->flags & VS_FRAME_ARP)))
		return true;
	return provider_mac(translate, view->data + 6) ||
	       claims_provider_ip(translate, view) || is_tunnel(view);
}
