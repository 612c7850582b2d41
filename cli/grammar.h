/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grammar.h: words -> a request.
 *
 * Theory of operation
 * -------------------
 *	NOUN [VERB] [KEY] [field=value ...]
 *
 * A noun alone is `list`. The words behind the verb are either field=value or
 * bare; bare words are, in this order: the parent, if the noun's positional
 * list begins with "^"; the key, unless the host makes it (a noun with "^" in
 * `add`); then the positional fields. A field that names the parent becomes
 * the request's parent. Filters are allowed in list and del only; del of
 * what may be several needs --all, which the daemon judges, and without
 * anything that narrows it down it is refused here.
 *
 * Example: `ca add 10.0.0.7 vsid=5001 pa=192.0.2.2` is object.add {noun: ca,
 * key: 10.0.0.7, parent: 5001, fields: {pa: 192.0.2.2}}, because schema.list
 * says that ca's parent is named by vsid.
 *
 * A field may also name a noun below (`switch add vs0 uplink=eth1`): the daemon
 * makes both or none. Values stay text: it parses them, so there is one parser.
 */
#ifndef CLI_GRAMMAR_H
#define CLI_GRAMMAR_H

#include "options.h"

/*
 * Fills *made (the caller's) with {"method", "params"}. words->at[0] is a noun
 * of the schema, or an extension that has methods of its own.
 */
enum vs_exit grammar_request(const json_t *schema, const struct words *words,
			     const struct options *options, json_t **made,
			     struct complaint *complaint);

/* Is the word NAME=VALUE, the name being one that a field can have? */
bool grammar_is_pair(const char *word);

/* The verb of a line: its second word, or "list". */
const char *grammar_verb(const struct words *words);

#endif
