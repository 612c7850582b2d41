// SPDX-License-Identifier: Apache-2.0
/*
 * request_schema.c: schema.list and method.call: what there is.
 *
 * Before this file: request.c. After it: schema.c, select.c, the extensions'
 * status and methods by way of the engine.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/document.h"
#include "control/request_private.h"
#include "control/select.h"
#include "control/value.h"

/* -- schema.list
 * --------------------------------------------------------------------- */

static json_t *names_json(const char *const *names)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; names && names[i]; i++)
		json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *field_json(const struct vs_field *field)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:I, s:I}", "name",
		field->name, "kind", value_kind_name(field->kind), "list",
		(field->flags & VS_FIELD_LIST) != 0, "required",
		(field->flags & VS_FIELD_REQUIRED) != 0, "immutable",
		(field->flags & VS_FIELD_IMMUTABLE) != 0, "status",
		(field->flags & VS_FIELD_STATUS) != 0, "any",
		(field->flags & VS_FIELD_ANY) != 0, "minimum",
		(json_int_t)field->minimum, "maximum",
		(json_int_t)(field->maximum > INT64_MAX ? INT64_MAX
							: field->maximum));

	json_object_set_new(json, "choices", names_json(field->choices));
	json_object_update_new(
		json, json_pack("{s:s?, s:s?, s:s?}", "unset", field->unset,
				"refers", field->refers, "help", field->help));
	return json;
}

static json_t *fields_json(const struct vs_field *fields, uint16_t count)
{
	json_t *list = json_array();
	uint16_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(list, field_json(&fields[i]));
	return list;
}

static json_t *edits_json(const struct vs_edit *edits)
{
	json_t *list = json_array();

	for (; edits && edits->verb; edits++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:o, s:o, s:s}", "verb", edits->verb,
				  "sets", names_json(edits->sets), "clears",
				  names_json(edits->clears), "help",
				  edits->help));
	return list;
}

static json_t *noun_json(const struct schema_noun *sn)
{
	const struct vs_noun *noun = sn->noun;

	return json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:s?, s:s, s:o, s:o}",
			 "name", noun->name, "member", noun->member, "parent",
			 noun->parent, "parent_field", noun->parent_field,
			 "positional", names_json(noun->positional), "help",
			 noun->help, "extension",
			 sn->extension ? sn->extension->name : "core", "fields",
			 fields_json(noun->fields, noun->field_count), "edits",
			 edits_json(noun->edits));
}

static json_t *methods_json(const struct schema_config *tables)
{
	json_t *list = json_array();
	const struct vs_extension *extension;
	const struct vs_method *method;
	uint16_t i, j;

	for (i = 0; i < tables->extension_count; i++) {
		extension = tables->extensions[i];
		for (j = 0; j < extension->method_count; j++) {
			method = &extension->methods[j];
			json_array_append_new(
				list,
				json_pack("{s:s?, s:s, s:s?, s:s, s:o}", "noun",
					  method->noun, "verb", method->verb,
					  "help", method->help, "extension",
					  extension->name, "arguments",
					  fields_json(method->arguments,
						      method->argument_count)));
		}
	}
	return list;
}

static void run_schema(struct request_call *call)
{
	const struct schema *schema = call_schema(call);
	const struct schema_config *tables = schema_tables(schema);
	json_t *nouns = json_array(), *absent = json_array();
	uint16_t i;

	for (i = 0; i < schema_count(schema); i++)
		if (!schema_at(schema, i)->gone)
			json_array_append_new(nouns,
					      noun_json(schema_at(schema, i)));
	for (i = 0; i < tables->absent_count; i++) {
		if (schema_find(schema, tables->absent[i].noun))
			continue;
		json_array_append_new(
			absent,
			json_pack("{s:s, s:s}", "noun", tables->absent[i].noun,
				  "extension", tables->absent[i].extension));
	}
	call_answer(call,
		    json_pack("{s:o, s:o, s:o}", "nouns", nouns, "methods",
			      methods_json(tables), "unavailable", absent));
}

/* -- method.call
 * --------------------------------------------------------------------- */

static int take_argument(struct request_call *call,
			 const struct vs_method *method, uint16_t i,
			 struct vs_error *error)
{
	const struct vs_field *field = &method->arguments[i];
	const json_t *arguments = json_object_get(call->params, "arguments");
	const json_t *given = json_object_get(arguments, field->name);
	json_t *made;
	int rc;

	/* the key is positional: the first argument of a noun's verb */
	if (!given && i == 0 && method->noun)
		given = json_object_get(call->params, "key");
	if (given) {
		rc = select_value(field, given, &call->values[i], &made, error);
		if (made) /* the texts live as long as the call */
			json_array_append_new(
				json_object_get(call->params, "made"), made);
		return rc;
	}
	if (!(field->flags & VS_FIELD_REQUIRED))
		return 0;
	return vs_error_set(error, EINVAL, field->name, "%s: missing: %s",
			    field->name, field->help);
}

static int take_arguments(struct request_call *call,
			  const struct vs_method *method,
			  struct vs_error *error)
{
	const json_t *arguments = json_object_get(call->params, "arguments");
	const char *name;
	json_t *each;
	uint16_t i;
	int rc;

	json_object_foreach((json_t *)(uintptr_t)arguments, name, each)
	{
		for (i = 0; i < method->argument_count; i++)
			if (strcmp(method->arguments[i].name, name) == 0)
				break;
		if (i == method->argument_count)
			return vs_error_set(error, EINVAL, name,
					    "%s has no argument '%.60s'",
					    method->verb, name);
	}
	json_object_set_new(call->params, "made", json_array());
	for (i = 0; i < method->argument_count && i < SCHEMA_FIELDS; i++) {
		rc = take_argument(call, method, i, error);
		if (rc)
			return rc;
	}
	return 0;
}

/* NULL with *error: the call names none. */
static const struct vs_method *
find_method(const struct request_call *call,
	    const struct vs_extension **extension, struct vs_error *error)
{
	const struct vs_method *method;
	const char *noun, *verb;
	int rc = call_text(call, "noun", &noun, error);

	if (rc == 0)
		rc = call_text(call, "verb", &verb, error);
	if (rc)
		return NULL;
	if (!verb) {
		vs_error_set(error, EINVAL, "verb", "verb: missing");
		return NULL;
	}
	method = schema_method(call_schema(call), noun, verb, extension);
	if (method)
		return method;
	if (noun && !schema_find(call_schema(call), noun))
		schema_unknown(call_schema(call), noun, error);
	else
		vs_error_set(error, ENOENT, "verb", "no verb '%.60s'%s%.60s",
			     verb, noun ? " of " : "", noun ? noun : "");
	return NULL;
}

static void run_method(struct request_call *call)
{
	struct request_engine *engine = call->server->config.engine;
	const struct vs_extension *extension;
	struct vs_error error = {.code = 0};
	struct request_run run = {.values = call->values, .call = call};

	run.method = find_method(call, &extension, &error);
	if (!run.method || take_arguments(call, run.method, &error) ||
	    call_text(call, "switch", &run.sw, &error)) {
		call_wrong(call, &error);
		return;
	}
	if (!engine->call || run.method->argument_count > SCHEMA_FIELDS) {
		vs_error_set(&error, ENOTSUP, "verb", "%s can't be called here",
			     run.method->verb);
		request_refuse(call, &error);
		return;
	}
	if (engine->call(engine, extension, &run, request_reply(call), &error))
		request_refuse(call, &error);
	else if (!call->deferred)
		request_finish(call);
}

static const char *const no_params[] = {NULL};
static const char *const call_params[] = {"noun",   "verb",	 "key",
					  "switch", "arguments", NULL};

const struct method request_schema_methods[] = {
	{"schema.list", run_schema, no_params, false},
	{"method.call", run_method, call_params, false},
	{NULL, NULL, NULL, false},
};
