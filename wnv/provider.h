/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider.h: the provider side's neighbours: our own PAs, and the next hops
 * to those of other hosts. IPv4 by ARP, IPv6 by neighbour discovery.
 *
 * Theory of operation
 * -------------------
 * An *owned* PA is not an address of the kernel: we answer ARP or neighbour
 * solicitations for it and look for duplicates (RFC 5227, RFC 4862), once per
 * PA and boot. A *shared* PA is the kernel's: it answers and defends; we only
 * ask next hops for their MAC with it as the sender. A PA lives on its uplink
 * and in its VLAN: it is asked for and claimed nowhere else.
 *
 *   state       for           receives  answers  sends   leaves when
 *   NEW         uplink down   yes       no       no      up -> TENTATIVE
 *   TENTATIVE   4 s           yes       yes      from 1 s on
 *                                                 conflict -> DUPLICATE
 *                                                 3 probes unanswered and
 *                                                 4 s old -> PREFERRED
 *                                                 uplink down -> NEW
 *   PREFERRED   ever          yes       yes      yes     never: a conflict
 *                                                 is reported and answered
 *                                                 (at most once in 10 s)
 *   DUPLICATE   60 s          yes       no       no      -> TENTATIVE
 *
 * A PA that becomes preferred announces itself twice (gratuitous ARP,
 * unsolicited advertisement), and again when its uplink comes back, or comes
 * with another MAC.
 *
 * Next hops live in one vs_table, shared by all workers and written by all:
 *
 *   ASKED    the question went out. Younger than 1 s: frames wait (hold.h).
 *            Then for 1 s everything towards it is dropped; then it is asked
 *            again. Any answer with a MAC -> GOOD, an unsolicited one ->
 *            CHECKED.
 *   GOOD     has a MAC. In use and older than 30 s, or somebody says without
 *            being asked that the MAC is another -> CHECKED.
 *   CHECKED  still has its MAC; asked once a second, five times, the first
 *            three the MAC itself, then ASKED.
 *
 * An entry is made only by asking. What somebody says of an address that we
 * never asked for is not kept, so that a stranger can't fill the table. When
 * an uplink goes down, or is another device than before, everything that was
 * known behind it is forgotten (its *epoch* moves on), and the frames that
 * wait there are translated anew: by another uplink, or to their drop.
 *
 * Who owns what: struct provider belongs to the instance (main thread makes
 * and frees it); workers reach it through their shard. A slot per owned PA
 * lives as long as some state has the PA, so that a change of policy does not
 * begin its life anew; the main thread makes and frees them. Workers reach
 * them through the state they use; a slot's state is one atomic word, moved
 * on by worker 0's tick and, on a conflict, by whoever heard of it. Links are
 * watched by worker 0's tick and read by all.
 */
#ifndef WNV_PROVIDER_H
#define WNV_PROVIDER_H

#include <stdatomic.h>

#include <vswitch/table.h>

#include "codec.h"
#include "membership.h"
#include "life.h"
#include "pa_echo.h"
#include "policy.h"
#include "provider_message.h"
#include "provider_way.h"
#include "tally.h"

#define PROVIDER_NEIGHBOURS 4096u

enum provider_pa_state {
	PROVIDER_NEW,	    /* waits for its uplink to come up */
	PROVIDER_TENTATIVE, /* is being probed */
	PROVIDER_PREFERRED,
	PROVIDER_DUPLICATE,
	PROVIDER_PA_STATES
};

extern const char *const provider_pa_state_names[PROVIDER_PA_STATES];

struct provider_slot { /* one owned PA */
	struct wnv_pa pa;
	uint32_t users;		      /* states that have it; main thread */
	_Atomic uint64_t word;	      /* state, step, since (ms) */
	_Atomic uint64_t defended_ms; /* when a conflict was last answered */
	_Atomic uint64_t rival;	      /* MAC that last stood beside it .. */
	_Atomic uint64_t rival_ms;    /* .. and when; 0: nobody's */
	/* where it was last announced; worker 0's */
	struct vs_port_id uplink;
	uint32_t epoch; /* of that link */
	uint16_t vlan;
};

/* What worker 0 saw of an uplink. */
struct provider_link {
	_Atomic uint32_t epoch; /* moves when its neighbours are forgotten */
	uint32_t if_index;
	struct vs_mac mac;
	bool looked; /* at least once; seen: it was up then, or once */
	bool seen, up;
};

struct provider {
	struct vs_table *neighbours;
	struct tallies *tallies;
	struct lives lives;
	struct pa_echoes echoes;
	uint16_t workers;
	uint16_t tick_at;	  /* worker 0: the PA whose turn it is */
	_Atomic uint32_t changes; /* of epochs */
	_Atomic uint64_t down[VS_PORTS_MAXIMUM / 64];
	struct provider_link link[VS_PORTS_MAXIMUM];
	struct provider_queries queries;
	/* main thread only */
	struct provider_slot **slots; /* lowest PA first */
	uint32_t slot_count;
};

/* -- main thread ----------------------------------------------------------- */

/* provider_create - NULL: out of memory. `seed` is random. */
struct provider *provider_create(uint16_t workers, uint64_t seed);
/* provider_destroy - no worker may use it any more; NULL is allowed. */
void provider_destroy(struct provider *provider);
/*
 * provider_configure - before a state is published: make slots for its owned
 * PAs, and places to count its peers in. -ENOMEM; error is filled.
 * provider_retire - such a state is gone.
 */
int provider_configure(struct provider *provider, struct wnv_state *state,
		       struct vs_error *error);
void provider_retire(struct provider *provider, const struct wnv_state *state);
/* provider_pa_state - for lists: of an owned PA; a shared one is PREFERRED. */
enum provider_pa_state provider_pa_state(const struct wnv_provider *pa);

/* provider_rival - for lists: whose MAC stood beside an owned PA in the last
 * five minutes; false: nobody's, or it was verified since. */
bool provider_rival(const struct wnv_provider *pa, uint64_t now_ns,
		    struct vs_mac *mac);

/* provider_uplink_up - for lists: was it up at the last look? */
bool provider_uplink_up(const struct provider *provider,
			struct vs_port_id uplink);

/* What is known of the way to a peer, for lists. */
struct provider_sight {
	const char *state; /* "resolved", "asking", "silent", "unasked", "down",
			      "no way" */
	struct vs_mac mac; /* resolved: the next hop's; zero else */
};

struct provider_sight provider_look(struct provider *provider,
				    const struct wnv_state *state,
				    const struct wnv_peer *peer,
				    uint64_t now_ns);

/* The same from one PA of ours, and which way it is. */
struct provider_prospect {
	struct provider_sight sight;
	enum wnv_pa_way_result result;
	struct wnv_pa_way way; /* FOUND */
	uint64_t now_ns;       /* when it was looked */
};

struct provider_prospect provider_look_from(struct provider *provider,
					    const struct wnv_state *state,
					    const struct wnv_provider *source,
					    const struct wnv_pa *target,
					    uint64_t now_ns);

/* -- packet path ----------------------------------------------------------- */

/* Which next hop: the key under which frames wait. */
struct provider_hop {
	struct wnv_pa source; /* ours: in whose name the hop is asked for */
	struct wnv_pa hop;
	struct vs_port_id uplink; /* 0: none */
	uint16_t vlan;
	bool early; /* the source may not send yet: wait longer */
};

/* The way to a remote PA; cached per worker for a tenth of a second. */
struct provider_path {
	const struct wnv_provider *source; /* the cache's key, with .. */
	uint32_t peer;
	uint8_t kind; /* enum codec_kind */
	struct vs_port_id uplink;
	uint64_t expires_ns; /* 0 = empty */
	struct codec_path codec;
};

enum provider_answer { PROVIDER_READY, PROVIDER_WAIT, PROVIDER_DROP };

/*
 * provider_resolve - find the way from `source` to `path->peer`, for frames of
 * `path->kind`. READY: the
 * path is filled. WAIT: `hop` says for whom. DROP: `reason` is set.
 */
enum provider_answer provider_resolve(const struct vs_call *call,
				      struct provider *provider,
				      struct provider_path *path,
				      struct provider_hop *hop,
				      enum wnv_reason *reason);

/* The headers in front of what goes to a PA, known or not to policy. */
struct provider_reach {
	struct provider_hop hop;
	struct vs_mac source_mac, hop_mac; /* READY */
	enum wnv_reason reason;		   /* DROP */
};

/* provider_reach - provider_resolve for any PA: whom to wait for, or both MACs.
 */
enum provider_answer provider_reach(const struct vs_call *call,
				    struct provider *provider,
				    const struct wnv_provider *source,
				    const struct wnv_pa *target,
				    struct provider_reach *reach);

/* provider_ask - ask for the hop's MAC (from tick, repeats). */
void provider_ask(const struct vs_call *call, struct provider *provider,
		  const struct provider_hop *hop);

/* provider_known - has the hop got a MAC now? */
bool provider_known(const struct vs_call *call, struct provider *provider,
		    const struct provider_hop *hop);

/* provider_lost - is the way to the hop gone, so that waiting is in vain? */
bool provider_lost(const struct vs_call *call, const struct provider_hop *hop);

enum provider_hearing {
	PROVIDER_PASS,	/* not for us, or not for us alone */
	PROVIDER_TAKE,	/* for us alone: consume it */
	PROVIDER_REFUSE /* drop it; reason is set */
};

/* What follows from a message of the provider network. */
struct provider_heard {
	struct provider_hop resolved; /* its MAC is known now; uplink 0: none */
	const struct wnv_provider *asked; /* is to answer; or NULL */
	enum wnv_reason reason;
	struct provider_message message;
};

/* provider_hear - ARP or neighbour discovery from an uplink: learn, defend.
 * PASS, and nothing set, for every other frame. */
enum provider_hearing provider_hear(const struct vs_call *call,
				    struct provider *provider,
				    const struct vs_frame *frame,
				    struct provider_heard *heard);
/* provider_answer - for the PA that was asked for. */
void provider_answer(const struct vs_call *call,
		     const struct provider_heard *heard);

/*
 * Next hops are asked for before anybody needs them: a group frame can't wait
 * for one (design 8). A round visits every awaited peer, ADVANCE_PEERS a tick.
 * One begins with each new state
 * and each change of an uplink; the next follows after 1 s, 2 s, 4 s ... as
 * long as somebody is silent, after 30 s else.
 */
#define ADVANCE_PEERS 32u

struct provider_advance {
	uint64_t serial;  /* of the state that `next` counts in */
	uint32_t changes; /* of links */
	uint64_t due_ns, gap_ns;
	uint32_t next;	 /* of peers x our PAs; 0: between rounds */
	bool unresolved; /* somebody was silent in this round */
};

/* provider_advance - worker 0's tick: a piece of a round. */
void provider_advance(const struct vs_call *call, struct provider *provider,
		      struct provider_advance *advance);

/* provider_watch - worker 0: which uplinks went, came, or changed. */
void provider_watch(const struct vs_call *call, struct provider *provider);
/* provider_tick - worker 0, after it: probes and announcements of owned PAs. */
void provider_tick(const struct vs_call *call, struct provider *provider);

#endif
