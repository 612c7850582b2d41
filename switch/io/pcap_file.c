/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcap_file.c: classic capture files in and out.
 *
 * Decides whether a file's numbers can be believed; a damaged one ends where
 * the damage is. Before it in the walk: pump.c; after it: core/worker.c (rx),
 * writer.c (tx).
 */
#include "io/pcap_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <vswitch/wire.h>

#include "io/count.h"
#include "io/tx.h"
#include "io/writer.h"

#define READ_AHEAD (256u * 1024)
#define PIECES	   (1u + TX_VECTORS)

struct pcap_link {
	struct vs_link link; /* first */
	int in;
	struct pcap_format format;
	/* bytes of the file: [at, end) of `ahead` are not used yet */
	uint8_t *ahead;
	uint32_t at, end;
	bool ended;
	struct writer *writer;
	int sink; /* 0 = none */
};

static struct pcap_link *of_link(struct vs_link *link)
{
	return (struct pcap_link *)link;
}

/* -- reading ------------------------------------------------------------------
 */

/* At least `size` bytes ahead; false: the file ends before. */
static bool look_ahead(struct pcap_link *self, uint32_t size)
{
	if (self->end - self->at >= size)
		return true;
	memmove(self->ahead, self->ahead + self->at, self->end - self->at);
	self->end -= self->at;
	self->at = 0;
	while (self->end < size) {
		ssize_t got = read(self->in, self->ahead + self->end,
				   READ_AHEAD - self->end);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		self->end += (uint32_t)got;
	}
	return true;
}

/* The next frame's bytes and size, or NULL: the end, or damage. */
static const uint8_t *next_frame(struct pcap_link *self,
				 struct pcap_record *record)
{
	if (!look_ahead(self, PCAP_RECORD_SIZE) ||
	    pcap_parse_record(&self->format, self->ahead + self->at, record) ||
	    record->size > READ_AHEAD - PCAP_RECORD_SIZE ||
	    !look_ahead(self, PCAP_RECORD_SIZE + record->size)) {
		/* bytes left over: the file is cut or damaged here */
		if (self->end != self->at)
			link_add(&self->link.stats.truncated, 1);
		self->ended = true;
		return NULL;
	}
	return self->ahead + self->at + PCAP_RECORD_SIZE;
}

/* A frame into a packet: 1, 0 = not usable, -ENOBUFS. */
static int fill(struct pcap_link *self, struct vs_pool *pool,
		const struct pcap_record *record, const uint8_t *bytes,
		struct vs_packet **out)
{
	struct vs_packet *packet =
		vs_pool_take(pool, record->size > VS_SMALL_SIZE);
	uint32_t front;

	if (!packet)
		return -ENOBUFS;
	front = (uint32_t)(packet->view.data - packet->buffer);
	if (record->size < record->wire_size ||
	    record->size > packet->capacity - front) {
		vs_packet_unref(packet);
		link_add(&self->link.stats.truncated, 1);
		return 0;
	}
	memcpy(packet->buffer + front, bytes, record->size);
	packet->view.size = record->size;
	packet->view.offload = (struct vs_offload){.csum_start = VS_ABSENT};
	link_add(&self->link.stats.received, 1);
	link_add(&self->link.stats.received_bytes, record->size);
	*out = packet;
	return 1;
}

static int pcap_rx_burst(struct vs_link *link, struct vs_pool *pool,
			 struct vs_packet *packets[], uint16_t room,
			 uint32_t bytes)
{
	struct pcap_link *self = of_link(link);
	uint16_t count = 0;
	uint32_t taken = 0;

	while (self->in >= 0 && !self->ended && count < room && taken < bytes) {
		struct pcap_record record;
		const uint8_t *frame = next_frame(self, &record);
		int filled;

		if (!frame)
			break;
		filled = fill(self, pool, &record, frame, &packets[count]);
		if (filled < 0)
			return count ? count : filled;
		if (filled)
			taken += packets[count++]->view.size;
		self->at += PCAP_RECORD_SIZE + record.size;
	}
	return count;
}

/* -- recording ----------------------------------------------------------------
 */

/* One frame as a record: the pieces behind a header. 0 or -errno. */
static int record_frame(struct pcap_link *self, const uint8_t *const pieces[],
			const uint32_t sizes[], uint16_t count)
{
	uint32_t header[4] = {0};
	const uint8_t *all[PIECES] = {(const uint8_t *)header};
	uint32_t all_sizes[PIECES] = {sizeof(header)};
	struct timespec now;
	uint32_t size = 0;
	int error;

	for (uint16_t i = 0; i < count; i++) {
		all[i + 1] = pieces[i];
		all_sizes[i + 1] = sizes[i];
		size += sizes[i];
	}
	clock_gettime(CLOCK_REALTIME, &now);
	header[0] = (uint32_t)now.tv_sec;
	header[1] = (uint32_t)now.tv_nsec;
	header[2] = size;
	header[3] = size;
	error = writer_record(self->writer, (uint32_t)self->sink, all,
			      all_sizes, (uint16_t)(count + 1));
	if (!error) {
		link_add(&self->link.stats.wire_frames, 1);
		link_add(&self->link.stats.bytes, size);
	}
	return error;
}

/* A file has no kernel behind it: what has work left is finished here. */
static int record_cut(struct pcap_link *self, struct link_scratch *scratch,
		      const struct vs_recipe *recipe)
{
	const uint8_t *data = vs_view(recipe->frame)->data;
	uint8_t *header = scratch->batch.header[0];
	uint32_t offset, sizes[2];
	uint16_t header_size;
	int error = 0;

	if (tx_cut_begin(scratch, recipe, recipe->offload.gso_size) < 0)
		return -EINVAL;
	while (!error &&
	       (header_size = vs_segment_next(&scratch->segmenter, header,
					      &offset, &sizes[1]))) {
		const uint8_t *pieces[] = {header, data + offset};

		sizes[0] = header_size;
		error = record_frame(self, pieces, sizes, 2);
		link_add(&self->link.stats.segments, 1);
	}
	return error;
}

static int record_recipe(struct pcap_link *self, struct link_scratch *scratch,
			 const struct vs_recipe *recipe)
{
	const uint8_t *pieces[] = {recipe->lead, vs_view(recipe->frame)->data +
							 recipe->slice_offset};
	const uint32_t sizes[] = {recipe->lead_size, recipe->slice_size};

	if (recipe->offload.gso != VS_GSO_NONE ||
	    recipe->offload.csum_start != VS_ABSENT)
		return record_cut(self, scratch, recipe);
	return record_frame(self, pieces, sizes, 2);
}

static void pcap_tx_burst(struct vs_link *link,
			  const struct vs_outbox_entry *const entries[],
			  uint16_t count, struct link_scratch *scratch)
{
	struct pcap_link *self = of_link(link);

	link_add(&link->stats.sent, count);
	for (uint16_t i = 0; i < count; i++) {
		int error = 0;

		/* a file that is only read swallows what is sent to it */
		if (self->sink)
			error = record_recipe(self, scratch,
					      &entries[i]->recipe);
		if (error == -EINVAL)
			link_lose(link, LINK_BAD_RECIPE, 1);
		else if (error == -EPIPE)
			link_lose(link, LINK_GONE, 1);
		else if (error)
			link_lose_errno(link, -error, 1);
		else
			link_add(&link->stats.written, 1);
	}
}

/* -- opening and closing
 * -------------------------------------------------------- */

static void pcap_close(struct vs_link *link)
{
	struct pcap_link *self = of_link(link);

	if (self->in >= 0)
		close(self->in);
	if (self->sink)
		writer_sink_close(self->writer, self->sink);
	free(self->ahead);
	free(self);
}

static const struct link_ops pcap_ops = {
	.name = "pcap",
	.rx_burst = pcap_rx_burst,
	.tx_burst = pcap_tx_burst,
	.close = pcap_close,
};

static int begin_reading(struct pcap_link *self, int in, struct vs_error *error)
{
	int failed;

	self->in = in;
	self->ahead = calloc(1, READ_AHEAD);
	if (!self->ahead)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	if (!look_ahead(self, PCAP_HEADER_SIZE))
		return vs_error_set(error, EINVAL, "",
				    "not a capture file: shorter than %u bytes",
				    PCAP_HEADER_SIZE);
	failed = pcap_parse_header(self->ahead, &self->format);
	if (failed == -ENOTSUP)
		return vs_error_set(error, ENOTSUP, "",
				    "not a capture of Ethernet");
	if (failed)
		return vs_error_set(error, EINVAL, "",
				    "not a classic pcap file (pcapng: convert "
				    "it with editcap -F pcap)");
	self->at = PCAP_HEADER_SIZE;
	return 0;
}

static int begin_recording(struct pcap_link *self, int out,
			   struct vs_error *error)
{
	/* magic, version 2.4, zone, accuracy, snap, Ethernet */
	static const uint32_t header[] = {
		PCAP_MAGIC_NS,	    2 | 4u << 16, 0, 0,
		PCAP_FRAME_LARGEST, PCAP_ETHERNET};
	const uint8_t *pieces[] = {(const uint8_t *)header};
	const uint32_t sizes[] = {sizeof(header)};
	int id = writer_sink_open(self->writer, out, NULL);

	_Static_assert(sizeof(header) == PCAP_HEADER_SIZE, "a file header");
	if (id < 0)
		return vs_error_set(error, -id, "",
				    "too many captures are written");
	self->sink = id;
	return writer_record(self->writer, (uint32_t)id, pieces, sizes, 1);
}

int pcap_link_create(struct vs_link **out, int in, int to,
		     struct writer *writer, struct vs_error *error)
{
	struct pcap_link *self = calloc(1, sizeof(*self));
	int failed = 0;

	if (!self)
		return vs_error_set(error, ENOMEM, "", "out of memory");
	link_init(&self->link, &pcap_ops, -1, UINT16_MAX);
	self->writer = writer;
	self->in = -1;
	if (in >= 0)
		failed = begin_reading(self, in, error);
	if (!failed && to >= 0)
		failed = begin_recording(self, to, error);
	if (failed) {
		free(self->ahead);
		free(self);
		return failed;
	}
	*out = &self->link;
	return 0;
}
