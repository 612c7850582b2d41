// SPDX-License-Identifier: Apache-2.0
/*
 * The wire's two ends: a fake translate extension answers in every way that
 * host.h allows, and core's own guards (CA guard, pa_spoof) ask it.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/rig.h"
#include "tests/support/suite.h"

enum way {
	NOTHING,
	ONE_RECIPE,
	THREE_RECIPES,
	BAD_PORT,
	BAD_SLICE,
	DROP,
	CONSUME,
	REFLECT,
	REFLECT_ALWAYS,
	HOLD,
	EMIT_UPLINK,
	EMIT_ADMIT,
};

static struct {
	enum way way;
	int result, claims;
	bool refuse;
	struct vs_claim claim;
	const struct vs_frame *held;
} told;

static struct rig *rig;
static uint8_t bytes[2048];

static int recipe(const struct vs_call *call, const struct vs_frame *frame)
{
	struct vs_recipe *to = call->host->recipe_open(call, frame);

	ck_assert_ptr_nonnull(to);
	memset(to->lead, 0xee, 42);
	to->lead_size = 42;
	to->offload.csum_start = VS_ABSENT;
	if (told.way == BAD_PORT)
		to->port.value = 2;
	if (told.way == BAD_SLICE)
		to->slice_offset = to->slice_size;
	return call->host->recipe_commit(call, to);
}

static void emit(const struct vs_call *call, enum vs_emit where, uint16_t to)
{
	struct vs_frame *frame =
		call->host->frame_new(call, 60, (struct vs_vsid){5001});

	rig_udp(vs_frame_edit(frame, 0, 60), 60, 60, 3);
	told.result =
		call->host->emit(call, frame, where, (struct vs_port_id){to},
				 (struct vs_port_id){0});
}

static void reflect(const struct vs_call *call, struct vs_outbound *outbound,
		    struct vs_vsid vsid)
{
	uint8_t header[14];

	memcpy(header, vs_view(vs_outbound_frame(outbound))->data, 14);
	header[5] = told.way == REFLECT ? 6 : 99;
	told.result = call->host->reflect(call, outbound, vsid, header, 14);
}

static void answer(const struct vs_call *call, struct vs_outbound *outbound)
{
	const struct vs_frame *frame = vs_outbound_frame(outbound);
	int i;

	switch (told.way) {
	case NOTHING:
		break;
	case THREE_RECIPES:
		for (i = 0; i < 3; i++)
			told.result = recipe(call, frame);
		vs_outbound_drop(outbound, VS_REASON_NO_UPLINK);
		break;
	case ONE_RECIPE:
	case BAD_PORT:
	case BAD_SLICE:
		told.result = recipe(call, frame);
		break;
	case DROP:
		vs_outbound_drop(outbound, VS_REASON(0));
		ck_assert_ptr_null(call->host->recipe_open(call, frame));
		break;
	case CONSUME:
		vs_outbound_consume(outbound, VS_CONSUMED_ARP_PROXY);
		break;
	case REFLECT:
	case REFLECT_ALWAYS:
		reflect(call, outbound, (struct vs_vsid){5002});
		break;
	case HOLD:
		told.result =
			call->host->hold_outbound(call, outbound, &told.held);
		break;
	case EMIT_UPLINK:
		emit(call, VS_EMIT_UPLINK, 9);
		vs_outbound_consume(outbound, VS_CONSUMED_NEIGHBOUR);
		break;
	case EMIT_ADMIT:
		emit(call, VS_EMIT_ADMIT, 0);
		vs_outbound_consume(outbound, VS_CONSUMED_EXTENSION);
		break;
	}
}

static void to_wire(const struct vs_call *call, struct vs_outbound_burst *burst)
{
	struct vs_outbound *outbound;

	VS_FOR_EACH (outbound, burst)
		answer(call, outbound);
}

/* The wire form of the fake: 4 bytes of VSID in front; 0xffffffff = broken. */
static void from_wire(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	(void)call;
	VS_FOR_EACH (frame, burst) {
		const uint8_t *at = vs_frame_at(frame, 0, 4);
		struct vs_vsid vsid;

		if (!at || at[0] != 0xaa)
			continue;
		vsid.value = vs_load32(at) & 0xffffff;
		vs_frame_set_vsid(frame, vsid);
		if (vsid.value > 5002)
			vs_drop(frame, VS_REASON(0));
		vs_frame_pull(frame, 4);
	}
}

static bool may_send(const struct vs_call *call, const struct vs_claim *claim)
{
	ck_assert_uint_eq(call->struct_size, sizeof(*call));
	told.claim = *claim;
	told.claims++;
	return !told.refuse;
}

/* 192.0.2.1 and 02:00:00:00:00:fe are the provider's. */
static bool is_provider_ip(const struct vs_state *state, const struct vs_ip *ip)
{
	struct vs_ip pa = vs_ip_from_v4((const uint8_t[]){192, 0, 2, 1});

	(void)state;
	return vs_ip_equal(ip, &pa);
}

static bool is_provider_mac(const struct vs_state *state,
			    const struct vs_mac *mac)
{
	(void)state;
	return mac->octet[0] == 2 && mac->octet[5] == 0xfe;
}

static bool is_remote(const struct vs_state *state, struct vs_vsid vsid,
		      const struct vs_mac *mac)
{
	(void)state;
	return vsid.value == 5001 && mac->octet[5] == 70;
}

static bool serves(const struct vs_state *state, struct vs_vsid vsid)
{
	(void)state;
	return vsid.value == 5001 || vsid.value == 5002;
}

static uint64_t tick(const struct vs_call *call)
{
	if (told.held) {
		told.result = recipe(call, told.held);
		call->host->release(call, told.held, VS_SENT, 0);
		told.held = NULL;
	}
	return UINT64_MAX;
}

static const struct vs_reason_entry reasons[] = {{1, "fake", "Fake."}};
static const struct vs_translate_class class = {
	.from_wire = from_wire,
	.to_wire = to_wire,
	.may_send = may_send,
	.is_provider_ip = is_provider_ip,
	.is_provider_mac = is_provider_mac,
	.is_remote = is_remote,
	.serves = serves,
};
static const struct vs_extension fake = {
	VS_EXTENSION_HEAD, .name = "fake",     .translate = &class,
	.tick = tick,	   .reasons = reasons, .reason_count = 1};

/* A forward extension that knows one way: to the wire. */
static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	VS_FOR_EACH (decision, burst)
		ck_assert_int_eq(
			vs_decision_add(decision,
					(struct vs_port_id){VS_PORT_EXTERNAL}),
			0);
}

static const struct vs_forward_class outwards_class = {.decide = decide};
static const struct vs_extension outwards = {
	VS_EXTENSION_HEAD, .name = "outwards", .forward = &outwards_class};

static void setup(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm6", 6, 5002);
	rig_port(rig, "host7", 7, 0);
	rig_uplink(rig, "wire", 9);
	rig_attach(rig, &fake);
	rig_publish(rig);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_flush(rig);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

static void send_udp(uint16_t port, uint8_t from, uint8_t to)
{
	rig_input(rig, port, bytes, rig_udp(bytes, 60, from, to));
}

static void from_provider(uint32_t vsid, uint8_t from, uint8_t to)
{
	vs_store32(bytes, 0xaa000000u | vsid);
	rig_udp(bytes + 4, 60, from, to);
	rig_input(rig, 9, bytes, 64);
}

START_TEST(remote_mac_goes_to_the_wire_as_a_recipe)
{
	told.way = ONE_RECIPE;
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 9);
	ck_assert_uint_eq(rig->sent[0].size, 102);
	ck_assert_uint_eq(rig->sent[0].bytes[0], 0xee);
	ck_assert_mem_eq(rig->sent[0].bytes + 42, bytes, 60);
}
END_TEST

START_TEST(recipes_of_one_frame_are_replicas)
{
	told.way = THREE_RECIPES;
	send_udp(2, 2, 99);
	ck_assert_uint_eq(rig->sent_count, 4);
	ck_assert_uint_eq(rig_total(rig).replicas, 3);
	ck_assert_uint_eq(rig_total(rig).sent, 4);
}
END_TEST

START_TEST(no_answer_is_untranslated)
{
	told.way = NOTHING;
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_UNTRANSLATED), 1);
	told.way = BAD_PORT;
	send_udp(2, 2, 70);
	ck_assert_int_eq(told.result, -EINVAL);
	told.way = BAD_SLICE;
	send_udp(2, 2, 70);
	ck_assert_int_eq(told.result, -EINVAL);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_UNTRANSLATED), 3);
	ck_assert_uint_eq(rig->sent_count, 0);
}
END_TEST

START_TEST(wire_drops_and_answers_are_booked)
{
	told.way = DROP;
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig_dropped(rig, VS_CORE_REASONS), 1);
	told.way = CONSUME;
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig_total(rig).consumed[VS_CONSUMED_ARP_PROXY], 1);
}
END_TEST

START_TEST(recipe_without_a_device_is_no_uplink)
{
	rig->plan[4].link = NULL;
	rig_publish(rig);
	told.way = ONE_RECIPE;
	send_udp(2, 2, 70);
	ck_assert_int_eq(told.result, 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_NO_UPLINK), 1);
}
END_TEST

START_TEST(routed_frame_comes_back_under_its_new_vsid)
{
	told.way = REFLECT;
	send_udp(2, 2, 70);
	ck_assert_int_eq(told.result, 0);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 6);
	ck_assert_uint_eq(rig->sent[0].bytes[5], 6);
	ck_assert_uint_eq(rig_total(rig).consumed[VS_CONSUMED_REFLECTED], 1);
	ck_assert_uint_eq(rig_total(rig).injected, 1);
}
END_TEST

START_TEST(flooded_frame_is_reflected_as_a_copy)
{
	told.way = REFLECT;
	send_udp(2, 2, 99);
	ck_assert_uint_eq(rig->sent_count, 2);
	ck_assert_uint_eq(rig->sent[0].port.value, 3);
	ck_assert_uint_eq(rig->sent[0].bytes[5], 99);
	ck_assert_uint_eq(rig->sent[1].port.value, 6);
	ck_assert_uint_eq(rig->sent[1].bytes[5], 6);
}
END_TEST

START_TEST(second_reflection_is_a_loop)
{
	told.way = REFLECT_ALWAYS;
	send_udp(2, 2, 70);
	ck_assert_int_eq(told.result, -ELOOP);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_REFLECT_LOOP), 1);
}
END_TEST

START_TEST(outbound_frame_waits_and_is_sent_from_a_tick)
{
	told.way = HOLD;
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig_total(rig).held, 1);
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_publish(rig); /* a new snapshot ticks */
	rig_tick(rig);
	ck_assert_int_eq(told.result, 0);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 9);
	ck_assert_uint_eq(rig_total(rig).held, 0);
}
END_TEST

START_TEST(what_waits_for_the_wire_is_lost_with_its_translator)
{
	struct vs_attachment *gone = rig->stack[0];

	told.way = HOLD;
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig_total(rig).held, 1);
	rig->stack_count = 0;
	rig_publish(rig);
	rig_tick(rig);
	ck_assert_uint_eq(rig_total(rig).held, 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_HOLD_LOST), 1);
	ck_assert(vs_attachment_idle(gone));
	vs_switch_detach(rig->sw, gone);
}
END_TEST

START_TEST(tenants_frame_for_the_wire_needs_a_translator)
{
	rig->stack_count = 0;
	rig_attach(rig, &outwards);
	rig_publish(rig);
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_NO_TRANSLATION), 1);
	ck_assert_uint_eq(rig->sent_count, 0);
}
END_TEST

START_TEST(copy_that_finds_no_buffer_is_not_reflected)
{
	struct vs_pool *pool = vs_worker_pool(vs_switch_worker(rig->sw, 0));
	struct vs_packet *taken = NULL, *packet;
	struct vs_packet *sent =
		rig_packet(rig, 2, bytes, rig_udp(bytes, 60, 2, 99));
	int i;

	for (i = 0; i < 2; i++) {
		while ((packet = vs_pool_take(pool, i == 1))) {
			packet->next = taken;
			taken = packet;
		}
	}
	told.way = REFLECT;
	rig_walk(rig, 2, sent);
	ck_assert_int_eq(told.result, -ENOBUFS);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_NO_BUFFER), 1);
	ck_assert_uint_eq(rig->sent_count, 1); /* to its neighbour */
	while ((packet = taken)) {
		taken = packet->next;
		vs_packet_unref(packet);
	}
}
END_TEST

START_TEST(own_frames_leave_raw_or_come_in_as_from_the_wire)
{
	told.way = EMIT_UPLINK;
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 9);
	ck_assert_uint_eq(rig->sent[0].size, 60);
	told.way = EMIT_ADMIT;
	send_udp(2, 2, 70);
	ck_assert_uint_eq(rig->sent_count, 2);
	ck_assert_uint_eq(rig->sent[1].port.value, 3);
}
END_TEST

START_TEST(frame_from_the_wire_reaches_its_vsid_only)
{
	from_provider(5001, 70, 2);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 2);
	rig_forget(rig);
	from_provider(5001, 70, 99);
	ck_assert_uint_eq(rig->sent_count, 2);
	rig_forget(rig);
	from_provider(5002, 70, 2);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 6);
}
END_TEST

START_TEST(vsid_that_nobody_knows_is_booked_under_none)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;
	uint64_t none = 0;

	from_provider(5003, 70, 2);
	while (vs_ledger_next(vs_switch_ledger(rig->sw), &cursor, &row))
		if (row.vsid == VS_LEDGER_NONE)
			none += row.received;
	ck_assert_uint_eq(none, 1);
	ck_assert_uint_eq(rig_dropped(rig, VS_CORE_REASONS), 1);
}
END_TEST

START_TEST(wire_may_not_take_a_local_mac)
{
	from_provider(5001, 3, 2);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_MAC_PINNED), 1);
	/* nor a local port one that policy places behind the wire */
	rig->plan[0].mac_guard = false;
	rig_publish(rig);
	send_udp(2, 70, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_MAC_PINNED), 2);
}
END_TEST

/* -- the customer-address guard
 * ------------------------------------------------- */

START_TEST(guard_asks_for_the_ip_source)
{
	send_udp(2, 2, 3);
	ck_assert_int_eq(told.claims, 1);
	ck_assert_uint_eq(told.claim.kind, VS_CLAIM_IP);
	ck_assert_uint_eq(told.claim.vsid.value, 5001);
	ck_assert_uint_eq(told.claim.mac.octet[5], 2);
	ck_assert_uint_eq(told.claim.ip.octet[15], 2);
	told.refuse = true;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_CA_SPOOF), 1);
	rig->plan[0].ca_guard = false;
	rig_publish(rig);
	send_udp(2, 2, 3);
	send_udp(7, 7, 99);
	ck_assert_int_eq(told.claims, 2);
}
END_TEST

static void arp(uint8_t sender_mac, uint32_t sender)
{
	uint8_t *at = bytes + 14;

	memset(bytes, 0, 60);
	memset(bytes, 0xff, 6);
	bytes[6] = 2;
	bytes[11] = 2;
	vs_store16(bytes + 12, VS_TYPE_ARP);
	vs_store16(at, 1);
	vs_store16(at + 2, VS_TYPE_IPV4);
	at[4] = 6;
	at[5] = 4;
	vs_store16(at + 6, 1);
	at[8] = 2;
	at[13] = sender_mac;
	vs_store32(at + 14, sender);
	vs_store32(at + 24, 0x0a000003);
}

START_TEST(guard_asks_for_the_arp_sender)
{
	told.way = CONSUME;
	arp(2, 0x0a000002);
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(told.claim.kind, VS_CLAIM_ARP);
	ck_assert_uint_eq(told.claim.ip.octet[15], 2);
	arp(2, 0);
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(told.claim.kind, VS_CLAIM_NONE);
	arp(3, 0x0a000002);
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ARP_SPOOF), 1);
	arp(2, 0x0a000002);
	vs_store16(bytes + 14, 6); /* IEEE 802: Linux would believe it */
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ARP_SPOOF), 2);
	told.refuse = true;
	arp(2, 0x0a000003);
	rig_input(rig, 2, bytes, 60);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ARP_SPOOF), 3);
}
END_TEST

/* An advertisement for 2001:db8::`target` from fe80::2 with `mac` in it. */
static uint32_t advert(uint8_t target, uint8_t mac)
{
	uint8_t *ip = bytes + 14, *nd = ip + 40;

	memset(bytes, 0, 86);
	bytes[0] = 2;
	bytes[5] = 3;
	bytes[6] = 2;
	bytes[11] = 2;
	vs_store16(bytes + 12, VS_TYPE_IPV6);
	ip[0] = 0x60;
	vs_store16(ip + 4, 32);
	ip[6] = VS_IP_ICMP6;
	ip[7] = 255;
	vs_store16(ip + 8, 0xfe80);
	ip[23] = 2;
	vs_store16(ip + 24, 0xfe80);
	ip[39] = 3;
	nd[0] = VS_ND_ADVERT;
	vs_store32(nd + 8, 0x20010db8);
	nd[23] = target;
	nd[24] = 2;
	nd[25] = 1;
	nd[26] = 2;
	nd[31] = mac;
	return 86;
}

START_TEST(guard_asks_for_what_neighbour_discovery_claims)
{
	rig_input(rig, 2, bytes, advert(2, 2));
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_int_eq(told.claims, 2);
	ck_assert_uint_eq(told.claim.kind, VS_CLAIM_ND);
	ck_assert_uint_eq(told.claim.ip.octet[15], 2);
	rig_input(rig, 2, bytes, advert(2, 3));
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ND_SPOOF), 1);
	advert(2, 2);
	bytes[14 + 40 + 25] = 0;
	rig_input(rig, 2, bytes, 86);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ND_SPOOF), 2);
}
END_TEST

/* fe80::1 may be the gateway's: policy must be asked, with the address. */
START_TEST(guard_asks_for_link_local_addresses_too)
{
	advert(2, 2);
	memset(bytes + 14 + 48, 0, 16);
	vs_store16(bytes + 14 + 48, 0xfe80);
	bytes[14 + 63] = 1;
	rig_input(rig, 2, bytes, 86);
	ck_assert_int_eq(told.claims, 2);
	ck_assert_uint_eq(told.claim.kind, VS_CLAIM_ND);
	ck_assert_uint_eq(told.claim.ip.octet[0], 0xfe);
	ck_assert_uint_eq(told.claim.ip.octet[15], 1);
	told.refuse = true;
	rig_input(rig, 2, bytes, 86);
	ck_assert_int_eq(told.claims, 3);
	ck_assert_uint_eq(told.claim.kind, VS_CLAIM_ND);
	ck_assert_uint_eq(told.claim.ip.octet[0], 0xfe);
}
END_TEST

START_TEST(advertisement_of_a_mapped_address_is_a_spoof)
{
	advert(2, 2);
	memset(bytes + 14 + 48, 0, 16);
	vs_store32(bytes + 14 + 56, 0x0000ffff);
	vs_store32(bytes + 14 + 60, 0x0a000002);
	rig_input(rig, 2, bytes, 86);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ND_SPOOF), 1);
}
END_TEST

/* -- the provider guard
 * -------------------------------------------------------- */

static uint64_t pa_spoofs(void)
{
	return rig_dropped(rig, VS_REASON_PA_SPOOF);
}

START_TEST(pass_through_may_not_pose_as_the_provider)
{
	send_udp(7, 7, 99);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 9);
	rig_udp(bytes, 60, 7, 99);
	vs_store32(bytes + 26, 0xc0000201);
	rig_input(rig, 7, bytes, 60);
	ck_assert_uint_eq(pa_spoofs(), 1);
	rig_udp(bytes, 60, 7, 99);
	vs_store16(bytes + 36, VS_UDP_VXLAN);
	rig_input(rig, 7, bytes, 60);
	ck_assert_uint_eq(pa_spoofs(), 2);
	rig_udp(bytes, 60, 7, 99);
	bytes[23] = VS_IP_GRE;
	vs_store16(bytes + 36, VS_TYPE_TEB);
	rig_input(rig, 7, bytes, 60);
	ck_assert_uint_eq(pa_spoofs(), 3);
	vs_store16(bytes + 36, VS_TYPE_IPV4);
	rig_input(rig, 7, bytes, 60);
	ck_assert_uint_eq(pa_spoofs(), 3);
	arp(7, 0xc0000201);
	bytes[11] = 7;
	rig_input(rig, 7, bytes, 60);
	ck_assert_uint_eq(pa_spoofs(), 4);
	arp(0xfe, 0x0a000007);
	bytes[11] = 7;
	rig_input(rig, 7, bytes, 60);
	ck_assert_uint_eq(pa_spoofs(), 5);
	rig->plan[3].mac_guard = false;
	rig_publish(rig);
	send_udp(7, 0xfe, 99);
	ck_assert_uint_eq(pa_spoofs(), 6);
}
END_TEST

static void add_tests(TCase *tcase)
{
	tcase_add_test(tcase, remote_mac_goes_to_the_wire_as_a_recipe);
	tcase_add_test(tcase, recipes_of_one_frame_are_replicas);
	tcase_add_test(tcase, no_answer_is_untranslated);
	tcase_add_test(tcase, wire_drops_and_answers_are_booked);
	tcase_add_test(tcase, recipe_without_a_device_is_no_uplink);
	tcase_add_test(tcase, routed_frame_comes_back_under_its_new_vsid);
	tcase_add_test(tcase, flooded_frame_is_reflected_as_a_copy);
	tcase_add_test(tcase, second_reflection_is_a_loop);
	tcase_add_test(tcase, outbound_frame_waits_and_is_sent_from_a_tick);
	tcase_add_test(tcase,
		       what_waits_for_the_wire_is_lost_with_its_translator);
	tcase_add_test(tcase, tenants_frame_for_the_wire_needs_a_translator);
	tcase_add_test(tcase, copy_that_finds_no_buffer_is_not_reflected);
	tcase_add_test(tcase, own_frames_leave_raw_or_come_in_as_from_the_wire);
	tcase_add_test(tcase, frame_from_the_wire_reaches_its_vsid_only);
	tcase_add_test(tcase, vsid_that_nobody_knows_is_booked_under_none);
	tcase_add_test(tcase, wire_may_not_take_a_local_mac);
	tcase_add_test(tcase, guard_asks_for_the_ip_source);
	tcase_add_test(tcase, guard_asks_for_the_arp_sender);
	tcase_add_test(tcase, guard_asks_for_what_neighbour_discovery_claims);
	tcase_add_test(tcase, guard_asks_for_link_local_addresses_too);
	tcase_add_test(tcase, advertisement_of_a_mapped_address_is_a_spoof);
	tcase_add_test(tcase, pass_through_may_not_pose_as_the_provider);
}

int main(void)
{
	Suite *suite = suite_create("wire_ends");
	TCase *tcase = tcase_create("wire_ends");

	tcase_add_checked_fixture(tcase, setup, teardown);
	add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
