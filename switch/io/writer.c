/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.c: the writer thread: jobs in order, records to sinks.
 *
 * Decides what waits for what: jobs for the disk, records for nobody. Before
 * it: the store (jobs), host->sink (records); after it: write(2), fsync(2).
 */
#include "io/writer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/loop.h"
#include "io/ring.h"

#define RING_SIZE  (4u * 1024 * 1024)
#define SINKS	   64u
#define SINK_USES  0x1000000u /* ids stay positive ints */
#define TURN	   256	      /* records between two looks at the jobs */
#define PIPE_CHUNK 4096	      /* a pipe that polls writable takes as much */
#define STUCK_MS   20	      /* look again at a pipe that was full */

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
	/* writer thread: what a full pipe left of a record */
	uint8_t *rest;
	uint32_t rest_size, rest_sent;
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

/* -- jobs ---------------------------------------------------------------------
 */

/* All of it or -errno; a file is put back as it was. */
static int write_all(const struct writer_job *job)
{
	off_t before = lseek(job->fd, 0, SEEK_END);
	size_t at = 0;

	while (at < job->size) {
		ssize_t size = write(job->fd, job->bytes + at, job->size - at);

		if (size > 0) {
			at += (size_t)size;
		} else if (size == 0 || errno != EINTR) {
			int error = size == 0 ? ENOSPC : errno;

			if (before >= 0 && ftruncate(job->fd, before) < 0)
				return -EIO; /* not even that */
			return -error;
		}
	}
	return 0;
}

static int sync_fd(int fd)
{
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

static int do_job(const struct writer_job *job)
{
	int error = 0;

	if (job->fd >= 0) {
		if (job->flags & WRITER_TRUNCATE && ftruncate(job->fd, 0) < 0)
			return -errno;
		error = write_all(job);
		if (!error && job->flags & WRITER_SYNC)
			error = sync_fd(job->fd);
	}
	if (error || job->directory < 0)
		return error;
	if (job->from &&
	    renameat(job->directory, job->from, job->directory, job->to) < 0)
		return -errno;
	return sync_fd(job->directory);
}

static struct writer_job *take_job(struct writer *writer)
{
	struct writer_job *job;

	pthread_mutex_lock(&writer->lock);
	job = writer->todo;
	if (job) {
		writer->todo = job->next;
		if (!writer->todo)
			writer->todo_end = &writer->todo;
		job->next = NULL;
	}
	pthread_mutex_unlock(&writer->lock);
	return job;
}

static bool run_jobs(struct writer *writer)
{
	struct writer_job *job;
	bool any = false;

	while ((job = take_job(writer))) {
		job->error = do_job(job);
		pthread_mutex_lock(&writer->lock);
		*writer->done_end = job;
		writer->done_end = &job->next;
		pthread_mutex_unlock(&writer->lock);
		any = true;
		loop_wake(&writer->wake);
	}
	return any;
}

/* -- sinks
 * ---------------------------------------------------------------------- */

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

static bool run_records(struct writer *writer)
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
static void close_sinks(struct writer *writer)
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

static bool any_rest(struct writer *writer)
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

/* -- the thread
 * --------------------------------------------------------------------- */

static void writer_sleep(struct writer *writer)
{
	struct pollfd wake = {.fd = writer->event, .events = POLLIN};
	struct ring_record record;
	int timeout = any_rest(writer) ? STUCK_MS : -1;
	uint64_t count;

	atomic_store(&writer->asleep, true);
	/* who puts a record looks at `asleep` afterwards: one of us sees */
	if (!ring_peek(writer->ring, &record))
		poll(&wake, 1, timeout);
	atomic_store(&writer->asleep, false);
	if (read(writer->event, &count, sizeof(count)) < 0)
		return; /* EAGAIN: the time-out, or a record */
}

static void *writer_main(void *start)
{
	struct writer *writer = start;

	for (;;) {
		bool stop = atomic_load(&writer->stop);
		bool more = run_jobs(writer);

		more |= run_records(writer);
		if (more)
			continue;
		close_sinks(writer);
		if (stop)
			return NULL;
		writer_sleep(writer);
	}
}

static void nudge(struct writer *writer)
{
	const uint64_t one = 1;
	ssize_t written = write(writer->event, &one, sizeof(one));

	(void)written;
}

/* -- the main thread's side
 * ------------------------------------------------------------ */

static void tell_done(struct writer *writer)
{
	struct writer_job *job;

	pthread_mutex_lock(&writer->lock);
	job = writer->done;
	writer->done = NULL;
	writer->done_end = &writer->done;
	pthread_mutex_unlock(&writer->lock);
	while (job) {
		struct writer_job *next = job->next;

		atomic_fetch_add(&writer->jobs, 1);
		job->done(job);
		job = next;
	}
}

static void tell_broken(struct writer *writer)
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

static void writer_woken(struct loop_wake *wake)
{
	struct writer *writer = (struct writer *)wake;

	tell_done(writer);
	tell_broken(writer);
}

static int start_thread(struct writer *writer)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&writer->thread, NULL, writer_main, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

static void writer_free(struct writer *writer)
{
	loop_wake_remove(&writer->wake);
	ring_destroy(writer->ring);
	if (writer->event >= 0)
		close(writer->event);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

int writer_create(struct writer **out, struct loop *loop)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	int error;

	if (!writer)
		return -ENOMEM;
	pthread_mutex_init(&writer->lock, NULL);
	writer->todo_end = &writer->todo;
	writer->done_end = &writer->done;
	writer->wake.woken = writer_woken;
	writer->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	writer->ring = ring_create(RING_SIZE);
	error = writer->event < 0 ? -errno : 0;
	if (!writer->ring)
		error = -ENOMEM;
	if (!error)
		error = loop_wake_add(loop, &writer->wake);
	if (!error)
		error = start_thread(writer);
	if (error) {
		writer_free(writer);
		return error;
	}
	*out = writer;
	return 0;
}

void writer_destroy(struct writer *writer)
{
	if (!writer)
		return;
	atomic_store(&writer->stop, true);
	nudge(writer);
	pthread_join(writer->thread, NULL);
	tell_done(writer);
	for (unsigned int i = 0; i < SINKS; i++) {
		struct sink *sink = &writer->sink[i];

		if (atomic_load(&sink->state) == SINK_FREE)
			continue;
		close(sink->fd);
		free(sink->rest);
	}
	writer_free(writer);
}

void writer_submit(struct writer *writer, struct writer_job *job)
{
	job->next = NULL;
	job->error = 0;
	pthread_mutex_lock(&writer->lock);
	*writer->todo_end = job;
	writer->todo_end = &job->next;
	pthread_mutex_unlock(&writer->lock);
	nudge(writer);
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
	nudge(writer);
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
		nudge(writer);
	return 0;
}

void writer_stats(const struct writer *writer, struct writer_stats *stats)
{
	*stats = (struct writer_stats){
		.jobs = writer->jobs,
		.records = writer->records,
		.bytes = writer->bytes,
		.ring_full = writer->ring_full,
		.sink_full = writer->sink_full,
	};
}
