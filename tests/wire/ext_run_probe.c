// SPDX-License-Identifier: Apache-2.0
/*
 * ext_run_probe.c: a filter that does what a frame's EtherType says, for
 * ext_run.sh: each answer and each service once.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>
#include <vswitch/wire.h>

enum what {
	DROP = 0x88b5,
	CONSUME,
	HOLD,
	EDIT,
	ANSWER,
	BREAK_A_RULE,
	TELL,
	LEAVE_NOWHERE,
};

#define WAIT_NS UINT64_C(100000000)

struct vs_shard {
	struct vs_frame *held;
	uint64_t until;
};

static void answer(const struct vs_call *call, struct vs_frame *frame)
{
	struct vs_frame *copy = call->host->frame_copy(call, frame);

	if (copy)
		call->host->emit(call, copy, VS_EMIT_PORT, vs_view(frame)->port,
				 vs_view(frame)->port);
	vs_consume(frame, VS_CONSUMED_EXTENSION);
}

static void hold(const struct vs_call *call, struct vs_frame *frame)
{
	if (call->host->hold(call, frame))
		return;
	call->shard->held = frame;
	call->shard->until = call->now_ns + WAIT_NS;
	call->host->tick_at(call, call->shard->until);
}

static void judge(const struct vs_call *call, struct vs_frame *frame)
{
	switch (vs_view(frame)->ether_type) {
	case DROP:
		vs_drop(frame, VS_REASON(0));
		break;
	case CONSUME:
		vs_consume(frame, VS_CONSUMED_EXTENSION);
		break;
	case HOLD:
		hold(call, frame);
		break;
	case EDIT:
		*vs_frame_edit(frame, VS_ETHERNET_SIZE, 1) ^= 0xff;
		break;
	case ANSWER:
		answer(call, frame);
		break;
	case BREAK_A_RULE:
		vs_drop(frame, VS_REASON(7));
		break;
	case TELL:
		call->host->event(call, 0, "a frame told me to");
		break;
	default:
		break;
	}
}

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	call->host->count(call, 0, burst->count);
	VS_FOR_EACH (frame, burst)
		judge(call, frame);
}

static void egress(const struct vs_call *call, struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;

	(void)call;
	VS_FOR_EACH (delivery, burst)
		if (vs_view(vs_delivery_frame(delivery))->ether_type ==
		    LEAVE_NOWHERE)
			vs_delivery_drop(delivery, VS_REASON(1));
}

static uint64_t tick(const struct vs_call *call)
{
	struct vs_shard *shard = call->shard;

	if (!shard->held)
		return UINT64_MAX;
	if (call->now_ns < shard->until)
		return shard->until;
	call->host->release(call, shard->held, VS_PASS, 0);
	shard->held = NULL;
	return UINT64_MAX;
}

static const struct vs_filter_class filter = {ingress, egress};

static const struct vs_named counters[] = {{"seen", "Frames on the way in."}};
static const struct vs_named events[] = {{"told", "A frame asked for it."}};
static const struct vs_reason_entry reasons[] = {
	{1, "not_wanted", "The frame said so; send another."},
	{2, "not_there", "The frame said so on its way out."},
};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "ext_run_probe",
	.version = "1",
	.guid = "0d4c7b1e-9a57-4c2e-8a55-6f1f0a6f2d31",
	.help = "does what frames say",
	.filter = &filter,
	.shard_size = sizeof(struct vs_shard),
	.tick = tick,
	.counters = counters,
	.counter_count = 1,
	.events = events,
	.event_count = 1,
	.reasons = reasons,
	.reason_count = 2,
};
