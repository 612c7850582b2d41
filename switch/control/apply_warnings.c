// SPDX-License-Identifier: Apache-2.0
/*
 * apply_warnings.c: what was remarked while a candidate was prepared, and which
 * of it a change has to say: what held before it is not said again.
 *
 * Before this file: the owner's prepare. After it: apply.c.
 */
#include "control/policy_private.h"

static struct policy *policy_of(struct cursor_maker *maker)
{
	return (struct policy *)((char *)maker -
				 offsetof(struct policy, warner));
}

static const struct vs_port_info *maker_port(struct cursor_maker *maker,
					     const struct vs_object *object)
{
	struct policy_owner *owner = policy_of(maker)->config.owner;

	return owner->ops->port ? owner->ops->port(owner, object) : NULL;
}

static void maker_warn(struct cursor_maker *maker,
		       const struct vs_object *object, const char *text)
{
	struct policy *policy = policy_of(maker);
	char path[256];

	object_path(object, NULL, path, sizeof(path));
	json_array_append_new(policy->warnings, json_pack("{s:s, s:s}", "path",
							  path, "text", text));
}

const struct cursor_maker_ops policy_warner_ops = {.port = maker_port,
						   .warn = maker_warn};

/* Texts by path: a document may be warned of at each of its objects. */
static json_t *by_path(const json_t *warnings)
{
	json_t *paths = json_object(), *warning, *texts;
	const char *path;
	size_t i;

	json_array_foreach(warnings, i, warning)
	{
		path = json_string_value(json_object_get(warning, "path"));
		texts = json_object_get(paths, path);
		if (!texts) {
			texts = json_array();
			json_object_set_new(paths, path, texts);
		}
		json_array_append(texts, json_object_get(warning, "text"));
	}
	return paths;
}

static bool is_known(const json_t *paths, const json_t *warning)
{
	const json_t *texts = json_object_get(
		paths, json_string_value(json_object_get(warning, "path")));
	const json_t *text = json_object_get(warning, "text");
	json_t *known;
	size_t i;

	json_array_foreach(texts, i, known)
	{
		if (json_equal(known, text))
			return true;
	}
	return false;
}

/* What holds since before is not said at each change. */
json_t *policy_warnings_new(const struct policy *policy)
{
	json_t *known = by_path(policy->known_warnings);
	json_t *fresh = json_array(), *warning;
	size_t i;

	json_array_foreach(policy->warnings, i, warning)
	{
		if (!is_known(known, warning))
			json_array_append(fresh, warning);
	}
	json_decref(known);
	return fresh;
}

/* The policy in force is the one that was warned of; what was not looked at
 * again still holds. */
void policy_warnings_keep(struct policy *policy)
{
	json_t *fresh = policy_warnings_new(policy);

	if (policy->warner.asked) {
		json_array_extend(policy->known_warnings, fresh);
	} else {
		json_decref(policy->known_warnings);
		policy->known_warnings = json_incref(policy->warnings);
	}
	json_decref(fresh);
}

void policy_warnings_clear(struct policy *policy)
{
	json_decref(policy->warnings);
	policy->warnings = json_array();
}
