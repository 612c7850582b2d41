// SPDX-License-Identifier: Apache-2.0
/*
 * veto.c: see veto.h. Who refuses is named here; why is the extension's word.
 */
#include "control/veto.h"

#include <errno.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/schema.h"

struct question {
	struct vs_settings_visitor visitor; /* first */
	const struct vs_settings *settings;
	const struct schema_noun *noun;
	const struct veto_seat *seats;
	uint16_t count;
	struct vs_error *error;
};

static int refuse(const struct question *question,
		  const struct vs_extension *extension,
		  const struct vs_object *object, const struct vs_error *said)
{
	struct vs_error place = {.code = 0};

	question->settings->ops->place(object, NULL, &place);
	return vs_error_set(question->error, said->code ? said->code : EPERM,
			    said->path[0] ? said->path : place.path,
			    "extension %.63s does not allow it: %.200s",
			    extension->name,
			    said->text[0] ? said->text : "it does not say why");
}

static int visit(struct vs_settings_visitor *visitor,
		 const struct vs_object *before, const struct vs_object *after)
{
	const struct question *question = (const struct question *)visitor;

	for (uint16_t i = 0; after && i < question->count; i++) {
		const struct vs_extension *extension =
			question->seats[i].extension;
		struct vs_error said = {.code = 0};

		if (extension->allow_change &&
		    question->noun->extension != extension &&
		    extension->allow_change(question->seats[i].instance,
					    question->settings, before, after,
					    &said) != 0)
			return refuse(question, extension, after, &said);
	}
	return 0;
}

static bool is_of_a_switch(const struct schema_noun *noun)
{
	while (noun && noun->noun != &host_nouns[HOST_SWITCH])
		noun = noun->parent;
	return noun != NULL;
}

static bool somebody_judges(const struct veto_seat *seats, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		if (seats[i].extension->allow_change)
			return true;
	return false;
}

int veto_ask(const struct schema *schema, const struct vs_settings *settings,
	     const struct veto_seat *seats, uint16_t count,
	     struct vs_error *error)
{
	struct question question = {.visitor = {.visit = visit},
				    .settings = settings,
				    .seats = seats,
				    .count = count,
				    .error = error};
	int result = 0;

	if (!somebody_judges(seats, count) || !settings->ops->before(settings))
		return 0;
	for (uint16_t i = 0; !result && i < schema_count(schema); i++) {
		question.noun = schema_at(schema, i);
		if (!question.noun->gone && is_of_a_switch(question.noun))
			result = settings->ops->changes(settings,
							question.noun->noun,
							&question.visitor);
	}
	return result;
}
