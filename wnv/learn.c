/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn.c: claims of addresses: learned, refused, or contested. See learn.h.
 */
#include "learn.h"

#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "probe.h"
#include "resolve.h"
#include "shared.h"

#define PROBES	     3u
#define PROBE_GAP_NS (UINT64_C(300) * 1000 * 1000)

static struct learned *learned_of(const struct vs_call *call)
{
	return call->tracing ? NULL
			     : wnv_state_learned(wnv_state_of(call->state));
}

static void report(const struct vs_call *call, enum wnv_event event,
		   const struct learned_key *key, const char *what,
		   const struct vs_mac *mac)
{
	char ca[VS_IP_TEXT], text[VS_MAC_TEXT], line[160];

	snprintf(line, sizeof(line), "%s in %u%s%s",
		 vs_ip_format(&key->ca.ip, ca), key->vsid.value, what,
		 vs_mac_format(mac, text));
	call->host->event(call, (uint16_t)event, line);
}

/* Who has an address of this VSID is asked anew. What is routed bears the VSID
 * of its other end: any one of the routing domain, and no other tenant's. */
static void outdate(const struct vs_call *call, struct vs_vsid vsid)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_subnet *first = wnv_subnet_find(state, vsid);
	const struct wnv_subnet *subnet = first;

	if (!first) {
		call->host->invalidate(call);
		return;
	}
	do {
		call->host->invalidate_vsid(call, subnet->vsid);
		subnet = wnv_subnet_kin(state, subnet);
	} while (subnet != first);
}

/* -- one claim ------------------------------------------------------------- */

/* The holder gave a sign of life: if somebody else wants the address, that
 * one is refused. */
static void confirm(const struct vs_call *call, struct learned *learned,
		    const struct learned_key *key)
{
	struct learned_contest contest;

	learned_seen(learned, key, call->now_ns);
	if (!learned_contested(learned, key, call->now_ns, &contest) ||
	    contest.kept)
		return;
	learned_keep(learned, &contest, call->now_ns);
	report(call, WNV_EVENT_CA_CONFLICT, key,
	       " stays where it is; it is also claimed by ",
	       &contest.claim.mac);
}

/* False: its port has as many as it may have. */
static bool take(const struct vs_call *call, struct learned *learned,
		 const struct learned_claim *claim)
{
	switch (learned_learn(learned, claim, call->now_ns)) {
	case LEARNED_NEW:
		report(call, WNV_EVENT_CA_ADDED, &claim->key, " is at ",
		       &claim->mac);
		return true;
	case LEARNED_LIMIT:
		report(call, WNV_EVENT_CA_LIMIT, &claim->key,
		       " is one too many for the port of ", &claim->mac);
		return false;
	case LEARNED_QUOTA:
		report(call, WNV_EVENT_CA_LIMIT, &claim->key,
		       " is one too many for its subnet; it was claimed by ",
		       &claim->mac);
		return true;
	default: /* known; or busy: the next claim tries again */
		return true;
	}
}

static struct learned_claim claim_of(const struct vs_call *call,
				     struct vs_vsid vsid,
				     const struct wnv_ca *ca,
				     const struct vs_mac *mac)
{
	const struct wnv_record *l2only =
		wnv_l2only_find(wnv_state_of(call->state), vsid, mac);

	return (struct learned_claim){
		.key = {vsid, *ca},
		.mac = *mac,
		.owner = l2only ? l2only->owner : 0,
	};
}

/* A shared address: the last of its owners to say so has it; from `pa`, or
 * from a port here (NULL). */
static void take_over(const struct vs_call *call, struct learned *learned,
		      struct learned_claim *claim, const struct wnv_pa *pa)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct learned_key *key = &claim->key;
	const struct wnv_record *first =
		wnv_record_find(state, key->vsid, &key->ca);
	const struct wnv_record *claims =
		shared_has(state, key->vsid, &key->ca, &claim->mac, pa);
	struct vs_mac name;
	bool known = learned_find(learned, key, call->now_ns, &name);

	if (!first || !claims)
		return;
	if (!known)
		name = shared_name(state, shared_default(state, first));
	claim->mac = shared_name(state, claims);
	claim->owner = 0;
	if (vs_mac_equal(&name, &claim->mac)) {
		if (known)
			learned_seen(learned, key, call->now_ns);
		return;
	}
	learned_move(learned, claim, call->now_ns);
	outdate(call, key->vsid); /* frames went to the old owner */
	name = shared_own_mac(&claim->mac);
	report(call, WNV_EVENT_CA_MOVED, key, " moved to ", &name);
}

/* Somebody says that an address of policy is its own. */
static void report_refused(const struct vs_call *call,
			   const struct learned_claim *claim)
{
	const struct wnv_state *state = wnv_state_of(call->state);

	if (wnv_l2only_find(state, claim->key.vsid, &claim->mac) &&
	    wnv_record_find(state, claim->key.vsid, &claim->key.ca))
		report(call, WNV_EVENT_CA_CONFLICT, &claim->key,
		       " has a record; it is also claimed by ", &claim->mac);
}

/* Its holder's frames defend it: they are to be seen. */
static void challenge(const struct vs_call *call, struct learned *learned,
		      const struct learned_claim *claim)
{
	learned_contest(learned, claim, call->now_ns);
	outdate(call, claim->key.vsid);
}

bool learn_may_send(const struct vs_call *call, const struct vs_claim *claim)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	enum wnv_vouch vouch = wnv_may_send(state, claim, call->now_ns);
	bool teaches =
		claim->kind == VS_CLAIM_ARP || claim->kind == VS_CLAIM_ND;
	struct learned *learned = learned_of(call);
	struct learned_claim learns;

	if (vouch == WNV_VOUCH_YES || !learned)
		return wnv_vouch_passes(vouch);
	learns = claim_of(call, claim->vsid, &(struct wnv_ca){claim->ip},
			  &claim->mac);
	switch (vouch) {
	case WNV_VOUCH_LEARNED:
		confirm(call, learned, &learns.key);
		return true;
	case WNV_VOUCH_FREE:
		return teaches ? take(call, learned, &learns)
			       : learned_has_room(learned, learns.owner);
	case WNV_VOUCH_SHARED:
		if (teaches)
			take_over(call, learned, &learns, NULL);
		return true;
	case WNV_VOUCH_HELD:
		if (teaches)
			challenge(call, learned, &learns);
		return false;
	default:
		if (teaches)
			report_refused(call, &learns);
		return false;
	}
}

void learn_arrival(const struct vs_call *call, struct vs_vsid vsid,
		   const struct wnv_sight *sight, enum wnv_vouch vouch,
		   bool teaches)
{
	struct learned *learned = learned_of(call);
	struct learned_claim claim;

	if (!learned || vouch == WNV_VOUCH_YES || vouch == WNV_VOUCH_NO)
		return;
	claim = claim_of(call, vsid, &sight->ca, &sight->source_mac);
	if (vouch == WNV_VOUCH_LEARNED)
		confirm(call, learned, &claim.key);
	else if (teaches && vouch == WNV_VOUCH_FREE)
		take(call, learned, &claim);
	else if (teaches && vouch == WNV_VOUCH_SHARED)
		take_over(call, learned, &claim, &sight->source);
	else if (teaches)
		challenge(call, learned, &claim);
}

/* -- leases ----------------------------------------------------------------
 */

void learn_lease(const struct vs_call *call, struct vs_vsid vsid,
		 const struct wnv_ca *ca, const struct vs_mac *client)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct wnv_subnet *subnet = wnv_subnet_find(state, vsid);
	struct learned *learned = learned_of(call);
	struct learned_claim claim;

	if (!learned || !subnet || !wnv_subnet_holds(subnet, ca) ||
	    wnv_ip_is_martian(&ca->ip) || wnv_subnet_is_gateway(subnet, ca) ||
	    wnv_record_find(state, vsid, ca) ||
	    !wnv_l2only_find(state, vsid, client))
		return;
	claim = claim_of(call, vsid, ca, client);
	take(call, learned, &claim);
}

/* -- contests --------------------------------------------------------------
 */

static void move(const struct vs_call *call, struct learned *learned,
		 const struct learned_contest *contest)
{
	const struct learned_claim *claim = &contest->claim;

	learned_settle(learned, &claim->key);
	if (!learned_has_room(learned, claim->owner)) {
		report(call, WNV_EVENT_CA_LIMIT, &claim->key,
		       " is one too many for the port of ", &claim->mac);
		return;
	}
	learned_move(learned, claim, call->now_ns);
	outdate(call, claim->key.vsid);
	report(call, WNV_EVENT_CA_MOVED, &claim->key, " moved to ",
	       &claim->mac);
}

/* Is one of the probes' moments in [before, now)? */
static bool probe_is_due(const struct learned_contest *contest,
			 uint64_t before_ns, uint64_t now_ns)
{
	uint64_t at = contest->since_ns;
	unsigned int i;

	for (i = 0; i < PROBES; i++, at += PROBE_GAP_NS)
		if (at >= before_ns && at < now_ns)
			return true;
	return false;
}

static void step_contest(const struct vs_call *call, struct learned *learned,
			 const struct learned_contest *contest,
			 uint64_t before_ns)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	const struct learned_key *key = &contest->claim.key;
	struct wnv_dynamic dynamic = {.now_ns = call->now_ns};
	const struct wnv_record *holder =
		wnv_resolve(state, key->vsid, &key->ca, &dynamic);

	if ((holder && holder->type != WNV_TYPE_DYNAMIC) ||
	    !wnv_l2only_find(state, key->vsid, &contest->claim.mac) ||
	    (contest->kept &&
	     call->now_ns >= contest->since_ns + LEARNED_KEPT_NS))
		learned_settle(learned, key);
	else if (contest->kept)
		return;
	else if (!holder ||
		 call->now_ns >= contest->since_ns + LEARNED_CONTEST_NS)
		move(call, learned, contest);
	else if (probe_is_due(contest, before_ns, call->now_ns))
		probe_send(call, holder);
}

void learn_tick(const struct vs_call *call, uint64_t before_ns)
{
	struct learned *learned = learned_of(call);
	struct learned_contest contest;
	uint64_t cursor = 0;

	while (learned &&
	       learned_next_contest(learned, &cursor, call->now_ns, &contest))
		step_contest(call, learned, &contest, before_ns);
}

void learn_noted(const struct vs_call *call, const struct vs_note *note)
{
	struct wnv_dynamic dynamic = {.now_ns = call->now_ns};
	const struct wnv_record *holder;
	struct learned_key key;

	if (note->size != sizeof(key) || call->tracing)
		return;
	memcpy(&key, note->bytes, sizeof(key));
	holder = wnv_resolve(wnv_state_of(call->state), key.vsid, &key.ca,
			     &dynamic);
	if (holder && holder->type == WNV_TYPE_DYNAMIC)
		probe_send(call, holder);
}
