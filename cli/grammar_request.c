// SPDX-License-Identifier: Apache-2.0
/*
 * grammar_request.c: a line whose words are sorted out, as the request that the
 * daemon gets: which method, and what goes where in it. Before it: grammar.c.
 */
#include "grammar_line.h"

#include <string.h>

#include "schema.h"
#include "value.h"

static json_t *request(const struct line *line, const char *method)
{
	json_t *params = json_pack("{s:s}", "noun", line_noun(line));

	if (line->key)
		json_object_set_new(params, "key", json_string(line->key));
	if (line->parent)
		json_object_set_new(params, "parent",
				    json_string(line->parent));
	if (line->options->dry_run)
		json_object_set_new(params, "dry_run", json_true());
	if (line->options->force && strcmp(method, "method.call") != 0)
		json_object_set_new(params, "force", json_true());
	return json_pack("{s:s, s:o}", "method", method, "params", params);
}

static void request_put(json_t *one, const char *name, json_t *value)
{
	json_object_set_new(json_object_get(one, "params"), name, value);
}

static enum vs_exit needs_key(const struct line *line,
			      struct complaint *complaint)
{
	const char *parent = schema_parent_field(line->noun);

	if (line->key || !line_has_key(line))
		return VS_EXIT_OK;
	return complain(complaint, VS_EXIT_USAGE,
			"%s %s which? vsctl %s %s %s%s%s [field=value ...]",
			line_noun(line), line_verb(line), line_noun(line),
			line_verb(line),
			schema_parent_first(line->noun) ? parent : "",
			schema_parent_first(line->noun) ? " " : "",
			member_text(schema_key(line->noun), "name"));
}

/* What a verb of the noun's own must be told. */
static enum vs_exit check_edit(const struct line *line,
			       struct complaint *complaint)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(line->edit, "sets"), i, name)
	{
		const char *field = json_string_value(name);

		if (!json_object_get(line->fields, field))
			return complain(
				complaint, VS_EXIT_USAGE,
				"%s %s: %s= is missing: %s", line_noun(line),
				line_verb(line), field,
				member_text(schema_field(line->noun, field),
					    "help"));
	}
	return VS_EXIT_OK;
}

static enum vs_exit line_add(struct line *line, json_t **made,
			     struct complaint *complaint)
{
	enum vs_exit code = needs_key(line, complaint);

	if (!code && line->edit)
		code = check_edit(line, complaint);
	if (code)
		return code;
	*made = request(line,
			line->verb == OBJECT_ADD ? "object.add" : "object.set");
	request_put(*made, "fields", json_incref(line->fields));
	if (line->edit)
		request_put(*made, "as", json_string(line_verb(line)));
	return VS_EXIT_OK;
}

/* Key and parent among the filters: what object.list and del know as where. */
static enum vs_exit put_place(struct line *line, struct complaint *complaint)
{
	enum vs_exit code = VS_EXIT_OK;

	if (line->key)
		code = line_put(line->fields,
				member_text(schema_key(line->noun), "name"),
				line->key, false, complaint);
	if (!code && line->parent)
		code = line_put(line->fields, schema_parent_field(line->noun),
				line->parent, false, complaint);
	line->key = line->parent = NULL;
	return code;
}

/* One object by its place, or whatever matches. */
static enum vs_exit line_del(struct line *line, json_t **made,
			     struct complaint *complaint)
{
	bool one = line->key && !json_object_size(line->fields);
	enum vs_exit code = VS_EXIT_OK;

	if (!line->key && !line->parent && !json_object_size(line->fields) &&
	    !line->options->all)
		return complain(complaint, VS_EXIT_USAGE,
				"%s del which? name one by its key, or several "
				"by field=value and --all",
				line_noun(line));
	if (!one)
		code = put_place(line, complaint);
	if (code)
		return code;
	*made = request(line, "object.del");
	if (!one)
		request_put(*made, "where", json_incref(line->fields));
	if (line->options->all)
		request_put(*made, "all", json_true());
	return VS_EXIT_OK;
}

static enum vs_exit line_list(struct line *line, json_t **made,
			      struct complaint *complaint)
{
	enum vs_exit code = VS_EXIT_OK;

	if (line->verb == OBJECT_SHOW && !line->key &&
	    !json_object_size(line->fields))
		code = needs_key(line, complaint);
	if (!code)
		code = put_place(line, complaint);
	if (code)
		return code;
	*made = json_pack("{s:s, s:{s:s, s:O}}", "method", "object.list",
			  "params", "noun", line_noun(line), "where",
			  line->fields);
	return VS_EXIT_OK;
}

static enum vs_exit line_method(struct line *line, json_t **made,
				struct complaint *complaint)
{
	if (line->options->dry_run)
		return complain(complaint, VS_EXIT_USAGE,
				"%s %s knows no --dry-run: nothing was done",
				line_noun(line), line_verb(line));
	*made = request(line, "method.call");
	/* the verb is an extension's own: there is no such noun */
	if (!schema_key(line->noun))
		json_object_del(json_object_get(*made, "params"), "noun");
	request_put(*made, "verb", json_string(line_verb(line)));
	request_put(*made, "arguments", json_incref(line->fields));
	if (line->on_switch)
		request_put(*made, "switch", json_string(line->on_switch));
	return VS_EXIT_OK;
}

enum vs_exit line_request(struct line *line, json_t **made,
			  struct complaint *complaint)
{
	if (line->method)
		return line_method(line, made, complaint);
	switch (line->verb) {
	case OBJECT_ADD:
	case OBJECT_SET:
		return line_add(line, made, complaint);
	case OBJECT_DEL:
		return line_del(line, made, complaint);
	default:
		return line_list(line, made, complaint);
	}
}
