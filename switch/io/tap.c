/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tap.c: read and write a TAP, one system call per frame, super-frames whole.
 *
 * Decides when the device is dead, and what it must not be given. Before it
 * in the walk: pump.c; after it: core/worker.c (rx), the VM's kernel (tx).
 */
#include "io/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/count.h"
#include "io/rx.h"
#include "io/tx.h"

/* a run: vnet header, patched headers, one payload per member */
#define RUN_VECTORS (2u + VS_COALESCE_MEMBERS)

struct tap {
	struct vs_link link; /* first */
	bool uso;
};

/* Whatever else than "nothing there" a read says, the device behind the fd is
 * dead (EBADFD; the fd stays readable for ever). */
static int tap_read(struct vs_link *link, struct rx_slot *slot,
		    struct vs_packet **packet)
{
	ssize_t size = read(link->fd, slot->into, slot->room);

	if (size < 0)
		return -errno;
	*packet = rx_slot_packet(slot, link, (size_t)size);
	return *packet != NULL;
}

static int tap_rx_burst(struct vs_link *link, struct vs_pool *pool,
			struct vs_packet *packets[], uint16_t room,
			uint32_t bytes)
{
	return rx_burst(link, &(struct rx_turn){pool, packets, room, bytes},
			tap_read);
}

/* Write one frame; 0 or a positive errno. */
static int tap_write(struct vs_link *link, const struct iovec *vectors,
		     unsigned int count)
{
	ssize_t written;

	do {
		written = writev(link->fd, vectors, (int)count);
	} while (written < 0 && errno == EINTR);
	if (written < 0)
		return errno;
	link_add(&link->stats.wire_frames, 1);
	link_add(&link->stats.bytes, (uint64_t)written - VNET_SIZE);
	return 0;
}

static void tap_book(struct vs_link *link, int error, uint16_t entries)
{
	if (error)
		link_lose_errno(link, error, entries);
	else
		link_add(&link->stats.written, entries);
}

/* An encapsulated frame with work left to do: the TAP can't. */
static void tap_send_cut(struct vs_link *link, struct link_scratch *scratch,
			 const struct vs_recipe *recipe, uint16_t gso_size)
{
	const uint8_t *data = vs_view(recipe->frame)->data;
	struct virtio_net_hdr none = {0};
	uint8_t *header = scratch->batch.header[0];
	uint32_t offset, size;
	uint16_t header_size;
	int error = 0;

	if (tx_cut_begin(scratch, recipe, gso_size) < 0) {
		link_lose(link, LINK_BAD_RECIPE, 1);
		return;
	}
	while (!error &&
	       (header_size = vs_segment_next(&scratch->segmenter, header,
					      &offset, &size))) {
		struct iovec vectors[] = {
			{&none, VNET_SIZE},
			{header, header_size},
			tx_vector(data + offset, size),
		};

		error = tap_write(link, vectors, 3);
		link_add(&link->stats.segments, 1);
	}
	tap_book(link, error, 1);
}

static void tap_send(struct vs_link *link, struct link_scratch *scratch,
		     const struct vs_recipe *recipe)
{
	const uint8_t *data = vs_view(recipe->frame)->data;
	struct virtio_net_hdr vnet;
	struct iovec vectors[3];
	uint16_t gso_size;
	int loss = tx_check(recipe, link->mtu, &gso_size);

	if (loss) {
		link_lose(link, (enum link_loss)(-1 - loss), 1);
		return;
	}
	if (tx_must_cut(recipe)) {
		tap_send_cut(link, scratch, recipe, gso_size);
		return;
	}
	vnet = tx_vnet(recipe, gso_size);
	vectors[0] = (struct iovec){&vnet, VNET_SIZE};
	vectors[1] = tx_vector(recipe->lead, recipe->lead_size);
	vectors[2] = tx_vector(data + recipe->slice_offset, recipe->slice_size);
	tap_book(link, tap_write(link, vectors, 3), 1);
}

static void tap_send_run(struct vs_link *link, struct link_scratch *scratch,
			 const struct vs_run *run)
{
	struct virtio_net_hdr vnet = vnet_from_offload(&run->offload, false);
	struct iovec vectors[RUN_VECTORS];
	unsigned int count = 2;

	vectors[0] = (struct iovec){&vnet, VNET_SIZE};
	vectors[1] = tx_vector(run->header, run->header_size);
	for (uint16_t i = 0; i < run->members; i++) {
		const struct vs_recipe *recipe =
			scratch->recipe[run->member[i]];

		vectors[count++] =
			tx_vector(vs_view(recipe->frame)->data +
					  recipe->slice_offset + run->payload,
				  recipe->slice_size - run->payload);
	}
	link_add(&link->stats.merged, run->members);
	tap_book(link, tap_write(link, vectors, count), run->members);
}

/* Members have one size at most equal to the first one's: if that fits the
 * device, all do. */
static bool tap_run_fits(const struct vs_link *link,
			 const struct link_scratch *scratch,
			 const struct vs_run *run)
{
	uint16_t unused;

	return tx_check(scratch->recipe[run->first], link->mtu, &unused) == 0;
}

/* Send one run; its indices count from scratch->recipe. */
static void tap_send_group(struct vs_link *link, struct link_scratch *scratch,
			   const struct vs_run *run)
{
	if (run->members <= 1) {
		tap_send(link, scratch, scratch->recipe[run->first]);
		return;
	}
	if (tap_run_fits(link, scratch, run)) {
		tap_send_run(link, scratch, run);
		return;
	}
	for (uint16_t i = 0; i < run->members; i++)
		tap_send(link, scratch, scratch->recipe[run->member[i]]);
}

static void tap_tx_burst(struct vs_link *link,
			 const struct vs_outbox_entry *const entries[],
			 uint16_t count, struct link_scratch *scratch)
{
	link_add(&link->stats.sent, count);
	if (count == 1) {
		tap_send(link, scratch, &entries[0]->recipe);
		return;
	}
	while (count) {
		uint16_t used, runs;

		for (uint16_t i = 0; i < count; i++)
			scratch->recipe[i] = &entries[i]->recipe;
		runs = vs_coalesce(
			scratch->recipe, count,
			((const struct tap *)link)->uso ? VS_COALESCE_UDP : 0,
			scratch->run, &used);
		for (uint16_t i = 0; i < runs; i++)
			tap_send_group(link, scratch, &scratch->run[i]);
		entries += used;
		count = (uint16_t)(count - used);
	}
}

static void tap_close(struct vs_link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	free(link);
}

static const struct link_ops tap_ops = {
	.name = "tap",
	.rx_burst = tap_rx_burst,
	.tx_burst = tap_tx_burst,
	.close = tap_close,
};

int tap_link_create(struct vs_link **out, int fd, uint16_t mtu, bool uso)
{
	struct tap *tap = malloc(sizeof(*tap));

	if (!tap)
		return -ENOMEM;
	link_init(&tap->link, &tap_ops, fd, mtu);
	tap->link.pollable = true;
	tap->uso = uso;
	*out = &tap->link;
	return 0;
}
