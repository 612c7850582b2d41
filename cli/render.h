/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render.h: one renderer per kind of answer, each pure: JSON in, text out.
 * The members that they read are those of vswitch-rpc(7).
 */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include "output.h"

output_render render_list;    /* object.list, as a table */
output_render render_object;  /* object.list, one object a paragraph */
output_render render_change;  /* object.add, set, del */
output_render render_answer;  /* method.call: whatever it is */
output_render render_changes; /* policy.apply, undo */
output_render render_diff;    /* policy.diff */
output_render render_check;   /* policy.check */
output_render render_kept;    /* policy.confirm */
output_render render_log;     /* policy.log */
output_render render_json;    /* policy.dump */
output_render render_show;
output_render render_stats;
output_render render_metrics; /* stats and show */
output_render render_drops;
output_render render_fdb;
output_render render_groups;
output_render render_flush;
output_render render_flows;	/* acl.flows */
output_render render_ext;	/* ext.list */
output_render render_available; /* ext.available */
output_render render_loaded;	/* ext.load, unload, reload */
output_render render_restored;	/* port.restore */
output_render render_trace;
output_render render_doctor;
output_render render_event;
output_render render_version;
output_render render_nothing; /* success says nothing */

/* Rows of objects as a table whose columns are the members they have. */
void render_rows(FILE *stream, const json_t *rows, const char *indent);
/* render_extensions - those of one switch, of show: a table, if there are any.
 */
void render_extensions(FILE *stream, const json_t *extensions,
		       const char *indent);

#endif
