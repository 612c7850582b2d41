// SPDX-License-Identifier: Apache-2.0
/*
 * request_list.c: object.list: the objects of a noun with what is reported of
 * them, those too that hold without standing in the document.
 *
 * Such derived objects are put into a copy of the policy, so that filters,
 * order and answer are the same for all. Before this file: request.c,
 * select.c. After it: the extensions' list and status by way of the engine.
 */
#include <errno.h>
#include <string.h>

#include "control/document.h"
#include "control/request_private.h"
#include "control/select.h"
#include "control/value.h"

/* -- derived objects
 * ----------------------------------------------------------------- */

/* What an extension's list hook writes to. */
struct derived {
	struct vs_rows rows;
	struct reply reply;
	const struct schema_noun *noun;
	struct store *store; /* a copy of the policy's */
	json_t *fields;	     /* of the row that is open; NULL: none is */
	char key[256], parent[256];
	bool has_parent;
};

/* The row that was open is complete: an object, if it can be one. */
static void derived_end(struct derived *derived)
{
	struct document_place place = {.noun = derived->noun,
				       .key = derived->key};
	json_t *fields = derived->fields;
	struct vs_error error = {.code = 0};

	derived->fields = NULL;
	if (fields && derived->has_parent && derived->noun->parent)
		place.parent = store_any(derived->store, derived->noun->parent,
					 derived->parent, 0);
	if (fields && !place.parent == !derived->noun->parent &&
	    !store_find(derived->store, derived->noun, place.parent,
			derived->key))
		document_add(derived->store, &place, fields, &place.object,
			     &error);
	json_decref(fields);
}

static struct vs_reply *derived_row(struct vs_rows *rows,
				    const char *parent_key, const char *key)
{
	struct derived *derived = (struct derived *)rows;

	derived_end(derived);
	strncpy(derived->key, key, sizeof(derived->key) - 1);
	derived->has_parent = parent_key != NULL;
	if (parent_key)
		strncpy(derived->parent, parent_key,
			sizeof(derived->parent) - 1);
	derived->fields = json_object();
	reply_start(&derived->reply, derived->fields);
	return &derived->reply.reply;
}

static const struct vs_rows_ops derived_ops = {
	.struct_size = sizeof(derived_ops),
	.row = derived_row,
};

/* The policy with the derived objects of a noun in it; NULL: no memory. */
static struct store *with_derived(const struct request_call *call,
				  const struct schema_noun *noun)
{
	struct request_engine *engine = call->server->config.engine;
	struct derived derived = {.rows = {.ops = &derived_ops},
				  .noun = noun,
				  .store = store_copy(call_store(call))};

	if (!derived.store)
		return NULL;
	if (engine->list && noun->extension)
		engine->list(engine, noun->extension, noun->noun,
			     &derived.rows);
	derived_end(&derived);
	store_seal(derived.store);
	return derived.store;
}

/* -- filters on what is reported
 * ----------------------------------------------------- */

/* Does a status column have this value? Read as the field's kind, so that
 * usable=no means what it says. */
static bool status_holds(const struct vs_field *field, const json_t *given,
			 const json_t *reported)
{
	struct vs_value want = {.present = false}, is = {.present = false};
	json_t *want_made = NULL, *is_made = NULL;
	struct vs_error error;
	bool holds;

	holds = reported &&
		select_value(field, given, &want, &want_made, &error) == 0 &&
		select_value(field, reported, &is, &is_made, &error) == 0 &&
		value_equal(&want, &is);
	value_clear(&want);
	value_clear(&is);
	json_decref(want_made);
	json_decref(is_made);
	return holds;
}

static bool all_hold(const struct schema_noun *noun, const json_t *reported,
		     const json_t *status)
{
	const char *name;
	json_t *each;

	json_object_foreach((json_t *)(uintptr_t)reported, name, each)
	{
		const struct vs_field *field =
			&noun->noun->fields[select_field(noun, name)];

		if (!status_holds(field, each,
				  json_object_get(status, field->name)))
			return false;
	}
	return true;
}

/* `where` in two: what the document says, and what is reported. */
static int split_where(const struct schema_noun *noun, const json_t *where,
		       json_t *written, json_t *reported,
		       struct vs_error *error)
{
	struct vs_value value = {.present = false};
	json_t *made = NULL, *each;
	const char *name;
	int index, rc = 0;

	json_object_foreach((json_t *)(uintptr_t)where, name, each)
	{
		index = select_field(noun, name);
		if (index < 0 ||
		    !(noun->noun->fields[index].flags & VS_FIELD_STATUS)) {
			json_object_set(written, name, each);
			continue;
		}
		rc = select_value(&noun->noun->fields[index], each, &value,
				  &made, error);
		value_clear(&value);
		json_decref(made);
		if (rc)
			break;
		json_object_set(reported, name, each);
	}
	return rc;
}

/* -- object.list
 * --------------------------------------------------------------------- */

static json_t *status_json(const struct request_call *call,
			   const struct vs_object *object)
{
	struct request_engine *engine = call->server->config.engine;
	json_t *status = json_object();
	struct reply reply;

	reply_start(&reply, status);
	if (engine->status)
		engine->status(engine, object, &reply.reply);
	return status;
}

static json_t *object_json(const struct vs_object *object, json_t *status)
{
	const struct vs_object *parent = object_parent(object);

	return json_pack("{s:s, s:o, s:o, s:O}", "key", object_key(object),
			 "parent",
			 parent ? json_pack("{s:s, s:s}", "noun",
					    object_noun(parent)->noun->name,
					    "key", object_key(parent))
				: json_null(),
			 "fields", document_fields(object), "status", status);
}

static json_t *list_json(const struct request_call *call,
			 const struct schema_noun *noun,
			 const struct selection *selection,
			 const json_t *reported)
{
	json_t *list = json_array(), *status;
	size_t i;

	for (i = 0; i < selection->count; i++) {
		status = status_json(call, selection->objects[i]);
		if (all_hold(noun, reported, status))
			json_array_append_new(
				list,
				object_json(selection->objects[i], status));
		json_decref(status);
	}
	return list;
}

/* The answer's list, or NULL with the error. */
static json_t *list_where(const struct request_call *call,
			  const struct schema_noun *noun,
			  struct vs_error *error)
{
	const json_t *where = json_object_get(call->params, "where");
	json_t *written = json_object(), *reported = json_object();
	struct store *store = with_derived(call, noun);
	struct selection selection = {.objects = NULL};
	json_t *list = NULL;

	if (!store)
		vs_error_set(error, ENOMEM, "", "out of memory");
	else if (where && !json_is_object(where))
		vs_error_set(error, EINVAL, "where",
			     "where: must be an object");
	else if (split_where(noun, where, written, reported, error) == 0 &&
		 select_where(store, noun, written, &selection, error) == 0)
		list = list_json(call, noun, &selection, reported);
	selection_free(&selection);
	store_destroy(store);
	json_decref(written);
	json_decref(reported);
	return list;
}

/* What is built in is shown to who asks for all, or for all of a parent. */
static json_t *built_in(const struct request_call *call,
			const struct schema_noun *noun)
{
	struct request_engine *engine = call->server->config.engine;
	const json_t *where = json_object_get(call->params, "where");
	const char *above = noun->noun->parent_field ? noun->noun->parent_field
						     : noun->noun->parent;
	const char *parent =
		json_string_value(json_object_get(where, above ? above : ""));
	json_t *whole = json_object();
	struct reply reply;

	if (engine->built_in && json_object_size(where) == (parent ? 1 : 0)) {
		reply_start(&reply, whole);
		reply.reply.ops->open_list(&reply.reply, "rows");
		engine->built_in(engine, noun->noun, parent, &reply.reply);
	}
	return whole;
}

static void run_list(struct request_call *call)
{
	const struct schema_noun *noun;
	struct vs_error error = {.code = 0};
	json_t *list = NULL, *above;

	if (select_noun(call_schema(call), call->params, &noun, &error) == 0)
		list = list_where(call, noun, &error);
	if (!list) {
		call_wrong(call, &error);
		return;
	}
	above = built_in(call, noun);
	if (json_object_get(above, "rows")) {
		json_array_extend(json_object_get(above, "rows"), list);
		json_decref(list);
		list = json_incref(json_object_get(above, "rows"));
	}
	json_decref(above);
	call_answer(call, json_pack("{s:s, s:o}", "noun", noun->noun->name,
				    "objects", list));
}

static const char *const list_params[] = {"noun", "where", NULL};

const struct method request_list_methods[] = {
	{"object.list", run_list, list_params, false},
	{NULL, NULL, NULL, false},
};
