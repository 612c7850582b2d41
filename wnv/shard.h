/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard.h: what one worker keeps for WNV, and what it does by the clock.
 *
 * The adapter (wnv.c) gives the host WNV_SHARD_SIZE, opens and closes it with
 * the functions below, and calls shard_tick and shard_noted for its hooks of
 * the same name. Everything here is touched by its worker alone.
 */
#ifndef WNV_SHARD_H
#define WNV_SHARD_H

#include "advertise.h"
#include "announce.h"
#include "hold.h"
#include "provider.h"
#include "sought.h"

#define SHARD_PATHS 256u /* powers of two */
#define SHARD_PAIRS 64u

/* Outer source and target that passed wnv_outer_check lately: saves its four
 * lookups per frame. */
struct shard_pair {
	uint8_t addresses[32]; /* as on the wire; IPv4: the first 8 */
	uint64_t expires_ns;
	bool ipv6;
	uint16_t vlan;
	uint16_t tally; /* the source's */
};

struct wnv_shard {
	struct provider *provider; /* the instance's, shared */
	uint64_t serial;	   /* of the state of paths, pairs */
	uint64_t ticked_ns;	   /* worker 0: when it last ticked */
	uint16_t outer_id;	   /* of the next packet (B1.4) */
	uint16_t worker;
	uint64_t reported_ns;		    /* policy_mismatch: not before */
	uint64_t punt_ns[VS_PORTS_MAXIMUM]; /* see shard_punt */
	struct provider_path paths[SHARD_PATHS];
	struct shard_pair pairs[SHARD_PAIRS];
	struct provider_advance advance; /* worker 0's */
	struct advertise advertise;	 /* too */
	struct memberships memberships;	 /* too */
	struct announce announce;	 /* too */
	struct hold holds[HOLDS];
	struct sought sought[SOUGHT_SLOTS];
};

static inline struct wnv_shard *wnv_shard_of(const struct vs_call *call)
{
	return (struct wnv_shard *)call->shard;
}

/* Notes from worker to worker; the adapter's own kinds begin at 64. */
enum shard_note { SHARD_NOTE_RESOLVED = 1 };

/* shard_open, shard_close - main thread; `shard` is zeroed memory of
 * sizeof(struct wnv_shard). What is held at close is the host's to book. */
void shard_open(struct wnv_shard *shard, struct provider *provider,
		uint16_t worker);
void shard_close(struct wnv_shard *shard);

/* shard_tick - the tick hook; returns the next deadline. */
uint64_t shard_tick(const struct vs_call *call);
/* shard_noted - the noted_shard hook. */
void shard_noted(const struct vs_call *call, const struct vs_note *note);

/* What shard_path found; which member is valid says its answer. */
struct shard_way {
	const struct provider_path *path; /* READY; until the hook returns */
	struct provider_hop hop;	  /* WAIT: for whom */
	enum wnv_reason reason;		  /* DROP */
};

/* To whom, and how. */
struct shard_target {
	uint32_t peer;
	enum codec_kind kind;
};

/* shard_path - the way from `source` to a peer: from the worker's cache, or
 * from provider_resolve. */
enum provider_answer shard_path(const struct vs_call *call,
				const struct wnv_provider *source,
				const struct shard_target *target,
				struct shard_way *way);

/* shard_pair_find - the pair, if it passed wnv_outer_check within the last
 * tenth of a second, under this state; else NULL. shard_pair_keep - it did. */
const struct shard_pair *shard_pair_find(const struct vs_call *call,
					 const struct codec_outer *outer);
void shard_pair_keep(const struct vs_call *call,
		     const struct codec_outer *outer, uint16_t tally);

/* shard_resolved - a hop has its MAC now: release what waits, here and at the
 * other workers. */
void shard_resolved(const struct vs_call *call, const struct provider_hop *hop);

/*
 * shard_punt - may this port be answered by us once more? 1,000 answers a
 * second, 200 at once (trust.md B8).
 */
bool shard_punt(const struct vs_call *call, struct vs_port_id port);

#endif
