// SPDX-License-Identifier: Apache-2.0
/*
 * outbox.c: give the references of a flushed outbox back. What fills it is
 * pipeline.c and services.c; who sends is the flush callback's business.
 */
#include "core/outbox.h"

#include "packet/pool.h"

void vs_outbox_clear(struct vs_outbox *outbox)
{
	uint16_t i;

	for (i = 0; i < outbox->count; i++)
		vs_packet_unref(outbox->entry[i].packet);
	outbox->count = 0;
}
