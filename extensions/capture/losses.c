// SPDX-License-Identifier: Apache-2.0
/*
 * losses.c: what of a stream is not in its output. The writer takes a record
 * and may lose it later, to a reader that does not keep up; that is found out
 * here, by and by, counted, and written to the output itself.
 *
 * Before it: the tick of the main thread. After it: `capture list`, the
 * counter frames_lost, a statistics block.
 */
#include <errno.h>
#include <string.h>

#include "capture.h"

/* What a client did not read in the end, it did not want. */
static bool counts_of(const struct instance *instance,
		      const struct stream *stream,
		      struct vs_sink_counts *counts)
{
	const struct vs_main_host *host = instance->base.host;

	return stream->sink > 0 &&
	       host->sink_counts(host, stream->sink, counts) == 0 &&
	       counts->error != EPIPE;
}

/* Counters are the workers': the first one adds it. */
static void count(const struct instance *instance, struct stream *stream)
{
	const struct vs_main_host *host = instance->base.host;
	uint64_t more = stream->losses.seen - stream->losses.counted;
	struct vs_note note = {.kind = NOTE_LOST, .size = sizeof(more)};

	memcpy(note.bytes, &more, sizeof(more));
	if (more && host->kick(host, 0, &note) == 0)
		stream->losses.counted = stream->losses.seen;
}

void losses_counted(const struct vs_call *call, const struct vs_note *note)
{
	uint64_t more;

	if (note->kind != NOTE_LOST)
		return;
	memcpy(&more, note->bytes, sizeof(more));
	call->host->count(call, COUNT_LOST, more);
}

/* With the first interface, which is the only one of a capture of a port. */
static void write_statistics(const struct instance *instance,
			     const struct stream *stream)
{
	const struct vs_main_host *host = instance->base.host;
	uint8_t block[PCAPNG_BLOCK_SIZE];
	const uint8_t *piece = block;
	struct pcapng_statistics statistics = {
		.interface = 0,
		.wall_ns = host->wall_ns(host),
		.received = losses_written(stream) + losses_of(stream),
		.dropped = losses_of(stream),
		.comment = stream->interface_count > 1
				   ? "of all interfaces of this capture"
				   : NULL,
	};
	uint32_t size = pcapng_statistics(block, &statistics);

	if (stream->interface_count)
		host->sink(host, stream->sink, &piece, &size, 1);
}

void losses_look(const struct instance *instance, struct stream *stream,
		 enum losses_when when)
{
	struct losses *losses = &stream->losses;
	struct vs_sink_counts counts = {0};
	uint64_t lost;

	if (!counts_of(instance, stream, &counts))
		return;
	losses->seen = counts.lost;
	count(instance, stream);
	lost = losses_of(stream);
	/* while the reader stands still one block waits for it, not one more
	 * with each look */
	if (lost == losses->stated || counts.error ||
	    (when == LOSSES_GO_ON && counts.bytes == losses->bytes))
		return;
	write_statistics(instance, stream);
	losses->stated = lost;
	losses->bytes = counts.bytes;
}

uint64_t losses_of(const struct stream *stream)
{
	return atomic_load(&stream->lost) + stream->losses.seen;
}

uint64_t losses_written(const struct stream *stream)
{
	uint64_t given = atomic_load(&stream->written);

	return given > stream->losses.seen ? given - stream->losses.seen : 0;
}
