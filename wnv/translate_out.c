/* SPDX-License-Identifier: Apache-2.0 */
/*
 * translate_out.c: what becomes of a customer frame at the wire: answered
 * here, sent to the host that has the destination, copied to all that have
 * the VSID, sent back in, kept, or dropped by name.
 *
 * Before it: deliver (core). After it: outbound.c writes the recipes.
 */
#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "inner.h"
#include "neighbour.h"
#include "outbound.h"
#include "translate.h"

#define ICMP_ECHO  8u
#define ICMP6_ECHO 128u

/* -- one destination ------------------------------------------------------- */

/* May it be answered? If not, it is dropped. */
static bool may_answer(struct outbound *out)
{
	outbound_drop(out, WNV_PUNT_RATE);
	return shard_punt(out->call, out->view->port);
}

static void out_answered(struct outbound *out, bool sent, enum vs_consumer what)
{
	if (sent)
		outbound_consume(out, what);
	else
		outbound_drop(out, WNV_ANSWER_LOST);
}

/*
 * A frame for the gateway's MAC whose destination is a neighbour on this very
 * host: the gateway hands it on, in at admit, with the neighbour's MAC.
 */
static void send_local(struct outbound *out, const struct wnv_record *record)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);

	if (!vs_mac_equal(&target, &out->subnet->gateway_mac)) {
		outbound_drop(out, WNV_LOCAL_ONLY);
		return;
	}
	out->action = OUTBOUND_REFLECT;
	memcpy(out->header, record->mac.octet, 6);
	memcpy(out->header + 6, out->subnet->gateway_mac.octet, 6);
	memcpy(out->header + 12, out->view->data + 12, 2);
}

static void trace_record(const struct outbound *out,
			 const struct wnv_record *record)
{
	char ca[VS_IP_TEXT], pa[VS_IP_TEXT], text[128];

	snprintf(text, sizeof(text), "record %s in %u: pa %s",
		 vs_ip_format(&record->ca.ip, ca), record->vsid.value,
		 wnv_pa_is_set(&record->pa) ? vs_ip_format(&record->pa.ip, pa)
					    : "none");
	out->call->host->trace(out->call, text);
}

static void send_to(struct outbound *out, const struct wnv_record *record)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);

	if (out->call->tracing)
		trace_record(out, record);
	if (record->flags & WNV_RECORD_LOCAL) {
		send_local(out, record);
		return;
	}
	if (record->rule == WNV_RULE_NONE) {
		outbound_drop(out, WNV_RULE_NONE_REMOTE);
		return;
	}
	if (!(record->flags & WNV_RECORD_USABLE) || record->peer == WNV_NONE) {
		outbound_drop(out, WNV_RECORD_UNUSABLE);
		return;
	}
	/* A5.6: found by address; the MAC follows the record (A5.7). */
	if (!vs_mac_equal(&target, &record->mac))
		out->target_mac = &record->mac;
	outbound_unicast(out, record);
}

static void send_by_mac(struct outbound *out)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);
	const struct wnv_record *record =
		wnv_record_by_mac(out->state, out->subnet->vsid, &target);

	if (record)
		send_to(out, record);
	else
		outbound_drop(out, WNV_NO_LOOKUP_RECORD);
}

/*
 * A CA without a record: what is on our link is unknown; what a customer
 * route leads to a neighbour goes to that neighbour, if the frame is addressed
 * to it; the rest would have to be routed.
 */
static void send_beyond(struct outbound *out, const struct wnv_ca *ca)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);
	const struct wnv_record *record = NULL;
	const struct wnv_route *route;

	if (wnv_subnet_holds(out->subnet, ca)) {
		outbound_drop(out, WNV_NO_LOOKUP_RECORD);
		return;
	}
	route = wnv_route_find(out->state, out->subnet->network, ca);
	if (!route) {
		outbound_drop(out, WNV_NO_ROUTE);
		return;
	}
	if (!route->on_link && vs_vsid_equal(route->vsid, out->subnet->vsid))
		record = wnv_record_find(out->state, route->vsid,
					 &route->next_hop);
	if (record && vs_mac_equal(&record->mac, &target))
		send_to(out, record);
	else
		outbound_drop(out, WNV_NOT_ROUTED);
}

/* A CA that nobody is known to have, at a MAC whose CA nobody knows: a DHCP
 * server's offer is addressed like that (A7.12). */
static const struct wnv_record *l2only_target(const struct outbound *out)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);

	return wnv_l2only_find(out->state, out->subnet->vsid, &target);
}

static void send_to_ca(struct outbound *out, const struct wnv_ca *ca)
{
	const struct wnv_record *record = out->before.record;

	if (!record || !wnv_ca_equal(&record->ca, ca) ||
	    !vs_vsid_equal(record->vsid, out->subnet->vsid))
		record = wnv_record_find(out->state, out->subnet->vsid, ca);
	out->before.record = record;
	if (!record)
		record = l2only_target(out);
	if (record)
		send_to(out, record);
	else if (wnv_is_link_local6(&ca->ip))
		send_by_mac(out);
	else
		send_beyond(out, ca);
}

/* -- what is answered here ------------------------------------------------- */

static void to_gateway(struct outbound *out)
{
	const struct vs_view *view = out->view;
	uint8_t echo = view->flags & VS_FRAME_IPV6 ? ICMP6_ECHO : ICMP_ECHO;
	uint8_t icmp = view->flags & VS_FRAME_IPV6 ? VS_IP_ICMP6 : VS_IP_ICMP;

	if (view->protocol != icmp || view->l4 == VS_ABSENT ||
	    view->flags & VS_FRAME_FRAGMENT || view->data[view->l4] != echo ||
	    !vs_frame_at(out->frame, view->l4, 8))
		outbound_drop(out, WNV_GATEWAY_SERVICE);
	else if (may_answer(out))
		out_answered(out, answer_echo(out->call, out->frame),
			     VS_CONSUMED_GATEWAY_ECHO);
}

static void neighbour_out(struct outbound *out, bool arp)
{
	enum vs_consumer what =
		arp ? VS_CONSUMED_ARP_PROXY : VS_CONSUMED_ND_PROXY;
	struct answer_as as;

	switch ((arp ? neighbour_arp : neighbour_nd)(out->state, out->subnet,
						     out->frame, &as)) {
	case NEIGHBOUR_ANSWER:
		if (may_answer(out))
			out_answered(out,
				     (arp ? answer_arp : answer_nd)(
					     out->call, out->frame, &as),
				     what);
		break;
	case NEIGHBOUR_SILENT:
		outbound_consume(out, what);
		break;
	case NEIGHBOUR_FORWARD:
		send_to_ca(out, &as.ca);
		break;
	case NEIGHBOUR_REPLICATE:
		outbound_replicate(out);
		break;
	case NEIGHBOUR_SEEK:
		outbound_seek(out);
		break;
	default:
		outbound_drop(out, WNV_INNER_BAD_IP);
		break;
	}
}

/* -- one frame ------------------------------------------------------------- */

static void ip_out(struct outbound *out)
{
	const uint8_t *ip = out->view->data + out->view->l3;
	struct wnv_ca target;

	if (out->view->flags & VS_FRAME_GROUP) {
		outbound_replicate(out);
		return;
	}
	target.ip = out->view->flags & VS_FRAME_IPV6 ? vs_ip_from_v6(ip + 24)
						     : vs_ip_from_v4(ip + 16);
	if (wnv_subnet_is_gateway(out->subnet, &target))
		to_gateway(out);
	else
		send_to_ca(out, &target);
}

static void l2_out(struct outbound *out)
{
	if (!out->subnet->l2)
		outbound_drop(out, WNV_NON_IP);
	else if (out->view->flags & VS_FRAME_GROUP)
		outbound_replicate(out);
	else
		send_by_mac(out);
}

static bool is_ip_type(const struct vs_view *view)
{
	return view->ether_type == VS_TYPE_IPV4 ||
	       view->ether_type == VS_TYPE_IPV6 ||
	       view->ether_type == VS_TYPE_ARP;
}

static void decide(struct outbound *out)
{
	const struct vs_view *view = out->view;
	struct vs_mac target = vs_frame_target_mac(out->frame);

	out->subnet = out->before.subnet;
	if (!out->subnet || !vs_vsid_equal(out->subnet->vsid, view->vsid))
		out->subnet = wnv_subnet_find(out->state, view->vsid);
	out->before.subnet = out->subnet;
	if (!out->subnet)
		outbound_drop(out, WNV_VSID_UNKNOWN);
	else if (wnv_mac_is_link_local(&target))
		outbound_drop(out, WNV_LINK_LOCAL_MCAST);
	else if (view->tags)
		outbound_drop(out, WNV_INNER_VLAN);
	else if (view->flags & (VS_FRAME_BAD_IP | VS_FRAME_MAPPED_V6))
		outbound_drop(out, WNV_INNER_BAD_IP);
	else if (view->flags & VS_FRAME_ARP)
		neighbour_out(out, true);
	else if (view->flags & VS_FRAME_ND)
		neighbour_out(out, false);
	else if (view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6))
		ip_out(out);
	else if (is_ip_type(view))
		outbound_drop(out, WNV_INNER_BAD_IP);
	else
		l2_out(out);
}

/* The next frame of a burst; what its answer needs is set with the answer. */
static void translate(struct outbound *out, const struct vs_frame *frame)
{
	out->frame = frame;
	out->view = vs_view(frame);
	out->target_mac = NULL;
	out->gso_size = 0;
	out->tally = 0;
	outbound_drop(out, WNV_VSID_UNKNOWN);
	if (out->state)
		decide(out);
}

/* A frame for one peer that is dropped shows there as well. */
static void tally_dropped(const struct outbound *out)
{
	if (out->tally)
		tally_drop(out->call,
			   wnv_shard_of(out->call)->provider->tallies,
			   out->tally);
}

static void to_wire(struct outbound *out, struct vs_outbound *outbound)
{
	const struct vs_call *call = out->call;

	translate(out, vs_outbound_frame(outbound));
	if (out->action == OUTBOUND_WAIT) {
		if (call->tracing)
			outbound_drop(out, WNV_PA_UNRESOLVED);
		else if (!wnv_hold_put(call, wnv_shard_of(call)->holds,
				       outbound, &out->hop, out->tally))
			outbound_drop(out, WNV_HOLD_FULL);
	}
	if (out->action == OUTBOUND_REFLECT &&
	    call->host->reflect(call, outbound, out->subnet->vsid, out->header,
				sizeof(out->header)) != 0)
		outbound_drop(out, WNV_LOCAL_ONLY);
	if (out->action == OUTBOUND_DROP) {
		tally_dropped(out);
		vs_outbound_drop(outbound, VS_REASON(out->reason));
	} else if (out->action == OUTBOUND_CONSUME) {
		vs_outbound_consume(outbound, out->what);
	}
}

void translate_out(const struct vs_call *call, struct vs_outbound_burst *burst)
{
	struct outbound out = {.call = call,
			       .state = wnv_state_of(call->state)};
	struct vs_outbound *outbound;

	VS_FOR_EACH (outbound, burst)
		to_wire(&out, outbound);
}

void translate_resume(const struct vs_call *call, const struct vs_frame *frame)
{
	struct outbound out = {.call = call,
			       .state = wnv_state_of(call->state)};

	translate(&out, frame);
	if (out.action == OUTBOUND_SENT) {
		call->host->release(call, frame, VS_SENT, 0);
		return;
	}
	/* Policy changed while it waited: it can't be answered or reflected
	 * any more, and it does not wait twice. */
	if (out.action == OUTBOUND_WAIT)
		out.reason = WNV_PA_UNRESOLVED;
	else if (out.action != OUTBOUND_DROP)
		out.reason = WNV_POLICY_CHANGED;
	tally_dropped(&out);
	call->host->release(call, frame, VS_DROP, VS_REASON(out.reason));
}
