/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_marks.c: what is set in a built state before it is published: things
 * that outlive a state and that it refers to.
 *
 * Before it: state.c. After it: the host publishes, lookup.c reads.
 */
#include "learned.h"
#include "redirects.h"
#include "tables.h"

void wnv_state_set_serial(struct wnv_state *state, uint64_t serial)
{
	state->head.serial = serial;
}

void wnv_state_set_version(struct wnv_state *state, uint64_t version)
{
	state->version = version;
}

uint64_t wnv_state_version(const struct wnv_state *state)
{
	return state->version;
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

void wnv_state_set_redirects(struct wnv_state *state,
			     struct redirects *redirects)
{
	const struct wnv_domains *domains = &state->domains;
	uint32_t i;

	state->head.redirects = NULL;
	state->head.applies = false;
	for (i = 0; i < domains->network_count; i++) {
		if (domains->networks[i].redirect != WNV_REDIRECT_OFF)
			state->head.redirects = redirects;
		if (domains->networks[i].redirect == WNV_REDIRECT_APPLY)
			state->head.applies = true;
	}
}

/* Only a state with L2Only or shared records asks for what was learned. */
void wnv_state_set_learned(struct wnv_state *state, struct learned *learned)
{
	const struct wnv_index *index = &state->by_l2only;
	const struct wnv_record *record;
	struct wnv_record *own;
	uint32_t i, position;
	uint16_t owner;

	if (index->slots || state->head.shares)
		state->head.learned = learned;
	if (!index->slots)
		return;
	for (i = 0; i <= index->mask; i++) {
		position = index->slots[i].position;
		if (position == UINT32_MAX)
			continue;
		record = wnv_book_at(&state->book, position);
		owner = learned_owner(learned, state->head.serial, record->vsid,
				      &record->mac, record->ip_limit);
		/* the record may be another state's too, and then says so */
		own = owner == record->owner
			      ? NULL
			      : wnv_book_edit(&state->book, position);
		if (own)
			own->owner = owner;
	}
}
