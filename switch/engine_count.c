/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_count.c: `stats` and `drops`: the ledger, the links' lines beside it,
 * the extensions. Nothing is kept here: every number is the core's
 * or a link's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/worker.h"
#include "engine_methods.h"
#include "engine_switch.h"
#include "io/link.h"

void engine_reply_vsid(struct vs_reply *reply, struct vs_vsid vsid)
{
	char text[16];

	if (vsid.value == VS_LEDGER_NONE) {
		reply->ops->text(reply, "vsid", "none");
	} else if (vsid.value == VS_LEDGER_MORE) {
		reply->ops->text(reply, "vsid", "more");
	} else if (vs_vsid_is_vlan(vsid)) {
		snprintf(text, sizeof(text), "vlan %u", vs_vsid_vlan(vsid));
		reply->ops->text(reply, "vsid", text);
	} else {
		reply->ops->number(reply, "vsid", vsid.value);
	}
}

static void reply_dropped(struct vs_reply *reply,
			  const struct engine_switch *es,
			  const struct vs_ledger_row *row)
{
	uint64_t dropped = 0;

	for (uint16_t i = 0; i < VS_LEDGER_REASONS; i++)
		dropped += row->dropped[i];
	reply->ops->number(reply, "dropped", dropped);
	reply->ops->open_row(reply, "dropped_for");
	for (uint16_t i = 0; dropped && i < VS_LEDGER_REASONS; i++)
		if (row->dropped[i])
			reply->ops->number(reply,
					   vs_switch_reason_name(es->sw, i),
					   row->dropped[i]);
	reply->ops->close(reply);
}

static void ledger_row(struct vs_reply *reply, const struct engine_switch *es,
		       const struct vs_ledger_row *row)
{
	int64_t balance = vs_ledger_balance(row);

	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "switch", es->name);
	reply->ops->text(reply, "port", engine_port_name(es, row->port));
	engine_reply_vsid(reply, (struct vs_vsid){row->vsid});
	reply->ops->number(reply, "received", row->received);
	reply->ops->number(reply, "received_bytes", row->received_bytes);
	reply->ops->number(reply, "injected", row->injected);
	reply->ops->number(reply, "replicas", row->replicas);
	reply->ops->number(reply, "sent", row->sent);
	reply->ops->number(reply, "sent_bytes", row->sent_bytes);
	reply->ops->open_row(reply, "consumed");
	for (uint16_t i = 0; i < VS_CONSUMERS; i++)
		if (row->consumed[i])
			reply->ops->number(
				reply, vs_consumer_name((enum vs_consumer)i),
				row->consumed[i]);
	reply->ops->close(reply);
	reply_dropped(reply, es, row);
	reply->ops->number(reply, "held", row->held);
	/* while frames walk a copy may be seen on one side only */
	reply->ops->number(reply, "balance",
			   (uint64_t)(balance < 0 ? -balance : balance));
	reply->ops->close(reply);
}

static void link_row(struct vs_reply *reply, const struct engine_port *port)
{
	struct link_counts counts;

	if (!engine_port_counts(port, &counts))
		return;
	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "switch", port->owner->name);
	reply->ops->text(reply, "port", port->intent.name);
	reply->ops->number(reply, "sent", counts.sent);
	reply->ops->number(reply, "written", counts.written);
	reply->ops->open_row(reply, "dropped");
	for (uint16_t i = 0; i < LINK_LOSSES; i++)
		if (counts.lost[i])
			reply->ops->number(reply,
					   link_loss_name((enum link_loss)i),
					   counts.lost[i]);
	reply->ops->close(reply);
	reply->ops->number(reply, "sent_bytes", counts.bytes);
	reply->ops->number(reply, "wire_frames", counts.wire_frames);
	reply->ops->number(reply, "segments", counts.segments);
	reply->ops->number(reply, "merged", counts.merged);
	reply->ops->number(reply, "received", counts.received);
	reply->ops->number(reply, "received_bytes", counts.received_bytes);
	reply->ops->number(reply, "fast", counts.fast);
	reply->ops->number(reply, "fast_refused", counts.fast_refused);
	reply->ops->number(reply, "kernel_drops",
			   counts.kernel_drops +
				   watch_dropped(port->owner->engine->watch,
						 port->intent.netns,
						 port->intent.device));
	reply->ops->number(reply, "truncated", counts.truncated);
	reply->ops->close(reply);
}

static bool matches(const struct vs_value *name, const char *text)
{
	return !name->present || !strcmp(name->text, text);
}

static void reply_ledger(struct vs_reply *reply, struct engine *engine,
			 const struct vs_value *port, struct vs_ledger_row *row)
{
	reply->ops->open_list(reply, "ledger");
	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		uint32_t cursor = 0;

		while (vs_ledger_next(vs_switch_ledger(es->sw), &cursor, row))
			if (matches(port, engine_port_name(es, row->port)) &&
			    (row->received || row->injected))
				ledger_row(reply, es, row);
	}
	reply->ops->close(reply);
}

static void reply_links(struct vs_reply *reply, struct engine *engine,
			const struct vs_value *port)
{
	reply->ops->open_list(reply, "links");
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (matches(port, p->intent.name))
				link_row(reply, p);
	reply->ops->close(reply);
}

/* What this worker was short of, in all switches. */
static void reply_short(struct vs_reply *reply, struct engine *engine,
			uint16_t worker)
{
	struct vs_worker_stats sum = {0}, one;

	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		vs_worker_stats(vs_switch_worker(es->sw, worker), &one);
		sum.mailbox_full += one.mailbox_full;
		sum.no_buffer += one.no_buffer;
	}
	reply->ops->number(reply, "no_buffer", sum.no_buffer);
	reply->ops->number(reply, "mailbox_full", sum.mailbox_full);
}

/* The main thread walks nothing, but has a mailbox as well. */
static void reply_main(struct vs_reply *reply, struct engine *engine)
{
	uint64_t full = 0;

	for (struct engine_switch *es = engine->switches; es; es = es->next)
		full += vs_switch_mailbox_full(es->sw);
	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "worker", "main");
	reply->ops->number(reply, "mailbox_full", full);
	reply->ops->close(reply);
}

static void reply_workers(struct vs_reply *reply, struct engine *engine)
{
	struct pump_stats stats;

	reply->ops->open_list(reply, "workers");
	for (uint16_t i = 0; i < engine->config.workers; i++) {
		pump_stats(engine->pump, i, &stats);
		reply->ops->open_row(reply, NULL);
		reply->ops->number(reply, "worker", i);
		reply->ops->number(reply, "rounds", stats.rounds);
		reply->ops->number(reply, "sleeps", stats.sleeps);
		reply->ops->number(reply, "bursts", stats.bursts);
		reply->ops->number(reply, "frames", stats.frames);
		reply->ops->number(reply, "no_link", stats.no_link);
		reply->ops->number(reply, "starved", stats.starved);
		reply_short(reply, engine, i);
		reply->ops->close(reply);
	}
	reply_main(reply, engine);
	reply->ops->close(reply);
}

static void reply_extensions(struct vs_reply *reply, struct engine *engine,
			     struct vs_ledger_row *row)
{
	reply->ops->open_list(reply, "extensions");
	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		*row = vs_ledger_total(vs_switch_ledger(es->sw));
		engine_reply_members(reply, es, row);
	}
	reply->ops->close(reply);
}

/* A port of now, or a name that the ledger knows besides. */
static bool port_is_known(struct engine *engine, const struct vs_value *port,
			  struct vs_error *error)
{
	return !port->present || strcmp(port->text, "external") == 0 ||
	       strcmp(port->text, "switch") == 0 ||
	       strcmp(port->text, "gone") == 0 ||
	       engine_find_port(engine, port->text, error);
}

/*
 * What the kernel lost before us it must be asked for; its answers are there
 * when the loop has run for a moment. So the answer to the client waits, too.
 */
#define KERNEL_NS 5000000ull

struct engine_pending {
	struct loop_timer timer;
	struct engine_pending *next;
	struct engine *engine;
	struct request_call *call;
};

static void answer_stats(struct engine *engine, struct request_call *call)
{
	const struct vs_value *port = request_value(call, 0);
	struct vs_ledger_row *row = engine_new_row(call);
	struct vs_reply *reply;

	if (!row)
		return;
	reply = request_reply(call);
	reply_ledger(reply, engine, port, row);
	reply_links(reply, engine, port);
	if (!port->present) {
		reply_workers(reply, engine);
		reply_extensions(reply, engine, row);
	}
	free(row);
	request_finish(call);
}

static void pending_end(struct engine_pending *pending)
{
	struct engine_pending **at = &pending->engine->pending;

	while (*at != pending)
		at = &(*at)->next;
	*at = pending->next;
	loop_timer_remove(&pending->timer);
	answer_stats(pending->engine, pending->call);
	free(pending);
}

static void pending_expired(struct loop_timer *timer)
{
	pending_end((struct engine_pending *)timer);
}

void engine_stats_flush(struct engine *engine)
{
	while (engine->pending)
		pending_end(engine->pending);
}

void engine_stats(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct vs_error error = {0};
	struct engine_pending *pending;

	if (!port_is_known(engine, request_value(call, 0), &error)) {
		request_refuse(call, &error);
		return;
	}
	pending = calloc(1, sizeof(*pending));
	if (!pending) {
		answer_stats(engine, call);
		return;
	}
	pending->timer.expired = pending_expired;
	pending->engine = engine;
	pending->call = call;
	pending->next = engine->pending;
	engine->pending = pending;
	watch_refresh(engine->watch);
	if (loop_timer_set(engine->loop, &pending->timer, KERNEL_NS))
		pending_end(pending);
}

/* -- drops
 * --------------------------------------------------------------------- */

static void drop_row(struct vs_reply *reply, const struct engine_switch *es,
		     const struct vs_ledger_row *row, uint16_t global)
{
	struct vs_reason_entry reason = vs_switch_reason(es->sw, global);

	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "switch", es->name);
	reply->ops->text(reply, "port", engine_port_name(es, row->port));
	engine_reply_vsid(reply, (struct vs_vsid){row->vsid});
	reply->ops->text(reply, "reason", reason.name);
	reply->ops->number(reply, "number", reason.number);
	reply->ops->number(reply, "count", row->dropped[global]);
	reply->ops->text(reply, "help", reason.help);
	reply->ops->close(reply);
}

static void drops_at_link(struct vs_reply *reply,
			  const struct engine_port *port,
			  const struct vs_value *only)
{
	struct link_counts counts;

	engine_port_counts(port, &counts);
	for (uint16_t i = 0; i < LINK_LOSSES; i++) {
		const char *name = link_loss_name((enum link_loss)i);

		if (!counts.lost[i] || !matches(only, name))
			continue;
		reply->ops->open_row(reply, NULL);
		reply->ops->text(reply, "switch", port->owner->name);
		reply->ops->text(reply, "port", port->intent.name);
		reply->ops->text(reply, "vsid", "link");
		reply->ops->text(reply, "reason", name);
		reply->ops->number(reply, "count", counts.lost[i]);
		reply->ops->text(reply, "help",
				 "lost at the device, behind the switch");
		reply->ops->close(reply);
	}
}

/* An extension's name before it, if it has one, is judged once for all. */
static bool matches_reason(const struct vs_value *only, const char *name)
{
	const char *colon = only->present ? strchr(only->text, ':') : NULL;

	return colon ? strcmp(colon + 1, name) == 0 : matches(only, name);
}

static void drops_of_switch(struct vs_reply *reply, struct engine_switch *es,
			    struct request_call *call,
			    struct vs_ledger_row *row)
{
	const struct vs_value *port = request_value(call, 0);
	const struct vs_value *vsid = request_value(call, 1);
	const struct vs_value *reason = request_value(call, 2);
	uint32_t cursor = 0;

	while (vs_ledger_next(vs_switch_ledger(es->sw), &cursor, row)) {
		if (!matches(port, engine_port_name(es, row->port)) ||
		    (vsid->present && vsid->number != row->vsid))
			continue;
		for (uint16_t i = 0; i < VS_LEDGER_REASONS; i++)
			if (row->dropped[i] &&
			    matches_reason(reason,
					   vs_switch_reason_name(es->sw, i)))
				drop_row(reply, es, row, i);
	}
	for (struct engine_port *p = es->ports; p; p = p->next)
		if (!vsid->present && matches(port, p->intent.name))
			drops_at_link(reply, p, reason);
}

/* "NAME", or "EXTENSION:NAME" as vswitch-ext-run writes it; true for the
 * extension if the text names none. */
static bool of_extension(const char *text, const char *name)
{
	const char *colon = strchr(text, ':');
	size_t size = colon ? (size_t)(colon - text) : 0;

	return !colon || (strlen(name) == size && !strncmp(text, name, size));
}

/* So that a slip of the pen is not taken for "no drops". */
static bool reason_is_known(const struct engine *engine,
			    const struct vs_value *reason,
			    struct vs_error *error)
{
	const struct engine_library *library = &engine->library;
	uint16_t i, k;

	if (!reason->present)
		return true;
	for (i = 0; i < VS_CORE_REASONS; i++)
		if (strcmp(vs_core_reason(i)->name, reason->text) == 0)
			return true;
	for (i = 0; i < LINK_LOSSES; i++)
		if (strcmp(link_loss_name((enum link_loss)i), reason->text) ==
		    0)
			return true;
	for (i = 0; i < library->count; i++)
		for (k = 0; k < library->extensions[i]->reason_count; k++)
			if (matches_reason(
				    reason,
				    library->extensions[i]->reasons[k].name) &&
			    of_extension(reason->text,
					 library->extensions[i]->name))
				return true;
	vs_error_set(error, ENOENT, "reason",
		     "no reason is called %s: vswitch-drops(7) lists all",
		     reason->text);
	return false;
}

void engine_drops(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct vs_error error = {0};
	struct vs_ledger_row *row;
	struct vs_reply *reply;

	if (!port_is_known(engine, request_value(call, 0), &error) ||
	    !reason_is_known(engine, request_value(call, 2), &error)) {
		request_refuse(call, &error);
		return;
	}
	row = engine_new_row(call);
	if (!row)
		return;
	reply = request_reply(call);
	reply->ops->open_list(reply, "drops");
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		drops_of_switch(reply, es, call, row);
	reply->ops->close(reply);
	free(row);
	request_finish(call);
}

/* -- reasons: every name that a drop can have
 * ------------------------------------ */

static void reason_row(struct vs_reply *reply, const char *extension,
		       const struct vs_reason_entry *reason)
{
	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "extension", extension);
	reply->ops->number(reply, "number", reason->number);
	reply->ops->text(reply, "name", reason->name);
	reply->ops->text(reply, "help", reason->help);
	reply->ops->close(reply);
}

void engine_reasons(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	struct vs_reply *reply = request_reply(call);

	reply->ops->open_list(reply, "reasons");
	for (uint16_t i = 1; i < VS_CORE_REASONS; i++)
		reason_row(reply, "core",
			   &(struct vs_reason_entry){i, vs_core_reason(i)->name,
						     vs_core_reason(i)->help});
	for (uint16_t i = 0; i < engine->library.count; i++) {
		const struct vs_extension *ext = engine->library.extensions[i];

		for (uint16_t k = 0; k < ext->reason_count; k++)
			reason_row(reply, ext->name, &ext->reasons[k]);
	}
	reply->ops->close(reply);
	request_finish(call);
}
