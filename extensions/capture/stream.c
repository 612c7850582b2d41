// SPDX-License-Identifier: Apache-2.0
/*
 * A stream's life on the main thread: made, opened, described, ended, freed.
 */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream *stream_create(struct instance *instance, const struct spec *spec,
			     struct vs_error *error)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		vs_error_set(error, ENOMEM, "", "no memory for a capture");
		return NULL;
	}
	if (filter_compile(&stream->filter, spec->expression, error)) {
		free(stream);
		return NULL;
	}
	memcpy(&stream->spec, spec, sizeof(*spec)); /* compared as bytes */
	stream->number = ++instance->next_number;
	stream->references = 1;
	stream->next = instance->streams;
	instance->streams = stream;
	return stream;
}

void stream_unref(struct instance *instance, struct stream *stream)
{
	const struct vs_main_host *host = instance->base.host;
	struct stream **link = &instance->streams;

	if (--stream->references)
		return;
	while (*link != stream)
		link = &(*link)->next;
	*link = stream->next;
	losses_look(instance, stream, LOSSES_END);
	if (stream->sink > 0)
		host->close_sink(host, stream->sink);
	filter_free(stream->filter);
	free(stream);
}

static int write_main(const struct instance *instance,
		      const struct stream *stream, const uint8_t *block,
		      uint32_t size)
{
	const struct vs_main_host *host = instance->base.host;

	return host->sink(host, stream->sink, &block, &size, 1);
}

int stream_open(struct instance *instance, struct stream *stream,
		struct vs_error *error)
{
	const struct vs_main_host *host = instance->base.host;
	uint8_t block[PCAPNG_BLOCK_SIZE];
	int sink, result;

	sink = host->open_sink(host, stream->live ? NULL : stream->spec.file,
			       error);
	stream->sink = sink ? sink : -EIO;
	if (sink <= 0)
		return stream->sink;
	result = write_main(instance, stream, block,
			    pcapng_section(block, "vswitch capture"));
	if (!result)
		return 0;
	host->close_sink(host, sink);
	stream->sink = result;
	return vs_error_set(error, -result, "",
			    "the capture's header cannot be written: %s",
			    strerror(-result));
}

/* Provider form: asked for, or an uplink is named. */
static bool is_wire(const struct instance *instance, const struct spec *spec)
{
	uint32_t i;

	for (i = 0; i < instance->port_count; i++)
		if (instance->uplinks[i] &&
		    strcmp(instance->ports[i].name, spec->port) == 0)
			return true;
	return spec->wire;
}

/* The number of the port's interface block, written now if there is none. */
static uint32_t describe(struct instance *instance, struct stream *stream,
			 const struct interface *port, bool wire)
{
	uint8_t block[PCAPNG_BLOCK_SIZE];
	uint32_t i, size;

	for (i = 0; i < stream->interface_count; i++)
		if (vs_port_equal(stream->interfaces[i].id, port->id) &&
		    strcmp(stream->interfaces[i].name, port->name) == 0)
			return i;
	if (stream->interface_count == VS_PORTS_MAXIMUM)
		return NO_INTERFACE;
	size = pcapng_interface(block, port->name,
				wire ? "provider side" : "customer side",
				stream->spec.snap);
	if (write_main(instance, stream, block, size))
		return NO_INTERFACE;
	stream->interfaces[stream->interface_count] = *port;
	return stream->interface_count++;
}

void stream_activate(struct instance *instance, struct stream *stream,
		     struct active *active)
{
	const struct spec *spec = &stream->spec;
	const struct interface *port;
	uint32_t i;

	memset(active, 0, sizeof(*active));
	active->stream = stream;
	active->filter = stream->filter;
	active->sink = (uint32_t)stream->sink;
	active->snap = spec->snap;
	active->count = spec->count;
	active->wire = is_wire(instance, spec);
	active->ingress = !active->wire && spec->direction != CAPTURE_EGRESS;
	active->egress = !active->wire && spec->direction != CAPTURE_INGRESS;
	/* a port that is not there yet: nothing has this number */
	active->port.value = spec->port[0] ? VS_PORTS_MAXIMUM : 0;
	for (i = 0; i < VS_PORTS_MAXIMUM; i++)
		active->interfaces[i] = NO_INTERFACE;
	for (i = 0; i < instance->port_count; i++) {
		port = &instance->ports[i];
		if (active->wire != instance->uplinks[i] ||
		    (spec->port[0] && strcmp(spec->port, port->name) != 0))
			continue;
		active->interfaces[port->id.value] =
			describe(instance, stream, port, active->wire);
		if (spec->port[0])
			active->port = port->id;
	}
}

bool stream_has_port(const struct instance *instance, const struct spec *spec)
{
	uint32_t i;

	for (i = 0; i < instance->port_count; i++)
		if (strcmp(instance->ports[i].name, spec->port) == 0 &&
		    (!spec->wire || instance->uplinks[i]))
			return true;
	return false;
}

void stream_end(struct instance *instance, struct stream *stream,
		enum stream_end why)
{
	if (!stream->live)
		return;
	stream->live = false;
	ended_note(instance, stream, why);
	instance->base.host->reconfigure(instance->base.host);
	stream_unref(instance, stream);
}

void stream_fail(struct instance *instance, struct stream *stream, int error)
{
	const struct vs_main_host *host = instance->base.host;
	char text[FILE_SIZE + 80];

	snprintf(text, sizeof(text), "%s: %s", stream->spec.file,
		 strerror(error));
	host->event(host, EVENT_ENDED, text);
	losses_look(instance, stream, LOSSES_END);
	host->close_sink(host, stream->sink);
	stream->sink = -error;
	host->reconfigure(host);
}
