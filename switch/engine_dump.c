/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_dump.c: see engine_dump.h. The request server is asked through its
 * own door, so that nothing can be said here that a client would not hear.
 */
#define _GNU_SOURCE /* memmem */
#include "engine_dump.h"

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

int engine_check_document(struct engine *engine, const char *file, int document)
{
	static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":1,"
				      "\"method\":\"policy.apply\",\"params\":"
				      "{\"dry_run\":true,\"fd\":true}}";
	char *answer = NULL;
	size_t answer_size = 0;
	FILE *out = open_memstream(&answer, &answer_size);
	bool good;

	if (!out)
		return VS_EXIT_REFUSED;
	good = ask_server(engine, request, document, out);
	if (fclose(out)) {
		free(answer);
		return VS_EXIT_REFUSED;
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
	return good ? VS_EXIT_OK : VS_EXIT_REFUSED;
}
