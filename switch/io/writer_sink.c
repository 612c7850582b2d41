/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer_sink.c: records to sinks. Decides what is lost: a pipe or a socket is
 * never waited for, and a record goes whole or not at all.
 *
 * Before it: host->sink, on any thread; after it: write(2), on the writer's.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/ring.h"
#include "io/writer_state.h"

#define SINK_USES  0x1000000u  /* ids stay positive ints */
#define KEPT	   0x80000000u /* in a record's mark: it may wait */
#define KEPT_SIZE  65536u      /* of those that wait */
#define TURN	   256	       /* records between two looks at the jobs */
#define PIPE_CHUNK 4096	       /* a pipe that polls writable takes as much */

#define REST_SIZE (RING_RECORD_MAXIMUM + KEPT_SIZE)

static struct sink *sink_of(struct writer *writer, uint32_t id)
{
	return &writer->sink[(id - 1) % SINKS];
}

static void sink_break(struct writer *writer, struct sink *sink, int error)
{
	int expected = SINK_OPEN;

	sink->error = error;
	atomic_compare_exchange_strong(&sink->state, &expected, SINK_BROKEN);
	loop_wake(&writer->wake);
}

/* A file's record that is cut, by a disk that is full, goes again. */
static void take_back(const struct sink *sink, uint32_t size)
{
	off_t end = sink->waits ? lseek(sink->fd, 0, SEEK_CUR) - size : -1;

	if (end >= 0 && ftruncate(sink->fd, end) < 0)
		return; /* it stays cut */
}

/* As much as goes without waiting: bytes written, or -errno. */
static int64_t sink_write(struct sink *sink, const uint8_t *bytes,
			  uint32_t size)
{
	uint32_t at = 0;

	while (at < size) {
		struct pollfd ready = {.fd = sink->fd, .events = POLLOUT};
		uint32_t chunk = size - at;
		ssize_t written;

		if (!sink->waits) {
			if (poll(&ready, 1, 0) <= 0)
				break;
			if (chunk > PIPE_CHUNK)
				chunk = PIPE_CHUNK;
		}
		written = write(sink->fd, bytes + at, chunk);
		if (written < 0 && errno == EAGAIN)
			break;
		if (written < 0 && errno != EINTR) {
			int error = errno;

			take_back(sink, at);
			return -error;
		}
		if (written > 0)
			at += (uint32_t)written;
	}
	atomic_fetch_add(&sink->bytes, at);
	return at;
}

/* The rest of a record that was begun must go before any other. */
static bool sink_flush(struct writer *writer, struct sink *sink)
{
	int64_t sent;

	if (sink->rest_size == sink->rest_sent)
		return true;
	sent = sink_write(sink, sink->rest + sink->rest_sent,
			  sink->rest_size - sink->rest_sent);
	if (sent < 0) {
		sink_break(writer, sink, (int)-sent);
		sink->rest_size = sink->rest_sent = 0;
		atomic_fetch_add(&sink->lost, 1);
		return false;
	}
	sink->rest_sent += (uint32_t)sent;
	return sink->rest_size == sink->rest_sent;
}

/* A record that does not go now: may it wait behind the rest? */
static bool sink_keep(struct sink *sink, const struct ring_record *record)
{
	uint32_t left = sink->rest_size - sink->rest_sent;

	if (!(record->mark & KEPT) || record->size > REST_SIZE - left)
		return false;
	memmove(sink->rest, sink->rest + sink->rest_sent, left);
	memcpy(sink->rest + left, record->bytes, record->size);
	sink->rest_size = left + record->size;
	sink->rest_sent = 0;
	return true;
}

static void sink_record(struct writer *writer, struct sink *sink,
			const struct ring_record *record)
{
	int64_t sent = 0;

	if (sink_flush(writer, sink))
		sent = sink_write(sink, record->bytes, record->size);
	if (sent < 0) {
		sink_break(writer, sink, (int)-sent);
		atomic_fetch_add(&sink->lost, 1);
		return;
	}
	if (sent == 0 && record->size) {
		if (sink_keep(sink, record))
			return;
		atomic_fetch_add(&writer->sink_full, 1);
		atomic_fetch_add(&sink->lost, 1);
		return;
	}
	sink->rest_size = record->size - (uint32_t)sent;
	sink->rest_sent = 0;
	memcpy(sink->rest, record->bytes + sent, sink->rest_size);
	atomic_fetch_add(&writer->records, 1);
	atomic_fetch_add(&writer->bytes, record->size);
}

bool sinks_run(struct writer *writer)
{
	struct ring_record record;
	int turn = 0;

	while (turn < TURN && ring_peek(writer->ring, &record)) {
		uint32_t id = record.mark & ~KEPT;
		struct sink *sink = sink_of(writer, id);
		int state = atomic_load(&sink->state);

		if (atomic_load(&sink->id) != id)
			; /* it was closed */
		else if (state == SINK_OPEN || state == SINK_CLOSING)
			sink_record(writer, sink, &record);
		else if (state == SINK_BROKEN && record.size)
			atomic_fetch_add(&sink->lost, 1);
		ring_take(writer->ring);
		turn++;
	}
	return turn == TURN;
}

/* With the ring empty nothing more can come for a sink that closes. */
void sinks_close(struct writer *writer)
{
	for (unsigned int i = 0; i < SINKS; i++) {
		struct sink *sink = &writer->sink[i];

		if (atomic_load(&sink->state) != SINK_CLOSING)
			continue;
		sink_flush(writer, sink);
		close(sink->fd);
		free(sink->rest);
		sink->rest = NULL;
		sink->rest_size = sink->rest_sent = 0;
		atomic_store(&sink->state, SINK_FREE);
	}
}

bool sinks_push(struct writer *writer)
{
	bool any = false;

	for (unsigned int i = 0; i < SINKS; i++) {
		struct sink *sink = &writer->sink[i];

		if (atomic_load(&sink->state) == SINK_OPEN &&
		    !sink_flush(writer, sink))
			any = true;
	}
	return any;
}

/* -- the main thread's side ---------------------------------------------------
 */

void sinks_tell(struct writer *writer)
{
	for (unsigned int i = 0; i < SINKS; i++) {
		struct sink *sink = &writer->sink[i];

		if (atomic_load(&sink->state) != SINK_BROKEN || sink->told)
			continue;
		sink->told = true;
		if (sink->watcher)
			sink->watcher->broken(sink->watcher, (int)sink->id,
					      sink->error);
	}
}

void sinks_free(struct writer *writer)
{
	for (unsigned int i = 0; i < SINKS; i++) {
		struct sink *sink = &writer->sink[i];

		if (atomic_load(&sink->state) == SINK_FREE)
			continue;
		close(sink->fd);
		free(sink->rest);
	}
}

int writer_sink_open(struct writer *writer, int fd,
		     struct writer_watcher *watcher)
{
	struct stat status;

	for (unsigned int i = 0; i < SINKS; i++) {
		struct sink *sink = &writer->sink[i];

		if (atomic_load(&sink->state) != SINK_FREE)
			continue;
		sink->rest = malloc(REST_SIZE);
		if (!sink->rest)
			return -ENOMEM;
		sink->fd = fd;
		sink->waits =
			fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
		sink->error = 0;
		atomic_store(&sink->lost, 0);
		atomic_store(&sink->bytes, 0);
		sink->told = false;
		sink->watcher = watcher;
		sink->uses = (sink->uses + 1) % SINK_USES;
		atomic_store(&sink->id, sink->uses * SINKS + i + 1);
		atomic_store(&sink->state, SINK_OPEN);
		return (int)sink->id;
	}
	return -ENOSPC;
}

void writer_sink_close(struct writer *writer, int id)
{
	struct sink *sink = sink_of(writer, (uint32_t)id);

	sink->watcher = NULL;
	sink->told = true;
	atomic_store(&sink->state, SINK_CLOSING);
	writer_nudge(writer);
}

int writer_sink_counts(struct writer *writer, int id,
		       struct vs_sink_counts *counts)
{
	struct sink *sink = sink_of(writer, (uint32_t)id);
	int state = atomic_load(&sink->state);

	if (atomic_load(&sink->id) != (uint32_t)id || state == SINK_FREE)
		return -EPIPE;
	*counts = (struct vs_sink_counts){
		.struct_size = sizeof(*counts),
		.error = state == SINK_BROKEN ? sink->error : 0,
		.lost = atomic_load(&sink->lost),
		.bytes = atomic_load(&sink->bytes),
	};
	return 0;
}

static int put_record(struct writer *writer, uint32_t mark,
		      const uint8_t *const pieces[], const uint32_t sizes[],
		      uint16_t count)
{
	uint32_t id = mark & ~KEPT;
	struct sink *sink = sink_of(writer, id);
	int error;

	if (atomic_load_explicit(&sink->id, memory_order_relaxed) != id ||
	    atomic_load_explicit(&sink->state, memory_order_relaxed) !=
		    SINK_OPEN)
		return -EPIPE;
	error = ring_put(writer->ring, mark, pieces, sizes, count);
	if (error == -ENOBUFS)
		atomic_fetch_add(&writer->ring_full, 1);
	if (error)
		return error;
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&writer->asleep))
		writer_nudge(writer);
	return 0;
}

int writer_record(struct writer *writer, uint32_t id,
		  const uint8_t *const pieces[], const uint32_t sizes[],
		  uint16_t count)
{
	return put_record(writer, id, pieces, sizes, count);
}

int writer_record_kept(struct writer *writer, uint32_t id,
		       const uint8_t *const pieces[], const uint32_t sizes[],
		       uint16_t count)
{
	return put_record(writer, id | KEPT, pieces, sizes, count);
}
