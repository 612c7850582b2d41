// SPDX-License-Identifier: Apache-2.0
/*
 * mailbox.c: the ring. A slot's sequence says whose turn it is: equal to the
 * position = free for the writer of that position, one more = filled.
 */
#include "core/mailbox.h"

#include <errno.h>

#define MASK (VS_MAILBOX_SIZE - 1)

void mailbox_init(struct mailbox *mailbox)
{
	uint32_t i;

	atomic_init(&mailbox->tail, 0);
	atomic_init(&mailbox->refused, 0);
	mailbox->head = 0;
	for (i = 0; i < VS_MAILBOX_SIZE; i++)
		atomic_init(&mailbox->slot[i].sequence, i);
}

int mailbox_put(struct mailbox *mailbox, const struct mail *mail)
{
	uint32_t at =
		atomic_load_explicit(&mailbox->tail, memory_order_relaxed);
	struct mailbox_slot *slot;

	for (;;) {
		int32_t turn;

		slot = &mailbox->slot[at & MASK];
		turn = (int32_t)(atomic_load_explicit(&slot->sequence,
						      memory_order_acquire) -
				 at);
		if (turn < 0) {
			atomic_fetch_add_explicit(&mailbox->refused, 1,
						  memory_order_relaxed);
			return -ENOBUFS;
		}
		if (turn > 0)
			at = atomic_load_explicit(&mailbox->tail,
						  memory_order_relaxed);
		else if (atomic_compare_exchange_weak_explicit(
				 &mailbox->tail, &at, at + 1,
				 memory_order_relaxed, memory_order_relaxed))
			break;
	}
	slot->mail = *mail;
	atomic_store_explicit(&slot->sequence, at + 1, memory_order_release);
	return 0;
}

uint64_t mailbox_refused(const struct mailbox *mailbox)
{
	return atomic_load_explicit(&mailbox->refused, memory_order_relaxed);
}

bool mailbox_empty(const struct mailbox *mailbox)
{
	const struct mailbox_slot *slot = &mailbox->slot[mailbox->head & MASK];

	return atomic_load_explicit(&slot->sequence, memory_order_acquire) !=
	       mailbox->head + 1;
}

bool mailbox_take(struct mailbox *mailbox, struct mail *mail)
{
	struct mailbox_slot *slot = &mailbox->slot[mailbox->head & MASK];

	if (mailbox_empty(mailbox))
		return false;
	*mail = slot->mail;
	atomic_store_explicit(&slot->sequence, mailbox->head + VS_MAILBOX_SIZE,
			      memory_order_release);
	mailbox->head++;
	return true;
}
