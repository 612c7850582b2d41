// SPDX-License-Identifier: Apache-2.0
/*
 * request_ext.c: ext.enable, ext.disable and ext.order: the stack of a switch
 * as a change of the policy like any other.
 *
 * Which extensions there are to choose from is the engine's (engine_ext.c).
 * Before this file: request.c, stack.c. After it: apply.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/record.h"
#include "control/request_private.h"
#include "control/select.h"
#include "control/stack.h"
#include "control/store.h"
#include "control/value.h"
#include "control/words.h"

/* A stack that is edited; the names live in the request or the store. */
struct edit {
	struct store *candidate;
	struct vs_object *sw;
	uint16_t count;
	const char *names[STACK_NAMES];
};

static int find_switch(const struct request_call *call, struct edit *edit,
		       struct vs_error *error)
{
	const struct schema_noun *noun =
		schema_host(call_schema(call), HOST_SWITCH);
	const char *name;
	int rc = call_text(call, "switch", &name, error);

	if (rc)
		return rc;
	edit->sw = name ? store_find(edit->candidate, noun, NULL, name)
			: store_next(edit->candidate, noun, NULL, NULL);
	if (!edit->sw)
		return vs_error_set(error, ENOENT, "switch",
				    name ? "there is no switch '%.60s'"
					 : "there is no switch%s",
				    name ? name : "");
	if (!name && store_next(edit->candidate, noun, NULL, edit->sw))
		return vs_error_set(error, EINVAL, "switch",
				    "switch: there are several: say which");
	return 0;
}

static int find_extension(const struct request_call *call, const char *name,
			  const struct vs_extension **extension,
			  struct vs_error *error)
{
	const struct schema_config *tables = schema_tables(call_schema(call));
	struct words_nearest nearest = {.word = name};
	char hint[96];

	*extension = stack_extension(call_schema(call), name);
	for (uint16_t i = 0; i < tables->extension_count; i++)
		words_offer(&nearest, tables->extensions[i]->name);
	if (*extension)
		return 0;
	return vs_error_set(error, ENOENT, "name",
			    "extension '%.60s' is not loaded%s%s", name,
			    words_hint(&nearest, hint),
			    nearest.best ? "" : "; vsctl ext load NAME");
}

static uint16_t place_of(const struct edit *edit, const char *name)
{
	uint16_t i = 0;

	while (i < edit->count && strcmp(edit->names[i], name) != 0)
		i++;
	return i;
}

/* -- the verbs ------------------------------------------------------------- */

/* Below all of its class and above the next one. */
static int enable(const struct request_call *call, struct edit *edit,
		  const char *name, struct vs_error *error)
{
	const struct vs_extension *extension, *other;
	uint16_t at;

	if (find_extension(call, name, &extension, error))
		return -ENOENT;
	if (place_of(edit, name) < edit->count)
		return 0;
	if (edit->count == STACK_NAMES)
		return vs_error_set(error, ENOSPC, "name",
				    "a stack has at most %u extensions",
				    STACK_NAMES);
	for (at = 0; at < edit->count; at++) {
		other = stack_extension(call_schema(call), edit->names[at]);
		if (other && stack_rank(other) > stack_rank(extension))
			break;
	}
	memmove(&edit->names[at + 1], &edit->names[at],
		(size_t)(edit->count - at) * sizeof(edit->names[0]));
	edit->names[at] = name;
	edit->count++;
	return 0;
}

static int disable(const struct request_call *call, struct edit *edit,
		   const char *name, struct vs_error *error)
{
	uint16_t at = place_of(edit, name);
	const struct vs_extension *extension;

	if (at == edit->count) /* a name that nobody has is a slip */
		return find_extension(call, name, &extension, error);
	edit->count--;
	memmove(&edit->names[at], &edit->names[at + 1],
		(size_t)(edit->count - at) * sizeof(edit->names[0]));
	return 0;
}

/* The stack shall be this. Who is left out was perhaps forgotten: refused. */
static int order(const struct request_call *call, struct edit *edit,
		 char *words, struct vs_error *error)
{
	const struct vs_extension *extension;
	struct edit wanted = {.count = 0};
	char *rest, *word = strtok_r(words, " ,", &rest);

	for (; word; word = strtok_r(NULL, " ,", &rest)) {
		if (find_extension(call, word, &extension, error))
			return -ENOENT;
		if (place_of(&wanted, word) < wanted.count)
			return vs_error_set(error, EINVAL, "names",
					    "%s is said twice", word);
		if (wanted.count == STACK_NAMES)
			return vs_error_set(error, ENOSPC, "names",
					    "a stack has at most %u extensions",
					    STACK_NAMES);
		wanted.names[wanted.count++] = word;
	}
	for (uint16_t i = 0; i < edit->count; i++)
		if (place_of(&wanted, edit->names[i]) == wanted.count)
			return vs_error_set(error, EINVAL, "names",
					    "%s is on the stack and not in the "
					    "order: name it too, or say vsctl "
					    "ext disable %s",
					    edit->names[i], edit->names[i]);
	edit->count = wanted.count;
	memcpy(edit->names, wanted.names, sizeof(wanted.names));
	return 0;
}

/* -- from a call to a change ------------------------------------------------
 */

static int edit_begin(const struct request_call *call, struct edit *edit,
		      struct vs_error *error)
{
	*edit = (struct edit){.candidate = store_copy(call_store(call))};
	if (!edit->candidate)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	if (find_switch(call, edit, error))
		return -error->code;
	edit->count = stack_names(call_schema(call), edit->sw, edit->names);
	return 0;
}

/* The edited names become the switch's field. */
static int edit_end(struct edit *edit, struct vs_error *error)
{
	const struct schema_noun *noun = object_noun(edit->sw);
	struct vs_value values[SCHEMA_FIELDS], stack = {.present = false};
	json_t *list = json_array(), *made = NULL;
	struct record *record;
	int rc;

	for (uint16_t i = 0; i < edit->count; i++)
		json_array_append_new(list, json_string(edit->names[i]));
	if (!edit->count)
		json_array_append_new(list, json_string(STACK_NONE));
	rc = select_value(&noun->noun->fields[VS_SWITCH_STACK], list, &stack,
			  &made, error);
	for (uint16_t i = 0; i < noun->noun->field_count; i++)
		values[i] = *object_value(edit->sw, i);
	values[VS_SWITCH_STACK] = stack;
	record = rc == 0 ? record_create(noun, values) : NULL;
	if (rc == 0 &&
	    (!record || store_replace(edit->candidate, edit->sw, record)))
		rc = vs_error_set(error, ENOMEM, "", "out of memory");
	if (record)
		record_release(record);
	value_clear(&stack);
	json_decref(made);
	json_decref(list);
	return rc;
}

static void finish(struct request_call *call, struct edit *edit,
		   const char *verb, const char *what)
{
	struct policy_change change;
	struct vs_error error = {.code = 0};
	char summary[160];

	if (edit_end(edit, &error)) {
		store_destroy(edit->candidate);
		call_wrong(call, &error);
		return;
	}
	snprintf(summary, sizeof(summary), "ext %s %.90s switch=%.40s", verb,
		 what, object_key(edit->sw));
	change = call_change(call, summary);
	policy_change(call->server->config.policy, &change, edit->candidate);
}

static void run_one(struct request_call *call, const char *verb,
		    int (*change)(const struct request_call *call,
				  struct edit *edit, const char *name,
				  struct vs_error *error))
{
	struct vs_error error = {.code = 0};
	struct edit edit = {.candidate = NULL};
	const char *name;

	if (call_need(call, "name", &name, &error) ||
	    edit_begin(call, &edit, &error) ||
	    change(call, &edit, name, &error)) {
		store_destroy(edit.candidate);
		call_wrong(call, &error);
		return;
	}
	finish(call, &edit, verb, name);
}

static void run_enable(struct request_call *call)
{
	run_one(call, "enable", enable);
}

static void run_disable(struct request_call *call)
{
	run_one(call, "disable", disable);
}

static void run_order(struct request_call *call)
{
	struct vs_error error = {.code = 0};
	struct edit edit = {.candidate = NULL};
	char words[STACK_NAMES * 64] = "";
	const char *names;

	if (call_need(call, "names", &names, &error) == 0) {
		if (strlen(names) >= sizeof(words))
			vs_error_set(&error, EINVAL, "names",
				     "names: too long");
		else
			memcpy(words, names, strlen(names) + 1);
	}
	if (error.code || edit_begin(call, &edit, &error) ||
	    order(call, &edit, words, &error)) {
		store_destroy(edit.candidate);
		call_wrong(call, &error);
		return;
	}
	finish(call, &edit, "order", names);
}

static const char *const one_params[] = {"name", "switch", "dry_run", NULL};
static const char *const order_params[] = {"names", "switch", "dry_run", NULL};

const struct method request_ext_methods[] = {
	{"ext.enable", run_enable, one_params, true},
	{"ext.disable", run_disable, one_params, true},
	{"ext.order", run_order, order_params, true},
	{NULL, NULL, NULL, false},
};
