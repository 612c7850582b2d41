/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake_settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vs_object {
	struct fake_settings *fake;
	const struct vs_noun *noun;
	const struct vs_object *parent;
	struct vs_object *next;
	const struct vs_port_info *info;
	char key[64];
	struct vs_value values[FAKE_FIELDS];
	struct vs_value lists[FAKE_FIELDS][FAKE_LIST];
	char *text; /* what TEXT and NAME values point into */
};

static const struct vs_field uplink_fields[] = {
	[VS_UPLINK_DEVICE] = {.name = "device", .kind = VS_KIND_TEXT},
};
/* What extensions read of a port; policies behind it are the core's. */
static const char *const isolations[] = {"none", "native-virtual-subnet",
					 "external-virtual-subnet", "vlan",
					 NULL};

static const struct vs_field port_fields[VS_PORT_SEE + 1] = {
	[VS_PORT_NAME] = {.name = "name", .kind = VS_KIND_NAME},
	[VS_PORT_TAP] = {.name = "tap", .kind = VS_KIND_TEXT},
	[VS_PORT_PACKET] = {.name = "packet", .kind = VS_KIND_TEXT},
	[VS_PORT_PCAP] = {.name = "pcap", .kind = VS_KIND_TEXT},
	[VS_PORT_PCAP_OUT] = {.name = "pcap-out", .kind = VS_KIND_TEXT},
	[VS_PORT_NULL] = {.name = "null", .kind = VS_KIND_BOOL},
	[VS_PORT_NETNS] = {.name = "netns", .kind = VS_KIND_TEXT},
	[VS_PORT_VSID] = {.name = "vsid", .kind = VS_KIND_VSID},
	[VS_PORT_CA] = {.name = "ca",
			.kind = VS_KIND_IP,
			.flags = VS_FIELD_LIST},
	[VS_PORT_MAC] = {.name = "mac", .kind = VS_KIND_MAC},
	[VS_PORT_MTU] = {.name = "mtu", .kind = VS_KIND_NUMBER},
	[VS_PORT_MAC_GUARD] = {.name = "mac-guard", .kind = VS_KIND_BOOL},
	[VS_PORT_CA_GUARD] = {.name = "ca-guard", .kind = VS_KIND_BOOL},
	[VS_PORT_IP_LIMIT] = {.name = "ip-limit", .kind = VS_KIND_NUMBER},
	[VS_PORT_REQUIRE] = {.name = "require",
			     .kind = VS_KIND_NAME,
			     .flags = VS_FIELD_LIST},
	[VS_PORT_SEE] = {.name = "see",
			 .kind = VS_KIND_VSID,
			 .flags = VS_FIELD_LIST},
	[VS_PORT_VLAN] = {.name = "vlan", .kind = VS_KIND_NUMBER},
	[VS_PORT_TRUNK] = {.name = "trunk",
			   .kind = VS_KIND_RANGE,
			   .flags = VS_FIELD_LIST},
	[VS_PORT_NATIVE] = {.name = "native", .kind = VS_KIND_NUMBER},
	[VS_PORT_PRIVATE] = {.name = "private", .kind = VS_KIND_TEXT},
	[VS_PORT_SECONDARY] = {.name = "secondary",
			       .kind = VS_KIND_RANGE,
			       .flags = VS_FIELD_LIST},
	[VS_PORT_ISOLATION] = {.name = "isolation",
			       .kind = VS_KIND_CHOICE,
			       .choices = isolations},
	[VS_PORT_RDMAP] = {.name = "rdmap",
			   .kind = VS_KIND_TAG,
			   .flags = VS_FIELD_LIST},
};
static const struct vs_noun host_nouns[] = {
	{.name = "uplink", .fields = uplink_fields, .field_count = 1},
	{.name = "port", .fields = port_fields, .field_count = VS_PORT_SEE + 1},
};

static const struct fake_settings *fake_of(const struct vs_settings *settings)
{
	return (const struct fake_settings *)settings;
}

static const struct vs_noun *cursor_noun(const struct vs_settings *settings,
					 const char *name)
{
	const struct fake_settings *fake = fake_of(settings);
	uint16_t i;

	for (i = 0; i < 2; i++)
		if (strcmp(host_nouns[i].name, name) == 0)
			return &host_nouns[i];
	for (i = 0; i < fake->noun_count; i++)
		if (strcmp(fake->nouns[i].name, name) == 0)
			return &fake->nouns[i];
	return NULL;
}

static const struct vs_object *cursor_next(const struct vs_settings *settings,
					   const struct vs_noun *noun,
					   const struct vs_object *parent,
					   const struct vs_object *after)
{
	const struct vs_object *object;

	object = after ? after->next : fake_of(settings)->first;
	while (object &&
	       (object->noun != noun || (parent && object->parent != parent)))
		object = object->next;
	return object;
}

static const struct vs_value *cursor_value(const struct vs_object *object,
					   uint16_t field)
{
	assert(field < object->noun->field_count);
	return &object->values[field];
}

static const struct vs_object *cursor_parent(const struct vs_object *object)
{
	return object->parent;
}

static void cursor_place(const struct vs_object *object, const char *field,
			 struct vs_error *error)
{
	snprintf(error->path, sizeof(error->path), "%s %s%s%s",
		 object->noun->name, object->key, field ? " " : "",
		 field ? field : "");
}

static const struct vs_port_info *
cursor_port(const struct vs_settings *settings, const struct vs_object *object)
{
	(void)settings;
	return object->info;
}

static void cursor_warn(const struct vs_settings *settings,
			const struct vs_object *object, const char *text)
{
	struct fake_settings *fake = object->fake;

	assert(&fake->settings == settings);
	assert(fake->warning_count < FAKE_WARNINGS);
	snprintf(fake->warnings[fake->warning_count++],
		 sizeof(fake->warnings[0]), "%s", text);
}

static uint64_t cursor_version(const struct vs_settings *settings)
{
	return fake_of(settings)->version;
}

static uint64_t cursor_before(const struct vs_settings *settings)
{
	const struct fake_settings *before = fake_of(settings)->before;

	return before ? before->version : 0;
}

static bool same_place(const struct vs_object *a, const struct vs_object *b)
{
	while (a && b && a->noun == b->noun && strcmp(a->key, b->key) == 0) {
		a = a->parent;
		b = b->parent;
	}
	return !a && !b;
}

static const struct vs_object *counterpart(const struct fake_settings *fake,
					   const struct vs_object *object)
{
	const struct vs_object *other = fake->first;

	while (other && !same_place(other, object))
		other = other->next;
	return other;
}

/* As the lines say it, but for lists and texts, which always differ. */
static bool same_values(const struct vs_object *a, const struct vs_object *b)
{
	uint16_t i;

	for (i = 0; i < a->noun->field_count; i++) {
		const struct vs_value *x = &a->values[i], *y = &b->values[i];

		if (x->present != y->present ||
		    (i && x->present && memcmp(x, y, sizeof(*x)) != 0))
			return false;
	}
	return true;
}

static int cursor_changes(const struct vs_settings *settings,
			  const struct vs_noun *noun,
			  struct vs_settings_visitor *visitor)
{
	const struct fake_settings *fake = fake_of(settings);
	const struct vs_object *each, *other;
	int result = 0;

	for (each = fake->before->first; each && !result; each = each->next) {
		other = each->noun == noun ? counterpart(fake, each) : NULL;
		if (each->noun == noun && (!other || !same_values(each, other)))
			result = visitor->visit(visitor, each, other);
	}
	for (each = fake->first; each && !result; each = each->next)
		if (each->noun == noun && !counterpart(fake->before, each))
			result = visitor->visit(visitor, NULL, each);
	return result;
}

static bool cursor_forced(const struct vs_settings *settings)
{
	return fake_of(settings)->forced;
}

static const struct vs_settings_ops cursor_ops = {
	.struct_size = sizeof(struct vs_settings_ops),
	.noun = cursor_noun,
	.next = cursor_next,
	.value = cursor_value,
	.parent = cursor_parent,
	.place = cursor_place,
	.port = cursor_port,
	.warn = cursor_warn,
	.version = cursor_version,
	.before = cursor_before,
	.changes = cursor_changes,
	.forced = cursor_forced,
};

struct fake_settings *fake_settings_open(const struct vs_noun *nouns,
					 uint16_t count)
{
	struct fake_settings *fake = calloc(1, sizeof(*fake));

	assert(fake);
	fake->settings.ops = &cursor_ops;
	fake->nouns = nouns;
	fake->noun_count = count;
	return fake;
}

void fake_settings_close(struct fake_settings *fake)
{
	struct vs_object *object, *next;

	for (object = fake->first; object; object = next) {
		next = object->next;
		free(object->text);
		free(object);
	}
	free(fake);
}

void fake_settings_attach(struct fake_settings *fake, const char *key,
			  const struct vs_port_info *info)
{
	struct vs_object *object;

	for (object = fake->first; object; object = object->next)
		if (strcmp(object->key, key) == 0)
			break;
	assert(object);
	object->info = info;
}

static uint16_t choice_of(const struct vs_field *field, const char *text)
{
	uint16_t i;

	for (i = 0; field->choices[i]; i++)
		if (strcmp(field->choices[i], text) == 0)
			return i;
	abort(); /* the test names a choice that is not there */
}

static struct vs_tag tag_of(const char *text)
{
	char *end;
	uint16_t vlan = (uint16_t)strtoul(text, &end, 10);

	assert(*end == ':');
	return (struct vs_tag){{(uint32_t)strtoul(end + 1, NULL, 10)}, vlan, 0};
}

static void parse_one(const struct vs_field *field, const char *text,
		      struct vs_value *value)
{
	int error = 0;

	value->kind = field->kind;
	value->present = true;
	if (field->kind == VS_KIND_BOOL)
		value->truth = strcmp(text, "on") == 0;
	else if (field->kind == VS_KIND_NUMBER)
		value->number = strtoull(text, NULL, 10);
	else if (field->kind == VS_KIND_TEXT || field->kind == VS_KIND_NAME)
		value->text = text;
	else if (field->kind == VS_KIND_MAC)
		error = vs_mac_parse(text, &value->mac);
	else if (field->kind == VS_KIND_IP)
		error = vs_ip_parse(text, &value->ip);
	else if (field->kind == VS_KIND_PREFIX)
		error = vs_prefix_parse(text, &value->prefix);
	else if (field->kind == VS_KIND_VSID)
		value->vsid.value = (uint32_t)strtoul(text, NULL, 10);
	else if (field->kind == VS_KIND_UUID)
		error = vs_uuid_parse(text, &value->uuid);
	else if (field->kind == VS_KIND_TAG)
		value->tag = tag_of(text);
	else if (field->kind == VS_KIND_RANGE)
		value->range.first = value->range.last =
			(uint16_t)strtoul(text, NULL, 10);
	else
		value->choice = choice_of(field, text);
	assert(!error);
}

static void parse_field(struct vs_object *object, uint16_t at, char *text)
{
	const struct vs_field *field = &object->noun->fields[at];
	struct vs_value *value = &object->values[at];
	char *part, *rest = NULL;

	if (!(field->flags & VS_FIELD_LIST)) {
		parse_one(field, text, value);
		return;
	}
	value->kind = field->kind;
	value->present = true;
	value->list = object->lists[at];
	for (part = strtok_r(text, ",", &rest); part;
	     part = strtok_r(NULL, ",", &rest)) {
		assert(value->count < FAKE_LIST);
		parse_one(field, part, &object->lists[at][value->count++]);
	}
}

static void parse_named(struct vs_object *object, char *word)
{
	char *equals = strchr(word, '=');
	uint16_t i;

	assert(equals);
	*equals = 0;
	for (i = 0; i < object->noun->field_count; i++)
		if (strcmp(object->noun->fields[i].name, word) == 0)
			break;
	assert(i < object->noun->field_count);
	parse_field(object, i, equals + 1);
}

static const struct vs_object *parent_of(const struct fake_settings *fake,
					 const struct vs_noun *noun)
{
	const struct vs_object *object, *found = NULL;

	for (object = fake->first; object; object = object->next)
		if (noun->parent &&
		    strcmp(object->noun->name, noun->parent) == 0)
			found = object;
	assert(found || !noun->parent);
	return found;
}

static void load_line(struct fake_settings *fake, const char *line,
		      size_t length)
{
	struct vs_object *object = calloc(1, sizeof(*object));
	char *word, *rest = NULL;

	assert(object);
	object->fake = fake;
	object->text = strndup(line, length);
	word = strtok_r(object->text, " ", &rest);
	object->noun = cursor_noun(&fake->settings, word);
	assert(object->noun && object->noun->field_count <= FAKE_FIELDS);
	object->parent = parent_of(fake, object->noun);
	word = strtok_r(NULL, " ", &rest);
	assert(word);
	snprintf(object->key, sizeof(object->key), "%s", word);
	parse_field(object, 0, word);
	while ((word = strtok_r(NULL, " ", &rest)))
		parse_named(object, word);
	if (fake->last)
		fake->last->next = object;
	else
		fake->first = object;
	fake->last = object;
}

void fake_settings_load(struct fake_settings *fake, const char *lines)
{
	size_t length;

	while (*lines) {
		length = strcspn(lines, "\n");
		if (length)
			load_line(fake, lines, length);
		lines += length + (lines[length] == '\n');
	}
}
