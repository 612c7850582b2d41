/* SPDX-License-Identifier: Apache-2.0 */
/*
 * closer.h: closes what takes the kernel long to close.
 *
 * Theory of operation
 * -------------------
 * With the last fd of a TAP its device goes, with that of a packet socket its
 * hook: close() waits for grace periods, more than 20 ms for a TAP, more than
 * 10 for a packet socket, hardly any of it under a lock. So the loop's thread
 * does not wait, and many are closed side by side: by CLOSER_THREADS threads
 * at most, which are there while there is something to close. With 32 of them
 * a thousand TAPs are gone within about a second, and whoever else changes a
 * device of the host meanwhile waits for some milliseconds.
 *
 * Before it: engine_closing.c, which knows when nobody uses the fd any more,
 * and whose name is free when it is closed. After it: the kernel.
 */
#ifndef IO_CLOSER_H
#define IO_CLOSER_H

struct closer;
struct loop;

#define CLOSER_THREADS 32u

/* The caller's, until `closed`. */
struct closer_job {
	void (*closed)(struct closer_job *job); /* loop's thread; may free it */
	int fd;
	struct closer_job *next; /* the closer's */
};

/* closer_create - `closed` is called on `loop`. 0 or -errno. */
int closer_create(struct closer **closer, struct loop *loop);
/* closer_destroy - waits until everything is closed, calls each `closed`; NULL
 * is allowed. */
void closer_destroy(struct closer *closer);
/* closer_submit - loop's thread. Where no thread can be started the fd is
 * closed at once; `closed` is never called from inside. */
void closer_submit(struct closer *closer, struct closer_job *job);

#endif
