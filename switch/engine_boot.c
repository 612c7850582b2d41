// SPDX-License-Identifier: Apache-2.0
/*
 * engine_boot.c: what extensions keep, across a restart of the daemon (hnv.md
 * C7). A daemon that ends asks every instance for it and leaves
 * <statedir>/saved.json; the next one gives each instance its own by GUID,
 * after attach and before configure. It is used once: after a crash there is
 * none. Nothing of it is policy; without it all is found out again.
 *
 *	{"format": 1, "switches": {"vs0": {a document of port_saved.h}}}
 *
 * Before this file: engine.c; after it: core/hand_over.c.
 */
#include "engine_boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/json_text.h"
#include "control/port_saved.h"
#include "core/guid.h"
#include "engine_store.h"
#include "log.h"

#define SAVED_BYTES (64 * 1024 * 1024) /* more is not read */

struct engine_boot {
	json_t *switches; /* name: document; what was taken is gone */
};

static int open_saved(struct engine *engine, uint32_t flags,
		      struct vs_error *error)
{
	const struct priv_request request = {
		.op = PRIV_OPEN_FILE, .role = PRIV_FILE_SAVED, .flags = flags};

	return engine_ask_now(engine, &request, error);
}

/* -- before the policy ------------------------------------------------------
 */

static json_t *parse(const char *bytes, size_t size)
{
	struct vs_error error = {.code = 0};
	json_t *document, *switches;

	if (json_text_load(bytes, size, &document, &error)) {
		log_warnx(LOG_ENGINE, "saved.json: %s", error.text);
		return NULL;
	}
	switches = json_incref(json_object_get(document, "switches"));
	json_decref(document);
	if (json_is_object(switches))
		return switches;
	log_warnx(LOG_ENGINE, "saved.json: has no switches");
	json_decref(switches);
	return NULL;
}

void engine_boot_load(struct engine *engine)
{
	struct vs_error error = {.code = 0};
	int fd = open_saved(engine, 0, &error);
	char *bytes = NULL;
	size_t size = 0;
	int result;

	if (fd < 0)
		return; /* there is none */
	result = engine_read_file(fd, SAVED_BYTES, &bytes, &size);
	close(fd);
	engine->run.boot = calloc(1, sizeof(*engine->run.boot));
	if (result)
		log_warnx(LOG_ENGINE, "saved.json: %s", strerror(-result));
	else if (size && engine->run.boot)
		engine->run.boot->switches = parse(bytes, size);
	free(bytes);
	/* once */
	fd = open_saved(engine, PRIV_FLAG_WRITE | PRIV_FLAG_TRUNCATE, &error);
	if (fd >= 0)
		close(fd);
}

/* -- while the policy is loaded ---------------------------------------------
 */

static void refused(const struct engine_switch *es,
		    const struct port_state_saved *state, const char *why)
{
	char text[480];

	snprintf(text, sizeof(text),
		 "what version %.63s of %.63s (GUID %s) left at the end is "
		 "forgotten: %.180s",
		 state->version, state->name, state->guid, why);
	engine_event(es->engine,
		     &(struct event_said){
			     log_module_find(state->name, LOG_ENGINE), es->name,
			     state->name, "state_not_restored", text});
}

void engine_boot_restore(const struct engine_switch *es,
			 const struct engine_member *member)
{
	struct engine_boot *boot = es->engine->run.boot;
	struct port_saved saved = {.count = 0};
	struct vs_error error = {.code = 0};
	json_t *document =
		boot ? json_object_get(boot->switches, es->name) : NULL;

	if (document && port_saved_read(document, &saved, &error) == 0)
		for (uint16_t i = 0; i < saved.count; i++) {
			struct vs_error why = {.code = 0};

			if (!guid_is(saved.states[i].guid,
				     member->extension->guid))
				continue;
			if (engine_member_give(member, NULL, &saved.states[i],
					       &why))
				refused(es, &saved.states[i], why.text);
			json_object_del(json_object_get(document, "state"),
					saved.states[i].guid);
		}
	else if (document)
		log_warnx(LOG_ENGINE, "saved.json: switch %s: %s", es->name,
			  error.text);
	port_saved_clear(&saved);
}

void engine_boot_end(struct engine *engine)
{
	struct engine_boot *boot = engine->run.boot;
	const struct engine_switch *es;

	engine->run.boot = NULL;
	for (es = engine->switches; boot && es; es = es->next) {
		json_t *document = json_object_get(boot->switches, es->name);
		struct port_saved saved = {.count = 0};
		struct vs_error error;

		if (document && port_saved_read(document, &saved, &error) == 0)
			for (uint16_t i = 0; i < saved.count; i++)
				refused(es, &saved.states[i],
					"it is not on the stack");
		port_saved_clear(&saved);
	}
	if (boot)
		json_decref(boot->switches);
	free(boot);
}

/* -- at the end -------------------------------------------------------------
 */

static void keep_member(const struct engine_member *member,
			struct port_saved *saved)
{
	struct vs_error error = {.code = 0};

	if (engine_member_save(member, NULL, saved, &error) < 0)
		log_warnx(LOG_ENGINE, "extension %s can't save: %s",
			  member->extension->name, error.text);
}

static json_t *collect(const struct engine *engine)
{
	json_t *switches = json_object();
	const struct engine_switch *es;

	for (es = engine->switches; es; es = es->next) {
		struct port_saved saved = {.count = 0};

		snprintf(saved.port, sizeof(saved.port), "%s", es->name);
		for (uint16_t i = 0; i < es->stack_count; i++)
			keep_member(&es->stack[i], &saved);
		if (saved.count)
			json_object_set_new(switches, es->name,
					    port_saved_write(&saved));
		port_saved_clear(&saved);
	}
	return json_pack("{s:i, s:o}", "format", PORT_SAVED_FORMAT, "switches",
			 switches);
}

void engine_boot_store(struct engine *engine)
{
	struct vs_error error = {.code = 0};
	json_t *document = collect(engine);
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
	int fd = open_saved(engine, PRIV_FLAG_WRITE | PRIV_FLAG_TRUNCATE,
			    &error);
	int result = -ENOMEM;

	if (fd >= 0 && text)
		result = engine_write_file(fd, text, strlen(text));
	if (fd < 0 || result < 0)
		log_warnx(LOG_ENGINE, "saved.json: %s",
			  fd < 0 ? error.text : strerror(-result));
	if (fd >= 0)
		close(fd);
	free(text);
	json_decref(document);
}
