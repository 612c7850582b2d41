/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tx.c: judge a recipe against the device that it leaves by.
 *
 * Decides: fits, fits with smaller segments, too big, must be cut by us. Not:
 * how it is sent. Before it: pump.c; after it: the kinds of link.
 */
#include "io/tx.h"

#include <errno.h>
#include <stdlib.h>

#include <vswitch/wire.h>

#define TCP_FLAGS   13u
#define TCP_CWR	    0x80u
#define SEGMENT_MIN 8u /* smaller segments than this help nobody */

struct link_scratch *link_scratch_create(void)
{
	return calloc(1, sizeof(struct link_scratch));
}

void link_scratch_destroy(struct link_scratch *scratch)
{
	free(scratch);
}

static const uint8_t *slice(const struct vs_recipe *recipe)
{
	return vs_view(recipe->frame)->data + recipe->slice_offset;
}

const uint8_t *tx_bytes(const struct vs_recipe *recipe)
{
	return recipe->lead_size ? recipe->lead : slice(recipe);
}

static bool is_tag(uint16_t type)
{
	return type == VS_TYPE_VLAN || type == VS_TYPE_QINQ;
}

/* Bytes in front of the network header: the MTU does not count them. */
static uint32_t link_header(const uint8_t *bytes, uint32_t size)
{
	uint32_t header = VS_ETHERNET_SIZE;

	while (header < VS_ETHERNET_SIZE + 8 && header + 4 <= size &&
	       is_tag(vs_load16(bytes + header - 2)))
		header += 4;
	return header;
}

int tx_check(const struct vs_recipe *recipe, uint16_t mtu, uint16_t *gso_size)
{
	const struct vs_offload *offload = &recipe->offload;
	uint32_t first =
		recipe->lead_size ? recipe->lead_size : recipe->slice_size;
	uint32_t size = recipe->lead_size + recipe->slice_size;
	uint32_t header, room;

	*gso_size = offload->gso_size;
	if (first < VS_ETHERNET_SIZE || recipe->lead_size > VS_LEAD_SIZE)
		return -1 - LINK_BAD_RECIPE;
	header = link_header(tx_bytes(recipe), first);
	room = header + mtu;
	if (offload->gso == VS_GSO_NONE)
		return size <= room ? 0 : -1 - LINK_TOO_BIG;
	if (!offload->gso_size || offload->header_size < header ||
	    offload->header_size > size)
		return -1 - LINK_BAD_RECIPE;
	if ((uint32_t)offload->header_size + offload->gso_size <= room)
		return 0;
	if (offload->gso == VS_GSO_UDP ||
	    offload->header_size + SEGMENT_MIN > room)
		return -1 - LINK_TOO_BIG;
	*gso_size = (uint16_t)(room - offload->header_size);
	return 0;
}

bool tx_must_cut(const struct vs_recipe *recipe)
{
	const struct vs_offload *offload = &recipe->offload;

	/* the outer checksum of VXLAN is UDP's, as the kernel knows it */
	return recipe->encapsulation != VS_ENCAP_NONE &&
	       (offload->gso != VS_GSO_NONE ||
		(offload->csum_start != VS_ABSENT &&
		 offload->csum_start >= recipe->inner));
}

/* A byte of what goes out, wherever it lies; 0 behind the end. */
static uint8_t byte_at(const struct vs_recipe *recipe, uint32_t offset)
{
	if (offset < recipe->lead_size)
		return recipe->lead[offset];
	offset -= recipe->lead_size;
	return offset < recipe->slice_size ? slice(recipe)[offset] : 0;
}

struct virtio_net_hdr tx_vnet(const struct vs_recipe *recipe, uint16_t gso_size)
{
	struct vs_offload offload = recipe->offload;
	bool tcp = offload.gso == VS_GSO_TCP4 || offload.gso == VS_GSO_TCP6;

	offload.gso_size = gso_size;
	return vnet_from_offload(
		&offload,
		tcp && offload.csum_start != VS_ABSENT &&
			byte_at(recipe, offload.csum_start + TCP_FLAGS) &
				TCP_CWR);
}

struct iovec tx_vector(const uint8_t *bytes, size_t size)
{
	return (struct iovec){(void *)(uintptr_t)bytes, size};
}

int tx_cut_begin(struct link_scratch *scratch, const struct vs_recipe *recipe,
		 uint16_t gso_size)
{
	int pieces;

	if (gso_size != recipe->offload.gso_size) {
		scratch->cut = *recipe;
		scratch->cut.offload.gso_size = gso_size;
		recipe = &scratch->cut;
	}
	pieces = vs_segment_begin(&scratch->segmenter, recipe,
				  scratch->outer_id);
	if (pieces > 0)
		scratch->outer_id = (uint16_t)(scratch->outer_id + pieces);
	return pieces;
}
