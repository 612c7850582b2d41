/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_pa.c: the life of an owned PA: probes, announcements, conflicts
 * (RFC 5227, RFC 4862; where design 8 is milder, design rules: a preferred
 * address is never given up because somebody says so).
 *
 * Before it: shard.c's tick, provider_hear.c. After it: the uplink.
 */
#include <stdio.h>

#include "provider_slot.h"

#define PROBES		  3u
#define PROBE_GAP_MS	  1000u
#define ANNOUNCE_AT_MS	  4000u /* after the first probe: ANNOUNCE_WAIT */
#define ANNOUNCE_AGAIN_MS 2000u
#define SEND_FROM_MS	  1000u
#define DEFEND_GAP_MS	  10000u
#define RETRY_MS	  60000u
#define RIVAL_MS	  300000u /* as long as a silent MAC is known */
#define SENDS_A_TICK	  64u

static void report(const struct vs_call *call, const struct wnv_pa *pa,
		   enum provider_pa_state state)
{
	char ip[VS_IP_TEXT], text[VS_IP_TEXT + 32];

	snprintf(text, sizeof(text), "%s: %s", vs_ip_format(&pa->ip, ip),
		 provider_pa_state_names[state]);
	call->host->event(call, WNV_EVENT_PA_STATE, text);
}

bool provider_may_send(const struct vs_call *call,
		       const struct wnv_provider *pa, enum wnv_reason *reason)
{
	const struct provider_slot *slot = pa->slot;
	uint64_t word;

	if (!pa->owned)
		return true;
	word = slot ? atomic_load_explicit(&slot->word, memory_order_relaxed)
		    : 0;
	switch (slot_word_state(word)) {
	case PROVIDER_PREFERRED:
		return true;
	case PROVIDER_DUPLICATE:
		*reason = WNV_PA_DUPLICATE;
		return false;
	case PROVIDER_TENTATIVE:
		if (provider_now_ms(call) >=
		    slot_word_since(word) + SEND_FROM_MS)
			return true;
		break;
	default:
		break;
	}
	*reason = WNV_REASONS;
	return false;
}

static void say(const struct vs_call *call, const struct wnv_provider *pa,
		enum provider_saying what)
{
	struct provider_speech speech = {
		.what = what,
		.uplink = pa->uplink,
		.vlan = pa->vlan,
		.pa = pa->pa,
	};

	if (provider_mac(call, pa, &speech.mac))
		provider_say(call, &speech);
}

/* Move on; false if somebody was faster, who then acted as well. */
static bool slot_move(struct provider_slot *slot, uint64_t from, uint64_t to)
{
	return atomic_compare_exchange_strong(&slot->word, &from, to);
}

/* Neighbours that may not know it yet: another uplink, another VLAN, or the
 * same after it was down (provider_link.c). */
static bool is_elsewhere(const struct provider *provider,
			 const struct provider_slot *slot,
			 const struct wnv_provider *pa)
{
	return !vs_port_equal(slot->uplink, pa->uplink) ||
	       slot->vlan != pa->vlan ||
	       slot->epoch != provider_epoch(provider, pa->uplink);
}

static void announce(const struct vs_call *call, struct provider *provider,
		     const struct wnv_provider *pa)
{
	pa->slot->uplink = pa->uplink;
	pa->slot->vlan = pa->vlan;
	pa->slot->epoch = provider_epoch(provider, pa->uplink);
	say(call, pa, PROVIDER_ANNOUNCES);
}

/* The steps answer whether they had something to send. */
static bool step_tentative(const struct vs_call *call,
			   struct provider *provider,
			   const struct wnv_provider *pa)
{
	struct provider_slot *slot = pa->slot;
	uint64_t word = atomic_load(&slot->word);
	uint64_t since = slot_word_since(word), age;
	uint8_t step = slot_word_step(word);
	struct vs_mac mac;

	age = provider_now_ms(call) - since;
	if (!provider_mac(call, pa, &mac)) { /* nobody heard the probes */
		slot_move(slot, word, slot_word(PROVIDER_NEW, 0, 0));
		return false;
	}
	if (step < PROBES && age >= step * PROBE_GAP_MS) {
		if (!slot_move(slot, word,
			       slot_word(PROVIDER_TENTATIVE,
					 (uint8_t)(step + 1), since)))
			return false;
		say(call, pa, PROVIDER_PROBES);
		return true;
	}
	if (age < ANNOUNCE_AT_MS ||
	    !slot_move(slot, word,
		       slot_word(PROVIDER_PREFERRED, 0, provider_now_ms(call))))
		return false;
	atomic_store(&slot->rival_ms, 0);
	report(call, &pa->pa, PROVIDER_PREFERRED);
	announce(call, provider, pa);
	return true;
}

static bool step_preferred(const struct vs_call *call,
			   struct provider *provider,
			   const struct wnv_provider *pa)
{
	struct provider_slot *slot = pa->slot;
	uint64_t word = atomic_load(&slot->word);
	uint64_t now = provider_now_ms(call), since = slot_word_since(word);
	struct vs_mac mac;

	if (!provider_mac(call, pa, &mac))
		return false;
	if (is_elsewhere(provider, slot, pa))
		slot_move(slot, word, slot_word(PROVIDER_PREFERRED, 0, now));
	else if (slot_word_step(word) != 0 || now < since + ANNOUNCE_AGAIN_MS ||
		 !slot_move(slot, word,
			    slot_word(PROVIDER_PREFERRED, 1, since)))
		return false;
	announce(call, provider, pa);
	return true;
}

static bool step_slot(const struct vs_call *call, struct provider *provider,
		      const struct wnv_provider *pa)
{
	struct provider_slot *slot = pa->slot;
	uint64_t word = atomic_load(&slot->word);
	uint64_t now = provider_now_ms(call);
	struct vs_mac mac;

	switch (slot_word_state(word)) {
	case PROVIDER_NEW:
		return provider_mac(call, pa, &mac) &&
		       slot_move(slot, word,
				 slot_word(PROVIDER_TENTATIVE, 0, now)) &&
		       step_tentative(call, provider, pa);
	case PROVIDER_TENTATIVE:
		return step_tentative(call, provider, pa);
	case PROVIDER_PREFERRED:
		return step_preferred(call, provider, pa);
	default:
		if (now >= slot_word_since(word) + RETRY_MS)
			slot_move(slot, word,
				  slot_word(PROVIDER_TENTATIVE, 0, now));
		return false;
	}
}

/* Round and round, SENDS_A_TICK packets a tick: a thousand addresses that
 * appear at once fill neither the queue nor the fabric. */
void provider_tick(const struct vs_call *call, struct provider *provider)
{
	const struct wnv_state *state = wnv_state_of(call->state);
	uint16_t count = wnv_provider_count(state), i;
	unsigned int sent = 0;

	for (i = 0; i < count && sent < SENDS_A_TICK; i++) {
		const struct wnv_provider *pa;

		if (provider->tick_at >= count)
			provider->tick_at = 0;
		pa = wnv_provider_at(state, provider->tick_at++);
		if (pa->owned && pa->slot && step_slot(call, provider, pa))
			sent++;
	}
}

static void defend(const struct vs_call *call, struct provider_slot *slot,
		   const struct wnv_provider *pa)
{
	uint64_t now = provider_now_ms(call);
	uint64_t last = atomic_load(&slot->defended_ms);

	if (last && now < last + DEFEND_GAP_MS)
		return;
	if (atomic_compare_exchange_strong(&slot->defended_ms, &last,
					   now ? now : 1))
		say(call, pa, PROVIDER_ANNOUNCES);
}

/* A reader between the two stores takes the MAC of before for one that is
 * there still: both were. */
static void note_rival(const struct vs_call *call, struct provider_slot *slot,
		       const struct vs_mac *mac)
{
	uint64_t bits = 0, now = provider_now_ms(call);
	unsigned int i;

	for (i = 0; i < sizeof(mac->octet); i++)
		bits = bits << 8 | mac->octet[i];
	atomic_store(&slot->rival, bits);
	atomic_store(&slot->rival_ms, now ? now : 1);
}

bool provider_rival(const struct wnv_provider *pa, uint64_t now_ns,
		    struct vs_mac *mac)
{
	uint64_t since = pa->slot ? atomic_load(&pa->slot->rival_ms) : 0, bits;
	unsigned int i;

	if (!since || now_ns / 1000000 >= since + RIVAL_MS)
		return false;
	bits = atomic_load(&pa->slot->rival);
	for (i = sizeof(mac->octet); i-- > 0; bits >>= 8)
		mac->octet[i] = (uint8_t)bits;
	return true;
}

void provider_conflict(const struct vs_call *call,
		       const struct wnv_provider *pa,
		       const struct vs_mac *other)
{
	struct provider_slot *slot = pa->slot;
	char ip[VS_IP_TEXT], mac[VS_MAC_TEXT], text[128];
	uint64_t word;

	if (!slot || call->tracing)
		return;
	snprintf(text, sizeof(text), "%s is also claimed by %s",
		 vs_ip_format(&pa->pa.ip, ip), vs_mac_format(other, mac));
	call->host->event(call, WNV_EVENT_PA_CONFLICT, text);
	note_rival(call, slot, other);
	word = atomic_load(&slot->word);
	if (slot_word_state(word) == PROVIDER_PREFERRED)
		defend(call, slot, pa);
	else if (slot_word_state(word) == PROVIDER_TENTATIVE &&
		 slot_move(slot, word,
			   slot_word(PROVIDER_DUPLICATE, 0,
				     provider_now_ms(call))))
		report(call, &pa->pa, PROVIDER_DUPLICATE);
}
