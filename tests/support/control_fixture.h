/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of control/ share: an extension with nouns like WNV's, an
 * owner of the policy whose disk is two byte arrays, a client that keeps its
 * last line. One bench is one daemon without a shell.
 */
#ifndef TESTS_SUPPORT_CONTROL_FIXTURE_H
#define TESTS_SUPPORT_CONTROL_FIXTURE_H

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/apply.h"
#include "control/document.h"
#include "control/request.h"
#include "tests/support/control_nouns.h"

/* -- the bench
 * ----------------------------------------------------------------- */

struct disk {
	char *document, *journal;
	size_t document_size, journal_size;
};

struct bench {
	struct policy_owner owner;
	struct request_engine engine;
	struct request_client client;
	struct schema *schema;
	struct policy *policy;
	struct request_server *server;
	struct disk disk;
	bool slow;	     /* persist does not answer by itself */
	bool broken;	     /* persist fails */
	bool derives;	     /* bench_list has something to say */
	const char *refusal; /* prepare refuses with this text */
	int prepared, committed, aborted, persisted;
	bool forced; /* what the last prepare was told */
	uint64_t now_ns;
	char *line; /* the client's last */
	int lines;
	const char *mapped; /* what an fd holds */
};

static inline struct bench *bench_of_owner(struct policy_owner *owner)
{
	return (struct bench *)((char *)owner - offsetof(struct bench, owner));
}

static inline int bench_prepare(struct policy_owner *owner,
				const struct store *candidate,
				struct cursor_maker *warnings,
				struct vs_error *error)
{
	struct bench *bench = bench_of_owner(owner);
	const struct schema *schema = store_schema(candidate);
	struct settings_cursor cursor;
	const struct vs_object *sw, *ca = NULL;
	const struct vs_noun *noun;

	if (bench->refusal)
		return vs_error_set(error, ENOENT, "networks", "%s",
				    bench->refusal);
	sw = store_next(candidate, schema_find(schema, "switch"), NULL, NULL);
	settings_cursor_open(&cursor, candidate, sw, warnings);
	noun = cursor.settings.ops->noun(&cursor.settings, "ca");
	while ((ca = cursor.settings.ops->next(&cursor.settings, noun, NULL,
					       ca)))
		if (cursor.settings.ops->value(ca, 4)->present)
			cursor.settings.ops->warn(&cursor.settings, ca,
						  "has a note");
	bench->forced = cursor.settings.ops->forced(&cursor.settings);
	bench->prepared++;
	return 0;
}

static inline void bench_commit(struct policy_owner *owner,
				const struct store *candidate)
{
	(void)candidate;
	bench_of_owner(owner)->committed++;
}

static inline void bench_abort(struct policy_owner *owner)
{
	bench_of_owner(owner)->aborted++;
}

static inline char *copy_bytes(const char *bytes, size_t size)
{
	char *copy = malloc(size + 1);

	assert(copy);
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

static inline void disk_write(struct disk *disk,
			      const struct policy_write *write)
{
	if (write->kind == POLICY_COMPACT) {
		free(disk->document);
		disk->document = copy_bytes(write->bytes, write->size);
		disk->document_size = write->size;
		disk->journal_size = 0;
		return;
	}
	disk->journal =
		realloc(disk->journal, disk->journal_size + write->size + 1);
	assert(disk->journal);
	memcpy(disk->journal + disk->journal_size, write->bytes, write->size);
	disk->journal_size += write->size;
}

static inline void bench_persist(struct policy_owner *owner,
				 const struct policy_write *write)
{
	struct bench *bench = bench_of_owner(owner);
	struct vs_error error = {.code = 0};

	bench->persisted++;
	if (bench->broken)
		vs_error_set(&error, ENOSPC, "", "the disk is full");
	else
		disk_write(&bench->disk, write);
	if (!bench->slow)
		policy_persisted(bench->policy, &error);
}

static const struct policy_owner_ops bench_owner_ops = {
	.prepare = bench_prepare,
	.commit = bench_commit,
	.abort = bench_abort,
	.persist = bench_persist,
};

static inline void bench_write(struct request_client *client, const char *bytes,
			       size_t size)
{
	struct bench *bench = (struct bench *)((char *)client -
					       offsetof(struct bench, client));

	free(bench->line);
	bench->line = copy_bytes(bytes, size);
	bench->lines++;
}

static const struct request_client_ops bench_client_ops = {bench_write};

static inline struct bench *bench_of_engine(struct request_engine *engine)
{
	return (struct bench *)((char *)engine -
				offsetof(struct bench, engine));
}

static inline int bench_map(struct request_engine *engine, int fd,
			    const char **bytes, size_t *size,
			    struct vs_error *error)
{
	(void)fd;
	(void)error;
	*bytes = bench_of_engine(engine)->mapped;
	*size = strlen(*bytes);
	return 0;
}

static inline void bench_unmap(struct request_engine *engine, const char *bytes,
			       size_t size)
{
	(void)engine;
	(void)bytes;
	(void)size;
}

static inline void bench_status(struct request_engine *engine,
				const struct vs_object *object,
				struct vs_reply *reply)
{
	(void)engine;
	reply->ops->truth(reply, "seen", object_has_children(object));
	if (!strcmp(object_noun(object)->noun->name, "ca") &&
	    !strcmp(object_key(object), "10.0.0.6"))
		reply->ops->text(reply, "unusable", "too far");
}

/* A record and a network that no document has; rows that can't be. */
static inline void bench_list(struct request_engine *engine,
			      const struct vs_extension *extension,
			      const struct vs_noun *noun, struct vs_rows *rows)
{
	struct vs_reply *reply;

	(void)engine;
	(void)extension;
	if (!bench_of_engine(engine)->derives)
		return;
	if (!strcmp(noun->name, "network"))
		rows->ops->row(rows, NULL, "made");
	if (strcmp(noun->name, "ca") != 0)
		return;
	reply = rows->ops->row(rows, "5001", "10.0.0.99");
	reply->ops->text(reply, "mac", "02:00:00:00:00:99");
	reply->ops->text(reply, "pa", "192.0.2.9");
	rows->ops->row(rows, "5001", "10.0.0.98"); /* the MAC is missing */
	reply = rows->ops->row(rows, "4242", "10.0.0.97"); /* no such subnet */
	reply->ops->text(reply, "mac", "02:00:00:00:00:97");
	reply->ops->text(reply, "pa", "192.0.2.9");
	reply = rows->ops->row(rows, "5001", "10.0.0.5"); /* it is written */
	reply->ops->text(reply, "mac", "02:00:00:00:00:95");
	reply->ops->text(reply, "pa", "192.0.2.9");
}

static inline int bench_call(struct request_engine *engine,
			     const struct vs_extension *extension,
			     const struct request_run *run,
			     struct vs_reply *reply, struct vs_error *error)
{
	(void)engine;
	(void)extension;
	return run->method->run(NULL, run->values, reply, error);
}

static inline void drops_run(struct request_engine *engine,
			     struct request_call *call)
{
	struct vs_reply *reply = request_reply(call);

	(void)engine;
	reply->ops->open_list(reply, "drops");
	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "reason", "runt");
	reply->ops->number(reply, "count", 7);
	reply->ops->close(reply);
	reply->ops->close(reply);
	if (request_value(call, 0)->present)
		reply->ops->text(reply, "port", request_value(call, 0)->text);
	request_finish(call);
}

static inline void monitor_run(struct request_engine *engine,
			       struct request_call *call)
{
	(void)engine;
	request_subscribe(call);
	request_finish(call);
}

/* Takes what came beside it, and would write to it from then on. */
static inline void stream_run(struct request_engine *engine,
			      struct request_call *call)
{
	(void)engine;
	request_take_fd(call);
	request_finish(call);
}

static const struct vs_field drops_params[] = {
	{.name = "port", .kind = VS_KIND_NAME, .help = "which"},
};
static const struct request_method bench_methods[] = {
	{"drops", drops_params, 1, drops_run},
	{"monitor", NULL, 0, monitor_run},
	{"stream", NULL, 0, stream_run},
};

static inline void bench_start(struct bench *bench, const char *host)
{
	const struct schema_config tables = {.extensions = fake_extensions,
					     .extension_count = 2,
					     .absent = fake_absent,
					     .absent_count = 2};
	struct vs_error error;
	struct policy_config config;
	struct request_config requests;

	bench->owner.ops = &bench_owner_ops;
	bench->engine = (struct request_engine){.methods = bench_methods,
						.method_count = 3,
						.map = bench_map,
						.unmap = bench_unmap,
						.status = bench_status,
						.list = bench_list,
						.call = bench_call};
	bench->client =
		(struct request_client){.ops = &bench_client_ops, .uid = 1000};
	if (schema_create(&bench->schema, &tables, &error))
		abort();
	config = (struct policy_config){bench->schema, host, &bench->owner};
	if (policy_create(&bench->policy, &config))
		abort();
	requests = (struct request_config){bench->policy, &bench->engine};
	if (request_server_create(&bench->server, &requests))
		abort();
	request_client_open(bench->server, &bench->client);
}

static inline void bench_stop(struct bench *bench)
{
	request_client_close(&bench->client);
	request_server_destroy(bench->server);
	policy_destroy(bench->policy);
	schema_destroy(bench->schema);
	free(bench->line);
	bench->line = NULL;
}

static inline void disk_free(struct disk *disk)
{
	free(disk->document);
	free(disk->journal);
	*disk = (struct disk){.document = NULL};
}

/* Sends bytes as a line. */
static inline void bench_send(struct bench *bench, const char *bytes,
			      size_t size, int fd)
{
	struct request_line line = {.bytes = bytes,
				    .size = size,
				    .fd = fd,
				    .now_ns = bench->now_ns,
				    .wall_seconds = 1700000000};

	request_line(&bench->client, &line);
}

/* A request with params as JSON text; returns the whole answer, the caller's,
 * or NULL if there is none yet. */
static inline json_t *bench_ask(struct bench *bench, const char *method,
				const char *params)
{
	int before = bench->lines;
	size_t size = strlen(params) + strlen(method) + 80;
	char *text = malloc(size);

	assert(text);
	snprintf(text, size,
		 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\","
		 "\"params\":%s}",
		 method, params);
	bench_send(bench, text, strlen(text), -1);
	free(text);
	return bench->lines == before ? NULL : json_loads(bench->line, 0, NULL);
}

#endif
