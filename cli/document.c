// SPDX-License-Identifier: Apache-2.0
/*
 * document.c: opening and reading a document's file. Before it: policy.c, which
 * knows what the document is for. After it: client.c, which sends it.
 */
#include "document.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "value.h"

#define BLOCK_SIZE 65536u
/* What goes into a request; the rest is for what it grows when written anew. */
#define SMALL_SIZE (VS_RPC_LINE_SIZE / 2)

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

static enum vs_exit file_open(const char *file, int timeout_ms, int *opened,
			      struct complaint *complaint)
{
	/* O_NONBLOCK: a pipe without a writer opens, too */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum vs_exit code = VS_EXIT_OK;

	if (fd < 0)
		return complain(complaint, VS_EXIT_USAGE, "%s: %m", file);
	if (is_directory(fd))
		code = complain(complaint, VS_EXIT_USAGE,
				"%s is a directory: name a file, or - for "
				"standard input",
				file);
	else if (is_named_pipe(fd))
		code = await_writer(fd, file, timeout_ms, complaint);
	if (!code && fcntl(fd, F_SETFL, 0) < 0)
		code = complain(complaint, VS_EXIT_USAGE, "%s: %m", file);
	if (code)
		close(fd);
	else
		*opened = fd;
	return code;
}

static enum vs_exit too_large(const struct document *document,
			      struct complaint *complaint)
{
	return complain(complaint, VS_EXIT_REFUSED,
			"%s: no document is larger than %d MiB", document->name,
			VS_RPC_DOCUMENT_SIZE >> 20);
}

/* Room for another read; memory may be out. */
static bool grow(struct document *document, size_t *room)
{
	char *text;

	if (document->size < *room)
		return true;
	*room = *room ? *room * 2 : BLOCK_SIZE;
	text = realloc(document->text, *room);
	if (text)
		document->text = text;
	return text != NULL;
}

static enum vs_exit read_text(int fd, struct document *document,
			      struct complaint *complaint)
{
	struct stat status;
	size_t room = 0;
	ssize_t got = 1;

	if (fstat(fd, &status) == 0 && status.st_size > VS_RPC_DOCUMENT_SIZE)
		return too_large(document, complaint);
	while (got != 0) {
		if (!grow(document, &room))
			return complain(complaint, VS_EXIT_REFUSED,
					"%s: memory is out", document->name);
		got = read(fd, document->text + document->size,
			   room - document->size);
		if (got < 0 && errno != EINTR)
			return complain(complaint, VS_EXIT_USAGE, "%s: %m",
					document->name);
		if (got > 0)
			document->size += (size_t)got;
		if (document->size > VS_RPC_DOCUMENT_SIZE)
			return too_large(document, complaint);
	}
	return VS_EXIT_OK;
}

static enum vs_exit parse(struct document *document,
			  struct complaint *complaint)
{
	json_error_t error;

	document->json = json_loadb(document->text, document->size,
				    JSON_REJECT_DUPLICATES, &error);
	if (!document->json)
		return complain(complaint, VS_EXIT_REFUSED, "%s:%d:%d: %s",
				document->name, error.line, error.column,
				error.text);
	free(document->text);
	document->text = NULL;
	return VS_EXIT_OK;
}

enum vs_exit document_load(const char *file, int timeout_ms,
			   struct document *document,
			   struct complaint *complaint)
{
	bool input = strcmp(file, "-") == 0;
	enum vs_exit code = VS_EXIT_OK;
	int fd = STDIN_FILENO;

	*document = (struct document){.json = NULL};
	snprintf(document->name, sizeof(document->name), "%s",
		 input ? "input" : file);
	if (!input)
		code = file_open(file, timeout_ms, &fd, complaint);
	else if (is_directory(fd))
		code = complain(complaint, VS_EXIT_USAGE,
				"the input is a directory");
	if (code)
		return code;
	code = read_text(fd, document, complaint);
	if (!input)
		close(fd);
	if (!code && document->size <= SMALL_SIZE)
		code = parse(document, complaint);
	if (code)
		document_free(document);
	return code;
}

enum vs_exit document_blame(const struct document *document, enum vs_exit code,
			    struct complaint *complaint)
{
	json_t *error = complaint->error;
	json_int_t why = member_number(error, "code");

	if (!document->text ||
	    *member_text(json_object_get(error, "data"), "path") ||
	    (why != VS_RPC_PARAMS && why != VS_RPC_REFUSED &&
	     why != VS_RPC_LIMIT))
		return code;
	return complain(complaint, VS_EXIT_REFUSED, "%s: %s", document->name,
			member_text(error, "message"));
}

void document_free(struct document *document)
{
	json_decref(document->json);
	free(document->text);
	document->json = NULL;
	document->text = NULL;
}
