// SPDX-License-Identifier: Apache-2.0
/*
 * document.c: parsing a document by the schema's tables.
 *
 * Which members are known, what a key looks like, what must be there. Before
 * this file: value.c. After it: document_dump.c (the way back), check.c.
 */
#include "control/document.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/json_text.h"
#include "control/record.h"
#include "control/value.h"
#include "control/words.h"

/* Fills the path of an error of an object that is being read. */
struct reading {
	struct store *store;
	struct vs_object *parent;
	const struct schema_noun *noun;
	const char *key;
};

static void place_error(const struct reading *reading, const char *member,
			struct vs_error *error)
{
	size_t at;

	if (!error)
		return;
	object_place(reading->parent, reading->noun, reading->key, error->path,
		     sizeof(error->path));
	at = strlen(error->path);
	if (member && at < sizeof(error->path))
		snprintf(error->path + at, sizeof(error->path) - at, ".%s",
			 member);
}

/* A member that is neither field nor child: who would have it, what is near */
static int unknown_member(const struct schema *schema,
			  const struct schema_noun *noun, const char *member,
			  struct vs_error *error)
{
	const struct schema_config *tables = schema_tables(schema);
	struct words_nearest nearest = {.word = member};
	const struct schema_noun *const *children;
	uint16_t i, count = schema_children(schema, noun, &children);
	size_t size;
	char hint[96];

	for (i = 0; noun && i < noun->noun->field_count; i++)
		words_offer(&nearest, noun->noun->fields[i].name);
	for (i = 0; i < count; i++)
		words_offer(&nearest, children[i]->noun->member);
	for (i = 0; !nearest.best && i < tables->absent_count; i++) {
		size = strlen(tables->absent[i].noun);
		if (strncmp(member, tables->absent[i].noun, size) == 0 &&
		    (!member[size] || strcmp(member + size, "s") == 0))
			return vs_error_set(error, EINVAL, "",
					    "'%.60s' belongs to extension %s, "
					    "which is not loaded",
					    member,
					    tables->absent[i].extension);
	}
	return vs_error_set(error, EINVAL, "", "unknown member '%.60s'%s",
			    member, words_hint(&nearest, hint));
}

static int read_field(const struct reading *reading, uint16_t index,
		      const json_t *json, struct vs_value *values,
		      struct vs_error *error)
{
	const struct vs_field *field = &reading->noun->noun->fields[index];

	if (field->flags & VS_FIELD_STATUS)
		return vs_error_set(error, EINVAL, "",
				    "%s: is reported, not configured: leave "
				    "it out",
				    field->name);
	if (index == 0)
		return vs_error_set(error, EINVAL, "",
				    "%s: is the key of the object: leave it "
				    "out",
				    field->name);
	return value_parse(field, json, VALUE_STRICT, &values[index], error);
}

static int read_fields(const struct reading *reading, const json_t *json,
		       struct vs_value *values, struct vs_error *error)
{
	const struct schema *schema = store_schema(reading->store);
	const char *member;
	json_t *each;
	int index, rc = 0;

	json_object_foreach((json_t *)(uintptr_t)json, member, each)
	{
		index = schema_field(reading->noun, member);
		if (index >= 0)
			rc = read_field(reading, (uint16_t)index, each, values,
					error);
		else if (!schema_member(schema, reading->noun, member))
			rc = unknown_member(schema, reading->noun, member,
					    error);
		if (rc) {
			place_error(reading, member, error);
			return rc;
		}
	}
	return 0;
}

static int check_required(const struct reading *reading,
			  const struct vs_value *values, struct vs_error *error)
{
	const struct vs_noun *noun = reading->noun->noun;
	uint16_t i;

	for (i = 1; i < noun->field_count; i++) {
		if (!(noun->fields[i].flags & VS_FIELD_REQUIRED) ||
		    values[i].present)
			continue;
		vs_error_set(error, EINVAL, "", "%s: missing: %s",
			     noun->fields[i].name, noun->fields[i].help);
		place_error(reading, noun->fields[i].name, error);
		return -EINVAL;
	}
	return 0;
}

static int add_record(const struct reading *reading,
		      const struct vs_value *values, struct vs_object **object,
		      struct vs_error *error)
{
	struct record *record = record_create(reading->noun, values);

	*object = NULL;
	if (!record)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	if (store_find(reading->store, reading->noun, reading->parent,
		       record->key)) {
		vs_error_set(error, EEXIST, "", "%s '%s' stands twice",
			     reading->noun->noun->name, record->key);
		place_error(reading, NULL, error);
		record_release(record);
		return -EEXIST;
	}
	*object = store_add(reading->store, reading->parent, record);
	record_release(record);
	if (!*object)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	return 0;
}

static int read_collection(struct store *store, struct vs_object *parent,
			   const struct schema_noun *noun, const json_t *json,
			   struct vs_error *error)
{
	struct reading reading = {
		.store = store, .parent = parent, .noun = noun};
	struct document_place place = {.parent = parent, .noun = noun};
	struct vs_object *object;
	const char *key;
	json_t *each;
	int rc;

	if (!json_is_object(json)) {
		place_error(&reading, NULL, error);
		return vs_error_set(error, EINVAL, error ? error->path : "",
				    "%s: must be an object: its members are "
				    "keyed by %s",
				    noun->noun->member,
				    noun->noun->fields[0].name);
	}
	json_object_foreach((json_t *)(uintptr_t)json, key, each)
	{
		place.key = key;
		rc = document_add(store, &place, each, &object, error);
		if (rc)
			return rc;
	}
	return 0;
}

static int read_children(struct store *store, struct vs_object *object,
			 const json_t *json, struct vs_error *error)
{
	const struct schema_noun *noun = object_noun(object), *child;
	const char *member;
	json_t *each;
	int rc;

	json_object_foreach((json_t *)(uintptr_t)json, member, each)
	{
		child = schema_member(store_schema(store), noun, member);
		if (!child)
			continue;
		rc = read_collection(store, object, child, each, error);
		if (rc)
			return rc;
	}
	return 0;
}

static int read_object(const struct reading *reading, const json_t *json,
		       struct vs_value *values, struct vs_error *error)
{
	const struct vs_field *key = &reading->noun->noun->fields[0];
	int rc;

	rc = value_parse_text(key, reading->key, &values[0], error);
	if (rc == 0 && !json_is_object(json))
		rc = vs_error_set(error, EINVAL, "", "must be an object");
	if (rc) {
		place_error(reading, NULL, error);
		return rc;
	}
	rc = read_fields(reading, json, values, error);
	return rc ? rc : check_required(reading, values, error);
}

int document_add(struct store *store, const struct document_place *place,
		 const json_t *json, struct vs_object **object,
		 struct vs_error *error)
{
	struct vs_value values[SCHEMA_FIELDS] = {{.present = false}};
	struct reading reading = {store, place->parent, place->noun,
				  place->key};
	uint16_t i;
	int rc;

	rc = read_object(&reading, json, values, error);
	if (rc == 0)
		rc = add_record(&reading, values, object, error);
	for (i = 0; i < place->noun->noun->field_count; i++)
		value_clear(&values[i]);
	return rc ? rc : read_children(store, *object, json, error);
}

/* -- the top ----------------------------------------------------------------
 */

/* Errors inside a host begin with its place in the document. */
static int in_host(const char *name, int rc, struct vs_error *error)
{
	char path[sizeof(error->path)];

	if (rc && error) {
		snprintf(path, sizeof(path), "hosts.%.60s%s%.120s", name,
			 error->path[0] ? "." : "", error->path);
		memcpy(error->path, path, sizeof(path));
	}
	return rc;
}

static int read_host(struct store *store, const json_t *json,
		     struct vs_error *error)
{
	const struct schema *schema = store_schema(store);
	const struct schema_noun *sw = schema_host(schema, HOST_SWITCH);
	const char *member;
	json_t *each;
	int rc;

	if (!json_is_object(json))
		return vs_error_set(error, EINVAL, "", "must be an object");
	json_object_foreach((json_t *)(uintptr_t)json, member, each)
	{
		if (strcmp(member, sw->noun->member) != 0)
			return vs_error_set(error, EINVAL, member,
					    "unknown member '%.60s': a host "
					    "has %s",
					    member, sw->noun->member);
		rc = read_collection(store, NULL, sw, each, error);
		if (rc)
			return rc;
	}
	return 0;
}

/* None of them is ours: why, and what says which one is. */
static void no_host(const json_t *hosts, const char *host, const char *only,
		    const struct words_nearest *nearest, struct vs_error *error)
{
	size_t count = json_object_size(hosts);
	char hint[96];

	if (!host)
		vs_error_set(error, EINVAL, "hosts",
			     "%zu, and none is picked: start vswitchd with "
			     "--host",
			     count);
	else if (count == 1)
		vs_error_set(error, EINVAL, "hosts",
			     "no host '%.64s', only '%.60s': if that is this "
			     "one, start vswitchd with --host (without, it "
			     "goes by the machine's name)",
			     host, only);
	else
		vs_error_set(error, EINVAL, "hosts",
			     "no host '%.64s' among these %zu%s: start "
			     "vswitchd with --host (without, it goes by the "
			     "machine's name)",
			     host, count, words_hint(nearest, hint));
}

/* Which member of `hosts` is ours; NULL with `error`. A document that names
 * only one may still be another host's. */
static const char *pick_host(const json_t *hosts, const char *host,
			     struct vs_error *error)
{
	struct words_nearest nearest = {.word = host ? host : ""};
	const char *name, *only = "";
	json_t *each;

	json_object_foreach((json_t *)(uintptr_t)hosts, name, each)
	{
		if (host && strcmp(host, name) == 0)
			return name;
		words_offer(&nearest, name);
		only = name;
	}
	no_host(hosts, host, only, &nearest, error);
	return NULL;
}

static int read_hosts(struct store *store, const char *host,
		      const json_t *hosts, struct vs_error *error)
{
	struct store *other;
	const char *name, *ours;
	json_t *each;
	int rc = 0;

	if (!json_is_object(hosts))
		return vs_error_set(error, EINVAL, "hosts",
				    "hosts: must be an object: its members "
				    "are keyed by the host's name");
	ours = pick_host(hosts, host, error);
	if (!ours)
		return -EINVAL;
	json_object_foreach((json_t *)(uintptr_t)hosts, name, each)
	{
		if (rc)
			break;
		if (strcmp(name, ours) == 0) {
			rc = in_host(name, read_host(store, each, error),
				     error);
			continue;
		}
		other = store_create(store_schema(store));
		if (!other)
			return vs_error_set(error, ENOMEM, "", "out of memory");
		rc = in_host(name, read_host(other, each, error), error);
		store_destroy(other);
	}
	return rc;
}

static int read_top(struct store *store, const char *host, const json_t *json,
		    struct vs_error *error)
{
	const struct schema *schema = store_schema(store);
	const struct schema_noun *noun;
	const json_t *hosts = json_object_get(json, "hosts");
	const char *member;
	json_t *each;
	int rc = 0;

	json_object_foreach((json_t *)(uintptr_t)json, member, each)
	{
		noun = schema_member(schema, NULL, member);
		if (hosts && noun == schema_host(schema, HOST_SWITCH))
			rc = vs_error_set(error, EINVAL, member,
					  "%s and hosts: a document has one "
					  "or the other",
					  member);
		else if (noun)
			rc = read_collection(store, NULL, noun, each, error);
		else if (each == hosts)
			rc = read_hosts(store, host, hosts, error);
		else if (strcmp(member, "format") != 0)
			rc = unknown_member(schema, NULL, member, error);
		if (rc && error && !error->path[0])
			snprintf(error->path, sizeof(error->path), "%.100s",
				 member);
		if (rc)
			return rc;
	}
	return 0;
}

static int no_object(struct vs_error *error)
{
	return vs_error_set(error, EINVAL, "", "a document is a JSON object");
}

int document_glance(const struct schema *schema, const char *bytes, size_t size,
		    struct vs_error *error)
{
	struct json_text_look look = {.bytes = bytes, .size = size};
	char name[JSON_TEXT_NAME];

	if (json_text_first(bytes, size) != '{')
		return no_object(error);
	while (json_text_member(&look, name)) {
		if (strcmp(name, "format") == 0 || strcmp(name, "hosts") == 0 ||
		    schema_member(schema, NULL, name))
			continue;
		unknown_member(schema, NULL, name, error);
		if (error)
			snprintf(error->path, sizeof(error->path), "%s", name);
		return -EINVAL;
	}
	return 0;
}

int document_parse(const struct schema *schema, const char *host,
		   const json_t *json, struct store **out,
		   struct vs_error *error)
{
	const json_t *format = json_object_get(json, "format");
	struct store *store;
	int rc;

	*out = NULL;
	if (!json_is_object(json))
		return no_object(error);
	if (!json_is_integer(format) ||
	    json_integer_value(format) != DOCUMENT_FORMAT)
		return vs_error_set(error, EINVAL, "format",
				    "format: must be %d, the only one known "
				    "here",
				    DOCUMENT_FORMAT);
	store = store_create(schema);
	if (!store)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	rc = read_top(store, host, json, error);
	if (rc) {
		store_destroy(store);
		return rc;
	}
	store_seal(store);
	*out = store;
	return 0;
}
