// SPDX-License-Identifier: Apache-2.0
/*
 * value.c: parsing and printing of every kind, one row per kind in a table.
 *
 * The caller fills error->path. Before this file: types.h's text forms. After
 * it: document.c, request_objects.c.
 */
#include "control/value.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/words.h"

#define LIST_MAXIMUM 4096u
#define VLAN_MAXIMUM 4094u

struct kind {
	const char *name;
	/* from text; error->text says why not */
	int (*parse)(const struct vs_field *field, const char *text,
		     struct vs_value *value, struct vs_error *error);
	void (*print)(const struct vs_field *field,
		      const struct vs_value *value, char text[VALUE_TEXT]);
	size_t size; /* of the value itself, for comparing; 0 = text */
};

static int refuse(struct vs_error *error, const char *field, const char *text,
		  const char *want)
{
	return vs_error_set(error, EINVAL, "", "%s: '%.80s' is no %s", field,
			    text, want);
}

static int parse_bool(const struct vs_field *field, const char *text,
		      struct vs_value *value, struct vs_error *error)
{
	static const char *const words[] = {"no", "yes",   "off",
					    "on", "false", "true"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) != 0)
			continue;
		value->truth = i & 1;
		return 0;
	}
	return refuse(error, field->name, text,
		      "truth value: say yes or no, on or off");
}

static void print_bool(const struct vs_field *field,
		       const struct vs_value *value, char text[VALUE_TEXT])
{
	(void)field;
	snprintf(text, VALUE_TEXT, "%s", value->truth ? "yes" : "no");
}

static int check_number(const struct vs_field *field, uint64_t number,
			struct vs_error *error)
{
	uint64_t maximum = field->maximum;

	if (!maximum)
		maximum = field->minimum ? UINT64_MAX : INT64_MAX;
	if (maximum > INT64_MAX)
		maximum = INT64_MAX; /* what JSON here can say */
	if (number >= field->minimum && number <= maximum)
		return 0;
	return vs_error_set(error, EINVAL, "",
			    "%s: %" PRIu64 " is out of range: say %" PRIu64
			    " to %" PRIu64,
			    field->name, number, field->minimum, maximum);
}

/* Digits only, up to 18 of them: no sign, no blank, no overflow. */
static bool digits_to_number(const char *text, uint64_t *number)
{
	size_t size = strspn(text, "0123456789");

	if (!size || text[size] || size > 18)
		return false;
	*number = strtoull(text, NULL, 10);
	return true;
}

/* The same, with k, M or G for thousands, millions and milliards. */
static bool words_to_number(const char *text, uint64_t *number)
{
	static const char units[] = "kMG";
	size_t size = strlen(text);
	const char *unit = size ? strchr(units, text[size - 1]) : NULL;
	uint64_t factor = 1;
	char digits[20];

	if (!unit || size >= sizeof(digits))
		return digits_to_number(text, number);
	snprintf(digits, sizeof(digits), "%.*s", (int)(size - 1), text);
	for (const char *at = units; at <= unit; at++)
		factor *= 1000;
	if (!digits_to_number(digits, number) || *number > INT64_MAX / factor)
		return false;
	*number *= factor;
	return true;
}

static int parse_number(const struct vs_field *field, const char *text,
			struct vs_value *value, struct vs_error *error)
{
	if (!words_to_number(text, &value->number))
		return refuse(error, field->name, text,
			      "whole number without sign (k, M or G behind it "
			      "are thousands, millions, milliards)");
	return check_number(field, value->number, error);
}

static void print_number(const struct vs_field *field,
			 const struct vs_value *value, char text[VALUE_TEXT])
{
	(void)field;
	snprintf(text, VALUE_TEXT, "%" PRIu64, value->number);
}

static int parse_text(const struct vs_field *field, const char *text,
		      struct vs_value *value, struct vs_error *error)
{
	uint64_t maximum = field->maximum ? field->maximum : 255;
	size_t i, size = strlen(text);

	if (size < 1 || size > maximum)
		return vs_error_set(error, EINVAL, "",
				    "%s: a text of %zu bytes: say 1 to %" PRIu64
				    " bytes",
				    field->name, size, maximum);
	for (i = 0; i < size; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return vs_error_set(error, EINVAL, "",
					    "%s: a control character at byte "
					    "%zu: leave it out",
					    field->name, i);
	value->text = text;
	return 0;
}

static bool name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

static int parse_name(const struct vs_field *field, const char *text,
		      struct vs_value *value, struct vs_error *error)
{
	size_t i, size = strlen(text);
	bool good = size >= 1 && size <= 63;

	for (i = 0; good && i < size; i++)
		good = name_character(text[i]);
	if (!good || strchr("_.-", text[0]))
		return refuse(error, field->name, text,
			      "name: up to 63 letters, digits and _ . -, the "
			      "first a letter or digit");
	value->text = text;
	return 0;
}

static int parse_mac(const struct vs_field *field, const char *text,
		     struct vs_value *value, struct vs_error *error)
{
	if (vs_mac_parse(text, &value->mac))
		return refuse(error, field->name, text,
			      "MAC address: say it as 02:00:00:00:00:05");
	if (vs_mac_is_group(&value->mac))
		return refuse(error, field->name, text,
			      "MAC of one station: it is a group address");
	if (vs_mac_is_zero(&value->mac))
		return refuse(error, field->name, text,
			      "MAC of a station: it is zero");
	return 0;
}

static void print_mac(const struct vs_field *field,
		      const struct vs_value *value, char text[VALUE_TEXT])
{
	(void)field;
	vs_mac_format(&value->mac, text);
}

static int parse_ip(const struct vs_field *field, const char *text,
		    struct vs_value *value, struct vs_error *error)
{
	if (vs_ip_parse(text, &value->ip))
		return refuse(error, field->name, text,
			      "IP address: say it as 10.0.0.5 or 2001:db8::5");
	return 0;
}

static void print_ip(const struct vs_field *field, const struct vs_value *value,
		     char text[VALUE_TEXT])
{
	(void)field;
	vs_ip_format(&value->ip, text);
}

static int parse_prefix(const struct vs_field *field, const char *text,
			struct vs_value *value, struct vs_error *error)
{
	struct vs_ip alone;

	if (!vs_prefix_parse(text, &value->prefix))
		return 0;
	if (!vs_ip_parse(text, &alone))
		return vs_error_set(error, EINVAL, field->name,
				    "%s: '%.60s' has no length: say %.60s/%u "
				    "for this address alone",
				    field->name, text, text,
				    vs_ip_is_v4(&alone) ? 32u : 128u);
	return refuse(error, field->name, text,
		      "prefix: say it as 10.0.0.0/24, no bit set behind the "
		      "length");
}

static void print_prefix(const struct vs_field *field,
			 const struct vs_value *value, char text[VALUE_TEXT])
{
	(void)field;
	vs_prefix_format(&value->prefix, text);
}

/* hnv.md A1.4 to A1.6: the reserved range is named. */
static int check_vsid(const struct vs_field *field, uint64_t number,
		      struct vs_value *value, struct vs_error *error)
{
	const char *zero = field->minimum ? "" : "0 or ";

	value->vsid.value = (uint32_t)number;
	if (number >= VS_VSID_MINIMUM && number <= VS_VSID_MAXIMUM)
		return 0;
	if (number == 0 && field->minimum == 0)
		return 0;
	if (number == 0)
		return vs_error_set(error, EINVAL, "",
				    "%s: VSID 0 means not virtualised: say "
				    "4096 to 16777214",
				    field->name);
	if (number < VS_VSID_MINIMUM)
		return vs_error_set(error, EINVAL, "",
				    "%s: VSID %" PRIu64 " is reserved (1 to "
				    "4095): say %s4096 to 16777214",
				    field->name, number, zero);
	if (number == VS_VSID_CONTROL)
		return vs_error_set(error, EINVAL, "",
				    "%s: VSID 16777215 is reserved (0xFFFFFF, "
				    "between hosts): say %s4096 to 16777214",
				    field->name, zero);
	return vs_error_set(error, EINVAL, "",
			    "%s: %" PRIu64 " has more than 24 bits: say %s4096 "
			    "to 16777214",
			    field->name, number, zero);
}

static int parse_vsid(const struct vs_field *field, const char *text,
		      struct vs_value *value, struct vs_error *error)
{
	uint64_t number;

	if (!digits_to_number(text, &number))
		return refuse(error, field->name, text,
			      "VSID: say 4096 to 16777214");
	return check_vsid(field, number, value, error);
}

static void print_vsid(const struct vs_field *field,
		       const struct vs_value *value, char text[VALUE_TEXT])
{
	(void)field;
	snprintf(text, VALUE_TEXT, "%" PRIu32, value->vsid.value);
}

static int parse_uuid(const struct vs_field *field, const char *text,
		      struct vs_value *value, struct vs_error *error)
{
	char bare[VS_UUID_TEXT];
	size_t size = strlen(text);

	/* Microsoft's form has braces (hnv.md A1.3). */
	if (size == VS_UUID_TEXT + 1 && text[0] == '{' &&
	    text[size - 1] == '}') {
		memcpy(bare, text + 1, VS_UUID_TEXT - 1);
		bare[VS_UUID_TEXT - 1] = '\0';
	} else {
		snprintf(bare, sizeof(bare), "%s",
			 size < sizeof(bare) ? text : "");
	}
	if (vs_uuid_parse(bare, &value->uuid))
		return refuse(error, field->name, text,
			      "GUID: say it as "
			      "11111111-2222-3333-4444-000000000000");
	return 0;
}

static void print_uuid(const struct vs_field *field,
		       const struct vs_value *value, char text[VALUE_TEXT])
{
	(void)field;
	vs_uuid_format(&value->uuid, text);
}

static int parse_choice(const struct vs_field *field, const char *text,
			struct vs_value *value, struct vs_error *error)
{
	struct words_nearest nearest = {.word = text};
	char all[160], hint[96];
	size_t i, at = 0;

	all[0] = '\0';
	for (i = 0; field->choices[i]; i++) {
		if (strcmp(text, field->choices[i]) == 0) {
			value->choice = (uint16_t)i;
			return 0;
		}
		words_offer(&nearest, field->choices[i]);
		if (at < sizeof(all))
			at += (size_t)snprintf(all + at, sizeof(all) - at,
					       "%s%s", i ? ", " : "",
					       field->choices[i]);
	}
	return vs_error_set(error, EINVAL, "", "%s: '%.80s' is none of %s%s",
			    field->name, text, all, words_hint(&nearest, hint));
}

static void print_choice(const struct vs_field *field,
			 const struct vs_value *value, char text[VALUE_TEXT])
{
	snprintf(text, VALUE_TEXT, "%s", field->choices[value->choice]);
}

static int parse_tag(const struct vs_field *field, const char *text,
		     struct vs_value *value, struct vs_error *error)
{
	const struct vs_field bounds = {.name = field->name,
					.minimum = VS_VSID_MINIMUM};
	struct vs_value vsid = {.kind = VS_KIND_VSID};
	const char *mark = strchr(text, ':');
	size_t size = mark ? (size_t)(mark - text) : 0;
	uint64_t vlan = VLAN_MAXIMUM + 1, number = 0;
	char head[8] = "";

	if (size < sizeof(head))
		memcpy(head, text, size);
	if (!digits_to_number(head, &vlan) || vlan > VLAN_MAXIMUM ||
	    !digits_to_number(mark + 1, &number))
		return refuse(error, field->name, text,
			      "VLAN:VSID: say it as 100:5001, the VLAN 1 to "
			      "4094, or 0 for frames without a tag");
	if (check_vsid(&bounds, number, &vsid, error))
		return -EINVAL;
	value->tag = (struct vs_tag){vsid.vsid, (uint16_t)vlan, 0};
	return 0;
}

static void print_tag(const struct vs_field *field,
		      const struct vs_value *value, char text[VALUE_TEXT])
{
	(void)field;
	snprintf(text, VALUE_TEXT, "%u:%" PRIu32, value->tag.vlan,
		 value->tag.vsid.value);
}

static int check_range(const struct vs_field *field, uint64_t first,
		       uint64_t last, struct vs_value *value,
		       struct vs_error *error)
{
	uint64_t maximum = field->maximum ? field->maximum : UINT16_MAX;

	if (first > last || first < field->minimum || last > maximum)
		return vs_error_set(error, EINVAL, "",
				    "%s: %" PRIu64 "-%" PRIu64 " is no range "
				    "within %" PRIu64 " to %" PRIu64,
				    field->name, first, last, field->minimum,
				    maximum);
	value->range = (struct vs_range){(uint16_t)first, (uint16_t)last};
	return 0;
}

static int parse_range(const struct vs_field *field, const char *text,
		       struct vs_value *value, struct vs_error *error)
{
	const char *mark = strchr(text, '-');
	int size = mark ? (int)(mark - text) : (int)strlen(text);
	uint64_t first, last;
	char head[8] = "";

	if (size < (int)sizeof(head))
		snprintf(head, sizeof(head), "%.*s", size, text);
	if (!digits_to_number(head, &first) ||
	    !digits_to_number(mark ? mark + 1 : head, &last))
		return refuse(error, field->name, text,
			      "range: say a number or two, as 10-20");
	return check_range(field, first, last, value, error);
}

static void print_range(const struct vs_field *field,
			const struct vs_value *value, char text[VALUE_TEXT])
{
	const struct vs_range *range = &value->range;

	(void)field;
	if (range->first == range->last)
		snprintf(text, VALUE_TEXT, "%u", range->first);
	else
		snprintf(text, VALUE_TEXT, "%u-%u", range->first, range->last);
}

static const struct kind kinds[] = {
	[VS_KIND_BOOL] = {"bool", parse_bool, print_bool, sizeof(bool)},
	[VS_KIND_NUMBER] = {"number", parse_number, print_number, 8},
	[VS_KIND_TEXT] = {"text", parse_text, NULL, 0},
	[VS_KIND_NAME] = {"name", parse_name, NULL, 0},
	[VS_KIND_MAC] = {"mac", parse_mac, print_mac, sizeof(struct vs_mac)},
	[VS_KIND_IP] = {"ip", parse_ip, print_ip, sizeof(struct vs_ip)},
	[VS_KIND_PREFIX] = {"prefix", parse_prefix, print_prefix,
			    sizeof(struct vs_prefix)},
	[VS_KIND_VSID] = {"vsid", parse_vsid, print_vsid,
			  sizeof(struct vs_vsid)},
	[VS_KIND_UUID] = {"uuid", parse_uuid, print_uuid,
			  sizeof(struct vs_uuid)},
	[VS_KIND_CHOICE] = {"choice", parse_choice, print_choice,
			    sizeof(uint16_t)},
	[VS_KIND_TAG] = {"vlan:vsid", parse_tag, print_tag,
			 sizeof(struct vs_tag)},
	[VS_KIND_RANGE] = {"range", parse_range, print_range,
			   sizeof(struct vs_range)},
};
static_assert(sizeof(kinds) / sizeof(kinds[0]) == VS_KINDS, "one row each");

const char *value_kind_name(unsigned int kind)
{
	assert(kind < VS_KINDS);
	return kinds[kind].name;
}

int value_parse_text(const struct vs_field *field, const char *text,
		     struct vs_value *value, struct vs_error *error)
{
	*value = (struct vs_value){.kind = field->kind, .present = true};
	if ((field->flags & VS_FIELD_ANY) && strcasecmp(text, "any") == 0) {
		value->any = true;
		return 0;
	}
	return kinds[field->kind].parse(field, text, value, error);
}

/* What JSON says by itself: true, false and numbers. */
static int parse_bare(const struct vs_field *field, const json_t *json,
		      struct vs_value *value, struct vs_error *error)
{
	json_int_t number = json_integer_value(json);

	*value = (struct vs_value){.kind = field->kind, .present = true};
	if (field->kind == VS_KIND_BOOL && json_is_boolean(json)) {
		value->truth = json_is_true(json);
		return 0;
	}
	if (json_is_integer(json) && number < 0)
		return vs_error_set(error, EINVAL, "", "%s: a negative number",
				    field->name);
	if (json_is_integer(json) && field->kind == VS_KIND_NUMBER) {
		value->number = (uint64_t)number;
		return check_number(field, value->number, error);
	}
	if (json_is_integer(json) && field->kind == VS_KIND_VSID)
		return check_vsid(field, (uint64_t)number, value, error);
	if (json_is_integer(json) && field->kind == VS_KIND_RANGE)
		return check_range(field, (uint64_t)number, (uint64_t)number,
				   value, error);
	return vs_error_set(error, EINVAL, "", "%s: must be %s", field->name,
			    field->kind == VS_KIND_BOOL ? "true or false"
			    : field->kind == VS_KIND_NUMBER ||
					    field->kind == VS_KIND_VSID
				    ? "a whole number"
				    : "a string");
}

static int parse_one(const struct vs_field *field, const json_t *json,
		     enum value_form form, struct vs_value *value,
		     struct vs_error *error)
{
	bool bare = field->kind == VS_KIND_BOOL ||
		    field->kind == VS_KIND_NUMBER ||
		    field->kind == VS_KIND_VSID;

	if (json_is_string(json) && (!bare || form == VALUE_TYPED))
		return value_parse_text(field, json_string_value(json), value,
					error);
	return parse_bare(field, json, value, error);
}

static int parse_list(const struct vs_field *field, const json_t *json,
		      enum value_form form, struct vs_value *value,
		      struct vs_error *error)
{
	size_t i, j, count = json_array_size(json);
	struct vs_value *list;
	int rc = 0;

	if (count > LIST_MAXIMUM)
		return vs_error_set(error, E2BIG, "",
				    "%s: %zu elements: at most %u", field->name,
				    count, LIST_MAXIMUM);
	if (!count)
		return 0; /* as if not written */
	list = calloc(count, sizeof(*list));
	if (!list)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	for (i = 0; i < count && rc == 0; i++) {
		rc = parse_one(field, json_array_get(json, i), form, &list[i],
			       error);
		for (j = 0; j < i && rc == 0; j++)
			if (value_equal(&list[i], &list[j]))
				rc = vs_error_set(error, EINVAL, "",
						  "%s: elements %zu and %zu "
						  "are equal: say it once",
						  field->name, j + 1, i + 1);
	}
	if (rc) {
		free(list);
		return rc;
	}
	*value = (struct vs_value){.kind = field->kind,
				   .present = true,
				   .count = (uint16_t)count,
				   .list = list};
	return 0;
}

int value_parse(const struct vs_field *field, const json_t *json,
		enum value_form form, struct vs_value *value,
		struct vs_error *error)
{
	*value = (struct vs_value){.kind = field->kind};
	if (!(field->flags & VS_FIELD_LIST)) {
		if (json_is_array(json))
			return vs_error_set(error, EINVAL, "",
					    "%s: one value, no list",
					    field->name);
		return parse_one(field, json, form, value, error);
	}
	if (!json_is_array(json))
		return vs_error_set(error, EINVAL, "",
				    "%s: a list: write it in [ ]", field->name);
	return parse_list(field, json, form, value, error);
}

void value_clear(struct vs_value *value)
{
	if (value->present && value->count && value->list)
		free((void *)(uintptr_t)value->list);
	value->present = false;
}

const char *value_text(const struct vs_field *field,
		       const struct vs_value *value, char text[VALUE_TEXT])
{
	if (value->any)
		return "any";
	if (!kinds[value->kind].print)
		return value->text;
	kinds[value->kind].print(field, value, text);
	return text;
}

static json_t *json_one(const struct vs_field *field,
			const struct vs_value *value)
{
	char text[VALUE_TEXT];

	if (value->any)
		return json_string("any");
	if (value->kind == VS_KIND_BOOL)
		return json_boolean(value->truth);
	if (value->kind == VS_KIND_NUMBER)
		return json_integer((json_int_t)value->number);
	if (value->kind == VS_KIND_VSID)
		return json_integer((json_int_t)value->vsid.value);
	return json_string(value_text(field, value, text));
}

json_t *value_json(const struct vs_field *field, const struct vs_value *value)
{
	json_t *array;
	uint16_t i;

	if (!value->present)
		return json_null();
	if (!(field->flags & VS_FIELD_LIST))
		return json_one(field, value);
	array = json_array();
	for (i = 0; array && i < value->count; i++)
		if (json_array_append_new(array,
					  json_one(field, &value->list[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static bool equal_one(const struct vs_value *a, const struct vs_value *b)
{
	const struct kind *kind = &kinds[a->kind];

	if (a->any || b->any)
		return a->any == b->any;
	if (!kind->size)
		return strcmp(a->text, b->text) == 0;
	/* every member of the union begins at its start */
	return memcmp(&a->truth, &b->truth, kind->size) == 0;
}

bool value_equal(const struct vs_value *a, const struct vs_value *b)
{
	uint16_t i;

	if (a->present != b->present || a->kind != b->kind ||
	    a->count != b->count)
		return false;
	if (!a->present)
		return true;
	if (!a->count)
		return equal_one(a, b);
	for (i = 0; i < a->count; i++)
		if (!equal_one(&a->list[i], &b->list[i]))
			return false;
	return true;
}
