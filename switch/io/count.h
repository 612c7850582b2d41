/* SPDX-License-Identifier: Apache-2.0 */
/* count.h: a link's line of the ledger, as its tx and rx write it. */
#ifndef IO_COUNT_H
#define IO_COUNT_H

#include "io/link.h"

static inline void link_add(_Atomic uint64_t *counter, uint64_t amount)
{
	atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static inline void link_lose(struct vs_link *link, enum link_loss loss,
			     uint64_t entries)
{
	link_add(&link->stats.lost[loss], entries);
}

/* An entry failed with a positive errno. */
static inline void link_lose_errno(struct vs_link *link, int error,
				   uint64_t entries)
{
	enum link_loss loss = link_loss_of(error);

	if (loss == LINK_GONE)
		atomic_store(&link->gone, true);
	link_lose(link, loss, entries);
}

#endif
