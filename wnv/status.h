/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h: what policy has to say of an object now: the read-only columns of
 * lists. Main thread only; `state` is the newest one.
 */
#ifndef WNV_STATUS_H
#define WNV_STATUS_H

#include "policy.h"

/* wnv_status_ca - usable, why, local of a record; keys as text. */
void wnv_status_ca(const struct wnv_state *state, const char *vsid,
		   const char *ca, struct vs_reply *reply);

/* wnv_status_records - rows of all records that hold, those that ports made
 * (auto) too. */
void wnv_status_records(const struct wnv_state *state, struct vs_reply *reply);

#endif
