// SPDX-License-Identifier: Apache-2.0
/*
 * monitor.c: events until the daemon or the user ends it. ^C is a normal end.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "render.h"
#include "session.h"
#include "value.h"

/* Members with a column of their own; the others follow as name=value. */
static const char *const columns[] = {"time",  "switch", "source",
				      "event", "name",	 "text"};

static bool has_column(const char *name)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (strcmp(columns[i], name) == 0)
			return true;
	return false;
}

void render_event(FILE *stream, const struct view *view, const json_t *result)
{
	char text[VALUE_SIZE];
	const char *name;
	json_t *value;

	(void)view;
	fputs(value_time(json_object_get(result, "time"), text, sizeof(text)),
	      stream);
	for (size_t i = 1; i < sizeof(columns) / sizeof(columns[0]); i++) {
		bool same = strcmp(columns[i], "event") == 0 &&
			    *member_text(result, "name");

		if (!same && *member_text(result, columns[i]))
			fprintf(stream, "  %s",
				member_text(result, columns[i]));
	}
	json_object_foreach((json_t *)(uintptr_t)result, name, value)
	{
		if (!has_column(name))
			fprintf(stream, "  %s=%s", name,
				value_text(value, text, sizeof(text)));
	}
	fputc('\n', stream);
}

enum vs_exit monitor_run(struct session *session, const struct verb *verb,
			 const struct words *words, struct complaint *complaint)
{
	json_t *params, *message = NULL;
	enum vs_exit code = verb_params(verb, words, &params, complaint);

	if (!code)
		code = client_call(&session->client, verb->method, params,
				   &message, complaint);
	json_decref(message);
	session_endless();
	while (!code) {
		code = client_message(&session->client, -1, &message,
				      complaint);
		if (code)
			break;
		if (strcmp(member_text(message, "method"), "event") == 0)
			session->output.ops->event(
				&session->output, verb->render,
				json_object_get(message, "params"));
		json_decref(message);
	}
	return code;
}
