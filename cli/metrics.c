// SPDX-License-Identifier: Apache-2.0
/*
 * metrics.c: the ledger, the links, the ports and the workers in the text
 * format that Prometheus and what follows it read (exposition format 0.0.4):
 * for node_exporter's textfile collector, or any program that serves it.
 *
 * One table says it all: which rows, which member of each, under which name.
 * A member that is an object, counts by reason, is a sample for each of its
 * own members.
 */
#include <stdint.h>
#include <string.h>

#include "output.h"
#include "render.h"
#include "session.h"
#include "value.h"

#define LABELS 5

/* A metric: a family of samples. */
struct family {
	const char *name, *help;
	const char *rows; /* an array of the facts; NULL: the daemon's alone */
	const char *member; /* of a row */
	const char *split;  /* the label for the members of an object */
	const char *labels[LABELS];
};

#define LEDGER "ledger"
#define OF_VSID                                                                \
	{                                                                      \
		"switch", "port", "vsid"                                       \
	}
#define OF_PORT                                                                \
	{                                                                      \
		"switch", "port"                                               \
	}
#define OF_EXTENSION                                                           \
	{                                                                      \
		"switch", "extension"                                          \
	}
#define OF_WORKER                                                              \
	{                                                                      \
		"worker"                                                       \
	}

static const struct family families[] = {
	{"vswitch_info",
	 "Which daemon this is.",
	 NULL,
	 "info",
	 NULL,
	 {"version", "host"}},
	{"vswitch_uptime_seconds",
	 "Since the daemon started.",
	 NULL,
	 "uptime_s",
	 NULL,
	 {NULL}},
	{"vswitch_policy_generation",
	 "Goes up with each change of the policy.",
	 NULL,
	 "generation",
	 NULL,
	 {NULL}},
	{"vswitch_frames_received_total", "Frames that the port brought.",
	 LEDGER, "received", NULL, OF_VSID},
	{"vswitch_bytes_received_total", "Bytes of those.", LEDGER,
	 "received_bytes", NULL, OF_VSID},
	{"vswitch_frames_injected_total",
	 "Frames that the switch or an extension made.", LEDGER, "injected",
	 NULL, OF_VSID},
	{"vswitch_frames_replicated_total", "Further copies of a frame.",
	 LEDGER, "replicas", NULL, OF_VSID},
	{"vswitch_frames_sent_total", "Copies that left on some port.", LEDGER,
	 "sent", NULL, OF_VSID},
	{"vswitch_bytes_sent_total", "Bytes of those.", LEDGER, "sent_bytes",
	 NULL, OF_VSID},
	{"vswitch_frames_consumed_total",
	 "Frames whose end was here, by what took them.", LEDGER, "consumed",
	 "by", OF_VSID},
	{"vswitch_frames_dropped_total",
	 "Frames dropped, by reason; vswitch-drops(7) explains each.", LEDGER,
	 "dropped_for", "reason", OF_VSID},
	{"vswitch_frames_held", "Frames that wait for an answer.", LEDGER,
	 "held", NULL, OF_VSID},
	{"vswitch_ledger_imbalance", "What the ledger is off by: 0.", LEDGER,
	 "balance", NULL, OF_VSID},
	{"vswitch_link_frames_received_total", "Frames read from the device.",
	 "links", "received", NULL, OF_PORT},
	{"vswitch_link_bytes_received_total", "Bytes of those.", "links",
	 "received_bytes", NULL, OF_PORT},
	{"vswitch_link_frames_sent_total", "Frames given to the device.",
	 "links", "sent", NULL, OF_PORT},
	{"vswitch_link_frames_written_total", "Frames that the device took.",
	 "links", "written", NULL, OF_PORT},
	{"vswitch_link_bytes_sent_total",
	 "Bytes handed to the kernel, as they "
	 "lie on the wire.",
	 "links", "sent_bytes", NULL, OF_PORT},
	{"vswitch_link_frames_dropped_total",
	 "Frames that the device did not take, by reason.", "links", "dropped",
	 "reason", OF_PORT},
	{"vswitch_link_wire_frames_total",
	 "Frames as the kernel was handed them, merged or cut.", "links",
	 "wire_frames", NULL, OF_PORT},
	{"vswitch_link_segments_total",
	 "Segments that super-frames were cut into.", "links", "segments", NULL,
	 OF_PORT},
	{"vswitch_link_frames_merged_total",
	 "Frames that became part of a larger one.", "links", "merged", NULL,
	 OF_PORT},
	{"vswitch_link_frames_fast_total",
	 "Frames that the kernel's fast path carried.", "links", "fast", NULL,
	 OF_PORT},
	{"vswitch_link_fast_refused_total",
	 "How often a flow of the port found no place in the fast path.",
	 "links", "fast_refused", NULL, OF_PORT},
	{"vswitch_link_kernel_drops_total",
	 "Frames lost in the kernel's queue before the switch read them.",
	 "links", "kernel_drops", NULL, OF_PORT},
	{"vswitch_link_frames_truncated_total",
	 "Frames too long to be read whole, or with a false header.", "links",
	 "truncated", NULL, OF_PORT},
	{"vswitch_port_up",
	 "1 if the port forwards.",
	 "ports",
	 "up",
	 NULL,
	 {"switch", "port", "driver", "device"}},
	{"vswitch_port_mismatches",
	 "How the guest differs from policy: so many findings.", "ports",
	 "mismatches", NULL, OF_PORT},
	{"vswitch_uplink_up",
	 "1 if the uplink forwards.",
	 "uplinks",
	 "up",
	 NULL,
	 {"switch", "uplink"}},
	{"vswitch_worker_rounds_total", "Rounds of the worker's loop.",
	 "workers", "rounds", NULL, OF_WORKER},
	{"vswitch_worker_sleeps_total", "Rounds that ended asleep.", "workers",
	 "sleeps", NULL, OF_WORKER},
	{"vswitch_worker_bursts_total", "Bursts read.", "workers", "bursts",
	 NULL, OF_WORKER},
	{"vswitch_worker_frames_total", "Frames in them.", "workers", "frames",
	 NULL, OF_WORKER},
	{"vswitch_worker_starved_total",
	 "Turns of a port that found no free buffer.", "workers", "starved",
	 NULL, OF_WORKER},
	{"vswitch_worker_no_buffer_total",
	 "Frames that could not be copied for want of a buffer.", "workers",
	 "no_buffer", NULL, OF_WORKER},
	{"vswitch_worker_mailbox_full_total",
	 "Messages between threads that found no room.", "workers",
	 "mailbox_full", NULL, OF_WORKER},
	{"vswitch_extension_ok",
	 "1 if the extension works as it should.",
	 "extensions",
	 "ok",
	 NULL,
	 {"switch", "extension", "class", "version"}},
	{"vswitch_extension_frames_held", "Frames that it keeps.", "extensions",
	 "held", NULL, OF_EXTENSION},
	{"vswitch_extension_frames_made_total", "Frames that it made.",
	 "extensions", "made", NULL, OF_EXTENSION},
	{"vswitch_extension_frames_dropped_total",
	 "Frames that it dropped, by reason.", "extensions", "dropped_for",
	 "reason", OF_EXTENSION},
	{"vswitch_extension_value", "What it counts, by name.", "extensions",
	 "counters", "counter", OF_EXTENSION},
};

static const char *type_of(const struct family *family)
{
	size_t size = strlen(family->name);

	return size > 6 && strcmp(family->name + size - 6, "_total") == 0
		       ? "counter"
		       : "gauge";
}

static void write_label(FILE *stream, bool first, const char *name,
			const char *text)
{
	fprintf(stream, "%s%s=\"", first ? "{" : ",", name);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", stream);
		else if (*text == '"' || *text == '\\')
			fprintf(stream, "\\%c", *text);
		else
			fputc(*text, stream);
	}
	fputc('"', stream);
}

/* name{labels} value; an integer, or nothing that could be one. */
static void write_sample(FILE *stream, const struct family *family,
			 const json_t *row, const char *part,
			 const json_t *value)
{
	char text[VALUE_SIZE];
	bool first = true;

	fputs(family->name, stream);
	for (int i = 0; i < LABELS && family->labels[i]; i++, first = false)
		write_label(stream, first, family->labels[i],
			    value_text(json_object_get(row, family->labels[i]),
				       text, sizeof(text)));
	if (part) {
		write_label(stream, first, family->split, part);
		first = false;
	}
	fprintf(stream, "%s %" JSON_INTEGER_FORMAT "\n", first ? "" : "}",
		json_integer_value(value));
}

static void write_row(FILE *stream, const struct family *family,
		      const json_t *row)
{
	json_t *value = json_object_get(row, family->member);
	const char *part;
	json_t *each;

	if (json_is_integer(value))
		write_sample(stream, family, row, NULL, value);
	if (!family->split)
		return;
	json_object_foreach(value, part, each)
	{
		write_sample(stream, family, row, part, each);
	}
}

/* Ports, or uplinks, of all switches, with what is a word there as a number. */
static json_t *flat(const json_t *show, const char *what, const char *label)
{
	json_t *all = json_array(), *sw, *each, *row;
	size_t i, j;

	json_array_foreach(json_object_get(show, "switches"), i, sw)
	{
		json_array_foreach(json_object_get(sw, what), j, each)
		{
			row = json_pack(
				"{s:O, s:O, s:i, s:I}", "switch",
				json_object_get(sw, "name"), label,
				json_object_get(each, "name"), "up",
				strcmp(member_text(each, "state"), "up") == 0,
				"mismatches",
				(json_int_t)json_array_size(
					json_object_get(each, "mismatches")));
			json_object_update_missing(row, each);
			json_array_append_new(all, row);
		}
	}
	return all;
}

/* Everything that the table's rows name, in one object. */
static json_t *gather(const json_t *stats, const json_t *show)
{
	json_t *facts = json_deep_copy((json_t *)(uintptr_t)stats), *each;
	json_t *daemon = json_pack("{s:i}", "info", 1);
	size_t i;

	json_object_update(daemon, json_object_get(show, "daemon"));
	json_object_set_new(facts, "daemon", daemon);
	json_object_set_new(facts, "uplinks", flat(show, "uplinks", "uplink"));
	json_object_set_new(facts, "ports", flat(show, "ports", "port"));
	json_array_foreach(json_object_get(facts, "extensions"), i, each)
	{
		json_object_set(each, "extension",
				json_object_get(each, "name"));
		json_object_set_new(
			each, "ok",
			json_integer(strcmp(member_text(each, "state"), "ok") ==
				     0));
	}
	return facts;
}

/* `result` has the answers to `stats` and `show`. */
void render_metrics(FILE *stream, const struct view *view, const json_t *result)
{
	json_t *facts = gather(json_object_get(result, "stats"),
			       json_object_get(result, "show"));
	json_t *row;
	size_t i;

	(void)view;
	for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		const struct family *family = &families[f];

		fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n", family->name,
			family->help, family->name, type_of(family));
		if (!family->rows)
			write_row(stream, family,
				  json_object_get(facts, "daemon"));
		json_array_foreach(json_object_get(facts, family->rows), i, row)
		{
			write_row(stream, family, row);
		}
	}
	json_decref(facts);
}

enum vs_exit metrics_run(struct session *session, const struct verb *verb,
			 const struct words *words, struct complaint *complaint)
{
	json_t *both = json_object(), *params = NULL;
	enum vs_exit code = verb_params(verb, words, &params, complaint);
	const struct view view = {.params = params};

	if (!code)
		code = session_add(session, both, "stats", "stats", complaint);
	if (!code)
		code = session_add(session, both, "show", "show", complaint);
	if (!code)
		session->output.ops->result(&session->output, render_metrics,
					    &view, both);
	json_decref(params);
	json_decref(both);
	return code;
}
