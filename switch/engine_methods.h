/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_methods.h: what the engine answers to the control socket.
 *
 * One declaration per method, each in the file named above it, and the calls of
 * struct request_engine that engine.c hands to control/. All of them run on the
 * main thread and only read what engine.h describes, save the ones of
 * engine_ext.c, which change what extensions there are, and engine_saved.c.
 * What the engine does without being asked is in engine.h.
 */
#ifndef ENGINE_METHODS_H
#define ENGINE_METHODS_H

#include "engine.h"

static inline struct engine *engine_of_methods(struct request_engine *methods)
{
	return (struct engine *)((char *)methods -
				 offsetof(struct engine, methods));
}

/* engine_methods.c: which method is answered by whom */
extern const struct request_method engine_methods[];
extern const uint16_t engine_method_count;
int engine_map(struct request_engine *methods, int fd, const char **bytes,
	       size_t *size, struct vs_error *error);
void engine_unmap(struct request_engine *methods, const char *bytes,
		  size_t size);
void engine_status(struct request_engine *methods,
		   const struct vs_object *object, struct vs_reply *reply);
void engine_list(struct request_engine *methods,
		 const struct vs_extension *extension,
		 const struct vs_noun *noun, struct vs_rows *rows);
int engine_call(struct request_engine *methods,
		const struct vs_extension *extension,
		const struct request_run *run, struct vs_reply *reply,
		struct vs_error *error);

/* engine_show.c, engine_show_policies.c, engine_groups.c */
void engine_show(struct request_engine *methods, struct request_call *call);
/* engine_show_policies - a port object's, as a list "policies"; nothing if it
 * has none. */
void engine_show_policies(struct vs_reply *reply,
			  const struct vs_object *object);
void engine_fdb(struct request_engine *methods, struct request_call *call);
void engine_groups(struct request_engine *methods, struct request_call *call);

/* engine_member.c */
/* engine_new_row - room for a row of the ledger, to be freed; NULL: the call
 * is refused already. */
struct vs_ledger_row *engine_new_row(struct request_call *call);
/* engine_reply_extension - which it is: name, class and version. */
void engine_reply_extension(struct vs_reply *reply,
			    const struct vs_extension *extension);
/* engine_reply_member - the members of a row about an extension but for its
 * counters; `sums` of vs_ledger_total. */
void engine_reply_member(struct vs_reply *reply,
			 const struct engine_member *member,
			 const struct vs_ledger_row *sums);
/* engine_reply_members - a row of each on the stack, counters and all. */
void engine_reply_members(struct vs_reply *reply,
			  const struct engine_switch *es,
			  const struct vs_ledger_row *sums);

/* engine_count.c */
void engine_stats(struct request_engine *methods, struct request_call *call);
/* engine_stats_flush - answer what still waits, before the loop ends. */
void engine_stats_flush(struct engine *engine);
void engine_drops(struct request_engine *methods, struct request_call *call);
void engine_reasons(struct request_engine *methods, struct request_call *call);
/* engine_reply_vsid - the member "vsid": a number, or "vlan 100". */
void engine_reply_vsid(struct vs_reply *reply, struct vs_vsid vsid);

/* engine_trace.c */
void engine_trace(struct request_engine *methods, struct request_call *call);

/* engine_ext.c: which extensions there are, which the switches have */
void engine_ext_list(struct request_engine *methods, struct request_call *call);
void engine_ext_available(struct request_engine *methods,
			  struct request_call *call);
void engine_ext_load(struct request_engine *methods, struct request_call *call);
void engine_ext_unload(struct request_engine *methods,
		       struct request_call *call);
void engine_ext_reload(struct request_engine *methods,
		       struct request_call *call);

/* engine_saved.c: what the extensions keep of a port, to a document and back */
int engine_save_port(struct request_engine *methods, const char *name,
		     struct port_saved *saved, struct vs_error *error);
int engine_restore_port(struct request_engine *methods, const char *name,
			const struct port_saved *saved, struct vs_reply *reply,
			struct vs_error *error);

/* engine_mismatch.c */
void engine_show_mismatches(struct vs_reply *reply,
			    const struct engine_port *port);
void engine_port_status(struct engine *engine, const struct vs_object *object,
			struct vs_reply *reply);
/* engine_acl.c */
void engine_built_in(struct request_engine *methods, const struct vs_noun *noun,
		     const char *parent, struct vs_reply *rows);
/* engine_port_of - of a port object, also one of a copy of the store; NULL: it
 * is not there yet. */
struct engine_port *engine_port_of(struct engine *engine,
				   const struct vs_object *object);
void engine_acl_status(struct engine *engine, const struct vs_object *object,
		       struct vs_reply *reply);
void engine_acl_flows(struct request_engine *methods,
		      struct request_call *call);

#endif
