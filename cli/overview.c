// SPDX-License-Identifier: Apache-2.0
/*
 * overview.c: the verb show: the daemon's answer, and at each uplink the
 * provider addresses that live there, which are an extension's to tell. After
 * it: show.c, which words it.
 */
#include <string.h>

#include "render.h"
#include "schema.h"
#include "session.h"
#include "value.h"

/* What show is not: words behind it mean objects. */
static enum vs_exit refuse_words(struct session *session,
				 const struct words *words,
				 struct complaint *complaint)
{
	const char *key = words->count > 1 ? words->at[1] : NULL;
	struct complaint ignored = {0};
	bool noun = key || (!session_schema(session, &ignored) &&
			    schema_noun(session->schema, words->at[0]));

	complaint_clear(&ignored);
	return complain(complaint, VS_EXIT_USAGE,
			"show is the overview and takes no %s; for objects: "
			"vsctl %s %s%s",
			words->at[0], noun ? words->at[0] : "port",
			noun && !key ? "list" : "show ",
			key    ? key
			: noun ? ""
			       : words->at[0]);
}

/* {"address", "state"} of those that live on the uplink. */
static json_t *of_uplink(const json_t *objects, const char *uplink)
{
	json_t *list = json_array(), *object;
	size_t i;

	json_array_foreach(objects, i, object)
	{
		const json_t *parent = json_object_get(object, "parent");
		const json_t *status = json_object_get(object, "status");

		if (strcmp(member_text(parent, "key"), uplink) == 0)
			json_array_append_new(
				list,
				json_pack("{s:s, s:s}", "address",
					  member_text(object, "key"), "state",
					  member_text(status, "state")));
	}
	return list;
}

/* An older daemon, or one without that noun, has none to tell of. */
static void add_addresses(struct session *session, const json_t *one)
{
	json_t *params = json_pack("{s:s, s:{s:s}}", "noun", "pa", "where",
				   "switch", member_text(one, "name"));
	struct complaint ignored = {0};
	json_t *result = NULL, *uplink;
	size_t i;

	if (client_call(&session->client, "object.list", params, &result,
			&ignored) == VS_EXIT_OK)
		json_array_foreach(json_object_get(one, "uplinks"), i, uplink)
		{
			json_object_set_new(
				uplink, "pa",
				of_uplink(json_object_get(result, "objects"),
					  member_text(uplink, "name")));
		}
	json_decref(result);
	complaint_clear(&ignored);
}

enum vs_exit show_run(struct session *session, const struct verb *verb,
		      const struct words *words, struct complaint *complaint)
{
	json_t *params = json_object(), *result = NULL, *one;
	const struct view view = {.params = params};
	enum vs_exit code;
	size_t i;

	code = words->count ? refuse_words(session, words, complaint)
			    : client_call(&session->client, verb->method, NULL,
					  &result, complaint);
	if (!code) {
		json_array_foreach(json_object_get(result, "switches"), i, one)
		{
			if (json_array_size(json_object_get(one, "uplinks")))
				add_addresses(session, one);
		}
		session->output.ops->result(&session->output, verb->render,
					    &view, result);
	}
	json_decref(result);
	json_decref(params);
	return code;
}
