/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_dump.c: see engine_dump.h. The request server is asked through its
 * own door, so that nothing can be said here that a client would not hear.
 */
#define _GNU_SOURCE /* memmem, memfd_create */
#include "engine_dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct asker {
	struct request_client client;
	FILE *out;
	bool refused;
};

static void asker_write(struct request_client *client, const char *bytes,
			size_t size)
{
	struct asker *asker = (struct asker *)client;

	while (size && bytes[size - 1] == '\n')
		size--;
	fwrite(bytes, 1, size, asker->out);
	/* an answer has "error" or "result"; quotes inside a text are escaped
	 */
	asker->refused |= memmem(bytes, size, "\"error\":", 8) != NULL;
}

static const struct request_client_ops asker_ops = {.write = asker_write};

/* `fd`: goes beside the request; -1: none. */
static bool ask_server(struct engine *engine, const char *request, int fd,
		       FILE *out)
{
	struct asker asker = {.client = {.ops = &asker_ops}, .out = out};
	struct request_line line = {.bytes = request,
				    .size = strlen(request),
				    .fd = fd,
				    .now_ns = loop_now_ns()};

	request_client_open(engine->server, &asker.client);
	request_line(&asker.client, &line);
	request_client_close(&asker.client);
	return !asker.refused;
}

int engine_dump_schema(struct engine *engine)
{
	static const char schema[] = "{\"jsonrpc\":\"2.0\",\"id\":1,"
				     "\"method\":\"schema.list\"}";
	static const char reasons[] = "{\"jsonrpc\":\"2.0\",\"id\":2,"
				      "\"method\":\"reasons\"}";
	bool good;

	printf("{\"schema\":");
	good = ask_server(engine, schema, -1, stdout);
	printf(",\n\"reasons\":");
	good &= ask_server(engine, reasons, -1, stdout);
	printf("}\n");
	return good && !fflush(stdout) ? VS_EXIT_OK : VS_EXIT_REFUSED;
}

static bool copy_stream(FILE *from, int to)
{
	char block[65536];
	size_t size;

	while ((size = fread(block, 1, sizeof(block), from)) > 0)
		if (write(to, block, size) != (ssize_t)size)
			return false;
	return !ferror(from);
}

/* As a client sends a document of any size: sealed. -1 with errno. */
static int memfd_of(FILE *document)
{
	int fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (copy_stream(document, fd) &&
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A string member of an answer, as it stands (escapes and all). */
static void print_member(const char *answer, const char *member)
{
	const char *at = strstr(answer, member);

	for (at = at ? at + strlen(member) : ""; *at && *at != '"'; at++) {
		if (*at == '\\' && at[1])
			at++;
		fputc(*at, stderr);
	}
}

static bool check_document(struct engine *engine, const char *file,
			   int document)
{
	static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":1,"
				      "\"method\":\"policy.apply\",\"params\":"
				      "{\"dry_run\":true,\"fd\":true}}";
	char *answer = NULL;
	size_t answer_size = 0;
	FILE *out = open_memstream(&answer, &answer_size);
	bool good;

	if (!out)
		return false;
	good = ask_server(engine, request, document, out);
	if (fclose(out)) {
		free(answer);
		return false;
	}
	if (good) {
		printf("%s: sound\n", file);
	} else {
		fprintf(stderr, "vswitchd: %s: ", file);
		if (!strstr(answer, "\"path\":\"\"")) {
			print_member(answer, "\"path\":\"");
			fprintf(stderr, ": ");
		}
		print_member(answer, "\"message\":\"");
		fprintf(stderr, "\n");
	}
	free(answer);
	return good;
}

int engine_check_document(struct engine *engine, const char *file)
{
	bool input = strcmp(file, "-") == 0;
	FILE *stream = input ? stdin : fopen(file, "re");
	int document;
	bool good;

	if (!stream) {
		fprintf(stderr, "vswitchd: %s: %s\n", file, strerror(errno));
		return VS_EXIT_ABSENT;
	}
	document = memfd_of(stream);
	if (document < 0)
		fprintf(stderr, "vswitchd: %s: could not be read: %s\n", file,
			strerror(errno));
	if (!input)
		fclose(stream);
	if (document < 0)
		return VS_EXIT_REFUSED;
	good = check_document(engine, file, document);
	close(document);
	return good ? VS_EXIT_OK : VS_EXIT_REFUSED;
}
