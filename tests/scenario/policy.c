// SPDX-License-Identifier: Apache-2.0
/*
 * policy.c: a host's document, through the product's own parser, schema,
 * checks, settings cursor, configure() and port plans: what the engine does,
 * without its devices. Applying it again is another snapshot of the same
 * switch.
 *
 * A port's id and its device stay its own as long as its name is in the
 * document; the device's MTU is what policy says unless `set` changes it.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/check.h"
#include "control/document.h"
#include "control/host_nouns.h"
#include "control/json_text.h"
#include "control/port_mirror.h"
#include "control/port_plan.h"
#include "control/settings_cursor.h"
#include "tests/scenario/script.h"

struct policy {
	struct cursor_maker maker; /* first: see policy_of */
	struct script_host *host;
	const struct vs_extension *known[2]; /* the schema's */
	struct schema *schema;
	json_t *document;
	struct store *store;
	const struct vs_object *sw;
};

static char *refused; /* the text that the next document must be refused with */

/* -- the cursor's questions ------------------------------------------------ */

static struct vs_port_plan *find_plan(struct rig *rig, const char *name,
				      uint16_t kind)
{
	uint16_t i;

	for (i = 0; i < rig->port_count; i++)
		if (rig->plan[i].info.kind == kind &&
		    strcmp(rig->plan[i].info.name, name) == 0)
			return &rig->plan[i];
	return NULL;
}

static const struct vs_port_info *attachment(struct cursor_maker *maker,
					     const struct vs_object *object)
{
	struct policy *policy = (struct policy *)maker;
	const struct schema_noun *noun = object_noun(object);
	struct vs_port_plan *plan = NULL;

	if (noun == schema_host(policy->schema, HOST_UPLINK))
		plan = find_plan(policy->host->rig, object_key(object),
				 VS_PORT_UPLINK);
	else if (noun == schema_host(policy->schema, HOST_PORT))
		plan = find_plan(policy->host->rig, object_key(object),
				 VS_PORT_ORDINARY);
	return plan ? &plan->info : NULL;
}

static const struct cursor_maker_ops maker_ops = {.port = attachment};

/* -- documents ------------------------------------------------------------- */

static struct policy *policy_of(struct script_host *host)
{
	struct schema_config config = {.extension_count = 2};
	struct vs_error error = {0};

	if (host->policy)
		return host->policy;
	host->policy = calloc(1, sizeof(*host->policy));
	if (!host->policy)
		abort();
	host->policy->known[0] = script_extension("wnv");
	host->policy->known[1] = script_extension("passthrough");
	config.extensions = host->policy->known;
	if (schema_create(&host->policy->schema, &config, &error) < 0)
		script_fail(host->script, "no schema: %s", error.text);
	host->policy->maker.ops = &maker_ops;
	host->policy->host = host;
	return host->policy;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	store_destroy(policy->store);
	schema_destroy(policy->schema);
	json_decref(policy->document);
	free(policy);
}

/* RFC 7386 */
static void merge(json_t *into, const json_t *patch)
{
	const char *key;
	json_t *value, *mine;

	json_object_foreach((json_t *)(uintptr_t)patch, key, value)
	{
		if (json_is_null(value)) {
			json_object_del(into, key);
			continue;
		}
		mine = json_object_get(into, key);
		if (!json_is_object(value)) {
			json_object_set(into, key, value);
			continue;
		}
		if (!json_is_object(mine)) {
			mine = json_object();
			json_object_set_new(into, key, mine);
		}
		merge(mine, value);
	}
}

static int parse(struct policy *policy, const json_t *document,
		 struct store **store, struct vs_error *error)
{
	const char *name = policy->host->name;
	int result = document_parse(policy->schema, name[0] ? name : NULL,
				    document, store, error);

	if (result)
		return result;
	result = check_store(*store, error);
	if (result)
		store_destroy(*store);
	return result;
}

static const struct vs_object *only_switch(const struct policy *policy,
					   const struct store *store)
{
	const struct schema_noun *noun =
		schema_host(policy->schema, HOST_SWITCH);
	const struct vs_object *sw = store_next(store, noun, NULL, NULL);

	if (!sw || store_next(store, noun, NULL, sw))
		script_fail(policy->host->script,
			    "a host has exactly one switch here");
	return sw;
}

/* -- ports and stack ------------------------------------------------------- */

static struct vs_port_plan *want_plan(struct policy *policy, const char *name,
				      uint16_t kind)
{
	struct script_host *host = policy->host;
	struct vs_port_plan *plan = find_plan(host->rig, name, kind);
	uint16_t place;

	if (plan)
		return plan;
	if (kind == VS_PORT_ORDINARY) {
		plan = rig_port(host->rig, name, host->next_port++, 0);
		plan->info.mtu = 0; /* policy says */
		return plan;
	}
	plan = rig_uplink(host->rig, name, host->next_port++);
	for (place = 0; host->script->host[place] != host;)
		place++;
	plan->info.mac = (struct vs_mac){{2, 0xaa, 0, 0, 0, (uint8_t)place}};
	return plan;
}

static bool is_wanted(const struct policy *policy,
		      const struct vs_port_plan *plan)
{
	enum host_noun noun =
		plan->info.kind == VS_PORT_UPLINK ? HOST_UPLINK : HOST_PORT;

	return store_find(policy->store, schema_host(policy->schema, noun),
			  policy->sw, plan->info.name) != NULL;
}

static void each_event(struct rig *rig, enum vs_port_change change,
		       const struct vs_port_info *info)
{
	uint16_t i;

	for (i = 0; i < rig->stack_count; i++)
		vs_attachment_port_event(rig->stack[i], change, info);
}

/* Plans for what the document names, none for what it does not. */
static void want_ports(struct policy *policy)
{
	struct rig *rig = policy->host->rig;
	const struct vs_object *object = NULL;
	uint16_t i, kept = 0;

	for (i = 0; i < rig->port_count; i++) {
		if (is_wanted(policy, &rig->plan[i]))
			rig->plan[kept++] = rig->plan[i];
		else
			each_event(rig, VS_PORT_REMOVED, &rig->plan[i].info);
	}
	rig->port_count = kept;
	while ((object = store_next(policy->store,
				    schema_host(policy->schema, HOST_UPLINK),
				    policy->sw, object)))
		want_plan(policy, object_key(object), VS_PORT_UPLINK);
	while ((object = store_next(policy->store,
				    schema_host(policy->schema, HOST_PORT),
				    policy->sw, object)))
		want_plan(policy, object_key(object), VS_PORT_ORDINARY);
}

static void want_extension(struct policy *policy, const char *name,
			   const struct rig *before)
{
	const struct vs_extension *ext = script_extension(name);
	struct rig *rig = policy->host->rig;
	struct vs_attachment **at = &rig->stack[rig->stack_count];
	struct vs_error error = {0};
	uint16_t i;

	if (!ext)
		script_fail(policy->host->script, "no extension %s", name);
	*at = NULL;
	for (i = 0; i < before->stack_count; i++)
		if (vs_attachment_extension(before->stack[i]) == ext)
			*at = before->stack[i];
	if (!*at && vs_switch_attach(rig->sw, ext, at, &error) < 0)
		script_fail(policy->host->script, "%s", error.text);
	rig->stack_count++;
}

static void want_stack(struct policy *policy)
{
	const struct vs_value *stack =
		object_value(policy->sw, VS_SWITCH_STACK);
	struct rig *rig = policy->host->rig;
	static struct rig before;
	uint16_t i;

	before.stack_count = rig->stack_count;
	memcpy(before.stack, rig->stack, sizeof(before.stack));
	rig->stack_count = 0;
	if (!stack->present)
		want_extension(policy, "wnv", &before);
	for (i = 0; stack->present && i < stack->count; i++)
		want_extension(policy, stack->list[i].text, &before);
}

/* -- apply ----------------------------------------------------------------- */

static int configure(struct policy *policy, struct vs_error *error)
{
	struct rig *rig = policy->host->rig;
	const struct vs_state *states[RIG_STACK] = {NULL};
	struct settings_cursor cursor;
	uint16_t i;

	settings_cursor_open(&cursor, policy->store, policy->sw,
			     &policy->maker);
	for (i = 0; i < rig->stack_count; i++) {
		if (!vs_attachment_extension(rig->stack[i])->configure)
			continue;
		states[i] = vs_attachment_configure(rig->stack[i],
						    &cursor.settings, error);
		if (!states[i])
			break;
	}
	if (i == rig->stack_count) {
		memcpy(rig->state, states, sizeof(states));
		return 0;
	}
	while (i-- > 0)
		if (states[i])
			vs_state_discard(rig->stack[i], states[i]);
	return error->code ? -error->code : -1;
}

struct rig_finder {
	struct port_finder finder; /* first */
	struct rig *rig;
};

static struct vs_port_id find_id(const struct port_finder *finder,
				 const char *name)
{
	const struct rig_finder *of = (const struct rig_finder *)finder;
	const struct vs_port_plan *plan =
		find_plan(of->rig, name, VS_PORT_ORDINARY);

	return plan ? plan->info.id : (struct vs_port_id){0};
}

static int fill_ports(struct policy *policy, struct vs_error *error)
{
	struct rig *rig = policy->host->rig;
	uint16_t last = (uint16_t)(rig->stack_count - 1);
	const struct rig_finder finder = {{find_id}, rig};
	const struct vs_object *object = NULL;
	int result = 0;

	while (!result &&
	       (object = store_next(policy->store,
				    schema_host(policy->schema, HOST_PORT),
				    policy->sw, object))) {
		struct vs_port_plan *plan =
			find_plan(rig, object_key(object), VS_PORT_ORDINARY);
		struct port_policy port = {.store = policy->store,
					   .object = object,
					   .workers =
						   vs_switch_workers(rig->sw)};

		if (rig->stack_count)
			port_plan_profile(
				vs_attachment_extension(rig->stack[last]),
				rig->state[last], object_key(object),
				&port.profile);
		if (!plan->info.mtu)
			plan->info.mtu = port.profile.mtu;
		plan->mac = (struct vs_mac){0};
		result = port_plan_fill(plan, &port, error);
		port_mirror_plan(plan, policy->store, object, &finder.finder);
	}
	return result;
}

/* The whole document, new states, one snapshot. */
static int build(struct policy *policy, struct vs_error *error)
{
	struct rig *rig = policy->host->rig;
	struct vs_snapshot *snapshot;
	int result = configure(policy, error);

	if (!result)
		result = fill_ports(policy, error);
	if (!result)
		result = rig_build(rig, &snapshot, error);
	if (result)
		return result;
	vs_switch_publish(rig->sw, snapshot);
	return 0;
}

void policy_publish(struct script_host *host)
{
	struct vs_error error = {0};

	host->rig->reconfigure = false;
	if (build(host->policy, &error) < 0)
		script_fail(host->script, "%s: %s: %s", host->name, error.path,
			    error.text);
	host->published = true;
}

/* The store is the host's policy from here, or the script fails. */
static void adopt(struct policy *policy, struct store *store)
{
	struct script_host *host = policy->host;
	struct store *old = policy->store;
	struct rig *rig = host->rig;
	uint16_t known = rig->port_count, i;

	policy->store = store;
	policy->sw = only_switch(policy, store);
	want_stack(policy);
	want_ports(policy);
	policy_publish(host);
	store_destroy(old);
	for (i = known < rig->port_count ? known : 0; i < rig->port_count; i++)
		each_event(rig, VS_PORT_ADDED, &rig->plan[i].info);
	rig_tick(rig);
}

/* Does the parser or a configure() refuse it, with the text? Nothing of it
 * stays. */
static void must_refuse(struct policy *policy, const json_t *document)
{
	struct vs_error error = {0};
	struct store *store, *old = policy->store;
	const struct vs_object *sw = policy->sw;
	int result = parse(policy, document, &store, &error);

	if (!result) {
		policy->store = store;
		policy->sw = only_switch(policy, store);
		result = configure(policy, &error);
		policy->store = old;
		policy->sw = sw;
		store_destroy(store);
	}
	if (!result)
		script_fail(policy->host->script, "it was not refused");
	if (!strstr(error.text, refused))
		script_fail(policy->host->script, "refused, but: %s",
			    error.text);
}

static void apply(struct script_host *host, json_t *document)
{
	struct policy *policy = policy_of(host);
	struct vs_error error = {0};
	struct store *store;

	if (refused) {
		must_refuse(policy, document);
		json_decref(document);
		return;
	}
	if (parse(policy, document, &store, &error) < 0)
		script_fail(host->script, "%s: %s: %s", host->name, error.path,
			    error.text);
	json_decref(policy->document);
	policy->document = document;
	adopt(policy, store);
}

/* -- statements ------------------------------------------------------------ */

static json_t *read_file(const struct script *script, const char *name)
{
	const char *slash = strrchr(script->path, '/');
	char path[512];
	json_error_t error;
	json_t *json;

	snprintf(path, sizeof(path), "%.*s%s",
		 slash ? (int)(slash - script->path + 1) : 0, script->path,
		 name);
	json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		script_fail(script, "%s: %s", path, error.text);
	return json;
}

static json_t *read_here(const struct script *script)
{
	struct vs_error error = {0};
	json_t *json;

	if (!script->here)
		script_fail(script, "a document is wanted");
	if (json_text_load(script->here, strlen(script->here), &json, &error))
		script_fail(script, "%s", error.text);
	return json;
}

/* `@b` before the rest: only that host. */
static struct script_host *only_host(struct script *script, char **words,
				     int count)
{
	char word[32];
	const char *at = word;

	if (count < 2 || words[1][0] != '@')
		return NULL;
	snprintf(word, sizeof(word), "%s:", words[1] + 1);
	return script_at(script, &at);
}

static void each(struct script *script, struct script_host *only, json_t *json,
		 bool patch)
{
	uint16_t i;

	host_current(script);
	script_begin(script);
	for (i = 0; i < script->host_count; i++) {
		struct script_host *host = script->host[i];
		json_t *document;

		if (only && host != only)
			continue;
		document = json_deep_copy(patch ? policy_of(host)->document
						: json);
		if (patch)
			merge(document, json);
		apply(host, document);
	}
	json_decref(json);
	free(refused);
	refused = NULL;
	hosts_settle(script);
}

void run_document(struct script *script, char **words, int count)
{
	struct script_host *only = only_host(script, words, count);
	int file = only ? 2 : 1;

	each(script, only,
	     count > file ? read_file(script, words[file]) : read_here(script),
	     false);
}

void run_merge(struct script *script, char **words, int count)
{
	each(script, only_host(script, words, count), read_here(script), true);
}

void run_refused(struct script *script, char **words, int count)
{
	char text[256] = "";
	int i;

	(void)script;
	for (i = 1; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", i > 1 ? " " : "", words[i]);
	free(refused);
	refused = strdup(text);
}
