/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet_socket.c: read and write an existing netdev through AF_PACKET.
 *
 * Decides: what the kernel finishes (plain frames, super-frames included, and
 * those in NVGRE where privileged_wrap.c could tell it how), what leaves
 * together for it to cut again, and what is cut here. Before it in the walk:
 * pump.c; after it: core/worker.c (rx), the wire (tx).
 */
#include "io/packet_socket.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <vswitch/wire.h>

#include "io/count.h"
#include "io/rx.h"
#include "io/tx.h"
#include "io/vnet.h"

struct packet_socket {
	struct vs_link link; /* first */
	int wrap; /* open: the kernel cuts inside NVGRE over IPv4; or -1 */
	uint32_t overflow; /* the kernel's drop count, as last seen */
};

static struct packet_socket *of_link(struct vs_link *link)
{
	return (struct packet_socket *)link;
}

static void put_tag_back(struct vs_packet *packet,
			 const struct tpacket_auxdata *aux)
{
	struct vs_view *view = &packet->view;
	bool named = aux->tp_status & TP_STATUS_VLAN_TPID_VALID;

	vnet_put_tag(view, packet->buffer + (view->data - packet->buffer),
		     named ? aux->tp_vlan_tpid : VS_TYPE_VLAN,
		     aux->tp_vlan_tci);
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata)) +
		   CMSG_SPACE(sizeof(uint32_t))];
};

static void read_control(struct packet_socket *self, struct msghdr *message,
			 struct vs_packet *packet)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == SOL_PACKET &&
		    c->cmsg_type == PACKET_AUXDATA) {
			struct tpacket_auxdata aux;

			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
			if (aux.tp_status & TP_STATUS_VLAN_VALID)
				put_tag_back(packet, &aux);
		} else if (c->cmsg_level == SOL_SOCKET &&
			   c->cmsg_type == SO_RXQ_OVFL) {
			uint32_t drops;

			memcpy(&drops, CMSG_DATA(c), sizeof(drops));
			link_add(&self->link.stats.kernel_drops,
				 drops - self->overflow);
			self->overflow = drops;
		}
	}
}

static int packet_read(struct vs_link *link, struct rx_slot *slot,
		       struct vs_packet **packet)
{
	union control control;
	struct iovec whole = {slot->into, slot->room};
	struct msghdr message = {
		.msg_iov = &whole,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t size = recvmsg(link->fd, &message, 0);

	/* down is said once and heals by itself */
	if (size < 0 && errno == ENETDOWN)
		return 0;
	/* EINVAL: a super-frame of a kind that the vnet header has no word for
	 * (a VM's UFO). It is gone, the device is not */
	if (size < 0 && errno != EINVAL)
		return -errno;
	if (size < 0 || message.msg_flags & MSG_TRUNC) {
		link_add(&link->stats.truncated, 1);
		return 0;
	}
	*packet = rx_slot_packet(slot, link, (size_t)size);
	if (!*packet)
		return 0;
	read_control(of_link(link), &message, *packet);
	return 1;
}

static int packet_rx_burst(struct vs_link *link, struct vs_pool *pool,
			   struct vs_packet *packets[], uint16_t room,
			   uint32_t bytes)
{
	return rx_burst(link, &(struct rx_turn){pool, packets, room, bytes},
			packet_read);
}

/* A message was lost, and with it every entry that is in it. */
static void lose_message(struct link_scratch *scratch, unsigned int at,
			 enum link_loss loss)
{
	const struct tx_batch *batch = &scratch->batch;
	const struct vs_run *run = batch->run[at];
	uint16_t i;

	scratch->outcome[batch->entry[at]] = (uint8_t)(loss + 1);
	for (i = 1; run && i < run->members; i++)
		scratch->outcome[batch->entry[at] - run->first +
				 run->member[i]] = (uint8_t)(loss + 1);
}

/* Send the batch; what fails gives its entries' outcome. */
static void send_batch(struct vs_link *link, struct link_scratch *scratch)
{
	struct tx_batch *batch = &scratch->batch;
	unsigned int at = 0;

	while (at < batch->count) {
		int sent = sendmmsg(link->fd, batch->message + at,
				    batch->count - at, 0);

		if (sent > 0) {
			for (int i = 0; i < sent; i++, at++)
				link_add(&link->stats.bytes,
					 batch->message[at].msg_len -
						 VNET_SIZE);
			link_add(&link->stats.wire_frames, (uint64_t)sent);
		} else if (errno != EINTR) {
			/* that one is lost; the next may go */
			enum link_loss loss = link_loss_of(errno);

			if (loss == LINK_GONE)
				atomic_store(&link->gone, true);
			lose_message(scratch, at++, loss);
		}
	}
	batch->count = 0;
	batch->spare_used = 0;
}

/* The next free message of the batch, three vectors long. */
static struct iovec *next_message(struct vs_link *link,
				  struct link_scratch *scratch, uint16_t entry)
{
	struct tx_batch *batch = &scratch->batch;
	uint16_t i;

	if (batch->count == TX_BATCH)
		send_batch(link, scratch);
	i = batch->count++;
	batch->entry[i] = entry;
	batch->run[i] = NULL;
	memset(&batch->message[i], 0, sizeof(batch->message[i]));
	batch->message[i].msg_hdr.msg_iov = batch->vector[i];
	batch->message[i].msg_hdr.msg_iovlen = TX_VECTORS;
	memset(&batch->vnet[i], 0, VNET_SIZE);
	batch->vector[i][0] = (struct iovec){&batch->vnet[i], VNET_SIZE};
	return batch->vector[i];
}

/* Does the kernel cut it? Its program knows NVGRE over IPv4 without a tag. */
static bool is_wrapped(const struct vs_link *link,
		       const struct vs_recipe *recipe)
{
	return ((const struct packet_socket *)link)->wrap >= 0 &&
	       recipe->encapsulation == VS_ENCAP_NVGRE &&
	       recipe->inner == VS_COALESCE_LEAD &&
	       recipe->offload.gso != VS_GSO_NONE &&
	       recipe->offload.csum_start != VS_ABSENT &&
	       recipe->lead_size + recipe->slice_size <= UINT16_MAX;
}

static int queue_cut(struct vs_link *link, struct link_scratch *scratch,
		     uint16_t entry, uint16_t gso_size)
{
	const struct vs_recipe *recipe = scratch->recipe[entry];
	const uint8_t *data = vs_view(recipe->frame)->data;
	int pieces = tx_cut_begin(scratch, recipe, gso_size);

	if (pieces < 0)
		return -1 - LINK_BAD_RECIPE;
	for (int i = 0; i < pieces; i++) {
		struct iovec *vector = next_message(link, scratch, entry);
		uint8_t *header =
			scratch->batch.header[scratch->batch.count - 1];
		uint32_t offset, size;
		uint16_t header_size = vs_segment_next(&scratch->segmenter,
						       header, &offset, &size);

		vector[1] = (struct iovec){header, header_size};
		vector[2] = tx_vector(data + offset, size);
	}
	link_add(&link->stats.segments, (uint64_t)pieces);
	return 0;
}

/* 0, or -1 - enum link_loss. */
static int queue_entry(struct vs_link *link, struct link_scratch *scratch,
		       uint16_t entry)
{
	const struct vs_recipe *recipe = scratch->recipe[entry];
	struct iovec *vector;
	uint16_t gso_size;
	int loss = tx_check(recipe, link->mtu, &gso_size);

	if (loss)
		return loss;
	if (tx_must_cut(recipe) && !is_wrapped(link, recipe))
		return queue_cut(link, scratch, entry, gso_size);
	vector = next_message(link, scratch, entry);
	scratch->batch.vnet[scratch->batch.count - 1] =
		tx_vnet(recipe, gso_size);
	vector[1] = tx_vector(recipe->lead, recipe->lead_size);
	vector[2] =
		tx_vector(vs_view(recipe->frame)->data + recipe->slice_offset,
			  recipe->slice_size);
	return 0;
}

/* A run as one super-frame; its indices count from scratch->recipe[base]. */
static void queue_run(struct vs_link *link, struct link_scratch *scratch,
		      uint16_t base, const struct vs_run *run)
{
	struct tx_batch *batch = &scratch->batch;
	uint16_t first = (uint16_t)(base + run->first), i, at;
	struct iovec *vector;

	if (batch->spare_used + 2u + run->members > TX_SPARE)
		send_batch(link, scratch);
	next_message(link, scratch, first);
	at = (uint16_t)(batch->count - 1);
	vector = batch->spare + batch->spare_used;
	batch->run[at] = run;
	batch->vnet[at] = vnet_from_offload(&run->offload, false);
	batch->message[at].msg_hdr.msg_iov = vector;
	batch->message[at].msg_hdr.msg_iovlen = 2u + run->members;
	batch->spare_used = (uint16_t)(batch->spare_used + 2 + run->members);
	vector[0] = (struct iovec){&batch->vnet[at], VNET_SIZE};
	vector[1] = tx_vector(run->header, run->header_size);
	for (i = 0; i < run->members; i++) {
		const struct vs_recipe *recipe =
			scratch->recipe[base + run->member[i]];

		vector[2 + i] =
			tx_vector(vs_view(recipe->frame)->data + run->payload,
				  recipe->slice_size - run->payload);
	}
	link_add(&link->stats.merged, run->members);
}

static void queue_alone(struct vs_link *link, struct link_scratch *scratch,
			uint16_t entry)
{
	int loss = queue_entry(link, scratch, entry);

	if (loss)
		scratch->outcome[entry] = (uint8_t)-loss;
}

/* What the kernel cuts again may leave together: its way through the kernel
 * is most of what a small frame costs. */
static void queue_together(struct vs_link *link, struct link_scratch *scratch,
			   uint16_t count)
{
	uint16_t base = 0, used, runs, unused;

	for (; base < count; base = (uint16_t)(base + used)) {
		runs = vs_coalesce(scratch->recipe + base,
				   (uint16_t)(count - base),
				   VS_COALESCE_UDP | VS_COALESCE_WRAPPED,
				   scratch->run, &used);
		for (uint16_t i = 0; i < runs; i++) {
			const struct vs_run *run = &scratch->run[i];
			uint16_t first = (uint16_t)(base + run->first);

			if (run->members > 1 &&
			    scratch->recipe[first]->lead_size &&
			    !tx_check(scratch->recipe[first], link->mtu,
				      &unused)) {
				queue_run(link, scratch, base, run);
				continue;
			}
			for (uint16_t j = 0; j < run->members; j++)
				queue_alone(link, scratch,
					    (uint16_t)(base + run->member[j]));
		}
		send_batch(link, scratch); /* before the runs are others */
	}
}

static void packet_tx_burst(struct vs_link *link,
			    const struct vs_outbox_entry *const entries[],
			    uint16_t count, struct link_scratch *scratch)
{
	link_add(&link->stats.sent, count);
	scratch->batch.count = 0;
	scratch->batch.spare_used = 0;
	for (uint16_t i = 0; i < count; i++) {
		scratch->recipe[i] = &entries[i]->recipe;
		scratch->outcome[i] = 0;
	}
	if (count > 1 && of_link(link)->wrap >= 0)
		queue_together(link, scratch, count);
	else
		for (uint16_t i = 0; i < count; i++)
			queue_alone(link, scratch, i);
	send_batch(link, scratch);
	for (uint16_t i = 0; i < count; i++) {
		if (scratch->outcome[i])
			link_lose(link,
				  (enum link_loss)(scratch->outcome[i] - 1), 1);
		else
			link_add(&link->stats.written, 1);
	}
}

static void packet_close(struct vs_link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	if (of_link(link)->wrap >= 0)
		close(of_link(link)->wrap);
	free(of_link(link));
}

static const struct link_ops packet_ops = {
	.name = "packet",
	.rx_burst = packet_rx_burst,
	.tx_burst = packet_tx_burst,
	.close = packet_close,
};

int packet_socket_create(struct vs_link **out, int fd, int wrap, uint16_t mtu)
{
	struct packet_socket *self = calloc(1, sizeof(*self));

	if (!self)
		return -ENOMEM;
	link_init(&self->link, &packet_ops, fd, mtu);
	self->wrap = wrap;
	self->link.pollable = true;
	*out = &self->link;
	return 0;
}
