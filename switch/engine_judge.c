/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_judge.c: objects of an extension that no switch has on its stack.
 * They take part in nothing, but they stand in the policy, and a switch may
 * take the extension up at any time: so what is wrong with them is refused
 * now, by an instance that is made to judge and goes at once. It has no switch:
 * it sees the objects of the document's top.
 */
#include "engine_judge.h"

#include <errno.h>

#include "engine_switch.h"
#include "io/loop.h"

static void no_event(const struct vs_main_host *host, uint16_t event,
		     const char *text)
{
	(void)host;
	(void)event;
	(void)text;
}

static int no_kick(const struct vs_main_host *host, uint16_t worker,
		   const struct vs_note *note)
{
	(void)host;
	(void)worker;
	(void)note;
	return -ENOTSUP;
}

static void no_reconfigure(const struct vs_main_host *host)
{
	(void)host;
}

/* Its tables meet no frame: nothing has to be hard to guess. */
static uint64_t no_random(const struct vs_main_host *host)
{
	(void)host;
	return 1;
}

static uint64_t now(const struct vs_main_host *host)
{
	(void)host;
	return loop_now_ns();
}

static uint64_t no_wall(const struct vs_main_host *host)
{
	(void)host;
	return 0;
}

static int no_open_sink(const struct vs_main_host *host, const char *name,
			struct vs_error *error)
{
	(void)host;
	(void)name;
	return vs_error_set(error, ENOTSUP, "", "no switch has the extension");
}

static void no_close_sink(const struct vs_main_host *host, int sink)
{
	(void)host;
	(void)sink;
}

static int no_sink(const struct vs_main_host *host, int sink,
		   const uint8_t *const pieces[], const uint32_t sizes[],
		   uint16_t count)
{
	(void)host;
	(void)sink;
	(void)pieces;
	(void)sizes;
	(void)count;
	return -EPIPE;
}

static int no_sink_counts(const struct vs_main_host *host, int sink,
			  struct vs_sink_counts *counts)
{
	(void)host;
	(void)sink;
	(void)counts;
	return -EPIPE;
}

static const struct vs_main_host judge_host = {
	.struct_size = sizeof(judge_host),
	.switch_name = "",
	.workers = 1,
	.event = no_event,
	.kick = no_kick,
	.reconfigure = no_reconfigure,
	.random = no_random,
	.now_ns = now,
	.open_sink = no_open_sink,
	.close_sink = no_close_sink,
	.sink = no_sink,
	.wall_ns = no_wall,
	.sink_counts = no_sink_counts,
};

static bool is_stacked(const struct engine *engine,
		       const struct vs_extension *extension)
{
	for (const struct engine_switch *es = engine->switches; es;
	     es = es->next)
		for (uint16_t i = 0; es->wanted && i < es->prepared_count; i++)
			if (es->prepared_stack[i].extension == extension)
				return true;
	return false;
}

/* Has it objects that belong to no switch? */
static bool has_objects(const struct settings_cursor *cursor,
			const struct vs_extension *extension)
{
	const struct vs_settings *settings = &cursor->settings;

	for (uint16_t i = 0; i < extension->noun_count; i++)
		if (settings->ops->next(settings, &extension->nouns[i], NULL,
					NULL))
			return true;
	return false;
}

static int judge(const struct vs_extension *extension,
		 const struct vs_settings *settings, struct vs_error *error)
{
	struct vs_instance *instance = extension->attach(&judge_host, error);
	const struct vs_state *state;

	if (!instance)
		return error->code ? -error->code : -ENOMEM;
	state = extension->configure(instance, settings, error);
	if (state && extension->retire)
		extension->retire(instance, state);
	extension->detach(instance);
	if (state)
		return 0;
	return error->code ? -error->code : -EINVAL;
}

int engine_judge(const struct engine *engine, const struct store *store,
		 struct cursor_maker *maker, struct vs_error *error)
{
	const struct engine_library *library = &engine->library;
	struct settings_cursor cursor;
	int result = 0;

	settings_cursor_open(&cursor, store, NULL, maker);
	for (uint16_t i = 0; !result && i < library->count; i++) {
		const struct vs_extension *extension = library->extensions[i];

		if (extension->attach && extension->configure &&
		    !is_stacked(engine, extension) &&
		    has_objects(&cursor, extension))
			result = judge(extension, &cursor.settings, error);
	}
	return result;
}
