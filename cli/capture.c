// SPDX-License-Identifier: Apache-2.0
/*
 * capture.c: pcapng from the daemon to our output. The daemon gets the
 * writing end of a pipe of ours, never our output itself: its flags are
 * shared with the shell, and the end of the pipe tells us that all is there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session.h"
#include "value.h"

#define PIPE_SIZE (1024 * 1024)

struct stream {
	struct session *session;
	const char *port;
	int from;	/* the pipe's reading end */
	bool answered;	/* the daemon said yes */
	json_t *answer; /* then: the stream's number, and its switch */
};

/* 1: more may come, 0: the end, -errno: it cannot be written; -EPIPE is our
 * reader's going. */
static int copy_some(int from, int to)
{
	char bytes[65536];
	ssize_t got = read(from, bytes, sizeof(bytes));

	if (got <= 0)
		return got < 0 && errno == EINTR ? 1 : 0;
	for (ssize_t done = 0; done < got;) {
		ssize_t wrote = write(to, bytes + done, (size_t)(got - done));

		if (wrote < 0 && errno == EAGAIN) {
			struct pollfd ready = {.fd = to, .events = POLLOUT};

			poll(&ready, 1, -1);
		} else if (wrote < 0 && errno != EINTR) {
			return -errno;
		}
		done += wrote > 0 ? wrote : 0;
	}
	return 1;
}

/* Nothing goes to the output any more. */
static enum vs_exit unwritten(int error, struct complaint *complaint)
{
	if (error == EPIPE) /* the reader has all that it wants */
		return VS_EXIT_OK;
	return complain(complaint, VS_EXIT_REFUSED,
			"the capture ends here: the output can't be written: "
			"%s",
			strerror(error));
}

static enum vs_exit take_answer(struct stream *stream,
				struct complaint *complaint)
{
	enum vs_exit code = client_answer(&stream->session->client,
					  &stream->answer, complaint);

	stream->answered = true;
	return code;
}

/* Of what the daemon knows: the exit code, and why in words. */
static enum vs_exit judge_end(const struct stream *stream, const json_t *said,
			      char *why, size_t size)
{
	const char *word = member_text(said, "why");

	if (strcmp(word, "count") == 0)
		return VS_EXIT_OK;
	if (strcmp(word, "port") == 0) {
		snprintf(why, size, "port %s was deleted", stream->port);
		return VS_EXIT_ABSENT;
	}
	snprintf(why, size, "it cannot be written any more");
	return VS_EXIT_REFUSED;
}

/* The pipe is at its end, and we did not end it: who did? */
static enum vs_exit ask_why(struct stream *stream, struct complaint *complaint)
{
	struct client *client = &stream->session->client;
	json_t *params, *result = NULL;
	char why[400];
	enum vs_exit code = VS_EXIT_OK;

	if (!stream->answered)
		code = take_answer(stream, complaint);
	if (code)
		return code;
	params = json_pack("{s:s, s:s, s:{s:O}, s:O}", "noun", "capture",
			   "verb", "ended", "arguments", "stream",
			   json_object_get(stream->answer, "stream"), "switch",
			   json_object_get(stream->answer, "switch"));
	code = client_call(client, "method.call", params, &result, complaint);
	if (code == VS_EXIT_UNREACHABLE)
		snprintf(why, sizeof(why), "vswitchd has gone (socket %s)",
			 client->socket);
	else if (code)
		snprintf(why, sizeof(why), "%.399s", complaint->text);
	else
		code = judge_end(stream, result, why, sizeof(why));
	json_decref(result);
	return code ? complain(complaint, code, "the capture ends here: %s",
			       why)
		    : code;
}

static enum vs_exit stream_run(struct stream *stream,
			       struct complaint *complaint)
{
	struct client *client = &stream->session->client;
	enum vs_exit code = VS_EXIT_OK;
	bool flowing = false;

	while (!code) {
		/* the third: our own reader going away */
		struct pollfd ready[3] = {
			{.fd = stream->from, .events = POLLIN},
			{.fd = stream->answered ? -1 : client->fd,
			 .events = POLLIN},
			{.fd = STDOUT_FILENO},
		};
		bool waiting = !stream->answered && !flowing;
		int count = poll(ready, 3, waiting ? client->timeout_ms : -1);

		if (count < 0 && errno == EINTR)
			continue;
		if (count == 0)
			return complain(complaint, VS_EXIT_TIMEOUT,
					"no answer from vswitchd (socket %s)",
					client->socket);
		if (ready[1].revents)
			code = take_answer(stream, complaint);
		if (ready[2].revents & (POLLERR | POLLHUP))
			return code;
		if (!code && ready[0].revents) {
			int more = copy_some(stream->from, STDOUT_FILENO);

			flowing = true;
			if (more < 0)
				return unwritten(-more, complaint);
			if (more == 0)
				return ask_why(stream, complaint);
		}
	}
	return code;
}

static enum vs_exit capture_start(struct stream *stream,
				  const struct verb *verb, json_t *params,
				  struct complaint *complaint)
{
	enum vs_exit code;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		json_decref(params);
		return complain(complaint, VS_EXIT_REFUSED, "no pipe: %m");
	}
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE);
	code = client_send(&stream->session->client, verb->method, params,
			   ends[1], complaint);
	close(ends[1]);
	stream->from = ends[0];
	if (!code)
		code = stream_run(stream, complaint);
	close(ends[0]);
	return code;
}

enum vs_exit capture_run(struct session *session, const struct verb *verb,
			 const struct words *words, struct complaint *complaint)
{
	struct stream stream = {.session = session};
	json_t *params;
	enum vs_exit code = verb_params(verb, words, &params, complaint);

	if (code)
		return code;
	if (isatty(STDOUT_FILENO)) {
		json_decref(params);
		return complain(complaint, VS_EXIT_USAGE,
				"pcapng is nothing for a terminal; send it to "
				"a file or a program: vsctl capture ... | "
				"tcpdump -nr -");
	}
	stream.port = member_text(params, "port");
	json_incref(params); /* the name is in it */
	signal(SIGPIPE, SIG_IGN);
	session_endless();
	code = capture_start(&stream, verb, params, complaint);
	json_decref(params);
	json_decref(stream.answer);
	return code;
}
