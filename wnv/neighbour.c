/* SPDX-License-Identifier: Apache-2.0 */
/*
 * neighbour.c: the table of neighbour.h.
 *
 * Before it: translate_out.c. After it: answer.c, or a recipe.
 */
#include "neighbour.h"
#include "resolve.h"
#include "state.h"

#include <string.h>

#include <vswitch/wire.h>

#define ARP_REQUEST	       1u
#define ARP_REPLY	       2u
#define ND_SOLICIT_SIZE	       24u
#define ND_ROUTER_SOLICIT_SIZE 8u
#define HOP_LIMIT_ND	       255u

/* One question for a MAC, ARP's or ND's. */
struct question {
	struct wnv_ca target;
	struct vs_mac asker;
	uint64_t now_ns;
	bool group;    /* asked of everybody */
	bool homeless; /* IPv6 :: or link-local, asker or target */
};

/* The VM answers for itself, if a port has it: by an address, or by its MAC
 * where it has more than the port's ca says. */
static bool is_here(const struct wnv_state *state,
		    const struct wnv_record *record)
{
	return record->flags & WNV_RECORD_PLUGGED ||
	       record->type != WNV_TYPE_STATIC ||
	       wnv_port_has_mac(state, &record->mac);
}

static enum neighbour_action answer_question(const struct wnv_state *state,
					     const struct wnv_subnet *subnet,
					     const struct question *question,
					     struct answer_as *as)
{
	struct wnv_dynamic dynamic = {.now_ns = question->now_ns};
	const struct wnv_record *record;

	as->ca = question->target;
	as->router = wnv_subnet_is_gateway(subnet, &question->target);
	as->mac = subnet->gateway_mac;
	if (as->router)
		return NEIGHBOUR_ANSWER;
	record = wnv_resolve(state, subnet->vsid, &question->target, &dynamic);
	if (!record && question->homeless)
		return question->group ? NEIGHBOUR_REPLICATE
				       : NEIGHBOUR_FORWARD;
	if (!record)
		return question->group ? NEIGHBOUR_SEEK : NEIGHBOUR_FORWARD;
	if (vs_mac_equal(&record->mac, &question->asker))
		return NEIGHBOUR_SILENT;
	if (record->flags & WNV_RECORD_LOCAL)
		return is_here(state, record) ? NEIGHBOUR_SILENT
					      : NEIGHBOUR_ABSENT;
	as->mac = record->mac;
	return question->group ? NEIGHBOUR_ANSWER : NEIGHBOUR_FORWARD;
}

/* An answer to the gateway: it asked for itself. */
static bool is_for_gateway(const struct wnv_subnet *subnet,
			   const struct vs_frame *frame,
			   const struct wnv_ca *target)
{
	struct vs_mac mac = vs_frame_target_mac(frame);

	return vs_mac_equal(&mac, &subnet->gateway_mac) ||
	       wnv_subnet_is_gateway(subnet, target);
}

enum neighbour_action neighbour_arp(const struct wnv_state *state,
				    const struct wnv_subnet *subnet,
				    const struct vs_frame *frame,
				    uint64_t now_ns, struct answer_as *as)
{
	const struct vs_view *view = vs_view(frame);
	const uint8_t *arp = view->data + view->l3;
	struct question question = {
		.target = {vs_ip_from_v4(arp + 24)},
		.asker = vs_frame_source_mac(frame),
		.now_ns = now_ns,
		.group = view->flags & VS_FRAME_GROUP,
	};
	uint16_t operation = vs_load16(arp + 6);

	as->ca = question.target;
	if (operation != ARP_REQUEST && operation != ARP_REPLY)
		return NEIGHBOUR_MALFORMED;
	if (memcmp(arp + 14, arp + 24, 4) == 0 ||
	    (operation == ARP_REPLY && question.group))
		return question.group ? NEIGHBOUR_REPLICATE : NEIGHBOUR_SILENT;
	if (operation == ARP_REPLY)
		return is_for_gateway(subnet, frame, &question.target)
			       ? NEIGHBOUR_SILENT
			       : NEIGHBOUR_FORWARD;
	return answer_question(state, subnet, &question, as);
}

/* RFC 4861 7.1: hop limit, code, checksum (if it is complete already). */
static bool nd_is_valid(const struct vs_view *view, uint32_t size)
{
	const uint8_t *ip = view->data + view->l3;
	const uint8_t *icmp = view->data + view->l4;
	uint64_t sum;

	if (ip[7] != HOP_LIMIT_ND || icmp[1] != 0)
		return false;
	if (view->offload.csum_start != VS_ABSENT || view->offload.verified)
		return true;
	sum = vs_sum_pseudo(ip, VS_IP_ICMP6, size);
	return vs_sum_fold(vs_sum(sum, icmp, size)) == 0xffff;
}

enum neighbour_action neighbour_nd(const struct wnv_state *state,
				   const struct wnv_subnet *subnet,
				   const struct vs_frame *frame,
				   uint64_t now_ns, struct answer_as *as)
{
	const struct vs_view *view = vs_view(frame);
	const uint8_t *ip = view->data + view->l3;
	const uint8_t *icmp = view->data + view->l4;
	struct vs_ip asker = vs_ip_from_v6(ip + 8);
	struct question question = {
		.asker = vs_frame_source_mac(frame),
		.now_ns = now_ns,
		.group = view->flags & VS_FRAME_GROUP,
	};
	uint32_t size = (uint32_t)view->l3 + VS_IPV6_SIZE + vs_load16(ip + 4) -
			view->l4;

	as->ca.ip = vs_ip_from_v6(ip + 24);
	if (!nd_is_valid(view, size))
		return NEIGHBOUR_MALFORMED;
	if (icmp[0] == VS_ND_ROUTER_SOLICIT && wnv_subnet_advertises(subnet) &&
	    (question.group || wnv_subnet_is_gateway(subnet, &as->ca)))
		return size < ND_ROUTER_SOLICIT_SIZE ? NEIGHBOUR_MALFORMED
						     : NEIGHBOUR_ADVERTISE;
	if (icmp[0] != VS_ND_SOLICIT)
		return question.group ? NEIGHBOUR_REPLICATE
		       : is_for_gateway(subnet, frame, &as->ca)
			       ? NEIGHBOUR_SILENT
			       : NEIGHBOUR_FORWARD;
	if (size < ND_SOLICIT_SIZE)
		return NEIGHBOUR_MALFORMED;
	question.target.ip = vs_ip_from_v6(icmp + 8);
	if (vs_ip_is_group(&question.target.ip))
		return NEIGHBOUR_MALFORMED;
	question.homeless = vs_ip_is_unspecified(&asker) ||
			    wnv_is_link_local6(&asker) ||
			    wnv_is_link_local6(&question.target.ip);
	return answer_question(state, subnet, &question, as);
}
