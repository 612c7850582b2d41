/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h: what policy has to say of an object now: the read-only columns of
 * lists. Main thread only; `state` is the newest one.
 */
#ifndef WNV_STATUS_H
#define WNV_STATUS_H

#include "provider.h"

/* wnv_status_ca - usable, why, local of a record; keys as text. */
void wnv_status_ca(const struct wnv_state *state, uint64_t now_ns,
		   const char *vsid, const char *ca, struct vs_reply *reply);

/* wnv_status_gateway - the same of a gateway wildcard. */
void wnv_status_gateway(const struct wnv_state *state, const char *vsid,
			const char *mac, struct vs_reply *reply);
/* wnv_status_l2only - the same of an L2Only record. */
void wnv_status_l2only(const struct wnv_state *state, const char *vsid,
		       const char *mac, struct vs_reply *reply);

/* wnv_status_group - whether a provider group is heard here. */
void wnv_status_group(const struct wnv_state *state, const char *vsid,
		      const char *address, struct vs_reply *reply);

/* wnv_status_pa - the state of an address of ours. */
void wnv_status_pa(const struct wnv_state *state, uint64_t now_ns,
		   const char *pa, struct vs_reply *reply);

/* wnv_status_paroute - whether a provider route is in use. */
void wnv_status_paroute(const struct wnv_state *state,
			const struct provider *provider, const char *uplink,
			const char *prefix, struct vs_reply *reply);

/* wnv_status_peer - the way to a remote PA, what came and went. */
void wnv_status_peer(const struct wnv_state *state, struct provider *provider,
		     uint64_t now_ns, const char *pa, struct vs_reply *reply);

/* wnv_list_records - the records that ports made (auto), and those that were
 * learned. wnv_list_peers - all PAs that records name. */
void wnv_list_records(const struct wnv_state *state, uint64_t now_ns,
		      struct vs_rows *rows);
void wnv_list_peers(const struct wnv_state *state, struct vs_rows *rows);

#endif
