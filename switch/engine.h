/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h: the glue between policy, switches and devices; main thread only.
 *
 * Theory of operation
 * -------------------
 * control/ owns the policy and asks the engine to prepare, commit or abort a
 * candidate. Preparing builds, per switch, everything that will be true: ports
 * with ids, the extensions' states, a snapshot. Committing publishes the
 * snapshots and sets devices in motion. A device that comes or goes later
 * makes a new snapshot of its switch from the same policy.
 *
 * Files: engine.c (life, policy owner), engine_build.c (policy to snapshot),
 * engine_commit.c (which becomes true), engine_port.h (ports and their
 * devices), engine_store.c (files). The methods of the control socket are in
 * engine_methods.h.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <vswitch/extension.h>

#include "control/apply.h"
#include "control/daemon_config.h"
#include "control/request.h"
#include "control/schema.h"
#include "control/settings_cursor.h"
#include "core/switch.h"
#include "engine_port.h"
#include "event_log.h"
#include "io/ctl_socket.h"
#include "io/loop.h"
#include "io/privileged.h"
#include "io/pump.h"
#include "io/watch.h"
#include "io/writer.h"

#define ENGINE_EXTENSIONS SCHEMA_EXTENSIONS
#define ENGINE_STACK	  16u
#define ENGINE_WARNINGS	  8u

struct engine;
struct engine_switch;
struct engine_store;
struct engine_pending;
struct engine_ping;
struct engine_deferred;
struct engine_closing;
struct loader;

struct engine_member {
	const struct vs_extension *extension;
	struct vs_attachment *attachment;
	bool pending; /* attached by a prepare that is not committed */
};

/* What a switch is made with and cannot change. */
struct switch_limits {
	uint32_t macs, per_port, per_vsid, ageing, flows, flows_per_vsid;
};

/* What the extensions remarked when a switch was last built. */
struct switch_remarks {
	uint16_t count;
	char text[ENGINE_WARNINGS][200];
};

struct engine_switch {
	struct vs_switch_owner owner; /* first: what the core calls */
	struct engine_switch *next;
	struct engine *engine;
	struct vs_switch *sw;
	char name[VS_PORT_NAME_SIZE];
	struct switch_limits limits;
	struct switch_remarks remarks;
	uint16_t last_id; /* the last that a port got */
	struct engine_port *ports;
	uint16_t stack_count;
	struct engine_member stack[ENGINE_STACK];
	/* leaving: attachments that wait for their grace period */
	uint16_t leaving_count, leaving_room;
	struct vs_attachment **leaving;
	/* prepared, not committed */
	struct vs_snapshot *prepared;
	uint16_t prepared_count;
	struct engine_member prepared_stack[ENGINE_STACK];
	uint8_t prepared_type, type; /* enum host_switch_type */
	bool wanted, pending;
	bool rebuild; /* a device changed: build again */
};

/* A library in the extension directory that was not taken, and why. */
struct engine_refused {
	char name[VS_PORT_NAME_SIZE];
	char why[256];
};

struct engine_library {
	struct loader *loader;
	uint16_t count, refused_count;
	const struct vs_extension *extensions[ENGINE_EXTENSIONS];
	struct engine_refused refused[ENGINE_EXTENSIONS];
};

struct engine_run {
	uint64_t started_ns;
	uint64_t trim_ns; /* when to give free memory back; 0 = never */
	struct engine_ping *pings;	  /* that wait for their reply */
	struct engine_deferred *deferred; /* methods that answer later */
	struct engine_closing *closing;	  /* devices that were let go */
	int token;			  /* the last one given */
	struct engine_boot *boot;	  /* of the daemon before, at start */
	uint8_t features;		  /* PRIV_HAS_*, probed at start */
	struct fast *fast;		  /* NULL: no fast path */
	struct event_log *events;	  /* their limits in the log */
	bool stopping;
};

struct engine {
	struct policy_owner policy_owner; /* first */
	struct request_engine methods;
	struct cursor_maker maker;	/* for rebuilds */
	struct switch_remarks *remarks; /* of the one that is rebuilt */
	struct daemon_config config;
	struct loop *loop;
	struct privileged *privileged;
	struct writer *writer;
	struct engine_store *files;
	struct watch *watch;
	struct watch_owner watch_owner;
	struct pump_owner pump_owner;
	struct ctl_owner ctl_owner;
	struct pump *pump;
	struct schema *schema;
	struct policy *policy;
	struct request_server *server;
	struct ctl_socket *socket;
	struct engine_switch *switches;
	struct engine_switch *going; /* removed, the pump may hold them */
	const struct store *store;   /* the policy that is true */
	struct engine_library library;
	struct loop_watch privileged_watch;
	struct loop_timer timer;
	struct loop_wake gone_wake;
	struct loop_signal signals[2];
	struct writer_watcher sink_watcher;
	struct engine_pending *pending; /* stats that wait for the kernel */
	struct request_call *calling;	/* the method call that is running */
	struct engine_run run;
};

/* -- engine_build.c, engine_commit.c ----------------------------------------
 */

/* engine_build - prepare every switch of `store`; 0 or -errno, all undone. */
int engine_build(struct engine *engine, const struct store *store,
		 struct cursor_maker *maker, struct vs_error *error);
void engine_build_commit(struct engine *engine, const struct store *store);
/* engine_commit_note - to the log, what the newest generation changed. */
void engine_commit_note(const struct engine *engine);
void engine_build_abort(struct engine *engine);
/* engine_rebuild - one switch again, after a device changed. */
void engine_rebuild(struct engine_switch *es);
/* engine_build_port - the attachment of an object of the candidate. */
const struct vs_port_info *engine_build_port(struct engine *engine,
					     const struct vs_object *object);
/* -- engine_ext.c, engine_saved.c ---------------------------------------------
 */

/* engine_ext_load_all - what the extension directory holds, at start. */
int engine_ext_load_all(struct engine *engine, struct vs_error *error);
/* engine_ext_succeed - a member that was attached now takes over what an older
 * version of it on this switch has saved. */
void engine_ext_succeed(struct engine_switch *es,
			const struct engine_member *member);
struct port_state_saved;
/* engine_member_save - one more state of `saved`, if the extension keeps one of
 * the port; NULL: of the whole switch. engine_member_give - it back. */
int engine_member_save(const struct engine_member *member, const char *port,
		       struct port_saved *saved, struct vs_error *error);
int engine_member_give(const struct engine_member *member, const char *port,
		       const struct port_state_saved *state,
		       struct vs_error *error);

/* -- engine_show.c, engine_resolve.c: what there is, by name ------------------
 */

/* engine_find_port - by name over all switches; NULL = refused with names. */
struct engine_port *engine_find_port(struct engine *engine, const char *name,
				     struct vs_error *error);
/* engine_switch_object, engine_port_object - what the policy that is true says
 * of it; NULL = nothing (an uplink, the host's port). */
const struct vs_object *engine_switch_object(const struct engine_switch *es);
const struct vs_object *engine_port_object(const struct engine_port *port);
/* engine_port_mac - who is behind it: by policy, else the device's. */
const struct vs_mac *engine_port_mac(const struct engine_port *port);
/* engine_port_vsid - by policy, the first one; 0 = the provider's network. */
struct vs_vsid engine_port_vsid(const struct engine_port *port);
const char *engine_port_name(const struct engine_switch *es,
			     struct vs_port_id id);

/* -- engine.c ----------------------------------------------------------------
 */

/* engine_create - everything but files and the socket: enough to ask it about
 * its schema or a document. *engine must be destroyed in any case. */
int engine_create(struct engine **engine, const struct daemon_config *config,
		  struct vs_error *error);
/* engine_start - take the run directory, load the policy, listen. */
int engine_start(struct engine *engine, struct vs_error *error);
int engine_run(struct engine *engine);
void engine_destroy(struct engine *engine);
/* An event for monitor and the log. */
void engine_event(struct engine *engine, const struct event_said *said);
/* engine_trim_soon - much memory was used for a while. */
void engine_trim_soon(struct engine *engine);
/* engine_hurry - poll the switches soon, from the loop. */
void engine_hurry(struct engine *engine);
/* engine_open_sink - a file of the capture role, or (name NULL) the fd that
 * came with the running method call. The sink id, or -errno. */
int engine_open_sink(struct engine *engine, const char *name,
		     struct vs_error *error);

#endif
