/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_marks.c: what is set in a built state before it is published: things
 * that outlive a state and that it refers to.
 *
 * Before it: state.c. After it: the host publishes, lookup.c reads.
 */
#include "tables.h"

void wnv_state_set_serial(struct wnv_state *state, uint64_t serial)
{
	state->head.serial = serial;
}

void wnv_state_set_tally(struct wnv_state *state, uint32_t peer, uint16_t tally)
{
	state->peers[peer].tally = tally;
}

void wnv_state_set_slot(struct wnv_state *state, uint16_t provider,
			struct provider_slot *slot)
{
	state->providers[provider].slot = slot;
}
