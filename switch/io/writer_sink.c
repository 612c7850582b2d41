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

#define SINK_USES  0x1000000u /* ids stay positive ints */
#define TURN	   256	      /* records between two looks at the jobs */
#define PIPE_CHUNK 4096	      /* a pipe that polls writable takes as much */

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

/* As much as goes without waiting: bytes written, or -errno. */
static int64_t sink_write(const struct sink *sink, const uint8_t *bytes,
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
		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0)
			at += (uint32_t)written;
	}
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
		return false;
	}
	sink->rest_sent += (uint32_t)sent;
	return sink->rest_size == sink->rest_sent;
}

static void sink_record(struct writer *writer, struct sink *sink,
			const struct ring_record *record)
{
	int64_t sent;

	if (!sink_flush(writer, sink)) {
		atomic_fetch_add(&writer->sink_full, 1);
		return;
	}
	sent = sink_write(sink, record->bytes, record->size);
	if (sent == 0 && record->size) {
		atomic_fetch_add(&writer->sink_full, 1);
		return;
	}
	if (sent < 0) {
		sink_break(writer, sink, (int)-sent);
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
		struct sink *sink = sink_of(writer, record.mark);
		int state = atomic_load(&sink->state);

		if (atomic_load(&sink->id) == record.mark &&
		    (state == SINK_OPEN || state == SINK_CLOSING))
			sink_record(writer, sink, &record);
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
		sink->rest = malloc(RING_RECORD_MAXIMUM);
		if (!sink->rest)
			return -ENOMEM;
		sink->fd = fd;
		sink->waits =
			fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
		sink->error = 0;
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

int writer_record(struct writer *writer, uint32_t id,
		  const uint8_t *const pieces[], const uint32_t sizes[],
		  uint16_t count)
{
	struct sink *sink = sink_of(writer, id);
	int error;

	if (atomic_load_explicit(&sink->id, memory_order_relaxed) != id ||
	    atomic_load_explicit(&sink->state, memory_order_relaxed) !=
		    SINK_OPEN)
		return -EPIPE;
	error = ring_put(writer->ring, id, pieces, sizes, count);
	if (error == -ENOBUFS)
		atomic_fetch_add(&writer->ring_full, 1);
	if (error)
		return error;
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&writer->asleep))
		writer_nudge(writer);
	return 0;
}
