// SPDX-License-Identifier: Apache-2.0
/*
 * ping.c: echoes in the name of a port's VM (`ping PORT CA`), or between
 * provider addresses (`pa ping ADDRESS`): one request of the daemon for each,
 * a line as it ends, and the sum of all.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "render.h"
#include "session.h"
#include "value.h"

#define COUNT_MOST   100000
#define WAIT_DEFAULT 1000

struct pinging {
	struct session *session;
	json_t *params; /* of each request */
	json_t *replies;
	json_int_t count, interval_ms;
	json_int_t sent, answered;
	json_int_t least, most, total; /* ns */
	const char *method;
	bool nested; /* the parameters go as arguments of a method.call */
};

static double milliseconds(json_int_t ns)
{
	return (double)ns / 1e6;
}

/* -- one line ---------------------------------------------------------------
 */

static void print_reply(FILE *stream, const json_t *result)
{
	fprintf(stream,
		"%" JSON_INTEGER_FORMAT
		" bytes from %s: seq=%" JSON_INTEGER_FORMAT
		" ttl=%" JSON_INTEGER_FORMAT " time=%.3f ms\n",
		json_integer_value(json_object_get(result, "size")) + 8,
		member_text(result, "from"),
		json_integer_value(json_object_get(result, "seq")),
		json_integer_value(json_object_get(result, "ttl")),
		milliseconds(
			json_integer_value(json_object_get(result, "rtt_ns"))));
}

static void print_error(FILE *stream, const json_t *result)
{
	const json_t *mtu = json_object_get(result, "mtu");

	fprintf(stream, "%s says: %s", member_text(result, "from"),
		member_text(result, "what"));
	if (mtu)
		fprintf(stream, ", %" JSON_INTEGER_FORMAT " bytes would pass",
			json_integer_value(mtu));
	fputc('\n', stream);
}

static void render_echo(FILE *stream, const struct view *view,
			const json_t *result)
{
	const char *what = member_text(result, "result");
	const char *reason = member_text(result, "reason");

	(void)view;
	if (strcmp(what, "reply") == 0)
		print_reply(stream, result);
	else if (strcmp(what, "error") == 0)
		print_error(stream, result);
	else if (strcmp(what, "silence") == 0)
		fprintf(stream, "no reply to seq=%" JSON_INTEGER_FORMAT "\n",
			json_integer_value(json_object_get(result, "seq")));
	else if (*reason)
		fprintf(stream, "%s here: %s: %s\n", what, reason,
			member_text(result, "help"));
	else
		fprintf(stream, "%s: %s\n", what, member_text(result, "help"));
	fflush(stream);
}

static void render_sum(FILE *stream, const struct view *view,
		       const json_t *result)
{
	json_int_t sent = json_integer_value(json_object_get(result, "sent"));
	json_int_t came =
		json_integer_value(json_object_get(result, "answered"));

	(void)view;
	fprintf(stream,
		"%" JSON_INTEGER_FORMAT " sent, %" JSON_INTEGER_FORMAT
		" answered, %" JSON_INTEGER_FORMAT "%% lost",
		sent, came, sent ? (sent - came) * 100 / sent : 0);
	if (came)
		fprintf(stream, "; least, mean, most: %.3f, %.3f, %.3f ms",
			milliseconds(json_integer_value(
				json_object_get(result, "least_ns"))),
			milliseconds(json_integer_value(
				json_object_get(result, "mean_ns"))),
			milliseconds(json_integer_value(
				json_object_get(result, "most_ns"))));
	fputc('\n', stream);
}

/* -- the series -------------------------------------------------------------
 */

static void note(struct pinging *pinging, json_t *result)
{
	json_int_t rtt = json_integer_value(json_object_get(result, "rtt_ns"));

	pinging->sent++;
	if (!pinging->session->options->json)
		render_echo(pinging->session->output.stream, NULL, result);
	json_array_append(pinging->replies, result);
	if (strcmp(member_text(result, "result"), "reply") != 0)
		return;
	if (!pinging->answered++ || rtt < pinging->least)
		pinging->least = rtt;
	if (rtt > pinging->most)
		pinging->most = rtt;
	pinging->total += rtt;
}

static json_t *request_of(const struct pinging *pinging, json_int_t sequence)
{
	json_t *params = json_copy(pinging->params);

	json_object_set_new(params, "seq", json_integer(sequence));
	return pinging->nested ? json_pack("{s:s, s:s, s:o}", "noun", "pa",
					   "verb", "ping", "arguments", params)
			       : params;
}

static void pause_for(json_int_t ms)
{
	struct timespec time = {.tv_sec = ms / 1000,
				.tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&time, NULL);
}

static enum vs_exit ping_all(struct pinging *pinging,
			     struct complaint *complaint)
{
	enum vs_exit code = VS_EXIT_OK;
	json_int_t sequence;

	for (sequence = 1; !code && sequence <= pinging->count; sequence++) {
		json_t *result = NULL;

		if (sequence > 1)
			pause_for(pinging->interval_ms);
		code = client_call(&pinging->session->client, pinging->method,
				   request_of(pinging, sequence & 0xffff),
				   &result, complaint);
		if (!code)
			note(pinging, result);
		json_decref(result);
	}
	return code;
}

static enum vs_exit sum_up(struct pinging *pinging)
{
	struct session *session = pinging->session;
	const struct view view = {0};
	json_t *sum =
		json_pack("{s:I, s:I, s:O}", "sent", pinging->sent, "answered",
			  pinging->answered, "echoes", pinging->replies);

	if (pinging->answered) {
		json_object_set_new(sum, "least_ns",
				    json_integer(pinging->least));
		json_object_set_new(
			sum, "mean_ns",
			json_integer(pinging->total / pinging->answered));
		json_object_set_new(sum, "most_ns",
				    json_integer(pinging->most));
	}
	session->output.ops->result(&session->output, render_sum, &view, sum);
	json_decref(sum);
	return pinging->answered ? VS_EXIT_OK : VS_EXIT_TIMEOUT;
}

/* Take a number that is ours, not the daemon's; `unset` if it is not said. */
static enum vs_exit take_number(json_t *params, const char *name,
				json_int_t *value, struct complaint *complaint)
{
	const json_t *said = json_object_get(params, name);

	if (!said)
		return VS_EXIT_OK;
	*value = json_integer_value(said);
	if (!json_is_integer(said) || *value < 1 || *value > COUNT_MOST)
		return complain(complaint, VS_EXIT_USAGE,
				"ping: %s=: a number from 1 to %d", name,
				COUNT_MOST);
	json_object_del(params, name);
	return VS_EXIT_OK;
}

/* The daemon's answer may take as long as it waits for the reply. */
static void be_patient(struct session *session, const json_t *params)
{
	const json_t *wait = json_object_get(params, "wait");
	json_int_t ms = wait ? json_integer_value(wait) : WAIT_DEFAULT;
	int *timeout = &session->client.timeout_ms;

	if (*timeout >= 0 && ms > 0 && ms <= 60000)
		*timeout += (int)ms;
}

static enum vs_exit run(struct pinging *pinging, const struct verb *verb,
			const struct words *words, struct complaint *complaint)
{
	enum vs_exit code =
		verb_params(verb, words, &pinging->params, complaint);

	if (code)
		return code;
	pinging->count = 3;
	pinging->interval_ms = 1000;
	pinging->replies = json_array();
	code = take_number(pinging->params, "count", &pinging->count,
			   complaint);
	if (!code)
		code = take_number(pinging->params, "interval",
				   &pinging->interval_ms, complaint);
	be_patient(pinging->session, pinging->params);
	if (!code)
		code = ping_all(pinging, complaint);
	if (!code)
		code = sum_up(pinging);
	json_decref(pinging->params);
	json_decref(pinging->replies);
	return code;
}

bool ping_is_of_pa(const struct words *words)
{
	return words->count > 2 && strcmp(words->at[0], "pa") == 0 &&
	       strcmp(words->at[1], "ping") == 0;
}

enum vs_exit ping_pa_run(struct session *session, const struct words *words,
			 struct complaint *complaint)
{
	static const struct verb verb = {
		.name = "pa ping",
		.usage = "ADDRESS [count=N] [size=BYTES] [df=off] "
			 "[src=ADDRESS] [wait=MS] [interval=MS]",
		.arguments = {{.name = "address", .required = true},
			      {.name = "count", .number = true},
			      {.name = "size", .number = true},
			      {.name = "df"},
			      {.name = "src"},
			      {.name = "wait", .number = true},
			      {.name = "interval", .number = true}},
	};
	struct pinging pinging = {
		.session = session, .method = "method.call", .nested = true};
	const struct words rest = words_after(words, 2);

	return run(&pinging, &verb, &rest, complaint);
}

enum vs_exit ping_run(struct session *session, const struct verb *verb,
		      const struct words *words, struct complaint *complaint)
{
	struct pinging pinging = {.session = session, .method = verb->method};

	return run(&pinging, verb, words, complaint);
}
