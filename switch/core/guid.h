/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guid.h: is it the same GUID? Of texts whose form was checked: the descriptor
 * of an extension, what a port saved. People write the digits above nine in
 * either case.
 */
#ifndef CORE_GUID_H
#define CORE_GUID_H

#include <stdbool.h>
#include <strings.h>

static inline bool guid_is(const char *guid, const char *other)
{
	return strcasecmp(guid, other) == 0;
}

#endif
