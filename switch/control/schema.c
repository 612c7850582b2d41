// SPDX-License-Identifier: Apache-2.0
/*
 * schema.c: linking the noun tables of host and extensions.
 *
 * A table that does not fit is refused here, with the extension's name, so
 * that everything behind may trust it. Before this file: host_nouns.c. After
 * it: value.c, store.c, document.c.
 */
#include "control/schema.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/value.h"
#include "control/words.h"

struct schema {
	struct schema_config config; /* .extensions is the one below */
	const struct vs_extension *extensions[SCHEMA_EXTENSIONS];
	uint16_t count;
	uint16_t top_count;
	const struct schema_noun *top[SCHEMA_CHILDREN];
	struct schema_noun nouns[SCHEMA_NOUNS];
};

static const char *provider(const struct vs_extension *extension)
{
	return extension ? extension->name : "core";
}

static int check_field(const struct schema_noun *sn, uint16_t i,
		       struct vs_error *error)
{
	const struct vs_field *field = &sn->noun->fields[i];
	uint16_t j;

	if (!field->name || field->kind >= VS_KINDS ||
	    (field->kind == VS_KIND_CHOICE && !field->choices))
		return vs_error_set(error, EINVAL, "",
				    "extension %s: field %u of noun %s is "
				    "malformed",
				    provider(sn->extension), i, sn->noun->name);
	for (j = 0; j < i; j++)
		if (strcmp(sn->noun->fields[j].name, field->name) == 0)
			return vs_error_set(error, EINVAL, "",
					    "extension %s: noun %s has two "
					    "fields %s",
					    provider(sn->extension),
					    sn->noun->name, field->name);
	return 0;
}

/* A truth value, number or choice that `unset` spells out. */
static void note_unset(struct schema_noun *sn, uint16_t i)
{
	const struct vs_field *field = &sn->noun->fields[i];
	struct vs_error unused;

	if (!field->unset || (field->flags & VS_FIELD_LIST) || i == 0)
		return;
	if (field->kind != VS_KIND_BOOL && field->kind != VS_KIND_NUMBER &&
	    field->kind != VS_KIND_CHOICE)
		return;
	if (value_parse_text(field, field->unset, &sn->unset[i], &unused))
		sn->unset[i].present = false;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_field(const struct vs_field *a, const struct vs_field *b)
{
	size_t i = 0;

	if (strcmp(a->name, b->name) != 0 || a->kind != b->kind ||
	    a->flags != b->flags || a->minimum != b->minimum ||
	    a->maximum != b->maximum || !a->choices != !b->choices)
		return false;
	while (a->choices && a->choices[i] &&
	       same_text(a->choices[i], b->choices[i]))
		i++;
	return !a->choices || (!a->choices[i] && !b->choices[i]);
}

/* Would a record of the one be a record of the other? */
static bool same_table(const struct vs_noun *a, const struct vs_noun *b)
{
	uint16_t i;

	if (strcmp(a->name, b->name) != 0 ||
	    strcmp(a->member, b->member) != 0 ||
	    !same_text(a->parent, b->parent) || a->flags != b->flags ||
	    a->field_count != b->field_count)
		return false;
	for (i = 0; i < a->field_count; i++)
		if (!same_field(&a->fields[i], &b->fields[i]))
			return false;
	return true;
}

/* A noun that went and comes again as it was. */
static bool take_again(struct schema *schema, const struct vs_noun *noun,
		       const struct vs_extension *extension)
{
	struct schema_noun *sn;
	uint16_t i;

	for (i = HOST_NOUNS; i < schema->count; i++) {
		sn = &schema->nouns[i];
		if (!sn->gone || !same_table(sn->noun, noun) ||
		    (sn->parent && sn->parent->gone))
			continue;
		sn->noun = noun;
		sn->extension = extension;
		sn->gone = false;
		return true;
	}
	return false;
}

static int add_noun(struct schema *schema, const struct vs_noun *noun,
		    const struct vs_extension *extension,
		    struct vs_error *error)
{
	struct schema_noun *sn = &schema->nouns[schema->count];
	uint16_t i;

	if (schema->count == SCHEMA_NOUNS || !noun->name || !noun->member ||
	    noun->field_count < 1 || noun->field_count > SCHEMA_FIELDS)
		return vs_error_set(error, EINVAL, "",
				    "extension %s: a noun is malformed, or "
				    "there are more than %u nouns or %u fields",
				    provider(extension), SCHEMA_NOUNS,
				    SCHEMA_FIELDS);
	if (schema_find(schema, noun->name))
		return vs_error_set(
			error, EEXIST, "",
			"extension %s: noun %s belongs to %s already",
			provider(extension), noun->name,
			provider(schema_find(schema, noun->name)->extension));
	*sn = (struct schema_noun){
		.noun = noun, .extension = extension, .index = schema->count};
	for (i = 0; i < noun->field_count; i++) {
		if (check_field(sn, i, error))
			return -EINVAL;
		note_unset(sn, i);
	}
	schema->count++;
	return 0;
}

static int link_noun(struct schema *schema, struct schema_noun *sn,
		     struct vs_error *error)
{
	const struct schema_noun **children = schema->top;
	uint16_t *count = &schema->top_count;
	struct schema_noun *parent;
	uint16_t i;

	if (sn->noun->parent) {
		sn->parent = schema_find(schema, sn->noun->parent);
		/* a parent stands before its children: no rings */
		if (!sn->parent || sn->parent >= sn)
			return vs_error_set(error, EINVAL, "",
					    "extension %s: noun %s wants the "
					    "parent %s, which is not there "
					    "before it",
					    provider(sn->extension),
					    sn->noun->name, sn->noun->parent);
		if (sn->parent->noun->flags & VS_NOUN_MANY)
			return vs_error_set(error, EINVAL, "",
					    "extension %s: noun %s: %s can be "
					    "no parent: there are many",
					    provider(sn->extension),
					    sn->noun->name, sn->noun->parent);
		parent = &schema->nouns[sn->parent->index];
		children = parent->children;
		count = &parent->child_count;
	}
	if (*count == SCHEMA_CHILDREN)
		return vs_error_set(error, E2BIG, "",
				    "extension %s: noun %s: its parent has %u "
				    "kinds of children already",
				    provider(sn->extension), sn->noun->name,
				    SCHEMA_CHILDREN);
	for (i = 0; i < *count; i++)
		if (!children[i]->gone &&
		    strcmp(children[i]->noun->member, sn->noun->member) == 0)
			break;
	if (i < *count ||
	    (sn->parent && schema_field(sn->parent, sn->noun->member) >= 0) ||
	    (!sn->parent && (strcmp(sn->noun->member, "format") == 0 ||
			     strcmp(sn->noun->member, "hosts") == 0)))
		return vs_error_set(error, EEXIST, "",
				    "extension %s: noun %s: its member %s is "
				    "taken",
				    provider(sn->extension), sn->noun->name,
				    sn->noun->member);
	sn->place = *count;
	children[(*count)++] = sn;
	return 0;
}

static int fill(struct schema *schema, struct vs_error *error)
{
	const struct vs_extension *extension;
	uint16_t i, j;

	for (i = 0; i < HOST_NOUNS; i++)
		if (add_noun(schema, &host_nouns[i], NULL, error))
			return -EINVAL;
	for (i = 0; i < schema->config.extension_count; i++) {
		extension = schema->config.extensions[i];
		for (j = 0; j < extension->noun_count; j++)
			if (add_noun(schema, &extension->nouns[j], extension,
				     error))
				return -EINVAL;
	}
	for (i = 0; i < schema->count; i++)
		if (link_noun(schema, &schema->nouns[i], error))
			return -EINVAL;
	return 0;
}

int schema_create(struct schema **out, const struct schema_config *config,
		  struct vs_error *error)
{
	struct schema *schema = calloc(1, sizeof(*schema));
	uint16_t i;
	int rc;

	*out = NULL;
	if (!schema)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	schema->config = *config;
	schema->config.extensions = schema->extensions;
	for (i = 0; i < config->extension_count && i < SCHEMA_EXTENSIONS; i++)
		schema->extensions[i] = config->extensions[i];
	schema->config.extension_count = i;
	rc = fill(schema, error);
	if (rc) {
		schema_destroy(schema);
		return rc;
	}
	*out = schema;
	return 0;
}

void schema_destroy(struct schema *schema)
{
	free(schema);
}

/* -- extensions that come and go
 * --------------------------------------------------------------------- */

/* Nouns from `first` on were not linked, or are the last of their parents. */
static void cut(struct schema *schema, uint16_t first)
{
	const struct schema_noun *sn;
	uint16_t *count;

	while (schema->count > first) {
		sn = &schema->nouns[--schema->count];
		count = sn->parent
				? &schema->nouns[sn->parent->index].child_count
				: &schema->top_count;
		if (*count && (sn->parent ? sn->parent->children
					  : schema->top)[*count - 1] == sn)
			--*count;
	}
}

static void leave(struct schema *schema, const struct vs_extension *extension)
{
	uint16_t i;

	for (i = HOST_NOUNS; i < schema->count; i++)
		if (schema->nouns[i].extension == extension)
			schema->nouns[i].gone = true;
}

int schema_load(struct schema *schema, const struct vs_extension *extension,
		struct vs_error *error)
{
	uint16_t first = schema->count, i;
	int rc = 0;

	if (schema->config.extension_count == SCHEMA_EXTENSIONS)
		return vs_error_set(error, ENOSPC, "",
				    "extension %s is one too many; %u are the "
				    "most",
				    extension->name, SCHEMA_EXTENSIONS);
	for (i = 0; rc == 0 && i < extension->noun_count; i++)
		if (!take_again(schema, &extension->nouns[i], extension))
			rc = add_noun(schema, &extension->nouns[i], extension,
				      error);
	for (i = first; rc == 0 && i < schema->count; i++)
		rc = link_noun(schema, &schema->nouns[i], error);
	if (rc) {
		cut(schema, first);
		leave(schema, extension);
		return rc;
	}
	schema->extensions[schema->config.extension_count++] = extension;
	return 0;
}

static uint16_t place_of(const struct schema *schema,
			 const struct vs_extension *extension)
{
	uint16_t i = 0;

	while (i < schema->config.extension_count &&
	       schema->extensions[i] != extension)
		i++;
	return i;
}

void schema_unload(struct schema *schema, const struct vs_extension *extension)
{
	uint16_t i = place_of(schema, extension);

	if (i == schema->config.extension_count)
		return;
	leave(schema, extension);
	schema->config.extension_count--;
	for (; i < schema->config.extension_count; i++)
		schema->extensions[i] = schema->extensions[i + 1];
}

static const struct vs_noun *noun_in(const struct vs_extension *extension,
				     const struct vs_noun *like)
{
	uint16_t i;

	for (i = 0; i < extension->noun_count; i++)
		if (same_table(&extension->nouns[i], like))
			return &extension->nouns[i];
	return NULL;
}

int schema_exchange(struct schema *schema, const struct vs_extension *before,
		    const struct vs_extension *after, struct vs_error *error)
{
	struct schema_noun *sn;
	uint16_t i;

	if (after->noun_count != before->noun_count)
		return vs_error_set(error, EINVAL, "",
				    "extension %s: the new one has %u nouns, "
				    "the old one %u: unload it, then load it",
				    before->name, after->noun_count,
				    before->noun_count);
	for (i = 0; i < before->noun_count; i++)
		if (!noun_in(after, &before->nouns[i]))
			return vs_error_set(error, EINVAL, "",
					    "extension %s: noun %s has another "
					    "table in the new one: unload it, "
					    "then load it",
					    before->name,
					    before->nouns[i].name);
	for (i = HOST_NOUNS; i < schema->count; i++) {
		sn = &schema->nouns[i];
		if (sn->extension != before || sn->gone)
			continue;
		sn->noun = noun_in(after, sn->noun);
		sn->extension = after;
	}
	i = place_of(schema, before);
	if (i < schema->config.extension_count)
		schema->extensions[i] = after;
	return 0;
}

uint16_t schema_count(const struct schema *schema)
{
	return schema->count;
}

const struct schema_noun *schema_at(const struct schema *schema, uint16_t index)
{
	assert(index < schema->count);
	return &schema->nouns[index];
}

const struct schema_noun *schema_find(const struct schema *schema,
				      const char *name)
{
	uint16_t i;

	for (i = 0; i < schema->count; i++)
		if (!schema->nouns[i].gone &&
		    strcmp(schema->nouns[i].noun->name, name) == 0)
			return &schema->nouns[i];
	return NULL;
}

const struct schema_noun *schema_of(const struct schema *schema,
				    const struct vs_noun *noun)
{
	uint16_t i;

	for (i = 0; i < schema->count; i++)
		if (schema->nouns[i].noun == noun)
			return &schema->nouns[i];
	return NULL;
}

const struct schema_noun *schema_host(const struct schema *schema,
				      unsigned int host_noun)
{
	assert(host_noun < HOST_NOUNS);
	return &schema->nouns[host_noun];
}

uint16_t schema_children(const struct schema *schema,
			 const struct schema_noun *parent,
			 const struct schema_noun *const **children)
{
	*children = parent ? parent->children : schema->top;
	return parent ? parent->child_count : schema->top_count;
}

const struct schema_noun *schema_member(const struct schema *schema,
					const struct schema_noun *parent,
					const char *member)
{
	const struct schema_noun *const *children;
	uint16_t i, count = schema_children(schema, parent, &children);

	for (i = 0; i < count; i++)
		if (!children[i]->gone &&
		    strcmp(children[i]->noun->member, member) == 0)
			return children[i];
	return NULL;
}

int schema_field(const struct schema_noun *sn, const char *name)
{
	uint16_t i;

	for (i = 0; i < sn->noun->field_count; i++)
		if (strcmp(sn->noun->fields[i].name, name) == 0)
			return i;
	return -1;
}

const struct vs_method *schema_method(const struct schema *schema,
				      const char *noun, const char *verb,
				      const struct vs_extension **extension)
{
	const struct vs_extension *each;
	uint16_t i, j;

	for (i = 0; i < schema->config.extension_count; i++) {
		each = schema->config.extensions[i];
		for (j = 0; j < each->method_count; j++) {
			if (!same_text(each->methods[j].noun, noun) ||
			    strcmp(each->methods[j].verb, verb) != 0)
				continue;
			*extension = each;
			return &each->methods[j];
		}
	}
	return NULL;
}

const struct schema_config *schema_tables(const struct schema *schema)
{
	return &schema->config;
}

int schema_unknown(const struct schema *schema, const char *name,
		   struct vs_error *error)
{
	struct words_nearest nearest = {.word = name};
	char hint[96];
	uint16_t i;

	for (i = 0; i < schema->config.absent_count; i++)
		if (strcmp(schema->config.absent[i].noun, name) == 0)
			return vs_error_set(error, ENOENT, "",
					    "noun '%s' belongs to extension "
					    "%s, which is not loaded",
					    name,
					    schema->config.absent[i].extension);
	for (i = 0; i < schema->count; i++)
		if (!schema->nouns[i].gone)
			words_offer(&nearest, schema->nouns[i].noun->name);
	return vs_error_set(error, ENOENT, "", "no noun '%.60s'%s", name,
			    words_hint(&nearest, hint));
}
