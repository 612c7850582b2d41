// SPDX-License-Identifier: Apache-2.0
/*
 * verbs.c: the verbs at the top of the grammar, as one table that dispatch,
 * help and completion read. First positional: where; second: what. Lines
 * that begin with a noun go to nouns.c; what else a verb is told is
 * verb_params.c's.
 */
#include <string.h>

#include "grammar.h"
#include "render.h"
#include "schema.h"
#include "session.h"

static enum vs_exit confirm_run(struct session *session,
				const struct verb *verb,
				const struct words *words,
				struct complaint *complaint);

static enum vs_exit help_verb(struct session *session, const struct verb *verb,
			      const struct words *words,
			      struct complaint *complaint)
{
	(void)verb;
	return help_run(session, words, complaint);
}

const struct verb verbs[] = {
	{.name = "show",
	 .usage = "",
	 .help = "the daemon, its switches, uplinks and ports at a glance",
	 .method = "show",
	 .render = render_show,
	 .run = show_run},
	{.name = "stats",
	 .usage = "[PORT]",
	 .help = "the ledger: where every frame went",
	 .more = "received + injected + replicas = sent + consumed + dropped "
		 "+ held, per port and\nVSID. The unit is a copy in the walk; "
		 "a "
		 "super-frame is one.",
	 .method = "stats",
	 .arguments = {{.name = "port"}},
	 .render = render_stats},
	{.name = "drops",
	 .usage = "[port=PORT] [vsid=VSID] [reason=NAME]",
	 .help = "dropped frames by reason, and what it means",
	 .more = "Each reason has its sentence in vswitch-drops(7).",
	 .method = "drops",
	 .arguments = {{.name = "port"},
		       {.name = "vsid", .number = true},
		       {.name = "reason"}},
	 .render = render_drops},
	{.name = "metrics",
	 .usage = "",
	 .help = "the counters as text for Prometheus",
	 .more = "For node_exporter's textfile collector, from a timer: vsctl "
		 "metrics >vswitch.prom.tmp\nand then mv vswitch.prom.tmp "
		 "vswitch.prom.",
	 .run = metrics_run},
	{.name = "fdb",
	 .usage = "[flush] [switch=NAME]",
	 .help = "which MAC lives behind which port; flush forgets them",
	 .method = "fdb",
	 .arguments = {{.name = "switch"}},
	 .render = render_fdb,
	 .run = fdb_run},
	{.name = "groups",
	 .usage = "[switch=NAME]",
	 .help = "which ports joined which multicast group, where routers are",
	 .more = "Of switches with snooping=on. Where no router asks, nothing "
		 "is known, and groups go to all ports.",
	 .method = "groups",
	 .arguments = {{.name = "switch"}},
	 .render = render_groups},
	{.name = "acl flows",
	 .usage = "PORT [limit=N]",
	 .help = "the flows that the port's stateful rules let through",
	 .more = "A flow ends when it had no frame for its time-out; then "
		 "rules are asked again.",
	 .method = "acl.flows",
	 .arguments = {{.name = "port", .required = true},
		       {.name = "limit", .number = true}},
	 .render = render_flows},
	{.name = "trace",
	 .usage = "PORT 'FRAME' [via=WHERE]",
	 .help = "walks one made-up frame through the switch and tells all",
	 .more = "FRAME is for instance: tcp 10.0.0.7:443, icmp 10.0.0.7, "
		 "arp 10.0.0.7; udp, nd and\nbroadcast too. Behind it: "
		 "from=ADDRESS smac=MAC dmac=MAC size=BYTES ttl=N vlan=ID "
		 "df.\nvia= has it go on at the other host: the run "
		 "directory or socket of its daemon,\nor a host that ssh "
		 "knows.",
	 .method = "trace",
	 .arguments = {{.name = "port", .required = true},
		       {.name = "frame", .required = true, .rest = true},
		       {.name = "via"}},
	 .render = render_trace,
	 .run = trace_run},
	{.name = "ping",
	 .usage = "PORT ADDRESS [count=N] [size=BYTES] [df=on] [src=ADDRESS] "
		  "[wait=MS]",
	 .help = "echoes a customer address as if the port's VM did",
	 .more = "The VM need not be up, and never sees the replies. Says "
		 "what drops the request or the\nreply here. Also: "
		 "interval=MS, ttl=N, and vlan=ID on a port with an rdmap. "
		 "Exit code 5\nif nothing answers.",
	 .method = "ping",
	 .arguments = {{.name = "port", .required = true},
		       {.name = "ca", .required = true},
		       {.name = "count", .number = true},
		       {.name = "size", .number = true},
		       {.name = "df"},
		       {.name = "src"},
		       {.name = "wait", .number = true},
		       {.name = "interval", .number = true},
		       {.name = "ttl", .number = true},
		       {.name = "vlan", .number = true}},
	 .run = ping_run},
	{.name = "capture",
	 .usage = "PORT ['FILTER'] [count=N] [snap=BYTES] "
		  "[direction=in|out|both]",
	 .help = "writes the port's frames to the output, as pcapng",
	 .more = "For instance: vsctl capture web 'tcp port 443' | wireshark "
		 "-k -i -\nPORT may also be wire. Ends after count frames, "
		 "with the reader, or by ^C;\nand, with a word and another "
		 "exit code, with the port or the daemon.\nTo a file of the "
		 "daemon: vsctl "
		 "capture add NAME port=PORT; capture, capture del NAME.",
	 .method = "capture",
	 .arguments = {{.name = "port", .required = true},
		       {.name = "filter", .rest = true},
		       {.name = "count", .number = true},
		       {.name = "snap", .number = true},
		       {.name = "direction"}},
	 .run = capture_run},
	{.name = "ext",
	 .usage = "[list|available|load|unload|reload|schema|enable|disable|"
		  "order|new ...]",
	 .help = "the extensions of the switches, and which there are",
	 .more = "list [switch=NAME]: what stands on the stacks, from the "
		 "top.\n"
		 "available: what there is to choose from.\n"
		 "load NAME, unload NAME: make it available, or no more.\n"
		 "reload NAME: the new file takes over from the old one.\n"
		 "schema NAME: its objects in a document, as JSON Schema.\n"
		 "enable NAME, disable NAME: put it on the stack, below its "
		 "class, or take it off.\n"
		 "order NAME ...: the stack, from the top, is this. Those "
		 "three "
		 "take switch=NAME.",
	 .run = ext_run},
	{.name = "doctor",
	 .usage = "",
	 .help = "what of the switch, its host and the kernel needs care, and "
		 "the cure",
	 .more = "An error keeps frames from where they belong, a warning may, "
		 "a note costs speed\nor sight. Behind # stands the command "
		 "that cures it. Exit code 4 with errors.",
	 .run = doctor_run},
	{.name = "monitor",
	 .usage = "",
	 .help = "events as they happen, until ^C",
	 .method = "monitor",
	 .render = render_event,
	 .run = monitor_run},
	{.name = "apply",
	 .usage = "FILE [part=PATH] [confirm=SECS]",
	 .help = "makes the policy equal FILE (- = input): all of it or "
		 "nothing",
	 .more = "part=networks.green leaves everything else alone. With "
		 "confirm= the old policy\ncomes back by itself, unless vsctl "
		 "confirm follows in time. --dry-run only checks.",
	 .method = "policy.apply",
	 .dry = true,
	 .arguments = {{.name = "file", .required = true},
		       {.name = "part"},
		       {.name = "confirm", .number = true}},
	 .render = render_changes,
	 .run = apply_run},
	{.name = "diff",
	 .usage = "FILE [part=PATH]",
	 .help = "what apply FILE would change",
	 .method = "policy.diff",
	 .arguments = {{.name = "file", .required = true}, {.name = "part"}},
	 .render = render_diff,
	 .run = apply_run},
	{.name = "check",
	 .usage = "[FILE]",
	 .help = "what is wrong with the policy, or with FILE (- = input) for "
		 "all its hosts",
	 .more = "Nothing is applied. Errors, warnings, each with its place "
		 "and the fix; exit code 4 if\nthere is an error.",
	 .method = "policy.check",
	 .arguments = {{.name = "file"}},
	 .render = render_check,
	 .run = check_run},
	{.name = "dump",
	 .usage = "[PATH]",
	 .help = "the policy as one document; apply reads it back",
	 .method = "policy.dump",
	 .arguments = {{.name = "part"}},
	 .render = render_json,
	 .run = dump_run},
	{.name = "confirm",
	 .usage = "",
	 .help = "keeps what apply confirm=SECS did",
	 .method = "policy.confirm",
	 .render = render_kept,
	 .run = confirm_run},
	{.name = "undo",
	 .usage = "",
	 .help = "goes back to the generation before",
	 .method = "policy.undo",
	 .dry = true,
	 .render = render_changes},
	{.name = "log",
	 .usage = "[level MODULE LEVEL]",
	 .help = "the last generations of the policy; level: what the daemon "
		 "logs",
	 .method = "policy.log",
	 .render = render_log,
	 .run = log_run},
	{.name = "policy",
	 .usage = "apply|diff|check|dump|confirm|undo|log ...",
	 .help = "the same verbs under their noun",
	 .run = policy_run},
	{.name = "port save",
	 .usage = "NAME",
	 .help = "what extensions keep of a port, as a document: for its VM's "
		 "next host",
	 .method = "port.save",
	 .arguments = {{.name = "name", .required = true}},
	 .render = render_json,
	 .run = dump_run},
	{.name = "port restore",
	 .usage = "NAME [FILE]",
	 .help = "gives the port what port save wrote elsewhere (- or nothing "
		 "= input)",
	 .method = "port.restore",
	 .arguments = {{.name = "name", .required = true}, {.name = "file"}},
	 .render = render_restored,
	 .run = restore_run},
	{.name = "version",
	 .usage = "",
	 .help = "versions, limits, and what the kernel can do",
	 .method = "hello",
	 .render = render_version},
	{.name = "help",
	 .usage = "[NOUN [VERB] | VERB]",
	 .help = "this, or more about one word",
	 .run = help_verb},
	{.name = NULL},
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (strcmp(verb->name, name) == 0)
			return verb;
	return NULL;
}

const char *verb_of_noun(const struct verb *verb, const char *noun)
{
	size_t size = strlen(noun);

	return strncmp(verb->name, noun, size) == 0 && verb->name[size] == ' '
		       ? verb->name + size + 1
		       : NULL;
}

const struct verb *verb_pair_find(const struct words *words)
{
	const char *second;

	for (const struct verb *verb = verbs; words->count > 1 && verb->name;
	     verb++) {
		second = verb_of_noun(verb, words->at[0]);
		if (second && strcmp(second, words->at[1]) == 0)
			return verb;
	}
	return NULL;
}

/* -- dispatch -------------------------------------------------------------- */

/* What changes something and cannot only pretend to. */
static enum vs_exit refuse_dry(const struct session *session, const char *verb,
			       struct complaint *complaint)
{
	if (!session->options->dry_run)
		return VS_EXIT_OK;
	return complain(complaint, VS_EXIT_USAGE,
			"%s knows no --dry-run: nothing was done", verb);
}

/* `show port web` is meant well. */
static enum vs_exit verb_run(struct session *session, const struct verb *verb,
			     const struct words *words,
			     struct complaint *complaint)
{
	enum vs_exit code;
	json_t *params;

	if (verb->run)
		return verb->run(session, verb, words, complaint);
	code = verb_params(verb, words, &params, complaint);
	if (code)
		return code;
	if (verb->dry && session->options->dry_run)
		json_object_set_new(params, "dry_run", json_true());
	return session_query(session, verb->method, params, verb->render,
			     complaint);
}

/* A verb's name may be a noun too (capture): what is done to objects is the
 * noun's, and so is the name alone where the verb needs more. Only such a line
 * asks the daemon for its nouns first. */
static bool is_of_noun(struct session *session, const struct verb *verb,
		       const struct words *words)
{
	static const char *const doings[] = {"add", "set", "del", "list",
					     "show"};
	struct complaint ignored = {0};
	bool found = words->count == 1 && verb->arguments[0].required;

	for (size_t i = 0; i < sizeof(doings) / sizeof(doings[0]); i++)
		found |= words->count > 1 &&
			 strcmp(words->at[1], doings[i]) == 0;
	if (found)
		found = session_schema(session, &ignored) == VS_EXIT_OK &&
			schema_noun(session->schema, words->at[0]);
	complaint_clear(&ignored);
	return found;
}

enum vs_exit verbs_run(struct session *session, const struct words *words,
		       struct complaint *complaint)
{
	const struct verb *pair = verb_pair_find(words);
	const struct verb *verb = verb_find(words->at[0]);
	struct words rest = words_after(words, 1);

	if (session->options->help ||
	    (words->count > 1 && !verb && strcmp(words->at[1], "help") == 0) ||
	    (rest.count == 1 && strcmp(rest.at[0], "help") == 0))
		return help_run(session, words, complaint);
	if (pair) {
		rest = words_after(words, 2);
		return verb_run(session, pair, &rest, complaint);
	}
	if (ping_is_of_pa(words))
		return ping_pa_run(session, words, complaint);
	if (verb && is_of_noun(session, verb, words))
		return noun_run(session, words, complaint);
	/* the nouns drops, stats and fdb: a noun alone means list */
	if (verb && rest.count && strcmp(rest.at[0], "list") == 0)
		rest = words_after(&rest, 1);
	return verb ? verb_run(session, verb, &rest, complaint)
		    : noun_run(session, words, complaint);
}

enum vs_exit fdb_run(struct session *session, const struct verb *verb,
		     const struct words *words, struct complaint *complaint)
{
	bool flush = words->count && strcmp(words->at[0], "flush") == 0;
	struct words rest = words_after(words, flush ? 1 : 0);
	json_t *params;
	enum vs_exit code =
		flush ? refuse_dry(session, "flush", complaint) : VS_EXIT_OK;

	if (!code)
		code = verb_params(verb, &rest, &params, complaint);
	if (code)
		return code;
	if (flush)
		return session_query(session, "fdb.flush", params, render_flush,
				     complaint);
	return session_query(session, "fdb", params, render_fdb, complaint);
}

enum vs_exit log_run(struct session *session, const struct verb *verb,
		     const struct words *words, struct complaint *complaint)
{
	static const struct verb level = {
		.name = "log level",
		.usage = "MODULE LEVEL",
		.arguments = {{.name = "module", .required = true},
			      {.name = "level", .required = true}},
	};
	bool set = words->count && strcmp(words->at[0], "level") == 0;
	struct words rest = words_after(words, set ? 1 : 0);
	json_t *params;
	enum vs_exit code =
		set ? refuse_dry(session, "log level", complaint) : VS_EXIT_OK;

	if (!code)
		code = verb_params(set ? &level : verb, &rest, &params,
				   complaint);
	if (code)
		return code;
	if (set)
		return session_query(session, "log.level", params,
				     render_nothing, complaint);
	return session_query(session, verb->method, params, verb->render,
			     complaint);
}

static enum vs_exit confirm_run(struct session *session,
				const struct verb *verb,
				const struct words *words,
				struct complaint *complaint)
{
	json_t *params;
	enum vs_exit code = refuse_dry(session, verb->name, complaint);

	if (!code)
		code = verb_params(verb, words, &params, complaint);
	return code ? code
		    : session_query(session, verb->method, params, verb->render,
				    complaint);
}
