// SPDX-License-Identifier: Apache-2.0
/*
 * options.c: the global options. They may stand before or behind the noun;
 * "--" ends them. The words that are left go to verbs.c.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
	const struct words *arguments;
	int at;
};

static enum vs_exit set_socket(struct options *options, const char *path,
			       struct complaint *complaint)
{
	int size =
		snprintf(options->socket, sizeof(options->socket), "%s", path);

	if (size < 0 || (size_t)size >= sizeof(options->socket))
		return complain(complaint, VS_EXIT_USAGE,
				"socket path %s is too long; at most %zu bytes",
				path, sizeof(options->socket) - 1);
	return VS_EXIT_OK;
}

static enum vs_exit set_rundir(struct options *options, const char *directory,
			       struct complaint *complaint)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", directory, VS_RPC_SOCKET);
	return set_socket(options, path, complaint);
}

static enum vs_exit set_timeout(struct options *options, const char *text,
				struct complaint *complaint)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0 && seconds <= 86400))
		return complain(complaint, VS_EXIT_USAGE,
				"-t %s: seconds from 0 (wait for ever) to "
				"86400",
				text);
	options->timeout_ms = seconds > 0 ? (int)(seconds * 1000 + 0.5) : -1;
	return VS_EXIT_OK;
}

/* The switches: options without a value. */
static bool *flag_of(struct options *options, const char *word)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
		{"--json", &options->json},	  {"-j", &options->json},
		{"--dry-run", &options->dry_run}, {"-n", &options->dry_run},
		{"--all", &options->all},	  {"--force", &options->force},
		{"--help", &options->help},	  {"-h", &options->help},
		{"--version", &options->version}, {"-V", &options->version},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(word, flags[i].word) == 0)
			return flags[i].flag;
	return NULL;
}

/* NAME VALUE or NAME=VALUE; NULL when the word is another. */
static const char *value_of(struct cursor *cursor, const char *word,
			    const char *name, bool *missing)
{
	size_t size = strlen(name);

	*missing = false;
	if (strncmp(word, name, size) != 0)
		return NULL;
	if (word[size] == '=')
		return word + size + 1;
	if (word[size])
		return NULL;
	if (cursor->at + 1 >= cursor->arguments->count) {
		*missing = true;
		return NULL;
	}
	return cursor->arguments->at[++cursor->at];
}

/* The options with a value. */
static const struct {
	const char *name;
	enum vs_exit (*set)(struct options *, const char *, struct complaint *);
} valued[] = {
	{"-t", set_timeout},	  {"--timeout", set_timeout},
	{"-s", set_socket},	  {"--socket", set_socket},
	{"--rundir", set_rundir},
};

static enum vs_exit take(struct options *options, struct cursor *cursor,
			 struct complaint *complaint)
{
	const char *word = cursor->arguments->at[cursor->at];
	bool *flag = flag_of(options, word);

	if (flag) {
		*flag = true;
		return VS_EXIT_OK;
	}
	for (size_t i = 0; i < sizeof(valued) / sizeof(valued[0]); i++) {
		bool missing;
		const char *value =
			value_of(cursor, word, valued[i].name, &missing);

		if (missing)
			return complain(complaint, VS_EXIT_USAGE,
					"%s needs a value", word);
		if (value)
			return valued[i].set(options, value, complaint);
	}
	return complain(
		complaint, VS_EXIT_USAGE,
		"unknown option %s; options: --json --dry-run --all "
		"--force -t SECS --rundir DIR -s SOCKET --help --version",
		word);
}

int options_ahead(const struct words *arguments)
{
	struct cursor cursor = {.arguments = arguments};
	struct options ignored = {0};

	for (; cursor.at < arguments->count; cursor.at++) {
		const char *word = arguments->at[cursor.at];
		bool known = flag_of(&ignored, word), missing;

		for (size_t i = 0;
		     !known && i < sizeof(valued) / sizeof(valued[0]); i++)
			known = value_of(&cursor, word, valued[i].name,
					 &missing);
		if (!known)
			break;
	}
	return cursor.at;
}

enum vs_exit options_parse(const struct words *arguments, const char *rundir,
			   struct options *options, const char **left,
			   struct complaint *complaint)
{
	struct cursor cursor = {.arguments = arguments};
	enum vs_exit code;
	bool options_end = false;
	int count = 0;

	*options = (struct options){.timeout_ms = OPTIONS_TIMEOUT_MS};
	code = set_rundir(options, rundir, complaint);
	for (; !code && cursor.at < arguments->count; cursor.at++) {
		const char *word = arguments->at[cursor.at];

		if (!options_end && strcmp(word, "--") == 0)
			options_end = true;
		else if (options_end || word[0] != '-' || !word[1])
			left[count++] = word;
		else
			code = take(options, &cursor, complaint);
	}
	left[count] = NULL;
	return code;
}

struct words words_after(const struct words *words, int n)
{
	if (n > words->count)
		n = words->count;
	return (struct words){words->count - n, words->at + n};
}
