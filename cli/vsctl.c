// SPDX-License-Identifier: Apache-2.0
/*
 * vsctl.c: main: takes the options out of the line, gives the words to
 * verbs.c, prints what went wrong and ends with the code that it means.
 *
 * Reading order: options.c, verbs.c (the verbs at the top), nouns.c and
 * grammar.c (everything that the daemon's schema names), client.c (the
 * socket); then one file per kind of answer, all declared in render.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dialect.h"
#include "session.h"

#define COMPLETE_TIMEOUT_MS 2000
#define NOTHING_DONE	    "nothing was done; above is how it is said here"

static const char *default_rundir(void)
{
	const char *set = getenv("VSWITCH_RUNDIR");

	return set && *set ? set : VS_RPC_RUNDIR;
}

/* vsctl complete WORDS...: the options on the line being typed count. */
static enum vs_exit complete(const struct words *typed)
{
	const char **left = calloc((size_t)typed->count + 2, sizeof(*left));
	struct complaint ignored = {0};
	struct options options;
	struct session session;
	struct words words;
	const char *partial;

	if (!left || !typed->count) {
		free(left);
		return VS_EXIT_OK;
	}
	/* the word being typed is no option yet */
	partial = typed->at[typed->count - 1];
	words = (struct words){typed->count - 1, typed->at};
	if (options_parse(&words, default_rundir(), &options, left, &ignored) ==
	    VS_EXIT_OK) {
		words = (struct words){0, left};
		while (left[words.count])
			words.count++;
		left[words.count++] = partial;
		options.timeout_ms = COMPLETE_TIMEOUT_MS;
		session_open(&session, &options);
		complete_run(&session, &words);
		session_close(&session);
	}
	free(left);
	return VS_EXIT_OK;
}

static enum vs_exit run(struct session *session, const struct words *words,
			struct complaint *complaint)
{
	if (session->options->version) {
		puts("vsctl " VS_VERSION);
		return VS_EXIT_OK;
	}
	if (dialect_print(words, stderr))
		return complain(complaint, VS_EXIT_USAGE, NOTHING_DONE);
	if (words->count)
		return verbs_run(session, words, complaint);
	if (session->options->help)
		return help_run(session, words, complaint);
	help_usage(session);
	return complain(complaint, VS_EXIT_USAGE,
			"what? A noun or a verb is missing");
}

static enum vs_exit line(const struct words *arguments, const char **left)
{
	struct complaint complaint = {0};
	struct options options;
	struct session session;
	struct words words = {0, left};
	enum vs_exit code = options_parse(arguments, default_rundir(), &options,
					  left, &complaint);

	session_open(&session, &options);
	while (!code && left[words.count])
		words.count++;
	if (!code)
		code = run(&session, &words, &complaint);
	if (!code && (fflush(stdout) != 0 || ferror(stdout)))
		code = complain(&complaint, VS_EXIT_REFUSED,
				"the output can't be written: %s",
				strerror(errno));
	if (code && complaint.text[0]) /* an answer may have a code, too */
		session.output.ops->complaint(&session.output, &complaint,
					      code);
	session_close(&session);
	complaint_clear(&complaint);
	return code;
}

/*
 * With a standard stream closed, the next socket or pipe would have its number
 * and get what is meant for it. In its place stands one that can't be written.
 */
static bool hold_places(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int main(int argc, char **argv)
{
	const struct words arguments = {argc - 1,
					(const char *const *)(argv + 1)};
	struct words rest = words_after(&arguments, 1);
	struct words behind =
		words_after(&arguments, options_ahead(&arguments));
	enum vs_exit code;
	const char **left;

	if (!hold_places())
		return VS_EXIT_REFUSED;
	if (argc > 1 && strcmp(argv[1], "complete") == 0)
		return (int)complete(&rest);
	/* before the options: cmdlets have -Parameters of their own */
	if (dialect_print(&behind, stderr)) {
		fputs("vsctl: " NOTHING_DONE "\n", stderr);
		return VS_EXIT_USAGE;
	}
	left = calloc((size_t)argc + 1, sizeof(*left));
	if (!left)
		return VS_EXIT_REFUSED;
	code = line(&arguments, left);
	free(left);
	return (int)code;
}
