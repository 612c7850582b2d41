/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair.h: records with rule=rewrite, by their provider address: a pair of such
 * addresses says whose packet it is (hnv.md B2.3).
 *
 * Before it: policy.h. After it: rewrite_in.c, rewrite_out.c.
 */
#ifndef WNV_PAIR_H
#define WNV_PAIR_H

#include "policy.h"

/* wnv_rewrites - is there any record with rule=rewrite? */
static inline bool wnv_rewrites(const struct wnv_state *state)
{
	return ((const struct wnv_state_head *)state)->rewrites;
}

/* wnv_record_by_pa - the record with rule=rewrite that has this PA, ours or
 * another host's: there is one at the most (B2.2); or NULL. */
const struct wnv_record *wnv_record_by_pa(const struct wnv_state *state,
					  const struct wnv_pa *pa);

#endif
