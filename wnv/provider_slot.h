/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_slot.h: layouts that the provider_*.c files share: the word
 * of an owned PA's slot, and the neighbour table's key and value.
 */
#ifndef WNV_PROVIDER_SLOT_H
#define WNV_PROVIDER_SLOT_H

#include "provider.h"

/* A slot's word: state in bits 0..7, step in 8..15, since (ms) above. */
static inline uint64_t slot_word(enum provider_pa_state state, uint8_t step,
				 uint64_t since_ms)
{
	return since_ms << 16 | (uint64_t)step << 8 | (uint64_t)state;
}

static inline enum provider_pa_state slot_word_state(uint64_t word)
{
	return (enum provider_pa_state)(word & 0xff);
}

static inline uint8_t slot_word_step(uint64_t word)
{
	return (uint8_t)(word >> 8);
}

static inline uint64_t slot_word_since(uint64_t word)
{
	return word >> 16;
}

/* provider_slots_take - a slot for every owned PA of a state; 0 or -ENOMEM
 * (then none is taken). provider_slots_give - the state is gone. */
int provider_slots_take(struct provider *provider, struct wnv_state *state);
void provider_slots_give(struct provider *provider,
			 const struct wnv_state *state);

enum neighbour_state { NEIGHBOUR_ASKED, NEIGHBOUR_GOOD, NEIGHBOUR_CHECKED };

#define NEIGHBOUR_WAIT_MS 1000u /* asked: for so long frames wait */

struct neighbour_key {
	struct wnv_pa pa;
	uint32_t uplink;
};

struct neighbour_value {
	struct vs_mac mac; /* zero while ASKED */
	uint8_t state;	   /* enum neighbour_state */
	uint8_t tries;	   /* CHECKED: requests sent */
	uint32_t since_ms; /* of the state; the clock's low 32 bits */
};

static inline uint64_t provider_now_ms(const struct vs_call *call)
{
	return call->now_ns / 1000000;
}

/* An ARP packet that we send on an uplink. */
struct provider_arp {
	struct vs_mac to; /* Ethernet destination */
	struct vs_mac sender_mac, target_mac;
	struct vs_ip sender, target; /* IPv4 */
	uint16_t operation;
};

#define ARP_REQUEST 1u
#define ARP_REPLY   2u

/* provider_send - best effort: a lost one is repeated or asked for again. */
void provider_send(const struct vs_call *call, struct vs_port_id uplink,
		   const struct provider_arp *arp);

/* provider_mac - a PA's MAC: its own or its uplink's; false: no device, or it
 * is down: what is sent now is lost. */
bool provider_mac(const struct vs_call *call, const struct wnv_provider *pa,
		  struct vs_mac *mac);

/* provider_may_send - may this PA be the sender of a request or a frame now?
 * False with WNV_REASONS in *reason: not yet; else: no, because. */
bool provider_may_send(const struct vs_call *call,
		       const struct wnv_provider *pa, enum wnv_reason *reason);

/* provider_conflict - somebody else's MAC stands beside an owned PA. */
void provider_conflict(const struct vs_call *call,
		       const struct wnv_provider *pa,
		       const struct vs_mac *other);

#endif
