/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.h: the last generations: who changed what, when, and the way back.
 *
 * A record is what a journal line holds, but for its operations:
 * {"generation", "time", "uid", "summary"} and, of an apply with confirm,
 * "confirm": seconds, of an undo, "undoes": generation. What it changed are
 * the stores before and after it, which share nearly all with each other.
 * undo takes back the newest change that is neither an undo nor undone: all
 * behind it cancel out, so the store before it is where undo goes.
 *
 * Before this file: change.h. After it: apply.h.
 */
#ifndef CONTROL_HISTORY_H
#define CONTROL_HISTORY_H

#include <jansson.h>

#include <vswitch/types.h>

#include "control/store.h"

#define HISTORY_GENERATIONS 20u

struct history_entry {
	json_t *record;
	struct store *before, *after;
};

struct history {
	struct history_entry entries[HISTORY_GENERATIONS]; /* oldest first */
	uint32_t count;
};

void history_clear(struct history *history);
/* history_push - holds all three; the oldest makes room. */
void history_push(struct history *history, const struct history_entry *entry);
/* history_copy - holds all that `from` does; `history` is empty. */
void history_copy(struct history *history, const struct history *from);
/* history_undoable - what undo would take back, or NULL. */
const struct history_entry *history_undoable(const struct history *history);
/* history_find - by generation, or NULL. */
const struct history_entry *history_find(const struct history *history,
					 uint64_t generation);
/* history_list - for people, newest first. */
json_t *history_list(const struct history *history);

uint64_t history_generation(const json_t *record);

#endif
