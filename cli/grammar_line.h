/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grammar_line.h: a typed line, sorted out; for grammar.c, which fills it, and
 * grammar_request.c, which asks the daemon for it.
 */
#ifndef CLI_GRAMMAR_LINE_H
#define CLI_GRAMMAR_LINE_H

#include "grammar.h"

enum object_verb {
	OBJECT_ADD,
	OBJECT_SET,
	OBJECT_DEL,
	OBJECT_LIST,
	OBJECT_SHOW,
	OBJECT_VERBS
};

/* One line on its way to requests. */
struct line {
	const json_t *schema;
	const json_t *noun;
	const json_t *method;  /* NULL: an object verb */
	enum object_verb verb; /* of those */
	const json_t *edit;    /* a verb of the noun's own that sets; or NULL */
	const struct options *options;
	struct words words; /* behind the verb */
	bool as_added;	    /* bare words are the fields that add takes */
	const char *key;
	const char *parent;
	const char *on_switch; /* of a method */
	json_t *fields;	       /* name: text; a filter in list and del */
};

/* line_noun, line_verb - as they are typed. */
const char *line_noun(const struct line *line);
const char *line_verb(const struct line *line);
/* line_has_key - is one of the bare words the key? Those of a method are its
 * arguments. */
bool line_has_key(const struct line *line);
/* line_put - sets a member once; a list may be given in several pieces. */
enum vs_exit line_put(json_t *into, const char *name, const char *value,
		      bool list, struct complaint *complaint);

/* line_request - as grammar_request; it uses the line up. */
enum vs_exit line_request(struct line *line, json_t **made,
			  struct complaint *complaint);

#endif
