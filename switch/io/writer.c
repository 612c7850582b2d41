/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.c: the writer thread, and its jobs in order.
 *
 * Decides what waits for what: jobs for the disk, records (writer_sink.c) for
 * nobody. Before it: the store; after it: write(2), fsync(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/ring.h"
#include "io/writer_state.h"

#define RING_SIZE (4u * 1024 * 1024)
#define STUCK_MS  20 /* look again at a pipe that was full */

/* -- jobs ---------------------------------------------------------------------
 */

static int write_all(const struct writer_job *job)
{
	size_t at = 0;

	while (at < job->size) {
		ssize_t size = write(job->fd, job->bytes + at, job->size - at);

		if (size > 0)
			at += (size_t)size;
		else if (size == 0 || errno != EINTR)
			return size == 0 ? -ENOSPC : -errno;
	}
	return 0;
}

static int sync_fd(int fd)
{
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

/* All of it, and synced if asked, or -errno; then a file is put back as it
 * was: what was refused must not be read at the next start. */
static int append(const struct writer_job *job)
{
	off_t before = lseek(job->fd, 0, SEEK_END);
	int error = write_all(job);

	if (!error && job->flags & WRITER_SYNC)
		error = sync_fd(job->fd);
	if (!error || before < 0)
		return error;
	if (ftruncate(job->fd, before) < 0)
		return -EIO; /* not even that */
	sync_fd(job->fd);    /* it may have reached the disk by half */
	return error;
}

static int exchange(const struct writer_job *job)
{
	return renameat2(job->directory, job->from, job->directory, job->to,
			 RENAME_EXCHANGE);
}

/* `from` in the place of `to`. The old file has the other name until the
 * directory is synced, and is put back if it can't be. */
static int replace(const struct writer_job *job)
{
	int directory = job->directory, error;
	bool fresh = faccessat(directory, job->to, F_OK, 0) < 0;
	bool kept = !fresh && exchange(job) == 0;

	/* kept or not: not every file system knows exchange */
	if (!kept && renameat(directory, job->from, directory, job->to) < 0)
		return -errno;
	error = sync_fd(directory);
	if (!error && kept)
		unlinkat(directory, job->from, 0);
	else if (error && kept)
		exchange(job);
	else if (error && fresh)
		renameat(directory, job->to, directory, job->from);
	return error;
}

static int do_job(const struct writer_job *job)
{
	int error = 0;

	if (job->fd >= 0) {
		if (job->flags & WRITER_TRUNCATE && ftruncate(job->fd, 0) < 0)
			return -errno;
		error = append(job);
	}
	if (error || job->directory < 0)
		return error;
	return job->from ? replace(job) : sync_fd(job->directory);
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

/* -- the thread
 * --------------------------------------------------------------------- */

static void writer_sleep(struct writer *writer)
{
	struct pollfd wake = {.fd = writer->event, .events = POLLIN};
	struct ring_record record;
	int timeout = sinks_push(writer) ? STUCK_MS : -1;
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

		more |= sinks_run(writer);
		if (more)
			continue;
		sinks_close(writer);
		if (stop)
			return NULL;
		writer_sleep(writer);
	}
}

void writer_nudge(struct writer *writer)
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

static void writer_woken(struct loop_wake *wake)
{
	struct writer *writer = (struct writer *)wake;

	tell_done(writer);
	sinks_tell(writer);
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
	writer_nudge(writer);
	pthread_join(writer->thread, NULL);
	tell_done(writer);
	sinks_free(writer);
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
	writer_nudge(writer);
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
