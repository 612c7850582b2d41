// SPDX-License-Identifier: Apache-2.0
/*
 * mismatch_shown.c: what was found of guests, as the main thread keeps and
 * shows it, and which of it a new snapshot leaves true; see mismatch.h. Before
 * it: mismatch.c. After it: the owner's events, and show.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/walk.h"

static struct mismatch *find(struct mismatches *all, struct vs_port_id port,
			     uint8_t kind)
{
	uint32_t i;

	for (i = 0; i < all->count; i++)
		if (vs_port_equal(all->list[i].found.port, port) &&
		    all->list[i].found.kind == kind)
			return &all->list[i];
	return NULL;
}

/* A place at the end; NULL: memory is out, it is told and not shown. */
static struct mismatch *grow(struct mismatches *all)
{
	uint32_t room = all->room ? all->room * 2 : 4;
	struct mismatch *list;

	if (all->count == all->room) {
		list = realloc(all->list, room * sizeof(*list));
		if (!list)
			return NULL;
		all->list = list;
		all->room = room;
	}
	return &all->list[all->count++];
}

void mismatch_tell(struct vs_switch *sw, const struct mismatch_found *found)
{
	struct mismatches *all = &sw->mismatches;
	struct mismatch *kept = find(all, found->port, found->kind);
	const struct vs_port *port = switch_port(sw, found->port);
	char text[sizeof(found->text) + VS_PORT_NAME_SIZE + 8];
	bool known = kept && strcmp(kept->found.text, found->text) == 0;

	if (known)
		kept->asked = 0;
	if (known || !port)
		return;
	if (!kept)
		kept = grow(all);
	if (kept)
		*kept = (struct mismatch){.found = *found};
	snprintf(text, sizeof(text), "port %s: %s", port->plan.info.name,
		 found->text);
	switch_event(sw, "switch", "guest_mismatch", text);
}

void mismatch_add(struct vs_switch *sw, const struct mismatch_frame *frame)
{
	struct mismatch *kept = find(&sw->mismatches, frame->port, frame->kind);

	if (kept)
		kept->frame = *frame;
}

const char *vs_switch_mismatch(const struct vs_switch *sw,
			       struct vs_port_id port, uint32_t index)
{
	const struct mismatches *all = &sw->mismatches;
	uint32_t i;

	for (i = 0; i < all->count; i++)
		if (vs_port_equal(all->list[i].found.port, port) && !index--)
			return all->list[i].found.text;
	return NULL;
}

/* -- a new snapshot -------------------------------------------------------- */

static void walk_again(struct vs_switch *sw, const struct mismatch *kept,
		       struct vs_outbox *outbox)
{
	struct vs_worker *probe = sw->worker[sw->params.workers];
	struct vs_packet *packet = vs_pool_take(probe->pool, false);
	struct vs_input input = {.port = kept->found.port,
				 .packets = &packet,
				 .count = 1,
				 .now = sw->now};
	struct vs_tracer tracer = {.spoken_for = kept->found.port};

	if (!packet)
		return;
	memcpy(packet->buffer + VS_PACKET_HEADROOM, kept->frame.bytes,
	       kept->frame.size);
	packet->view.size = kept->frame.size;
	vs_worker_trace(probe, &input, outbox, &tracer);
	vs_outbox_clear(outbox);
}

static bool holds(struct vs_switch *sw, struct mismatch *kept,
		  struct vs_outbox *outbox)
{
	struct mismatch_again again = {.found = &kept->found};

	if (!kept->asked)
		kept->asked = sw->now ? sw->now : 1;
	if (!outbox || !kept->frame.size ||
	    !switch_port(sw, kept->found.port) ||
	    sw->now >= kept->asked + MISMATCH_NS)
		return false;
	sw->mismatches.again = &again;
	walk_again(sw, kept, outbox);
	sw->mismatches.again = NULL;
	return again.same;
}

void mismatch_follow(struct vs_switch *sw)
{
	struct mismatches *all = &sw->mismatches;
	struct vs_outbox *outbox = NULL;
	uint32_t i, count = all->count;

	for (i = 0; i < VS_PORTS_MAXIMUM; i++)
		atomic_store_explicit(&all->told[i], 0, memory_order_relaxed);
	if (count)
		outbox = calloc(1, sizeof(*outbox));
	if (outbox)
		outbox->flush = vs_outbox_clear;
	all->count = 0;
	for (i = 0; i < count; i++)
		if (holds(sw, &all->list[i], outbox))
			all->list[all->count++] = all->list[i];
	free(outbox);
}

void mismatches_close(struct mismatches *mismatches)
{
	free(mismatches->list);
}
