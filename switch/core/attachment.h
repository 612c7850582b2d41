/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attachment.h: an extension on one switch: its instance, its states' life,
 * its shards, its numbers. Made and ended by the main thread; workers read
 * the shards array and write only what is theirs in it.
 */
#ifndef CORE_ATTACHMENT_H
#define CORE_ATTACHMENT_H

#include "core/mailbox.h"
#include "core/switch.h"

#define VS_EVENTS_PER_SECOND 10u
#define VS_EVENTS_MAXIMUM    32u

/* A state that some snapshot, or the caller of configure, still names. */
struct state_ref {
	const struct vs_state *state;
	uint32_t references;
	struct state_ref *next;
};

/* At most ten of an event in each second; one user, one thread. */
struct event_limit {
	uint64_t since;
	uint16_t count;
};

/* Rules of the boundary that an extension broke (accuse.c). */
enum accusation {
	ACCUSE_SERVICE, /* asked for what its hook may not */
	ACCUSE_VERDICT, /* answered what does not exist */
	ACCUSE_HELD,	/* kept a frame for too long */
	ACCUSE_BYTES,	/* wrote where it may only look */
	ACCUSE_TWICE,	/* answered a frame that had its answer */
	ACCUSE_FRAME,	/* touched a frame that is not its own */
	ACCUSE_PORT,	/* named a port that is not there, or of another VSID */
	ACCUSE_RANGE,	/* gave a size or a number that cannot be */
	ACCUSE_MADE,	/* made frames and gave none away */
};
/* a MAIL_EVENT of the host about the extension: this, less the accusation */
#define ACCUSE_EVENT UINT16_MAX

/* What one worker has of an extension; touched by that worker alone, but
 * for the counters, which the main thread reads. */
struct attachment_shard {
	struct vs_shard *shard;
	uint64_t deadline;     /* of tick */
	uint64_t ticked_under; /* generation: a new state ticks at once */
	_Atomic uint32_t held;
	_Atomic uint32_t made; /* frames, neither emitted nor freed */
	bool open;	       /* shard_open succeeded */
	uint16_t accused;      /* 1 << enum accusation: each is said once */
	_Atomic uint64_t *counters;
	struct event_limit limit[VS_EVENTS_MAXIMUM];
};

struct vs_attachment {
	struct vs_main_host host; /* first */
	struct vs_switch *sw;
	const struct vs_extension *ext;
	struct vs_instance *instance;
	struct vs_attachment *next;
	uint32_t id; /* never used again; notes name it */
	uint16_t reason_base;
	bool broke;	    /* an accusation came in; the main thread's */
	uint32_t snapshots; /* that name it and are not freed yet */
	struct state_ref *states;
	uint64_t deadline; /* of tick_main */
	struct event_limit limit[VS_EVENTS_MAXIMUM];
	struct attachment_shard shard[VS_WORKERS_MAXIMUM];
};

/* attachment_state_take, _give - a snapshot names a state, or no more. */
int attachment_state_take(struct vs_attachment *attachment,
			  const struct vs_state *state);
void attachment_state_give(struct vs_attachment *attachment,
			   const struct vs_state *state);
/* attachment_host - the main thread's services on this switch. */
struct vs_main_host attachment_host(const struct vs_switch *sw);
/* event_allowed - count one against the limit. */
bool event_allowed(struct event_limit *limit, uint64_t now);
/* attachment_deliver - a worker's note or event, on the main thread. */
void attachment_deliver(struct vs_attachment *attachment,
			const struct mail *mail);

#endif
