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
#include "policy.h"
#include "wildcard.h"

/* Does the record speak for frames that come from `pa`? */
static bool vouches(const struct wnv_record *record, const struct wnv_pa *pa)
{
	return record->rule != WNV_RULE_NONE && wnv_pa_equal(&record->pa, pa);
}

/*
 * The record that must speak for the CA, or NULL. A link-local address
 * without a record is a source without a CA and not asked for here.
 */
static const struct wnv_record *speaker(const struct wnv_state *state,
					const struct wnv_subnet *subnet,
					const struct wnv_ca *ca)
{
	const struct wnv_record *record;

	record = wnv_record_find(state, subnet->vsid, ca);
	/* under an external router, what another subnet's VM sent comes from
	 * that router */
	if (!record && wnv_network_has_router(state, subnet->network))
		record = wnv_record_in_network(state, subnet->network, ca);
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

/* The L2Only record of a MAC that may have this CA, which nobody has. */
static const struct wnv_record *candidate(const struct wnv_state *state,
					  const struct wnv_subnet *subnet,
					  const struct wnv_ca *ca,
					  const struct vs_mac *mac)
{
	return wnv_subnet_holds(subnet, ca)
		       ? wnv_l2only_find(state, subnet->vsid, mac)
		       : NULL;
}

bool wnv_may_send(const struct wnv_state *state, const struct vs_claim *claim)
{
	const struct wnv_subnet *subnet = wnv_subnet_find(state, claim->vsid);
	const struct wnv_ca ca = {claim->ip};
	const struct wnv_record *record;

	if (!subnet || vs_mac_equal(&claim->mac, &subnet->gateway_mac))
		return false;
	/* its address was asked for before (A6.7) */
	if (claim->kind == VS_CLAIM_ROUTER)
		return !wnv_subnet_advertises(subnet);
	if (claim->kind == VS_CLAIM_NONE ||
	    (!wnv_subnet_is_gateway(subnet, &ca) &&
	     !needs_speaker(state, subnet, &ca))) {
		record = wnv_record_by_mac(state, claim->vsid, &claim->mac);
		return record && record->flags & WNV_RECORD_LOCAL;
	}
	if (wnv_subnet_is_gateway(subnet, &ca) || wnv_ip_is_martian(&ca.ip))
		return false;
	record = wnv_wildcard_find(state, subnet, &claim->mac, &ca);
	if (record && record->flags & WNV_RECORD_LOCAL)
		return true;
	record = speaker(state, subnet, &ca);
	if (!record)
		record = candidate(state, subnet, &ca, &claim->mac);
	return record && record->flags & WNV_RECORD_LOCAL &&
	       vs_vsid_equal(record->vsid, claim->vsid) &&
	       vs_mac_equal(&record->mac, &claim->mac);
}

bool wnv_outer_check(const struct wnv_state *state, const struct wnv_pa *source,
		     const struct wnv_pa *target, enum wnv_reason *reason)
{
	if (!wnv_pa_local(state, target))
		*reason = WNV_PA_DST;
	else if (wnv_ip_is_martian(&source->ip) || wnv_pa_local(state, source))
		*reason = WNV_PA_SRC_MARTIAN;
	else if (!wnv_peer_find(state, source))
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
	return record && vouches(record, &sight->source);
}

/* The source's half of the inbound check. */
static bool source_vouched(const struct wnv_state *state,
			   const struct wnv_subnet *subnet,
			   const struct wnv_sight *sight,
			   enum wnv_reason *reason)
{
	bool routed = vs_mac_equal(&sight->source_mac, &subnet->gateway_mac);
	const struct wnv_record *record;

	record = wnv_record_by_mac(state, subnet->vsid, &sight->source_mac);
	*reason = WNV_MAC_SPOOF_REMOTE;
	if (record && record->flags & WNV_RECORD_LOCAL)
		return false;
	*reason = WNV_CA_SPOOF_REMOTE;
	if (sight->has_ca && wnv_subnet_is_gateway(subnet, &sight->ca))
		return false;
	if (!sight->has_ca || !needs_speaker(state, subnet, &sight->ca)) {
		*reason = WNV_PA_SRC_MISMATCH;
		record = wnv_record_by_mac_pa(state, subnet->vsid,
					      &sight->source_mac,
					      &sight->source);
		return !routed && record && vouches(record, &sight->source);
	}
	if (wnv_ip_is_martian(&sight->ca.ip))
		return false;
	if (gateway_vouches(state, subnet, sight))
		return true;
	record = speaker(state, subnet, &sight->ca);
	if (!record)
		record = candidate(state, subnet, &sight->ca,
				   &sight->source_mac);
	if (record && record->flags & WNV_RECORD_LOCAL)
		return false;
	*reason = WNV_PA_SRC_MISMATCH;
	if (!record || !vouches(record, &sight->source))
		return false;
	if (!vs_vsid_equal(record->vsid, subnet->vsid))
		return routed;
	/* no record has the gateway's MAC: this is not routed */
	return vs_mac_equal(&record->mac, &sight->source_mac);
}

bool wnv_inbound_check(const struct wnv_state *state,
		       const struct wnv_subnet *subnet,
		       const struct wnv_sight *sight, enum wnv_reason *reason)
{
	const struct wnv_record *record;

	if (!subnet->port_count) {
		*reason = WNV_VSID_UNKNOWN;
		return false;
	}
	if (!source_vouched(state, subnet, sight, reason))
		return false;
	if (vs_mac_is_group(&sight->target_mac)) {
		*reason = WNV_GROUP_PA;
		return wnv_pa_equal(
			&sight->target,
			&subnet->own_pa[!vs_ip_is_v4(&sight->target.ip)]);
	}
	*reason = WNV_DST_NOT_LOCAL;
	record = wnv_record_by_mac(state, subnet->vsid, &sight->target_mac);
	return record && record->flags & WNV_RECORD_LOCAL;
}
