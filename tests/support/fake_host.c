// SPDX-License-Identifier: Apache-2.0
/*
 * The services of fake_host.h. Where the real host refuses (rights, ranges,
 * limits), this one asserts or answers the same errno, so that what passes
 * here is not refused there.
 */
#include "tests/support/fake_host.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet/pool.h"

#define SMALL_FRAMES 1024u
#define BIG_FRAMES   16u

static struct fake_host *of_call(const struct vs_call *call)
{
	return (struct fake_host *)(uintptr_t)call;
}

static struct fake_host *of_main(const struct vs_main_host *host)
{
	return (struct fake_host *)((uintptr_t)host -
				    offsetof(struct fake_host, main));
}

static struct vs_packet *packet_of(const struct vs_frame *frame)
{
	return (struct vs_packet *)(uintptr_t)frame;
}

static void answer(struct vs_packet *packet, enum vs_action action)
{
	packet->verdict.action = (uint8_t)action;
	if (packet->walk)
		packet->walk->answered |= UINT64_C(1) << packet->slot;
}

/* -- frames -- */

static struct vs_packet *take(struct fake_host *fake, uint32_t size)
{
	struct vs_packet *packet;

	packet = vs_pool_take(fake->pool, size > VS_SMALL_SIZE);
	assert(packet);
	assert(size <= packet->capacity - VS_PACKET_HEADROOM);
	packet->view.size = size;
	packet->edited = true;
	return packet;
}

static struct vs_frame *frame_new(const struct vs_call *call, uint32_t size,
				  struct vs_vsid vsid)
{
	struct fake_host *fake = of_call(call);
	struct vs_packet *packet;

	assert(size <= VS_SMALL_SIZE);
	assert(!fake->extension->capture);
	if (fake->no_buffers)
		return NULL;
	packet = take(fake, size);
	packet->view.vsid = vsid;
	packet->view.flags |= VS_FRAME_INJECTED;
	return vs_packet_frame(packet);
}

static struct vs_frame *frame_copy(const struct vs_call *call,
				   const struct vs_frame *frame)
{
	struct fake_host *fake = of_call(call);
	const struct vs_view *view = vs_view(frame);
	struct vs_packet *packet;

	if (fake->no_buffers)
		return NULL;
	packet = take(fake, view->size);
	memcpy((uint8_t *)(uintptr_t)packet->view.data, view->data, view->size);
	packet->view.vsid = view->vsid;
	packet->view.offload = view->offload;
	packet->view.port = view->port;
	packet->view.flags |= VS_FRAME_INJECTED;
	return vs_packet_frame(packet);
}

static void frame_free(const struct vs_call *call, struct vs_frame *frame)
{
	(void)call;
	vs_packet_unref(packet_of(frame));
}

static int emit(const struct vs_call *call, struct vs_frame *frame,
		enum vs_emit where, struct vs_port_id to,
		struct vs_port_id from)
{
	struct fake_host *fake = of_call(call);
	bool translate = fake->extension->translate;
	struct fake_emitted *emitted;

	if (fake->extension->capture ||
	    ((where == VS_EMIT_ADMIT || where == VS_EMIT_UPLINK) &&
	     !translate)) {
		vs_packet_unref(packet_of(frame));
		return -EPERM;
	}
	assert(fake->seen.emitted_count < FAKE_ROOM);
	emitted = &fake->seen.emitted[fake->seen.emitted_count++];
	emitted->packet = packet_of(frame);
	emitted->where = where;
	emitted->to = to;
	emitted->from = from;
	vs_packet_parse(emitted->packet);
	return 0;
}

/* -- recipes -- */

static struct vs_recipe *recipe_open(const struct vs_call *call,
				     const struct vs_frame *frame)
{
	struct fake_host *fake = of_call(call);

	assert(fake->extension->translate);
	memset(&fake->open, 0, sizeof(fake->open));
	fake->open.frame = frame;
	fake->open.slice_size = vs_view(frame)->size;
	fake->open.offload = vs_view(frame)->offload;
	return &fake->open;
}

static int recipe_commit(const struct vs_call *call, struct vs_recipe *recipe)
{
	struct fake_host *fake = of_call(call);
	struct vs_packet *packet = packet_of(recipe->frame);
	uint32_t size = packet->view.size;

	assert(recipe == &fake->open);
	if (recipe->lead_size > VS_LEAD_SIZE || recipe->slice_offset > size ||
	    recipe->slice_size > size - recipe->slice_offset ||
	    !recipe->port.value)
		return -EINVAL;
	assert(fake->seen.sent_count < FAKE_ROOM);
	fake->seen.sent[fake->seen.sent_count++] = *recipe;
	if (!packet->held)
		answer(packet, VS_SENT);
	return 0;
}

static int reflect(const struct vs_call *call, struct vs_outbound *outbound,
		   struct vs_vsid vsid, const uint8_t *header,
		   uint16_t header_size)
{
	struct fake_host *fake = of_call(call);
	struct vs_packet *packet = packet_of(vs_outbound_frame(outbound));
	struct fake_reflected *reflected;

	assert(fake->extension->translate && header_size <= VS_LEAD_SIZE);
	assert(fake->seen.reflected_count < FAKE_ROOM);
	reflected = &fake->seen.reflected[fake->seen.reflected_count++];
	reflected->packet = packet;
	reflected->vsid = vsid;
	memcpy(reflected->header, header, header_size);
	reflected->header_size = header_size;
	answer(packet, VS_REFLECT);
	return 0;
}

/* -- holding -- */

static int hold(const struct vs_call *call, struct vs_frame *frame)
{
	struct fake_host *fake = of_call(call);

	if (fake->no_buffers)
		return -ENOBUFS;
	vs_packet_ref(packet_of(frame));
	packet_of(frame)->held = true;
	fake->seen.held_count++;
	answer(packet_of(frame), VS_HOLD);
	return 0;
}

static int hold_outbound(const struct vs_call *call,
			 struct vs_outbound *outbound,
			 const struct vs_frame **frame)
{
	assert(of_call(call)->extension->translate);
	*frame = vs_outbound_frame(outbound);
	return hold(call, (struct vs_frame *)(uintptr_t)*frame);
}

static void release(const struct vs_call *call, const struct vs_frame *frame,
		    enum vs_action action, uint16_t reason)
{
	struct fake_host *fake = of_call(call);

	assert(packet_of(frame)->held && fake->seen.held_count > 0);
	assert(fake->seen.released_count < FAKE_ROOM);
	fake->seen.released[fake->seen.released_count++] =
		(struct fake_released){frame, action, reason};
	fake->seen.held_count--;
	packet_of(frame)->held = false;
	vs_packet_unref(packet_of(frame));
}

/* -- words -- */

static int post(const struct vs_call *call, const struct vs_note *note)
{
	struct fake_host *fake = of_call(call);

	assert(fake->seen.post_count < FAKE_ROOM);
	fake->seen.posts[fake->seen.post_count++] =
		(struct fake_note){UINT16_MAX, *note};
	return 0;
}

static int kick_worker(struct fake_host *fake, uint16_t worker,
		       const struct vs_note *note)
{
	assert(fake->seen.kick_count < FAKE_ROOM);
	fake->seen.kicks[fake->seen.kick_count++] =
		(struct fake_note){worker, *note};
	return 0;
}

static int kick(const struct vs_call *call, uint16_t worker,
		const struct vs_note *note)
{
	return kick_worker(of_call(call), worker, note);
}

static int main_kick(const struct vs_main_host *host, uint16_t worker,
		     const struct vs_note *note)
{
	return kick_worker(of_main(host), worker, note);
}

static void record_event(struct fake_host *fake, uint16_t event,
			 const char *text)
{
	struct fake_event *slot;

	assert(event < fake->extension->event_count);
	assert(fake->seen.event_count < FAKE_ROOM);
	slot = &fake->seen.events[fake->seen.event_count++];
	slot->event = event;
	snprintf(slot->text, sizeof(slot->text), "%s", text);
}

static void event(const struct vs_call *call, uint16_t number, const char *text)
{
	record_event(of_call(call), number, text);
}

static void main_event(const struct vs_main_host *host, uint16_t number,
		       const char *text)
{
	record_event(of_main(host), number, text);
}

static void count(const struct vs_call *call, uint16_t counter, uint64_t amount)
{
	struct fake_host *fake = of_call(call);

	assert(counter < fake->extension->counter_count &&
	       counter < FAKE_COUNTERS);
	fake->seen.counters[counter] += amount;
}

static void invalidate(const struct vs_call *call)
{
	of_call(call)->seen.invalidations++;
}

static bool mismatch(const struct vs_call *call, const struct vs_frame *frame,
		     const char *text)
{
	struct fake_host *fake = of_call(call);

	(void)frame;
	if (text)
		snprintf(fake->seen.mismatch, sizeof(fake->seen.mismatch), "%s",
			 text);
	return true;
}

static void invalidate_vsid(const struct vs_call *call, struct vs_vsid vsid)
{
	struct fake_records *seen = &of_call(call)->seen;

	assert(seen->outdated_count < FAKE_ROOM);
	seen->outdated[seen->outdated_count++] = vsid;
}

static void main_invalidate(const struct vs_main_host *host)
{
	of_main(host)->seen.invalidations++;
}

static void tick_at(const struct vs_call *call, uint64_t when_ns)
{
	struct fake_host *fake = of_call(call);

	if (!fake->seen.tick_at_ns || when_ns < fake->seen.tick_at_ns)
		fake->seen.tick_at_ns = when_ns;
}

static void trace(const struct vs_call *call, const char *text)
{
	assert(call->tracing && text);
	of_call(call)->seen.trace_count++;
}

static void reconfigure(const struct vs_main_host *host)
{
	of_main(host)->seen.reconfigures++;
}

static uint64_t next_random(struct fake_host *fake)
{
	fake->random = fake->random * UINT64_C(6364136223846793005) + 1;
	return fake->random;
}

static uint64_t call_random(const struct vs_call *call)
{
	return next_random(of_call(call));
}

static uint64_t main_random(const struct vs_main_host *host)
{
	return next_random(of_main(host));
}

static uint64_t main_now(const struct vs_main_host *host)
{
	return of_main(host)->call.now_ns;
}

static uint64_t main_wall(const struct vs_main_host *host)
{
	return of_main(host)->wall_ns;
}

static const struct vs_port_info *port(const struct vs_call *call,
				       struct vs_port_id id)
{
	struct fake_host *fake = of_call(call);
	unsigned int i;

	for (i = 0; i < fake->port_count; i++)
		if (vs_port_equal(fake->ports[i].id, id))
			return &fake->ports[i];
	return NULL;
}

/* -- sinks -- */

static int write_sink(struct fake_host *fake, uint32_t id,
		      const uint8_t *const pieces[], const uint32_t sizes[],
		      uint16_t pieces_count)
{
	struct fake_sink *sink;
	uint16_t i;

	assert(id >= 1 && id <= FAKE_SINKS);
	sink = &fake->seen.sinks[id - 1];
	if (!sink->open || sink->broken)
		return -EPIPE;
	if (sink->full)
		return -ENOBUFS;
	for (i = 0; i < pieces_count; i++) {
		sink->bytes = realloc(sink->bytes, sink->size + sizes[i] + 1);
		assert(sink->bytes);
		memcpy(sink->bytes + sink->size, pieces[i], sizes[i]);
		sink->size += sizes[i];
	}
	sink->records += pieces_count > 0;
	return 0;
}

static int sink_counts(const struct vs_main_host *host, int id,
		       struct vs_sink_counts *counts)
{
	const struct fake_sink *sink;

	assert(id >= 1 && id <= (int)FAKE_SINKS);
	sink = &of_main(host)->seen.sinks[id - 1];
	assert(sink->open);
	*counts =
		(struct vs_sink_counts){.struct_size = sizeof(*counts),
					.lost = sink->lost,
					.bytes = sink->still ? 0 : sink->size};
	if (sink->broken)
		counts->error = sink->error ? sink->error : EPIPE;
	return 0;
}

static int call_sink(const struct vs_call *call, uint32_t sink,
		     const uint8_t *const pieces[], const uint32_t sizes[],
		     uint16_t pieces_count)
{
	return write_sink(of_call(call), sink, pieces, sizes, pieces_count);
}

static int main_sink(const struct vs_main_host *host, int sink,
		     const uint8_t *const pieces[], const uint32_t sizes[],
		     uint16_t pieces_count)
{
	return write_sink(of_main(host), (uint32_t)sink, pieces, sizes,
			  pieces_count);
}

static int open_sink(const struct vs_main_host *host, const char *name,
		     struct vs_error *error)
{
	struct fake_host *fake = of_main(host);
	int i;

	for (i = 0; i < (int)FAKE_SINKS; i++) {
		if (fake->seen.sinks[i].open || fake->seen.sinks[i].size)
			continue;
		snprintf(fake->seen.sinks[i].name,
			 sizeof(fake->seen.sinks[i].name), "%s",
			 name ? name : "");
		fake->seen.sinks[i].open = true;
		return i + 1;
	}
	return vs_error_set(error, EMFILE, "", "all sinks are in use");
}

static void close_sink(const struct vs_main_host *host, int sink)
{
	assert(of_main(host)->seen.sinks[sink - 1].open);
	of_main(host)->seen.sinks[sink - 1].open = false;
}

/* -- the walk around one frame -- */

static void walk_exclude(struct vs_walk *walk, struct vs_packet *packet,
			 struct vs_port_id id, uint16_t reason)
{
	struct fake_host *fake =
		(struct fake_host *)((uintptr_t)walk -
				     offsetof(struct fake_host, walk));

	(void)packet;
	fake->seen.excluded[id.value] = reason;
}

static const struct vs_walk_ops walk_ops = {.excluded = walk_exclude};

static void begin(struct fake_host *fake, struct vs_packet *packet,
		  uint64_t *live)
{
	memset(&packet->verdict, 0, sizeof(packet->verdict));
	fake->walk.answered = 0;
	packet->walk = &fake->walk;
	packet->slot = 0;
	*live = 1;
}

static struct vs_verdict end(struct vs_packet *packet)
{
	packet->walk = NULL;
	if (packet->edited)
		vs_packet_parse(packet);
	packet->edited = false;
	return packet->verdict;
}

static struct vs_verdict
run_burst(struct fake_host *fake, struct vs_packet *packet,
	  void (*hook)(const struct vs_call *, struct vs_burst *))
{
	struct vs_burst burst = {.struct_size = sizeof(burst), .count = 1};

	begin(fake, packet, &burst.live);
	burst.frame[0] = vs_packet_frame(packet);
	if (hook)
		hook(&fake->call, &burst);
	return end(packet);
}

static void run_capture(struct fake_host *fake, struct vs_packet *packet)
{
	struct vs_capture_burst burst = {
		.struct_size = sizeof(burst), .count = 1, .live = 1};

	burst.frame[0] = vs_packet_frame(packet);
	if (fake->extension->capture->ingress)
		fake->extension->capture->ingress(&fake->call, &burst);
}

struct vs_verdict fake_ingress(struct fake_host *fake, struct vs_packet *packet)
{
	const struct vs_extension *extension = fake->extension;

	if (extension->capture) {
		run_capture(fake, packet);
		return (struct vs_verdict){.action = VS_PASS};
	}
	assert(extension->filter);
	return run_burst(fake, packet, extension->filter->ingress);
}

struct vs_verdict fake_from_wire(struct fake_host *fake,
				 struct vs_packet *packet)
{
	return run_burst(fake, packet, fake->extension->translate->from_wire);
}

struct vs_verdict fake_to_wire(struct fake_host *fake, struct vs_packet *packet)
{
	struct vs_outbound_burst burst = {.struct_size = sizeof(burst),
					  .count = 1};

	begin(fake, packet, &burst.live);
	burst.frame[0] = (struct vs_outbound *)packet;
	fake->extension->translate->to_wire(&fake->call, &burst);
	return end(packet);
}

void fake_to_wire_burst(struct fake_host *fake,
			struct vs_packet *const *packets,
			struct vs_verdict *verdicts, uint16_t count)
{
	struct vs_outbound_burst burst = {.struct_size = sizeof(burst),
					  .count = count};
	uint16_t i;

	for (i = 0; i < count; i++) {
		begin(fake, packets[i], &burst.live);
		packets[i]->slot = (uint8_t)i;
		burst.frame[i] = (struct vs_outbound *)packets[i];
	}
	burst.live = UINT64_MAX >> (64 - count);
	fake->extension->translate->to_wire(&fake->call, &burst);
	for (i = 0; i < count; i++)
		verdicts[i] = end(packets[i]);
}

static void egress_capture(struct fake_host *fake, struct vs_packet *packet)
{
	struct vs_sight_burst burst = {
		.struct_size = sizeof(burst), .count = 1, .live = 1};

	burst.frame[0] = (const struct vs_delivery *)packet;
	if (fake->extension->capture->egress)
		fake->extension->capture->egress(&fake->call, &burst);
}

bool fake_egress(struct fake_host *fake, struct vs_packet *packet, uint16_t to)
{
	struct vs_delivery_burst burst = {.struct_size = sizeof(burst),
					  .count = 1};
	const struct vs_extension *extension = fake->extension;
	void (*hook)(const struct vs_call *, struct vs_delivery_burst *) = NULL;

	packet->destinations = NULL;
	packet->destination.value = to;
	if (extension->capture) {
		egress_capture(fake, packet);
		return true;
	}
	if (extension->filter)
		hook = extension->filter->egress;
	else if (extension->forward)
		hook = extension->forward->egress;
	begin(fake, packet, &burst.live);
	burst.frame[0] = (struct vs_delivery *)packet;
	if (hook)
		hook(&fake->call, &burst);
	end(packet);
	return packet->destination.value == to;
}

uint32_t fake_sent_bytes(const struct fake_host *fake, unsigned int index,
			 uint8_t *bytes, uint32_t room)
{
	const struct vs_recipe *recipe = &fake->seen.sent[index];
	uint32_t size = recipe->lead_size + recipe->slice_size;

	assert(index < fake->seen.sent_count && size <= room);
	memcpy(bytes, recipe->lead, recipe->lead_size);
	memcpy(bytes + recipe->lead_size,
	       vs_view(recipe->frame)->data + recipe->slice_offset,
	       recipe->slice_size);
	return size;
}

/* -- life -- */

static const struct vs_host services = {
	.struct_size = sizeof(struct vs_host),
	.frame_new = frame_new,
	.frame_free = frame_free,
	.frame_copy = frame_copy,
	.emit = emit,
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
	.sink = call_sink,
	.random = call_random,
	.port = port,
	.trace = trace,
	.tick_at = tick_at,
	.invalidate = invalidate,
	.mismatch = mismatch,
	.invalidate_vsid = invalidate_vsid,
};

static int defer(const struct vs_main_host *host)
{
	struct fake_host *fake = of_main(host);

	if (!fake->reply)
		return -EINVAL;
	fake->seen.answered = false;
	return (int)++fake->seen.deferred;
}

static struct vs_reply *deferred(const struct vs_main_host *host, int token)
{
	struct fake_host *fake = of_main(host);

	return token == (int)fake->seen.deferred ? fake->reply : NULL;
}

static void answer_deferred(const struct vs_main_host *host, int token,
			    const struct vs_error *error)
{
	struct fake_host *fake = of_main(host);

	assert(token == (int)fake->seen.deferred);
	fake->seen.answered = !error;
}

static const struct vs_main_host main_services = {
	.struct_size = sizeof(struct vs_main_host),
	.switch_name = "fake",
	.workers = 1,
	.event = main_event,
	.kick = main_kick,
	.reconfigure = reconfigure,
	.random = main_random,
	.now_ns = main_now,
	.open_sink = open_sink,
	.close_sink = close_sink,
	.sink = main_sink,
	.wall_ns = main_wall,
	.invalidate = main_invalidate,
	.defer = defer,
	.deferred = deferred,
	.answer = answer_deferred,
	.sink_counts = sink_counts,
};

struct fake_host *fake_host_open(const struct vs_extension *extension)
{
	static const struct vs_pool_params params = {SMALL_FRAMES, BIG_FRAMES};
	struct fake_host *fake = calloc(1, sizeof(*fake));
	struct vs_error error = {0};
	int refused = 0;

	assert(fake);
	fake->extension = extension;
	fake->pool = vs_pool_create(&params);
	assert(fake->pool);
	fake->main = main_services;
	fake->walk.ops = &walk_ops;
	fake->wall_ns = UINT64_C(1700000000000000000);
	fake->call.struct_size = sizeof(fake->call);
	fake->call.now_ns = UINT64_C(1000000000);
	fake->call.host = &services;
	if (extension->attach) {
		fake->instance = extension->attach(&fake->main, &error);
		assert(fake->instance);
	}
	if (extension->shard_size) {
		fake->call.shard = calloc(1, extension->shard_size);
		assert(fake->call.shard);
	}
	if (extension->shard_open)
		refused = extension->shard_open(fake->instance,
						fake->call.shard, 0);
	assert(!refused);
	return fake;
}

static void retire(struct fake_host *fake, const struct vs_state *state)
{
	if (state && fake->extension->retire)
		fake->extension->retire(fake->instance, state);
}

int fake_configure(struct fake_host *fake, const struct vs_settings *settings,
		   struct vs_error *error)
{
	const struct vs_state *old = fake->state;
	const struct vs_state *state;

	state = fake->extension->configure(fake->instance, settings, error);
	if (!state)
		return -error->code;
	fake->state = state;
	fake->call.state = state;
	retire(fake, old);
	return 0;
}

void fake_host_close(struct fake_host *fake)
{
	const struct vs_extension *extension = fake->extension;
	unsigned int i;

	assert(fake->seen.held_count == 0);
	retire(fake, fake->state);
	if (extension->shard_close)
		extension->shard_close(fake->instance, fake->call.shard, 0);
	if (extension->detach)
		extension->detach(fake->instance);
	for (i = 0; i < fake->seen.emitted_count; i++)
		vs_packet_unref(fake->seen.emitted[i].packet);
	for (i = 0; i < fake->frame_count; i++)
		vs_packet_unref(fake->frames[i]);
	for (i = 0; i < FAKE_SINKS; i++)
		free(fake->seen.sinks[i].bytes);
	vs_pool_destroy(fake->pool);
	free(fake->call.shard);
	free(fake);
}

struct vs_port_info *fake_port(struct fake_host *fake, enum vs_port_kind kind,
			       uint16_t id, const char *name)
{
	const struct vs_extension *extension = fake->extension;
	struct vs_port_info *info;

	assert(fake->port_count < FAKE_PORTS);
	info = &fake->ports[fake->port_count++];
	info->struct_size = sizeof(*info);
	info->kind = (uint16_t)kind;
	info->id.value = id;
	info->mtu = 1500;
	info->up = true;
	info->mac =
		(struct vs_mac){{2, 0, 0, 1, (uint8_t)(id >> 8), (uint8_t)id}};
	snprintf(info->name, sizeof(info->name), "%s", name);
	if (extension->port_event)
		extension->port_event(fake->instance, VS_PORT_ADDED, info);
	return info;
}

struct vs_packet *fake_frame(struct fake_host *fake, const uint8_t *bytes,
			     uint32_t size, uint16_t id, uint32_t vsid)
{
	struct vs_packet *packet = take(fake, size);

	assert(fake->frame_count < FAKE_FRAMES);
	fake->frames[fake->frame_count++] = packet;
	memcpy((uint8_t *)(uintptr_t)packet->view.data, bytes, size);
	packet->view.port.value = id;
	packet->view.vsid.value = vsid;
	vs_packet_parse(packet);
	packet->edited = false;
	return packet;
}
