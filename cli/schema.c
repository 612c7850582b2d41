// SPDX-License-Identifier: Apache-2.0
/*
 * schema.c: look-ups in the daemon's schema. Knows the members of
 * schema.list (vswitch-rpc(7)) and no noun by name.
 */
#include "schema.h"

#include <stdio.h>
#include <string.h>

#include "value.h"

static json_t *find_named(const json_t *array, const char *member,
			  const char *name)
{
	size_t i;
	json_t *element;

	json_array_foreach(array, i, element)
	{
		if (strcmp(member_text(element, member), name) == 0)
			return element;
	}
	return NULL;
}

json_t *schema_noun(const json_t *schema, const char *name)
{
	return find_named(json_object_get(schema, "nouns"), "name", name);
}

const char *schema_provider(const json_t *schema, const char *noun)
{
	const json_t *found = find_named(json_object_get(schema, "unavailable"),
					 "noun", noun);

	return found ? member_text(found, "extension") : NULL;
}

json_t *fields_find(const json_t *fields, const char *name)
{
	static const char *const endings[] = {"s", "es"};
	json_t *field = find_named(fields, "name", name);

	for (size_t i = 0; !field && i < 2; i++) {
		char plural[VALUE_SIZE];

		snprintf(plural, sizeof(plural), "%s%s", name, endings[i]);
		field = find_named(fields, "name", plural);
		if (field && !member_true(field, "list"))
			field = NULL;
	}
	return field;
}

json_t *schema_field(const json_t *noun, const char *name)
{
	return fields_find(json_object_get(noun, "fields"), name);
}

json_t *schema_key(const json_t *noun)
{
	return json_array_get(json_object_get(noun, "fields"), 0);
}

const char *schema_parent_field(const json_t *noun)
{
	const char *field = member_text(noun, "parent_field");

	if (!*field)
		field = member_text(noun, "parent");
	return *field ? field : NULL;
}

bool schema_parent_first(const json_t *noun)
{
	const json_t *first =
		json_array_get(json_object_get(noun, "positional"), 0);

	return first && strcmp(json_string_value(first), "^") == 0;
}

json_t *schema_method(const json_t *schema, const char *noun, const char *verb)
{
	size_t i;
	json_t *method;

	json_array_foreach(json_object_get(schema, "methods"), i, method)
	{
		const char *owner = member_text(method, "noun");

		if (!*owner)
			owner = member_text(method, "extension");
		if (strcmp(owner, noun) == 0 &&
		    strcmp(member_text(method, "verb"), verb) == 0)
			return method;
	}
	return NULL;
}

const json_t *schema_edit(const json_t *noun, const char *verb)
{
	json_t *edit;
	size_t i;

	json_array_foreach(json_object_get(noun, "edits"), i, edit)
	{
		if (strcmp(member_text(edit, "verb"), verb) == 0)
			return edit;
	}
	return NULL;
}

void schema_offer_edits(const json_t *noun, struct nearest *nearest)
{
	json_t *edit;
	size_t i;

	json_array_foreach(json_object_get(noun, "edits"), i, edit)
	{
		nearest_offer(nearest, member_text(edit, "verb"));
	}
}

const char *schema_verb_owner(const json_t *schema, const char *verb)
{
	size_t i;
	json_t *method;

	json_array_foreach(json_object_get(schema, "methods"), i, method)
	{
		if (!*member_text(method, "noun") &&
		    strcmp(member_text(method, "verb"), verb) == 0)
			return member_text(method, "extension");
	}
	return NULL;
}

json_t *schema_child(const json_t *schema, const json_t *noun,
		     const char *child)
{
	json_t *found = schema_noun(schema, child);

	if (found && strcmp(member_text(found, "parent"),
			    member_text(noun, "name")) == 0)
		return found;
	return NULL;
}

void schema_offer_nouns(const json_t *schema, struct nearest *nearest)
{
	size_t i;
	json_t *element;

	fields_offer(json_object_get(schema, "nouns"), nearest);
	json_array_foreach(json_object_get(schema, "unavailable"), i, element)
	{
		nearest_offer(nearest, member_text(element, "noun"));
	}
}

void schema_offer_methods(const json_t *schema, const char *noun,
			  struct nearest *nearest)
{
	size_t i;
	json_t *method;

	json_array_foreach(json_object_get(schema, "methods"), i, method)
	{
		const char *verb = member_text(method, "verb");

		if (schema_method(schema, noun, verb) == method)
			nearest_offer(nearest, verb);
	}
}

void schema_offer_verbs(const json_t *schema, struct nearest *nearest)
{
	size_t i;
	json_t *method;

	json_array_foreach(json_object_get(schema, "methods"), i, method)
	{
		if (!*member_text(method, "noun"))
			nearest_offer(nearest, member_text(method, "verb"));
	}
}

void fields_offer(const json_t *fields, struct nearest *nearest)
{
	size_t i;
	json_t *field;

	json_array_foreach(fields, i, field)
	{
		nearest_offer(nearest, member_text(field, "name"));
	}
}
