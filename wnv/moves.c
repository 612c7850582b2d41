/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moves.c: the list of moves.h: asked by guard.c.
 *
 * Before it: state_moves.c, which says what is in it.
 */
#include "moves.h"

#include <errno.h>
#include <stdlib.h>

#include "tables.h"

static uint32_t mac_hash(uint64_t seed, const struct wnv_move *move)
{
	return wnv_hash_mac(seed, move->vsid, &move->mac);
}

int wnv_moves_build(struct wnv_moves *moves, const struct wnv_move *list,
		    uint32_t count, uint64_t seed)
{
	uint32_t i;

	*moves = (struct wnv_moves){0};
	if (!count)
		return 0;
	moves->list = malloc(count * sizeof(*list));
	if (!moves->list || wnv_index_create(&moves->by_mac, count) ||
	    wnv_index_create(&moves->by_pa, count)) {
		wnv_moves_destroy(moves);
		return -ENOMEM;
	}
	memcpy(moves->list, list, count * sizeof(*list));
	moves->count = count;
	for (i = 0; i < count; i++) {
		wnv_index_add(&moves->by_mac, mac_hash(seed, &list[i]), i);
		wnv_index_add(&moves->by_pa,
			      wnv_hash_ip(seed, 0, &list[i].pa.ip), i);
	}
	return 0;
}

void wnv_moves_destroy(struct wnv_moves *moves)
{
	free(moves->list);
	wnv_index_destroy(&moves->by_mac);
	wnv_index_destroy(&moves->by_pa);
	*moves = (struct wnv_moves){0};
}

bool wnv_moved_mac(const struct wnv_state *state, struct vs_vsid vsid,
		   const struct vs_mac *mac, const struct wnv_pa *pa,
		   uint64_t now_ns)
{
	const struct wnv_moves *moves = &state->moves;
	const struct wnv_move *move;

	WNV_INDEX_EACH(i, &moves->by_mac, wnv_hash_mac(state->seed, vsid, mac))
	{
		move = &moves->list[i];
		if (vs_vsid_equal(move->vsid, vsid) &&
		    vs_mac_equal(&move->mac, mac) &&
		    wnv_pa_equal(&move->pa, pa) && now_ns < move->until_ns)
			return true;
	}
	return false;
}

const struct wnv_move *wnv_moved_pa(const struct wnv_state *state,
				    const struct wnv_pa *pa, uint64_t now_ns)
{
	const struct wnv_moves *moves = &state->moves;

	WNV_INDEX_EACH(i, &moves->by_pa, wnv_hash_ip(state->seed, 0, &pa->ip))
	if (wnv_pa_equal(&moves->list[i].pa, pa) &&
	    now_ns < moves->list[i].until_ns)
		return &moves->list[i];
	return NULL;
}

const struct wnv_arrivals *wnv_state_arrivals(const struct wnv_state *state)
{
	return &state->step.arrivals;
}
