// SPDX-License-Identifier: Apache-2.0
/*
 * policy.c: documents: read from a file and sent, or fetched and printed. A
 * file that is no JSON is refused here, with line and column; what it means
 * is the daemon's to judge.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render.h"
#include "session.h"
#include "value.h"

static enum vs_exit document_load(const char *file, json_t **document,
				  struct complaint *complaint)
{
	bool input = strcmp(file, "-") == 0;
	FILE *stream = input ? stdin : fopen(file, "re");
	struct stat status;
	json_error_t error;

	if (!stream)
		return complain(complaint, VS_EXIT_USAGE, "%s: %m", file);
	if (!fstat(fileno(stream), &status) && S_ISDIR(status.st_mode)) {
		if (!input)
			fclose(stream);
		return complain(complaint, VS_EXIT_USAGE,
				"%s is a directory: name a file, or - for "
				"standard input",
				file);
	}
	*document = json_loadf(stream, JSON_REJECT_DUPLICATES, &error);
	if (!input)
		fclose(stream);
	if (!*document)
		return complain(complaint, VS_EXIT_REFUSED, "%s:%d:%d: %s",
				input ? "input" : file, error.line,
				error.column, error.text);
	return VS_EXIT_OK;
}

static enum vs_exit document_send(struct session *session,
				  const struct verb *verb, json_t *params,
				  json_t *document, struct complaint *complaint)
{
	struct view view = {.params = params};
	json_t *result = NULL;
	int fd;
	enum vs_exit code = client_enclose(params, document, &fd, complaint);

	if (!code)
		code = client_send(&session->client, verb->method,
				   json_incref(params), fd, complaint);
	if (fd >= 0)
		close(fd);
	if (!code)
		code = client_answer(&session->client, &result, complaint);
	if (!code)
		session->output.ops->result(&session->output, verb->render,
					    &view, result);
	json_decref(result);
	return code;
}

enum vs_exit apply_run(struct session *session, const struct verb *verb,
		       const struct words *words, struct complaint *complaint)
{
	json_t *params, *document = NULL;
	enum vs_exit code = verb_params(verb, words, &params, complaint);
	const char *file;

	if (code)
		return code;
	file = member_text(params, "file");
	code = document_load(*file ? file : "-", &document, complaint);
	json_object_del(params, "file");
	if (verb->dry && session->options->dry_run)
		json_object_set_new(params, "dry_run", json_true());
	if (verb->dry && session->options->force)
		json_object_set_new(params, "force", json_true());
	if (!code)
		code = document_send(session, verb, params, document,
				     complaint);
	json_decref(document);
	json_decref(params);
	return code;
}

enum vs_exit dump_run(struct session *session, const struct verb *verb,
		      const struct words *words, struct complaint *complaint)
{
	struct view view = {0};
	json_t *params, *result = NULL, *document;
	enum vs_exit code = verb_params(verb, words, &params, complaint);

	if (!code)
		code = client_call(&session->client, verb->method, params,
				   &result, complaint);
	if (code)
		return code;
	/* the document itself, in JSON too: apply reads both back */
	document = json_object_get(result, "document");
	session->output.ops->result(&session->output, verb->render, &view,
				    document ? document : result);
	json_decref(result);
	return VS_EXIT_OK;
}

/* What the policy, or a file that need not be applied, has wrong with it. */
enum vs_exit check_run(struct session *session, const struct verb *verb,
		       const struct words *words, struct complaint *complaint)
{
	struct view view = {0};
	json_t *params, *document = NULL, *result = NULL;
	enum vs_exit code = verb_params(verb, words, &params, complaint);
	json_int_t errors = 0;
	int fd = -1;

	if (!code && json_object_get(params, "file"))
		code = document_load(member_text(params, "file"), &document,
				     complaint);
	json_object_del(params, "file");
	if (!code && document)
		code = client_enclose(params, document, &fd, complaint);
	if (!code)
		code = client_send(&session->client, verb->method,
				   json_incref(params), fd, complaint);
	if (fd >= 0)
		close(fd);
	if (!code)
		code = client_answer(&session->client, &result, complaint);
	if (!code) {
		errors = member_number(result, "errors");
		session->output.ops->result(&session->output, verb->render,
					    &view, result);
	}
	json_decref(result);
	json_decref(document);
	json_decref(params);
	return !code && errors > 0 ? VS_EXIT_REFUSED : code;
}

enum vs_exit policy_run(struct session *session, const struct verb *verb,
			const struct words *words, struct complaint *complaint)
{
	static const char *const known[] = {"apply",   "diff", "check", "dump",
					    "confirm", "undo", "log"};

	for (size_t i = 0; words->count && i < sizeof(known) / sizeof(known[0]);
	     i++)
		if (strcmp(known[i], words->at[0]) == 0)
			return verbs_run(session, words, complaint);
	return complain(complaint, VS_EXIT_USAGE, "usage: vsctl policy %s",
			verb->usage);
}
