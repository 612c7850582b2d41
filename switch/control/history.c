// SPDX-License-Identifier: Apache-2.0
/*
 * history.c: the ring of the last generations.
 *
 * Before this file: journal.c. After it: apply.c, request_policy.c.
 */
#include "control/history.h"

#include <string.h>

void history_clear(struct history *history)
{
	while (history->count)
		json_decref(history->records[--history->count]);
}

void history_push(struct history *history, json_t *record)
{
	if (history->count == HISTORY_GENERATIONS) {
		json_decref(history->records[0]);
		history->count--;
		memmove(&history->records[0], &history->records[1],
			history->count * sizeof(history->records[0]));
	}
	history->records[history->count++] = json_incref(record);
}

uint64_t history_generation(const json_t *record)
{
	return (uint64_t)json_integer_value(
		json_object_get(record, "generation"));
}

static bool is_undone(const struct history *history, uint64_t generation)
{
	const json_t *undoes;
	uint32_t i;

	for (i = 0; i < history->count; i++) {
		undoes = json_object_get(history->records[i], "undoes");
		if (undoes &&
		    (uint64_t)json_integer_value(undoes) == generation)
			return true;
	}
	return false;
}

const json_t *history_undoable(const struct history *history)
{
	const json_t *record;
	uint32_t i = history->count;

	while (i--) {
		record = history->records[i];
		if (!json_object_get(record, "undoes") &&
		    !is_undone(history, history_generation(record)))
			return record;
	}
	return NULL;
}

const json_t *history_find(const struct history *history, uint64_t generation)
{
	uint32_t i;

	for (i = 0; i < history->count; i++)
		if (history_generation(history->records[i]) == generation)
			return history->records[i];
	return NULL;
}

json_t *history_list(const struct history *history)
{
	static const char *const shown[] = {"generation", "time", "uid",
					    "summary"};
	json_t *list = json_array(), *row;
	uint32_t i = history->count;
	size_t j;

	while (i--) {
		row = json_object();
		for (j = 0; j < sizeof(shown) / sizeof(shown[0]); j++)
			json_object_set(
				row, shown[j],
				json_object_get(history->records[i], shown[j]));
		json_array_append_new(list, row);
	}
	return list;
}

json_t *history_json(const struct history *history)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < history->count; i++)
		json_array_append(list, history->records[i]);
	return list;
}
