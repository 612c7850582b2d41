/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.c: what all kinds of link share: birth, counters, names of losses.
 *
 * Decides which loss an errno is. Before it: tap.c, packet_socket.c,
 * pcap_file.c, null_link.c, which count through it; after it: who shows.
 */
#include "io/link.h"

#include <errno.h>
#include <string.h>

static const char *const loss_names[] = {
	[LINK_QUEUE_FULL] = "tx_queue_full",
	[LINK_GONE] = "tx_gone",
	[LINK_DOWN] = "tx_down",
	[LINK_REFUSED] = "tx_refused",
	[LINK_TOO_BIG] = "tx_too_big",
	[LINK_BAD_RECIPE] = "tx_bad_recipe",
};
_Static_assert(sizeof(loss_names) / sizeof(loss_names[0]) == LINK_LOSSES,
	       "each loss has a name");

const char *link_loss_name(enum link_loss loss)
{
	return loss_names[loss];
}

enum link_loss link_loss_of(int error)
{
	switch (error) {
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
		return LINK_QUEUE_FULL;
	case EBADFD:
	case EBADF:
	case ENXIO:
	case ENODEV:
		return LINK_GONE;
	case EIO:
	case ENETDOWN:
		return LINK_DOWN;
	default:
		return LINK_REFUSED;
	}
}

void link_init(struct vs_link *link, const struct link_ops *ops, int fd,
	       uint16_t mtu)
{
	static _Atomic uint64_t serials;

	memset(link, 0, sizeof(*link));
	link->ops = ops;
	link->fd = fd;
	link->mtu = mtu;
	link->serial =
		atomic_fetch_add_explicit(&serials, 1, memory_order_relaxed) +
		1;
}

void link_close(struct vs_link *link)
{
	if (link)
		link->ops->close(link);
}

int link_take_fd(struct vs_link *link)
{
	int fd = link->fd;

	link->fd = -1;
	return fd;
}

void link_set_mtu(struct vs_link *link, uint32_t mtu)
{
	uint16_t clamped = (uint16_t)(mtu < UINT16_MAX ? mtu : UINT16_MAX);

	atomic_store_explicit(&link->mtu, clamped, memory_order_relaxed);
}

static uint64_t look(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void link_add_counts(const struct vs_link *link, struct link_counts *counts)
{
	const struct link_stats *stats = &link->stats;

	/* what went out is read before what was handed in: never more out
	 * than in */
	counts->written += look(&stats->written);
	for (int i = 0; i < LINK_LOSSES; i++)
		counts->lost[i] += look(&stats->lost[i]);
	counts->sent += look(&stats->sent);
	counts->wire_frames += look(&stats->wire_frames);
	counts->segments += look(&stats->segments);
	counts->merged += look(&stats->merged);
	counts->bytes += look(&stats->bytes);
	counts->received += look(&stats->received);
	counts->received_bytes += look(&stats->received_bytes);
	counts->kernel_drops += look(&stats->kernel_drops);
	counts->truncated += look(&stats->truncated);
	counts->fast += look(&stats->fast);
	counts->fast_refused += look(&stats->fast_refused);
}

void link_read_counts(const struct vs_link *link, struct link_counts *counts)
{
	*counts = (struct link_counts){0};
	link_add_counts(link, counts);
}
