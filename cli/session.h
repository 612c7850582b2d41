/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h: one run of vsctl: its options, its connection, its output, and
 * the verbs that stand at the top of the grammar.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include "client.h"
#include "options.h"
#include "output.h"

struct session {
	const struct options *options;
	struct client client;
	struct output output;
	json_t *schema; /* NULL until session_schema; owned */
};

void session_open(struct session *session, const struct options *options);
void session_close(struct session *session);

/* Asks the daemon once; session->schema is set on success. */
enum vs_exit session_schema(struct session *session,
			    struct complaint *complaint);

/* One request, rendered; `params` is stolen. */
enum vs_exit session_query(struct session *session, const char *method,
			   json_t *params, output_render *render,
			   struct complaint *complaint);

/* session_add - one request without params; what it answers becomes the member
 * `name` of `facts`. */
enum vs_exit session_add(struct session *session, json_t *facts,
			 const char *name, const char *method,
			 struct complaint *complaint);

/* From now on ^C and SIGTERM are a normal end: of monitor and capture. */
void session_endless(void);

/* An argument of a top-level verb. */
struct argument {
	const char *name;
	bool required; /* may stand without "name=", in this order */
	bool number;   /* sent as a JSON number where it is one */
	bool rest;     /* words behind it belong to it, for who forgot '' */
};
#define ARGUMENTS 10

struct verb {
	const char *name;
	const char *usage; /* behind the name */
	const char *help;  /* one line */
	const char *more;  /* NULL, or what --help says besides */
	/* the request, when the verb is no more than one; else NULL */
	const char *method;
	struct argument arguments[ARGUMENTS];
	output_render *render;
	bool dry; /* --dry-run goes with the request */
	/* NULL: send the method */
	enum vs_exit (*run)(struct session *session, const struct verb *verb,
			    const struct words *words,
			    struct complaint *complaint);
};

/* The verbs, in the order of help; ends with a NULL name. */
extern const struct verb verbs[];
/* ext_verbs - those of ext, ended likewise. */
extern const struct verb ext_verbs[];
const struct verb *verb_find(const char *name);

/* verb_of_noun - the second word of a verb of the daemon's own below a noun:
 * its name has both; NULL: it is none, or another noun's. verb_pair_find - that
 * of a line. */
const char *verb_of_noun(const struct verb *verb, const char *noun);
const struct verb *verb_pair_find(const struct words *words);

/* The words behind the verb as the request's params (the caller's). */
enum vs_exit verb_params(const struct verb *verb, const struct words *words,
			 json_t **params, struct complaint *complaint);

/* A line of words: a top-level verb or a noun. */
enum vs_exit verbs_run(struct session *session, const struct words *words,
		       struct complaint *complaint);

/* nouns.c: a line that begins with a noun */
enum vs_exit noun_run(struct session *session, const struct words *words,
		      struct complaint *complaint);
/* Is it a noun? Else says who provides it, or what was meant. */
enum vs_exit noun_check(const json_t *schema, const char *word,
			struct complaint *complaint);

/* help.c; no words: the overview */
enum vs_exit help_run(struct session *session, const struct words *words,
		      struct complaint *complaint);
void help_usage(const struct session *session);

/* complete.c: candidates for the last word, one a line; silent on failure */
void complete_run(struct session *session, const struct words *words);

/* policy.c, port.c, capture.c, metrics.c, monitor.c, log.c, ping.c,
 * trace_via.c: the verbs of those names */
enum vs_exit ping_run(struct session *session, const struct verb *verb,
		      const struct words *words, struct complaint *complaint);
/* pa ping ADDRESS: a noun's verb, but a series of requests */
bool ping_is_of_pa(const struct words *words);
enum vs_exit ping_pa_run(struct session *session, const struct words *words,
			 struct complaint *complaint);
enum vs_exit show_run(struct session *session, const struct verb *verb,
		      const struct words *words, struct complaint *complaint);
enum vs_exit trace_run(struct session *session, const struct verb *verb,
		       const struct words *words, struct complaint *complaint);
enum vs_exit check_run(struct session *session, const struct verb *verb,
		       const struct words *words, struct complaint *complaint);
enum vs_exit apply_run(struct session *session, const struct verb *verb,
		       const struct words *words, struct complaint *complaint);
enum vs_exit dump_run(struct session *session, const struct verb *verb,
		      const struct words *words, struct complaint *complaint);
enum vs_exit policy_run(struct session *session, const struct verb *verb,
			const struct words *words, struct complaint *complaint);
enum vs_exit log_run(struct session *session, const struct verb *verb,
		     const struct words *words, struct complaint *complaint);
enum vs_exit fdb_run(struct session *session, const struct verb *verb,
		     const struct words *words, struct complaint *complaint);
enum vs_exit ext_run(struct session *session, const struct verb *verb,
		     const struct words *words, struct complaint *complaint);
enum vs_exit doctor_run(struct session *session, const struct verb *verb,
			const struct words *words, struct complaint *complaint);
enum vs_exit capture_run(struct session *session, const struct verb *verb,
			 const struct words *words,
			 struct complaint *complaint);
enum vs_exit restore_run(struct session *session, const struct verb *verb,
			 const struct words *words,
			 struct complaint *complaint);
enum vs_exit metrics_run(struct session *session, const struct verb *verb,
			 const struct words *words,
			 struct complaint *complaint);
enum vs_exit monitor_run(struct session *session, const struct verb *verb,
			 const struct words *words,
			 struct complaint *complaint);

#endif
