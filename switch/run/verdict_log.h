/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict_log.h: what vswitch-ext-run says: JSON objects, one a line.
 *
 *	{"time_ns": 0, "frame": 1, "port": "in", "size": 60,
 *	 "verdict": "pass", "to": ["out"]}
 *	{"time_ns": 5, "frame": 2, "port": "in", "size": 60,
 *	 "verdict": "drop", "drops": {"mine:not_ipv4": 1}}
 *	{"time_ns": 5, "event": "seen", "by": "mine", "text": "..."}
 *	{"end": {...}}
 *
 * Times count from the first frame. Nothing in it depends on the machine or
 * the hour, so that a log may be compared with one that was kept.
 *
 * Before this file: walk.c. After it: nothing.
 */
#ifndef RUN_VERDICT_LOG_H
#define RUN_VERDICT_LOG_H

#include <jansson.h>
#include <stdio.h>

#include "core/ledger.h"

struct world;

struct verdict_log {
	FILE *stream; /* NULL: nobody wants it */
	/* of the step that is under way */
	json_t *to, *injected;
	bool edited;
};

/* A step: one frame walked in, or (number 0) time that passed. */
struct verdict_step {
	uint64_t number; /* of the frame, from 1 */
	uint64_t time_ns;
	const char *port;
	uint32_t size;
};

/* verdict_log_sent - a frame left on a port during this step. */
void verdict_log_sent(struct verdict_log *log, const char *port, uint32_t size,
		      bool is_injected);
/* verdict_log_step - what the ledger says of the step; a step of time in
 * which nothing happened is not said. */
void verdict_log_step(struct verdict_log *log, const struct world *world,
		      const struct verdict_step *step,
		      const struct vs_ledger_row *before,
		      const struct vs_ledger_row *after);
void verdict_log_event(struct verdict_log *log, uint64_t time_ns,
		       const char *source, const char *name, const char *text);
void verdict_log_sink(struct verdict_log *log, uint64_t time_ns, uint32_t sink,
		      uint64_t size);
/* verdict_log_end - sums, whether the books balance, counters, and the status
 * of the extensions' objects. */
void verdict_log_end(struct verdict_log *log, const struct world *world,
		     const struct vs_ledger_row *total);

#endif
