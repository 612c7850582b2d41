/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h: JSON members read without ceremony, and values as people read
 * them: yes and no, lists with commas, durations with units.
 */
#ifndef CLI_VALUE_H
#define CLI_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#define VALUE_SIZE 512

/* The member's text; "" when it is absent or no string. Borrowed. */
const char *member_text(const json_t *object, const char *name);
json_int_t member_number(const json_t *object, const char *name);
bool member_true(const json_t *object, const char *name);

/* Is the text an element of the array? */
bool array_has(const json_t *array, const char *text);

/*
 * Any value as one cell: null and absent are "", true is "yes", arrays are
 * joined with commas. Cut to size. Returns out.
 */
const char *value_text(const json_t *value, char *out, size_t size);

/* 0.4 s, 35 s, 4 min 10 s, 3 h 5 min, 2 d 4 h. Returns out. */
const char *value_duration(double seconds, char *out, size_t size);

/* A wall-clock time: seconds since 1970 in local time; text as it is. */
const char *value_time(const json_t *value, char *out, size_t size);

#endif
