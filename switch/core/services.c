// SPDX-License-Identifier: Apache-2.0
/*
 * services.c: the host table that every data hook gets (vswitch/host.h):
 * recipes, reflect, hold, notes, events, counters; frames are in
 * services_frame.c. Checks rights and ranges at the door; decides nothing about
 * the walk. What it starts runs from inject.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/services_private.h"
#include "core/steady.h"
#include "packet/counter.h"

/* Handles come back const where the hook may only read; the packet is the
 * host's own. */
static struct vs_packet *own(const struct vs_frame *frame)
{
	union {
		const struct vs_frame *lent;
		struct vs_packet *own;
	} handle = {.lent = frame};

	return handle.own;
}

int services_refuse_range(const struct hook_call *hook, const char *text)
{
	accuse(hook->worker, hook->member->attachment, ACCUSE_RANGE, text);
	return -EINVAL;
}

int services_refuse_right(const struct hook_call *hook, const char *service)
{
	char text[64];

	snprintf(text, sizeof(text), "%s is not for this hook", service);
	accuse(hook->worker, hook->member->attachment, ACCUSE_SERVICE, text);
	return -EPERM;
}

/* -- recipes ----------------------------------------------------------------
 */

/* A frame that this hook may send: held by it, or outbound in this burst. */
static bool may_send_frame(const struct hook_call *hook,
			   const struct vs_packet *packet)
{
	const struct vs_worker *worker = hook->worker;

	if (!vs_pool_has(worker->pool, packet))
		return false;
	if (packet->held)
		return hold_of(hook->worker, packet,
			       hook->member->attachment) != NULL;
	return hook->rights & (RIGHT_HOLD_OUTBOUND | RIGHT_COPY) &&
	       (packet->verdict.action == VS_PASS ||
		packet->verdict.action == VS_SENT) &&
	       packet->walk == &worker->walk &&
	       packet->slot < worker->run.burst.count &&
	       run_packet(worker, packet->slot) == packet;
}

static struct vs_recipe *recipe_open(const struct vs_call *call,
				     const struct vs_frame *frame)
{
	const struct hook_call *hook = hook_of(call);
	struct vs_worker *worker = hook->worker;
	struct vs_outbox *outbox = worker->outbox;
	struct vs_packet *packet = own(frame);
	struct vs_recipe *recipe;

	if (!(hook->rights & RIGHT_RECIPE)) {
		services_refuse_right(hook, "recipe_open");
		return NULL;
	}
	if (!may_send_frame(hook, packet))
		return NULL;
	if (outbox->count == VS_OUTBOX_SIZE)
		outbox->flush(outbox);
	worker->recipe_packet = packet;
	recipe = &outbox->entry[outbox->count].recipe;
	recipe->frame = frame;
	recipe->slice_offset = 0;
	recipe->slice_size = packet->view.size;
	recipe->offload = packet->view.offload;
	recipe->port.value = 0;
	if (worker->snapshot->uplink_count)
		recipe->port = worker->snapshot->uplinks[0]->id;
	recipe->lead_size = 0;
	recipe->inner = 0;
	recipe->encapsulation = VS_ENCAP_NONE;
	recipe->steady = 0;
	return recipe;
}

static bool recipe_in_range(const struct vs_recipe *recipe,
			    const struct vs_packet *packet)
{
	const struct vs_offload *offload = &recipe->offload;
	uint32_t size = recipe->lead_size + recipe->slice_size;

	if (recipe->frame != (const struct vs_frame *)packet ||
	    recipe->lead_size > VS_LEAD_SIZE ||
	    recipe->slice_offset > packet->view.size ||
	    recipe->slice_size > packet->view.size - recipe->slice_offset ||
	    size < VS_ETHERNET_SIZE || recipe->encapsulation >= VS_ENCAPS ||
	    recipe->inner > size)
		return false;
	if (offload->csum_start != VS_ABSENT &&
	    (uint32_t)offload->csum_start + offload->csum_offset + 2 > size)
		return false;
	if (offload->gso == VS_GSO_NONE)
		return true;
	return offload->gso <= VS_GSO_UDP && offload->gso_size &&
	       offload->header_size && offload->header_size <= size;
}

/* One more copy of the packet, if it had one already. */
static void count_recipe(const struct hook_call *hook, struct vs_packet *packet)
{
	struct vs_worker *worker = hook->worker;
	struct walk_hold *hold =
		packet->held ? hold_of(worker, packet, hook->member->attachment)
			     : NULL;
	uint16_t *recipes =
		hold ? &hold->recipes : &worker->run.recipes[packet->slot];

	if (hook->rights & RIGHT_COPY) {
		worker->run.mirrored++;
		vs_ledger_replicate(worker->ledger, worker->ledger_index,
				    packet->ledger_row, 1);
		return;
	}
	if (++*recipes > 1)
		vs_ledger_replicate(worker->ledger, worker->ledger_index,
				    packet->ledger_row, 1);
	if (!hold)
		walk_answer(worker, packet, VS_SENT);
}

/* Apart, so that recipe_commit needs no stack. */
static __attribute__((noinline)) void wire_saw(struct vs_worker *worker,
					       const struct vs_recipe *recipe,
					       const struct vs_packet *packet)
{
	struct vs_wire_frame seen = {
		.struct_size = sizeof(seen),
		.uplink = recipe->port,
		.vsid = packet->view.vsid,
		.outbound = true,
		.lead = recipe->lead,
		.lead_size = recipe->lead_size,
		.slice = packet->view.data + recipe->slice_offset,
		.slice_size = recipe->slice_size,
	};

	stack_wire_seen(worker, &seen);
}

static uint16_t smaller(uint16_t left, uint16_t right)
{
	return left < right ? left : right;
}

static int recipe_commit(const struct vs_call *call, struct vs_recipe *recipe)
{
	const struct hook_call *hook = hook_of(call);
	struct vs_worker *worker = hook->worker;
	struct vs_outbox *outbox = worker->outbox;
	struct vs_packet *packet = worker->recipe_packet;
	struct vs_outbox_entry *entry;
	const struct vs_port *uplink;

	if (!packet || outbox->count == VS_OUTBOX_SIZE ||
	    recipe != &outbox->entry[outbox->count].recipe)
		return -EINVAL;
	worker->recipe_packet = NULL;
	uplink = snapshot_port(worker->snapshot, recipe->port);
	if (!recipe_in_range(recipe, packet))
		return services_refuse_range(hook,
					     "committed a recipe out of range");
	if (uplink && !uplink->uplink)
		return rights_bad_port(worker);
	count_recipe(hook, packet);
	if (!uplink || !uplink->attached) {
		walk_book_drop(worker, packet, VS_REASON_NO_UPLINK);
		return 0;
	}
	entry = &outbox->entry[outbox->count++];
	entry->packet = packet;
	entry->link = uplink->link;
	entry->steady = 0;
	if (worker->snapshot->steady && !(hook->rights & RIGHT_COPY))
		entry->steady = smaller(recipe->steady,
					steady_leaves(worker, packet, uplink));
	vs_packet_ref(packet);
	walk_book_sent(worker, packet, recipe->lead_size + recipe->slice_size);
	WALK_TRACE(worker, "leaves by %s: %u bytes of headers, %u of the frame",
		   uplink->plan.info.name, recipe->lead_size,
		   recipe->slice_size);
	if (worker->snapshot->captures)
		wire_saw(worker, recipe, packet);
	return 0;
}

/* -- reflect and hold --------------------------------------------------------
 */

/* The packet to reflect: itself if nobody else holds it, else a copy. */
static struct vs_packet *reflected(struct vs_worker *worker,
				   struct vs_packet *packet)
{
	struct vs_packet *copy;

	if (packet->references == 1) {
		vs_packet_ref(packet); /* the burst drops its own */
		return packet;
	}
	copy = vs_pool_take(worker->pool, packet->view.size > VS_SMALL_SIZE);
	if (!copy)
		return NULL;
	copy->view.size = packet->view.size;
	copy->view.offload = packet->view.offload;
	copy->view.port = packet->view.port;
	memcpy(copy->buffer + VS_PACKET_HEADROOM, packet->view.data,
	       packet->view.size);
	return copy;
}

static int reflect(const struct vs_call *call, struct vs_outbound *outbound,
		   struct vs_vsid vsid, const uint8_t *header,
		   uint16_t header_size)
{
	const struct hook_call *hook = hook_of(call);
	struct vs_worker *worker = hook->worker;
	struct vs_packet *packet = own(vs_outbound_frame(outbound));
	struct vs_packet *again;
	int code;

	if (!(hook->rights & RIGHT_REFLECT))
		return services_refuse_right(hook, "reflect");
	if (!rights_given(hook, packet))
		return -EINVAL;
	if (header_size > packet->view.size ||
	    packet->verdict.action != VS_PASS)
		return -EINVAL;
	if (packet->view.flags & VS_FRAME_REFLECTED) {
		walk_drop(packet, VS_REASON_REFLECT_LOOP);
		return -ELOOP;
	}
	again = reflected(worker, packet);
	if (!again) {
		walk_drop(packet, VS_REASON_NO_BUFFER);
		return -ENOBUFS;
	}
	worker->walk.denied = 0; /* what follows is the host's doing */
	vs_consume(vs_packet_frame(packet), VS_CONSUMED_REFLECTED);
	vs_ledger_consume(worker->ledger, worker->ledger_index,
			  packet->ledger_row, VS_CONSUMED_REFLECTED);
	packet->verdict.action = VS_REFLECT; /* booked here */
	memcpy(vs_frame_edit(vs_packet_frame(again), 0, header_size), header,
	       header_size);
	again->view.vsid = vsid;
	again->view.flags = VS_FRAME_INJECTED | VS_FRAME_REFLECTED;
	again->ledger_row = walk_row(worker, again->view.port, vsid);
	code = inject(worker, again, ENTRY_ADMIT);
	rights_lend(worker, hook);
	return code;
}

static int hold_by(const struct hook_call *hook, struct vs_packet *packet,
		   bool below)
{
	if (!rights_given(hook, packet))
		return -EINVAL;
	if (hook->worker->probe) {
		WALK_TRACE(hook->worker, "would wait for %s",
			   hook->member->ext->name);
		return -ENOBUFS;
	}
	if (packet->verdict.action != VS_PASS)
		return -EINVAL;
	return hold_take(hook->worker, packet, hook->member, below);
}

static int hold(const struct vs_call *call, struct vs_frame *frame)
{
	const struct hook_call *hook = hook_of(call);

	if (!(hook->rights & RIGHT_HOLD))
		return services_refuse_right(hook, "hold");
	return hold_by(hook, vs_frame_packet(frame), true);
}

static int hold_outbound(const struct vs_call *call,
			 struct vs_outbound *outbound,
			 const struct vs_frame **frame)
{
	const struct hook_call *hook = hook_of(call);
	int code;

	if (!(hook->rights & RIGHT_HOLD_OUTBOUND))
		return services_refuse_right(hook, "hold_outbound");
	code = hold_by(hook, own(vs_outbound_frame(outbound)), false);
	if (!code)
		*frame = vs_outbound_frame(outbound);
	return code;
}

static void release(const struct vs_call *call, const struct vs_frame *frame,
		    enum vs_action action, uint16_t reason)
{
	const struct hook_call *hook = hook_of(call);
	struct walk_hold *held = vs_pool_has(hook->worker->pool, own(frame))
					 ? hold_of(hook->worker, own(frame),
						   hook->member->attachment)
					 : NULL;

	if (held)
		hold_release(hook->worker, held, hook->member,
			     (struct vs_verdict){.action = (uint8_t)action,
						 .reason = reason});
}

/* -- notes, events, numbers ---------------------------------------------------
 */

static int post(const struct vs_call *call, const struct vs_note *note)
{
	const struct hook_call *hook = hook_of(call);
	struct mail mail = {.attachment = hook->member->attachment->id,
			    .kind = MAIL_NOTE,
			    .note = *note};

	return hook->worker->probe
		       ? 0
		       : mailbox_put(&hook->worker->sw->inbox, &mail);
}

static int kick(const struct vs_call *call, uint16_t worker,
		const struct vs_note *note)
{
	const struct hook_call *hook = hook_of(call);
	struct vs_switch *sw = hook->worker->sw;
	struct mail mail = {.attachment = hook->member->attachment->id,
			    .kind = MAIL_NOTE,
			    .note = *note};
	int code;

	if (worker > sw->params.workers)
		return -EINVAL;
	if (hook->worker->probe || worker == sw->params.workers)
		return 0; /* the probe keeps nothing */
	code = mailbox_put(&sw->worker[worker]->inbox, &mail);
	switch_wake(sw, worker);
	return code;
}

static void event(const struct vs_call *call, uint16_t number, const char *text)
{
	const struct hook_call *hook = hook_of(call);
	struct vs_attachment *attachment = hook->member->attachment;
	struct mail mail = {.attachment = attachment->id,
			    .kind = MAIL_EVENT,
			    .event = number};

	if (hook->worker->probe || number >= hook->member->ext->event_count ||
	    number >= VS_EVENTS_MAXIMUM ||
	    !event_allowed(
		    &attachment->shard[hook->worker->index].limit[number],
		    hook->worker->now))
		return;
	snprintf(mail.text, sizeof(mail.text), "%s", text);
	mailbox_put(&hook->worker->sw->inbox, &mail);
}

static void count(const struct vs_call *call, uint16_t counter, uint64_t amount)
{
	const struct hook_call *hook = hook_of(call);
	_Atomic uint64_t *counters =
		hook->member->attachment->shard[hook->worker->index].counters;

	if (hook->worker->probe || counter >= hook->member->ext->counter_count)
		return;
	counter_add(&counters[counter], amount);
}

static void invalidate(const struct vs_call *call)
{
	const struct hook_call *hook = hook_of(call);

	if (!hook->worker->probe)
		switch_invalidate(hook->worker->sw);
}

static void invalidate_vsid(const struct vs_call *call, struct vs_vsid vsid)
{
	const struct hook_call *hook = hook_of(call);

	if (!hook->worker->probe)
		switch_invalidate_vsid(hook->worker->sw, vsid);
}

static void tick_at(const struct vs_call *call, uint64_t when_ns)
{
	const struct hook_call *hook = hook_of(call);
	struct attachment_shard *shard =
		&hook->member->attachment->shard[hook->worker->index];

	if (!hook->worker->probe && when_ns < shard->deadline)
		shard->deadline = when_ns;
}

static int sink(const struct vs_call *call, uint32_t number,
		const uint8_t *const pieces[], const uint32_t sizes[],
		uint16_t pieces_count)
{
	const struct hook_call *hook = hook_of(call);
	struct vs_switch_owner *owner = hook->worker->sw->owner;

	if (hook->worker->probe)
		return 0;
	if (!owner || !owner->sink)
		return -EPIPE;
	return owner->sink(
		owner, number,
		&(struct vs_sink_record){pieces, sizes, pieces_count, false});
}

/* splitmix64 over the worker's own state. */
static uint64_t random_bits(const struct vs_call *call)
{
	struct vs_worker *worker = hook_of(call)->worker;
	uint64_t z = worker->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static const struct vs_port_info *port_info(const struct vs_call *call,
					    struct vs_port_id id)
{
	const struct vs_port *port =
		snapshot_port(hook_of(call)->worker->snapshot, id);

	return port ? &port->plan.info : NULL;
}

static void trace(const struct vs_call *call, const char *text)
{
	WALK_TRACE(hook_of(call)->worker, "%s", text);
}

static bool mismatch(const struct vs_call *call, const struct vs_frame *frame,
		     const char *text)
{
	return mismatch_say(hook_of(call)->worker,
			    (const struct vs_packet *)frame, text);
}

const struct vs_host *services(void)
{
	static const struct vs_host host = {
		.struct_size = sizeof(struct vs_host),
		.frame_new = services_frame_new,
		.frame_free = services_frame_free,
		.frame_copy = services_frame_copy,
		.emit = services_emit,
		.recipe_open = recipe_open,
		.recipe_commit = recipe_commit,
		.reflect = reflect,
		.hold = hold,
		.hold_outbound = hold_outbound,
		.release = release,
		.post = post,
		.kick = kick,
		.event = event,
		.count = count,
		.sink = sink,
		.random = random_bits,
		.port = port_info,
		.trace = trace,
		.tick_at = tick_at,
		.invalidate = invalidate,
		.mismatch = mismatch,
		.invalidate_vsid = invalidate_vsid,
	};

	return &host;
}
