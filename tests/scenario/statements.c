// SPDX-License-Identifier: Apache-2.0
/*
 * statements.c: the statements of a scenario script. A new one is a function
 * and a line in the table at the end.
 *
 *   switch workers=2 macs=64 macs-per-vsid=8 macs-per-port=8
 *   port vm1 vsid=5001 [mac=05] [guard=off] [mtu=1500] [worker=1]
 *            [waits=yes] [device=no]          id and MAC count from 2 on
 *   uplink wire [worker=1]
 *   set vm1 FIELD=VALUE…                      as port; from the next frame on
 *   remove vm1
 *   acl vm1 allow|deny in|out local|remote PREFIX|MAC|any …  (one rule each)
 *   extension NAME
 *   in vm1 FRAME · macs vm1 COUNT             COUNT frames, each a new source
 *   expect vm2 FRAME|any · expect none
 *   drop REASON [PORT] [xN]
 *   advance 300s
 *   count received|injected|replicas|sent|held|learned|moved N
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "tests/scenario/frame.h"
#include "tests/scenario/script.h"

#define ACL_RULES 16

/* Rules of a port, kept by the script because each publish takes an ACL. */
static struct {
	struct vs_acl_rule rule[ACL_RULES];
	uint16_t count;
} rules[RIG_PORTS];

static struct rig *script_rig(struct script *script)
{
	if (!script->rig)
		script->rig = rig_open(&script->params);
	return script->rig;
}

static struct vs_port_plan *find_port(struct script *script, const char *name)
{
	struct rig *rig = script_rig(script);
	uint16_t i;

	for (i = 0; i < rig->port_count; i++)
		if (strcmp(rig->plan[i].info.name, name) == 0)
			return &rig->plan[i];
	script_fail(script, "no port %s", name);
}

/* "name=value" cut in two; the value. */
static char *value_of(const struct script *script, char *word)
{
	char *mark = strchr(word, '=');

	if (!mark)
		script_fail(script, "%s: FIELD=VALUE is wanted", word);
	*mark = 0;
	return mark + 1;
}

static void run_switch(struct script *script, char **words, int count)
{
	int i;

	for (i = 1; i < count; i++) {
		char *value = value_of(script, words[i]);
		uint32_t number = (uint32_t)strtoul(value, NULL, 0);

		if (strcmp(words[i], "workers") == 0)
			script->params.workers = (uint16_t)number;
		else if (strcmp(words[i], "macs") == 0)
			script->params.macs = number;
		else if (strcmp(words[i], "macs-per-vsid") == 0)
			script->params.macs_per_vsid = number;
		else if (strcmp(words[i], "macs-per-port") == 0)
			script->params.macs_per_port = number;
		else
			script_fail(script, "switch has no %s", words[i]);
	}
}

static void set_field(struct script *script, struct vs_port_plan *plan,
		      const char *field, const char *value)
{
	bool yes = strcmp(value, "yes") == 0 || strcmp(value, "on") == 0;
	uint32_t number = (uint32_t)strtoul(value, NULL, 0);

	if (strcmp(field, "vsid") == 0)
		plan->vsids[0].value = number;
	else if (strcmp(field, "mac") == 0 && frame_mac(value, &plan->mac) == 0)
		return;
	else if (strcmp(field, "guard") == 0)
		plan->mac_guard = yes;
	else if (strcmp(field, "mtu") == 0)
		plan->info.mtu = (uint16_t)number;
	else if (strcmp(field, "worker") == 0)
		plan->worker = (uint16_t)number;
	else if (strcmp(field, "waits") == 0)
		plan->waits = yes;
	else if (strcmp(field, "device") == 0)
		plan->link =
			yes ? &script->rig->link[plan->info.id.value] : NULL;
	else if (strcmp(field, "up") == 0)
		plan->info.up = yes;
	else
		script_fail(script, "a port has no %s=%s", field, value);
}

static void set_fields(struct script *script, struct vs_port_plan *plan,
		       char **words, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		char *value = value_of(script, words[i]);

		set_field(script, plan, words[i], value);
	}
	script->published = false;
}

static void run_port(struct script *script, char **words, int count)
{
	set_fields(
		script,
		rig_port(script_rig(script), words[1], script->next_port++, 0),
		words + 2, count - 2);
}

static void run_uplink(struct script *script, char **words, int count)
{
	set_fields(
		script,
		rig_uplink(script_rig(script), words[1], script->next_port++),
		words + 2, count - 2);
}

static void run_set(struct script *script, char **words, int count)
{
	set_fields(script, find_port(script, words[1]), words + 2, count - 2);
}

static void run_remove(struct script *script, char **words, int count)
{
	struct vs_port_plan *plan = find_port(script, words[1]);
	struct rig *rig = script->rig;
	size_t at = (size_t)(plan - rig->plan);

	(void)count;
	rig->port_count--;
	memmove(plan, plan + 1, (rig->port_count - at) * sizeof(*plan));
	memmove(&rules[at], &rules[at + 1],
		(rig->port_count - at) * sizeof(rules[0]));
	script->published = false;
}

static void run_acl(struct script *script, char **words, int count)
{
	struct vs_port_plan *plan = find_port(script, words[1]);
	size_t at = (size_t)(plan - script->rig->plan);
	struct vs_acl_rule *rule = &rules[at].rule[rules[at].count++];

	(void)count;
	*rule = (struct vs_acl_rule){
		.allow = strcmp(words[2], "allow") == 0,
		.inbound = strcmp(words[3], "in") == 0,
		.outbound = strcmp(words[3], "out") == 0,
		.side = strcmp(words[4], "local") == 0 ? VS_ACL_LOCAL
						       : VS_ACL_REMOTE,
	};
	if (rules[at].count == ACL_RULES)
		script_fail(script, "too many rules");
	if (strcmp(words[5], "any-mac") == 0) {
		rule->by_mac = true;
		rule->any_mac = true;
	} else if (frame_mac(words[5], &rule->mac) == 0) {
		rule->by_mac = true;
	} else if (vs_prefix_parse(words[5], &rule->prefix) < 0) {
		script_fail(script, "%s is no prefix and no MAC", words[5]);
	}
	script->published = false;
}

static void run_extension(struct script *script, char **words, int count)
{
	const struct vs_extension *ext = script_extension(words[1]);

	(void)count;
	if (!ext)
		script_fail(script, "no extension %s", words[1]);
	rig_attach(script_rig(script), ext);
	script->published = false;
}

static void publish(struct script *script)
{
	struct rig *rig = script_rig(script);
	uint16_t i;

	if (script->published)
		return;
	for (i = 0; i < rig->port_count; i++)
		if (rules[i].count)
			rig->plan[i].acl =
				vs_acl_build(rules[i].rule, rules[i].count,
					     script->params.workers);
	rig_publish(rig);
	script->published = true;
}

static void read_frame(struct script *script, char **words, int count,
		       struct frame *frame)
{
	const char *why = "";

	if (frame_parse(words, count, frame, &why) < 0)
		script_fail(script, "bad frame: %s", why);
}

static void walk(struct script *script, uint16_t port,
		 const struct frame *frame)
{
	struct vs_packet *packet =
		rig_packet(script->rig, port, frame->bytes, frame->size);

	packet->view.offload = frame->offload;
	if (frame->aux != VS_ABSENT) {
		packet->view.vlan = frame->aux;
		packet->view.tags = 1;
	}
	rig_walk(script->rig, port, packet);
}

static void forget(struct script *script)
{
	rig_forget(script->rig);
	memset(script->taken, 0, sizeof(script->taken));
}

static void run_in(struct script *script, char **words, int count)
{
	struct vs_port_plan *plan = find_port(script, words[1]);
	struct frame frame;

	script_settled(script);
	read_frame(script, words + 2, count - 2, &frame);
	publish(script);
	forget(script);
	walk(script, plan->info.id.value, &frame);
}

static void run_macs(struct script *script, char **words, int count)
{
	struct vs_port_plan *plan = find_port(script, words[1]);
	uint32_t number = (uint32_t)strtoul(words[2], NULL, 0), i;
	struct frame frame = {
		.size = 60, .aux = VS_ABSENT, .offload.csum_start = VS_ABSENT};

	(void)count;
	script_settled(script);
	publish(script);
	forget(script);
	script->rig->drop_sent = true;
	memset(frame.bytes, 0xff, 6);
	vs_store16(frame.bytes + 12, 0x88b5);
	for (i = 0; i < number; i++) {
		frame.bytes[6] = 0x06;
		vs_store32(frame.bytes + 8, i + 1);
		walk(script, plan->info.id.value, &frame);
	}
	script->rig->drop_sent = false;
}

static void run_expect(struct script *script, char **words, int count)
{
	struct vs_port_id port;
	struct frame frame;
	bool any = count == 3 && strcmp(words[2], "any") == 0;
	uint32_t i;

	if (count == 2 && strcmp(words[1], "none") == 0) {
		for (i = 0; i < script->rig->sent_count; i++)
			if (!script->taken[i])
				script_fail(script, "a frame left after all");
		return;
	}
	port = find_port(script, words[1])->info.id;
	if (!any)
		read_frame(script, words + 2, count - 2, &frame);
	for (i = 0; i < script->rig->sent_count; i++) {
		const struct rig_frame *sent = &script->rig->sent[i];

		if (script->taken[i] || !vs_port_equal(sent->port, port))
			continue;
		script->taken[i] = true;
		if (any || (sent->size == frame.size &&
			    memcmp(sent->bytes, frame.bytes, frame.size) == 0))
			return;
		script_fail(script, "another frame left on %s (%u bytes)",
			    words[1], sent->size);
	}
	script_fail(script, "no frame left on %s", words[1]);
}

static uint16_t find_reason(struct script *script, const char *name)
{
	uint16_t i;

	for (i = 1; i < VS_LEDGER_REASONS; i++)
		if (strcmp(vs_switch_reason_name(script->rig->sw, i), name) ==
		    0)
			return i;
	script_fail(script, "no reason %s", name);
}

static void run_drop(struct script *script, char **words, int count)
{
	uint16_t reason = find_reason(script, words[1]), port;
	uint64_t wanted = 1, found = 0;
	bool one_port = count > 2 && words[2][0] != 'x';
	uint16_t only =
		one_port ? find_port(script, words[2])->info.id.value : 0;

	if (words[count - 1][0] == 'x' && count > 2)
		wanted = strtoul(words[count - 1] + 1, NULL, 0);
	for (port = 0; port < VS_PORTS_MAXIMUM; port++) {
		uint64_t *claimed = &script->claimed[port][reason];
		uint64_t now;

		if (one_port && port != only)
			continue;
		now = rig_dropped_of(script->rig, port, reason);
		found += now - *claimed;
		*claimed = now;
	}
	if (found != wanted)
		script_fail(script, "%llu dropped %s, not %llu",
			    (unsigned long long)found, words[1],
			    (unsigned long long)wanted);
}

static void run_advance(struct script *script, char **words, int count)
{
	char *unit;
	uint64_t number = strtoull(words[1], &unit, 10);

	(void)count;
	number *= strcmp(unit, "ms") == 0 ? 1000000u : 1000000000u;
	publish(script);
	rig_advance(script->rig, number);
}

static void run_count(struct script *script, char **words, int count)
{
	struct vs_ledger_row total = rig_total(script->rig);
	uint64_t wanted = strtoull(words[2], NULL, 0), found;
	struct vs_table_stats stats;

	(void)count;
	vs_table_stats(vs_switch_macs(script->rig->sw), &stats);
	if (strcmp(words[1], "received") == 0)
		found = total.received;
	else if (strcmp(words[1], "injected") == 0)
		found = total.injected;
	else if (strcmp(words[1], "replicas") == 0)
		found = total.replicas;
	else if (strcmp(words[1], "sent") == 0)
		found = total.sent;
	else if (strcmp(words[1], "held") == 0)
		found = total.held;
	else if (strcmp(words[1], "learned") == 0)
		found = stats.entries;
	else if (strcmp(words[1], "moved") == 0)
		found = stats.moved;
	else
		script_fail(script, "nothing counts %s", words[1]);
	if (found != wanted)
		script_fail(script, "%s is %llu, not %llu", words[1],
			    (unsigned long long)found,
			    (unsigned long long)wanted);
}

const struct statement *script_statement(const char *name)
{
	static const struct statement table[] = {
		{"switch", 1, run_switch},	 {"port", 1, run_port},
		{"uplink", 1, run_uplink},	 {"set", 2, run_set},
		{"remove", 1, run_remove},	 {"acl", 5, run_acl},
		{"extension", 1, run_extension}, {"in", 2, run_in},
		{"macs", 2, run_macs},		 {"expect", 1, run_expect},
		{"drop", 1, run_drop},		 {"advance", 1, run_advance},
		{"count", 2, run_count},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}
