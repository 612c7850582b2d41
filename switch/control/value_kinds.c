// SPDX-License-Identifier: Apache-2.0
/*
 * value_kinds.c: parsing and printing of every kind, one row per kind in a
 * table. The caller fills error->path. Before and after it: value.c.
 */
#include "control/value_kinds.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/words.h"

#define VLAN_MAXIMUM 4094u

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

static int take_number(const struct vs_field *field, uint64_t number,
		       struct vs_value *value, struct vs_error *error)
{
	uint64_t maximum = field->maximum;

	value->number = number;
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
	uint64_t number;

	if (!words_to_number(text, &number))
		return refuse(error, field->name, text,
			      "whole number without sign (k, M or G behind it "
			      "are thousands, millions, milliards)");
	return take_number(field, number, value, error);
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
static int take_vsid(const struct vs_field *field, uint64_t number,
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
	return take_vsid(field, number, value, error);
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
	if (take_vsid(&bounds, number, &vsid, error))
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

static int take_range(const struct vs_field *field, uint64_t number,
		      struct vs_value *value, struct vs_error *error)
{
	return check_range(field, number, number, value, error);
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

const struct value_kind value_kinds[VS_KINDS] = {
	[VS_KIND_BOOL] = {"bool", parse_bool, print_bool, sizeof(bool), NULL},
	[VS_KIND_NUMBER] = {"number", parse_number, print_number, 8,
			    take_number},
	[VS_KIND_TEXT] = {"text", parse_text, NULL, 0, NULL},
	[VS_KIND_NAME] = {"name", parse_name, NULL, 0, NULL},
	[VS_KIND_MAC] = {"mac", parse_mac, print_mac, sizeof(struct vs_mac),
			 NULL},
	[VS_KIND_IP] = {"ip", parse_ip, print_ip, sizeof(struct vs_ip), NULL},
	[VS_KIND_PREFIX] = {"prefix", parse_prefix, print_prefix,
			    sizeof(struct vs_prefix), NULL},
	[VS_KIND_VSID] = {"vsid", parse_vsid, print_vsid,
			  sizeof(struct vs_vsid), take_vsid},
	[VS_KIND_UUID] = {"uuid", parse_uuid, print_uuid,
			  sizeof(struct vs_uuid), NULL},
	[VS_KIND_CHOICE] = {"choice", parse_choice, print_choice,
			    sizeof(uint16_t), NULL},
	[VS_KIND_TAG] = {"vlan:vsid", parse_tag, print_tag,
			 sizeof(struct vs_tag), NULL},
	[VS_KIND_RANGE] = {"range", parse_range, print_range,
			   sizeof(struct vs_range), take_range},
};
static_assert(VS_KIND_RANGE + 1 == VS_KINDS, "one row each");
