// SPDX-License-Identifier: Apache-2.0
/*
 * xacl_saved.c: flows to bytes and back. Decides nothing about them:
 * xacl_flow.c does. Before this file: the engine's port.save and .restore.
 *
 *   "vsflows1" | flow ...
 *   flow: local, remote (16 bytes each), VSID (4), local port, remote port,
 *         seconds since its last frame (2 each), protocol, direction (1 each)
 */
#include "core/xacl_saved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#define HEAD   8u
#define RECORD 44u
#define SECOND UINT64_C(1000000000)

static const uint8_t head[HEAD] = {'v', 's', 'f', 'l', 'o', 'w', 's', '1'};

static void write_flow(uint8_t *at, const struct xacl_flow *flow)
{
	memcpy(at, flow->local.octet, 16);
	memcpy(at + 16, flow->remote.octet, 16);
	vs_store32(at + 32, flow->vsid.value);
	vs_store16(at + 36, flow->local_port);
	vs_store16(at + 38, flow->remote_port);
	vs_store16(at + 40, (uint16_t)(flow->age_ns / SECOND));
	at[42] = flow->protocol;
	at[43] = flow->inbound;
}

static void read_flow(const uint8_t *at, struct xacl_flow *flow)
{
	*flow = (struct xacl_flow){
		.local = vs_ip_from_v6(at),
		.remote = vs_ip_from_v6(at + 16),
		.vsid = {vs_load32(at + 32)},
		.local_port = vs_load16(at + 36),
		.remote_port = vs_load16(at + 38),
		.age_ns = vs_load16(at + 40) * SECOND,
		.protocol = at[42],
		.inbound = at[43] & 1,
	};
}

int64_t xacl_save(struct vs_switch *sw, struct vs_port_id port, uint8_t **bytes)
{
	struct xacl_flow flow;
	uint64_t cursor = 0;
	uint32_t count = 0;

	*bytes = malloc(HEAD + XACL_SAVED_FLOWS * RECORD);
	if (!*bytes)
		return -ENOMEM;
	memcpy(*bytes, head, HEAD);
	while (count < XACL_SAVED_FLOWS &&
	       vs_switch_flow_next(sw, port, &cursor, &flow))
		write_flow(*bytes + HEAD + (size_t)count++ * RECORD, &flow);
	if (count)
		return HEAD + (int64_t)count * RECORD;
	free(*bytes);
	*bytes = NULL;
	return 0;
}

int64_t xacl_restore(struct vs_switch *sw, struct vs_port_id port,
		     const uint8_t *bytes, size_t size, struct vs_error *error)
{
	struct xacl_flow flow;
	int64_t taken = 0;
	size_t at;

	if (size < HEAD || memcmp(bytes, head, HEAD) != 0 ||
	    (size - HEAD) % RECORD || size > HEAD + XACL_SAVED_FLOWS * RECORD)
		return vs_error_set(error, EINVAL, "bytes",
				    "these are no flows of an ACL that this "
				    "version can read; leave them out");
	for (at = HEAD; at < size; at += RECORD) {
		read_flow(bytes + at, &flow);
		if (vs_ip_is_v4(&flow.local) == vs_ip_is_v4(&flow.remote))
			taken += vs_switch_flow_add(sw, port, &flow);
	}
	return taken;
}
