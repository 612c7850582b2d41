// SPDX-License-Identifier: Apache-2.0
/*
 * json_schema.c: see json_schema.h. An object's key is the name of its member,
 * so the first field is none of its properties; what is reported only is none
 * either.
 */
#include "json_schema.h"

#include <stdbool.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

static bool says(const json_t *field, const char *flag)
{
	return json_is_true(json_object_get(field, flag));
}

static json_t *one_value(const json_t *field)
{
	const char *kind = text_of(field, "kind");
	json_t *most = json_object_get(field, "maximum");
	json_t *type;

	if (strcmp(kind, "bool") == 0)
		return json_pack("{s:s}", "type", "boolean");
	if (strcmp(kind, "choice") == 0)
		return json_pack("{s:O}", "enum",
				 json_object_get(field, "choices"));
	if (strcmp(kind, "number") != 0 && strcmp(kind, "vsid") != 0)
		return json_pack("{s:s}", "type", "string");
	type = json_pack("{s:s, s:O?}", "type", "integer", "minimum",
			 json_object_get(field, "minimum"));
	if (json_integer_value(most))
		json_object_set(type, "maximum", most);
	return type;
}

static json_t *property(const json_t *field)
{
	json_t *value = one_value(field);

	if (says(field, "list"))
		value = json_pack("{s:s, s:o}", "type", "array", "items",
				  value);
	json_object_set_new(value, "description",
			    json_string(text_of(field, "help")));
	if (*text_of(field, "unset"))
		json_object_set_new(value, "x-unset",
				    json_string(text_of(field, "unset")));
	return value;
}

static json_t *collection(const json_t *noun)
{
	return json_pack("{s:s, s:{s:o}}", "type", "object",
			 "additionalProperties", "$ref",
			 json_sprintf("#/$defs/%s", text_of(noun, "name")));
}

/* The children that this extension defines are among the properties. */
static void add_children(json_t *properties, const json_t *nouns,
			 const json_t *parent, const char *extension)
{
	json_t *noun;
	size_t i;

	json_array_foreach(nouns, i, noun)
	{
		if (strcmp(text_of(noun, "extension"), extension) == 0 &&
		    strcmp(text_of(noun, "parent"), text_of(parent, "name")) ==
			    0)
			json_object_set_new(properties, text_of(noun, "member"),
					    collection(noun));
	}
}

static json_t *definition(const json_t *nouns, const json_t *noun,
			  const char *extension)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *field;
	size_t i;

	json_array_foreach(json_object_get(noun, "fields"), i, field)
	{
		if (i == 0 || says(field, "status"))
			continue;
		json_object_set_new(properties, text_of(field, "name"),
				    property(field));
		if (says(field, "required"))
			json_array_append(required,
					  json_object_get(field, "name"));
	}
	add_children(properties, nouns, noun, extension);
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:O*}", "description",
			 text_of(noun, "help"), "type", "object", "properties",
			 properties, "required", required, "x-member",
			 text_of(noun, "member"), "x-parent",
			 json_is_string(json_object_get(noun, "parent"))
				 ? json_object_get(noun, "parent")
				 : NULL);
}

json_t *json_schema(const json_t *schema, const char *extension)
{
	const json_t *nouns = json_object_get(schema, "nouns");
	json_t *definitions = json_object(), *top = json_object();
	json_t *noun;
	size_t i;

	json_array_foreach(nouns, i, noun)
	{
		if (strcmp(text_of(noun, "extension"), extension) != 0)
			continue;
		json_object_set_new(definitions, text_of(noun, "name"),
				    definition(nouns, noun, extension));
		if (!*text_of(noun, "parent"))
			json_object_set_new(top, text_of(noun, "member"),
					    collection(noun));
	}
	if (!json_object_size(definitions)) {
		json_decref(definitions);
		json_decref(top);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "$schema",
			 "https://json-schema.org/draft/2020-12/schema",
			 "title", extension, "type", "object", "properties",
			 top, "$defs", definitions);
}
