/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life.h: does a peer answer, and in the tunnel, too? Many networks carry ping
 * and drop GRE.
 *
 * Theory of operation
 * -------------------
 * There is no heartbeat: hosts that have nothing to say to each other say
 * nothing. A peer is asked when somebody wants to know (`vsctl peer probe`),
 * and when frames leave for it and none comes back for LONELY_NS. The question
 * is an echo within the tunnel, under the VSID of control messages; from the
 * second try on beside a plain ping of its provider address. Any switch of
 * ours answers the first, any kernel the second.
 *
 *   UNASKED
 *   ASKING     three tries, a second apart; then the verdict
 *   REACHABLE  the tunnel's echo came back
 *   PING_ONLY  only the plain one
 *   SILENT     neither
 *   UNRESOLVED there was no way, or nobody's MAC, to send any to
 *
 * What a router said of the path MTU (path_mtu.h) is put to the proof in the
 * same way: an echo that is exactly so large, and one as large as the uplink
 * carries. If the second comes back, the router lied or the way has changed,
 * and what was learned is forgotten.
 *
 * One record per place of tally.h. Worker 0 asks, in its tick; whichever
 * worker reads an answer notes when it came. An answer carries the cookie of
 * the question, so nobody can answer what he has not seen.
 */
#ifndef WNV_LIFE_H
#define WNV_LIFE_H

#include <stdatomic.h>

#include <vswitch/echo.h>
#include <vswitch/extension.h>

#include "tally.h"

enum life_state {
	LIFE_UNASKED,
	LIFE_ASKING,
	LIFE_REACHABLE,
	LIFE_PING_ONLY,
	LIFE_SILENT,
	LIFE_UNRESOLVED,
	LIFE_STATES
};

extern const char *const life_names[LIFE_STATES];

/* The questions; their numbers are the packets' sequence numbers, so they lie
 * behind those of pa_echo.h. */
enum life_question {
	LIFE_TUNNEL,
	LIFE_PLAIN,
	LIFE_FULL,   /* as large as the router says */
	LIFE_BEYOND, /* as large as the uplink carries */
	LIFE_QUESTIONS
};
#define LIFE_SEQUENCE 256u /* of the first */

struct life {
	_Atomic uint64_t of; /* whose it is; another peer's begins anew */
	_Atomic uint64_t cookie;
	_Atomic uint64_t heard_ns[LIFE_QUESTIONS];
	_Atomic uint64_t rtt_ns; /* of the tunnel's */
	_Atomic uint64_t verdict_ns;
	_Atomic uint32_t state; /* enum life_state */
	_Atomic uint32_t proof; /* the path MTU that was put to the proof: */
	_Atomic bool proven;	/* and holds */
	_Atomic bool wanted;	/* ask now */
	_Atomic uint64_t answer_due_ns;
	/* worker 0's */
	uint64_t began_ns, asked_ns, lonely_ns, in, out;
	uint32_t claim; /* the path MTU that is put to the proof now */
	uint8_t tries;
	uint8_t told; /* the state that was last an event */
	bool sent;    /* one of the tries had a way */
};

struct lives {
	struct life life[TALLIES];
	uint32_t next; /* worker 0: the peer whose turn it is */
};

struct provider;

/* life_tick - worker 0: ask whom it is time to ask. */
void life_tick(const struct vs_call *call, struct provider *provider);

/*
 * life_hear - an echo that came in the tunnel from a peer, whose outer headers
 * are checked: a question is answered, at most ten a second, an answer noted.
 */
struct codec_packet;
void life_hear(const struct vs_call *call, const struct codec_packet *packet,
	       uint8_t kind, const struct vs_echo *echo);
/* life_hear_plain - an echo reply outside of the tunnel; false: not ours. */
bool life_hear_plain(const struct vs_call *call, struct provider *provider,
		     const struct vs_echo *reply);

/* -- main thread -- */

struct life_sight {
	enum life_state state;
	uint64_t age_ns; /* of the verdict */
	uint64_t rtt_ns; /* REACHABLE */
	uint16_t proof;	 /* a path MTU that was put to the proof, or 0 */
	bool proven;
};

/* life_look - false: nothing is known of it. */
bool life_look(const struct lives *lives, const struct wnv_peer *peer,
	       uint64_t now_ns, struct life_sight *sight);
/* life_want - have worker 0 ask. */
void life_want(const struct vs_main_host *host, struct lives *lives,
	       const struct wnv_peer *peer);
#define LIFE_NOTE 4u

#endif
