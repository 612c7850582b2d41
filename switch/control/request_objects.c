// SPDX-License-Identifier: Apache-2.0
/*
 * request_objects.c: object.add, set and del, for every noun alike.
 *
 * The change itself is a candidate like any other. Before this file:
 * request_typed.c, select.c. After it: apply.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/document.h"
#include "control/record.h"
#include "control/request_private.h"
#include "control/request_typed.h"
#include "control/select.h"
#include "control/value.h"

/* -- add ----------------------------------------------------------------------
 */

static int add_child(struct store *store, struct vs_object *object,
		     const struct schema_noun *noun, const json_t *given,
		     struct vs_error *error)
{
	struct document_place place = {.parent = object, .noun = noun};
	json_t *key, *fields;
	struct vs_object *added;
	int rc = select_key(noun, given, &key, error);

	if (rc)
		return rc;
	place.key = json_string_value(key);
	fields = json_object();
	if (!store_find(store, noun, object, json_string_value(key)))
		rc = document_add(store, &place, fields, &added, error);
	json_decref(fields);
	json_decref(key);
	return rc;
}

static int add_children(struct store *store, struct vs_object *object,
			const struct typed *typed, struct vs_error *error)
{
	const char *text = json_string_value(typed->child_keys);
	size_t size;
	json_t *key;
	int rc = 0;

	if (!typed->child)
		return 0;
	if (!text)
		return add_child(store, object, typed->child, typed->child_keys,
				 error);
	while (rc == 0 && *text) {
		size = strcspn(text, ",");
		key = json_stringn(text, size);
		rc = add_child(store, object, typed->child, key, error);
		json_decref(key);
		text += size + (text[size] == ',');
	}
	return rc;
}

/* What differs, in words, for the refusal. */
static int refuse_other(const struct vs_object *object,
			const struct record *record, struct vs_error *error)
{
	const struct vs_noun *noun = object_noun(object)->noun;
	json_t *old, *new;
	uint16_t i;

	for (i = 1; i + 1 < noun->field_count; i++)
		if (!value_equal(object_value(object, i), &record->values[i]))
			break;
	old = value_json(&noun->fields[i], object_value(object, i));
	new = value_json(&noun->fields[i], &record->values[i]);
	char *old_text = json_dumps(old, JSON_ENCODE_ANY | JSON_COMPACT);
	char *new_text = json_dumps(new, JSON_ENCODE_ANY | JSON_COMPACT);

	vs_error_set(error, EEXIST, "",
		     "%s '%.60s' exists and differs: %s is %.80s, not %.80s: "
		     "say set to change it",
		     noun->name, record->key, noun->fields[i].name,
		     old_text ? old_text : "", new_text ? new_text : "");
	object_path(object, noun->fields[i].name, error->path,
		    sizeof(error->path));
	free(old_text);
	free(new_text);
	json_decref(old);
	json_decref(new);
	return -EEXIST;
}

static int add_to(struct store *store, struct typed *typed,
		  struct vs_error *error)
{
	struct record *record;
	struct vs_object *parent, *object;
	int rc;

	rc = select_parent(store, typed->noun, typed->parent, &parent, error);
	if (rc == 0)
		rc = typed_finish(typed, error);
	if (rc)
		return rc;
	record = record_create(typed->noun, typed->values);
	if (!record)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	object = store_find(store, typed->noun, parent, record->key);
	if (object && !record_equal(object_record(object), record))
		rc = refuse_other(object, record, error);
	else if (!object)
		object = store_add(store, parent, record);
	record_release(record);
	if (rc == 0 && !object)
		rc = vs_error_set(error, ENOMEM, "", "out of memory");
	return rc ? rc : add_children(store, object, typed, error);
}

static void submit(struct request_call *call, const char *verb,
		   struct store *candidate, const char *key)
{
	const char *noun =
		json_string_value(json_object_get(call->params, "noun"));
	struct policy_change change;
	char summary[160];

	snprintf(summary, sizeof(summary), "%s %s %.90s", noun, verb, key);
	change = call_change(call, summary);
	policy_change(call->server->config.policy, &change, candidate);
}

static void refuse(struct request_call *call, const struct vs_error *error)
{
	if (error->code == EEXIST || error->code == EPERM ||
	    error->code == ENOTEMPTY)
		call_refuse(call, VS_RPC_REFUSED, error);
	else
		call_wrong(call, error);
}

static void run_add(struct request_call *call)
{
	struct vs_error error = {.code = 0};
	struct store *candidate = NULL;
	struct typed typed;
	int rc;

	rc = typed_take(call, &typed, &error);
	if (rc == 0) {
		candidate = store_copy(call_store(call));
		rc = candidate ? add_to(candidate, &typed, &error)
			       : vs_error_set(&error, ENOMEM, "",
					      "out of memory");
	}
	if (rc) {
		store_destroy(candidate);
		refuse(call, &error);
	} else {
		submit(call, "add", candidate, json_string_value(typed.key));
	}
	typed_free(&typed);
}

/* -- set ----------------------------------------------------------------------
 */

static int set_in(struct store *store, struct typed *typed,
		  struct vs_object *object, struct vs_error *error)
{
	const struct vs_noun *noun = typed->noun->noun;
	struct vs_value values[SCHEMA_FIELDS];
	struct record *record;
	uint16_t i;

	for (i = 0; i < noun->field_count; i++) {
		values[i] = *object_value(object, i);
		if (!typed->given[i] ||
		    value_equal(&values[i], &typed->values[i]))
			continue;
		if (noun->fields[i].flags & VS_FIELD_IMMUTABLE)
			return vs_error_set(error, EPERM, noun->fields[i].name,
					    "%s: can't be changed: delete the "
					    "%s and add it again",
					    noun->fields[i].name, noun->name);
		if ((noun->fields[i].flags & VS_FIELD_REQUIRED) &&
		    !typed->values[i].present)
			return vs_error_set(error, EINVAL, noun->fields[i].name,
					    "%s: must be there: %s",
					    noun->fields[i].name,
					    noun->fields[i].help);
		values[i] = typed->values[i];
	}
	record = record_create(typed->noun, values);
	if (!record)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	if (store_replace(store, object, record)) {
		record_release(record);
		return vs_error_set(error, ENOMEM, "", "out of memory");
	}
	record_release(record);
	return add_children(store, object, typed, error);
}

/* The verb that the change is logged under: set, or an edit of the noun, which
 * says what else changes. */
static int take_edit(const struct request_call *call, struct typed *typed,
		     const char **verb, struct vs_error *error)
{
	const struct vs_edit *edit = typed->noun->noun->edits;
	const char *said;
	size_t i;
	int index, rc = call_text(call, "as", &said, error);

	*verb = "set";
	if (rc || !said)
		return rc;
	while (edit && edit->verb && strcmp(edit->verb, said) != 0)
		edit++;
	if (!edit || !edit->verb)
		return vs_error_set(error, EINVAL, "as",
				    "as: %s has no verb '%.60s'",
				    typed->noun->noun->name, said);
	for (i = 0; edit->sets[i]; i++) {
		index = schema_field(typed->noun, edit->sets[i]);
		if (!typed->values[index].present)
			return vs_error_set(
				error, EINVAL, edit->sets[i], "%s: missing: %s",
				edit->sets[i],
				typed->noun->noun->fields[index].help);
	}
	for (i = 0; edit->clears && edit->clears[i]; i++)
		typed->given[schema_field(typed->noun, edit->clears[i])] = true;
	*verb = edit->verb;
	return 0;
}

static void run_set(struct request_call *call)
{
	struct vs_error error = {.code = 0};
	struct store *candidate = NULL;
	struct vs_object *object = NULL;
	struct typed typed;
	const char *verb = "set";
	json_t *where = NULL;
	int rc;

	rc = typed_take(call, &typed, &error);
	if (rc == 0)
		rc = take_edit(call, &typed, &verb, &error);
	if (rc == 0) {
		candidate = store_copy(call_store(call));
		where = json_pack("{s:O*, s:O*}", "key", typed.key, "parent",
				  typed.parent);
		rc = candidate ? select_one(candidate, typed.noun, where,
					    &object, &error)
			       : vs_error_set(&error, ENOMEM, "",
					      "out of memory");
	}
	if (rc == 0)
		rc = set_in(candidate, &typed, object, &error);
	json_decref(where);
	if (rc) {
		store_destroy(candidate);
		refuse(call, &error);
	} else {
		submit(call, verb, candidate, json_string_value(typed.key));
	}
	typed_free(&typed);
}

/* -- del ----------------------------------------------------------------------
 */

#define DELETED 128u /* what the log keeps of a key */

static int del_one(struct store *store, struct vs_object *object, bool all,
		   struct vs_error *error)
{
	const struct schema_noun *noun = object_noun(object);
	const struct vs_object *child = NULL;
	char text[300] = "";
	size_t at = 0, count = 0;
	uint16_t i;

	for (i = 0; i < noun->child_count && !all; i++) {
		child = NULL;
		while ((child = store_next(store, noun->children[i], object,
					   child))) {
			if (count++ < 6 && at < sizeof(text))
				at += (size_t)snprintf(
					text + at, sizeof(text) - at, "%s%s %s",
					count > 1 ? ", " : "",
					noun->children[i]->noun->name,
					object_key(child));
		}
	}
	if (!count) {
		return store_remove(store, object)
			       ? vs_error_set(error, ENOMEM, "",
					      "out of memory")
			       : 0;
	}
	vs_error_set(error, ENOTEMPTY, "",
		     "%s '%.60s' has %zu below it (%s%s): say --all to delete "
		     "them too",
		     noun->noun->name, object_key(object), count, text,
		     count > 6 ? ", ..." : "");
	object_path(object, NULL, error->path, sizeof(error->path));
	return -ENOTEMPTY;
}

/* Of an object whose key is made of what it says: is that all in `where`? */
static bool is_said_whole(const struct vs_object *object, const json_t *where)
{
	const struct vs_noun *noun = object_noun(object)->noun;
	uint16_t i;

	for (i = 1; i < noun->field_count; i++)
		if ((noun->fields[i].flags & VS_FIELD_IMMUTABLE) &&
		    object_value(object, i)->present &&
		    !json_object_get(where, noun->fields[i].name))
			return false;
	return true;
}

/* How many are meant, put in front: among several the one that says what was
 * said and no more. "deny in" is not also "deny in remote 10.0.0.7/32". */
static size_t meant(const struct schema_noun *noun, const json_t *where,
		    struct selection *selection)
{
	struct vs_object **objects = selection->objects, *first;
	size_t i, at = 0, count = 0;

	if (!key_is_made(noun->noun))
		return selection->count;
	for (i = 0; i < selection->count; i++) {
		if (!is_said_whole(objects[i], where))
			continue;
		at = i;
		count++;
	}
	if (count != 1)
		return selection->count;
	first = objects[0];
	objects[0] = objects[at];
	objects[at] = first;
	return 1;
}

static int several(const struct schema_noun *noun,
		   const struct selection *selection, struct vs_error *error)
{
	char text[300] = "";
	size_t at = 0, i;

	for (i = 0; i < selection->count && i < 4 && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%s'%.120s'", i ? ", " : "",
				       object_key(selection->objects[i]));
	return vs_error_set(error, ENOTEMPTY, "where",
			    "%zu %s match (%s%s): name one, or say --all to "
			    "delete them",
			    selection->count, noun->noun->member, text,
			    i < selection->count ? ", ..." : "");
}

/* `deleted`: the key, if it was one. */
static int del_where(const struct request_call *call, struct store *store,
		     const struct schema_noun *noun, char deleted[DELETED],
		     struct vs_error *error)
{
	const json_t *where = json_object_get(call->params, "where");
	bool all = call_truth(call, "all");
	struct selection selection;
	size_t i, count;
	int rc;

	rc = select_where(store, noun, where, &selection, error);
	count = selection.count;
	if (rc == 0 && !count)
		rc = vs_error_set(error, ENOENT, "where", "there is no such %s",
				  noun->noun->name);
	if (rc == 0 && count > 1 && !all) {
		count = meant(noun, where, &selection);
		rc = count > 1 ? several(noun, &selection, error) : 0;
	}
	if (rc == 0 && count == 1)
		snprintf(deleted, DELETED, "%s",
			 object_key(selection.objects[0]));
	/* from the end: a list that shrinks there moves nothing */
	for (i = count; rc == 0 && i--;)
		rc = del_one(store, selection.objects[i], all, error);
	selection_free(&selection);
	return rc;
}

static int del_from(const struct request_call *call, struct store *store,
		    char deleted[DELETED], struct vs_error *error)
{
	const json_t *where = json_object_get(call->params, "where");
	const struct schema_noun *noun;
	struct vs_object *object;
	int rc = select_noun(call_schema(call), call->params, &noun, error);

	if (rc)
		return rc;
	if (json_object_get(call->params, "key") && where)
		return vs_error_set(error, EINVAL, "where",
				    "key and where: say one");
	if (where)
		return del_where(call, store, noun, deleted, error);
	rc = select_one(store, noun, call->params, &object, error);
	if (!rc)
		snprintf(deleted, DELETED, "%s", object_key(object));
	return rc ? rc : del_one(store, object, call_truth(call, "all"), error);
}

static void run_del(struct request_call *call)
{
	struct store *candidate = store_copy(call_store(call));
	struct vs_error error = {.code = 0};
	char deleted[DELETED] = "";

	if (!candidate)
		vs_error_set(&error, ENOMEM, "", "out of memory");
	if (!candidate || del_from(call, candidate, deleted, &error)) {
		store_destroy(candidate);
		refuse(call, &error);
		return;
	}
	submit(call, "del", candidate, deleted);
}

static const char *const add_params[] = {"noun",    "key",   "parent", "fields",
					 "dry_run", "force", NULL};
static const char *const set_params[] = {"noun", "key",	    "parent", "fields",
					 "as",	 "dry_run", "force",  NULL};
static const char *const del_params[] = {"noun", "key",	    "parent", "where",
					 "all",	 "dry_run", "force",  NULL};

const struct method request_object_methods[] = {
	{"object.add", run_add, add_params, true},
	{"object.set", run_set, set_params, true},
	{"object.del", run_del, del_params, true},
	{NULL, NULL, NULL, false},
};
