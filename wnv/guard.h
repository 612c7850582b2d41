/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.h: who may say that it is who: what design 8 decides about sources.
 *
 * Before it: policy.h's lookups. After it: translate_in.c; learn.c, which
 * learns from what passes.
 */
#ifndef WNV_GUARD_H
#define WNV_GUARD_H

#include "policy.h"

/* What the guards say of a source. */
enum wnv_vouch {
	WNV_VOUCH_NO,
	WNV_VOUCH_YES,
	WNV_VOUCH_LEARNED, /* yes: it is known to have the CA */
	WNV_VOUCH_FREE,	   /* yes: nobody has the CA, and it may be its own */
	WNV_VOUCH_SHARED,  /* yes: one of those that may have it in turn */
	WNV_VOUCH_HELD,	   /* its own it may be, but another has learned it */
};

static inline bool wnv_vouch_passes(enum wnv_vouch vouch)
{
	return vouch != WNV_VOUCH_NO && vouch != WNV_VOUCH_HELD;
}

/*
 * wnv_may_send - the customer-address guard at admit: may this source send on
 * a port of the VSID? NO also for the gateway's MAC and addresses.
 */
enum wnv_vouch wnv_may_send(const struct wnv_state *state,
			    const struct vs_claim *claim, uint64_t now_ns);

/*
 * wnv_outer_check - is the outer target a PA of ours (pa_dst), the outer
 * source a possible one (pa_src_martian: also our own) and known
 * (pa_src_unknown)? False with the reason.
 */
bool wnv_outer_check(const struct wnv_state *state, const struct wnv_pa *source,
		     const struct wnv_pa *target, uint64_t now_ns,
		     enum wnv_reason *reason);

/* What a frame from the wire claims, after it was parsed. */
struct wnv_sight {
	struct wnv_pa source, target; /* outer */
	struct vs_mac source_mac, target_mac;
	bool seeks;  /* asks everybody for an address */
	bool has_ca; /* false: ARP probe, unspecified source, non-IP frame */
	struct wnv_ca ca; /* inner source; IP source, ARP or ND sender */
	uint64_t now_ns;
};

/*
 * wnv_inbound_check - does the outer source vouch for the inner source, and
 * is the inner target here? NO with vsid_unknown (no port of ours is in
 * the VSID), mac_spoof_remote, ca_spoof_remote, pa_src_mismatch,
 * dst_not_local or group_pa; HELD with ca_contested. `subnet` is that of the
 * wire's VSID. Call after wnv_outer_check.
 */
enum wnv_vouch wnv_inbound_check(const struct wnv_state *state,
				 const struct wnv_subnet *subnet,
				 const struct wnv_sight *sight,
				 enum wnv_reason *reason);

#endif
