// SPDX-License-Identifier: Apache-2.0
/*
 * frame.c: what a hook may do with a frame: edit it, answer it, take
 * destinations away. Keeps the packet's books; what a removed destination or
 * a decision means is core's (struct vs_walk).
 *
 * Before this file: the hook that calls. After it: core, which reads the
 * verdict and the destinations.
 */
#include <assert.h>
#include <errno.h>

#include "packet/packet.h"

_Static_assert(VS_BURST_FRAMES == 64, "a burst's mask is one 64-bit word");

/* -- rights ---------------------------------------------------------------- */

static bool in_burst(const struct vs_walk *walk, const struct vs_packet *packet)
{
	const struct vs_burst *burst = walk->burst;

	return !burst ||
	       (packet->slot < burst->count &&
		burst->frame[packet->slot] == (const struct vs_frame *)packet);
}

/* A packet outside of bursts is its maker's. */
static bool may(struct vs_packet *packet, enum vs_walk_right right)
{
	struct vs_walk *walk = packet->walk;

	if (!walk)
		return true;
	if (!in_burst(walk, packet))
		right = VS_WALK_FOREIGN;
	else if (!(walk->denied & right))
		return true;
	walk->ops->refused(walk, packet, right);
	return false;
}

/* -- editing --------------------------------------------------------------- */

static void note_edited(struct vs_packet *packet)
{
	packet->edited = true;
	if (packet->walk && packet->slot < VS_BURST_FRAMES)
		packet->walk->edited |= UINT64_C(1) << packet->slot;
}

uint8_t *vs_frame_edit(struct vs_frame *frame, uint32_t offset, uint32_t size)
{
	struct vs_packet *packet = vs_frame_packet(frame);

	if (!vs_frame_at(frame, offset, size) || !may(packet, VS_WALK_EDIT))
		return NULL;
	note_edited(packet);
	return packet->buffer + (packet->view.data - packet->buffer) + offset;
}

/* Offsets that count from the frame's first byte, after that moved. */
static void offload_pull(struct vs_offload *offload, uint32_t size)
{
	if (offload->csum_start != VS_ABSENT) {
		if (offload->csum_start < size)
			offload->csum_start = VS_ABSENT;
		else
			offload->csum_start =
				(uint16_t)(offload->csum_start - size);
	}
	if (offload->gso == VS_GSO_NONE)
		return;
	if (offload->header_size >= size) {
		offload->header_size = (uint16_t)(offload->header_size - size);
	} else {
		offload->gso = VS_GSO_NONE;
		offload->header_size = 0;
	}
}

int vs_frame_pull(struct vs_frame *frame, uint32_t size)
{
	struct vs_packet *packet = vs_frame_packet(frame);

	if (size > packet->view.size)
		return -EINVAL;
	if (!may(packet, VS_WALK_EDIT))
		return -EPERM;
	packet->view.data += size;
	packet->view.size -= size;
	note_edited(packet);
	offload_pull(&packet->view.offload, size);
	return 0;
}

int vs_frame_push(struct vs_frame *frame, uint32_t size)
{
	struct vs_packet *packet = vs_frame_packet(frame);
	struct vs_offload *offload = &packet->view.offload;

	if (size > (size_t)(packet->view.data - packet->buffer))
		return -ENOBUFS;
	if (!may(packet, VS_WALK_EDIT))
		return -EPERM;
	packet->view.data -= size;
	packet->view.size += size;
	note_edited(packet);
	if (offload->csum_start != VS_ABSENT)
		offload->csum_start = (uint16_t)(offload->csum_start + size);
	if (offload->gso != VS_GSO_NONE)
		offload->header_size = (uint16_t)(offload->header_size + size);
	return 0;
}

int vs_frame_resize(struct vs_frame *frame, uint32_t size)
{
	struct vs_packet *packet = vs_frame_packet(frame);
	size_t front = (size_t)(packet->view.data - packet->buffer);

	if (size > packet->capacity - front)
		return -ENOBUFS;
	if (!may(packet, VS_WALK_EDIT))
		return -EPERM;
	packet->view.size = size;
	note_edited(packet);
	return 0;
}

void vs_frame_set_vsid(struct vs_frame *frame, struct vs_vsid vsid)
{
	struct vs_packet *packet = vs_frame_packet(frame);

	if (may(packet, VS_WALK_SET_VSID))
		packet->view.vsid = vsid;
}

void vs_frame_set_offload(struct vs_frame *frame,
			  const struct vs_offload *offload)
{
	struct vs_packet *packet = vs_frame_packet(frame);

	if (!may(packet, VS_WALK_EDIT))
		return;
	packet->view.offload = *offload;
	note_edited(packet);
}

/* -- answers --------------------------------------------------------------- */

static void packet_answer(struct vs_packet *packet, enum vs_action action,
			  uint16_t reason)
{
	if (packet->verdict.action != VS_PASS) {
		may(packet, VS_WALK_AGAIN);
		return;
	}
	if (!may(packet, VS_WALK_ANSWER))
		return;
	packet->verdict.action = (uint8_t)action;
	packet->verdict.reason = reason;
	if (packet->walk)
		packet->walk->answered |= UINT64_C(1) << packet->slot;
}

void vs_drop(struct vs_frame *frame, uint16_t reason)
{
	packet_answer(vs_frame_packet(frame), VS_DROP, reason);
}

void vs_consume(struct vs_frame *frame, enum vs_consumer what)
{
	packet_answer(vs_frame_packet(frame), VS_CONSUME, (uint16_t)what);
}

static void packet_cacheable(struct vs_packet *packet, enum vs_walk_right right)
{
	if (packet->walk && may(packet, right))
		packet->walk->cacheable |= UINT64_C(1) << packet->slot;
}

void vs_frame_cacheable(struct vs_frame *frame)
{
	packet_cacheable(vs_frame_packet(frame), VS_WALK_ANSWER);
}

void vs_delivery_cacheable(struct vs_delivery *delivery)
{
	packet_cacheable((struct vs_packet *)delivery, VS_WALK_EXCLUDE);
}

/* -- destinations ---------------------------------------------------------- */

static const struct vs_packet *sight(const struct vs_delivery *delivery)
{
	return (const struct vs_packet *)delivery;
}

const struct vs_frame *vs_delivery_frame(const struct vs_delivery *delivery)
{
	return (const struct vs_frame *)delivery;
}

bool vs_delivery_has(const struct vs_delivery *delivery, struct vs_port_id port)
{
	const struct vs_packet *packet = sight(delivery);

	if (port.value == 0 || port.value >= VS_PORTS_MAXIMUM)
		return false;
	if (!packet->destinations)
		return vs_port_equal(packet->destination, port);
	return packet->destinations->word[port.value / 64] >>
		       (port.value % 64) &
	       1;
}

struct vs_port_id vs_delivery_next(const struct vs_delivery *delivery,
				   struct vs_port_id after)
{
	const struct vs_packet *packet = sight(delivery);
	struct vs_port_id none = {0};
	unsigned int from = after.value + 1u, word = from / 64;
	uint64_t bits;

	if (from >= VS_PORTS_MAXIMUM)
		return none;
	if (!packet->destinations)
		return packet->destination.value >= from ? packet->destination
							 : none;
	bits = packet->destinations->word[word] & ~UINT64_C(0) << from % 64;
	while (!bits) {
		if (++word == VS_PORTS_MAXIMUM / 64)
			return none;
		bits = packet->destinations->word[word];
	}
	return (struct vs_port_id){
		(uint16_t)(word * 64 + (unsigned int)__builtin_ctzll(bits))};
}

void vs_delivery_exclude(struct vs_delivery *delivery, struct vs_port_id port,
			 uint16_t reason)
{
	struct vs_packet *packet = (struct vs_packet *)delivery;

	if (!may(packet, VS_WALK_EXCLUDE) || !vs_delivery_has(delivery, port))
		return;
	if (packet->destinations)
		packet->destinations->word[port.value / 64] &=
			~(UINT64_C(1) << port.value % 64);
	else
		packet->destination.value = 0;
	assert(packet->walk);
	packet->walk->ops->excluded(packet->walk, packet, port, reason);
}

void vs_delivery_drop(struct vs_delivery *delivery, uint16_t reason)
{
	struct vs_port_id port = {0};

	while ((port = vs_delivery_next(delivery, port)).value != 0)
		vs_delivery_exclude(delivery, port, reason);
}

struct vs_frame *vs_decision_frame(struct vs_decision *decision)
{
	return (struct vs_frame *)decision;
}

int vs_decision_add(struct vs_decision *decision, struct vs_port_id port)
{
	struct vs_packet *packet = (struct vs_packet *)decision;

	assert(packet->walk);
	if (!may(packet, VS_WALK_CHOOSE))
		return -EPERM;
	return packet->walk->ops->decision_add(packet->walk, packet, port);
}

void vs_decision_learn(struct vs_decision *decision)
{
	struct vs_packet *packet = (struct vs_packet *)decision;

	assert(packet->walk);
	if (may(packet, VS_WALK_CHOOSE))
		packet->walk->ops->decision_learn(packet->walk, packet);
}

void vs_decision_drop(struct vs_decision *decision, uint16_t reason)
{
	packet_answer((struct vs_packet *)decision, VS_DROP, reason);
}

/* -- at the wire ----------------------------------------------------------- */

const struct vs_frame *vs_outbound_frame(const struct vs_outbound *outbound)
{
	return (const struct vs_frame *)outbound;
}

void vs_outbound_drop(struct vs_outbound *outbound, uint16_t reason)
{
	packet_answer((struct vs_packet *)outbound, VS_DROP, reason);
}

void vs_outbound_consume(struct vs_outbound *outbound, enum vs_consumer what)
{
	packet_answer((struct vs_packet *)outbound, VS_CONSUME, (uint16_t)what);
}
