// SPDX-License-Identifier: Apache-2.0
/*
 * mirror-to-socket: what a port sends and gets, as a stream of bytes to a
 * client of the control socket. Each frame stands behind its size in four
 * bytes, most significant first. A model of sinks: the client passes one end of
 * a socket or pipe with the call (vswitch-rpc(7)); workers put records into a
 * ring; when the client goes, so does the sink.
 *
 *	method.call {"verb": "mirror", "arguments": {"port": "web"}}
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/extension.h>
#include <vswitch/wire.h>

#define LOOK_NS UINT64_C(1000000000)

struct vs_state {
	uint32_t sink; /* 0: nobody looks */
	struct vs_port_id port;
};

struct instance {
	struct vs_instance base; /* first */
	int sink;
	char port[VS_PORT_NAME_SIZE];
};

static struct instance *instance_of(struct vs_instance *base)
{
	return (struct instance *)base;
}

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct instance *instance = calloc(1, sizeof(*instance));

	if (!instance) {
		vs_error_set(error, ENOMEM, "", "no memory");
		return NULL;
	}
	instance->base.host = host;
	return &instance->base;
}

static void detach(struct vs_instance *base)
{
	struct instance *instance = instance_of(base);

	if (instance->sink)
		base->host->close_sink(base->host, instance->sink);
	free(instance);
}

/* -- the state: which sink, which port ---------------------------------------
 */

static const struct vs_state *configure(struct vs_instance *base,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	const struct instance *instance = instance_of(base);
	const struct vs_noun *noun = settings->ops->noun(settings, "port");
	struct vs_state *state = calloc(1, sizeof(*state));
	const struct vs_object *port = NULL;

	if (!state) {
		vs_error_set(error, ENOMEM, "", "no memory");
		return NULL;
	}
	while (instance->sink &&
	       (port = settings->ops->next(settings, noun, NULL, port))) {
		const struct vs_port_info *info =
			settings->ops->port(settings, port);

		if (!info || strcmp(info->name, instance->port) != 0)
			continue;
		state->sink = (uint32_t)instance->sink;
		state->port = info->id;
	}
	return state;
}

static void retire(struct vs_instance *base, const struct vs_state *state)
{
	union {
		const struct vs_state *lent;
		struct vs_state *own;
	} handle = {.lent = state};

	(void)base;
	free(handle.own);
}

static int mirror(struct vs_instance *base, const struct vs_value *values,
		  struct vs_reply *reply, struct vs_error *error)
{
	struct instance *instance = instance_of(base);
	int sink;

	if (instance->sink)
		return vs_error_set(error, EBUSY, "", "somebody looks at %s",
				    instance->port);
	sink = base->host->open_sink(base->host, NULL, error);
	if (sink < 0)
		return sink;
	instance->sink = sink;
	strncpy(instance->port, values[0].text, sizeof(instance->port) - 1);
	base->host->reconfigure(base->host);
	reply->ops->text(reply, "mirrored", instance->port);
	return 0;
}

/* Is the client still there? */
static uint64_t tick_main(struct vs_instance *base, uint64_t now_ns)
{
	struct instance *instance = instance_of(base);

	if (instance->sink && base->host->sink(base->host, instance->sink, NULL,
					       NULL, 0) == -EPIPE) {
		base->host->close_sink(base->host, instance->sink);
		instance->sink = 0;
		base->host->reconfigure(base->host);
	}
	return now_ns + LOOK_NS;
}

/* -- the packet path --------------------------------------------------------
 */

static void put(const struct vs_call *call, const struct vs_frame *frame)
{
	const struct vs_view *view = vs_view(frame);
	uint8_t head[4];
	const uint8_t *pieces[] = {head, view->data};
	uint32_t sizes[] = {sizeof(head), view->size};

	vs_store32(head, view->size);
	if (call->host->sink(call, call->state->sink, pieces, sizes, 2) < 0)
		call->host->count(call, 0, 1);
}

static void ingress(const struct vs_call *call,
		    const struct vs_capture_burst *burst)
{
	const struct vs_frame *frame;

	if (!call->state->sink)
		return;
	VS_FOR_EACH (frame, burst)
		if (vs_port_equal(vs_view(frame)->port, call->state->port))
			put(call, frame);
}

static void egress(const struct vs_call *call,
		   const struct vs_sight_burst *burst)
{
	const struct vs_delivery *delivery;

	if (!call->state->sink)
		return;
	VS_FOR_EACH (delivery, burst)
		if (vs_delivery_has(delivery, call->state->port))
			put(call, vs_delivery_frame(delivery));
}

static const struct vs_capture_class capture = {.ingress = ingress,
						.egress = egress};

static const struct vs_field arguments[] = {
	{.name = "port",
	 .kind = VS_KIND_NAME,
	 .flags = VS_FIELD_REQUIRED,
	 .refers = "port",
	 .help = "whose frames"},
};
static const struct vs_method methods[] = {
	{.verb = "mirror",
	 .arguments = arguments,
	 .argument_count = 1,
	 .run = mirror,
	 .help = "write a port's frames to the fd that came with the call"},
};
static const struct vs_named counters[] = {
	{"lost", "Frames that the client was too slow for."}};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "mirror-to-socket",
	.version = "1",
	.guid = "a94d2f0e-6b1c-4f43-9d2e-0c7e5b8f1a63",
	.help = "writes a port's frames to a client's socket",
	.capture = &capture,
	.attach = attach,
	.detach = detach,
	.configure = configure,
	.retire = retire,
	.tick_main = tick_main,
	.methods = methods,
	.method_count = 1,
	.counters = counters,
	.counter_count = 1,
};
