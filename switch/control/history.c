// SPDX-License-Identifier: Apache-2.0
/*
 * history.c: the ring of the last generations.
 *
 * Before this file: journal.c. After it: apply.c, request_policy.c.
 */
#include "control/history.h"

#include <string.h>

static void entry_release(struct history_entry *entry)
{
	json_decref(entry->record);
	store_destroy(entry->before);
	store_destroy(entry->after);
}

void history_clear(struct history *history)
{
	while (history->count)
		entry_release(&history->entries[--history->count]);
}

void history_push(struct history *history, const struct history_entry *entry)
{
	if (history->count == HISTORY_GENERATIONS) {
		entry_release(&history->entries[0]);
		history->count--;
		memmove(&history->entries[0], &history->entries[1],
			history->count * sizeof(history->entries[0]));
	}
	history->entries[history->count++] = (struct history_entry){
		.record = json_incref(entry->record),
		.before = store_hold(entry->before),
		.after = store_hold(entry->after),
	};
}

void history_copy(struct history *history, const struct history *from)
{
	uint32_t i;

	for (i = 0; i < from->count; i++)
		history_push(history, &from->entries[i]);
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
		undoes = json_object_get(history->entries[i].record, "undoes");
		if (undoes &&
		    (uint64_t)json_integer_value(undoes) == generation)
			return true;
	}
	return false;
}

const struct history_entry *history_undoable(const struct history *history)
{
	const struct history_entry *entry;
	uint32_t i = history->count;

	while (i--) {
		entry = &history->entries[i];
		if (!json_object_get(entry->record, "undoes") &&
		    !is_undone(history, history_generation(entry->record)))
			return entry;
	}
	return NULL;
}

const struct history_entry *history_find(const struct history *history,
					 uint64_t generation)
{
	uint32_t i;

	for (i = 0; i < history->count; i++)
		if (history_generation(history->entries[i].record) ==
		    generation)
			return &history->entries[i];
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
				json_object_get(history->entries[i].record,
						shown[j]));
		json_array_append_new(list, row);
	}
	return list;
}
