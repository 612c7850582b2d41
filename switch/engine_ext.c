// SPDX-License-Identifier: Apache-2.0
/*
 * engine_ext.c: which extensions there are: what the extension directory held
 * at start, what ext.load added, what was refused and why; and what the
 * switches have on their stacks. Loading makes available, no more: what a stack
 * is, is policy (control/request_ext.c). A library stays mapped after it was
 * unloaded, for frames and notes under way may name it.
 *
 * Before this file: engine_methods.c. After it: loader.c, control/schema.c.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/stack.h"
#include "core/guid.h"
#include "engine_boot.h"
#include "engine_methods.h"
#include "engine_switch.h"
#include "loader.h"
#include "log.h"

/* -- what is refused --------------------------------------------------------
 */

static uint16_t refused_place(const struct engine_library *library,
			      const char *name)
{
	uint16_t i = 0;

	while (i < library->refused_count &&
	       strcmp(library->refused[i].name, name) != 0)
		i++;
	return i;
}

static void note_refusal(struct engine_library *library, const char *name,
			 const char *why)
{
	uint16_t i = refused_place(library, name);

	if (i == ENGINE_EXTENSIONS)
		return;
	if (i == library->refused_count)
		library->refused_count++;
	snprintf(library->refused[i].name, sizeof(library->refused[i].name),
		 "%s", name);
	snprintf(library->refused[i].why, sizeof(library->refused[i].why),
		 "%.255s", why);
}

static void forget_refusal(struct engine_library *library, const char *name)
{
	uint16_t i = refused_place(library, name);

	if (i < library->refused_count)
		library->refused[i] =
			library->refused[--library->refused_count];
}

/* -- what is there ----------------------------------------------------------
 */

static uint16_t place_of(const struct engine_library *library, const char *name)
{
	uint16_t i = 0;

	while (i < library->count &&
	       strcmp(library->extensions[i]->name, name) != 0)
		i++;
	return i;
}

/* A GUID tells whose saved state and settings something is: one each. */
static int check_guid(const struct engine_library *library,
		      const struct vs_extension *extension,
		      struct vs_error *error)
{
	for (uint16_t i = 0; i < library->count; i++)
		if (guid_is(library->extensions[i]->guid, extension->guid))
			return vs_error_set(
				error, EEXIST, "",
				"its GUID %.40s is that of %s, which is "
				"loaded: give each extension a GUID of its own "
				"(uuidgen)",
				extension->guid, library->extensions[i]->name);
	return 0;
}

/* What it has to say gets a module of its name. */
static void note_loaded(const struct vs_extension *extension)
{
	log_module_add(extension->name);
	log_debug(LOG_LOADER, "extension %s %s: GUID %s, ABI %u",
		  extension->name, extension->version, extension->guid,
		  extension->abi);
}

static void load_one(struct engine *engine, const char *name)
{
	struct engine_library *library = &engine->library;
	const struct vs_extension *extension;
	struct vs_error error = {0};

	if (library->count == ENGINE_EXTENSIONS) {
		log_warnx(LOG_LOADER, "%s: more than %u extensions", name,
			  ENGINE_EXTENSIONS);
		return;
	}
	extension = loader_load(library->loader, name, NULL, &error);
	if (extension && !check_guid(library, extension, &error)) {
		library->extensions[library->count++] = extension;
		note_loaded(extension);
		return;
	}
	log_warnx(LOG_LOADER, "extension %s: %s", name, error.text);
	note_refusal(library, name, error.text);
}

static int is_library(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return size > 3 && size < VS_PORT_NAME_SIZE &&
	       !strcmp(entry->d_name + size - 3, ".so");
}

/* The directory's libraries by name, without .so; -1: it can't be read. */
static int scan(const struct engine *engine, struct dirent ***entries)
{
	int count = scandir(engine->config.extension_dir, entries, is_library,
			    alphasort);

	for (int i = 0; i < count; i++) {
		char *name = (*entries)[i]->d_name;

		name[strlen(name) - 3] = '\0';
	}
	return count;
}

static void scan_free(struct dirent **entries, int count)
{
	for (int i = 0; i < count; i++)
		free(entries[i]);
	if (count >= 0)
		free(entries);
}

int engine_ext_load_all(struct engine *engine, struct vs_error *error)
{
	const char *directory = engine->config.extension_dir;
	struct loader_config config = {.directory = directory};
	struct dirent **entries;
	int count;

	engine->library.loader = loader_create(&config);
	if (!engine->library.loader)
		return vs_error_set(error, ENOMEM, "", "no memory");
	count = scan(engine, &entries);
	if (count < 0)
		log_warn(LOG_LOADER, "extension directory %s", directory);
	for (int i = 0; i < count; i++)
		load_one(engine, entries[i]->d_name);
	scan_free(entries, count);
	if (log_awaited())
		return vs_error_set(error, ENOENT, "",
				    "--log %s: no module and no extension is "
				    "called that",
				    log_awaited());
	return 0;
}

/* -- load and unload --------------------------------------------------------
 */

/* A path is only taken where the next start finds the file too. */
static int check_path(const struct engine *engine, const char *name,
		      const struct vs_value *path, struct vs_error *error)
{
	const char *directory = engine->config.extension_dir;
	size_t size = strlen(directory);

	if (!path->present)
		return 0;
	if (path->text[0] != '/')
		return vs_error_set(error, EINVAL, "path",
				    "not an absolute path: begin with /");
	while (size > 1 && directory[size - 1] == '/')
		size--;
	if (strncmp(path->text, directory, size) == 0 &&
	    path->text[size] == '/' && !strchr(path->text + size + 1, '/'))
		return 0;
	return vs_error_set(error, EPERM, "path",
			    "a daemon that starts again loads from %.160s "
			    "only: install %.64s.so there, then vsctl ext "
			    "load %.64s",
			    directory, name, name);
}

/* A stack that nobody wrote down takes what is usual, once it is there. */
static void rebuild_all(struct engine *engine)
{
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		es->rebuild = true;
	engine_hurry(engine);
}

static void answer_loaded(struct request_call *call, const char *result,
			  const struct vs_extension *extension)
{
	struct vs_reply *reply = request_reply(call);

	reply->ops->text(reply, "result", result);
	reply->ops->text(reply, "name", extension->name);
	reply->ops->text(reply, "version", extension->version);
	reply->ops->text(reply, "class", stack_class(extension));
	request_finish(call);
}

void engine_ext_load(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct engine_library *library = &engine->library;
	const char *name = request_value(call, 0)->text;
	uint16_t at = place_of(library, name);
	const struct vs_extension *extension;
	struct vs_error error = {0};

	if (at < library->count) {
		answer_loaded(call, "unchanged", library->extensions[at]);
		return;
	}
	extension = check_path(engine, name, request_value(call, 1), &error)
			    ? NULL
			    : loader_load(library->loader, name, NULL, &error);
	if (!extension || check_guid(library, extension, &error) ||
	    schema_load(engine->schema, extension, &error)) {
		if (error.code != EPERM || !request_value(call, 1)->present)
			note_refusal(library, name, error.text);
		request_refuse(call, &error);
		return;
	}
	library->extensions[library->count++] = extension;
	forget_refusal(library, name);
	log_info(LOG_LOADER, "extension %s %s: loaded", name,
		 extension->version);
	note_loaded(extension);
	rebuild_all(engine);
	answer_loaded(call, "loaded", extension);
}

static const struct engine_switch *user_of(const struct engine *engine,
					   const struct vs_extension *extension)
{
	const struct engine_switch *es;

	for (es = engine->switches; es; es = es->next)
		for (uint16_t i = 0; i < es->stack_count; i++)
			if (es->stack[i].extension == extension)
				return es;
	return NULL;
}

/* Nothing that holds, or may hold again, speaks of it. */
static int check_unused(const struct engine *engine,
			const struct vs_extension *extension,
			struct vs_error *error)
{
	const struct engine_switch *es = user_of(engine, extension);
	const struct vs_object *object;
	char path[sizeof(error->path)];

	if (es)
		return vs_error_set(error, EBUSY, "name",
				    "%s is on the stack of switch %s: vsctl "
				    "ext disable %s switch=%s",
				    extension->name, es->name, extension->name,
				    es->name);
	for (uint16_t i = 0; i < schema_count(engine->schema); i++) {
		const struct schema_noun *noun = schema_at(engine->schema, i);

		if (noun->gone || noun->extension != extension)
			continue;
		object = store_next(engine->store, noun, NULL, NULL);
		if (object)
			return vs_error_set(
				error, EBUSY,
				object_path(object, NULL, path, sizeof(path)),
				"the policy has a %s, which is %s's: delete "
				"what is of it first",
				noun->noun->name, extension->name);
	}
	return 0;
}

void engine_ext_unload(struct request_engine *methods,
		       struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct engine_library *library = &engine->library;
	const char *name = request_value(call, 0)->text;
	uint16_t at = place_of(library, name);
	const struct vs_extension *extension;
	struct vs_error error = {0};

	if (at == library->count)
		vs_error_set(&error, ENOENT, "name",
			     "extension \"%s\" is not loaded; vsctl ext "
			     "available",
			     name);
	else if (policy_busy(engine->policy))
		vs_error_set(&error, EBUSY, "",
			     "a change of the policy is under way: again");
	else if (policy_may_go_back(engine->policy))
		vs_error_set(&error, EBUSY, "",
			     "the policy of before, which may come back, may "
			     "name it: vsctl confirm or undo first");
	else
		check_unused(engine, library->extensions[at], &error);
	if (error.code) {
		request_refuse(call, &error);
		return;
	}
	extension = library->extensions[at];
	library->count--;
	for (; at < library->count; at++)
		library->extensions[at] = library->extensions[at + 1];
	schema_unload(engine->schema, extension);
	log_info(LOG_LOADER, "extension %s: unloaded", name);
	answer_loaded(call, "unloaded", extension);
}

/* -- a new version in the place of the old ----------------------------------
 */

void engine_ext_succeed(struct engine_switch *es,
			const struct engine_member *member)
{
	const struct vs_extension *extension = member->extension;
	struct vs_error error = {0};
	char text[320];

	engine_boot_restore(es, member);
	for (uint16_t i = 0; i < es->stack_count; i++) {
		if (strcmp(es->stack[i].extension->name, extension->name) != 0)
			continue;
		if (vs_attachment_hand_over(es->stack[i].attachment,
					    member->attachment, &error) >= 0)
			continue;
		snprintf(text, sizeof(text),
			 "version %.32s begins anew, it does not take what "
			 "version %.32s saved: %.192s",
			 extension->version, es->stack[i].extension->version,
			 error.text);
		engine_event(
			es->engine,
			&(struct event_said){
				log_module_find(extension->name, LOG_LOADER),
				es->name, extension->name, "state_not_restored",
				text});
	}
}

static int check_successor(const struct vs_extension *before,
			   const struct vs_extension *after,
			   const char *directory, struct vs_error *error)
{
	if (!guid_is(before->guid, after->guid))
		return vs_error_set(error, EINVAL, "name",
				    "%s in %.160s is another extension, its "
				    "GUID is %.40s: unload the one that is "
				    "there, then load it",
				    after->name, directory, after->guid);
	if (stack_rank(before) != stack_rank(after))
		return vs_error_set(error, EINVAL, "name",
				    "the new %s is a %s extension, the old "
				    "one a %s: unload it, then load it",
				    after->name, stack_class(after),
				    stack_class(before));
	return 0;
}

/* Every switch that has it, in one go; or none, and all is as before. */
static int exchange(struct engine *engine, uint16_t at,
		    const struct vs_extension *coming, struct vs_error *error)
{
	const struct vs_extension *leaving = engine->library.extensions[at];
	struct vs_error ignored;
	int result = schema_exchange(engine->schema, leaving, coming, error);

	if (result)
		return result;
	engine->library.extensions[at] = coming;
	engine->maker.before = engine->store; /* the policy is the same */
	if (engine->store)
		result = engine_build(engine, engine->store, &engine->maker,
				      error);
	if (result) {
		engine->library.extensions[at] = leaving;
		schema_exchange(engine->schema, coming, leaving, &ignored);
		return result;
	}
	if (engine->store)
		engine_build_commit(engine, engine->store);
	return 0;
}

void engine_ext_reload(struct request_engine *methods,
		       struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct engine_library *library = &engine->library;
	const char *name = request_value(call, 0)->text;
	uint16_t at = place_of(library, name);
	const struct vs_extension *before, *after = NULL;
	struct vs_error error = {0};

	if (at == library->count)
		vs_error_set(&error, ENOENT, "name",
			     "extension \"%s\" is not loaded; vsctl ext load "
			     "%s",
			     name, name);
	else if (policy_busy(engine->policy))
		vs_error_set(&error, EBUSY, "",
			     "a change of the policy is under way: again");
	else
		after = loader_load(library->loader, name, NULL, &error);
	before = at < library->count ? library->extensions[at] : NULL;
	if (after && after == before) {
		answer_loaded(call, "unchanged", after);
		return;
	}
	if (!before || !after ||
	    check_successor(before, after, engine->config.extension_dir,
			    &error) ||
	    exchange(engine, at, after, &error)) {
		request_refuse(call, &error);
		return;
	}
	log_info(LOG_LOADER, "extension %s: version %s took the place of %s",
		 name, after->version, before->version);
	engine_hurry(engine);
	answer_loaded(call, "reloaded", after);
}

/* -- looking ----------------------------------------------------------------
 */

static void list_member(struct vs_reply *reply, const struct engine_switch *es,
			const struct engine_member *member,
			const struct vs_ledger_row *sums)
{
	const struct vs_extension *extension = member->extension;

	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "switch", es->name);
	engine_reply_member(reply, member, sums);
	reply->ops->open_list(reply, "counters");
	for (uint16_t i = 0; i < extension->counter_count; i++) {
		reply->ops->open_row(reply, NULL);
		reply->ops->text(reply, "name", extension->counters[i].name);
		reply->ops->number(
			reply, "value",
			vs_attachment_counter(member->attachment, i));
		reply->ops->close(reply);
	}
	reply->ops->close(reply);
	reply->ops->close(reply);
}

void engine_ext_list(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	const struct vs_value *sw = request_value(call, 0);
	struct vs_ledger_row *sums = engine_new_row(call);
	struct vs_reply *reply;

	if (!sums)
		return;
	reply = request_reply(call);
	reply->ops->open_list(reply, "extensions");
	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		if (sw->present && strcmp(sw->text, es->name) != 0)
			continue;
		*sums = vs_ledger_total(vs_switch_ledger(es->sw));
		for (uint16_t i = 0; i < es->stack_count; i++)
			list_member(reply, es, &es->stack[i], sums);
	}
	reply->ops->close(reply);
	free(sums);
	request_finish(call);
}

static void list_file(const struct engine *engine, struct vs_reply *reply,
		      const char *name)
{
	const struct engine_library *library = &engine->library;
	uint16_t at = refused_place(library, name);

	if (place_of(library, name) < library->count)
		return;
	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "name", name);
	reply->ops->text(reply, "state",
			 at < library->refused_count ? "refused"
						     : "not loaded");
	if (at < library->refused_count)
		reply->ops->text(reply, "why", library->refused[at].why);
	reply->ops->close(reply);
}

void engine_ext_available(struct request_engine *methods,
			  struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct vs_reply *reply = request_reply(call);
	struct dirent **entries;
	int count = scan(engine, &entries);

	reply->ops->text(reply, "directory", engine->config.extension_dir);
	reply->ops->open_list(reply, "extensions");
	for (uint16_t i = 0; i < engine->library.count; i++) {
		const struct vs_extension *extension =
			engine->library.extensions[i];

		reply->ops->open_row(reply, NULL);
		engine_reply_extension(reply, extension);
		reply->ops->text(reply, "state",
				 user_of(engine, extension) ? "in use"
							    : "loaded");
		reply->ops->text(reply, "guid", extension->guid);
		reply->ops->text(reply, "help", extension->help);
		reply->ops->close(reply);
	}
	for (int i = 0; i < count; i++)
		list_file(engine, reply, entries[i]->d_name);
	scan_free(entries, count);
	reply->ops->close(reply);
	request_finish(call);
}
