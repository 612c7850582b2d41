/* SPDX-License-Identifier: Apache-2.0 */
/*
 * closer.c: see closer.h. Decides how many threads there are: one more with
 * each fd, up to the limit; one that finds nothing to do ends.
 */
#include "io/closer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/loop.h"

struct closer {
	struct loop_wake wake; /* first; the loop: something is closed */
	pthread_mutex_t lock;  /* what follows */
	pthread_cond_t idle;   /* no thread is left */
	struct closer_job *todo, **todo_end, *done;
	unsigned int threads;
};

/* Called and left with the lock held. */
static void close_all(struct closer *closer)
{
	while (closer->todo) {
		struct closer_job *job = closer->todo;

		closer->todo = job->next;
		if (!closer->todo)
			closer->todo_end = &closer->todo;
		pthread_mutex_unlock(&closer->lock);
		close(job->fd);
		pthread_mutex_lock(&closer->lock);
		job->next = closer->done;
		closer->done = job;
		loop_wake(&closer->wake);
	}
}

static void *closer_main(void *start)
{
	struct closer *closer = start;

	pthread_mutex_lock(&closer->lock);
	close_all(closer);
	if (--closer->threads == 0)
		pthread_cond_signal(&closer->idle);
	/* the last touch: closer_destroy frees it when this is unlocked */
	pthread_mutex_unlock(&closer->lock);
	return NULL;
}

/* With the lock held. Nobody joins them: closer_destroy counts. */
static void start_thread(struct closer *closer)
{
	pthread_attr_t detached;
	sigset_t all, before;
	pthread_t unused;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (!pthread_create(&unused, &detached, closer_main, closer))
		closer->threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
}

static void tell_closed(struct loop_wake *wake)
{
	struct closer *closer = (struct closer *)wake;
	struct closer_job *job;

	pthread_mutex_lock(&closer->lock);
	job = closer->done;
	closer->done = NULL;
	pthread_mutex_unlock(&closer->lock);
	while (job) {
		struct closer_job *next = job->next;

		job->closed(job);
		job = next;
	}
}

int closer_create(struct closer **out, struct loop *loop)
{
	struct closer *closer = calloc(1, sizeof(*closer));
	int error;

	if (!closer)
		return -ENOMEM;
	closer->wake.woken = tell_closed;
	error = loop_wake_add(loop, &closer->wake);
	if (error) {
		free(closer);
		return error;
	}
	closer->todo_end = &closer->todo;
	pthread_mutex_init(&closer->lock, NULL);
	pthread_cond_init(&closer->idle, NULL);
	*out = closer;
	return 0;
}

void closer_destroy(struct closer *closer)
{
	if (!closer)
		return;
	pthread_mutex_lock(&closer->lock);
	while (closer->threads)
		pthread_cond_wait(&closer->idle, &closer->lock);
	pthread_mutex_unlock(&closer->lock);
	tell_closed(&closer->wake);
	loop_wake_remove(&closer->wake);
	pthread_cond_destroy(&closer->idle);
	pthread_mutex_destroy(&closer->lock);
	free(closer);
}

void closer_submit(struct closer *closer, struct closer_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&closer->lock);
	*closer->todo_end = job;
	closer->todo_end = &job->next;
	if (closer->threads < CLOSER_THREADS)
		start_thread(closer);
	if (!closer->threads)
		close_all(closer);
	pthread_mutex_unlock(&closer->lock);
}
