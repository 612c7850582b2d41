/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uuid5.h: a network's default RDID: a name-based UUID, so that hosts that
 * know the network by name agree without copying a GUID.
 */
#ifndef WNV_UUID5_H
#define WNV_UUID5_H

#include "address.h"

/* wnv_rdid_of_name - UUIDv5 (RFC 9562 5.5) of the name in a fixed namespace
 * of this product. */
struct wnv_rdid wnv_rdid_of_name(const char *name);

/* wnv_sha1 - SHA-1 (RFC 3174) of at most 2^32 bytes; for names, not secrets. */
void wnv_sha1(const uint8_t *bytes, size_t size, uint8_t digest[20]);

#endif
