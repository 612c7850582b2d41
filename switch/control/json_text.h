/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_text.h: bytes to json_t within limits, and their checksum.
 *
 * Depth is judged on the bytes, before the library recurses; duplicate members
 * and NUL are refused. Before this file: none. After it: request.c, document.c.
 */
#ifndef CONTROL_JSON_TEXT_H
#define CONTROL_JSON_TEXT_H

#include <jansson.h>

#include <vswitch/types.h>

/* json_text_load - 0, -EINVAL (with line and column) or -E2BIG (depth). */
int json_text_load(const char *bytes, size_t size, json_t **json,
		   struct vs_error *error);
/* json_text_crc - CRC-32C of bytes. */
uint32_t json_text_crc(const char *bytes, size_t size);
/* json_text_crc_on - of what stood before (0: nothing) and these bytes. */
uint32_t json_text_crc_on(uint32_t crc, const char *bytes, size_t size);

/* json_text_string - a text as JSON; one that is no UTF-8 (a device's name may
 * be anything, a cut may fall anywhere) with its high bytes replaced. */
json_t *json_text_string(const char *text);

#endif
