/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h: a running scenario: the rig, the names of its ports, and what of
 * its output no statement has claimed yet.
 */
#ifndef TESTS_SCENARIO_SCRIPT_H
#define TESTS_SCENARIO_SCRIPT_H

#include "tests/support/rig.h"

#define SCRIPT_WORDS 48

struct script {
	const char *path;
	int line;
	struct rig *rig; /* made by the first statement that needs it */
	struct vs_switch_params params;
	bool published;
	uint16_t next_port;
	uint64_t claimed[VS_PORTS_MAXIMUM][VS_LEDGER_REASONS];
	bool taken[RIG_FRAMES];
};

/* One statement of the language: `words[0]` is its name. */
struct statement {
	const char *name;
	int least; /* arguments */
	void (*run)(struct script *script, char **words, int count);
};

const struct statement *script_statement(const char *name);
/* script_fail - say where and why, and end the program with 1. */
void script_fail(const struct script *script, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
/* script_settled - every frame and every drop has been claimed. */
void script_settled(struct script *script);
/* The extensions that a script may name. */
const struct vs_extension *script_extension(const char *name);

#endif
