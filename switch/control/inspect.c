// SPDX-License-Identifier: Apache-2.0
/*
 * inspect.c: one store per host, one site per switch, and what is found.
 *
 * Before this file: document.c, check.c. After it: the extensions' check().
 */
#include "control/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/check.h"
#include "control/document.h"
#include "control/host_nouns.h"
#include "control/json_text.h"
#include "control/stack.h"

struct inspection;

/* A switch of a host, and how remarks on its objects come back. */
struct eye {
	struct cursor_maker maker;
	struct settings_cursor cursor;
	struct inspection *inspection;
	struct vs_site site;
};

struct inspection {
	struct vs_fabric fabric;
	const struct schema *schema;
	struct policy_owner *owner; /* of the policy that holds, or NULL */
	struct store **stores;
	size_t store_count;
	struct eye **eyes;
	size_t eye_count;
	json_t *errors, *warnings; /* arrays of findings */
	json_int_t error_count, warning_count;
	bool failed; /* memory ran out */
};

static struct eye *eye_of(struct cursor_maker *maker)
{
	return (struct eye *)((char *)maker - offsetof(struct eye, maker));
}

/* -- findings ---------------------------------------------------------------
 */

static bool is_known(const json_t *all, const char *path, const char *text)
{
	json_t *each;
	size_t i;

	json_array_foreach(all, i, each)
	{
		if (strcmp(json_string_value(json_object_get(each, "path")),
			   path) == 0 &&
		    strcmp(json_string_value(json_object_get(each, "text")),
			   text) == 0)
			return true;
	}
	return false;
}

static void find(struct inspection *inspection, enum vs_severity severity,
		 const char *path, const char *text)
{
	bool error = severity == VS_SEVERITY_ERROR;
	json_t *all = error ? inspection->errors : inspection->warnings;
	json_t *finding;

	if (is_known(all, path, text))
		return;
	++*(error ? &inspection->error_count : &inspection->warning_count);
	if (json_array_size(all) >= INSPECT_FINDINGS)
		return;
	finding = json_pack(
		"{s:s, s:o, s:o}", "severity", error ? "error" : "warning",
		"path", json_text_string(path), "text", json_text_string(text));
	if (!finding || json_array_append_new(all, finding))
		inspection->failed = true;
}

/* The path in the document: what is a host's stands below it. */
static void find_at(struct inspection *inspection, const char *host,
		    enum vs_severity severity, const struct vs_error *finding)
{
	static const char below[] = "switches";
	char path[sizeof(finding->path) + 80];

	if (host && strncmp(finding->path, below, sizeof(below) - 1) == 0)
		snprintf(path, sizeof(path), "hosts.%.64s.%s", host,
			 finding->path);
	else
		snprintf(path, sizeof(path), "%s", finding->path);
	find(inspection, severity, path, finding->text);
}

static void fabric_report(struct vs_fabric *fabric, const struct vs_site *site,
			  enum vs_severity severity,
			  const struct vs_error *finding)
{
	struct inspection *inspection =
		(struct inspection *)((char *)fabric -
				      offsetof(struct inspection, fabric));

	find_at(inspection, site ? site->host : NULL, severity, finding);
}

static void eye_warn(struct cursor_maker *maker, const struct vs_object *object,
		     const char *text)
{
	struct eye *eye = eye_of(maker);
	struct vs_error finding = {.code = 0};

	if (object)
		object_path(object, NULL, finding.path, sizeof(finding.path));
	snprintf(finding.text, sizeof(finding.text), "%s", text);
	find_at(eye->inspection, eye->site.host, VS_SEVERITY_WARNING, &finding);
}

static const struct vs_port_info *eye_port(struct cursor_maker *maker,
					   const struct vs_object *object)
{
	struct policy_owner *owner = eye_of(maker)->inspection->owner;

	return owner && owner->ops->port ? owner->ops->port(owner, object)
					 : NULL;
}

static const struct vs_fabric_ops fabric_ops = {
	.struct_size = sizeof(fabric_ops),
	.report = fabric_report,
};

static const struct cursor_maker_ops eye_ops = {
	.port = eye_port,
	.warn = eye_warn,
};

/* -- stores and sites -------------------------------------------------------
 */

static void *grow(struct inspection *inspection, void *array, size_t count)
{
	void *grown = realloc(array, (count + 1) * sizeof(void *));

	if (!grown)
		inspection->failed = true;
	return grown;
}

static void add_eye(struct inspection *inspection, const char *host,
		    const struct store *store, const struct vs_object *sw)
{
	struct eye **eyes =
		grow(inspection, inspection->eyes, inspection->eye_count);
	struct eye *eye = calloc(1, sizeof(*eye));

	if (eyes)
		inspection->eyes = eyes;
	if (!eyes || !eye) {
		inspection->failed = true;
		free(eye);
		return;
	}
	eye->maker.ops = &eye_ops;
	eye->inspection = inspection;
	settings_cursor_open(&eye->cursor, store, sw, &eye->maker);
	eye->site =
		(struct vs_site){host, object_key(sw), &eye->cursor.settings};
	eyes[inspection->eye_count++] = eye;
}

static void add_eyes(struct inspection *inspection, const char *host,
		     const struct store *store)
{
	const struct schema_noun *noun =
		schema_host(inspection->schema, HOST_SWITCH);
	const struct vs_object *sw = NULL;

	while ((sw = store_next(store, noun, NULL, sw)))
		add_eye(inspection, host, store, sw);
}

/* One host of the document; `host` NULL: it has none. */
static void add_host(struct inspection *inspection, const char *host,
		     const json_t *document)
{
	struct vs_error error = {.code = 0};
	struct store **stores, *store;
	int rc = document_parse(inspection->schema, host, document, &store,
				&error);

	if (rc == 0) {
		stores = grow(inspection, inspection->stores,
			      inspection->store_count);
		if (!stores) {
			store_destroy(store);
			return;
		}
		inspection->stores = stores;
		stores[inspection->store_count++] = store;
		rc = check_store(store, &error);
	}
	if (rc == -ENOMEM)
		inspection->failed = true;
	else if (rc)
		find_at(inspection, host, VS_SEVERITY_ERROR, &error);
	else
		add_eyes(inspection, host, store);
}

/* -- the extensions ---------------------------------------------------------
 */

static bool has_extension(const struct inspection *inspection,
			  const struct eye *eye, const char *name)
{
	const char *names[STACK_NAMES];
	uint16_t count = stack_names(inspection->schema, eye->cursor.sw, names);

	while (count > 0)
		if (strcmp(names[--count], name) == 0)
			return true;
	return false;
}

static void ask(struct inspection *inspection,
		const struct vs_extension *extension)
{
	struct vs_site *sites =
		calloc(inspection->eye_count + 1, sizeof(*sites));
	size_t i;

	if (!sites) {
		inspection->failed = true;
		return;
	}
	inspection->fabric.sites = sites;
	inspection->fabric.count = 0;
	for (i = 0; i < inspection->eye_count; i++)
		if (has_extension(inspection, inspection->eyes[i],
				  extension->name))
			sites[inspection->fabric.count++] =
				inspection->eyes[i]->site;
	if (inspection->fabric.count)
		extension->check(&inspection->fabric);
	free(sites);
}

static void ask_all(struct inspection *inspection)
{
	const struct schema_config *tables = schema_tables(inspection->schema);
	uint16_t i;

	for (i = 0; i < tables->extension_count; i++)
		if (tables->extensions[i]->check)
			ask(inspection, tables->extensions[i]);
}

/* -- the whole --------------------------------------------------------------
 */

static void start(struct inspection *inspection, const struct schema *schema)
{
	*inspection = (struct inspection){.fabric = {.ops = &fabric_ops},
					  .schema = schema,
					  .errors = json_array(),
					  .warnings = json_array()};
	inspection->failed = !inspection->errors || !inspection->warnings;
}

static json_t *finish(struct inspection *inspection)
{
	json_t *answer = NULL;
	size_t i;

	if (!inspection->failed &&
	    json_array_extend(inspection->errors, inspection->warnings) == 0)
		answer = json_pack("{s:O, s:I, s:I}", "findings",
				   inspection->errors, "errors",
				   inspection->error_count, "warnings",
				   inspection->warning_count);
	for (i = 0; i < inspection->eye_count; i++)
		free(inspection->eyes[i]);
	for (i = 0; i < inspection->store_count; i++)
		store_destroy(inspection->stores[i]);
	free(inspection->eyes);
	free(inspection->stores);
	json_decref(inspection->errors);
	json_decref(inspection->warnings);
	return answer;
}

json_t *inspect_document(const struct schema *schema, const json_t *document)
{
	json_t *hosts = json_object_get(document, "hosts"), *each;
	struct inspection inspection;
	const char *host;

	start(&inspection, schema);
	if (!json_is_object(hosts) || !json_object_size(hosts))
		add_host(&inspection, NULL, document);
	else
		json_object_foreach(hosts, host, each)
			add_host(&inspection, host, document);
	inspection.fabric.whole = json_is_object(hosts);
	/* what was refused would look like a host that lacks everything */
	if (!inspection.failed && !inspection.error_count)
		ask_all(&inspection);
	return finish(&inspection);
}

json_t *inspect_policy(const struct policy *policy)
{
	const struct policy_config *config = policy_settings(policy);
	struct inspection inspection;

	start(&inspection, config->schema);
	inspection.owner = config->owner;
	add_eyes(&inspection, NULL, policy_store(policy));
	if (!inspection.failed)
		ask_all(&inspection);
	return finish(&inspection);
}
