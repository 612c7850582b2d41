/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.h: the last generations: who changed what, when, and the way back.
 *
 * A record is what a journal line holds: {"generation", "time", "uid",
 * "summary", "ops"} and, of an apply with confirm, "confirm": seconds, of an
 * undo, "undoes": generation. undo takes back the newest change that is
 * neither an undo nor undone: all behind it cancel out, so its inverse fits.
 *
 * Before this file: change.h. After it: apply.c.
 */
#ifndef CONTROL_HISTORY_H
#define CONTROL_HISTORY_H

#include <jansson.h>

#include <vswitch/types.h>

#define HISTORY_GENERATIONS 20u

struct history {
	json_t *records[HISTORY_GENERATIONS]; /* oldest first */
	uint32_t count;
};

void history_clear(struct history *history);
/* history_push - takes a reference; the oldest makes room. */
void history_push(struct history *history, json_t *record);
/* history_undoable - the record that undo would take back, or NULL. */
const json_t *history_undoable(const struct history *history);
/* history_find - by generation, or NULL. */
const json_t *history_find(const struct history *history, uint64_t generation);
/* history_list - for people, newest first, without operations. */
json_t *history_list(const struct history *history);
/* history_json - whole, oldest first. */
json_t *history_json(const struct history *history);

uint64_t history_generation(const json_t *record);

#endif
