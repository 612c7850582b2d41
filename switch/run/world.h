/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h: one switch of one document, with extensions on its stack and no
 * device anywhere: what vswitch-ext-run walks frames through.
 *
 * Theory of operation
 * -------------------
 * It is the switch itself, the daemon's core and control layers, not a model
 * of them: the same document, guards, policies, learning, ledger and stack.
 * What is not there is the shell: ports are names, the clock is a number, and
 * random numbers are the same in every run, so that two runs give the same
 * bytes. One worker, in the caller's thread.
 *
 * Before this file: main.c. After it: walk.c.
 */
#ifndef RUN_WORLD_H
#define RUN_WORLD_H

#include <jansson.h>

#include <vswitch/extension.h>

#include "control/settings_cursor.h"
#include "core/switch.h"
#include "core/worker.h"
#include "verdict_log.h"

#define WORLD_EXTENSIONS 16u
#define WORLD_PORTS	 256u

struct loader;
struct schema;

struct vs_link { /* one for all ports: something to be attached to */
	uint16_t nothing;
};

struct world {
	struct vs_switch_owner owner;
	struct cursor_maker maker;
	struct loader *loader;
	struct schema *schema;
	struct store *store;
	const struct vs_object *object; /* the switch */
	struct vs_switch *sw;
	uint16_t extension_count, stack_count, port_count;
	/* all that were loaded, then those on the stack, top first */
	const struct vs_extension *extension[WORLD_EXTENSIONS];
	struct vs_attachment *stack[WORLD_EXTENSIONS];
	struct vs_port_info port[WORLD_PORTS];
	struct vs_link link;
	uint64_t now, wall_ns; /* monotonic; of day */
	uint64_t random;
	uint16_t sink_count;
	bool reconfigure; /* an extension asked for it */
	bool accused;	  /* an extension broke a rule */
	struct verdict_log *log;
};

struct world_config {
	const char *const *libraries; /* the first is the one under test */
	uint16_t library_count;
	json_t *document;    /* borrowed; NULL = the usual one */
	const char *host;    /* of the document's hosts, or NULL */
	struct vs_vsid vsid; /* of the usual document's ports */
	struct verdict_log *log;
};

/* world_open - load, parse, attach, configure, publish; 0 or -errno with what
 * is wrong. world_close in any case. */
int world_open(struct world *world, const struct world_config *config,
	       struct vs_error *error);
/* world_publish - configure again, for one who asked. */
int world_publish(struct world *world, struct vs_error *error);
void world_close(struct world *world);

/* world_document - with what the configured one leaves out: the switch, or who
 * is on its stack. The caller's; NULL: no memory. */
json_t *world_document(const struct world *world,
		       const struct world_config *config);

/* world_port - by name; NULL: no such port. */
const struct vs_port_info *world_port(const struct world *world,
				      const char *name);
/* world_port_name - of an id; "?" if it is nobody's. */
const char *world_port_name(const struct world *world, struct vs_port_id id);

#endif
