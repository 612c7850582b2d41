// SPDX-License-Identifier: Apache-2.0
/*
 * The descriptor of the capture extension, its states, its method and the
 * hooks of the main thread. spec.c reads what is wanted, record.c is the packet
 * path.
 */
#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_NS	     UINT64_C(1000000000)
#define TICK_SOON_NS UINT64_C(100000000)

static struct instance *instance_of(struct vs_instance *base)
{
	return (struct instance *)base; /* base is the first member */
}

/* -- states ---------------------------------------------------------------- */

/* The stream that already does this, with a reference, or a new one. */
static struct stream *obtain(struct instance *instance, const struct spec *spec,
			     struct vs_error *error)
{
	struct stream *stream;

	for (stream = instance->streams; stream; stream = stream->next) {
		if (memcmp(&stream->spec, spec, sizeof(*spec)) == 0 &&
		    spec->name[0]) {
			stream->references++;
			return stream;
		}
	}
	return stream_create(instance, spec, error);
}

static void state_free(struct instance *instance, struct vs_state *state)
{
	uint32_t i;

	for (i = 0; i < state->stream_count; i++)
		stream_unref(instance, state->streams[i]);
	free(state);
}

static void retire(struct vs_instance *base, const struct vs_state *state)
{
	state_free(instance_of(base), (struct vs_state *)(uintptr_t)state);
}

static int add_stream(struct vs_state *state, struct stream *stream,
		      struct vs_error *error)
{
	if (state->stream_count == STREAMS_MAXIMUM)
		return vs_error_set(error, ENOSPC, "",
				    "at most %u captures run at once: delete "
				    "one",
				    STREAMS_MAXIMUM);
	stream->references++;
	state->streams[state->stream_count++] = stream;
	return 0;
}

static int add_object(struct instance *instance, struct vs_state *state,
		      const struct vs_settings_ops *ops,
		      const struct vs_object *object, struct vs_error *error)
{
	struct stream *stream;
	struct spec spec;
	uint32_t i;
	int result;

	spec_of_object(&spec, ops, object);
	for (i = 0; i < state->stream_count; i++)
		if (strcmp(state->streams[i]->spec.file, spec.file) == 0)
			return vs_error_set(error, EEXIST, "",
					    "capture %s writes to %s already: "
					    "choose another file",
					    state->streams[i]->spec.name,
					    spec.file);
	stream = obtain(instance, &spec, error);
	if (!stream)
		return -error->code;
	result = add_stream(state, stream, error);
	stream_unref(instance, stream);
	return result;
}

static int add_objects(struct instance *instance, struct vs_state *state,
		       const struct vs_settings *settings,
		       struct vs_error *error)
{
	const struct vs_settings_ops *ops = settings->ops;
	const struct vs_noun *noun = ops->noun(settings, "capture");
	const struct vs_object *object = NULL;
	int result;

	while (noun && (object = ops->next(settings, noun, NULL, object))) {
		result = add_object(instance, state, ops, object, error);
		if (result) {
			ops->place(object, NULL, error);
			return result;
		}
	}
	return 0;
}

static void activate(struct instance *instance, struct vs_state *state)
{
	struct active *active;
	uint32_t i;

	for (i = 0; i < state->stream_count; i++) {
		if (state->streams[i]->sink <= 0)
			continue;
		active = &state->active[state->active_count++];
		stream_activate(instance, state->streams[i], active);
		state->ingress |= active->ingress;
		state->egress |= active->egress;
		state->wire |= active->wire;
	}
}

static const struct vs_state *configure(struct vs_instance *base,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	const struct vs_main_host *host = base->host;
	struct instance *instance = instance_of(base);
	struct stream *stream;
	struct vs_state *state;
	int result;

	state = calloc(1, sizeof(*state) +
				  STREAMS_MAXIMUM * sizeof(struct active));
	if (!state) {
		vs_error_set(error, ENOMEM, "", "no memory for captures");
		return NULL;
	}
	result = add_objects(instance, state, settings, error);
	for (stream = instance->streams; stream && !result;
	     stream = stream->next)
		if (stream->live)
			result = add_stream(state, stream, error);
	if (result) {
		state_free(instance, state);
		return NULL;
	}
	state->wall_offset =
		(int64_t)(host->wall_ns(host) - host->now_ns(host));
	activate(instance, state);
	return state;
}

/* -- life ------------------------------------------------------------------ */

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct instance *instance = calloc(1, sizeof(*instance));

	if (!instance) {
		vs_error_set(error, ENOMEM, "", "no memory for captures");
		return NULL;
	}
	instance->base.host = host;
	instance->ports[0].id.value = VS_PORT_EXTERNAL;
	snprintf(instance->ports[0].name, sizeof(instance->ports[0].name),
		 "external");
	instance->port_count = 1;
	return &instance->base;
}

static void detach(struct vs_instance *base)
{
	struct instance *instance = instance_of(base);

	while (instance->streams) {
		instance->streams->references = 1;
		stream_unref(instance, instance->streams);
	}
	free(instance);
}

static void port_event(struct vs_instance *base, enum vs_port_change change,
		       const struct vs_port_info *port)
{
	struct instance *instance = instance_of(base);
	uint32_t i;

	if (change != VS_PORT_ADDED && change != VS_PORT_REMOVED)
		return;
	for (i = 0; i < instance->port_count; i++)
		if (vs_port_equal(instance->ports[i].id, port->id))
			break;
	if (change == VS_PORT_REMOVED) {
		if (i == instance->port_count)
			return;
		instance->port_count--;
		instance->ports[i] = instance->ports[instance->port_count];
		instance->uplinks[i] = instance->uplinks[instance->port_count];
	} else if (i < VS_PORTS_MAXIMUM) {
		instance->ports[i].id = port->id;
		snprintf(instance->ports[i].name,
			 sizeof(instance->ports[i].name), "%s", port->name);
		instance->uplinks[i] = port->kind == VS_PORT_UPLINK;
		instance->port_count += i == instance->port_count;
	}
	if (instance->streams)
		base->host->reconfigure(base->host);
}

/* An errno that ended the stream's sink; 0: it takes records. */
static int broken(const struct vs_main_host *host, const struct stream *stream)
{
	struct vs_sink_counts counts = {0};

	if (stream->sink <= 0)
		return 0;
	if (host->sink_counts(host, stream->sink, &counts))
		return EIO;
	return counts.error;
}

/* Opens what states want and nobody opened; ends what nobody reads, or what
 * can't be written. */
static uint64_t tick_main(struct vs_instance *base, uint64_t now_ns)
{
	const struct vs_main_host *host = base->host;
	struct instance *instance = instance_of(base);
	struct stream *stream, *next;
	struct vs_error error = {0};
	bool opened = false;
	int failure;

	for (stream = instance->streams; stream; stream = next) {
		next = stream->next;
		losses_look(instance, stream, LOSSES_GO_ON);
		failure = broken(host, stream);
		if (failure && stream->live) {
			stream_end(instance, stream, STREAM_BROKEN);
		} else if (failure) {
			stream_fail(instance, stream, failure);
		} else if (stream->live && stream->spec.port[0] &&
			   !stream_has_port(instance, &stream->spec)) {
			stream_end(instance, stream, STREAM_PORT);
		} else if (!stream->sink) {
			if (stream_open(instance, stream, &error))
				host->event(host, EVENT_FAILED, error.text);
			else
				opened = true;
		}
	}
	if (opened)
		host->reconfigure(host);
	return now_ns + (instance->streams ? TICK_SOON_NS : TICK_NS);
}

static bool has_all(const struct stream *stream)
{
	return stream->spec.count &&
	       atomic_load(&stream->taken) >= stream->spec.count;
}

static void noted(struct vs_instance *base, const struct vs_note *note)
{
	struct instance *instance = instance_of(base);
	struct stream *stream;
	uint32_t number;

	if (note->kind != NOTE_ENDED)
		return;
	memcpy(&number, note->bytes, sizeof(number));
	for (stream = instance->streams; stream; stream = stream->next)
		if (stream->number == number)
			break;
	if (!stream)
		return;
	if (stream->live)
		stream_end(instance, stream,
			   has_all(stream) ? STREAM_COUNT : STREAM_BROKEN);
	else
		tick_main(base, base->host->now_ns(base->host));
}

static void status(struct vs_instance *base, const struct vs_noun *noun,
		   const char *parent_key, const char *key,
		   struct vs_reply *reply)
{
	const struct vs_reply_ops *ops = reply->ops;
	const struct stream *stream = instance_of(base)->streams;

	(void)noun;
	(void)parent_key;
	while (stream && strcmp(stream->spec.name, key) != 0)
		stream = stream->next;
	if (!stream)
		return;
	ops->text(reply, spec_fields[FIELD_STATE].name,
		  stream->sink > 0 ? "writing"
		  : stream->sink   ? "failed"
				   : "waiting");
	ops->number(reply, spec_fields[FIELD_FRAMES].name,
		    losses_written(stream));
	ops->number(reply, spec_fields[FIELD_LOST].name, losses_of(stream));
}

/* -- the method ------------------------------------------------------------ */

static uint32_t live_count(const struct instance *instance)
{
	const struct stream *stream;
	uint32_t count = 0;

	for (stream = instance->streams; stream; stream = stream->next)
		count++;
	return count;
}

static int run_stream(struct vs_instance *base, const struct vs_value *values,
		      struct vs_reply *reply, struct vs_error *error)
{
	struct instance *instance = instance_of(base);
	struct stream *stream;
	struct spec spec;
	int result;

	spec_of_arguments(&spec, values);
	if (spec.port[0] && !stream_has_port(instance, &spec))
		return vs_error_set(error, ENOENT, "",
				    "no %s %s on this switch: see vsctl show",
				    spec.wire ? "uplink" : "port", spec.port);
	if (live_count(instance) >= STREAMS_MAXIMUM)
		return vs_error_set(error, ENOSPC, "",
				    "%u captures run already: end one",
				    STREAMS_MAXIMUM);
	stream = stream_create(instance, &spec, error);
	if (!stream)
		return -error->code;
	stream->live = true;
	result = stream_open(instance, stream, error);
	if (result) {
		stream_unref(instance, stream);
		return result;
	}
	reply->ops->number(reply, "stream", stream->number);
	reply->ops->text(reply, "switch", base->host->switch_name);
	base->host->reconfigure(base->host);
	return 0;
}

/* -- the descriptor -------------------------------------------------------- */

static const struct vs_noun nouns[] = {
	{.name = "capture",
	 .member = "captures",
	 .parent = "switch",
	 .fields = spec_fields,
	 .field_count = FIELDS,
	 .help = "frames of a port or the wire, written to a pcapng file"},
};

static const struct vs_method methods[] = {
	{.noun = "capture",
	 .verb = "stream",
	 .arguments = spec_arguments,
	 .argument_count = ARGUMENTS,
	 .run = run_stream,
	 .help = "sends pcapng to the caller until it stops reading"},
	{.noun = "capture",
	 .verb = "ended",
	 .arguments = ended_arguments,
	 .argument_count = ENDED_ARGUMENTS,
	 .run = ended_run,
	 .help = "why a stream ended: count, port (it is gone), broken"},
};

static const struct vs_named counters[] = {
	[COUNT_WRITTEN] = {"frames_written", "Frames given to the writer."},
	[COUNT_LOST] = {"frames_lost",
			"Frames that matched, but had no room: in the writer, "
			"the reader's pipe or the file."},
};

static const struct vs_named events[] = {
	[EVENT_FAILED] = {"capture_failed", "A capture file cannot be "
					    "written."},
	[EVENT_ENDED] = {"capture_ended", "A capture file takes no more "
					  "frames."},
};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "capture",
	.version = "1",
	.guid = "0d0f5f3c-5f0b-4b0e-9a83-7f4c1f3a6e52",
	.help = "frames to pcapng: any port, direction, or the wire",
	.capture = &capture_class,
	.attach = attach,
	.detach = detach,
	.configure = configure,
	.retire = retire,
	.shard_size = sizeof(struct vs_shard),
	.port_event = port_event,
	.tick_main = tick_main,
	.noted = noted,
	.noted_shard = losses_counted,
	.status = status,
	.nouns = nouns,
	.noun_count = 1,
	.methods = methods,
	.method_count = sizeof(methods) / sizeof(methods[0]),
	.counters = counters,
	.counter_count = 2,
	.events = events,
	.event_count = 2,
};
