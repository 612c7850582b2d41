// SPDX-License-Identifier: Apache-2.0
/*
 * request_policy.c: policy.apply, diff, check, dump, confirm, undo and log.
 *
 * Before this file: request.c. After it: document.c, apply.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/change.h"
#include "control/document.h"
#include "control/inspect.h"
#include "control/request_private.h"
#include "control/value.h"

#define CONFIRM_MAXIMUM 86400

/* params.part as a JSON array, or NULL: the whole. */
static int take_part(const struct request_call *call, json_t **at,
		     struct vs_error *error)
{
	const char *part;
	int rc = call_text(call, "part", &part, error);

	*at = NULL;
	if (rc || !part)
		return rc;
	return document_split(part, at, error);
}

static int graft_place(struct store *store, const struct store *from,
		       const struct document_place *to,
		       const struct document_place *place)
{
	const struct vs_object *object = NULL;

	if (to->key) {
		if (!place->object)
			return 0;
		return store_graft(store, to->parent, place->object) ? 0
								     : -ENOMEM;
	}
	while ((object = store_next(from, to->noun, place->parent, object)))
		if (!store_graft(store, to->parent, object))
			return -ENOMEM;
	return 0;
}

static void clear_place(struct store *store, const struct document_place *at)
{
	struct vs_object *object;

	if (at->object)
		store_remove(store, at->object);
	if (at->key)
		return;
	while ((object = store_next(store, at->noun, at->parent, NULL)))
		if (store_remove(store, object))
			break;
}

/* The policy, with one part as `document` has it; `document` is consumed. */
static int replace_part(const struct request_call *call, const json_t *at,
			struct store **candidate, struct vs_error *error)
{
	struct store *store = store_copy(call_store(call));
	struct document_place to, from;
	int rc;

	if (!store)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	rc = document_locate(store, at, &to, error);
	if (rc == 0)
		rc = document_locate(*candidate, at, &from, error);
	if (rc == 0 && !to.object && to.key && !from.object)
		rc = vs_error_set(error, ENOENT, "part",
				  "there is no %s '%.60s', neither in the "
				  "policy nor in the document",
				  to.noun->noun->name, to.key);
	if (rc == 0) {
		clear_place(store, &to);
		if (graft_place(store, *candidate, &to, &from))
			rc = vs_error_set(error, ENOMEM, "", "out of memory");
	}
	store_destroy(rc ? store : *candidate);
	if (rc == 0)
		*candidate = store;
	return rc;
}

/* Answers by itself when it fails. */
static struct store *take_candidate(struct request_call *call)
{
	const char *host = policy_settings(call->server->config.policy)->host;
	struct vs_error error = {.code = 0};
	struct store *candidate = NULL;
	json_t *at = NULL;
	int rc;

	if (!call->document)
		vs_error_set(&error, EINVAL, "document",
			     "document: missing: the policy to apply");
	if (error.code || take_part(call, &at, &error)) {
		call_wrong(call, &error);
		return NULL;
	}
	rc = document_parse(call_schema(call), host, call->document, &candidate,
			    &error);
	if (rc == 0 && at)
		rc = replace_part(call, at, &candidate, &error);
	json_decref(at);
	if (rc == 0)
		return candidate;
	store_destroy(candidate);
	call_refuse(call, VS_RPC_REFUSED, &error);
	return NULL;
}

static int take_confirm(const struct request_call *call, uint32_t *seconds,
			struct vs_error *error)
{
	static const struct vs_field field = {.name = "confirm",
					      .kind = VS_KIND_NUMBER,
					      .minimum = 1,
					      .maximum = CONFIRM_MAXIMUM};
	const json_t *json = json_object_get(call->params, "confirm");
	struct vs_value value = {.present = false};
	int rc;

	*seconds = 0;
	if (!json)
		return 0;
	rc = value_parse(&field, json, VALUE_TYPED, &value, error);
	if (rc)
		snprintf(error->path, sizeof(error->path), "confirm");
	else
		*seconds = (uint32_t)value.number;
	return rc;
}

static void run_apply(struct request_call *call)
{
	struct policy_change change;
	struct store *candidate;
	struct vs_error error;
	uint32_t confirm;
	char summary[128];
	const char *part;

	if (take_confirm(call, &confirm, &error)) {
		call_wrong(call, &error);
		return;
	}
	candidate = take_candidate(call);
	if (!candidate)
		return;
	call_text(call, "part", &part, &error);
	snprintf(summary, sizeof(summary), "apply%s%.100s",
		 part ? " part=" : "", part ? part : "");
	change = call_change(call, summary);
	change.confirm_seconds = confirm;
	policy_change(call->server->config.policy, &change, candidate);
}

static void run_diff(struct request_call *call)
{
	struct store *candidate = take_candidate(call);
	struct policy_change change;

	if (!candidate)
		return;
	change = call_change(call, "diff");
	change.dry_run = true;
	policy_change(call->server->config.policy, &change, candidate);
}

static void run_check(struct request_call *call)
{
	const struct policy *policy = call->server->config.policy;
	struct vs_error error = {.code = 0};
	json_t *answer = call->document ? inspect_document(call_schema(call),
							   call->document)
					: inspect_policy(policy);

	if (answer) {
		call_answer(call, answer);
		return;
	}
	vs_error_set(&error, ENOMEM, "", "out of memory");
	call_wrong(call, &error);
}

static void run_dump(struct request_call *call)
{
	struct document_place place = {.parent = NULL};
	struct vs_error error = {.code = 0};
	json_t *at, *document = NULL;
	int rc = take_part(call, &at, &error);

	if (rc == 0 && at) {
		rc = document_locate(call_store(call), at, &place, &error);
		if (rc == 0 && place.key && !place.object)
			rc = vs_error_set(&error, ENOENT, "part",
					  "there is no %s '%.60s'",
					  place.noun->noun->name, place.key);
	}
	if (rc == 0)
		document = at ? document_part(call_store(call), &place)
			      : document_dump(call_store(call));
	json_decref(at);
	if (rc)
		call_wrong(call, &error);
	else
		call_answer(call, json_pack("{s:o}", "document", document));
}

static void run_confirm(struct request_call *call)
{
	struct policy_change change = call_change(call, "confirm");

	policy_confirm(call->server->config.policy, &change);
}

static void run_undo(struct request_call *call)
{
	struct policy_change change = call_change(call, "undo");

	policy_undo(call->server->config.policy, &change);
}

static void run_log(struct request_call *call)
{
	call_answer(call, json_pack("{s:o}", "generations",
				    history_list(policy_history(
					    call->server->config.policy))));
}

static const char *const apply_params[] = {
	"document", "fd", "part", "confirm", "dry_run", "force", NULL};
static const char *const diff_params[] = {"document", "fd", "part", NULL};
static const char *const check_params[] = {"document", "fd", NULL};
static const char *const dump_params[] = {"part", NULL};
static const char *const undo_params[] = {"dry_run", NULL};
static const char *const no_params[] = {NULL};

const struct method request_policy_methods[] = {
	{"policy.apply", run_apply, apply_params, true},
	{"policy.diff", run_diff, diff_params, true},
	{"policy.check", run_check, check_params, false},
	{"policy.dump", run_dump, dump_params, false},
	{"policy.confirm", run_confirm, no_params, true},
	{"policy.undo", run_undo, undo_params, true},
	{"policy.log", run_log, no_params, false},
	{NULL, NULL, NULL, false},
};
