// SPDX-License-Identifier: Apache-2.0
/*
 * port.c: port restore: what a port takes along when its VM moves to another
 * host. The document is only handed on.
 */
#include "render.h"
#include "session.h"
#include "value.h"

enum vs_exit restore_run(struct session *session, const struct verb *verb,
			 const struct words *words, struct complaint *complaint)
{
	if (session->options->dry_run)
		return complain(complaint, VS_EXIT_USAGE,
				"%s knows no --dry-run: nothing was done",
				verb->name);
	return apply_run(session, verb, words, complaint);
}

/* "web: restored by wnv", and what nobody wanted */
void render_restored(FILE *stream, const struct view *view,
		     const json_t *result)
{
	const json_t *restored = json_object_get(result, "restored");
	const json_t *left_out = json_object_get(result, "left_out");
	char text[VALUE_SIZE];

	(void)view;
	fprintf(stream, "%s: %s%s\n", member_text(result, "port"),
		json_array_size(restored) ? "restored by "
					  : "there was nothing to restore",
		json_array_size(restored)
			? value_text(restored, text, sizeof(text))
			: "");
	if (json_array_size(left_out))
		fprintf(stream,
			"left out, for it is not on the switch's stack: %s\n",
			value_text(left_out, text, sizeof(text)));
}
