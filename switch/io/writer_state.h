/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer_state.h: what the writer's files share: writer.c is the thread and its
 * jobs, writer_sink.c the sinks.
 */
#ifndef IO_WRITER_STATE_H
#define IO_WRITER_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "io/loop.h"
#include "io/writer.h"

#define SINKS 64u

struct ring;

enum sink_state {
	SINK_FREE,
	SINK_OPEN,
	SINK_BROKEN,  /* a write failed; the owner closes it */
	SINK_CLOSING, /* the main thread closed it */
};

struct sink {
	_Atomic int state; /* enum sink_state */
	/* given out; another one each time the place is used, so that a late
	 * record never lands in a stranger's file */
	_Atomic uint32_t id;
	int fd;
	bool waits; /* regular files may be waited for, pipes not */
	int error;
	bool told; /* main thread: `broken` was called */
	uint32_t uses;
	struct writer_watcher *watcher;
	/* writer thread: what a full pipe left of a record, and those behind
	 * it that are kept */
	uint8_t *rest;
	uint32_t rest_size, rest_sent;
	_Atomic uint64_t lost, bytes; /* records not written, bytes written */
};

struct writer {
	struct loop_wake wake; /* main loop: something is done or broken */
	pthread_t thread;
	int event; /* the thread sleeps on it */
	struct ring *ring;
	struct sink sink[SINKS];
	pthread_mutex_t lock; /* the two lists of jobs */
	struct writer_job *todo, **todo_end;
	struct writer_job *done, **done_end;
	_Atomic bool stop, asleep;
	_Atomic uint64_t jobs, records, bytes, ring_full, sink_full;
};

/* writer_nudge - any thread: the writer looks, now or before it sleeps. */
void writer_nudge(struct writer *writer);

/* -- writer_sink.c, on the writer's thread -----------------------------------
 */

/* sinks_run - some records out of the ring; true: there may be more. */
bool sinks_run(struct writer *writer);
/* sinks_close - those that the main thread closed; the ring is empty. */
void sinks_close(struct writer *writer);
/* sinks_push - the rests of records; true: some pipe is full yet. */
bool sinks_push(struct writer *writer);

/* -- writer_sink.c, on the main thread ---------------------------------------
 */

/* sinks_tell - the watchers of those that broke. */
void sinks_tell(struct writer *writer);
/* sinks_free - the writer's thread is no more. */
void sinks_free(struct writer *writer);

#endif
