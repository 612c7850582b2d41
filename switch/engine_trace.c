/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_trace.c: `trace PORT 'DESCRIPTION'`: one synthetic frame through the
 * real core on the probe worker. What the description leaves out is found the
 * way a VM finds it (engine_resolve.c).
 *
 * A frame that left another host's uplink can go on here: the other daemon says
 * its bytes (`hex`), and here they come in (`bytes`) at the uplink that has
 * their target.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "engine_methods.h"
#include "engine_resolve.h"
#include "engine_switch.h"
#include "packet/hex.h"

#define WIRE_SIZE 2048u /* of a frame that goes on at another host */

enum trace_param { TRACE_PORT, TRACE_FRAME, TRACE_BYTES, TRACE_HEX };

struct trace {
	struct engine_walk walk; /* first: the tracer finds it */
	struct vs_reply *reply;
	char verdict[320];
};

static void trace_line(struct vs_tracer *tracer, const char *station,
		       const char *text)
{
	struct trace *trace = (struct trace *)tracer;

	trace->reply->ops->open_row(trace->reply, NULL);
	trace->reply->ops->text(trace->reply, "station", station);
	trace->reply->ops->text(trace->reply, "text", text);
	trace->reply->ops->close(trace->reply);
	snprintf(trace->verdict, sizeof(trace->verdict), "%s: %s", station,
		 text);
}

/* -- the walk that is shown
 * ----------------------------------------------------------- */

static const char *const encapsulation_names[] = {
	[VS_ENCAP_NONE] = "none",
	[VS_ENCAP_NVGRE] = "nvgre",
	[VS_ENCAP_VXLAN] = "vxlan",
	[VS_ENCAP_GRE] = "gre",
};

/* What the link would send: lead and slice, and a checksum that is left to it
 * made whole. */
static void reply_hex(struct vs_reply *reply, const struct vs_recipe *recipe)
{
	uint32_t size = recipe->lead_size + recipe->slice_size, i;
	uint16_t start = recipe->offload.csum_start;
	uint8_t bytes[WIRE_SIZE];
	char text[2 * WIRE_SIZE + 1];

	if (size > WIRE_SIZE || recipe->offload.gso != VS_GSO_NONE)
		return;
	memcpy(bytes, recipe->lead, recipe->lead_size);
	memcpy(bytes + recipe->lead_size,
	       vs_view(recipe->frame)->data + recipe->slice_offset,
	       recipe->slice_size);
	if (start != VS_ABSENT)
		vs_store16(bytes + start + recipe->offload.csum_offset,
			   vs_checksum(vs_sum(0, bytes + start, size - start)));
	for (i = 0; i < size; i++)
		hex_write(bytes[i], text + 2 * i);
	text[2 * size] = '\0';
	reply->ops->text(reply, "hex", text);
}

static void reply_recipes(struct trace *trace, struct vs_reply *reply, bool hex)
{
	const struct vs_outbox *outbox = &trace->walk.outbox;

	reply->ops->open_list(reply, "recipes");
	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct vs_recipe *recipe = &outbox->entry[i].recipe;

		reply->ops->open_row(reply, NULL);
		reply->ops->text(reply, "port",
				 engine_port_name(trace->walk.port->owner,
						  recipe->port));
		reply->ops->number(reply, "bytes",
				   recipe->lead_size + recipe->slice_size);
		reply->ops->text(reply, "encapsulation",
				 encapsulation_names[recipe->encapsulation]);
		if (hex)
			reply_hex(reply, recipe);
		reply->ops->close(reply);
	}
	reply->ops->close(reply);
}

/* Where it leaves; else the last word of the walk. */
static const char *verdict_of(struct trace *trace)
{
	const struct engine_switch *es = trace->walk.port->owner;
	uint16_t count = trace->walk.outbox.count;
	const char *first;

	if (!count)
		return trace->verdict;
	first = engine_port_name(es, trace->walk.outbox.entry[0].recipe.port);
	if (count == 1)
		snprintf(trace->verdict, sizeof(trace->verdict), "leaves by %s",
			 first);
	else
		snprintf(trace->verdict, sizeof(trace->verdict),
			 "leaves by %s and %u more", first, count - 1u);
	return trace->verdict;
}

/* -- which frame, and where it comes in ---------------------------------------
 */

/* The size, or -EINVAL. */
static int read_hex(const char *text, uint8_t *bytes, struct vs_error *error)
{
	size_t length = strlen(text), i;
	int high, low;

	if (length % 2 || length / 2 > WIRE_SIZE ||
	    length / 2 < VS_ETHERNET_SIZE + 4) {
		vs_error_set(error, EINVAL, "bytes",
			     "18 to %u bytes, two hex digits each", WIRE_SIZE);
		return -EINVAL;
	}
	for (i = 0; i < length / 2; i++) {
		high = hex_digit(text[2 * i]);
		low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0) {
			vs_error_set(error, EINVAL, "bytes", "no hex digit");
			return -EINVAL;
		}
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return (int)(length / 2);
}

static bool target_of(const uint8_t *bytes, int size, struct vs_ip *target)
{
	const uint8_t *ip = bytes + VS_ETHERNET_SIZE;
	int left = size - (int)VS_ETHERNET_SIZE;

	if (vs_load16(ip - 2) == VS_TYPE_VLAN) {
		ip += 4;
		left -= 4;
	}
	if (vs_load16(ip - 2) == VS_TYPE_IPV4 && left >= (int)VS_IPV4_SIZE)
		*target = vs_ip_from_v4(ip + 16);
	else if (vs_load16(ip - 2) == VS_TYPE_IPV6 && left >= (int)VS_IPV6_SIZE)
		*target = vs_ip_from_v6(ip + 24);
	else
		return false;
	return true;
}

static bool takes(const struct engine_port *port, const struct vs_ip *target)
{
	const struct port_filter *filter = &port->filter;

	for (uint16_t i = 0; i < filter->address_count; i++)
		if (vs_ip_equal(&filter->addresses[i], target))
			return true;
	for (uint16_t i = 0; i < filter->range_count; i++)
		if (memcmp(&filter->ranges[i].first, target, 16) <= 0 &&
		    memcmp(&filter->ranges[i].last, target, 16) >= 0)
			return true;
	return false;
}

/* The uplink that has what the frame is addressed to. */
static struct engine_port *uplink_for(struct engine *engine,
				      const uint8_t *bytes, int size,
				      struct vs_error *error)
{
	char text[VS_IP_TEXT] = "no address";
	struct vs_ip target;
	bool is_ip = target_of(bytes, size, &target);

	if (is_ip)
		vs_ip_format(&target, text);
	for (struct engine_switch *es = engine->switches; is_ip && es;
	     es = es->next)
		for (struct engine_port *p = es->ports; p; p = p->next)
			if (p->intent.driver == DRIVER_UPLINK &&
			    takes(p, &target))
				return p;
	vs_error_set(error, ENOENT, "bytes",
		     "no uplink here has %s: the other host's frame does not "
		     "come to this one",
		     text);
	return NULL;
}

/* The bytes to walk from walk.port; their size, or -errno. */
static int trace_frame(struct trace *trace, struct engine *engine,
		       struct request_call *call, uint8_t *bytes,
		       struct vs_error *error)
{
	const struct vs_value *port = request_value(call, TRACE_PORT);
	const struct vs_value *hex = request_value(call, TRACE_BYTES);
	const struct vs_value *frame = request_value(call, TRACE_FRAME);
	struct engine_port *at;
	struct describe d;
	int size = 0;

	if (frame->present == hex->present || (!port->present && !hex->present))
		return vs_error_set(error, EINVAL, "frame",
				    "say a port and a frame, as in web 'tcp "
				    "10.0.0.7:443'");
	if (hex->present)
		size = read_hex(hex->text, bytes, error);
	if (size < 0)
		return size;
	at = port->present ? engine_find_port(engine, port->text, error)
			   : uplink_for(engine, bytes, size, error);
	if (!at)
		return -ENOENT;
	engine_walk_begin(&trace->walk, at);
	if (hex->present)
		return size;
	size = describe_parse(frame->text, &d, error);
	if (!size) {
		d.vsid = engine_resolve_vsid(at, &d);
		size = engine_resolve(at, &d, error);
	}
	return size ? size
		    : describe_build(&d, bytes, DESCRIBE_FRAME_SIZE, error);
}

static int trace_run(struct trace *trace, struct engine *engine,
		     struct request_call *call, struct vs_error *error)
{
	const struct vs_value *hex = request_value(call, TRACE_HEX);
	uint8_t bytes[DESCRIBE_FRAME_SIZE];
	int result = trace_frame(trace, engine, call, bytes, error);

	if (result < 0)
		return result;
	trace->walk.tracer.line = trace_line;
	trace->reply = request_reply(call);
	trace->reply->ops->open_list(trace->reply, "lines");
	result = engine_walk(&trace->walk, bytes, result, error);
	trace->reply->ops->close(trace->reply);
	if (result)
		return result;
	reply_recipes(trace, trace->reply, hex->present && hex->truth);
	trace->reply->ops->text(trace->reply, "verdict", verdict_of(trace));
	engine_walk_end(&trace->walk);
	return 0;
}

void engine_trace(struct request_engine *methods, struct request_call *call)
{
	struct vs_error error = {0};
	struct trace *trace = calloc(1, sizeof(*trace));
	int result;

	if (!trace)
		result = vs_error_set(&error, ENOMEM, "", "no memory");
	else
		result = trace_run(trace, engine_of_methods(methods), call,
				   &error);
	free(trace);
	if (result)
		request_refuse(call, &error);
	else
		request_finish(call);
}
