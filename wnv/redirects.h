/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redirects.h: where hosts said that VMs went (hnv.md A8.3, A8.6), and how
 * often who is told and believed.
 *
 * Theory of operation
 * -------------------
 * Under redirect=apply a REDIRECT that was believed sends what is for the VM
 * to its new PA, and lets the VM speak from there, until policy says the same,
 * or something else: an entry names the PA that the record had, and holds only
 * while it has it. It ends after REDIRECTS_LIFE_NS in any case; the next frame
 * to the old host brings the next REDIRECT. Policy is never changed by it.
 *
 * Per peer and direction at most REDIRECTS_PER_SECOND messages are sent and
 * believed; the same news is told to the same peer once a second. Both are
 * counted in small tables without collision lists: who shares a place with
 * another may get fewer.
 *
 * Any thread at any time, but for create and destroy.
 */
#ifndef WNV_REDIRECTS_H
#define WNV_REDIRECTS_H

#include "policy.h"

#define REDIRECTS	     1024u
#define REDIRECTS_LIFE_NS    (UINT64_C(300) * 1000 * 1000 * 1000)
#define REDIRECTS_PER_SECOND 10u

enum wnv_redirect { /* what a network does with advice */
		    WNV_REDIRECT_NOTIFY,
		    WNV_REDIRECT_OFF,
		    WNV_REDIRECT_APPLY,
};

struct redirects;

struct redirects *redirects_create(uint64_t seed);   /* NULL: out of memory */
void redirects_destroy(struct redirects *redirects); /* NULL is allowed */

/* redirects_put - the VM of `record`, which is at record->pa, is at `to`. */
void redirects_put(struct redirects *redirects, const struct wnv_record *record,
		   const struct wnv_pa *to, uint64_t now_ns);
/* redirects_find - where is it now? false: where the record says. */
bool redirects_find(struct redirects *redirects,
		    const struct wnv_record *record, uint64_t now_ns,
		    struct wnv_pa *to);

enum redirects_way { REDIRECTS_TOLD, REDIRECTS_HEARD, REDIRECTS_WAYS };

/* redirects_spend - one more of this peer? Counts it if so. */
bool redirects_spend(struct redirects *redirects, enum redirects_way way,
		     const struct wnv_pa *peer, uint64_t now_ns);

/* News for a peer: a VM of this MAC is not here. */
struct redirects_news {
	struct wnv_pa peer;
	struct vs_vsid vsid;
	struct vs_mac mac;
};

/* redirects_is_news - it was not told within this second; now it is. */
bool redirects_is_news(struct redirects *redirects,
		       const struct redirects_news *news, uint64_t now_ns);

/* -- in policy ------------------------------------------------------------- */

static inline struct redirects *
wnv_state_redirects(const struct wnv_state *state)
{
	return ((const struct wnv_state_head *)(const void *)state)->redirects;
}

/* wnv_network_redirect - enum wnv_redirect. */
uint8_t wnv_network_redirect(const struct wnv_state *state, uint32_t network);
/* wnv_network_names - does a usable encap or vxlan record of the routing domain
 * name the peer? Not for every frame. */
bool wnv_network_names(const struct wnv_state *state, uint32_t network,
		       const struct wnv_peer *peer);

/* wnv_redirected - where the VM of a remote record is, as its host said
 * (redirects.h); NULL: where the record says, or policy knows the place no
 * more. One look at the state if no network follows advice. */
const struct wnv_peer *wnv_redirected_find(const struct wnv_state *state,
					   const struct wnv_record *record,
					   uint64_t now_ns);
static inline const struct wnv_peer *
wnv_redirected(const struct wnv_state *state, const struct wnv_record *record,
	       uint64_t now_ns)
{
	return ((const struct wnv_state_head *)(const void *)state)->applies
		       ? wnv_redirected_find(state, record, now_ns)
		       : NULL;
}

#endif
