/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes.h: notice that steady answers (steady.h) may be others by now.
 *
 * Theory of operation
 * -------------------
 * Numbers that only grow. Who acts on an answer reads them before it is given
 * (before vs_worker_enter), and acts as long as they are the same. What changes
 * them is done before they grow.
 *
 * `all` is for what may concern any frame: a snapshot, an extension's state. A
 * tenant's VM can cause that a MAC moves, or is learned anew after it was
 * forgotten elsewhere, and do so all the time: that is a matter of its VSID on
 * its switch, and counts in one of the parts, by hash; so does what an
 * extension says of a VSID (vs_host.invalidate_vsid). An answer about a frame
 * depends on the part of the VSID that the frame bears where it leaves the walk
 * (its view's), because under that VSID its MACs are known. VSIDs that meet in
 * one part only cost each other speed.
 *
 * `parts` grows after each of the parts: while it is the same, whoever has a
 * copy of them need not copy again. An older copy is never wrong: what is taken
 * for known under an old number is not acted on.
 *
 * Before it: forward.c, switch.c and services.c, which count. After it:
 * io/fast.c.
 */
#ifndef CORE_CHANGES_H
#define CORE_CHANGES_H

#include <stdatomic.h>

#include <vswitch/types.h>

#include "packet/hash.h"

#define VS_CHANGES_PARTS 1024u /* a power of two */

struct vs_switch;

/* Lines of the cache: who reads the one is not disturbed by the other. */
struct vs_changes {
	_Atomic uint64_t all;
	uint64_t spare[7];
	_Atomic uint64_t parts;
	uint64_t spare_too[7];
	_Atomic uint64_t part[VS_CHANGES_PARTS];
};

/* changes_part - of a VSID of a switch, which is not looked at. */
static inline uint32_t changes_part(const struct vs_switch *sw,
				    struct vs_vsid vsid)
{
	struct hash_key key = hash_key((uintptr_t)sw);

	return (uint32_t)hash_words(&key, &vsid.value, 1) &
	       (VS_CHANGES_PARTS - 1);
}

static inline void changes_count(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_release);
}

#endif
