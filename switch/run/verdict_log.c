// SPDX-License-Identifier: Apache-2.0
/*
 * verdict_log.c: the ledger before and after a step, as one line of JSON.
 */
#include "verdict_log.h"

#include <string.h>

#include "control/reply.h"
#include "control/schema.h"
#include "control/store.h"
#include "walk.h"
#include "world.h"

#define LINE_FLAGS (JSON_COMPACT | JSON_PRESERVE_ORDER)
#define FIRST_NS   UINT64_C(1000000000)

static void put(struct verdict_log *log, json_t *line)
{
	if (log->stream) {
		json_dumpf(line, log->stream, LINE_FLAGS);
		fputc('\n', log->stream);
	}
	json_decref(line);
}

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *time_of(uint64_t time_ns)
{
	return number(time_ns - FIRST_NS);
}

static void append(json_t **list, json_t *item)
{
	if (!*list)
		*list = json_array();
	json_array_append_new(*list, item);
}

void verdict_log_sent(struct verdict_log *log, const char *port, uint32_t size,
		      bool is_injected)
{
	if (is_injected)
		append(&log->injected,
		       json_pack("{s:s,s:i}", "to", port, "size", (int)size));
	else
		append(&log->to, json_string(port));
}

/* "mine:not_ipv4", or a reason of the switch as it is. */
static void reason_name(const struct world *world, uint16_t reason, char *text,
			size_t size)
{
	struct vs_reason_entry entry = vs_switch_reason(world->sw, reason);

	for (uint16_t i = 0; i < world->stack_count; i++) {
		const struct vs_extension *ext =
			vs_attachment_extension(world->stack[i]);

		for (uint16_t k = 0; k < ext->reason_count; k++)
			if (ext->reasons[k].name == entry.name) {
				snprintf(text, size, "%s:%s", ext->name,
					 entry.name);
				return;
			}
	}
	snprintf(text, size, "%s", entry.name);
}

/* What was booked between two looks; empty objects stay away. */
static json_t *drops(const struct world *world,
		     const struct vs_ledger_row *before,
		     const struct vs_ledger_row *after)
{
	json_t *all = json_object();
	char name[160];

	for (uint16_t i = 0; i < VS_LEDGER_REASONS; i++) {
		if (after->dropped[i] == before->dropped[i])
			continue;
		reason_name(world, i, name, sizeof(name));
		json_object_set_new(
			all, name,
			number(after->dropped[i] - before->dropped[i]));
	}
	return all;
}

static json_t *consumers(const struct vs_ledger_row *before,
			 const struct vs_ledger_row *after)
{
	json_t *all = json_object();

	for (uint16_t i = 0; i < VS_CONSUMERS; i++)
		if (after->consumed[i] != before->consumed[i])
			json_object_set_new(
				all, vs_consumer_name((enum vs_consumer)i),
				number(after->consumed[i] -
				       before->consumed[i]));
	return all;
}

static void set_unless_empty(json_t *line, const char *name, json_t *value)
{
	if (value && (json_is_integer(value) ? json_integer_value(value) != 0
		      : json_is_array(value) ? json_array_size(value) != 0
					     : json_object_size(value) != 0))
		json_object_set(line, name, value);
	json_decref(value);
}

/* The frame's own fate first: it went on, else who has it, else why not. */
static const char *verdict(const struct verdict_log *log, const json_t *drops,
			   const json_t *consumed, int64_t held)
{
	if (log->to)
		return "pass";
	if (held > 0)
		return "hold";
	if (json_object_size(consumed))
		return "consume";
	return json_object_size(drops) ? "drop" : "none";
}

void verdict_log_step(struct verdict_log *log, const struct world *world,
		      const struct verdict_step *step,
		      const struct vs_ledger_row *before,
		      const struct vs_ledger_row *after)
{
	int64_t held = (int64_t)(after->held - before->held);
	json_t *line = json_pack("{s:o}", "time_ns", time_of(step->time_ns));
	json_t *dropped = drops(world, before, after);
	json_t *consumed = consumers(before, after);

	if (step->number)
		json_object_update_new(
			line,
			json_pack("{s:o,s:s,s:i,s:s}", "frame",
				  number(step->number), "port", step->port,
				  "size", (int)step->size, "verdict",
				  verdict(log, dropped, consumed, held)));
	set_unless_empty(line, "to", log->to);
	if (log->edited)
		json_object_set_new(line, "edited", json_true());
	set_unless_empty(line, "drops", dropped);
	set_unless_empty(line, "consumed", consumed);
	set_unless_empty(line, "held", json_integer(held));
	set_unless_empty(line, "injected", log->injected);
	log->to = log->injected = NULL;
	log->edited = false;
	if (json_object_size(line) > 1)
		put(log, line);
	else
		json_decref(line);
}

void verdict_log_event(struct verdict_log *log, uint64_t time_ns,
		       const char *source, const char *name, const char *text)
{
	put(log, json_pack("{s:o,s:s,s:s,s:s}", "time_ns", time_of(time_ns),
			   "event", name, "by", source, "text", text));
}

void verdict_log_sink(struct verdict_log *log, uint64_t time_ns, uint32_t sink,
		      uint64_t size)
{
	put(log, json_pack("{s:o,s:i,s:o}", "time_ns", time_of(time_ns), "sink",
			   (int)sink, "size", number(size)));
}

static json_t *counters(const struct world *world)
{
	json_t *all = json_object();

	for (uint16_t i = 0; i < world->stack_count; i++) {
		const struct vs_extension *ext =
			vs_attachment_extension(world->stack[i]);
		json_t *of = json_object();

		for (uint16_t k = 0; k < ext->counter_count; k++)
			json_object_set_new(of, ext->counters[k].name,
					    number(vs_attachment_counter(
						    world->stack[i], k)));
		json_object_set_new(all, ext->name, of);
	}
	return all;
}

static bool has_status(const struct vs_noun *noun)
{
	for (uint16_t i = 0; i < noun->field_count; i++)
		if (noun->fields[i].flags & VS_FIELD_STATUS)
			return true;
	return false;
}

static json_t *object_status(const struct vs_attachment *attachment,
			     const struct vs_object *object)
{
	const struct vs_extension *ext = vs_attachment_extension(attachment);
	const struct vs_noun *noun = object_noun(object)->noun;
	const struct vs_object *parent = object_parent(object);
	json_t *status = json_object();
	struct reply reply;

	reply_start(&reply, status);
	ext->status(vs_attachment_instance(attachment), noun,
		    parent ? object_key(parent) : NULL, object_key(object),
		    &reply.reply);
	return json_pack("{s:s,s:s,s:o}", "noun", noun->name, "key",
			 object_key(object), "status", status);
}

/* What the extensions measured, of each object of theirs. */
static json_t *objects(const struct world *world)
{
	json_t *all = json_array();

	for (uint16_t i = 0; i < world->stack_count; i++) {
		const struct vs_extension *ext =
			vs_attachment_extension(world->stack[i]);

		for (uint16_t k = 0; ext->status && k < ext->noun_count; k++) {
			const struct schema_noun *noun =
				schema_of(world->schema, &ext->nouns[k]);
			const struct vs_object *object = NULL;

			while (has_status(&ext->nouns[k]) &&
			       (object = store_next(world->store, noun, NULL,
						    object)))
				json_array_append_new(
					all,
					object_status(world->stack[i], object));
		}
	}
	return all;
}

void verdict_log_end(struct verdict_log *log, const struct world *world,
		     const struct vs_ledger_row *total)
{
	static const struct vs_ledger_row nothing;
	json_t *end = json_pack(
		"{s:o,s:o,s:o,s:o}", "received", number(total->received),
		"injected", number(total->injected), "replicas",
		number(total->replicas), "sent", number(total->sent));

	json_object_set_new(end, "consumed", consumers(&nothing, total));
	json_object_set_new(end, "dropped", drops(world, &nothing, total));
	json_object_set_new(end, "held", number(total->held));
	json_object_set_new(end, "balances",
			    json_boolean(walk_balances(world)));
	json_object_set_new(end, "rules_broken", json_boolean(world->accused));
	json_object_set_new(end, "counters", counters(world));
	set_unless_empty(end, "objects", objects(world));
	put(log, json_pack("{s:o}", "end", end));
}
