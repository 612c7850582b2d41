// SPDX-License-Identifier: Apache-2.0
/*
 * flowstats: who talks most, per VSID. A model of the capture class: it looks
 * and answers nothing.
 *
 *	vsctl flowstats top vsid=5001 count=10
 *
 * Each worker counts in its shard, which nobody else may touch, and tells the
 * instance once a second what has come since, by notes; the instance, on the
 * main thread, adds up and answers. A frame counts for its sender where it
 * enters, once, however many get it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>

#include "talkers.h"

#define TELL_NS	     UINT64_C(1000000000)
#define SHARD_SIZE   64u
#define TABLE_SIZE   1024u
#define COUNT_SHOWN  10u
#define NOTE_TALKERS (VS_NOTE_SIZE / sizeof(struct talker))
_Static_assert(NOTE_TALKERS >= 1, "a note holds a talker");

struct vs_shard {
	uint64_t told_ns;
	struct talkers talkers;
	struct talker place[SHARD_SIZE];
};

struct instance {
	struct vs_instance base; /* first */
	struct talkers talkers;
	struct talker place[TABLE_SIZE];
};

static struct instance *instance_of(struct vs_instance *base)
{
	return (struct instance *)base;
}

/* -- the worker's part ------------------------------------------------------
 */

static void identify(struct talker *who, const struct vs_view *view)
{
	memset(who, 0, sizeof(*who));
	who->vsid = view->vsid;
	if (view->flags & VS_FRAME_IPV4)
		who->ip = vs_ip_from_v4(view->data + view->l3 + 12);
	else if (view->flags & VS_FRAME_IPV6)
		who->ip = vs_ip_from_v6(view->data + view->l3 + 8);
	else
		memcpy(who->mac.octet, view->data + 6, 6);
	who->frames = 1;
	who->bytes = view->size;
}

enum { FRAMES, BYTES };
static const struct vs_named counters[] = {
	[FRAMES] = {"frames", "Frames of senders that were counted."},
	[BYTES] = {"bytes", "Their bytes."},
};

static void ingress(const struct vs_call *call,
		    const struct vs_capture_burst *burst)
{
	const struct vs_frame *frame;
	uint64_t frames = 0, bytes = 0;
	struct talker who;

	if (call->tracing)
		return;
	VS_FOR_EACH (frame, burst) {
		if (vs_view(frame)->flags &
		    (VS_FRAME_INJECTED | VS_FRAME_REFLECTED))
			continue;
		identify(&who, vs_view(frame));
		talkers_add(&call->shard->talkers, &who);
		frames++;
		bytes += who.bytes;
	}
	call->host->count(call, FRAMES, frames);
	call->host->count(call, BYTES, bytes);
}

/* What a note has no room for now is told later. */
static void tell(const struct vs_call *call)
{
	struct talkers *talkers = &call->shard->talkers;

	while (talkers->count) {
		struct vs_note note = {.kind = 1};
		uint32_t count = talkers->count;

		if (count > NOTE_TALKERS)
			count = NOTE_TALKERS;
		note.size = (uint16_t)(count * sizeof(struct talker));
		memcpy(note.bytes, &talkers->of[talkers->count - count],
		       note.size);
		if (call->host->post(call, &note) < 0)
			return;
		talkers->count -= count;
	}
}

static uint64_t tick(const struct vs_call *call)
{
	struct vs_shard *shard = call->shard;

	if (call->now_ns >= shard->told_ns + TELL_NS) {
		shard->told_ns = call->now_ns;
		tell(call);
	}
	return shard->told_ns + TELL_NS;
}

static int shard_open(struct vs_instance *base, struct vs_shard *shard,
		      uint16_t worker)
{
	(void)base;
	(void)worker;
	shard->talkers.of = shard->place;
	shard->talkers.size = SHARD_SIZE;
	return 0;
}

/* -- the main thread's part -------------------------------------------------
 */

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct instance *instance = calloc(1, sizeof(*instance));

	if (!instance) {
		vs_error_set(error, ENOMEM, "", "no memory");
		return NULL;
	}
	instance->base.host = host;
	instance->talkers.of = instance->place;
	instance->talkers.size = TABLE_SIZE;
	return &instance->base;
}

static void detach(struct vs_instance *base)
{
	free(instance_of(base));
}

static void noted(struct vs_instance *base, const struct vs_note *note)
{
	struct talker who;

	for (uint32_t at = 0; at + sizeof(who) <= note->size;
	     at += (uint32_t)sizeof(who)) {
		memcpy(&who, note->bytes + at, sizeof(who));
		talkers_add(&instance_of(base)->talkers, &who);
	}
}

enum { ARGUMENT_VSID, ARGUMENT_COUNT, ARGUMENTS };
static const struct vs_field arguments[] = {
	[ARGUMENT_VSID] = {.name = "vsid",
			   .kind = VS_KIND_VSID,
			   .unset = "all",
			   .help = "of this subnet alone"},
	[ARGUMENT_COUNT] = {.name = "count",
			    .kind = VS_KIND_NUMBER,
			    .minimum = 1,
			    .maximum = TABLE_SIZE,
			    .unset = "10",
			    .help = "so many at the most"},
};
_Static_assert(sizeof(arguments) / sizeof(arguments[0]) == ARGUMENTS,
	       "all arguments");

static void show(struct vs_reply *reply, const struct talker *who)
{
	char ip[VS_IP_TEXT], mac[VS_MAC_TEXT];

	reply->ops->open_row(reply, NULL);
	if (vs_vsid_is_vlan(who->vsid))
		reply->ops->number(reply, "vlan", vs_vsid_vlan(who->vsid));
	else
		reply->ops->number(reply, "vsid", who->vsid.value);
	reply->ops->text(reply, "sender",
			 vs_mac_is_zero(&who->mac)
				 ? vs_ip_format(&who->ip, ip)
				 : vs_mac_format(&who->mac, mac));
	reply->ops->number(reply, "bytes", who->bytes);
	reply->ops->number(reply, "frames", who->frames);
	reply->ops->number(reply, "error", who->inherited);
	reply->ops->close(reply);
}

static int top(struct vs_instance *base, const struct vs_value *values,
	       struct vs_reply *reply, struct vs_error *error)
{
	struct talkers *talkers = &instance_of(base)->talkers;
	const struct vs_value *vsid = &values[ARGUMENT_VSID];
	uint64_t left = values[ARGUMENT_COUNT].present
				? values[ARGUMENT_COUNT].number
				: COUNT_SHOWN;

	(void)error;
	talkers_sort(talkers);
	reply->ops->open_list(reply, "talkers");
	for (uint32_t i = 0; i < talkers->count && left; i++) {
		if (vsid->present &&
		    talkers->of[i].vsid.value != vsid->vsid.value)
			continue;
		show(reply, &talkers->of[i]);
		left--;
	}
	reply->ops->close(reply);
	return 0;
}

static int forget(struct vs_instance *base, const struct vs_value *values,
		  struct vs_reply *reply, struct vs_error *error)
{
	(void)values;
	(void)error;
	reply->ops->number(reply, "forgotten",
			   instance_of(base)->talkers.count);
	instance_of(base)->talkers.count = 0;
	return 0;
}

static const struct vs_method methods[] = {
	{.verb = "top",
	 .arguments = arguments,
	 .argument_count = ARGUMENTS,
	 .run = top,
	 .help = "who sent most; bytes may be too many by error"},
	{.verb = "forget", .run = forget, .help = "begin to count anew"},
};

static const struct vs_capture_class capture = {.ingress = ingress};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "flowstats",
	.version = "1",
	.guid = "b7f2b1de-54e0-4f0c-8f0a-91d1e7a9a0c4",
	.help = "counts who sends most, per VSID",
	.capture = &capture,
	.attach = attach,
	.detach = detach,
	.shard_size = sizeof(struct vs_shard),
	.shard_open = shard_open,
	.tick = tick,
	.noted = noted,
	.methods = methods,
	.method_count = 2,
	.counters = counters,
	.counter_count = 2,
};
