// SPDX-License-Identifier: Apache-2.0
/*
 * runner.c: runs one scenario script: switches in a text file, on fake wires
 * and a virtual clock, without root.
 *
 * Every frame that leaves must be expected and every drop named before the
 * next frame comes in, and at the end the ledger must balance and every
 * buffer be back: a script passes by saying all that happened, not a part.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/reason.h"
#include "tests/scenario/script.h"

void script_fail(const struct script *script, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "%s:%d: ", script->path, script->line);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, "\n");
	exit(1);
}

static const char *port_name(const struct script_host *host, uint16_t id)
{
	static char text[VS_PORT_NAME_SIZE + 20];
	const char *name = "a port that is gone";
	uint16_t i;

	for (i = 0; i < host->rig->port_count; i++)
		if (host->rig->plan[i].info.id.value == id)
			name = host->rig->plan[i].info.name;
	snprintf(text, sizeof(text), "%s%s%s", host->name,
		 host->name[0] ? ":" : "", name);
	return text;
}

/* What the built-in gateway advertises by itself, to everybody. */
static bool is_advert(const struct rig_frame *frame)
{
	static const uint8_t all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1};
	static const uint8_t gateway[3] = {0x02, 0x56, 0x53};

	const uint8_t *type = frame->bytes + 12;

	if (frame->size <= 58 || memcmp(frame->bytes, all_nodes, 6) != 0 ||
	    memcmp(frame->bytes + 6, gateway, 3) != 0)
		return false;
	if (vs_load16(type) == VS_TYPE_VLAN)
		type += 4;
	return vs_load16(type) == VS_TYPE_IPV6 && type[8] == VS_IP_ICMP6 &&
	       type[42] == VS_ND_ROUTER_ADVERT;
}

/* ARP, or neighbour discovery: between provider addresses, on an uplink. */
static bool is_discovery(const struct rig_frame *frame)
{
	const uint8_t *type = frame->bytes + 12;

	return vs_load16(type) == VS_TYPE_ARP ||
	       (frame->size > 58 && vs_load16(type) == VS_TYPE_IPV6 &&
		type[8] == VS_IP_ICMP6 && type[42] >= VS_ND_ROUTER_SOLICIT &&
		type[42] <= VS_ND_REDIRECT);
}

bool script_is_quiet(const struct script_host *host,
		     const struct rig_frame *frame)
{
	if (!host->script->loud_adverts && is_advert(frame))
		return true;
	return host->script->quiet_arp && is_discovery(frame) &&
	       host_is_uplink(host, frame->port);
}

/* Nobody stands in the provider's own network: group frames end there. */
bool script_is_quiet_drop(const struct script_host *host, uint16_t port,
			  uint16_t reason)
{
	return host->script->quiet_arp && reason == VS_REASON_NO_DESTINATION &&
	       host_is_uplink(host, (struct vs_port_id){port});
}

static void drops_claimed(struct script_host *host)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;
	uint16_t i;

	while (vs_ledger_next(vs_switch_ledger(host->rig->sw), &cursor, &row))
		for (i = 1; i < VS_LEDGER_REASONS; i++)
			if (row.dropped[i] &&
			    !script_is_quiet_drop(host, row.port.value, i) &&
			    rig_dropped_of(host->rig, row.port.value, i) !=
				    *script_claimed(host, row.port.value, i))
				script_fail(
					host->script,
					"nobody named a drop: %s of %s",
					vs_switch_reason_name(host->rig->sw, i),
					port_name(host, row.port.value));
}

static void host_settled(struct script_host *host)
{
	char text[SCRIPT_TEXT];
	uint32_t i;

	for (i = 0; i < host->rig->sent_count; i++) {
		const struct rig_frame *sent = &host->rig->sent[i];

		if (!host->taken[i] && !script_is_quiet(host, sent))
			script_fail(host->script,
				    "nobody expected a frame on %s: %s",
				    port_name(host, sent->port.value),
				    sight(sent->bytes, sent->size, text));
	}
	for (i = 0; i < VS_PORTS_MAXIMUM; i++)
		if (host->counted[i])
			script_fail(host->script,
				    "nobody expected %llu frames on %s",
				    (unsigned long long)host->counted[i],
				    port_name(host, (uint16_t)i));
	if (host->rig->lost)
		script_fail(host->script, "more frames left than are kept");
	drops_claimed(host);
}

void script_settled(struct script *script)
{
	uint16_t i;

	for (i = 0; i < script->host_count; i++)
		if (script->host[i]->rig)
			host_settled(script->host[i]);
}

static int split_words(char *line, char **words)
{
	int count = 0;
	char *save = NULL, *word = strtok_r(line, " \t\n", &save);

	for (; word && count < SCRIPT_WORDS;
	     word = strtok_r(NULL, " \t\n", &save))
		words[count++] = word;
	return count;
}

static void run_line(struct script *script, char *line)
{
	const struct statement *statement;
	char *words[SCRIPT_WORDS];
	char *comment = strchr(line, '#');
	int count;

	if (comment)
		*comment = 0;
	count = split_words(line, words);
	if (!count)
		return;
	statement = script_statement(words[0]);
	if (!statement)
		script_fail(script, "no statement %s", words[0]);
	if (count <= statement->least)
		script_fail(script, "%s lacks an argument", words[0]);
	statement->run(script, words, count);
}

static void host_finish(struct script_host *host)
{
	struct script *script = host->script;

	if (!host->rig || (!host->published && !host->policy))
		script_fail(script, "the script sends nothing");
	if (rig_balance(host->rig))
		script_fail(script, "the ledger %s is off by %lld", host->name,
			    (long long)rig_balance(host->rig));
	if (rig_buffers_used(host->rig) != rig_total(host->rig).held)
		script_fail(script, "%u buffers %s are missing",
			    rig_buffers_used(host->rig), host->name);
	/* nobody on the stack broke a rule of the boundary */
	for (uint32_t i = 0; i < host->rig->event_count && i < RIG_EVENTS; i++)
		if (!strcmp(host->rig->event[i].name, "rule_broken") ||
		    !strcmp(host->rig->event[i].name, "service_refused"))
			script_fail(script, "%s: %s",
				    host->rig->event[i].source,
				    host->rig->event[i].text);
	rig_close(host->rig);
	policy_free(host->policy);
	free(host);
}

static void finish(struct script *script)
{
	uint16_t i;

	if (!script->host_count)
		script_fail(script, "the script sends nothing");
	if (script->together)
		script_fail(script, "together without end");
	script_settled(script);
	for (i = 0; i < script->host_count; i++)
		host_finish(script->host[i]);
}

/* A line that ends in <<END takes what follows, up to a line END, along. */
static void read_here(struct script *script, char *line, FILE *file)
{
	char *mark = strstr(line, "<<END"), text[1024];
	size_t size = 0, more;

	free(script->here);
	script->here = NULL;
	if (!mark)
		return;
	*mark = 0;
	while (fgets(text, sizeof(text), file) && strcmp(text, "END\n") != 0) {
		more = strlen(text);
		script->here = realloc(script->here, size + more + 1);
		if (!script->here)
			abort();
		memcpy(script->here + size, text, more + 1);
		size += more;
		script->line++;
	}
	script->line++;
	if (!script->here)
		script_fail(script, "<<END with nothing before END");
}

int main(int argc, char **argv)
{
	static struct script script;
	char line[1024];
	FILE *file;

	script.threads = argc == 3 && strcmp(argv[1], "--threads") == 0;
	if (argc != (script.threads ? 3 : 2) ||
	    !(file = fopen(argv[argc - 1], "r"))) {
		fprintf(stderr, "usage: vs_scenario [--threads] SCRIPT\n");
		return 1;
	}
	script.path = argv[argc - 1];
	script.params = (struct vs_switch_params){.name = "scenario",
						  .workers = 1,
						  .seed = 7,
						  .small_buffers = 256,
						  .big_buffers = 4};
	while (fgets(line, sizeof(line), file)) {
		int first = ++script.line;

		read_here(&script, line, file);
		int last = script.line;

		script.line = first;
		run_line(&script, line);
		script.line = last;
	}
	fclose(file);
	finish(&script);
	free(script.here);
	return 0;
}
