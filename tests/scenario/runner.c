// SPDX-License-Identifier: Apache-2.0
/*
 * runner.c: runs one scenario script: a switch in a text file, on fake wires
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

static const char *port_name(const struct script *script, uint16_t id)
{
	uint16_t i;

	for (i = 0; i < script->rig->port_count; i++)
		if (script->rig->plan[i].info.id.value == id)
			return script->rig->plan[i].info.name;
	return "a port that is gone";
}

static void drops_claimed(struct script *script)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;
	uint16_t i;

	while (vs_ledger_next(vs_switch_ledger(script->rig->sw), &cursor, &row))
		for (i = 1; i < VS_LEDGER_REASONS; i++)
			if (row.dropped[i] &&
			    rig_dropped_of(script->rig, row.port.value, i) !=
				    script->claimed[row.port.value][i])
				script_fail(script,
					    "nobody named a drop: %s of %s",
					    vs_switch_reason_name(
						    script->rig->sw, i),
					    port_name(script, row.port.value));
}

void script_settled(struct script *script)
{
	uint32_t i;

	if (!script->rig)
		return;
	for (i = 0; i < script->rig->sent_count; i++)
		if (!script->taken[i])
			script_fail(script, "nobody expected a frame on %s",
				    port_name(script,
					      script->rig->sent[i].port.value));
	drops_claimed(script);
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

static void finish(struct script *script)
{
	if (!script->rig || !script->published)
		script_fail(script, "the script sends nothing");
	script_settled(script);
	if (rig_balance(script->rig))
		script_fail(script, "the ledger is off by %lld",
			    (long long)rig_balance(script->rig));
	if (rig_buffers_used(script->rig) != rig_total(script->rig).held)
		script_fail(script, "%u buffers are missing",
			    rig_buffers_used(script->rig));
	rig_close(script->rig);
}

int main(int argc, char **argv)
{
	static struct script script;
	char line[1024];
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;

	if (!file) {
		fprintf(stderr, "usage: vs_scenario SCRIPT\n");
		return 1;
	}
	script.path = argv[1];
	script.next_port = 2;
	script.params = (struct vs_switch_params){.name = "scenario",
						  .workers = 1,
						  .seed = 7,
						  .small_buffers = 256,
						  .big_buffers = 4};
	while (fgets(line, sizeof(line), file)) {
		script.line++;
		run_line(&script, line);
	}
	fclose(file);
	finish(&script);
	return 0;
}
