/* SPDX-License-Identifier: Apache-2.0 */
/*
 * translate_out.c: what becomes of a customer frame at the wire: answered
 * here, sent to the host that has the destination, copied to all that have
 * the VSID, sent back in, kept, or dropped by name.
 *
 * Before it: deliver (core). After it: outbound.c writes the recipes.
 */
#include <vswitch/wire.h>

#include "guest.h"
#include "inner.h"
#include "learn.h"
#include "neighbour.h"
#include "resolve.h"
#include "router.h"
#include "translate.h"
#include "wildcard.h"

/* -- one destination ------------------------------------------------------- */

static void send_by_mac(struct outbound *out)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);
	const struct wnv_record *record =
		wnv_record_by_mac(out->state, out->subnet->vsid, &target);

	if (record)
		outbound_hand_on(out, record);
	else
		outbound_drop(out, WNV_NO_LOOKUP_RECORD);
}

/* It went to somebody who is no way to there. */
static void drop_beyond(struct outbound *out, const struct wnv_ca *ca,
			enum wnv_reason reason)
{
	guest_sends(out, ca);
	outbound_drop(out, reason);
}

/*
 * A CA without a record, in a frame that is not for the gateway: to whoever
 * forwards for it, if that is a neighbour and the frame is addressed to it.
 */
static void send_beyond(struct outbound *out, const struct wnv_ca *ca)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);
	const struct wnv_record *record;

	if (wnv_subnet_holds(out->subnet, ca)) {
		outbound_drop(out, WNV_NO_LOOKUP_RECORD);
		return;
	}
	if (!wnv_route_find(out->state, out->subnet->network, ca)) {
		drop_beyond(out, ca, WNV_NO_ROUTE);
		return;
	}
	record = wnv_forwarder_find(out->state, out->subnet, ca);
	if (record && vs_vsid_equal(record->vsid, out->subnet->vsid) &&
	    vs_mac_equal(&record->mac, &target))
		outbound_hand_on(out, record);
	else
		drop_beyond(out, ca, WNV_NOT_ROUTED);
}

/* A CA that nobody is known to have, at a MAC whose CA nobody knows: a DHCP
 * server's offer is addressed like that (A7.12). */
static const struct wnv_record *l2only_target(const struct outbound *out)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);

	return wnv_l2only_find(out->state, out->subnet->vsid, &target);
}

/* A CA outside of the network, at the MAC of one who forwards to there. */
static const struct wnv_record *wildcard_target(const struct outbound *out,
						const struct wnv_ca *ca)
{
	struct vs_mac target = vs_frame_target_mac(out->frame);

	return wnv_wildcard_find(out->state, out->subnet, &target, ca);
}

static void send_to_ca(struct outbound *out, const struct wnv_ca *ca)
{
	const struct wnv_record *record = out->before.record;
	bool gateway = router_addressed(out);

	if (gateway && router_remembers(out, ca)) {
		router_forward(out, ca);
		return;
	}
	if (!record || !wnv_ca_equal(&record->ca, ca) ||
	    !vs_vsid_equal(record->vsid, out->subnet->vsid))
		record = wnv_resolve(out->state, out->subnet->vsid, ca,
				     &out->dynamic);
	/* a learned one is gone with the next */
	out->before.record = record != &out->dynamic.record ? record : NULL;
	if (!record && !gateway)
		record = l2only_target(out);
	if (!record)
		record = wildcard_target(out, ca);
	if (record)
		outbound_hand_on(out, record);
	else if (wnv_is_link_local6(&ca->ip) || vs_ip_is_unspecified(&ca->ip))
		send_by_mac(out);
	else if (gateway)
		router_forward(out, ca);
	else
		send_beyond(out, ca);
}

/* -- what is answered here ------------------------------------------------- */

static void neighbour_out(struct outbound *out, bool arp)
{
	enum vs_consumer what =
		arp ? VS_CONSUMED_ARP_PROXY : VS_CONSUMED_ND_PROXY;
	struct answer_as as;

	switch ((arp ? neighbour_arp : neighbour_nd)(
		out->state, out->subnet, out->frame, out->call->now_ns, &as)) {
	case NEIGHBOUR_ANSWER:
		if (outbound_may_answer(out))
			outbound_answered(out,
					  (arp ? answer_arp : answer_nd)(
						  out->call, out->frame, &as),
					  what);
		break;
	case NEIGHBOUR_ADVERTISE:
		if (outbound_may_answer(out))
			outbound_answered(out,
					  advertise_answer(out->call,
							   out->subnet,
							   out->frame),
					  what);
		break;
	case NEIGHBOUR_SILENT:
		outbound_consume(out, what);
		break;
	case NEIGHBOUR_ABSENT:
		outbound_drop(out, WNV_LOCAL_ONLY);
		break;
	case NEIGHBOUR_FORWARD:
		send_to_ca(out, &as.ca);
		break;
	case NEIGHBOUR_REPLICATE:
		outbound_replicate(out);
		break;
	case NEIGHBOUR_SEEK:
		guest_asks(out, &as.ca);
		outbound_seek(out);
		break;
	default:
		outbound_drop(out, WNV_INNER_BAD_IP);
		break;
	}
}

/* -- one frame ------------------------------------------------------------- */

/* DHCP's requests are for all, so they come by here (A7.12). */
static void watch_dhcp(const struct outbound *out)
{
	const struct vs_view *view = out->view;
	const uint8_t *udp = view->data + view->l4;

	if (view->l4 == VS_ABSENT || view->flags & VS_FRAME_FRAGMENT ||
	    !vs_frame_at(out->frame, view->l4, 8) ||
	    !(view->flags & VS_FRAME_IPV6 ? learn_is_dhcp6
					  : learn_is_dhcp)(udp))
		return;
	learn_dhcp(out->call, &(struct learn_message){
				      .vsid = out->subnet->vsid,
				      .source = vs_frame_source_mac(out->frame),
				      .target = vs_frame_target_mac(out->frame),
				      .udp = udp,
				      .size = view->size - view->l4,
			      });
}

static void ip_out(struct outbound *out)
{
	struct wnv_ca target = outbound_target(out->view);

	if (out->view->protocol == VS_IP_UDP && wnv_state_learned(out->state))
		watch_dhcp(out);
	if (out->view->flags & VS_FRAME_GROUP) {
		outbound_replicate(out);
		return;
	}
	if (wnv_subnet_is_gateway(out->subnet, &target))
		router_serve(out);
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
	out->into = out->subnet;
	out->mtu = out->subnet ? out->subnet->mtu : 0;
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
	out->routed = false;
	out->gso_size = 0;
	out->tally = 0;
	out->leader.view = NULL;
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

static void wait_for_hop(struct outbound *out, struct vs_outbound *outbound)
{
	switch (wnv_hold_put(out->call, wnv_shard_of(out->call)->holds,
			     outbound, &out->hop, out->tally)) {
	case HOLD_FULL:
		outbound_drop(out, WNV_HOLD_FULL);
		break;
	case HOLD_SHARE:
		outbound_drop(out, WNV_HOLD_SHARE);
		break;
	default:
		break;
	}
}

static void to_wire(struct outbound *out, struct vs_outbound *outbound)
{
	const struct vs_call *call = out->call;

	if (outbound_follow(out, vs_outbound_frame(outbound)))
		return;
	translate(out, vs_outbound_frame(outbound));
	if (out->action == OUTBOUND_WAIT) {
		if (call->tracing)
			outbound_drop(out, WNV_PA_UNRESOLVED);
		else
			wait_for_hop(out, outbound);
	}
	if (out->action == OUTBOUND_REFLECT &&
	    call->host->reflect(call, outbound, out->into->vsid, out->header,
				out->header_size) != 0)
		outbound_drop(out, WNV_LOCAL_ONLY);
	if (out->action == OUTBOUND_DROP) {
		tally_dropped(out);
		vs_outbound_drop(outbound, VS_REASON(out->reason));
	} else if (out->action == OUTBOUND_CONSUME) {
		vs_outbound_consume(outbound, out->what);
	}
}

static bool is_sought(const struct vs_view *view)
{
	return view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6) &&
	       !(view->flags & VS_FRAME_GROUP);
}

/* The records of a burst's targets, looked for at once; how many there are. */
static uint32_t seek_all(const struct wnv_state *state,
			 const struct vs_outbound_burst *burst,
			 struct wnv_seek *seeks)
{
	struct vs_outbound *outbound;
	const struct vs_view *view;
	uint32_t count = 0;

	VS_FOR_EACH (outbound, burst) {
		view = vs_view(vs_outbound_frame(outbound));
		if (!is_sought(view))
			continue;
		seeks[count].vsid = view->vsid;
		seeks[count++].ca = outbound_target(view);
	}
	wnv_records_seek(state, seeks, count);
	return count;
}

void translate_out(const struct vs_call *call, struct vs_outbound_burst *burst)
{
	struct outbound out = {.call = call,
			       .state = wnv_state_of(call->state),
			       .dynamic.now_ns = call->now_ns};
	struct wnv_seek seeks[VS_BURST_FRAMES];
	struct vs_outbound *outbound;
	uint32_t next = 0, count = 0;

	if (out.state && wnv_records_are_many(out.state))
		count = seek_all(out.state, burst, seeks);
	VS_FOR_EACH (outbound, burst) {
		/* its record stands where that of the frame before would */
		if (next < count &&
		    is_sought(vs_view(vs_outbound_frame(outbound))) &&
		    seeks[next++].record)
			out.before.record = seeks[next - 1].record;
		to_wire(&out, outbound);
	}
}

void translate_resume(const struct vs_call *call, const struct vs_frame *frame)
{
	struct outbound out = {.call = call,
			       .state = wnv_state_of(call->state),
			       .dynamic.now_ns = call->now_ns};

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
