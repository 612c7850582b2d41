/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_judge.h: what is said of objects whose extension no switch uses.
 */
#ifndef ENGINE_JUDGE_H
#define ENGINE_JUDGE_H

#include "engine.h"

/* engine_judge - after all switches were built from the candidate: 0, or
 * -errno with what the extension refuses, and where. */
int engine_judge(const struct engine *engine, const struct store *store,
		 struct cursor_maker *maker, struct vs_error *error);

#endif
