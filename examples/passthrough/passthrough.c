// SPDX-License-Identifier: Apache-2.0
/*
 * passthrough: the smallest filter. It looks at every frame of its switch in
 * both directions and answers none, so all pass. Start your own from here: a
 * hook that answers calls vs_drop() with a reason of a `reasons` table.
 */
#include <vswitch/extension.h>

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	call->host->count(call, 0, burst->count);
}

static void egress(const struct vs_call *call, struct vs_delivery_burst *burst)
{
	call->host->count(call, 1, burst->count);
}

static const struct vs_filter_class filter = {ingress, egress};

static const struct vs_named counters[] = {
	{"frames_in", "Frames that came from a port or the wire."},
	{"frames_out", "Frames on their way to their destinations."},
};

const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "passthrough",
	.version = "1",
	.guid = "5b1f0a3e-6c1d-4b58-9a0e-2f7f6f3c9d11",
	.help = "passes every frame and counts it",
	.filter = &filter,
	.counters = counters,
	.counter_count = 2,
};
