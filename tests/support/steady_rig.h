/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steady_rig.h: a switch for the tests of core/steady.h: ports vm and other in
 * one VSID, a monitor, a port in the provider's network, an uplink; frames from
 * one to the other, and how steady they left. Of one program each.
 */
#ifndef TESTS_SUPPORT_STEADY_RIG_H
#define TESTS_SUPPORT_STEADY_RIG_H

#include <vswitch/wire.h>

#include "core/acl.h"
#include "core/reason.h"
#include "core/xacl.h"
#include "packet/packet.h"
#include "tests/support/frames.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define TENANT	5001u
#define VM	2u
#define OTHER	3u
#define MONITOR 6u
#define HOST	7u /* in the provider's network, as the uplink */
#define UPLINK	9u
#define BEHIND	70u /* a MAC behind the wire */
#define MTU	1500u

static struct vs_changes changes;
static struct rig *rig;
static struct vs_port_plan *vm, *other, *uplink;
static uint8_t bytes[2048];

/* What left, in order. */
static struct {
	uint16_t port, steady;
} left[8];
static uint32_t left_count;

static inline void take(struct rig *of, const struct vs_outbox_entry *entry)
{
	(void)of;
	ck_assert_uint_lt(left_count, 8);
	left[left_count].port = entry->recipe.port.value;
	left[left_count++].steady = entry->steady;
}

static inline void open_rig(struct vs_changes *to_tell, bool uncached)
{
	struct vs_switch_params params = {.name = "steady",
					  .workers = 1,
					  .seed = 7,
					  .small_buffers = 64,
					  .big_buffers = 2,
					  .changes = to_tell,
					  .uncached = uncached};

	rig = rig_open(&params);
	rig->taker = take;
	vm = rig_port(rig, "vm", VM, TENANT);
	other = rig_port(rig, "other", OTHER, TENANT);
	rig_port(rig, "monitor", MONITOR, TENANT)->monitor = true;
	rig_port(rig, "host", HOST, 0);
	uplink = rig_uplink(rig, "uplink", UPLINK);
}

static inline void setup(void)
{
	memset(&changes, 0, sizeof(changes));
	left_count = 0;
	open_rig(&changes, false);
}

static inline void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

/* -- frames -----------------------------------------------------------------
 */

struct sent {
	uint8_t from, to; /* ports, and the last octets of MACs */
	bool ipv6;
	uint8_t protocol;
	uint16_t source, target; /* ports */
};

static inline struct sent tcp(uint8_t from, uint8_t to)
{
	return (struct sent){.from = from,
			     .to = to,
			     .protocol = VS_IP_TCP,
			     .source = 40000,
			     .target = 80};
}

/* From the very MACs that the rig's ports have; returns its size. */
static inline uint32_t build(const struct sent *sent)
{
	struct frames frame = frames_ethernet(bytes, sent->ipv6 ? VS_TYPE_IPV6
								: VS_TYPE_IPV4);

	bytes[5] = sent->to;
	bytes[11] = sent->from;
	if (sent->ipv6)
		frames_ipv6(&frame, sent->protocol);
	else
		frames_ipv4(&frame, sent->protocol);
	if (sent->protocol == VS_IP_TCP)
		frames_tcp(&frame, 1, 0x10);
	else
		frames_udp(&frame);
	vs_store16(bytes + frame.l4, sent->source);
	vs_store16(bytes + frame.l4 + 2, sent->target);
	memset(bytes + frame.size, 0x5a, 20);
	frame.size += 20;
	if (sent->protocol == VS_IP_TCP || sent->protocol == VS_IP_UDP)
		frames_finish(&frame, sent->protocol);
	else
		frames_finish_ip(&frame);
	return frame.size;
}

/* What is in `bytes`; the steadiness of the one entry that left. */
static inline uint16_t goes(uint16_t port, uint32_t size, uint16_t to)
{
	left_count = 0;
	rig_input(rig, port, bytes, size);
	ck_assert_uint_eq(left_count, 1);
	ck_assert_uint_eq(left[0].port, to);
	return left[0].steady;
}

static inline uint16_t steady_of(const struct sent *sent)
{
	return goes(sent->from, build(sent), sent->to);
}

/* A TCP frame from vm to other. */
static inline uint16_t steady(void)
{
	struct sent sent = tcp(VM, OTHER);

	return steady_of(&sent);
}

/* From the host to somebody whom it has heard. */
static inline uint16_t to_provider(void)
{
	struct sent sent = tcp(HOST, BEHIND), back = tcp(BEHIND, HOST);

	goes(UPLINK, build(&back), HOST);
	return goes(HOST, build(&sent), UPLINK);
}

#endif
