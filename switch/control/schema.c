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
	struct schema_config config;
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
		if (strcmp(children[i]->noun->member, sn->noun->member) == 0)
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
	int rc;

	*out = NULL;
	if (!schema)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	schema->config = *config;
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
		if (strcmp(schema->nouns[i].noun->name, name) == 0)
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
		if (strcmp(children[i]->noun->member, member) == 0)
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

static bool same_noun(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
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
			if (!same_noun(each->methods[j].noun, noun) ||
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
		words_offer(&nearest, schema->nouns[i].noun->name);
	return vs_error_set(error, ENOENT, "", "no noun '%.60s'%s", name,
			    words_hint(&nearest, hint));
}
