// SPDX-License-Identifier: Apache-2.0
/*
 * value.c: one JSON value as text. Decides nothing about layout (table.c) or
 * about which members are shown (list.c, show.c, stats.c ...).
 */
#include "value.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

json_int_t member_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

bool member_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

bool array_has(const json_t *array, const char *text)
{
	size_t i;
	json_t *element;

	json_array_foreach(array, i, element)
	{
		const char *other = json_string_value(element);

		if (other && strcmp(other, text) == 0)
			return true;
	}
	return false;
}

static const char *array_text(const json_t *array, char *out, size_t size)
{
	size_t i, used = 0;
	json_t *element;

	out[0] = '\0';
	json_array_foreach(array, i, element)
	{
		char one[VALUE_SIZE];
		int wrote =
			snprintf(out + used, size - used, "%s%s", i ? "," : "",
				 value_text(element, one, sizeof(one)));

		if (wrote < 0 || (size_t)wrote >= size - used)
			break;
		used += (size_t)wrote;
	}
	return out;
}

static const char *object_text(const json_t *object, char *out, size_t size)
{
	size_t used = 0;
	const char *name;
	json_t *member;

	out[0] = '\0';
	json_object_foreach((json_t *)(uintptr_t)object, name, member)
	{
		char one[VALUE_SIZE];
		int wrote = snprintf(out + used, size - used, "%s%s=%s",
				     used ? " " : "", name,
				     value_text(member, one, sizeof(one)));

		if (wrote < 0 || (size_t)wrote >= size - used)
			break;
		used += (size_t)wrote;
	}
	return out;
}

const char *value_text(const json_t *value, char *out, size_t size)
{
	out[0] = '\0';
	if (!value)
		return out;
	switch (json_typeof(value)) {
	case JSON_STRING:
		snprintf(out, size, "%s", json_string_value(value));
		break;
	case JSON_INTEGER:
		snprintf(out, size, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		break;
	case JSON_REAL:
		snprintf(out, size, "%.6g", json_real_value(value));
		break;
	case JSON_TRUE:
		snprintf(out, size, "yes");
		break;
	case JSON_FALSE:
		snprintf(out, size, "no");
		break;
	case JSON_ARRAY:
		return array_text(value, out, size);
	case JSON_OBJECT:
		return object_text(value, out, size);
	case JSON_NULL:
		break;
	}
	return out;
}

const char *value_duration(double seconds, char *out, size_t size)
{
	static const struct {
		const char *large, *small;
		long per_large, per_small;
	} units[] = {
		{"d", "h", 86400, 3600},
		{"h", "min", 3600, 60},
		{"min", "s", 60, 1},
	};
	long whole = (long)seconds;

	if (seconds < 10 && seconds > (double)whole) {
		snprintf(out, size, "%.1f s", seconds);
		return out;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		long large = whole / units[i].per_large;
		long small = whole % units[i].per_large / units[i].per_small;

		if (large && small)
			snprintf(out, size, "%ld %s %ld %s", large,
				 units[i].large, small, units[i].small);
		else if (large)
			snprintf(out, size, "%ld %s", large, units[i].large);
		if (large)
			return out;
	}
	snprintf(out, size, "%ld s", whole);
	return out;
}

const char *value_time(const json_t *value, char *out, size_t size)
{
	time_t seconds;
	struct tm when;

	if (!json_is_number(value))
		return value_text(value, out, size);
	seconds = (time_t)json_number_value(value);
	if (!localtime_r(&seconds, &when) ||
	    strftime(out, size, "%Y-%m-%d %H:%M:%S", &when) == 0)
		out[0] = '\0';
	return out;
}
