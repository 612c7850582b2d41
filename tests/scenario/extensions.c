// SPDX-License-Identifier: Apache-2.0
/*
 * extensions.c: what `extension NAME` and a document's stack can load: the
 * product's wnv and passthrough, and small ones of each class, linked in.
 * `pass` looks at everything and does nothing; `no-udp` drops UDP on ingress;
 * `no-flood` takes all but the first destination away.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "tests/scenario/script.h"

static void pass_ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;
	uint64_t bytes = 0;

	VS_FOR_EACH (frame, burst)
		bytes += vs_view(frame)->size;
	call->host->count(call, 0, bytes);
}

static const struct vs_named pass_counters[] = {{"bytes", "Bytes seen."}};
static const struct vs_filter_class pass_class = {.ingress = pass_ingress};
static const struct vs_extension pass = {
	VS_EXTENSION_HEAD, .name = "pass", .filter = &pass_class,
	.counters = pass_counters, .counter_count = 1};

static void no_udp_ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	(void)call;
	VS_FOR_EACH (frame, burst)
		if (vs_view(frame)->protocol == VS_IP_UDP)
			vs_drop(frame, VS_REASON(0));
}

static const struct vs_reason_entry no_udp_reasons[] = {
	{1, "udp", "UDP is not wanted here."}};
static const struct vs_filter_class no_udp_class = {.ingress = no_udp_ingress};
static const struct vs_extension no_udp = {
	VS_EXTENSION_HEAD, .name = "no-udp", .filter = &no_udp_class,
	.reasons = no_udp_reasons, .reason_count = 1};

static void no_flood_egress(const struct vs_call *call,
			    struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;
	struct vs_port_id port;

	(void)call;
	VS_FOR_EACH (delivery, burst) {
		port = vs_delivery_next(delivery, (struct vs_port_id){0});
		while ((port = vs_delivery_next(delivery, port)).value)
			vs_delivery_exclude(delivery, port, VS_REASON(0));
	}
}

static const struct vs_reason_entry no_flood_reasons[] = {
	{1, "not_first", "Only the first destination is served."}};
static const struct vs_filter_class no_flood_class = {.egress =
							      no_flood_egress};
static const struct vs_extension no_flood = {
	VS_EXTENSION_HEAD, .name = "no-flood", .filter = &no_flood_class,
	.reasons = no_flood_reasons, .reason_count = 1};

/* The build names their descriptors apart. */
extern const struct vs_extension script_wnv, script_passthrough;

const struct vs_extension *script_extension(const char *name)
{
	static const struct vs_extension *const known[] = {
		&pass, &no_udp, &no_flood, &script_wnv, &script_passthrough};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i]->name, name) == 0)
			return known[i];
	return NULL;
}
