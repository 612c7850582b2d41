// SPDX-License-Identifier: Apache-2.0
/*
 * expect.c: what a script says must have happened: frames that left, drops,
 * numbers of the ledger. What it claims here it need not name again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/script.h"

/* The next frame on a port that nobody took, from *at on; NULL: none. */
static const struct rig_frame *find(const struct script_host *host,
				    struct vs_port_id port, uint32_t *at)
{
	const struct rig *rig = host->rig;

	for (; *at < rig->sent_count; (*at)++)
		if (!host->taken[*at] &&
		    vs_port_equal(rig->sent[*at].port, port))
			return &rig->sent[*at];
	return NULL;
}

/* The first one that is not quiet; it is taken. */
static const struct rig_frame *take(struct script_host *host,
				    struct vs_port_id port)
{
	const struct rig_frame *frame;
	uint32_t at = 0;

	while ((frame = find(host, port, &at)) && script_is_quiet(host, frame))
		at++;
	if (frame)
		host->taken[at] = true;
	return frame;
}

static void expect_none(struct script *script)
{
	char text[SCRIPT_TEXT];
	uint32_t i;
	uint16_t k;

	for (k = 0; k < script->host_count; k++) {
		const struct rig *rig = script->host[k]->rig;

		for (i = 0; i < rig->sent_count; i++)
			if (!script->host[k]->taken[i] &&
			    !script_is_quiet(script->host[k], &rig->sent[i]))
				script_fail(script,
					    "a frame left after all: %s",
					    sight(rig->sent[i].bytes,
						  rig->sent[i].size, text));
	}
}

static bool has_words(const char *text, char **words, int count)
{
	bool bad = strstr(text, "bad-") != NULL;
	int i;

	for (i = 0; i < count; i++) {
		size_t size = strlen(words[i]);

		while ((text = strstr(text, words[i])) != NULL &&
		       (text[size] != ' ' && text[size] != 0))
			text++;
		if (!text)
			return false;
		text += size;
		bad &= strncmp(words[i], "bad-", 4) != 0;
	}
	return !bad;
}

/* The first frame; where ARP is quiet, the first that says it. */
static void expect_says(struct script_host *host, struct vs_port_id port,
			char **words, int count)
{
	const struct rig_frame *frame;
	char text[SCRIPT_TEXT] = "nothing";
	uint32_t at = 0;

	while ((frame = find(host, port, &at))) {
		sight(frame->bytes, frame->size, text);
		if (has_words(text, words, count)) {
			host->taken[at] = true;
			return;
		}
		if (!script_is_quiet(host, frame))
			break;
		at++;
	}
	script_fail(host->script, "it says: %s", text);
}

static void expect_lacks(struct script_host *host, struct vs_port_id port,
			 char **words, int count)
{
	const struct rig_frame *frame;
	char text[SCRIPT_TEXT];
	uint32_t at = 0;

	while ((frame = find(host, port, &at))) {
		sight(frame->bytes, frame->size, text);
		if (has_words(text, words, count))
			script_fail(host->script, "it says: %s", text);
		at++;
	}
}

static void expect_whole(struct script *script, const char *port, char **words,
			 int count)
{
	struct script_host *host;
	struct vs_port_id id = script_port(script, port, &host)->info.id;
	uint32_t number = (uint32_t)strtoul(words[0], NULL, 0), i;
	static struct whole whole;
	const char *why = NULL;
	struct frame frame;

	memset(&whole, 0, sizeof(whole));
	script_frame(script, words + 1, count - 1, &frame);
	for (i = 0; i < number && !why; i++) {
		const struct rig_frame *piece = take(host, id);

		why = piece ? whole_add(&whole, piece) : "a piece is missing";
	}
	why = why ? why : whole_equal(&whole, &frame);
	if (why)
		script_fail(script, "piece %u of %u: %s", i, number, why);
}

/* expect PORT xN, behind together */
static void expect_counted(struct script_host *host, struct vs_port_id port,
			   const char *number)
{
	uint64_t wanted = strtoull(number + 1, NULL, 0);
	uint64_t found = host->counted[port.value];

	if (found != wanted)
		script_fail(host->script, "%llu frames left, not %llu",
			    (unsigned long long)found,
			    (unsigned long long)wanted);
	host->counted[port.value] = 0;
}

static void expect_frame(struct script *script, const struct rig_frame *sent,
			 char **words, int count)
{
	struct frame frame;
	char text[SCRIPT_TEXT];

	script_frame(script, words, count, &frame);
	if (sent->size != frame.size ||
	    memcmp(sent->bytes, frame.bytes, frame.size) != 0)
		script_fail(script, "another frame left: %s",
			    sight(sent->bytes, sent->size, text));
}

void run_expect(struct script *script, char **words, int count)
{
	const struct rig_frame *sent;
	struct script_host *host;
	struct vs_port_id port;

	if (count == 2 && strcmp(words[1], "none") == 0) {
		expect_none(script);
		return;
	}
	if (count < 3)
		script_fail(script, "expect PORT WHAT");
	port = script_port(script, words[1], &host)->info.id;
	if (words[2][0] == 'x') {
		expect_counted(host, port, words[2]);
		return;
	}
	if (strcmp(words[2], "whole") == 0 && count > 4) {
		expect_whole(script, words[1], words + 3, count - 3);
		return;
	}
	if (strcmp(words[2], "says") == 0) {
		expect_says(host, port, words + 3, count - 3);
		return;
	}
	if (strcmp(words[2], "lacks") == 0) {
		expect_lacks(host, port, words + 3, count - 3);
		return;
	}
	sent = take(host, port);
	if (!sent)
		script_fail(script, "no frame left on %s", words[1]);
	if (strcmp(words[2], "any") != 0)
		expect_frame(script, sent, words + 2, count - 2);
}

/* -- drops ---------------------------------------------------------------- */

static uint16_t find_reason(const struct script_host *host, const char *name)
{
	uint16_t i;

	for (i = 1; i < VS_LEDGER_REASONS; i++)
		if (strcmp(vs_switch_reason_name(host->rig->sw, i), name) == 0)
			return i;
	script_fail(host->script, "no reason %s", name);
}

static void move_claims(struct script_host *host, uint16_t port,
			uint16_t reason)
{
	uint64_t *claimed = &host->claimed[port][reason];

	if (!*claimed || *claimed <= rig_dropped_of(host->rig, port, reason))
		return;
	host->claimed[VS_LEDGER_GONE][reason] += *claimed;
	*claimed = 0;
}

uint64_t *script_claimed(struct script_host *host, uint16_t port,
			 uint16_t reason)
{
	uint16_t from = port, i;

	if (port == VS_LEDGER_GONE)
		from = 0;
	for (i = from; i <= port && i < VS_LEDGER_GONE; i++)
		move_claims(host, i, reason);
	return &host->claimed[port][reason];
}

/* How many new drops of a reason; they are claimed. */
static uint64_t claim(struct script_host *host, const char *name, uint16_t only)
{
	uint16_t reason = find_reason(host, name), port;
	uint64_t found = 0;

	for (port = 0; port <= VS_LEDGER_GONE; port++) {
		uint64_t *claimed, now;

		if (only != UINT16_MAX && port != only)
			continue;
		claimed = script_claimed(host, port, reason);
		now = rig_dropped_of(host->rig, port, reason);
		found += now - *claimed;
		*claimed = now;
	}
	return found;
}

/* What was dropped instead. */
static void list_drops(const struct script *script)
{
	struct vs_ledger_row row;
	uint16_t k, i;

	for (k = 0; k < script->host_count; k++) {
		struct script_host *host = script->host[k];
		uint32_t cursor = 0;

		while (vs_ledger_next(vs_switch_ledger(host->rig->sw), &cursor,
				      &row))
			for (i = 1; i < VS_LEDGER_REASONS; i++)
				if (row.dropped[i] >
				    *script_claimed(host, row.port.value, i))
					fprintf(stderr,
						"unnamed: %s of port %u, "
						"host %s\n",
						vs_switch_reason_name(
							host->rig->sw, i),
						row.port.value, host->name);
	}
}

void run_drop(struct script *script, char **words, int count)
{
	uint64_t wanted = 1, found = 0;
	struct script_host *host;
	uint16_t i;

	if (count > 2 && words[count - 1][0] == 'x')
		wanted = strtoul(words[--count] + 1, NULL, 0);
	if (count > 2) {
		uint16_t port =
			script_port(script, words[2], &host)->info.id.value;

		found = claim(host, words[1], port);
	} else {
		for (i = 0; i < script->host_count; i++)
			found += claim(script->host[i], words[1], UINT16_MAX);
	}
	if (found == wanted)
		return;
	list_drops(script);
	script_fail(script, "%llu dropped %s, not %llu",
		    (unsigned long long)found, words[1],
		    (unsigned long long)wanted);
}

/* -- numbers -------------------------------------------------------------- */

void run_count(struct script *script, char **words, int count)
{
	const char *what = words[1];
	struct script_host *host = script_at(script, &what);
	struct vs_ledger_row total = rig_total(host->rig);
	uint64_t wanted = strtoull(words[2], NULL, 0), found;
	struct vs_table_stats stats;

	(void)count;
	vs_table_stats(vs_switch_macs(host->rig->sw), &stats);
	if (strcmp(what, "received") == 0)
		found = total.received;
	else if (strcmp(what, "injected") == 0)
		found = total.injected;
	else if (strcmp(what, "replicas") == 0)
		found = total.replicas;
	else if (strcmp(what, "sent") == 0)
		found = total.sent;
	else if (strcmp(what, "held") == 0)
		found = total.held;
	else if (strcmp(what, "learned") == 0)
		found = stats.entries;
	else if (strcmp(what, "moved") == 0)
		found = stats.moved;
	else if (strcmp(what, "wired") == 0)
		found = script->wired;
	else
		script_fail(script, "nothing counts %s", what);
	if (found != wanted)
		script_fail(script, "%s is %llu, not %llu", words[1],
			    (unsigned long long)found,
			    (unsigned long long)wanted);
}
