/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h: a running scenario: its hosts, each with a rig, the wires between
 * them, and what of their output no statement has claimed yet.
 *
 * A host is a switch: of a document (policy.c) or of port statements. Plain
 * port names mean the host named last, `b:blue7` means host b. What leaves on
 * an uplink with a wire goes in at the other end before the next statement;
 * what leaves elsewhere is kept and must be expected.
 */
#ifndef TESTS_SCENARIO_SCRIPT_H
#define TESTS_SCENARIO_SCRIPT_H

#include <stdatomic.h>

#include "core/acl.h"
#include "tests/scenario/frame.h"
#include "tests/support/rig.h"

#define SCRIPT_WORDS 64
#define SCRIPT_HOSTS 4
#define SCRIPT_RULES 16
#define SCRIPT_TEXT  512

struct policy;
struct script;

/* Rules of `acl` statements, kept because each publish takes an ACL. */
struct script_rules {
	struct vs_acl_rule rule[SCRIPT_RULES];
	uint16_t count;
};

/* Uplinks that hear each other: who has the MAC, or, of group frames, all. */
struct script_wire {
	uint16_t count;
	struct script_host *host[SCRIPT_HOSTS];
	uint16_t port[SCRIPT_HOSTS];
};

struct script_host {
	char name[16]; /* empty: the script has one and did not name it */
	struct rig *rig;
	struct script *script;
	struct policy *policy; /* NULL: no document */
	bool published;
	uint16_t next_port;
	struct script_rules rules[VS_PORTS_MAXIMUM]; /* by port id */
	struct script_wire *wire[VS_PORTS_MAXIMUM];  /* an uplink's, or NULL */
	uint64_t claimed[VS_LEDGER_GONE + 1][VS_LEDGER_REASONS];
	bool taken[RIG_FRAMES];
	uint32_t carried; /* frames before it went over a wire, or did not */
	_Atomic uint64_t counted[VS_PORTS_MAXIMUM]; /* sent by `together` */
};

struct script {
	const char *path;
	int line;
	uint16_t host_count, wire_count;
	struct script_wire wire[SCRIPT_HOSTS];
	struct script_host *host[SCRIPT_HOSTS];
	struct script_host *current;
	struct vs_switch_params params;
	char *here; /* what stood between <<END and END, or NULL */
	bool threads;
	bool quiet_arp;		   /* ARP between uplinks need not be named */
	uint32_t wired;		   /* frames that went over a wire since `in` */
	bool loud_adverts;	   /* the gateway's own must be named */
	struct together *together; /* open block, or NULL */
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
/* script_claimed - how many drops were claimed; what was of a port whose rows
 * are retired is of VS_LEDGER_GONE. */
uint64_t *script_claimed(struct script_host *host, uint16_t port,
			 uint16_t reason);
/* script_settled - every frame and every drop has been claimed. */
void script_settled(struct script *script);
/* script_is_quiet - a frame, or a drop, that `quiet arp` lets go unnamed; or
 * an advertisement of the gateway without `loud adverts`. */
bool script_is_quiet(const struct script_host *host,
		     const struct rig_frame *frame);
bool script_is_quiet_drop(const struct script_host *host, uint16_t port,
			  uint16_t reason);
/* script_begin - settled; forget what left, publish what changed. */
void script_begin(struct script *script);
/* script_at - cut `host:` off a word; the host meant, never NULL. */
struct script_host *script_at(struct script *script, const char **word);
/* script_port - the port a word names. */
/* lane_field - a port's VLANs; false: not such a field. */
bool lane_field(struct vs_port_plan *plan, const char *field,
		const char *value);
struct vs_port_plan *script_port(struct script *script, const char *word,
				 struct script_host **host);
void script_frame(const struct script *script, char **words, int count,
		  struct frame *frame);
/* The extensions that a script may name. */
const struct vs_extension *script_extension(const char *name);

/* -- hosts.c: hosts, wires and the clock -- */
bool host_is_uplink(const struct script_host *host, struct vs_port_id id);
struct script_host *host_current(struct script *script);
void host_publish(struct script_host *host);
struct vs_packet *host_packet(struct script_host *host, uint16_t port,
			      const struct frame *frame);
/* hosts_settle - frames cross the wires, kicked workers tick, until quiet. */
void hosts_settle(struct script *script);
void run_host(struct script *script, char **words, int count);
void run_wire(struct script *script, char **words, int count);
void run_advance(struct script *script, char **words, int count);

/* -- policy.c: documents -- */
void policy_publish(struct script_host *host);
void policy_free(struct policy *policy);
void run_document(struct script *script, char **words, int count);
void run_merge(struct script *script, char **words, int count);
void run_refused(struct script *script, char **words, int count);

/* -- expect.c -- */
void run_expect(struct script *script, char **words, int count);
void run_drop(struct script *script, char **words, int count);
void run_count(struct script *script, char **words, int count);

/* -- events.c -- */
void run_event(struct script *script, char **words, int count);

/* -- together.c: statements by several workers at once -- */
void run_together(struct script *script, char **words, int count);
void run_end(struct script *script, char **words, int count);
/* together_add - an `in` of an open block. */
void together_add(struct script *script, struct vs_port_plan *plan,
		  struct script_host *host, const struct frame *frame);

/* -- sight.c: a frame in words, as much as a story tells -- */
const char *sight(const uint8_t *bytes, uint32_t size, char *text);

/* -- whole.c -- */
/*
 * whole_add, whole_equal - put the pieces (IPv4 fragments, TCP segments) of a
 * frame together again. add: NULL, or what is wrong with the piece.
 */
struct whole {
	struct frame frame; /* of the first piece, then grown */
	uint32_t pieces, payload, next;
	bool last;
};
const char *whole_add(struct whole *whole, const struct rig_frame *piece);
const char *whole_equal(const struct whole *whole, const struct frame *frame);

#endif
