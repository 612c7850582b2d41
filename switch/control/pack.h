/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.h: key and values of one object as a few bytes.
 *
 * Theory of operation
 * -------------------
 * A noun of which there may be a million objects (VS_NOUN_MANY) is not kept
 * as records with 40 bytes a value, but packed: the key, a bitmap of the
 * fields that are present, those fields. A value is a mark and its bytes: the
 * mark of a number, MAC or address is how many bytes follow, most significant
 * first, without leading zeros; so keys in order of (mark, bytes) are in order
 * of their values, IPv4 before IPv6. Texts end with NUL, so that who reads
 * one may point into the packed bytes. A lookup record (address, MAC,
 * provider address) takes 20 bytes.
 *
 * Before this file: record.h. After it: roster.h.
 */
#ifndef CONTROL_PACK_H
#define CONTROL_PACK_H

#include "control/record.h"

#define PACK_MAXIMUM 16384u /* bytes of one object; more is refused */

/* pack_size - what pack_write will write. */
size_t pack_size(const struct record *record);
void pack_write(const struct record *record, uint8_t *to);
/* pack_key - a key alone, to search for; at most `room` bytes, 0 = no room. */
size_t pack_key(const struct vs_value *key, uint8_t *to, size_t room);
/* pack_compare - the keys of two packed objects (or of packed keys). */
int pack_compare(const uint8_t *a, const uint8_t *b);
/* pack_elements - how many list elements pack_read needs room for. */
size_t pack_elements(const struct schema_noun *noun, const uint8_t *from);
/* pack_read - all values of the noun; texts point into `from`. */
void pack_read(const struct schema_noun *noun, const uint8_t *from,
	       struct vs_value *values, struct vs_value *elements);

#endif
