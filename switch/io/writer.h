/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.h: the writer thread: journal and captures, so that neither fsync
 * nor a slow reader is ever waited for by packets or control.
 *
 * Two doors. Jobs (main thread only) are done in order and answered on the
 * main loop. Records (any thread) go through one bounded ring to a sink; a
 * full ring, or a sink that can't take more, is a counted loss. Jobs go
 * first; a sink that is a pipe or a socket is never waited for.
 */
#ifndef IO_WRITER_H
#define IO_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswitch/host.h>

struct loop;
struct writer;

#define WRITER_TRUNCATE (1u << 0) /* empty the file first */
#define WRITER_SYNC	(1u << 1) /* fsync(fd) behind the bytes */

/*
 * A job: append `size` bytes to `fd`, sync, rename `from` to `to` in
 * `directory` and sync that. Each step is left out if its members are unset.
 * If a step fails, what was appended is taken back, and what was called `to`
 * before is called so again (not on a file system that can't exchange names).
 * Everything in it is the caller's and must live until `done`.
 */
struct writer_job {
	void (*done)(struct writer_job *job); /* main loop */
	const uint8_t *bytes;
	size_t size;
	int fd;	       /* -1 = none */
	int directory; /* -1 = none */
	const char *from, *to;
	uint32_t flags;
	int error; /* out: 0 or -errno of the first step that failed */
	struct writer_job *next; /* the writer's */
};

/* writer_create - starts the thread; answers come on `loop`. */
int writer_create(struct writer **writer, struct loop *loop);
/* writer_destroy - finishes every job and what the ring holds (as far as the
 * sinks take it), stops the thread, calls each done. */
void writer_destroy(struct writer *writer);
void writer_submit(struct writer *writer, struct writer_job *job);

/*
 * Sinks, opened and closed by the main thread. open: the fd is the writer's;
 * returns the id >= 1 or -ENOSPC (64 at most). `broken` (may be NULL) is
 * called on the main loop when a write failed for good (EPIPE, ENOSPC); the
 * sink still has to be closed. close: what is in the ring for it is written
 * first, then the fd is closed; no call of `broken` follows.
 */
struct writer_watcher {
	void (*broken)(struct writer_watcher *watcher, int sink, int error);
};
int writer_sink_open(struct writer *writer, int fd,
		     struct writer_watcher *watcher);
void writer_sink_close(struct writer *writer, int sink);
/*
 * writer_record - any thread, never blocks: the pieces, one behind the other,
 * as one record that is written whole or not at all. -ENOBUFS: the ring is
 * full, counted; -EPIPE: no such sink, or broken; -EMSGSIZE: > 128 KiB.
 */
int writer_record(struct writer *writer, uint32_t sink,
		  const uint8_t *const pieces[], const uint32_t sizes[],
		  uint16_t count);
/* writer_record_kept - one without which the others mean nothing: if the sink
 * takes no more it waits, as up to 64 KiB of them may. */
int writer_record_kept(struct writer *writer, uint32_t sink,
		       const uint8_t *const pieces[], const uint32_t sizes[],
		       uint16_t count);
/* writer_sink_counts - main thread: what became of the records that were
 * taken; also of a sink that broke. -EPIPE: no such sink. */
int writer_sink_counts(struct writer *writer, int sink,
		       struct vs_sink_counts *counts);

struct writer_stats {
	uint64_t jobs, records, bytes;
	uint64_t ring_full; /* records that found no room */
	uint64_t sink_full; /* records that a pipe or socket didn't take */
};
void writer_stats(const struct writer *writer, struct writer_stats *stats);

#endif
