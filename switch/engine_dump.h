/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_dump.h: what vswitchd says without running: --schema and --check.
 * Both ask the request server as a client would.
 */
#ifndef ENGINE_DUMP_H
#define ENGINE_DUMP_H

#include "engine.h"

/* engine_dump_schema - {"schema": answer of schema.list, "reasons": answer of
 * reasons} on stdout, for the manual pages. Returns the exit code. */
int engine_dump_schema(struct engine *engine);

/* engine_check_document - a dry apply of `document`, a sealed memfd (input.h)
 * of what `file` holds; says what is wrong on stderr. Returns the exit code
 * (enum vs_exit). */
int engine_check_document(struct engine *engine, const char *file,
			  int document);

#endif
