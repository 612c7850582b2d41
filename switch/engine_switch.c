/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_switch.c: see engine_switch.h. Here the core's questions to its owner
 * are answered, and what is going away is polled until nobody sees it.
 */
#include "engine_switch.h"
#include "engine_closing.h"
#include "engine_defer.h"
#include "engine_ping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "io/fast.h"
#include "io/loop.h"
#include "io/pump.h"
#include "io/writer.h"
#include "log.h"

#define POLL_NS 50000000ull /* notes and events of workers wait this long */

static struct engine_switch *of_owner(struct vs_switch_owner *owner)
{
	return (struct engine_switch *)owner;
}

/* -- the core's owner ---------------------------------------------------------
 */

static void owner_event(struct vs_switch_owner *owner, struct vs_switch *sw,
			const char *source, const char *name, const char *text)
{
	(void)sw;
	engine_event(of_owner(owner)->engine,
		     &(struct event_said){log_module_find(source, LOG_CORE),
					  of_owner(owner)->name, source, name,
					  text});
}

static void owner_reconfigure(struct vs_switch_owner *owner,
			      struct vs_switch *sw)
{
	(void)sw;
	of_owner(owner)->rebuild = true;
	engine_hurry(of_owner(owner)->engine);
}

static void owner_wake(struct vs_switch_owner *owner, struct vs_switch *sw,
		       uint16_t worker)
{
	if (worker < vs_switch_workers(sw))
		pump_wake(of_owner(owner)->engine->pump, worker);
}

static uint64_t owner_random(struct vs_switch_owner *owner)
{
	uint64_t value = 0;

	(void)owner;
	while (getrandom(&value, sizeof(value), 0) != sizeof(value))
		;
	return value;
}

static uint64_t owner_wall(struct vs_switch_owner *owner)
{
	struct timespec now;

	(void)owner;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int owner_sink(struct vs_switch_owner *owner, uint32_t sink,
		      const struct vs_sink_record *record)
{
	struct writer *writer = of_owner(owner)->engine->writer;

	if (record->kept)
		return writer_record_kept(writer, sink, record->pieces,
					  record->sizes, record->count);
	return writer_record(writer, sink, record->pieces, record->sizes,
			     record->count);
}

static int owner_open_sink(struct vs_switch_owner *owner, const char *name,
			   struct vs_error *error)
{
	return engine_open_sink(of_owner(owner)->engine, name, error);
}

static void owner_close_sink(struct vs_switch_owner *owner, int sink)
{
	writer_sink_close(of_owner(owner)->engine->writer, sink);
}

static int owner_sink_counts(struct vs_switch_owner *owner, int sink,
			     struct vs_sink_counts *counts)
{
	return writer_sink_counts(of_owner(owner)->engine->writer, sink,
				  counts);
}

static void owner_link_retired(struct vs_switch_owner *owner,
			       struct vs_link *link)
{
	engine_link_retired(of_owner(owner), link);
}

static int owner_defer(struct vs_switch_owner *owner)
{
	return engine_defer(of_owner(owner));
}

static struct vs_reply *owner_deferred(struct vs_switch_owner *owner, int token)
{
	return engine_deferred(of_owner(owner), token);
}

static void owner_answer(struct vs_switch_owner *owner, int token,
			 const struct vs_error *error)
{
	engine_deferred_answer(of_owner(owner), token, error);
}

static void owner_echoed(struct vs_switch_owner *owner, struct vs_switch *sw,
			 const struct vs_echo_news *news)
{
	(void)sw;
	engine_ping_news(of_owner(owner), news);
}

static const struct vs_switch_owner owner_calls = {
	.event = owner_event,
	.reconfigure = owner_reconfigure,
	.wake = owner_wake,
	.random = owner_random,
	.wall_ns = owner_wall,
	.sink = owner_sink,
	.open_sink = owner_open_sink,
	.close_sink = owner_close_sink,
	.sink_counts = owner_sink_counts,
	.defer = owner_defer,
	.deferred = owner_deferred,
	.answer = owner_answer,
	.echoed = owner_echoed,
	.link_retired = owner_link_retired,
};

static void switch_free(struct engine_switch *es)
{
	vs_switch_destroy(es->sw);
	free(es->leaving);
	free(es);
}

/* -- made ---------------------------------------------------------------------
 */

static uint32_t number_or(const struct vs_object *object, uint16_t field,
			  uint32_t unset)
{
	const struct vs_value *value = object_value(object, field);

	return value->present ? (uint32_t)value->number : unset;
}

static void read_limits(const struct vs_object *object,
			struct switch_limits *limits)
{
	limits->macs = number_or(object, VS_SWITCH_MACS, 16384);
	limits->per_port = number_or(object, VS_SWITCH_MACS_PER_PORT, 0);
	limits->per_vsid = number_or(object, VS_SWITCH_MACS_PER_VSID, 0);
	limits->ageing = number_or(object, VS_SWITCH_AGEING, 300);
	limits->flows = number_or(object, VS_SWITCH_FLOWS, 0);
	limits->flows_per_vsid = number_or(object, VS_SWITCH_FLOWS_PER_VSID, 0);
}

static int switch_make(struct engine *engine, const struct vs_object *object,
		       struct engine_switch **made, struct vs_error *error)
{
	struct vs_switch_params params = {0};
	struct engine_switch *es = calloc(1, sizeof(*es));
	int result;

	if (!es) {
		vs_error_set(error, ENOMEM, "", "no memory");
		return -ENOMEM;
	}
	es->owner = owner_calls;
	es->engine = engine;
	es->pending = true;
	snprintf(es->name, sizeof(es->name), "%s", object_key(object));
	read_limits(object, &es->limits);
	params.name = es->name;
	params.workers = engine->config.workers;
	params.macs = es->limits.macs;
	params.macs_per_port = es->limits.per_port;
	params.macs_per_vsid = es->limits.per_vsid;
	params.flows = es->limits.flows;
	params.flows_per_vsid = es->limits.flows_per_vsid;
	params.ageing_ns = es->limits.ageing * 1000000000ull;
	params.seed = owner_random(&es->owner);
	if (engine->run.fast)
		params.changes = fast_changes(engine->run.fast);
	result = vs_switch_create(&es->sw, &params, &es->owner, error);
	if (!result) {
		result = pump_add(engine->pump, es->sw);
		if (result)
			vs_error_set(error, ENOSPC, "switches",
				     "a daemon has at most %u switches",
				     PUMP_SWITCHES);
	}
	if (result) {
		switch_free(es);
		return result;
	}
	es->next = engine->switches;
	engine->switches = es;
	*made = es;
	return 0;
}

int engine_switch_want(struct engine *engine, const struct vs_object *object,
		       struct engine_switch **found, struct vs_error *error)
{
	struct switch_limits limits;
	struct engine_switch *es;
	char path[sizeof(error->path)];
	int result;

	for (es = engine->switches; es; es = es->next)
		if (!strcmp(es->name, object_key(object)))
			break;
	if (!es) {
		result = switch_make(engine, object, &es, error);
		if (result)
			return result;
	}
	read_limits(object, &limits);
	if (memcmp(&limits, &es->limits, sizeof(limits)) != 0)
		return vs_error_set(
			error, EBUSY,
			object_path(object, NULL, path, sizeof(path)),
			"macs, macs-per-port, macs-per-vsid, ageing, flows and "
			"flows-per-vsid can't "
			"change while the switch exists; delete it and add it "
			"again");
	es->wanted = true;
	*found = es;
	return 0;
}

struct engine_port *engine_port_find(struct engine_switch *es, const char *name)
{
	for (struct engine_port *p = es->ports; p; p = p->next)
		if (p->wanted && p->intent.driver != DRIVER_UPLINK &&
		    !strcmp(p->intent.name, name))
			return p;
	return NULL;
}

void engine_port_event(struct engine_port *port, enum vs_port_change change)
{
	struct engine_switch *es = port->owner;

	for (uint16_t i = 0; i < es->stack_count; i++)
		vs_attachment_port_event(es->stack[i].attachment, change,
					 &port->info);
}

/* -- gone
 * ---------------------------------------------------------------------- */

int engine_switch_make_room(struct engine_switch *es)
{
	uint16_t room = (uint16_t)(es->leaving_count + es->stack_count);
	struct vs_attachment **more;

	if (room <= es->leaving_room)
		return 0;
	more = realloc(es->leaving, room * sizeof(struct vs_attachment *));
	if (!more)
		return -ENOMEM;
	es->leaving = more;
	es->leaving_room = room;
	return 0;
}

void engine_switch_leave(struct engine_switch *es,
			 struct vs_attachment *attachment)
{
	es->leaving[es->leaving_count++] = attachment;
	engine_hurry(es->engine);
}

void engine_switch_remove(struct engine_switch *es)
{
	struct engine *engine = es->engine;
	struct engine_switch **at = &engine->switches;

	while (*at != es)
		at = &(*at)->next;
	*at = es->next;
	engine_ping_leave(es);
	engine_defer_leave(es);
	while (es->ports) {
		struct engine_port *port = es->ports;

		es->ports = port->next;
		engine_port_destroy(port);
	}
	if (engine->pump)
		pump_drop(engine->pump, es->sw);
	es->next = engine->going;
	engine->going = es;
	engine_hurry(engine);
}

static void poll_leaving(struct engine_switch *es)
{
	uint16_t left = 0;

	for (uint16_t i = 0; i < es->leaving_count; i++) {
		if (vs_attachment_idle(es->leaving[i]))
			vs_switch_detach(es->sw, es->leaving[i]);
		else
			es->leaving[left++] = es->leaving[i];
	}
	es->leaving_count = left;
}

static bool poll_going(struct engine *engine)
{
	struct engine_switch **at = &engine->going;

	while (*at) {
		struct engine_switch *es = *at;

		if (pump_holds(engine->pump, es->sw)) {
			at = &es->next;
			continue;
		}
		*at = es->next;
		switch_free(es);
	}
	return engine->going != NULL;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t engine_switch_poll(struct engine *engine, uint64_t now)
{
	uint64_t next = poll_going(engine) ? now + 1000000 : UINT64_MAX;

	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		uint64_t deadline;

		if (es->rebuild && !policy_busy(engine->policy))
			engine_rebuild(es);
		deadline = vs_switch_poll(es->sw, now);
		poll_leaving(es);
		deadline = sooner(deadline, engine_port_retry(es, now));
		if (es->leaving_count || es->rebuild || engine->run.pings ||
		    engine->run.deferred)
			deadline = now + 1000000;
		next = sooner(next, sooner(deadline, now + POLL_NS));
	}
	return next;
}

void engine_switch_finish(struct engine *engine)
{
	while (engine->switches) {
		engine_switch_abort(engine->switches);
		engine_switch_remove(engine->switches);
	}
	while (engine->going) {
		struct engine_switch *es = engine->going;

		engine->going = es->next;
		switch_free(es);
	}
}
