/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_moves.c: what the step from one state to the next says of VMs that
 * move (moves.h). Part of building a state (state.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tables.h"
#include "wildcard.h"

#define ARRIVAL_NS (UINT64_C(3) * 1000 * 1000 * 1000)

struct growing {
	struct wnv_move *list;
	uint32_t count;
};

static int grow(struct growing *moves, const struct wnv_move *move)
{
	struct wnv_move *list =
		wnv_grow(moves->list, moves->count, sizeof(*list));

	if (!list)
		return -ENOMEM;
	moves->list = list;
	moves->list[moves->count++] = *move;
	return 0;
}

/* -- the past ---------------------------------------------------------------
 */

/* The record that is to the state what `record` was to the one before. */
static const struct wnv_record *successor(const struct wnv_state *state,
					  const struct wnv_record *record)
{
	const struct wnv_subnet *subnet;
	uint32_t at;

	switch (record->type) {
	case WNV_TYPE_STATIC:
		at = wnv_book_find(&state->book, record->vsid, &record->ca);
		return at == WNV_NONE ? NULL : wnv_book_at(&state->book, at);
	case WNV_TYPE_L2ONLY:
		return wnv_l2only_find(state, record->vsid, &record->mac);
	case WNV_TYPE_GATEWAY:
		subnet = wnv_subnet_find(state, record->vsid);
		return subnet ? wnv_wildcard_of(state, subnet, &record->mac)
			      : NULL;
	default:
		return NULL;
	}
}

/* The record by which its VM has left this PA in this step, or NULL. */
static const struct wnv_record *moved_by(const struct wnv_state *state,
					 const struct wnv_record *before)
{
	const struct wnv_record *after;

	if (!before->vsid.value || !wnv_pa_is_set(&before->pa) ||
	    before->rule == WNV_RULE_NONE)
		return NULL;
	after = successor(state, before);
	return after && after->type == before->type &&
			       vs_mac_equal(&after->mac, &before->mac) &&
			       !wnv_pa_equal(&after->pa, &before->pa)
		       ? after
		       : NULL;
}

static void note_journey(struct wnv_journeys *journeys,
			 const struct wnv_record *before,
			 const struct wnv_record *after)
{
	if (!wnv_pa_is_set(&after->pa) || journeys->count++ >= WNV_JOURNEYS)
		return;
	journeys->list[journeys->count - 1] = (struct wnv_journey){
		.vsid = before->vsid,
		.mac = before->mac,
		.ca = before->ca,
		.from = before->pa,
		.to = after->pa,
	};
}

/* The same VM at the same place: most are, and where they were. */
static bool stands_still(const struct wnv_state *state, uint32_t at,
			 const struct wnv_record *record)
{
	const struct wnv_record *same;

	if (at >= state->book.count)
		return false;
	same = wnv_book_at(&state->book, at);
	return vs_vsid_equal(same->vsid, record->vsid) &&
	       same->type == record->type &&
	       vs_mac_equal(&same->mac, &record->mac) &&
	       wnv_ca_equal(&same->ca, &record->ca) &&
	       wnv_pa_equal(&same->pa, &record->pa);
}

/* From a PA that is another host's it may still speak for a while. */
static int add_shelf(struct wnv_state *state, const struct wnv_state *before,
		     uint32_t first, uint64_t until_ns, struct growing *moves)
{
	const struct wnv_record *record, *after;
	struct wnv_move move = {.until_ns = until_ns};
	uint32_t at;

	for (at = first; at < first + WNV_SHELF && at < before->book.count;
	     at++) {
		record = wnv_book_at(&before->book, at);
		if (stands_still(state, at, record))
			continue;
		after = moved_by(state, record);
		if (!after)
			continue;
		note_journey(&state->step.journeys, record, after);
		if (wnv_pa_local(state, &record->pa))
			continue;
		move.vsid = record->vsid;
		move.mac = record->mac;
		move.ca = record->ca;
		move.pa = record->pa;
		if (grow(moves, &move))
			return -ENOMEM;
	}
	return 0;
}

static int add_step(struct wnv_state *state, const struct wnv_state *before,
		    uint64_t until_ns, struct growing *moves)
{
	uint32_t at, shelf;
	int error = 0;

	for (at = 0; !error && at < before->book.count; at += WNV_SHELF) {
		shelf = at / WNV_SHELF;
		/* shared: the same records */
		if (at >= state->book.count ||
		    state->book.shelves[shelf] != before->book.shelves[shelf])
			error = add_shelf(state, before, at, until_ns, moves);
	}
	return error;
}

/* A past that is not over, of a record that is still there and elsewhere. */
static bool still_holds(const struct wnv_state *state,
			const struct wnv_move *move, uint64_t now_ns)
{
	const struct wnv_record *record =
		wnv_record_by_mac(state, move->vsid, &move->mac);

	return move->until_ns != MOVES_FOR_EVER && now_ns < move->until_ns &&
	       record && !wnv_pa_equal(&record->pa, &move->pa);
}

static int add_past(const struct wnv_state *state,
		    const struct wnv_state *before, uint64_t now_ns,
		    struct growing *moves)
{
	const struct wnv_move *move;
	uint32_t i;

	for (i = 0; i < before->moves.count; i++) {
		move = &before->moves.list[i];
		if (still_holds(state, move, now_ns) && grow(moves, move))
			return -ENOMEM;
	}
	return 0;
}

/* -- who has come here ------------------------------------------------------
 */

static bool is_local(const struct wnv_record *record)
{
	return record && record->flags & WNV_RECORD_LOCAL;
}

static const struct wnv_arrival *arrival_before(const struct wnv_state *before,
						struct vs_vsid vsid,
						const struct wnv_ca *ca)
{
	uint32_t i;

	for (i = 0; i < before->step.arrivals.count; i++)
		if (vs_vsid_equal(before->step.arrivals.list[i].vsid, vsid) &&
		    wnv_ca_equal(&before->step.arrivals.list[i].ca, ca))
			return &before->step.arrivals.list[i];
	return NULL;
}

/* An address of a port of ours: did its VM come here lately? */
static bool has_come(const struct wnv_state *state,
		     const struct wnv_state *before,
		     struct wnv_arrival *arrival)
{
	const struct wnv_record *record =
		wnv_record_find(state, arrival->vsid, &arrival->ca);
	const struct wnv_record *was =
		wnv_record_find(before, arrival->vsid, &arrival->ca);
	const struct wnv_arrival *known;

	if (!is_local(record) || !was)
		return false;
	arrival->mac = record->mac;
	arrival->news = !is_local(was);
	if (arrival->news)
		return true;
	known = arrival_before(before, arrival->vsid, &arrival->ca);
	if (!known || arrival->since_ns - known->since_ns > ARRIVAL_NS)
		return false;
	arrival->since_ns = known->since_ns;
	return true;
}

static int find_arrivals(struct wnv_state *state,
			 const struct wnv_state *before, uint64_t now_ns)
{
	struct wnv_arrival arrival;
	const struct wnv_named_profile *port;
	uint32_t i, room = 0;
	uint16_t k;

	for (i = 0; i < state->profiles.count; i++)
		room += state->profiles.list[i].profile.address_count;
	if (!room)
		return 0;
	state->step.arrivals.list =
		calloc(room, sizeof(*state->step.arrivals.list));
	if (!state->step.arrivals.list)
		return -ENOMEM;
	for (i = 0; i < state->profiles.count; i++) {
		port = &state->profiles.list[i];
		for (k = 0; k < port->profile.address_count; k++) {
			arrival.vsid = port->vsid;
			arrival.ca.ip = port->profile.addresses[k].ip;
			arrival.since_ns = now_ns;
			if (has_come(state, before, &arrival))
				state->step.arrivals
					.list[state->step.arrivals.count++] =
					arrival;
		}
	}
	return 0;
}

/* -- the step ---------------------------------------------------------------
 */

static int add_policy(const struct wnv_state *state, struct growing *moves)
{
	uint32_t i;

	for (i = 0; i < state->moves.count; i++)
		if (state->moves.list[i].until_ns == MOVES_FOR_EVER &&
		    grow(moves, &state->moves.list[i]))
			return -ENOMEM;
	return 0;
}

static int replace(struct wnv_state *state, struct growing *moves, int error)
{
	struct wnv_moves made;

	if (!error)
		error = wnv_moves_build(&made, moves->list, moves->count,
					state->seed);
	free(moves->list);
	if (error)
		return error;
	wnv_moves_destroy(&state->moves);
	state->moves = made;
	return 0;
}

int wnv_state_follow(struct wnv_state *state, const struct wnv_state *before,
		     uint64_t now_ns)
{
	struct growing moves = {0};
	int error;

	if (!before)
		return 0;
	error = find_arrivals(state, before, now_ns);
	if (!error)
		error = add_policy(state, &moves);
	if (!error)
		error = add_step(state, before, now_ns + MOVES_GRACE_NS,
				 &moves);
	if (!error)
		error = add_past(state, before, now_ns, &moves);
	if (!error && moves.count == state->moves.count) {
		free(moves.list); /* nobody moved: policy's own stand */
		return 0;
	}
	return replace(state, &moves, error);
}

static bool is_changed(const struct wnv_move *move,
		       const struct wnv_change *changes, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (changes[i].removes &&
		    vs_vsid_equal(changes[i].before.vsid, move->vsid) &&
		    wnv_ca_equal(&changes[i].before.ca, &move->ca))
			return true;
	return false;
}

int wnv_state_keep_moves(struct wnv_state *state, const struct wnv_state *base,
			 const struct wnv_change *changes, uint32_t count)
{
	struct growing moves = {0};
	const struct wnv_move *move;
	uint32_t i;
	int error = 0;

	state->moves = (struct wnv_moves){0};
	state->step = (struct wnv_step){0};
	for (i = 0; !error && i < base->moves.count; i++) {
		move = &base->moves.list[i];
		if (move->until_ns == MOVES_FOR_EVER &&
		    !is_changed(move, changes, count))
			error = grow(&moves, move);
	}
	for (i = 0; !error && i < count; i++)
		if (changes[i].adds && wnv_pa_is_set(&changes[i].next_pa))
			error = grow(&moves,
				     &(struct wnv_move){
					     .vsid = changes[i].after.vsid,
					     .mac = changes[i].after.mac,
					     .ca = changes[i].after.ca,
					     .pa = changes[i].next_pa,
					     .until_ns = MOVES_FOR_EVER,
				     });
	return replace(state, &moves, error);
}

/* -- who watches -----------------------------------------------------------
 */

static void tell_journey(const struct wnv_journey *journey,
			 const struct vs_main_host *host)
{
	char who[VS_IP_TEXT], from[VS_IP_TEXT], to[VS_IP_TEXT], text[192];

	if (vs_ip_is_unspecified(&journey->ca.ip))
		vs_mac_format(&journey->mac, who);
	else
		vs_ip_format(&journey->ca.ip, who);
	snprintf(text, sizeof(text), "%s in %u moved from %s to %s", who,
		 journey->vsid.value, vs_ip_format(&journey->from.ip, from),
		 vs_ip_format(&journey->to.ip, to));
	host->event(host, WNV_EVENT_VM_MOVED, text);
}

void wnv_state_tell(const struct wnv_state *state,
		    const struct vs_main_host *host)
{
	const struct wnv_journeys *journeys = &state->step.journeys;
	char text[64];
	uint32_t i;

	for (i = 0; i < journeys->count && i < WNV_JOURNEYS; i++)
		tell_journey(&journeys->list[i], host);
	if (journeys->count <= WNV_JOURNEYS)
		return;
	snprintf(text, sizeof(text), "and %u more moved",
		 journeys->count - WNV_JOURNEYS);
	host->event(host, WNV_EVENT_VM_MOVED, text);
}
