/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h: what a client of the control socket must know.
 *
 * JSON-RPC 2.0 (https://www.jsonrpc.org/specification) over a UNIX stream
 * socket, one object per line, UTF-8. A request line is at most 1 MiB; a
 * larger document comes as a sealed memfd passed with SCM_RIGHTS beside the
 * request that says "fd": true. Batches are refused. Duplicate members,
 * nesting beyond 64 and NUL in strings are refused.
 *
 * Methods (vswitch-rpc(7) has their members):
 *
 *   hello                  {}: version, limits, probes
 *   schema.list            {}: every noun, field, method, with help
 *   object.list            {noun, where: {field: value}}
 *   object.add | set | del {noun, key, parent, fields, dry_run, all}
 *   method.call            {noun, verb, key, arguments}
 *   policy.apply           {document | fd, part, confirm, dry_run}
 *   policy.diff            {document | fd}
 *   policy.dump            {part}
 *   policy.confirm, policy.undo, policy.log
 *   show, stats, drops, fdb, fdb.flush
 *   trace                  {port, frame}
 *   capture                {port, filter, snap, count}: answers, then the
 *                          pcapng bytes go to the fd passed beside it
 *   monitor                {}: then one notification "event" per line
 *   log.level              {module, level}
 */
#ifndef VSWITCH_CONTROL_H
#define VSWITCH_CONTROL_H

#define VS_RPC_SOCKET	     "vswitchd.sock" /* in the run directory */
#define VS_RPC_RUNDIR	     "/run/vswitch"
#define VS_RPC_STATEDIR	     "/var/lib/vswitch"
#define VS_RPC_GROUP	     "vswitch" /* the socket's, unless another is named */
#define VS_RPC_LINE_SIZE     (1024 * 1024)
#define VS_RPC_DEPTH	     64
#define VS_RPC_CLIENTS	     64
#define VS_RPC_IDLE_SECONDS  30	 /* a request begun but not finished */
#define VS_RPC_REST_SECONDS  120 /* nothing asked and nothing awaited */
#define VS_RPC_DOCUMENT_SIZE (256 * 1024 * 1024) /* by memfd */

/* vsctl's exit codes; also error.data.exit in an answer. */
enum vs_exit {
	VS_EXIT_OK = 0,
	VS_EXIT_USAGE = 1,
	VS_EXIT_ABSENT = 2,
	VS_EXIT_UNREACHABLE = 3,
	VS_EXIT_REFUSED = 4,
	VS_EXIT_TIMEOUT = 5,
};

/*
 * error.code of an answer. -32700 to -32603 are JSON-RPC's own; these are
 * ours. error.message is one line: what is wrong and the fix. error.data:
 * {"path": JSON path or "", "errno": name, "exit": enum vs_exit}.
 */
enum vs_rpc_error {
	VS_RPC_PARSE = -32700,
	VS_RPC_INVALID = -32600,
	VS_RPC_NO_METHOD = -32601,
	VS_RPC_PARAMS = -32602,
	VS_RPC_INTERNAL = -32603,
	VS_RPC_ABSENT = 1,  /* no such object */
	VS_RPC_REFUSED = 2, /* policy refused; nothing changed */
	VS_RPC_BUSY = 3,    /* another change is being written */
	VS_RPC_LIMIT = 4,   /* size, depth, clients */
	VS_RPC_STORAGE = 5, /* could not be persisted; nothing changed */
};

#endif
