/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptor.h: is what an extension exports fit to be used?
 *
 * Pure: looks at const tables, calls nothing of them. The loader asks before
 * anybody else sees the descriptor, so that the layers below may rely on what
 * is checked here. That nouns name existing parents is control/'s to check:
 * a parent may be another extension's.
 */
#ifndef DESCRIPTOR_H
#define DESCRIPTOR_H

#include <vswitch/extension.h>

/*
 * descriptor_check - of one that abi_check passed and abi_adopt gave (abi.h).
 * `name` is what the extension must be called. 0, or -errno with the
 * fault and the fix in `error` (path left to the caller).
 */
int descriptor_check(const struct vs_extension *extension, const char *name,
		     struct vs_error *error);

/* descriptor_name_valid - is it a VS_KIND_NAME? */
bool descriptor_name_valid(const char *name);

#endif
