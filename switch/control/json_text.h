/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_text.h: bytes to json_t within limits, and their checksum.
 *
 * Depth is judged on the bytes, before the library recurses, and so may be what
 * members the text has, before it grows to many times its size; duplicate
 * members and NUL are refused. Before this file: none. After it: request.c,
 * document.c.
 */
#ifndef CONTROL_JSON_TEXT_H
#define CONTROL_JSON_TEXT_H

#include <stdbool.h>

#include <jansson.h>

#include <vswitch/types.h>

/* json_text_load - 0, -EINVAL (with line and column) or -E2BIG (depth). */
int json_text_load(const char *bytes, size_t size, json_t **json,
		   struct vs_error *error);
/* A look at the members of the object that a text is, before it is parsed.
 * Begins as {bytes, size, 0}. */
struct json_text_look {
	const char *bytes;
	size_t size, at;
};
#define JSON_TEXT_NAME 64u
/*
 * json_text_member - the name of the next member of the outermost object, of
 * which the first JSON_TEXT_NAME - 1 bytes. False: there is none, or what
 * stands here takes a parser (an escape, a character beyond ASCII, no JSON at
 * all).
 */
bool json_text_member(struct json_text_look *look, char name[JSON_TEXT_NAME]);
/* json_text_first - the first character that is no white space; '\0': none. */
char json_text_first(const char *bytes, size_t size);

/* json_text_crc - CRC-32C of bytes. */
uint32_t json_text_crc(const char *bytes, size_t size);
/* json_text_crc_on - of what stood before (0: nothing) and these bytes. */
uint32_t json_text_crc_on(uint32_t crc, const char *bytes, size_t size);

/* json_text_string - a text as JSON; one that is no UTF-8 (a device's name may
 * be anything, a cut may fall anywhere) with its high bytes replaced. */
json_t *json_text_string(const char *text);

#endif
