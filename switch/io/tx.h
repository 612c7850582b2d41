/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tx.h: what links that send have in common: does a recipe fit the device,
 * has it work left that the kernel can't do, where are its bytes.
 */
#ifndef IO_TX_H
#define IO_TX_H

#include <sys/socket.h>
#include <sys/uio.h>

#include "io/link.h"
#include "io/vnet.h"
#include "packet/coalesce.h"
#include "packet/segment.h"

#define TX_BATCH   64u	/* messages of one sendmmsg */
#define TX_VECTORS 3u	/* vnet header, lead or segment header, slice */
#define TX_SPARE   512u /* vectors of runs, in one batch */

/* The batch of a sendmmsg; each message belongs to an entry. */
struct tx_batch {
	uint16_t count;
	uint16_t entry[TX_BATCH];
	const struct vs_run *run[TX_BATCH]; /* the message is one; or NULL */
	uint16_t spare_used;
	struct iovec spare[TX_SPARE];
	struct virtio_net_hdr vnet[TX_BATCH];
	struct iovec vector[TX_BATCH][TX_VECTORS];
	struct mmsghdr message[TX_BATCH];
	uint8_t header[TX_BATCH][VS_SEGMENT_HEADER];
};

struct link_scratch {
	struct tx_batch batch;
	uint8_t outcome[VS_OUTBOX_SIZE]; /* 0 = written, else loss + 1 */
	const struct vs_recipe *recipe[VS_OUTBOX_SIZE];
	struct vs_run run[VS_COALESCE_RUNS];
	struct vs_segmenter segmenter;
	struct vs_recipe cut; /* a recipe with a smaller segment size */
	uint16_t outer_id;
};

/* tx_bytes - the first bytes that go out; at least 14 can be read unless
 * tx_check said LINK_BAD_RECIPE. */
const uint8_t *tx_bytes(const struct vs_recipe *recipe);

/*
 * tx_check - does it fit `mtu`? 0, or -1 - enum link_loss. *gso_size is the
 * segment size to use: the recipe's, or a smaller one that makes a TCP
 * super-frame fit.
 */
int tx_check(const struct vs_recipe *recipe, uint16_t mtu, uint16_t *gso_size);

/* tx_must_cut - the kernel can't finish it: partial checksum or segmentation
 * inside of a tunnel. */
bool tx_must_cut(const struct vs_recipe *recipe);

/* tx_vnet - the header for a recipe that goes whole. */
struct virtio_net_hdr tx_vnet(const struct vs_recipe *recipe,
			      uint16_t gso_size);

/* tx_vector - const bytes as an iovec to be read from. */
struct iovec tx_vector(const uint8_t *bytes, size_t size);

/*
 * tx_cut_begin - the segmenter of `scratch` over the recipe, with `gso_size`.
 * Returns the number of pieces or -EINVAL.
 */
int tx_cut_begin(struct link_scratch *scratch, const struct vs_recipe *recipe,
		 uint16_t gso_size);

#endif
