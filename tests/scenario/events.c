// SPDX-License-Identifier: Apache-2.0
/*
 * events.c: the statement `event`: what the switches told their owner. An
 * event that was expected is used up.
 */
#include <stdio.h>
#include <string.h>

#include "tests/scenario/script.h"

/* Some host's event of that name whose text begins so, or NULL. */
static struct rig_event *find(const struct script *script, const char *name,
			      const char *text)
{
	uint16_t i, j;

	for (i = 0; i < script->host_count; i++) {
		struct rig *rig = script->host[i]->rig;

		vs_switch_poll(rig->sw, rig->now);
		for (j = 0; j < RIG_EVENTS; j++)
			if (strcmp(rig->event[j].name, name) == 0 &&
			    strncmp(rig->event[j].text, text, strlen(text)) ==
				    0)
				return &rig->event[j];
	}
	return NULL;
}

static void show(const struct script *script)
{
	uint16_t i, j;

	for (i = 0; i < script->host_count; i++)
		for (j = 0; j < RIG_EVENTS; j++)
			if (script->host[i]->rig->event[j].name[0])
				fprintf(stderr, "  %s: %s\n",
					script->host[i]->rig->event[j].name,
					script->host[i]->rig->event[j].text);
}

void run_event(struct script *script, char **words, int count)
{
	bool none = strcmp(words[1], "none") == 0;
	char text[256] = "";
	struct rig_event *event;
	int i, first = none ? 3 : 2;

	if (count < first)
		script_fail(script, "event [none] NAME [TEXT]");
	for (i = first; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", i == first ? "" : " ", words[i]);
	event = find(script, words[first - 1], text);
	if (none && event)
		script_fail(script, "there is one: %s", event->text);
	if (!none && !event) {
		show(script);
		script_fail(script, "no such event");
	}
	if (event)
		event->name[0] = 0;
}
