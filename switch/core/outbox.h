/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.h: what a walk decided to send: recipes, not packets.
 *
 * Fixed size, one per worker. Whoever appends takes a reference on the packet;
 * the flush (io/pump.c, a test, the scenario runner) sends each entry by its
 * port's link and drops the reference. Full = flush through the caller's
 * callback. The core counts an entry as sent when it is appended; what the
 * link loses afterwards is the link's own line (ledger.h).
 */
#ifndef CORE_OUTBOX_H
#define CORE_OUTBOX_H

#include <vswitch/host.h>

#include "packet/packet.h"

#define VS_OUTBOX_SIZE 256u

struct vs_link; /* io/link.h; the core only carries the pointer */

struct vs_outbox_entry {
	struct vs_packet *packet;
	struct vs_link *link;	 /* NULL: the port has no device just now */
	struct vs_recipe recipe; /* recipe.port = where it leaves */
	uint16_t steady; /* steady.h: IP bytes of a segment; 0: it is not */
};

struct vs_outbox {
	/* send all entries, drop their references, set count = 0 */
	void (*flush)(struct vs_outbox *outbox);
	uint16_t count;
	struct vs_outbox_entry entry[VS_OUTBOX_SIZE];
};

/* vs_outbox_clear - drop every entry's reference; for flush callbacks. */
void vs_outbox_clear(struct vs_outbox *outbox);

#endif
