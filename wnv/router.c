/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router.c: the decision of router.h.
 */
#include "router.h"

#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "icmp.h"
#include "mtu.h"
#include "routes.h"
#include "sought.h"

#define ICMP_ECHO  8u
#define ICMP6_ECHO 128u

bool router_addressed(const struct outbound *out)
{
	return out->subnet->gateway_count &&
	       memcmp(out->view->data, out->subnet->gateway_mac.octet, 6) == 0;
}

bool router_speaker(const struct outbound *out, struct answer_as *as)
{
	bool ipv6 = out->view->flags & VS_FRAME_IPV6, found = false;
	const struct wnv_ca *gateway;
	uint16_t i;

	for (i = 0; i < out->subnet->gateway_count; i++) {
		gateway = &out->subnet->gateways[i];
		if (vs_ip_is_v4(&gateway->ip) == ipv6)
			continue;
		*as = (struct answer_as){.mac = out->subnet->gateway_mac,
					 .ca = *gateway};
		found = true;
		if (!wnv_is_link_local6(&gateway->ip))
			break;
	}
	return found;
}

/* -- what can't be forwarded ----------------------------------------------- */

/* Dropped under its name; or the sender is told, and that is where it ends.
 * Nobody is told about a frame that was routed already. */
static void refuse(struct outbound *out, enum wnv_reason reason,
		   enum icmp_kind kind)
{
	const struct vs_view *view = out->view;
	struct answer_as as;

	outbound_drop(out, reason);
	if (!view->port.value || view->flags & VS_FRAME_REFLECTED ||
	    !icmp_may_answer(view) || !router_speaker(out, &as) ||
	    !shard_punt(out->call, view->port))
		return;
	if (icmp_error(out->call, out->frame, &as, kind, 0))
		outbound_consume(out, kind == ICMP_TIME_EXCEEDED
					      ? VS_CONSUMED_TIME_EXCEEDED
					      : VS_CONSUMED_UNREACHABLE);
}

void router_serve(struct outbound *out)
{
	const struct vs_view *view = out->view;
	uint8_t echo = view->flags & VS_FRAME_IPV6 ? ICMP6_ECHO : ICMP_ECHO;
	uint8_t icmp = view->flags & VS_FRAME_IPV6 ? VS_IP_ICMP6 : VS_IP_ICMP;

	if (view->protocol != icmp || view->l4 == VS_ABSENT ||
	    view->flags & VS_FRAME_FRAGMENT || view->data[view->l4] != echo ||
	    !vs_frame_at(out->frame, view->l4, 8))
		outbound_drop(out, WNV_GATEWAY_SERVICE);
	else if (outbound_may_answer(out))
		outbound_answered(out, answer_echo(out->call, out->frame),
				  VS_CONSUMED_GATEWAY_ECHO);
}

/* -- the header ------------------------------------------------------------ */

static uint8_t *ttl_of(uint8_t *ip)
{
	return ip[0] >> 4 == 6 ? ip + 7 : ip + 8;
}

uint32_t router_header_size(const struct vs_view *view)
{
	return view->l3 + (view->flags & VS_FRAME_IPV6
				   ? VS_IPV6_SIZE
				   : (view->data[view->l3] & 15u) * 4);
}

void router_rewrite(const struct outbound *out, uint8_t *bytes)
{
	uint8_t *ip = bytes + out->view->l3;
	uint64_t before = vs_load16(ip + 8);

	memcpy(bytes, out->target_mac->octet, 6);
	memcpy(bytes + 6, out->into->gateway_mac.octet, 6);
	(*ttl_of(ip))--;
	if (ip[0] >> 4 == 4)
		vs_store16(ip + 10,
			   vs_checksum_update(vs_load16(ip + 10), before,
					      vs_load16(ip + 8)));
}

/* -- to a VM of this host -------------------------------------------------- */

/* One piece: `head` instead of the frame's front, then a slice of it; in at
 * admit. */
static bool emit_piece(const struct outbound *out,
		       const struct mtu_fragment *piece,
		       const struct vs_offload *offload)
{
	const struct vs_host *host = out->call->host;
	struct vs_frame *copy = host->frame_copy(out->call, out->frame);
	uint32_t size = piece->head_size + piece->size;
	uint8_t *bytes;

	if (!copy)
		return false;
	bytes = vs_frame_edit(copy, 0, size);
	if (!bytes) {
		host->frame_free(out->call, copy);
		return false;
	}
	memcpy(bytes, piece->head, piece->head_size);
	memcpy(bytes + piece->head_size, out->view->data + piece->offset,
	       piece->size);
	router_rewrite(out, bytes);
	vs_frame_resize(copy, size);
	vs_frame_set_offload(copy, offload);
	vs_frame_set_vsid(copy, out->into->vsid);
	return host->emit(out->call, copy, VS_EMIT_ADMIT,
			  (struct vs_port_id){0}, (struct vs_port_id){0}) == 0;
}

/* The destination's subnet has a smaller MTU: fragments, or a super-frame that
 * is to be cut smaller. */
static bool reflect_cut(const struct outbound *out)
{
	struct vs_offload offload = {.csum_start = VS_ABSENT};
	struct mtu_fragment piece;
	struct mtu_cutter cutter;
	bool sent = false;

	if (out->judgement == MTU_FITS) {
		piece.head_size = (uint16_t)router_header_size(out->view);
		piece.offset = piece.head_size;
		piece.size = out->view->size - piece.head_size;
		memcpy(piece.head, out->view->data, piece.head_size);
		offload = out->view->offload;
		offload.gso_size = out->gso_size;
		return emit_piece(out, &piece, &offload);
	}
	if (!mtu_cut_begin(&cutter, out->view, out->mtu))
		return false;
	while (mtu_cut_next(&cutter, &piece))
		if (emit_piece(out, &piece, &offload))
			sent = true;
	return sent;
}

static void reflect_routed(struct outbound *out)
{
	const struct vs_view *view = out->view;
	uint32_t size = router_header_size(view);
	uint32_t mss;

	if (view->flags & VS_FRAME_REFLECTED) { /* the host counts the loop */
		out->action = OUTBOUND_REFLECT;
		return;
	}
	if (!outbound_fits(out))
		return;
	if (out->judgement == MTU_FRAGMENT ||
	    out->gso_size != view->offload.gso_size) {
		outbound_answered(out, reflect_cut(out), VS_CONSUMED_REFLECTED);
		return;
	}
	mss = outbound_mss(out, sizeof(out->header));
	out->header_size = (uint16_t)(mss ? view->payload : size);
	memcpy(out->header, view->data, out->header_size);
	outbound_clamp(out, out->header, mss);
	router_rewrite(out, out->header);
	out->action = OUTBOUND_REFLECT;
}

/* -- the decision ---------------------------------------------------------- */

static void trace_passage(const struct outbound *out,
			  const struct wnv_passage *passage)
{
	static const char *const words[] = {
		[WNV_WAY_NONE] = "no route covers the destination",
		[WNV_WAY_UNKNOWN] = "the destination has no record",
		[WNV_WAY_NO_HOP] = "no next hop has a usable record",
		[WNV_WAY_GATEWAY] = "the destination is a gateway",
	};
	char hop[VS_IP_TEXT], prefix[VS_PREFIX_TEXT], text[192];

	if (passage->way == WNV_WAY_VIA)
		snprintf(text, sizeof(text),
			 "route %s via %s, metric %u: VSID %u to %u",
			 vs_prefix_format(&passage->route->prefix, prefix),
			 vs_ip_format(&passage->record->ca.ip, hop),
			 passage->route->metric, out->subnet->vsid.value,
			 passage->subnet->vsid.value);
	else if (passage->way == WNV_WAY_RECORD)
		snprintf(text, sizeof(text), "route %s on-link: VSID %u to %u",
			 vs_prefix_format(&passage->route->prefix, prefix),
			 out->subnet->vsid.value, passage->subnet->vsid.value);
	else if (passage->way == WNV_WAY_OUTSIDE)
		snprintf(text, sizeof(text),
			 "no route: to the gateway %s, VSID %u to %u",
			 vs_mac_format(&passage->record->mac, hop),
			 out->subnet->vsid.value, passage->subnet->vsid.value);
	else
		snprintf(text, sizeof(text), "gateway: %s",
			 words[passage->way]);
	out->call->host->trace(out->call, text);
}

/* Link-local addresses hold on their link only (RFC 4291 2.5.6, RFC 3927). */
static bool source_is_routable(const struct outbound *out)
{
	const uint8_t *ip = out->view->data + out->view->l3;
	struct vs_ip source = out->view->flags & VS_FRAME_IPV6
				      ? vs_ip_from_v6(ip + 8)
				      : vs_ip_from_v4(ip + 12);

	return !vs_ip_is_link_local(&source) && !vs_ip_is_unspecified(&source);
}

/* Into another subnet of the domain. */
static void cross(struct outbound *out, const struct wnv_record *record)
{
	uint8_t ttl =
		out->view->data[out->view->l3 +
				(out->view->flags & VS_FRAME_IPV6 ? 7 : 8)];

	if (!source_is_routable(out)) {
		refuse(out, WNV_LINK_LOCAL_SOURCE, ICMP_BEYOND_SCOPE);
		return;
	}
	if (ttl <= 1) {
		refuse(out, WNV_TTL_EXPIRED, ICMP_TIME_EXCEEDED);
		return;
	}
	out->routed = true;
	out->target_mac = &record->mac;
	if (out->into->mtu < out->mtu)
		out->mtu = out->into->mtu;
	if (record->flags & WNV_RECORD_LOCAL)
		reflect_routed(out);
	else if (record->rule == WNV_RULE_NONE)
		refuse(out, WNV_RULE_NONE_REMOTE, ICMP_NO_HOST);
	else if (!(record->flags & WNV_RECORD_USABLE) ||
		 record->peer == WNV_NONE)
		refuse(out, WNV_RECORD_UNUSABLE, ICMP_NO_HOST);
	else
		outbound_unicast(out, record);
}

bool router_remembers(const struct outbound *out, const struct wnv_ca *ca)
{
	return out->before.routed_from == out->subnet &&
	       wnv_ca_equal(&out->before.routed_to, ca);
}

static const struct wnv_passage *passage_of(struct outbound *out,
					    const struct wnv_ca *ca)
{
	struct outbound_before *before = &out->before;

	if (!router_remembers(out, ca)) {
		wnv_passage_find(out->state, out->subnet->network, ca,
				 out->call->now_ns, &before->passage);
		before->routed_from = out->subnet;
		before->routed_to = *ca;
	}
	return &before->passage;
}

/* In a subnet, without a record: the packet is lost, perhaps not the next. */
static void seek(struct outbound *out, const struct wnv_ca *ca,
		 const struct wnv_route *on_link)
{
	const struct wnv_subnet *subnet =
		wnv_subnet_find(out->state, on_link->vsid);

	if (subnet && sought_begin(out->call, subnet, ca))
		outbound_drop(out, WNV_CA_SOUGHT);
	else
		refuse(out, WNV_NO_LOOKUP_RECORD, ICMP_NO_HOST);
}

void router_forward(struct outbound *out, const struct wnv_ca *ca)
{
	const struct wnv_passage *passage;

	if (wnv_ip_is_martian(&ca->ip) || vs_ip_is_link_local(&ca->ip)) {
		outbound_drop(out, WNV_NO_ROUTE);
		return;
	}
	passage = passage_of(out, ca);
	if (out->call->tracing)
		trace_passage(out, passage);
	switch (passage->way) {
	case WNV_WAY_GATEWAY:
		router_serve(out);
		break;
	case WNV_WAY_UNKNOWN:
		seek(out, ca, passage->route);
		break;
	case WNV_WAY_NO_HOP:
		refuse(out, WNV_NEXT_HOP_UNUSABLE, ICMP_NO_ROUTE);
		break;
	case WNV_WAY_NONE:
		refuse(out, WNV_NO_ROUTE, ICMP_NO_ROUTE);
		break;
	default:
		out->into = passage->subnet;
		/* a next hop beside the sender: not routed, handed on */
		if (out->into == out->subnet)
			outbound_hand_on(out, passage->record);
		else
			cross(out, passage->record);
		break;
	}
}
