/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_store.h: the policy's files, the run directory's lock.
 */
#ifndef ENGINE_STORE_H
#define ENGINE_STORE_H

#include "engine.h"

/* engine_store_open - take the lock and open what is written later. -EBUSY:
 * another daemon runs on this run directory. */
int engine_store_open(struct engine *engine, struct vs_error *error);
/* engine_store_load - read the policy back, or the first document. */
int engine_store_load(struct engine *engine, struct vs_error *error);
void engine_store_close(struct engine *engine);
void engine_store_persist(struct policy_owner *owner,
			  const struct policy_write *write);
void engine_store_compact(struct policy_owner *owner,
			  const struct policy_part *part);
/* engine_ask_now - a privileged request whose one fd is wanted at once: the
 * fd, or -errno. Only for files and the listener. */
int engine_ask_now(struct engine *engine, const struct priv_request *request,
		   struct vs_error *error);
/* engine_ask_fds - the same for two fds, which may be -1; 0 or -errno. */
int engine_ask_fds(struct engine *engine, const struct priv_request *request,
		   int fds[2], struct vs_error *error);
/* engine_read_file - the whole file into memory, *bytes is the caller's to
 * free; 0 or -errno, -EFBIG: it has more than `most` bytes. */
int engine_read_file(int fd, size_t most, char **bytes, size_t *size);
/* engine_write_file - all of the bytes, and synced; 0 or -errno. */
int engine_write_file(int fd, const char *bytes, size_t size);
/* engine_probe - what the kernel's TAPs can do (PRIV_HAS_*), found by making
 * one; 0 = they can't be made, and the log says why. */
uint8_t engine_probe(struct engine *engine);

#endif
