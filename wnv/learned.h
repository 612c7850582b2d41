/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learned.h: which customer address which VM has, as its VM said itself.
 *
 * Theory of operation
 * -------------------
 * Policy says of an L2Only record where a MAC lives; what is learned says only
 * which MAC has a CA. A dynamic record (hnv.md A2.9) is the two put together
 * when it is asked for (resolve.c), so it moves with its MAC's record, goes
 * with it, and nobody can learn a VM to another host.
 *
 * Three tables, shared by all workers and written by all (table.h):
 *
 *   addresses  (VSID, CA) -> MAC; 300 s without a sign of life end an entry
 *              (learn_main.c asks before). Who pays: the owner, if its port
 *              has an ip-limit, else the VSID's quarter of the table.
 *   contests   (VSID, CA) -> the MAC that claims what another one has. ASKED:
 *              the holder is probed for a second. Its answer makes it KEPT:
 *              the newcomer is refused for 10 s without further probes;
 *              silence moves the address to the newcomer.
 *   requests   (VSID, MAC, family) -> xid of the client's last DHCP request,
 *              so that only an answer to it teaches.
 *
 * Main thread: create, destroy, owner. Everything else: any thread.
 */
#ifndef WNV_LEARNED_H
#define WNV_LEARNED_H

#include <vswitch/table.h>

#include "address.h"

#define LEARNED_ADDRESSES  16384u
#define LEARNED_CONTESTS   64u
#define LEARNED_REQUESTS   1024u
#define LEARNED_OWNERS	   1024u
#define LEARNED_IDLE_NS	   (UINT64_C(300) * 1000000000)
#define LEARNED_CONTEST_NS (UINT64_C(1) * 1000000000)
#define LEARNED_KEPT_NS	   (UINT64_C(10) * 1000000000)

struct learned;

struct learned_key {
	struct vs_vsid vsid;
	struct wnv_ca ca;
};

/* One claim: "I have this address." */
struct learned_claim {
	struct learned_key key;
	struct vs_mac mac;
	uint16_t owner; /* learned_owner(); 0: the VSID pays */
};

enum learned_result {
	LEARNED_SAME,	/* known, and seen again */
	LEARNED_NEW,	/* known from now on */
	LEARNED_HELD,	/* another MAC has it */
	LEARNED_LIMIT,	/* the owner has as many as it may have */
	LEARNED_QUOTA,	/* the VSID has, or the table is full */
	LEARNED_SKIPPED /* somebody holds the bucket: the next claim tries */
};

struct learned *learned_create(uint64_t seed); /* NULL: out of memory */
void learned_destroy(struct learned *learned); /* NULL is allowed */

/*
 * learned_owner - a place that counts the addresses of one VM against its
 * limit; the same for the same VM as long as it is asked for with every state
 * (`serial`). 0: no room, or no limit.
 */
uint16_t learned_owner(struct learned *learned, uint64_t serial,
		       struct vs_vsid vsid, const struct vs_mac *mac,
		       uint32_t limit);

/* learned_find - who has it? */
bool learned_find(struct learned *learned, const struct learned_key *key,
		  uint64_t now_ns, struct vs_mac *mac);
/* learned_learn - never takes an address from another MAC. */
enum learned_result learned_learn(struct learned *learned,
				  const struct learned_claim *claim,
				  uint64_t now_ns);
/* learned_has_room - may this owner have one more? */
bool learned_has_room(struct learned *learned, uint16_t owner);
/* learned_room - how many more; UINT32_MAX: it has no limit. */
uint32_t learned_room(const struct learned *learned, uint16_t owner);
/* learned_seen - a sign of life of who has it. */
void learned_seen(struct learned *learned, const struct learned_key *key,
		  uint64_t now_ns);
/* learned_move - it is the claimant's from now on. */
void learned_move(struct learned *learned, const struct learned_claim *claim,
		  uint64_t now_ns);
bool learned_forget(struct learned *learned, const struct learned_key *key);

/* learned_age - ns since it was last seen; false: it is not known. */
bool learned_age(struct learned *learned, const struct learned_key *key,
		 uint64_t now_ns, uint64_t *age_ns);

/* An address as it is walked over, with its age. */
struct learned_entry {
	struct learned_key key;
	struct vs_mac mac;
	uint64_t age_ns;
};

/* learned_next - `cursor` starts at 0; false at the end. */
bool learned_next(struct learned *learned, uint64_t *cursor, uint64_t now_ns,
		  struct learned_entry *entry);
uint64_t learned_count(const struct learned *learned);

/* -- contests -- */

struct learned_contest {
	struct learned_claim claim; /* the newcomer's */
	uint64_t since_ns;	    /* ASKED, or KEPT, since then */
	bool kept;
};

/* learned_contest - begin one, unless there is one; false: there was. */
bool learned_contest(struct learned *learned, const struct learned_claim *claim,
		     uint64_t now_ns);
/* learned_contested - is there one? Cheap if there is none at all. */
bool learned_contested(struct learned *learned, const struct learned_key *key,
		       uint64_t now_ns, struct learned_contest *contest);
/* learned_keep - the holder gave a sign of life. */
void learned_keep(struct learned *learned,
		  const struct learned_contest *contest, uint64_t now_ns);
void learned_settle(struct learned *learned, const struct learned_key *key);
bool learned_next_contest(struct learned *learned, uint64_t *cursor,
			  uint64_t now_ns, struct learned_contest *contest);

/* -- DHCP -- */

/* What a client asked a server. */
struct learned_request {
	struct vs_vsid vsid;
	struct vs_mac client;
	bool ipv6; /* by DHCPv6 */
	uint32_t xid;
};

/* learned_asked - the client sent this. */
void learned_asked(struct learned *learned,
		   const struct learned_request *request, uint64_t now_ns);
/* learned_answers - was it asked? */
bool learned_answers(struct learned *learned,
		     const struct learned_request *request, uint64_t now_ns);

#endif
