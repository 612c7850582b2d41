/* SPDX-License-Identifier: Apache-2.0 */
/*
 * null_link.c: takes everything, gives nothing.
 *
 * Before it in the walk: pump.c; after it: nothing.
 */
#include "io/null_link.h"

#include <errno.h>
#include <stdlib.h>

#include "io/count.h"

static int null_rx_burst(struct vs_link *link, struct vs_pool *pool,
			 struct vs_packet *packets[], uint16_t room,
			 uint32_t bytes)
{
	(void)link;
	(void)pool;
	(void)packets;
	(void)room;
	(void)bytes;
	return 0;
}

static void null_tx_burst(struct vs_link *link,
			  const struct vs_outbox_entry *const entries[],
			  uint16_t count, struct link_scratch *scratch)
{
	uint64_t bytes = 0;

	(void)scratch;
	for (uint16_t i = 0; i < count; i++)
		bytes += entries[i]->recipe.lead_size +
			 entries[i]->recipe.slice_size;
	link_add(&link->stats.sent, count);
	link_add(&link->stats.written, count);
	link_add(&link->stats.wire_frames, count);
	link_add(&link->stats.bytes, bytes);
}

static void null_close(struct vs_link *link)
{
	free(link);
}

static const struct link_ops null_ops = {
	.name = "null",
	.rx_burst = null_rx_burst,
	.tx_burst = null_tx_burst,
	.close = null_close,
};

int null_link_create(struct vs_link **out, uint16_t mtu)
{
	struct vs_link *link = malloc(sizeof(*link));

	if (!link)
		return -ENOMEM;
	link_init(link, &null_ops, -1, mtu);
	*out = link;
	return 0;
}
