/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What extended ACLs read of others, over any bytes in a block of exactly
 * their size. One byte first: 0: a frame; an ICMP error's quoted packet has the
 * ends that its other side sees, of its own family. Else: flows that a port
 * saved on another host; refused with a reason and nothing taken, or taken as
 * flows of that port and its VSID only, which are saved and taken once more.
 */
#include <vswitch/wire.h>

#include "core/xacl_quote.h"
#include "core/xacl_saved.h"
#include "tests/support/fuzz.h"
#include "tests/support/rig.h"

#define LARGEST	 65536u
#define VM	 2u
#define VSID	 5001u
#define SECOND	 UINT64_C(1000000000)
#define SAVED(n) ((n) ? 8 + (int64_t)(n)*44 : 0)

/* -- a frame ----------------------------------------------------------------
 */

static void check_ends(const struct xacl_tuple *in,
		       const struct xacl_tuple *out)
{
	must(vs_ip_equal(&in->local, &out->remote));
	must(vs_ip_equal(&in->remote, &out->local));
	must(vs_ip_is_v4(&in->local) == !in->ipv6);
	must(vs_ip_is_v4(&in->remote) == !in->ipv6);
	must(in->local_port == out->remote_port || in->protocol == VS_IP_ICMP ||
	     in->protocol == VS_IP_ICMP6);
}

static void read_frame(uint8_t *block, uint32_t size)
{
	struct xacl_tuple in, out;
	struct vs_view view;

	if (size < VS_ETHERNET_SIZE)
		return;
	fuzz_view(&view, block, size);
	if (xacl_quoted(&view, true, &in)) {
		must(xacl_quoted(&view, false, &out));
		check_ends(&in, &out);
	}
	must(xacl_tuple_of(&view, true, &in) ==
	     xacl_tuple_of(&view, false, &out));
}

/* -- saved flows ------------------------------------------------------------
 */

static struct rig *rig_made(void)
{
	static const struct vs_xacl_rule rule = {.allow = true,
						 .stateful = true,
						 .weight = 1,
						 .protocol =
							 VS_XACL_PROTOCOL_ANY,
						 .local_ports = {1, 0},
						 .remote_ports = {1, 0},
						 .idle_s = 600};
	const struct vs_switch_params params = {
		.workers = 1, .flows = 256, .flows_per_vsid = 256};
	struct rig *rig = rig_open(&params);

	rig_port(rig, "vm", VM, VSID)->xacl = vs_xacl_build(NULL, &rule, 1, 1);
	rig_port(rig, "other", VM + 1, VSID)->xacl =
		vs_xacl_build(NULL, &rule, 1, 1);
	rig_publish(rig);
	rig_advance(rig, 70000 * SECOND); /* any age is one of its life */
	return rig;
}

static int64_t flows_of(struct rig *rig, uint16_t port)
{
	struct xacl_flow flow;
	uint64_t cursor = 0;
	int64_t count = 0;

	while (vs_switch_flow_next(rig->sw, (struct vs_port_id){port}, &cursor,
				   &flow)) {
		must(flow.vsid.value == VSID && !flow.inbound);
		must(flow.idle_s == 600);
		must(flow.age_ns <= flow.idle_s * SECOND);
		count++;
	}
	return count;
}

static void take_again(struct rig *rig, int64_t count)
{
	const struct vs_port_id vm = {VM};
	struct vs_error error = {.code = 0};
	uint8_t *saved = NULL;
	int64_t size = xacl_save(rig->sw, vm, &saved);

	must(size == SAVED(count));
	if (size)
		must(xacl_restore(rig->sw, vm, saved, (size_t)size, &error) ==
		     count);
	must(flows_of(rig, VM) == count);
	free(saved);
}

static void take_saved(const uint8_t *block, uint32_t size)
{
	static struct rig *rig;
	struct vs_error error = {.code = 0};
	int64_t taken, count;

	if (!rig)
		rig = rig_made();
	rig_advance(rig, 700 * SECOND); /* no flow of the input before */
	must(flows_of(rig, VM) == 0);
	taken = xacl_restore(rig->sw, (struct vs_port_id){VM}, block, size,
			     &error);
	count = flows_of(rig, VM);
	must(taken < 0 ? error.text[0] && !count : count <= taken);
	must(flows_of(rig, VM + 1) == 0);
	take_again(rig, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t *block;

	if (size > LARGEST || size < 2)
		return 0;
	block = fuzz_block(bytes + 1, size - 1);
	if (bytes[0] == 0)
		read_frame(block, (uint32_t)size - 1);
	else
		take_saved(block, (uint32_t)size - 1);
	free(block);
	return 0;
}
