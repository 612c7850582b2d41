/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h: what may stand anywhere on the line, and the words that are left.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>

#include "complaint.h"

#define OPTIONS_TIMEOUT_MS 10000

struct words {
	int count;
	const char *const *at;
};

struct options {
	bool json;
	bool dry_run;
	bool all;   /* del: several objects are meant */
	bool force; /* what is in use may go */
	bool help;
	bool version;
	int timeout_ms;	  /* of one answer; -1 = wait for ever */
	char socket[108]; /* fits sockaddr_un */
};

/*
 * Takes the options out of the arguments; `left` (the caller's, one entry more
 * than there are arguments) receives the other words and a NULL behind them.
 * `rundir` is the default run directory.
 */
enum vs_exit options_parse(const struct words *arguments, const char *rundir,
			   struct options *options, const char **left,
			   struct complaint *complaint);

/* The words behind the first n. */
struct words words_after(const struct words *words, int n);

/* options_ahead - how many words of the line's begin are options. */
int options_ahead(const struct words *arguments);

#endif
