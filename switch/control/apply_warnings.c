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

/* What holds since before is not said at each change. */
json_t *policy_warnings_new(const struct policy *policy)
{
	json_t *fresh = json_array(), *warning, *known;
	size_t i, k;

	json_array_foreach(policy->warnings, i, warning)
	{
		bool said = false;

		json_array_foreach(policy->known_warnings, k, known)
		{
			said = said || json_equal(known, warning);
		}
		if (!said)
			json_array_append(fresh, warning);
	}
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
