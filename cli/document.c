// SPDX-License-Identifier: Apache-2.0
/*
 * document.c: opening and reading a document's file. Before it: policy.c, which
 * knows what the document is for. After it: client.c, which sends it.
 */
#include "document.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "value.h"

/* One of a file system; what stands behind | or in <(...) has its writer. */
static bool is_named_pipe(int fd)
{
	struct stat status;
	struct statfs system;

	return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) &&
	       fstatfs(fd, &system) == 0 && system.f_type != PIPEFS_MAGIC;
}

static bool is_directory(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

static enum vs_exit await_writer(int fd, const char *file, int timeout_ms,
				 struct complaint *complaint)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char duration[32];

	if (poll(&ready, 1, timeout_ms) != 0)
		return VS_EXIT_OK;
	return complain(complaint, VS_EXIT_TIMEOUT,
			"%s is a pipe, and nobody wrote to it within %s; -t "
			"SECS waits longer",
			file,
			value_duration((double)timeout_ms / 1000, duration,
				       sizeof(duration)));
}

static enum vs_exit file_open(const char *file, int timeout_ms, FILE **stream,
			      struct complaint *complaint)
{
	/* O_NONBLOCK: a pipe without a writer opens, too */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum vs_exit code = VS_EXIT_OK;

	*stream = NULL;
	if (fd < 0)
		return complain(complaint, VS_EXIT_USAGE, "%s: %m", file);
	if (is_directory(fd))
		code = complain(complaint, VS_EXIT_USAGE,
				"%s is a directory: name a file, or - for "
				"standard input",
				file);
	else if (is_named_pipe(fd))
		code = await_writer(fd, file, timeout_ms, complaint);
	if (!code && fcntl(fd, F_SETFL, 0) == 0)
		*stream = fdopen(fd, "r");
	if (!code && !*stream)
		code = complain(complaint, VS_EXIT_USAGE, "%s: %m", file);
	if (code)
		close(fd);
	return code;
}

enum vs_exit document_load(const char *file, int timeout_ms, json_t **document,
			   struct complaint *complaint)
{
	bool input = strcmp(file, "-") == 0;
	enum vs_exit code = VS_EXIT_OK;
	FILE *stream = stdin;
	json_error_t error;

	*document = NULL;
	if (!input)
		code = file_open(file, timeout_ms, &stream, complaint);
	else if (is_directory(STDIN_FILENO))
		code = complain(complaint, VS_EXIT_USAGE,
				"the input is a directory");
	if (code)
		return code;
	*document = json_loadf(stream, JSON_REJECT_DUPLICATES, &error);
	if (!input)
		fclose(stream);
	if (!*document)
		return complain(complaint, VS_EXIT_REFUSED, "%s:%d:%d: %s",
				input ? "input" : file, error.line,
				error.column, error.text);
	return VS_EXIT_OK;
}
