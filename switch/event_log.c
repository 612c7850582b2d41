// SPDX-License-Identifier: Apache-2.0
/*
 * event_log.c: which limit an event falls under. Before it: engine_event();
 * after it: log.c, which has one limit for each call site, and events have a
 * single one.
 */
#include "event_log.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define PLACES 256u /* more than there are: the one that is quiet longest */

struct place {
	uint64_t key; /* 0 = free */
	struct log_site site;
};

struct event_log {
	struct place places[PLACES];
};

struct event_log *event_log_create(void)
{
	return calloc(1, sizeof(struct event_log));
}

void event_log_destroy(struct event_log *log)
{
	free(log);
}

/* FNV-1a; the byte behind each text separates it from the next. */
static uint64_t mix(uint64_t key, const char *text)
{
	do
		key = (key ^ (uint8_t)*text) * UINT64_C(1099511628211);
	while (*text++);
	return key;
}

static uint64_t key_of(const struct event_said *said)
{
	uint64_t key = UINT64_C(14695981039346656037);

	key = mix(mix(mix(key, said->sw), said->source), said->name);
	return key ? key : 1;
}

static struct log_site *site_of(struct event_log *log,
				const struct event_said *said)
{
	uint64_t key = key_of(said);
	struct place *oldest = log->places;

	for (struct place *place = log->places; place < log->places + PLACES;
	     place++) {
		if (place->key == key)
			return &place->site;
		if (atomic_load(&place->site.window) <
		    atomic_load(&oldest->site.window))
			oldest = place;
	}
	memset(oldest, 0, sizeof(*oldest));
	oldest->key = key;
	return &oldest->site;
}

void event_log_say(struct event_log *log, const struct event_said *said)
{
	if (log_passes(said->module, LOG_LEVEL_INFO))
		log_write(site_of(log, said),
			  (struct log_line){said->module, LOG_LEVEL_INFO, 0},
			  "switch %s: %s: %s: %s", said->sw, said->source,
			  said->name, said->text);
}
