// SPDX-License-Identifier: Apache-2.0
/*
 * statements.c: the statements of a scenario script. A new one is a function
 * and a line in the table at the end.
 *
 *   switch workers=2 macs=64 macs-per-vsid=8 macs-per-port=8
 *   host a                           what follows is about host a; made once
 *   port vm1 vsid=5001 [mac=05] [guard=off] [mtu=1500] [worker=1]
 *            [waits=yes] [device=no]          id and MAC count from 2 on
 *   port gw rdmap=100:5001,200:6001 …         a multi-tenant port
 *   port p vlan=100 · trunk=10-20,30 [native=10] · isolated=100:201 ·
 *          community=100:202 · promiscuous=100:201,202 · priority=on ·
 *          team=1 · loop=on · snooping=on
 *   uplink wire [worker=1] [mtu=] [address=192.0.2.1/24 (the kernel's)]
 *   set vm1 FIELD=VALUE…                      as port; from the next frame on
 *   remove vm1
 *   acl vm1 allow|deny in|out local|remote PREFIX|MAC|any …  (one rule each)
 *   extension NAME
 *   document <<END · document FILE            policy of all hosts, or
 *   document @b FILE                          of one; FILE beside the script
 *   merge [@b] <<END                          RFC 7386 into the document
 *   refused TEXT                              the next one is, with this text
 *   wire a:wire b:wire                        join two uplinks
 *   in vm1 FRAME · macs vm1 COUNT             COUNT frames, each a new source
 *   expect vm2 FRAME|any · expect none
 *   expect vm2 says WORD…                     these words, in this order
 *   expect vm2 lacks WORD…                    no frame that is left says so
 *   quiet arp                                 provider ARP may go unnamed, and
 *                                             group frames of it that end here
 *   loud adverts                              the gateway's own advertisements
 *                                             must be expected like any frame
 *   expect vm2 whole COUNT FRAME              COUNT pieces that make it
 *   drop REASON [PORT] [xN]
 *   advance 300s
 *   count [a:]received|injected|replicas|sent|held|learned|moved N
 *   count wired N                             over wires since `in`
 *   event [none] NAME [TEXT]                  a host told so, beginning so
 *   threads ok                                the script runs with --threads
 *   together N … end · expect vm2 xN          `in`s by all workers at once
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/scenario/script.h"

struct vs_port_plan *script_port(struct script *script, const char *word,
				 struct script_host **host)
{
	struct script_host *at = script_at(script, &word);
	struct rig *rig = at->rig;
	uint16_t i;

	if (host)
		*host = at;
	for (i = 0; i < rig->port_count; i++)
		if (strcmp(rig->plan[i].info.name, word) == 0)
			return &rig->plan[i];
	script_fail(script, "no port %s", word);
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

/* A kernel's address keeps its host bits, which no prefix has. */
static void add_address(struct script_host *host, struct vs_port_plan *plan,
			const char *value)
{
	struct vs_port_info *info = &plan->info;
	const char *slash = strchr(value, '/');
	struct vs_prefix *prefix = &info->addresses[info->address_count];
	char address[VS_IP_TEXT];

	if (info->address_count == VS_PORT_ADDRESSES || !slash ||
	    (size_t)(slash - value) >= sizeof(address))
		script_fail(host->script, "%s is no ADDRESS/LENGTH", value);
	memcpy(address, value, (size_t)(slash - value));
	address[slash - value] = 0;
	if (vs_ip_parse(address, &prefix->ip))
		script_fail(host->script, "%s is no address", address);
	prefix->length = (uint8_t)(strtoul(slash + 1, NULL, 10) +
				   (vs_ip_is_v4(&prefix->ip) ? 96 : 0));
	info->address_count++;
}

/* rdmap=VLAN:VSID,... */
static void set_map(struct vs_port_plan *plan, const char *value)
{
	char *end;

	plan->tagged = true;
	for (plan->vsid_count = 0; *value; value = *end ? end + 1 : end) {
		plan->tags[plan->vsid_count] =
			(uint16_t)strtoul(value, &end, 10);
		plan->vsids[plan->vsid_count++].value =
			(uint32_t)strtoul(end + 1, &end, 10);
	}
}

static void set_field(struct script_host *host, struct vs_port_plan *plan,
		      const char *field, const char *value)
{
	bool yes = strcmp(value, "yes") == 0 || strcmp(value, "on") == 0;
	uint32_t number = (uint32_t)strtoul(value, NULL, 0);

	if (strcmp(field, "vsid") == 0)
		plan->vsids[0].value = number;
	else if (strcmp(field, "rdmap") == 0)
		set_map(plan, value);
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
		plan->link = yes ? &host->rig->link[plan->info.id.value] : NULL;
	else if (strcmp(field, "address") == 0)
		add_address(host, plan, value);
	else if (strcmp(field, "up") == 0)
		plan->info.up = yes;
	else if (lane_field(plan, field, value))
		return;
	else
		script_fail(host->script, "a port has no %s=%s", field, value);
}

static void set_fields(struct script_host *host, struct vs_port_plan *plan,
		       char **words, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		char *value = value_of(host->script, words[i]);

		set_field(host, plan, words[i], value);
	}
	host->published = false;
}

static void run_port(struct script *script, char **words, int count)
{
	struct script_host *host = host_current(script);

	set_fields(host, rig_port(host->rig, words[1], host->next_port++, 0),
		   words + 2, count - 2);
}

static void run_uplink(struct script *script, char **words, int count)
{
	struct script_host *host = host_current(script);

	set_fields(host, rig_uplink(host->rig, words[1], host->next_port++),
		   words + 2, count - 2);
}

static void run_set(struct script *script, char **words, int count)
{
	struct script_host *host;
	struct vs_port_plan *plan = script_port(script, words[1], &host);

	set_fields(host, plan, words + 2, count - 2);
}

static void run_remove(struct script *script, char **words, int count)
{
	struct script_host *host;
	struct vs_port_plan *plan = script_port(script, words[1], &host);
	struct rig *rig = host->rig;

	(void)count;
	host->rules[plan->info.id.value].count = 0;
	rig->port_count--;
	memmove(plan, plan + 1,
		(size_t)(rig->plan + rig->port_count - plan) * sizeof(*plan));
	host->published = false;
}

static void run_acl(struct script *script, char **words, int count)
{
	struct script_host *host;
	struct vs_port_plan *plan = script_port(script, words[1], &host);
	struct script_rules *rules = &host->rules[plan->info.id.value];
	struct vs_acl_rule *rule = &rules->rule[rules->count++];

	(void)count;
	*rule = (struct vs_acl_rule){
		.allow = strcmp(words[2], "allow") == 0,
		.inbound = strcmp(words[3], "in") == 0,
		.outbound = strcmp(words[3], "out") == 0,
		.side = strcmp(words[4], "local") == 0 ? VS_ACL_LOCAL
						       : VS_ACL_REMOTE,
	};
	if (rules->count == SCRIPT_RULES)
		script_fail(script, "too many rules");
	if (strcmp(words[5], "any-mac") == 0) {
		rule->by_mac = true;
		rule->any_mac = true;
	} else if (frame_mac(words[5], &rule->mac) == 0) {
		rule->by_mac = true;
	} else if (vs_prefix_parse(words[5], &rule->prefix) < 0) {
		script_fail(script, "%s is no prefix and no MAC", words[5]);
	}
	host->published = false;
}

static void run_extension(struct script *script, char **words, int count)
{
	const struct vs_extension *ext = script_extension(words[1]);
	struct script_host *host = host_current(script);

	(void)count;
	if (!ext)
		script_fail(script, "no extension %s", words[1]);
	rig_attach(host->rig, ext);
	host->published = false;
}

void script_frame(const struct script *script, char **words, int count,
		  struct frame *frame)
{
	const char *why = "";

	if (frame_parse(words, count, frame, &why) < 0)
		script_fail(script, "bad frame: %s", why);
}

void script_begin(struct script *script)
{
	uint16_t i;

	script_settled(script);
	script->wired = 0;
	for (i = 0; i < script->host_count; i++) {
		struct script_host *host = script->host[i];

		host_publish(host);
		rig_forget(host->rig);
		host->carried = 0;
		memset(host->taken, 0, sizeof(host->taken));
	}
}

static void run_in(struct script *script, char **words, int count)
{
	struct script_host *host;
	struct vs_port_plan *plan = script_port(script, words[1], &host);
	uint16_t port = plan->info.id.value;
	struct frame frame;

	script_frame(script, words + 2, count - 2, &frame);
	if (script->together) {
		together_add(script, plan, host, &frame);
		return;
	}
	script_begin(script);
	rig_walk(host->rig, port, host_packet(host, port, &frame));
	hosts_settle(script);
}

static void run_macs(struct script *script, char **words, int count)
{
	struct script_host *host;
	uint16_t port = script_port(script, words[1], &host)->info.id.value;
	uint32_t number = (uint32_t)strtoul(words[2], NULL, 0), i;
	struct frame frame = {
		.size = 60, .aux = VS_ABSENT, .offload.csum_start = VS_ABSENT};

	(void)count;
	script_begin(script);
	host->rig->drop_sent = true;
	memset(frame.bytes, 0xff, 6);
	vs_store16(frame.bytes + 12, 0x88b5);
	for (i = 0; i < number; i++) {
		frame.bytes[6] = 0x06;
		vs_store32(frame.bytes + 8, i + 1);
		rig_walk(host->rig, port, host_packet(host, port, &frame));
	}
	host->rig->drop_sent = false;
}

/* The build makes a second test of it, with --threads. */
static void run_threads(struct script *script, char **words, int count)
{
	(void)count;
	if (strcmp(words[1], "ok") != 0)
		script_fail(script, "threads ok");
}

static void run_quiet(struct script *script, char **words, int count)
{
	(void)count;
	if (strcmp(words[1], "arp") != 0)
		script_fail(script, "quiet arp");
	script->quiet_arp = true;
}

static void run_loud(struct script *script, char **words, int count)
{
	(void)count;
	if (strcmp(words[1], "adverts") != 0)
		script_fail(script, "loud adverts");
	script->loud_adverts = true;
}

const struct statement *script_statement(const char *name)
{
	static const struct statement table[] = {
		{"switch", 1, run_switch},
		{"host", 1, run_host},
		{"port", 1, run_port},
		{"uplink", 1, run_uplink},
		{"set", 2, run_set},
		{"remove", 1, run_remove},
		{"acl", 5, run_acl},
		{"extension", 1, run_extension},
		{"document", 0, run_document},
		{"merge", 0, run_merge},
		{"refused", 1, run_refused},
		{"wire", 2, run_wire},
		{"in", 2, run_in},
		{"macs", 2, run_macs},
		{"expect", 1, run_expect},
		{"drop", 1, run_drop},
		{"advance", 1, run_advance},
		{"count", 2, run_count},
		{"threads", 1, run_threads},
		{"together", 1, run_together},
		{"end", 0, run_end},
		{"quiet", 1, run_quiet},
		{"loud", 1, run_loud},
		{"event", 1, run_event},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}
