/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.c: who may say that it is who (design 8): the inbound check, and the
 * customer-address guard, which is the same check for a port of ours.
 *
 * Theory of operation
 * -------------------
 * A source is vouched for by somebody: from the wire by the outer source PA,
 * from a port by its being here. Three ways, in this order:
 *
 *   1 a record of the source CA. In the frame's own VSID it must name the
 *     frame's MAC too. In another subnet of the routing domain the frame was
 *     routed: its source MAC is the gateway's, and only then may it be.
 *   2 no record of the CA at all: the record of the next hop of the best
 *     customer route to it (a gateway VM forwards for what is behind it).
 *     For a CA outside of the whole routing domain also a gateway wildcard of
 *     the MAC (wildcard.c).
 *   3 no CA (DAD, ARP probes, link-local, non-IP): any record of (VSID, MAC);
 *     so does a CA of the subnet that nobody has, of a MAC that has an L2Only
 *     record: it may be that VM's.
 *
 * A frame from a port has not been routed yet, so there 1 and 2 hold in its
 * own VSID only. Before: lookup.c. After: translate (in), core's admit (out).
 */
#include "guard.h"
#include "group.h"
#include "moves.h"
#include "redirects.h"
#include "resolve.h"
#include "routes.h"
#include "shared.h"
#include "wildcard.h"

/* Did the VM's host say that it went there? */
static bool went_to(const struct wnv_state *state,
		    const struct wnv_record *record,
		    const struct wnv_sight *sight)
{
	const struct wnv_peer *peer =
		wnv_redirected(state, record, sight->now_ns);

	return peer && wnv_pa_equal(&peer->pa, &sight->source);
}

/* Does the record speak for frames that come from `pa`? A VM that moves, from
 * both ends of its way (moves.h). */
static bool vouches(const struct wnv_state *state,
		    const struct wnv_record *record,
		    const struct wnv_sight *sight)
{
	return record->rule != WNV_RULE_NONE &&
	       (wnv_pa_equal(&record->pa, &sight->source) ||
		wnv_moved_mac(state, record->vsid, &record->mac, &sight->source,
			      sight->now_ns) ||
		went_to(state, record, sight));
}

/*
 * The record that must speak for the CA, or NULL. A link-local address
 * without a record is a source without a CA and not asked for here.
 */
static const struct wnv_record *speaker(const struct wnv_state *state,
					const struct wnv_subnet *subnet,
					const struct wnv_ca *ca,
					struct wnv_dynamic *dynamic)
{
	const struct wnv_record *record;

	record = wnv_resolve(state, subnet->vsid, ca, dynamic);
	/* under an external router, what another subnet's VM sent comes from
	 * that router */
	if (!record && wnv_network_has_router(state, subnet->network))
		record = wnv_resolve_in_network(state, subnet->network, ca,
						dynamic);
	return record ? record : wnv_forwarder_find(state, subnet, ca);
}

/* Is there a CA that a record must speak for? */
static bool needs_speaker(const struct wnv_state *state,
			  const struct wnv_subnet *subnet,
			  const struct wnv_ca *ca)
{
	if (vs_ip_is_unspecified(&ca->ip))
		return false;
	return !wnv_is_link_local6(&ca->ip) ||
	       wnv_record_find(state, subnet->vsid, ca);
}

/* The L2Only record of a MAC that may have this CA, if nobody has it. */
static const struct wnv_record *candidate(const struct wnv_state *state,
					  const struct wnv_subnet *subnet,
					  const struct wnv_ca *ca,
					  const struct vs_mac *mac)
{
	return wnv_subnet_holds(subnet, ca)
		       ? wnv_l2only_find(state, subnet->vsid, mac)
		       : NULL;
}

/* What a record means for a source that could have the CA by its MAC. */
static enum wnv_vouch vouch_of(const struct wnv_record *record,
			       const struct wnv_record *could,
			       const struct vs_mac *mac)
{
	if (!record)
		return could ? WNV_VOUCH_FREE : WNV_VOUCH_NO;
	if (record->type == WNV_TYPE_SHARED && could)
		return WNV_VOUCH_SHARED;
	if (record->type != WNV_TYPE_DYNAMIC)
		return WNV_VOUCH_YES;
	if (vs_mac_equal(&record->mac, mac))
		return WNV_VOUCH_LEARNED;
	return could ? WNV_VOUCH_HELD : WNV_VOUCH_NO;
}

/* Its own, or a virtual router's that its VM may be. */
static bool is_its_mac(const struct wnv_state *state,
		       const struct wnv_record *record,
		       const struct vs_mac *mac)
{
	return vs_mac_equal(&record->mac, mac) ||
	       shared_stands_for(state, record, mac);
}

/* A CA with its MAC, on a port of ours. */
static enum wnv_vouch judge_port_source(const struct wnv_state *state,
					const struct wnv_subnet *subnet,
					const struct vs_claim *claim,
					uint64_t now_ns)
{
	const struct wnv_ca ca = {claim->ip};
	const struct wnv_record *record, *could;
	struct wnv_dynamic dynamic;
	enum wnv_vouch vouch;

	dynamic.now_ns = now_ns;
	record = speaker(state, subnet, &ca, &dynamic);
	if (record && record->type == WNV_TYPE_SHARED) {
		could = shared_has(state, claim->vsid, &ca, &claim->mac, NULL);
		return could && could->flags & WNV_RECORD_LOCAL
			       ? WNV_VOUCH_SHARED
			       : WNV_VOUCH_NO;
	}
	if (record && record->type != WNV_TYPE_DYNAMIC)
		return record->flags & WNV_RECORD_LOCAL &&
				       vs_vsid_equal(record->vsid,
						     claim->vsid) &&
				       is_its_mac(state, record, &claim->mac)
			       ? WNV_VOUCH_YES
			       : WNV_VOUCH_NO;
	could = candidate(state, subnet, &ca, &claim->mac);
	vouch = vouch_of(record, could, &claim->mac);
	return could && could->flags & WNV_RECORD_LOCAL ? vouch : WNV_VOUCH_NO;
}

enum wnv_vouch wnv_may_send(const struct wnv_state *state,
			    const struct vs_claim *claim, uint64_t now_ns)
{
	const struct wnv_subnet *subnet = wnv_subnet_find(state, claim->vsid);
	const struct wnv_ca ca = {claim->ip};
	const struct wnv_record *record;

	if (!subnet || vs_mac_equal(&claim->mac, &subnet->gateway_mac))
		return WNV_VOUCH_NO;
	/* its address was asked for before (A6.7) */
	if (claim->kind == VS_CLAIM_ROUTER)
		return wnv_subnet_advertises(subnet) ? WNV_VOUCH_NO
						     : WNV_VOUCH_YES;
	if (claim->kind == VS_CLAIM_NONE ||
	    (!wnv_subnet_is_gateway(subnet, &ca) &&
	     !needs_speaker(state, subnet, &ca))) {
		record = wnv_record_by_mac(state, claim->vsid, &claim->mac);
		return record && record->flags & WNV_RECORD_LOCAL
			       ? WNV_VOUCH_YES
			       : WNV_VOUCH_NO;
	}
	if (wnv_subnet_is_gateway(subnet, &ca) || wnv_ip_is_martian(&ca.ip))
		return WNV_VOUCH_NO;
	record = wnv_wildcard_find(state, subnet, &claim->mac, &ca);
	if (record && record->flags & WNV_RECORD_LOCAL)
		return WNV_VOUCH_YES;
	return judge_port_source(state, subnet, claim, now_ns);
}

bool wnv_outer_check(const struct wnv_state *state, const struct wnv_pa *source,
		     const struct wnv_pa *target, uint64_t now_ns,
		     enum wnv_reason *reason)
{
	if (!wnv_pa_local(state, target) && !wnv_group_known(state, target))
		*reason = WNV_PA_DST;
	else if (wnv_ip_is_martian(&source->ip) || wnv_pa_local(state, source))
		*reason = WNV_PA_SRC_MARTIAN;
	else if (!wnv_peer_find(state, source) &&
		 !wnv_moved_pa(state, source, now_ns))
		*reason = WNV_PA_SRC_UNKNOWN;
	else
		return true;
	return false;
}

/* Does a gateway send it from there, for somebody outside? What a router has
 * brought from another subnet has the MAC of the subnet's own gateway. */
static bool gateway_vouches(const struct wnv_state *state,
			    const struct wnv_subnet *subnet,
			    const struct wnv_sight *sight)
{
	const struct wnv_record *record;

	if (vs_mac_equal(&sight->source_mac, &subnet->gateway_mac))
		record =
			wnv_network_has_router(state, subnet->network)
				? wnv_wildcard_by_pa(state, subnet,
						     &sight->source, &sight->ca)
				: NULL;
	else
		record = wnv_wildcard_find(state, subnet, &sight->source_mac,
					   &sight->ca);
	return record && vouches(state, record, sight);
}

/*
 * Who must speak for the CA does, from this PA: not with a MAC of another, and
 * with the gateway's only if the frame was routed. A VM here never does.
 */
static enum wnv_vouch judge_wire_ca(const struct wnv_state *state,
				    const struct wnv_subnet *subnet,
				    const struct wnv_sight *sight,
				    enum wnv_reason *reason)
{
	bool routed = vs_mac_equal(&sight->source_mac, &subnet->gateway_mac);
	const struct wnv_record *record, *could, *vouching;
	struct wnv_dynamic dynamic;
	enum wnv_vouch vouch;

	dynamic.now_ns = sight->now_ns;
	record = speaker(state, subnet, &sight->ca, &dynamic);
	could = record && record->type == WNV_TYPE_SHARED
			? shared_has(state, subnet->vsid, &sight->ca,
				     &sight->source_mac, &sight->source)
			: candidate(state, subnet, &sight->ca,
				    &sight->source_mac);
	vouch = vouch_of(record, could, &sight->source_mac);
	/* a newcomer is judged by its own record */
	vouching = vouch == WNV_VOUCH_FREE || vouch == WNV_VOUCH_HELD ||
				   vouch == WNV_VOUCH_SHARED
			   ? could
			   : record;
	*reason = WNV_CA_SPOOF_REMOTE;
	if (vouching && vouching->flags & WNV_RECORD_LOCAL)
		return WNV_VOUCH_NO;
	*reason = WNV_PA_SRC_MISMATCH;
	if (!vouching || !vouches(state, vouching, sight))
		return WNV_VOUCH_NO;
	*reason = WNV_CA_CONTESTED; /* if it is HELD */
	if (vs_vsid_equal(vouching->vsid, subnet->vsid)
		    ? is_its_mac(state, vouching, &sight->source_mac)
		    : routed)
		return vouch == WNV_VOUCH_NO ? WNV_VOUCH_YES : vouch;
	*reason = WNV_PA_SRC_MISMATCH;
	return WNV_VOUCH_NO;
}

/* The source's half of the inbound check. */
static enum wnv_vouch source_vouched(const struct wnv_state *state,
				     const struct wnv_subnet *subnet,
				     const struct wnv_sight *sight,
				     enum wnv_reason *reason)
{
	const struct wnv_record *record;

	record = wnv_record_by_mac(state, subnet->vsid, &sight->source_mac);
	*reason = WNV_MAC_SPOOF_REMOTE;
	/* a virtual router's may be here and there */
	if (record && record->flags & WNV_RECORD_LOCAL &&
	    !wnv_mac_is_virtual(&sight->source_mac))
		return WNV_VOUCH_NO;
	*reason = WNV_CA_SPOOF_REMOTE;
	if (sight->has_ca && (wnv_subnet_is_gateway(subnet, &sight->ca) ||
			      wnv_ip_is_martian(&sight->ca.ip)))
		return WNV_VOUCH_NO;
	if (sight->has_ca && needs_speaker(state, subnet, &sight->ca))
		return gateway_vouches(state, subnet, sight)
			       ? WNV_VOUCH_YES
			       : judge_wire_ca(state, subnet, sight, reason);
	/* no record has the gateway's MAC */
	*reason = WNV_PA_SRC_MISMATCH;
	if (!wnv_record_by_mac_pa(state, subnet->vsid, &sight->source_mac,
				  &sight->source) &&
	    (!record || !vouches(state, record, sight)))
		return WNV_VOUCH_NO;
	return WNV_VOUCH_YES;
}

/* Is the target one of ours? */
static bool target_is_here(const struct wnv_state *state,
			   const struct wnv_subnet *subnet,
			   const struct wnv_sight *sight,
			   enum wnv_reason *reason)
{
	bool ipv6 = !vs_ip_is_v4(&sight->target.ip);
	const struct wnv_record *record;

	if (vs_ip_is_group(&sight->target.ip)) {
		*reason = WNV_PA_GROUP;
		return vs_mac_is_group(&sight->target_mac) &&
		       wnv_group_of_pa(subnet, &sight->target);
	}
	if (vs_mac_is_group(&sight->target_mac)) {
		*reason = WNV_GROUP_PA;
		return wnv_pa_equal(&sight->target, &subnet->own_pa[ipv6]) ||
		       (sight->seeks &&
			wnv_pa_equal(&sight->target, &subnet->seek_pa[ipv6]));
	}
	*reason = WNV_DST_NOT_LOCAL;
	record = wnv_record_by_mac(state, subnet->vsid, &sight->target_mac);
	return record && record->flags & WNV_RECORD_LOCAL;
}

enum wnv_vouch wnv_inbound_check(const struct wnv_state *state,
				 const struct wnv_subnet *subnet,
				 const struct wnv_sight *sight,
				 enum wnv_reason *reason)
{
	enum wnv_vouch vouch;

	*reason = WNV_VSID_UNKNOWN;
	if (!subnet->port_count)
		return WNV_VOUCH_NO;
	vouch = source_vouched(state, subnet, sight, reason);
	if (wnv_vouch_passes(vouch) &&
	    !target_is_here(state, subnet, sight, reason))
		return WNV_VOUCH_NO;
	return vouch;
}
