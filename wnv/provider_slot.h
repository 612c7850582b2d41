/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_slot.h: what the provider_*.c files share: the word of an owned
 * PA's slot, the neighbour table's key and value, links.
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

/* -- the neighbour table -- */

enum neighbour_state { NEIGHBOUR_ASKED, NEIGHBOUR_GOOD, NEIGHBOUR_CHECKED };

#define NEIGHBOUR_WAIT_MS 1000u /* asked: for so long frames wait */

struct neighbour_key {
	struct wnv_pa pa;
	uint32_t uplink;
	uint16_t vlan, reserved;
};

struct neighbour_value {
	struct vs_mac mac; /* zero while ASKED */
	uint8_t state;	   /* enum neighbour_state */
	uint8_t tries;	   /* CHECKED: questions sent */
	uint32_t since_ms; /* of the state; the clock's low 32 bits */
	uint32_t epoch;	   /* of the link; another one: forgotten */
};

static inline struct neighbour_key
provider_hop_key(const struct provider_hop *hop)
{
	return (struct neighbour_key){hop->hop, hop->uplink.value, hop->vlan,
				      0};
}

/* provider_neighbour - what is known of a hop; false: nothing. */
bool provider_neighbour(struct provider *provider,
			const struct provider_hop *hop, uint64_t now_ns,
			struct neighbour_value *value);
/* provider_neighbour_set - it is known from now on. */
void provider_neighbour_set(const struct vs_call *call,
			    struct provider *provider,
			    const struct provider_hop *hop,
			    struct neighbour_value value);

/* -- links -- */

/* provider_epoch - of the uplink's neighbours. */
static inline uint32_t provider_epoch(const struct provider *provider,
				      struct vs_port_id uplink)
{
	return atomic_load_explicit(
		&provider->link[uplink.value % VS_PORTS_MAXIMUM].epoch,
		memory_order_relaxed);
}

/* provider_down - the uplinks that were down at the last look. */
struct wnv_ports provider_down(const struct provider *provider);

/* -- owned PAs -- */

static inline uint64_t provider_now_ms(const struct vs_call *call)
{
	return call->now_ns / 1000000;
}

/* provider_mac - a PA's MAC: its own or its uplink's; false: no device, or it
 * is down: what is sent now is lost. provider_mac_on - on whatever uplink. */
bool provider_mac(const struct vs_call *call, const struct wnv_provider *pa,
		  struct vs_mac *mac);
bool provider_mac_on(const struct vs_call *call, const struct wnv_provider *pa,
		     struct vs_port_id uplink, struct vs_mac *mac);

/* provider_may_send - may this PA be the sender of a request or a frame now?
 * False with WNV_REASONS in *reason: not yet; else: no, because. */
bool provider_may_send(const struct vs_call *call,
		       const struct wnv_provider *pa, enum wnv_reason *reason);

/* provider_conflict - somebody else's MAC stands beside an owned PA. */
void provider_conflict(const struct vs_call *call,
		       const struct wnv_provider *pa,
		       const struct vs_mac *other);

#endif
