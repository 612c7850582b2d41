/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_commit.c: what was prepared becomes true: the snapshot is published,
 * extensions and ports that came are told of each other, those that left go; or
 * it is as if it had never been. Nothing here can fail. Before this file:
 * engine_build.c; after it: engine_port.c, core/switch_publish.c.
 */
#include <string.h>

#include <vswitch/table.h>

#include "control/history.h"
#include "control/transaction.h"
#include "engine_switch.h"
#include "log.h"

/* -- commit -----------------------------------------------------------------
 */

/* Who joins late hears of the ports that are there. */
static void introduce_ports(const struct engine_switch *es,
			    struct vs_attachment *attachment)
{
	for (struct engine_port *port = es->ports; port; port = port->next) {
		if (!port->wanted || port->pending)
			continue;
		vs_attachment_port_event(attachment, VS_PORT_ADDED,
					 &port->info);
		if (port->state == PORT_ATTACHED)
			vs_attachment_port_event(attachment, VS_PORT_ATTACHED,
						 &port->info);
	}
}

static void commit_stack(struct engine_switch *es)
{
	for (uint16_t i = 0; i < es->stack_count; i++) {
		bool stays = false;

		for (uint16_t k = 0; k < es->prepared_count; k++)
			stays |= es->prepared_stack[k].attachment ==
				 es->stack[i].attachment;
		if (!stays)
			engine_switch_leave(es, es->stack[i].attachment);
	}
	es->stack_count = es->prepared_count;
	for (uint16_t i = 0; i < es->prepared_count; i++) {
		if (es->prepared_stack[i].pending)
			introduce_ports(es, es->prepared_stack[i].attachment);
		es->prepared_stack[i].pending = false;
		es->stack[i] = es->prepared_stack[i];
	}
}

/* What was learned on a port that leaves is nowhere now. */
static void forget_macs(struct engine_switch *es, struct vs_port_id port)
{
	struct vs_table *macs = vs_switch_macs(es->sw);
	uint64_t cursor = 0, now = loop_now_ns();
	struct vs_table_entry entry;
	struct vs_mac_value value;

	while (vs_table_next(macs, &cursor, now, &entry)) {
		memcpy(&value, entry.value, sizeof(value));
		if (vs_port_equal(value.port, port))
			vs_table_forget(macs, entry.key);
	}
}

static void commit_ports(struct engine_switch *es)
{
	struct engine_port **at = &es->ports;

	while (*at) {
		struct engine_port *port = *at;

		if (!port->wanted) {
			*at = port->next;
			engine_port_event(port, VS_PORT_REMOVED);
			forget_macs(es, port->info.id);
			engine_port_destroy(port);
			continue;
		}
		at = &port->next;
		if (port->pending)
			engine_port_event(port, VS_PORT_ADDED);
		port->pending = false;
		port->named = port->link != NULL;
	}
}

static void publish(struct engine_switch *es)
{
	es->pending = false;
	es->type = es->prepared_type;
	vs_switch_publish(es->sw, es->prepared);
	es->prepared = NULL;
	commit_stack(es);
	commit_ports(es);
	log_debug(LOG_CORE, "switch %s: published, %u extensions", es->name,
		  es->stack_count);
	pump_wake(es->engine->pump, UINT16_MAX);
}

static void attach_ports(struct engine_switch *es)
{
	for (struct engine_port *port = es->ports; port; port = port->next)
		engine_port_attach(port);
}

void engine_switch_commit(struct engine_switch *es)
{
	publish(es);
	attach_ports(es);
}

/* What changed, in the words that `vsctl log` has for it. */
void engine_commit_note(const struct engine *engine)
{
	const struct history *history = policy_history(engine->policy);
	const json_t *record;

	if (!engine->socket || !history->count) /* at start: the store says */
		return;
	record = history->entries[history->count - 1].record;
	log_info(LOG_CONTROL, "generation %llu: %s",
		 (unsigned long long)history_generation(record),
		 json_string_value(json_object_get(record, "summary")));
}

void engine_build_commit(struct engine *engine, const struct store *store)
{
	struct engine_switch *next;

	engine->store = store;
	for (struct engine_switch *es = engine->switches; es; es = next) {
		next = es->next;
		if (!es->wanted)
			engine_switch_remove(es);
		else if (es->prepared)
			publish(es);
	}
	/* now every name is known to be taken whose port went, on whatever
	 * switch it was */
	for (struct engine_switch *es = engine->switches; es; es = es->next)
		attach_ports(es);
}

/* -- abort ------------------------------------------------------------------
 */

void engine_switch_abort(struct engine_switch *es)
{
	struct engine_port **at = &es->ports;

	if (es->prepared)
		vs_snapshot_discard(es->prepared);
	es->prepared = NULL;
	while (*at) {
		struct engine_port *port = *at;

		if (port->pending) {
			*at = port->next;
			engine_port_destroy(port);
		} else {
			at = &port->next;
		}
	}
	for (uint16_t i = 0; i < es->prepared_count; i++)
		if (es->prepared_stack[i].pending)
			vs_switch_detach(es->sw,
					 es->prepared_stack[i].attachment);
	es->prepared_count = 0;
}

void engine_build_abort(struct engine *engine)
{
	struct engine_switch *next;

	for (struct engine_switch *es = engine->switches; es; es = next) {
		next = es->next;
		engine_switch_abort(es);
		if (es->pending)
			engine_switch_remove(es);
	}
}
