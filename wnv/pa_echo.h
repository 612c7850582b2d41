/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pa_echo.h: ICMP echo between provider addresses, outside of every tunnel:
 * `vsctl pa ping`, and answers for owned PAs, which no kernel gives (hnv.md
 * A12.3).
 *
 * Theory of operation
 * -------------------
 * A question is a slot that three kinds of threads hand on to each other; its
 * stage says whose it is:
 *
 *   FREE       main: writes target, source, size, then WANTED
 *   WANTED     worker 0: finds the way (as often as it ticks, until there is
 *              one), sends, then SENT
 *   SENT       whoever hears the answer: HEARING, and if the cookie is right
 *              HEARD, else SENT again
 *   HEARD      main: reads it, FREE
 *
 * At its time-out the main thread takes back what is WANTED or SENT. The
 * sequence number of the packet is the slot.
 */
#ifndef WNV_PA_ECHO_H
#define WNV_PA_ECHO_H

#include <stdatomic.h>

#include <vswitch/echo.h>
#include <vswitch/extension.h>

#include "policy.h"

#define PA_ECHOES 16u

enum pa_echo_stage {
	PA_ECHO_FREE,
	PA_ECHO_WANTED,
	PA_ECHO_SENT,
	PA_ECHO_HEARING,
	PA_ECHO_HEARD,
};

/* Why it is not sent yet, or what came. */
enum pa_echo_news {
	PA_ECHO_NO_SOURCE, /* no PA of ours of that family may send now */
	PA_ECHO_NO_WAY,
	PA_ECHO_UNRESOLVED,
	PA_ECHO_WAITS, /* for the answer */
	PA_ECHO_REPLY,
	PA_ECHO_TOO_BIG,
	PA_ECHO_ALL_NEWS
};

struct pa_echo {
	_Atomic uint32_t stage; /* enum pa_echo_stage */
	_Atomic uint32_t news;	/* enum pa_echo_news; of WANTED and HEARD */
	_Atomic uint64_t cookie;
	/* main's, until WANTED */
	struct wnv_pa target;
	struct wnv_pa wished; /* the source; not set: any */
	uint16_t size;
	uint16_t sequence; /* in its series, for the client */
	bool whole;
	int token; /* of the method call; main's for ever */
	uint64_t deadline_ns;
	/* worker 0's, until SENT */
	struct wnv_pa source;
	uint64_t sent_ns;
	/* whoever is HEARING */
	struct vs_echo_error error;
	uint64_t heard_ns;
	uint8_t hop_limit;
};

struct pa_echoes {
	struct pa_echo echo[PA_ECHOES];
};

struct provider;

/* -- workers -- */

/* pa_echo_send - a question of somebody else's, if there is a way now. */
bool pa_echo_send(const struct vs_call *call, struct provider *provider,
		  const struct wnv_provider *source,
		  const struct vs_echo *question);
/* pa_echo_tick - worker 0: send what is wanted and has a way. */
void pa_echo_tick(const struct vs_call *call, struct provider *provider);
/*
 * pa_echo_hear - a frame from an uplink that is no tunnel packet: a question to
 * an owned PA is answered, an answer to a question of ours is kept. True:
 * nobody else needs it.
 */
bool pa_echo_hear(const struct vs_call *call, struct provider *provider,
		  const struct vs_frame *frame);

/* -- main thread -- */

enum pa_ping_argument {
	PA_PING_TARGET,
	PA_PING_SOURCE,
	PA_PING_SIZE,
	PA_PING_DF,
	PA_PING_SEQUENCE,
	PA_PING_WAIT,
	PA_PING_ARGUMENTS
};

extern const struct vs_field pa_ping_arguments[PA_PING_ARGUMENTS];

/* pa_ping_run - the method: ask, to be answered later. 0 or -errno. */
int pa_ping_run(const struct vs_main_host *host, struct pa_echoes *echoes,
		const struct vs_value *values, struct vs_error *error);
/* pa_ping_poll - answer what was heard or takes too long; the next time to be
 * called, UINT64_MAX. */
uint64_t pa_ping_poll(const struct vs_main_host *host, struct pa_echoes *echoes,
		      uint64_t now_ns);

/* What a main thread's kick to worker 0 says: look at once. */
#define PA_ECHO_NOTE 3u

#endif
