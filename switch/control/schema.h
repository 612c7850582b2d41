/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h: the registry of nouns and methods, the host's and those of the
 * loaded extensions; the only place that knows them by name.
 *
 * Built at start from const tables; an extension that is loaded or unloaded
 * later adds its nouns or takes them away. A noun keeps its place: the slot of
 * one that went is taken again only by a noun with the same table, for records
 * of old policies may still name it. Before this file: host_nouns.h,
 * vswitch/extension.h. After it: value.h, store.h.
 */
#ifndef CONTROL_SCHEMA_H
#define CONTROL_SCHEMA_H

#include <vswitch/extension.h>
#include <vswitch/settings.h>

#define SCHEMA_NOUNS	64u
#define SCHEMA_CHILDREN 16u
#define SCHEMA_FIELDS	40u
/* extensions that are there at once */
#define SCHEMA_EXTENSIONS 32u

struct schema;

struct schema_noun {
	const struct vs_noun *noun;
	const struct vs_extension *extension; /* NULL: the host's */
	const struct schema_noun *parent;     /* NULL: the document's top */
	uint16_t index;			      /* in the registry */
	uint16_t place;			      /* among its parent's children */
	uint16_t child_count;
	bool gone; /* with its extension; nothing finds it by name */
	const struct schema_noun *children[SCHEMA_CHILDREN];
	/* what the field's `unset` says, where that is a value of its kind:
	 * such a value is never written */
	struct vs_value unset[SCHEMA_FIELDS];
};

/* A noun that no loaded extension has, and which one would. */
struct schema_absent {
	const char *noun;
	const char *extension;
};

struct schema_config {
	const struct vs_extension *const *extensions;
	uint16_t extension_count;
	uint16_t absent_count;
	const struct schema_absent *absent;
};

/*
 * schema_create - check and link the tables. Refused with the extension's
 * name: a noun that exists, a parent that does not, a member taken, limits
 * above. The config's tables must outlive the schema. 0 or -errno.
 */
int schema_create(struct schema **schema, const struct schema_config *config,
		  struct vs_error *error);
void schema_destroy(struct schema *schema);

/*
 * schema_load - one extension more, whose tables then outlive the schema.
 * Refused as by schema_create; then nothing has changed.
 *
 * schema_unload - without this one; no object of its nouns may be in a policy
 * that holds.
 *
 * schema_exchange - `after` in the place of `before`, of which it has the
 * name; objects stay. Refused if a noun of `before` has another table in
 * `after`, or none.
 */
int schema_load(struct schema *schema, const struct vs_extension *extension,
		struct vs_error *error);
void schema_unload(struct schema *schema, const struct vs_extension *extension);
int schema_exchange(struct schema *schema, const struct vs_extension *before,
		    const struct vs_extension *after, struct vs_error *error);

uint16_t schema_count(const struct schema *schema);
const struct schema_noun *schema_at(const struct schema *schema,
				    uint16_t index);
/* schema_find - by name; NULL = unknown. */
const struct schema_noun *schema_find(const struct schema *schema,
				      const char *name);
const struct schema_noun *schema_of(const struct schema *schema,
				    const struct vs_noun *noun);
/* schema_host - one of the host's own. */
const struct schema_noun *schema_host(const struct schema *schema,
				      unsigned int host_noun);
/* schema_member - the child noun of `parent` (NULL: top) by JSON member. */
const struct schema_noun *schema_member(const struct schema *schema,
					const struct schema_noun *parent,
					const char *member);
uint16_t schema_children(const struct schema *schema,
			 const struct schema_noun *parent,
			 const struct schema_noun *const **children);
/* schema_field - index of a field by name, -1 = unknown. */
int schema_field(const struct schema_noun *noun, const char *name);
/* schema_method - `noun` NULL: of the extension itself. NULL = unknown. */
const struct vs_method *schema_method(const struct schema *schema,
				      const char *noun, const char *verb,
				      const struct vs_extension **extension);
const struct schema_config *schema_tables(const struct schema *schema);
/* schema_unknown - fill `error` for a noun that is not there: who would have
 * it, else the nearest. Returns -ENOENT. */
int schema_unknown(const struct schema *schema, const char *name,
		   struct vs_error *error);

#endif
