/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_log.h: events as lines of the log. Who can bring about one event as
 * often as he likes must hide no other: each has a limit of its own, by
 * switch, source and name (say, a flood of forged frames, then a port that
 * goes).
 */
#ifndef EVENT_LOG_H
#define EVENT_LOG_H

struct event_log;

/* What happened; texts are the caller's. */
struct event_said {
	unsigned int module; /* log.h: whose line it is */
	const char *sw, *source, *name, *text;
};

/* event_log_create - NULL: no memory. Main thread, as all of it. */
struct event_log *event_log_create(void);
void event_log_destroy(struct event_log *log);
void event_log_say(struct event_log *log, const struct event_said *said);

#endif
