// SPDX-License-Identifier: Apache-2.0
/*
 * verb_params.c: a verb's words as the params of its method: bare words in the
 * order of its arguments, NAME=VALUE in any. Before this file: verbs.c, the
 * files of the single verbs; after it: client.c sends them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "grammar.h"
#include "session.h"

static const struct argument *argument_find(const struct verb *verb,
					    const char *name, size_t size)
{
	for (size_t i = 0; i < ARGUMENTS && verb->arguments[i].name; i++) {
		const char *known = verb->arguments[i].name;

		if (strlen(known) == size && strncmp(known, name, size) == 0)
			return &verb->arguments[i];
	}
	return NULL;
}

static enum vs_exit usage_of(const struct verb *verb, const char *why,
			     const char *word, struct complaint *complaint)
{
	return complain(complaint, VS_EXIT_USAGE,
			"%s: %s %s; usage: vsctl %s%s%s", verb->name, why, word,
			verb->name, *verb->usage ? " " : "", verb->usage);
}

static enum vs_exit put_argument(const struct verb *verb,
				 const struct argument *argument,
				 const char *value, json_t *params,
				 struct complaint *complaint)
{
	char *end;
	json_t *sent;

	if (json_object_get(params, argument->name))
		return usage_of(verb, "given twice:", argument->name,
				complaint);
	if (argument->number && isdigit((unsigned char)value[0])) {
		sent = json_integer(strtoll(value, &end, 10));
		if (*end) {
			json_decref(sent);
			return usage_of(verb, "no number:", value, complaint);
		}
	} else {
		sent = json_string(value);
	}
	if (!sent)
		return usage_of(verb, "no UTF-8:", argument->name, complaint);
	json_object_set_new(params, argument->name, sent);
	return VS_EXIT_OK;
}

/* The argument that takes whatever follows, once it has begun. */
static const struct argument *rest_of(const struct verb *verb, size_t bare,
				      const json_t *params)
{
	const struct argument *last =
		bare && bare <= ARGUMENTS ? &verb->arguments[bare - 1] : NULL;

	return last && last->rest && json_object_get(params, last->name) ? last
									 : NULL;
}

static enum vs_exit append(const struct verb *verb,
			   const struct argument *argument, const char *word,
			   json_t *params, struct complaint *complaint)
{
	const char *before =
		json_string_value(json_object_get(params, argument->name));
	json_t *text = json_sprintf("%s %s", before, word);

	if (!text)
		return usage_of(verb, "no UTF-8:", argument->name, complaint);
	json_object_set_new(params, argument->name, text);
	return VS_EXIT_OK;
}

static enum vs_exit take_argument(const struct verb *verb, const char *word,
				  size_t *bare, json_t *params,
				  struct complaint *complaint)
{
	size_t size = strcspn(word, "=");
	const struct argument *argument = NULL;

	if (grammar_is_pair(word)) {
		argument = argument_find(verb, word, size);
		if (argument)
			return put_argument(verb, argument, word + size + 1,
					    params, complaint);
	}
	argument = rest_of(verb, *bare, params);
	if (argument)
		return append(verb, argument, word, params, complaint);
	if (*bare >= ARGUMENTS || !verb->arguments[*bare].name ||
	    grammar_is_pair(word))
		return usage_of(verb, "does not understand", word, complaint);
	return put_argument(verb, &verb->arguments[(*bare)++], word, params,
			    complaint);
}

enum vs_exit verb_params(const struct verb *verb, const struct words *words,
			 json_t **params, struct complaint *complaint)
{
	enum vs_exit code = VS_EXIT_OK;
	size_t bare = 0;

	*params = json_object();
	for (int i = 0; !code && i < words->count; i++)
		code = take_argument(verb, words->at[i], &bare, *params,
				     complaint);
	for (size_t i = 0; !code && i < ARGUMENTS; i++) {
		const struct argument *argument = &verb->arguments[i];

		if (argument->required &&
		    !json_object_get(*params, argument->name))
			code = usage_of(verb, "needs its", argument->name,
					complaint);
	}
	if (code) {
		json_decref(*params);
		*params = NULL;
	}
	return code;
}
