/* SPDX-License-Identifier: Apache-2.0 */
/*
 * abi.h: which descriptors this switch reads, and how an older one is read.
 *
 * Theory of operation
 * -------------------
 * While the ABI is 0, an extension must come from this very build. From 1 on
 * a number, once released, is accepted for ever. What makes that possible is
 * one rule of the headers: the descriptor and the class tables only grow, at
 * their ends; what is newer counts as not set. So abi.c keeps how large each
 * was at each number, and what is shorter than today's is copied into today's,
 * with zeroes behind. Structs that stand in arrays (nouns, fields, methods,
 * reasons, names) never change; structs that the host makes carry their size
 * and are the extension's to ask.
 *
 * Example: ABI 2 appends a hook to struct vs_filter_class. A library of ABI 1
 * has a table that ends before it; its copy has NULL there, and the walk
 * passes.
 *
 * Before this file: the loader has mapped a library. After it: descriptor.c,
 * which judges what the descriptor says.
 */
#ifndef ABI_H
#define ABI_H

#include <vswitch/extension.h>

/* What grows, in bytes. */
struct abi_sizes {
	uint32_t descriptor, capture, filter, forward, translate;
};

struct abi_rules {
	uint32_t current;	       /* the newest number that is read */
	const char *build;	       /* whose headers, while that is 0 */
	const struct abi_sizes *sizes; /* of 0..current */
};

extern const struct abi_rules abi_rules;

/* abi_check - looks at `abi` and `size`, and at nothing else unless they
 * match; 0 or -errno with both numbers in `error` (path left alone). */
int abi_check(const struct abi_rules *rules,
	      const struct vs_extension *extension, struct vs_error *error);

/*
 * abi_adopt - the descriptor as today's: itself if nothing grew since, else a
 * copy that lives as long as the process, like the library that it stands for.
 * Checked before. NULL: out of memory.
 */
const struct vs_extension *abi_adopt(const struct abi_rules *rules,
				     const struct vs_extension *extension);

#endif
