// SPDX-License-Identifier: Apache-2.0
/*
 * The checks of descriptor.h, one function per table.
 */
#include "descriptor.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define NAME_SIZE 63u

#define REFUSE(error, ...) vs_error_set(error, EINVAL, "", __VA_ARGS__)

/* A lower-case word: letters, digits and `joint`, beginning with a letter. */
static bool is_word(const char *text, char joint)
{
	if (!text || !islower((unsigned char)*text))
		return false;
	for (; *text; text++)
		if (!islower((unsigned char)*text) &&
		    !isdigit((unsigned char)*text) && *text != joint)
			return false;
	return true;
}

static bool is_text(const char *text)
{
	return text && *text;
}

bool descriptor_name_valid(const char *name)
{
	size_t size;

	if (!name || !isalnum((unsigned char)*name))
		return false;
	for (size = 0; name[size]; size++)
		if (!isalnum((unsigned char)name[size]) &&
		    !strchr("_.-", name[size]))
			return false;
	return size <= NAME_SIZE;
}

static int check_identity(const struct vs_extension *extension,
			  const char *name, struct vs_error *error)
{
	struct vs_uuid guid;

	if (!descriptor_name_valid(extension->name))
		return REFUSE(error, "its name is missing or invalid: letters, "
				     "digits and _.-, at most 63");
	if (strcmp(extension->name, name) != 0)
		return REFUSE(error,
			      "its name is %s, the file's is %s: rename the "
			      "file",
			      extension->name, name);
	if (!is_text(extension->version) || !is_text(extension->help))
		return REFUSE(error, "version and help must be set");
	if (!extension->guid || vs_uuid_parse(extension->guid, &guid))
		return REFUSE(error, "guid must be a GUID in text form");
	return 0;
}

static int check_hooks(const struct vs_extension *extension,
		       struct vs_error *error)
{
	int classes = !!extension->capture + !!extension->filter +
		      !!extension->forward + !!extension->translate;

	if (classes != 1)
		return REFUSE(error,
			      "it fills %d class tables: fill exactly one of "
			      "capture, filter, forward, translate",
			      classes);
	if (!extension->attach != !extension->detach)
		return REFUSE(error, "attach and detach come as a pair: set "
				     "both or none");
	if (!extension->save != !extension->restore)
		return REFUSE(error, "save and restore come as a pair: set "
				     "both or none");
	if (extension->capture &&
	    (extension->allow_change || extension->allow_nic))
		return REFUSE(error, "a capture has no say in what comes to "
				     "be: leave allow_change and allow_nic "
				     "unset, or be a filter");
	if (extension->retire && !extension->configure)
		return REFUSE(error, "retire without configure has nothing to "
				     "retire: set both");
	if ((extension->shard_open || extension->shard_close) &&
	    !extension->shard_size)
		return REFUSE(error, "shard_open and shard_close need a "
				     "shard_size");
	return 0;
}

static int check_named(const struct vs_named *named, uint16_t count,
		       const char *what, struct vs_error *error)
{
	uint16_t i, j;

	if (count && !named)
		return REFUSE(error, "%u %ss, but no table", count, what);
	for (i = 0; i < count; i++) {
		if (!is_word(named[i].name, '_'))
			return REFUSE(error,
				      "%s %u: its name must be in snake_case",
				      what, i);
		if (!is_text(named[i].help))
			return REFUSE(error, "%s %s: help must be set", what,
				      named[i].name);
		for (j = 0; j < i; j++)
			if (strcmp(named[i].name, named[j].name) == 0)
				return REFUSE(error, "%s %s stands twice", what,
					      named[i].name);
	}
	return 0;
}

static int check_reasons(const struct vs_extension *extension,
			 struct vs_error *error)
{
	const struct vs_reason_entry *reason = extension->reasons;
	uint16_t i, j;

	if (extension->reason_count && !reason)
		return REFUSE(error, "%u drop reasons, but no table",
			      extension->reason_count);
	for (i = 0; i < extension->reason_count; i++) {
		if (!is_word(reason[i].name, '_'))
			return REFUSE(error,
				      "drop reason %u (\"%.64s\"): its name "
				      "must be in snake_case",
				      i, reason[i].name ? reason[i].name : "");
		if (!is_text(reason[i].help))
			return REFUSE(error, "drop reason %s: help must be set",
				      reason[i].name);
		for (j = 0; j < i; j++) {
			if (reason[i].number == reason[j].number)
				return REFUSE(error,
					      "drop reasons %s and %s share "
					      "number %u: numbers are unique",
					      reason[j].name, reason[i].name,
					      reason[i].number);
			if (strcmp(reason[i].name, reason[j].name) == 0)
				return REFUSE(error,
					      "drop reason %s stands twice",
					      reason[i].name);
		}
	}
	return 0;
}

/* One field or argument; `owner` is the noun or verb. */
static int check_field(const struct vs_field *field, const char *owner,
		       struct vs_error *error)
{
	if (!is_word(field->name, '-'))
		return REFUSE(error,
			      "%s: a field's name must be lower case words "
			      "joined by -",
			      owner);
	if (field->kind >= VS_KINDS)
		return REFUSE(error, "%s %s: kind %u is unknown", owner,
			      field->name, field->kind);
	if (!is_text(field->help))
		return REFUSE(error, "%s %s: help must be set", owner,
			      field->name);
	if (field->minimum > field->maximum)
		return REFUSE(error, "%s %s: its minimum exceeds its maximum",
			      owner, field->name);
	if (field->kind == VS_KIND_CHOICE &&
	    (!field->choices || !field->choices[0]))
		return REFUSE(error, "%s %s: a choice needs choices", owner,
			      field->name);
	return 0;
}

static int check_fields(const struct vs_field *fields, uint16_t count,
			const char *owner, struct vs_error *error)
{
	uint16_t i, j;
	int result;

	if (count && !fields)
		return REFUSE(error, "%s: %u fields, but no table", owner,
			      count);
	for (i = 0; i < count; i++) {
		result = check_field(&fields[i], owner, error);
		if (result)
			return result;
		for (j = 0; j < i; j++)
			if (strcmp(fields[i].name, fields[j].name) == 0)
				return REFUSE(error,
					      "%s: field %s stands twice",
					      owner, fields[i].name);
	}
	return 0;
}

static bool has_field(const struct vs_noun *noun, const char *name)
{
	uint16_t i;

	for (i = 1; i < noun->field_count; i++)
		if (strcmp(noun->fields[i].name, name) == 0)
			return !(noun->fields[i].flags &
				 (VS_FIELD_STATUS | VS_FIELD_IMMUTABLE));
	return false;
}

static bool has_fields(const struct vs_noun *noun, const char *const *names)
{
	for (; names && *names; names++)
		if (!has_field(noun, *names))
			return false;
	return true;
}

static int check_edits(const struct vs_noun *noun, struct vs_error *error)
{
	static const char *const taken[] = {"add",  "set",  "del",
					    "list", "show", "help"};
	const struct vs_edit *edit;
	size_t i;

	for (edit = noun->edits; edit && edit->verb; edit++) {
		for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
			if (strcmp(edit->verb, taken[i]) == 0)
				return REFUSE(error,
					      "noun %s: %s is every noun's "
					      "verb: call the edit otherwise",
					      noun->name, edit->verb);
		if (!is_word(edit->verb, '-') || !is_text(edit->help) ||
		    !edit->sets || !edit->sets[0])
			return REFUSE(error,
				      "noun %s: an edit needs a verb in lower "
				      "case, help and a field that it sets",
				      noun->name);
		if (!has_fields(noun, edit->sets) ||
		    !has_fields(noun, edit->clears))
			return REFUSE(error,
				      "noun %s: edit %s names a field that the "
				      "noun has not, or that cannot change",
				      noun->name, edit->verb);
	}
	return 0;
}

static int check_noun(const struct vs_noun *noun, struct vs_error *error)
{
	int result;

	if (!is_word(noun->name, '-') || !is_text(noun->member))
		return REFUSE(error, "a noun needs a name in lower case and a "
				     "member");
	if (!is_text(noun->help))
		return REFUSE(error, "noun %s: help must be set", noun->name);
	if (!noun->field_count)
		return REFUSE(error, "noun %s: field 0, its key, is missing",
			      noun->name);
	if (noun->fields &&
	    noun->fields[0].flags & (VS_FIELD_LIST | VS_FIELD_STATUS))
		return REFUSE(error,
			      "noun %s: field 0 is the key and can be neither "
			      "a list nor a status",
			      noun->name);
	result = check_fields(noun->fields, noun->field_count, noun->name,
			      error);
	return result ? result : check_edits(noun, error);
}

static int check_nouns(const struct vs_extension *extension,
		       struct vs_error *error)
{
	const struct vs_noun *noun = extension->nouns;
	uint16_t i, j;
	int result;

	if (extension->noun_count && !noun)
		return REFUSE(error, "%u nouns, but no table",
			      extension->noun_count);
	for (i = 0; i < extension->noun_count; i++) {
		result = check_noun(&noun[i], error);
		if (result)
			return result;
		for (j = 0; j < i; j++)
			if (strcmp(noun[i].name, noun[j].name) == 0)
				return REFUSE(error, "noun %s stands twice",
					      noun[i].name);
	}
	return 0;
}

static int check_methods(const struct vs_extension *extension,
			 struct vs_error *error)
{
	const struct vs_method *method = extension->methods;
	uint16_t i;
	int result;

	if (extension->method_count && !method)
		return REFUSE(error, "%u methods, but no table",
			      extension->method_count);
	for (i = 0; i < extension->method_count; i++) {
		if (!is_word(method[i].verb, '-'))
			return REFUSE(error,
				      "method %u: its verb must be in lower "
				      "case",
				      i);
		if (!method[i].run || !is_text(method[i].help))
			return REFUSE(error,
				      "method %s: run and help must be "
				      "set",
				      method[i].verb);
		result = check_fields(method[i].arguments,
				      method[i].argument_count, method[i].verb,
				      error);
		if (result)
			return result;
	}
	return 0;
}

int descriptor_check(const struct vs_extension *extension, const char *name,
		     struct vs_error *error)
{
	int result = check_identity(extension, name, error);

	if (!result)
		result = check_hooks(extension, error);
	if (!result)
		result = check_reasons(extension, error);
	if (!result)
		result =
			check_named(extension->counters,
				    extension->counter_count, "counter", error);
	if (!result)
		result = check_named(extension->events, extension->event_count,
				     "event", error);
	if (!result)
		result = check_nouns(extension, error);
	if (!result)
		result = check_methods(extension, error);
	return result;
}
