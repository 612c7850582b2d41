/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_dump.c: see engine_dump.h. The request server is asked through its
 * own door, so that nothing can be said here that a client would not hear.
 */
#define _GNU_SOURCE /* memmem */
#include "engine_dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool ask_server(struct engine *engine, const char *bytes, size_t size,
		       FILE *out)
{
	struct asker asker = {.client = {.ops = &asker_ops}, .out = out};
	struct request_line line = {.bytes = bytes,
				    .size = size,
				    .fd = -1,
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
	good = ask_server(engine, schema, sizeof(schema) - 1, stdout);
	printf(",\n\"reasons\":");
	good &= ask_server(engine, reasons, sizeof(reasons) - 1, stdout);
	printf("}\n");
	return good && !fflush(stdout) ? VS_EXIT_OK : VS_EXIT_REFUSED;
}

static int copy_stream(FILE *from, FILE *to)
{
	char block[65536];
	size_t size;

	while ((size = fread(block, 1, sizeof(block), from)) > 0)
		fwrite(block, 1, size, to);
	return ferror(from) || ferror(to) ? -EIO : 0;
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

static bool check_line(struct engine *engine, const char *file,
		       const char *line, size_t size)
{
	char *answer = NULL;
	size_t answer_size = 0;
	FILE *out = open_memstream(&answer, &answer_size);
	bool good;

	if (!out)
		return false;
	good = ask_server(engine, line, size, out);
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
	FILE *document = strcmp(file, "-") ? fopen(file, "re") : stdin;
	char *line = NULL;
	size_t size = 0;
	FILE *request;
	bool good;

	if (!document) {
		fprintf(stderr, "vswitchd: %s: %s\n", file, strerror(errno));
		return VS_EXIT_ABSENT;
	}
	request = open_memstream(&line, &size);
	if (!request)
		return VS_EXIT_REFUSED;
	fprintf(request, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
			 "\"policy.apply\",\"params\":{\"dry_run\":true,"
			 "\"document\":");
	good = !copy_stream(document, request);
	fprintf(request, "}}");
	if (fclose(request) || !good) {
		fprintf(stderr, "vswitchd: %s: could not be read\n", file);
		free(line);
		return VS_EXIT_REFUSED;
	}
	/* newlines are white space to JSON and ends of lines to nobody here */
	good = check_line(engine, file, line, size);
	free(line);
	return good ? VS_EXIT_OK : VS_EXIT_REFUSED;
}
