// SPDX-License-Identifier: Apache-2.0
/*
 * The packet path: which streams take a frame, and its block. Allocates
 * nothing; a full ring is a counted loss, never a wait.
 */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Bytes of one frame in at most two pieces, and where it was seen. */
struct sight {
	struct vs_port_id port;
	struct vs_vsid vsid;
	enum pcapng_direction direction;
	const uint8_t *bytes[2];
	uint32_t sizes[2];
};

static void tell_ended(const struct vs_call *call, struct stream *stream)
{
	struct vs_note note = {.kind = NOTE_ENDED,
			       .size = sizeof(stream->number)};

	if (atomic_exchange(&stream->ended, true))
		return;
	memcpy(note.bytes, &stream->number, sizeof(stream->number));
	if (call->host->post(call, &note))
		atomic_store(&stream->ended, false); /* the next frame tells */
}

static int write_block(const struct vs_call *call, const struct active *active,
		       const struct sight *sight, uint32_t interface)
{
	uint32_t whole = sight->sizes[0] + sight->sizes[1];
	uint32_t captured = whole < active->snap ? whole : active->snap;
	uint8_t head[PCAPNG_HEAD_SIZE], tail[PCAPNG_TAIL_SIZE];
	const uint8_t *pieces[4] = {head, sight->bytes[0], sight->bytes[1],
				    tail};
	uint32_t sizes[4] = {PCAPNG_HEAD_SIZE};
	char comment[PCAPNG_COMMENT_SIZE];
	struct pcapng_frame frame = {
		.interface = interface,
		.captured = captured,
		.original = whole,
		.direction = sight->direction,
		.wall_ns = call->now_ns + (uint64_t)call->state->wall_offset,
	};

	if (sight->vsid.value) {
		uint16_t vlan = vs_vsid_vlan(sight->vsid);

		snprintf(comment, sizeof(comment), "%s %u",
			 vlan ? "vlan" : "vsid",
			 vlan ? vlan : sight->vsid.value);
		frame.comment = comment;
	}
	pcapng_head(head, &frame);
	sizes[1] = captured < sight->sizes[0] ? captured : sight->sizes[0];
	sizes[2] = captured - sizes[1];
	sizes[3] = pcapng_tail(tail, &frame);
	return call->host->sink(call, active->sink, pieces, sizes, 4);
}

/* Is this one within the stream's `count`? Tells its end with the last. */
static bool within_count(const struct vs_call *call,
			 const struct active *active)
{
	uint64_t before = atomic_fetch_add(&active->stream->taken, 1);

	if (!active->count)
		return true;
	if (before + 1 >= active->count)
		tell_ended(call, active->stream);
	return before < active->count;
}

/* The filter said yes. */
static void record(const struct vs_call *call, const struct active *active,
		   const struct sight *sight)
{
	uint32_t interface = active->interfaces[sight->port.value];
	int result;

	if (call->tracing || interface == NO_INTERFACE)
		return;
	if (!within_count(call, active))
		return;
	result = write_block(call, active, sight, interface);
	if (!result) {
		atomic_fetch_add(&active->stream->written, 1);
		call->host->count(call, COUNT_WRITTEN, 1);
		return;
	}
	if (result == -EPIPE)
		tell_ended(call, active->stream);
	/* a client that has read enough misses nothing */
	if (result == -EPIPE && !active->stream->spec.name[0])
		return;
	atomic_fetch_add(&active->stream->lost, 1);
	call->host->count(call, COUNT_LOST, 1);
}

static struct sight sight_of(const struct vs_frame *frame,
			     struct vs_port_id port,
			     enum pcapng_direction direction)
{
	const struct vs_view *view = vs_view(frame);

	return (struct sight){.port = port,
			      .vsid = view->vsid,
			      .direction = direction,
			      .bytes = {view->data, view->data},
			      .sizes = {view->size, 0}};
}

static bool takes(const struct active *active, const struct vs_frame *frame)
{
	const struct vs_view *view = vs_view(frame);

	return filter_takes(active->filter, view->data, view->size, view->size);
}

static void ingress(const struct vs_call *call,
		    const struct vs_capture_burst *burst)
{
	const struct vs_state *state = call->state;
	const struct active *active;
	const struct vs_frame *frame;
	struct sight sight;
	uint32_t i;

	if (!state || !state->ingress)
		return;
	VS_FOR_EACH (frame, burst) {
		sight = sight_of(frame, vs_view(frame)->port, PCAPNG_INBOUND);
		if (vs_view(frame)->flags & VS_FRAME_FROM_WIRE)
			sight.port.value = VS_PORT_EXTERNAL;
		for (i = 0; i < state->active_count; i++) {
			active = &state->active[i];
			if (!active->ingress ||
			    (active->port.value &&
			     !vs_port_equal(active->port, sight.port)))
				continue;
			if (takes(active, frame))
				record(call, active, &sight);
		}
	}
}

/* One delivery for one stream: a block per destination that it looks at. */
static void egress_one(const struct vs_call *call, const struct active *active,
		       const struct vs_delivery *delivery)
{
	const struct vs_frame *frame = vs_delivery_frame(delivery);
	struct vs_port_id port = active->port;
	struct sight sight;

	if (port.value >= VS_PORTS_MAXIMUM ||
	    (port.value && !vs_delivery_has(delivery, port)))
		return;
	if (!takes(active, frame))
		return;
	if (!port.value)
		port = vs_delivery_next(delivery, port);
	while (port.value) {
		sight = sight_of(frame, port, PCAPNG_OUTBOUND);
		record(call, active, &sight);
		if (active->port.value)
			break;
		port = vs_delivery_next(delivery, port);
	}
}

static void egress(const struct vs_call *call,
		   const struct vs_sight_burst *burst)
{
	const struct vs_state *state = call->state;
	const struct vs_delivery *delivery;
	uint32_t i;

	if (!state || !state->egress)
		return;
	VS_FOR_EACH (delivery, burst)
		for (i = 0; i < state->active_count; i++)
			if (state->active[i].egress)
				egress_one(call, &state->active[i], delivery);
}

/* The filter wants one run of bytes: the lead and as much of the slice as the
 * scratch holds, which is every header. */
static bool takes_wire(const struct vs_call *call, const struct active *active,
		       const struct vs_wire_frame *frame)
{
	uint32_t whole = frame->lead_size + frame->slice_size;
	uint8_t *scratch = call->shard->scratch;
	uint32_t slice;

	if (!active->filter)
		return true;
	if (!frame->lead_size)
		return filter_takes(active->filter, frame->slice,
				    frame->slice_size, whole);
	if (frame->lead_size > SCRATCH_SIZE)
		return false;
	slice = SCRATCH_SIZE - frame->lead_size;
	if (slice > frame->slice_size)
		slice = frame->slice_size;
	memcpy(scratch, frame->lead, frame->lead_size);
	memcpy(scratch + frame->lead_size, frame->slice, slice);
	return filter_takes(active->filter, scratch, frame->lead_size + slice,
			    whole);
}

static void wire(const struct vs_call *call, const struct vs_wire_frame *frame)
{
	const struct vs_state *state = call->state;
	const struct active *active;
	struct sight sight = {
		.port = frame->uplink,
		.vsid = frame->vsid,
		.direction = frame->outbound ? PCAPNG_OUTBOUND : PCAPNG_INBOUND,
		.bytes = {frame->lead_size ? frame->lead : frame->slice,
			  frame->slice},
		.sizes = {frame->lead_size, frame->slice_size},
	};
	uint32_t i;

	if (!state || !state->wire)
		return;
	for (i = 0; i < state->active_count; i++) {
		active = &state->active[i];
		if (!active->wire ||
		    (active->port.value &&
		     !vs_port_equal(active->port, frame->uplink)))
			continue;
		if (active->stream->spec.direction ==
		    (frame->outbound ? CAPTURE_INGRESS : CAPTURE_EGRESS))
			continue;
		if (takes_wire(call, active, frame))
			record(call, active, &sight);
	}
}

static bool looks(const struct vs_state *state)
{
	return state && state->active_count;
}

const struct vs_capture_class capture_class = {ingress, egress, wire, looks};
