// SPDX-License-Identifier: Apache-2.0
/*
 * Which entries of the outbox stand for their flow (core/steady.h), what takes
 * it back (vs_switch_params.changes), and how frames that went past the worker
 * get into the books.
 */
#include <string.h>

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

static _Atomic uint64_t changes;
static struct rig *rig;
static struct vs_port_plan *vm, *other, *uplink;
static uint8_t bytes[2048];

/* What left, in order. */
static struct {
	uint16_t port, steady;
} left[8];
static uint32_t left_count;

static void take(struct rig *of, const struct vs_outbox_entry *entry)
{
	(void)of;
	ck_assert_uint_lt(left_count, 8);
	left[left_count].port = entry->recipe.port.value;
	left[left_count++].steady = entry->steady;
}

static void open_rig(_Atomic uint64_t *counter, bool uncached)
{
	struct vs_switch_params params = {.name = "steady",
					  .workers = 1,
					  .seed = 7,
					  .small_buffers = 64,
					  .big_buffers = 2,
					  .changes = counter,
					  .uncached = uncached};

	rig = rig_open(&params);
	rig->taker = take;
	vm = rig_port(rig, "vm", VM, TENANT);
	other = rig_port(rig, "other", OTHER, TENANT);
	rig_port(rig, "monitor", MONITOR, TENANT)->monitor = true;
	rig_port(rig, "host", HOST, 0);
	uplink = rig_uplink(rig, "uplink", UPLINK);
}

static void setup(void)
{
	changes = 0;
	left_count = 0;
	open_rig(&changes, false);
}

static void teardown(void)
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

static struct sent tcp(uint8_t from, uint8_t to)
{
	return (struct sent){.from = from,
			     .to = to,
			     .protocol = VS_IP_TCP,
			     .source = 40000,
			     .target = 80};
}

/* From the very MACs that the rig's ports have; returns its size. */
static uint32_t build(const struct sent *sent)
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
static uint16_t goes(uint16_t port, uint32_t size, uint16_t to)
{
	left_count = 0;
	rig_input(rig, port, bytes, size);
	ck_assert_uint_eq(left_count, 1);
	ck_assert_uint_eq(left[0].port, to);
	return left[0].steady;
}

static uint16_t steady_of(const struct sent *sent)
{
	return goes(sent->from, build(sent), sent->to);
}

/* A TCP frame from vm to other. */
static uint16_t steady(void)
{
	struct sent sent = tcp(VM, OTHER);

	return steady_of(&sent);
}

/* -- which ------------------------------------------------------------------
 */

START_TEST(frame_of_a_flow_from_port_to_port_is_steady)
{
	static const uint8_t protocols[] = {VS_IP_TCP, VS_IP_UDP};

	rig_publish(rig);
	for (int i = 0; i < 4; i++) {
		struct sent sent = tcp(VM, OTHER);

		sent.ipv6 = i / 2;
		sent.protocol = protocols[i % 2];
		ck_assert_uint_eq(steady_of(&sent), MTU);
		sent = tcp(OTHER, VM);
		ck_assert_uint_eq(steady_of(&sent), MTU);
	}
}
END_TEST

START_TEST(packets_that_admit_lets_in_are_the_limit)
{
	vm->info.mtu = 1400;
	rig_publish(rig);
	ck_assert_uint_eq(steady(), 1400);
	other->info.mtu = 1300; /* of no matter here: its link's is */
	vm->info.mtu = 65535;
	rig_publish(rig);
	ck_assert_uint_eq(steady(), 65535);
	vm->info.mtu = 0; /* unknown: any */
	rig_publish(rig);
	ck_assert_uint_eq(steady(), UINT16_MAX);
}
END_TEST

START_TEST(without_anybody_to_tell_nothing_is_steady)
{
	rig_close(rig);
	open_rig(NULL, false);
	rig_publish(rig);
	ck_assert_uint_eq(steady(), 0);
	ck_assert_uint_eq(steady(), 0);
}
END_TEST

START_TEST(frames_of_no_flow_are_not)
{
	struct sent sent = tcp(VM, OTHER);
	uint32_t size;

	rig_publish(rig);
	/* a fragment, the first and a later one */
	for (int i = 0; i < 2; i++) {
		size = build(&sent);
		vs_store16(bytes + 20, i ? 1 : 0x2000);
		vs_store16(bytes + 24, 0);
		vs_store16(bytes + 24, vs_checksum(vs_sum(0, bytes + 14, 20)));
		ck_assert_uint_eq(goes(VM, size, OTHER), 0);
	}
	/* ICMP, and a protocol of nobody's */
	sent.protocol = VS_IP_ICMP;
	ck_assert_uint_eq(steady_of(&sent), 0);
	sent.protocol = 132;
	ck_assert_uint_eq(steady_of(&sent), 0);
	sent.ipv6 = true;
	sent.protocol = VS_IP_ICMP6;
	ck_assert_uint_eq(steady_of(&sent), 0);
	/* no IP at all */
	size = build(&sent);
	vs_store16(bytes + 12, 0x88b5);
	ck_assert_uint_eq(goes(VM, size, OTHER), 0);
	ck_assert_uint_eq(steady(), MTU);
}
END_TEST

/* From the host to somebody whom it has heard. */
static uint16_t to_provider(void)
{
	struct sent sent = tcp(HOST, BEHIND), back = tcp(BEHIND, HOST);

	goes(UPLINK, build(&back), HOST);
	return goes(HOST, build(&sent), UPLINK);
}

/* In the provider's network tags are the guests'. */
START_TEST(frame_with_a_tag_is_not)
{
	struct sent sent = tcp(HOST, BEHIND);
	uint32_t size;

	rig_publish(rig);
	ck_assert_uint_eq(to_provider(), MTU);
	size = build(&sent);
	memmove(bytes + 16, bytes + 12, size - 12);
	vs_store16(bytes + 12, VS_TYPE_VLAN);
	vs_store16(bytes + 14, 7);
	ck_assert_uint_eq(goes(HOST, size + 4, UPLINK), 0);
}
END_TEST

START_TEST(frame_to_many_or_to_nobody_in_particular_is_not)
{
	struct sent sent = tcp(VM, OTHER);
	uint32_t size;

	rig_publish(rig);
	/* groups; `other` is the only one that gets them */
	size = build(&sent);
	memcpy(bytes, "\x01\x00\x5e\x01\x01\x01", 6);
	ck_assert_uint_eq(goes(VM, size, OTHER), 0);
	memset(bytes, 0xff, 6);
	ck_assert_uint_eq(goes(VM, size, OTHER), 0);
	/* a MAC that nobody has seen */
	size = build(&sent);
	bytes[5] = 99;
	ck_assert_uint_eq(goes(VM, size, OTHER), 0);
	rig_port(rig, "third", 4, TENANT);
	rig_publish(rig);
	left_count = 0;
	rig_input(rig, VM, bytes, size);
	ck_assert_uint_eq(left_count, 2);
	ck_assert_uint_eq(left[0].steady | left[1].steady, 0);
}
END_TEST

START_TEST(dhcp_is_not_in_either_family)
{
	static const struct {
		uint16_t port;
		bool dhcp;
	} cases[] = {{66, false},  {67, true},	 {68, true},	 {69, false},
		     {545, false}, {546, true},	 {547, true},	 {548, false},
		     {0, false},   {323, false}, {0x4300, false}};

	rig_publish(rig);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int side = 0; side < 4; side++) {
			struct sent sent = tcp(VM, OTHER);

			sent.ipv6 = side / 2;
			*(side % 2 ? &sent.source : &sent.target) =
				cases[i].port;
			ck_assert_uint_eq(steady_of(&sent), MTU);
			sent.protocol = VS_IP_UDP;
			ck_assert_uint_eq(steady_of(&sent),
					  cases[i].dhcp ? 0 : MTU);
		}
}
END_TEST

static void no_line(struct vs_tracer *tracer, const char *station,
		    const char *text)
{
	(void)tracer;
	(void)station;
	(void)text;
}

START_TEST(traced_frame_is_not)
{
	struct vs_worker *probe = vs_switch_worker(rig->sw, 1);
	struct vs_tracer tracer = {.line = no_line};
	struct sent sent = tcp(VM, OTHER);
	struct vs_packet *packet;
	struct vs_input input = {
		.port = {VM}, .count = 1, .packets = &packet, .now = rig->now};

	rig_publish(rig);
	packet = vs_pool_take(vs_worker_pool(probe), false);
	packet->view.size = build(&sent);
	memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, packet->view.size);
	vs_worker_trace(probe, &input, &rig->outbox, &tracer);
	ck_assert_uint_eq(rig->outbox.count, 1);
	ck_assert_uint_eq(rig->outbox.entry[0].steady, 0);
	rig_flush(rig);
}
END_TEST

/* -- ports ------------------------------------------------------------------
 */

START_TEST(guards_that_look_at_the_key_or_at_other_frames_are_no_hindrance)
{
	struct vs_police police = {.dhcp_guard = true,
				   .router_guard = true,
				   .priority_tag = true,
				   .snooping = true,
				   .storm_limit = 1000};

	vm->police = other->police = police;
	vm->mac_guard = vm->ca_guard = false;
	rig_publish(rig);
	ck_assert_uint_eq(steady(), MTU);
}
END_TEST

/* With which a port has its say, or counts, or copies. */
static void set_policy(struct vs_port_plan *plan, int which)
{
	struct vs_acl_rule rule = {.allow = true,
				   .inbound = true,
				   .outbound = true,
				   .by_mac = true,
				   .any_mac = true};
	struct vs_xacl_rule extended = {.allow = true,
					.weight = 1,
					.protocol = VS_XACL_PROTOCOL_ANY,
					.local_ports = {1, 0},
					.remote_ports = {1, 0}};

	switch (which) {
	case 0:
	case 1:
		plan->police.bandwidth[which] = UINT64_C(100000000000);
		break;
	case 2:
	case 3:
		plan->police.monitors[which - 2][0].value = MONITOR;
		break;
	case 4:
		plan->police.loop_guard = true;
		plan->mac_guard = false;
		break;
	case 5:
		plan->police.team = 77;
		break;
	case 6:
		plan->acl = vs_acl_build(&rule, 1, 1);
		break;
	case 7:
	case 8:
		extended.inbound = which == 8;
		plan->xacl = vs_xacl_build(NULL, &extended, 1, 1);
		break;
	default:
		ck_abort();
	}
}
#define POLICIES 9

START_TEST(port_that_counts_limits_copies_or_judges_makes_it_unsteady)
{
	struct vs_port_plan *plan = _i % 2 ? vm : other;
	struct sent sent = tcp(VM, OTHER), back = tcp(OTHER, VM);

	set_policy(plan, _i / 2);
	rig_publish(rig);
	for (int i = 0; i < 2; i++) {
		left_count = 0;
		rig_input(rig, VM, bytes, build(&sent));
		rig_input(rig, OTHER, bytes, build(&back));
		ck_assert_uint_ge(left_count, 2); /* and mirrored ones */
		while (left_count--)
			ck_assert_uint_eq(left[left_count].steady, 0);
	}
	/* rules are the snapshot's: they are gone with it */
	vm->police = other->police = (struct vs_police){0};
	rig_publish(rig);
	ck_assert_uint_eq(steady(), MTU);
}
END_TEST

START_TEST(port_where_tags_mean_something_is_unsteady)
{
	struct vs_port_plan *plan = _i % 2 ? vm : other;

	if (_i / 2) {
		plan->tagged = true;
		plan->tags[0] = 0;
		rig_publish(rig);
		ck_assert_uint_eq(steady(), 0);
		return;
	}
	vm->lane = other->lane =
		(struct vs_lane_plan){.mode = VS_LANE_ACCESS, .vlan = 100};
	vm->vsid_count = lane_vsids(&vm->lane, vm->vsids);
	other->vsid_count = lane_vsids(&other->lane, other->vsids);
	rig_publish(rig);
	ck_assert_uint_eq(steady(), 0);
}
END_TEST

/* A VLAN somewhere makes all uplinks carry tags. */
START_TEST(uplink_that_carries_vlans_is_unsteady)
{
	rig_publish(rig);
	ck_assert_uint_eq(to_provider(), MTU);
	vm->lane = (struct vs_lane_plan){.mode = VS_LANE_ACCESS, .vlan = 100};
	vm->vsid_count = lane_vsids(&vm->lane, vm->vsids);
	rig_publish(rig);
	ck_assert_uint_eq(to_provider(), 0);
}
END_TEST

/* -- the stack --------------------------------------------------------------
 */

static struct {
	bool in, out;	 /* cacheable */
	bool edit, hold; /* frames on their way in */
	bool from_wire;	 /* cacheable */
	uint32_t emit;	 /* so many bytes */
	bool reflect;	 /* back to the switch */
	uint16_t recipe; /* its steadiness */
	uint32_t asked;	 /* the filters, of both */
	const struct vs_frame *held;
} told;

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct vs_instance *instance = calloc(1, sizeof(*instance));

	(void)error;
	ck_assert_ptr_nonnull(instance);
	instance->host = host;
	return instance;
}

static void detach(struct vs_instance *instance)
{
	free(instance);
}

static void filter_in(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst) {
		told.asked++;
		if (told.edit)
			vs_frame_edit(frame, 60, 1)[0] ^= 1;
		if (told.in)
			vs_frame_cacheable(frame);
		if (told.hold)
			ck_assert_int_eq(call->host->hold(call, frame), 0);
		if (told.hold)
			told.held = frame;
	}
}

static uint64_t filter_tick(const struct vs_call *call)
{
	if (told.held)
		call->host->release(call, told.held, VS_PASS, 0);
	told.held = NULL;
	return call->now_ns + 1;
}

static void filter_out(const struct vs_call *call,
		       struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;

	(void)call;
	VS_FOR_EACH (delivery, burst) {
		told.asked++;
		if (told.out)
			vs_delivery_cacheable(delivery);
	}
}

static void capture(const struct vs_call *call,
		    const struct vs_capture_burst *burst)
{
	(void)call;
	(void)burst;
}

static void capture_wire(const struct vs_call *call,
			 const struct vs_wire_frame *frame)
{
	(void)call;
	(void)frame;
}

static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	VS_FOR_EACH (decision, burst)
		vs_decision_learn(decision);
}

static void reflect(const struct vs_call *call, struct vs_outbound *outbound)
{
	const struct vs_frame *frame = vs_outbound_frame(outbound);
	uint8_t header[14];

	memcpy(header, vs_view(frame)->data, sizeof(header));
	header[5] = OTHER;
	ck_assert_int_eq(call->host->reflect(call, outbound,
					     (struct vs_vsid){TENANT}, header,
					     sizeof(header)),
			 0);
}

static void send_recipe(const struct vs_call *call,
			const struct vs_frame *frame)
{
	struct vs_recipe *recipe = call->host->recipe_open(call, frame);

	ck_assert_ptr_nonnull(recipe);
	ck_assert_uint_eq(recipe->steady, 0);
	recipe->steady = told.recipe;
	ck_assert_int_eq(call->host->recipe_commit(call, recipe), 0);
}

static void to_wire(const struct vs_call *call, struct vs_outbound_burst *burst)
{
	struct vs_outbound *outbound;

	VS_FOR_EACH (outbound, burst) {
		if (told.reflect)
			reflect(call, outbound);
		else if (told.hold)
			ck_assert_int_eq(call->host->hold_outbound(
						 call, outbound, &told.held),
					 0);
		else
			send_recipe(call, vs_outbound_frame(outbound));
	}
}

/* What is in `bytes`, in the name of vm. */
static void emit_to_other(const struct vs_call *call)
{
	struct vs_frame *frame = call->host->frame_new(
		call, told.emit, (struct vs_vsid){TENANT});

	ck_assert_ptr_nonnull(frame);
	memcpy(vs_frame_edit(frame, 0, told.emit), bytes, told.emit);
	ck_assert_int_eq(call->host->emit(call, frame, VS_EMIT_PORT,
					  other->info.id, vm->info.id),
			 0);
}

static uint64_t translate_tick(const struct vs_call *call)
{
	if (told.emit)
		emit_to_other(call);
	if (told.held) {
		send_recipe(call, told.held);
		call->host->release(call, told.held, VS_SENT, 0);
		told.held = NULL;
	}
	return call->now_ns + 1;
}

static void from_wire(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	(void)call;
	VS_FOR_EACH (frame, burst) {
		vs_frame_set_vsid(frame, (struct vs_vsid){TENANT});
		vs_frame_edit(frame, 0, 12)[5] = OTHER;
		if (told.from_wire)
			vs_frame_cacheable(frame);
	}
}

static bool serves(const struct vs_state *state, struct vs_vsid vsid)
{
	(void)state;
	return vsid.value == TENANT;
}

static bool is_remote(const struct vs_state *state, struct vs_vsid vsid,
		      const struct vs_mac *mac)
{
	(void)state;
	(void)vsid;
	return mac->octet[5] == BEHIND;
}

static const struct vs_filter_class in_class = {.ingress = filter_in};
static const struct vs_filter_class out_class = {.egress = filter_out};
static const struct vs_capture_class capture_class = {.ingress = capture};
static const struct vs_capture_class wire_class = {.wire = capture_wire};
static const struct vs_forward_class forward_class = {.decide = decide};
static const struct vs_translate_class translate_class = {
	.from_wire = from_wire,
	.to_wire = to_wire,
	.serves = serves,
	.is_remote = is_remote,
};

#define EXTENSION(text, number, class, hooks)                                  \
	{                                                                      \
		VS_EXTENSION_HEAD,                                             \
			.name = text, .version = "1",                          \
			.guid = "22222222-2222-2222-2222-22222222222" number,  \
			.help = "tests", .class = hooks, .attach = attach,     \
			.detach = detach                                       \
	}
static const struct vs_extension filters_in = {
	VS_EXTENSION_HEAD, .name = "in",     .filter = &in_class,
	.attach = attach,  .detach = detach, .tick = filter_tick};
static const struct vs_extension filters_out =
	EXTENSION("out", "1", filter, &out_class);
static const struct vs_extension captures =
	EXTENSION("capture", "2", capture, &capture_class);
static const struct vs_extension captures_wire =
	EXTENSION("wire", "3", capture, &wire_class);
static const struct vs_extension forwards =
	EXTENSION("forward", "4", forward, &forward_class);
static const struct vs_extension translates = {
	VS_EXTENSION_HEAD, .name = "translate", .translate = &translate_class,
	.attach = attach,  .detach = detach,	.tick = translate_tick};

START_TEST(flow_that_somebody_watches_is_not)
{
	static const struct vs_extension *const watching[] = {
		&captures, &captures_wire, &forwards};

	rig_publish(rig);
	ck_assert_uint_eq(steady(), MTU);
	rig_attach(rig, watching[_i]);
	rig_publish(rig);
	ck_assert_uint_eq(steady(), 0);
	ck_assert_uint_eq(steady(), 0);
	rig->stack_count = 0;
	rig_publish(rig);
	ck_assert_uint_eq(steady(), MTU);
}
END_TEST

START_TEST(filter_that_says_nothing_of_the_flow_makes_it_unsteady)
{
	rig_attach(rig, _i ? &filters_out : &filters_in);
	rig_publish(rig);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(steady(), 0);
	ck_assert_uint_eq(told.asked, 4);
}
END_TEST

/* The very first answer only tells that there is somebody whose answers are
 * worth keeping. */
START_TEST(filter_that_answers_for_the_flow_makes_it_steady)
{
	struct sent sent = tcp(VM, OTHER);

	told.in = told.out = true;
	rig_attach(rig, _i ? &filters_out : &filters_in);
	rig_publish(rig);
	ck_assert_uint_eq(steady(), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(steady(), MTU);
	/* asked for the second, of which it was known that it is kept */
	ck_assert_uint_eq(told.asked, 2);
	/* of another flow, the first one will do: that was the answer */
	sent.target++;
	ck_assert_uint_eq(steady_of(&sent), MTU);
	ck_assert_uint_eq(told.asked, 3);
	/* after an invalidation it is to be asked again, and is */
	vs_attachment_instance(rig->stack[0])
		->host->invalidate(vs_attachment_instance(rig->stack[0])->host);
	ck_assert_uint_eq(steady_of(&sent), MTU);
	ck_assert_uint_eq(told.asked, 4);
	told.in = told.out = false;
	sent.target++;
	ck_assert_uint_eq(steady_of(&sent), 0);
}
END_TEST

START_TEST(every_filter_must_answer)
{
	told.in = _i == 0;
	told.out = _i == 1;
	rig_attach(rig, &filters_in);
	rig_attach(rig, &filters_out);
	rig_publish(rig);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(steady(), 0);
	told.in = told.out = true;
	steady();
	ck_assert_uint_eq(steady(), MTU);
}
END_TEST

START_TEST(without_a_flow_cache_nobody_knows_what_a_filter_says)
{
	rig_close(rig);
	open_rig(&changes, true);
	told.in = true;
	rig_attach(rig, &filters_in);
	rig_publish(rig);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(steady(), 0);
}
END_TEST

/* The kernel would not edit what only this frame's hook edits. */
START_TEST(edited_frame_is_not)
{
	told.in = told.edit = true;
	rig_attach(rig, &filters_in);
	rig_publish(rig);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(steady(), 0);
}
END_TEST

START_TEST(frame_that_was_held_is_not)
{
	struct sent sent = tcp(VM, OTHER);

	told.in = told.hold = true;
	rig_attach(rig, &filters_in);
	rig_publish(rig);
	for (int i = 0; i < 3; i++) {
		left_count = 0;
		rig_input(rig, VM, bytes, build(&sent));
		ck_assert_uint_eq(left_count, 0);
		rig_advance(rig, 1000);
		ck_assert_uint_eq(left_count, 1);
		ck_assert_uint_eq(left[0].steady, 0);
	}
}
END_TEST

/* -- the wire ---------------------------------------------------------------
 */

START_TEST(recipe_is_as_steady_as_its_maker_says_and_the_port_allows)
{
	struct sent sent = tcp(VM, BEHIND);
	uint32_t size;

	rig_attach(rig, &translates);
	rig_publish(rig);
	size = build(&sent);
	ck_assert_uint_eq(goes(VM, size, UPLINK), 0);
	told.recipe = 1442;
	ck_assert_uint_eq(goes(VM, size, UPLINK), 1442);
	told.recipe = 9000;
	ck_assert_uint_eq(goes(VM, size, UPLINK), MTU);
	vm->police.bandwidth[false] = UINT64_C(100000000000);
	rig_publish(rig);
	ck_assert_uint_eq(goes(VM, size, UPLINK), 0);
}
END_TEST

START_TEST(recipe_that_somebody_watches_is_not)
{
	struct sent sent = tcp(VM, BEHIND);

	told.recipe = MTU;
	rig_attach(rig, &translates);
	rig_publish(rig);
	ck_assert_uint_eq(goes(VM, build(&sent), UPLINK), MTU);
	rig->stack_count = 0;
	rig_attach(rig, &captures_wire);
	rig_attach(rig, &translates);
	rig_publish(rig);
	ck_assert_uint_eq(goes(VM, build(&sent), UPLINK), 0);
}
END_TEST

START_TEST(recipe_of_a_frame_that_was_held_is_not)
{
	struct sent sent = tcp(VM, BEHIND);

	told.recipe = MTU;
	told.hold = true;
	rig_attach(rig, &translates);
	rig_publish(rig);
	rig_input(rig, VM, bytes, build(&sent));
	ck_assert_uint_eq(left_count, 0);
	rig_advance(rig, 1000);
	ck_assert_uint_eq(left_count, 1);
	ck_assert_uint_eq(left[0].steady, 0);
}
END_TEST

START_TEST(frame_that_an_extension_made_is_not)
{
	struct sent sent = tcp(VM, OTHER);

	rig_attach(rig, &translates);
	rig_publish(rig);
	ck_assert_uint_eq(steady(), MTU);
	told.emit = build(&sent);
	left_count = 0;
	rig_tick(rig);
	ck_assert_uint_eq(left_count, 1);
	ck_assert_uint_eq(left[0].port, OTHER);
	ck_assert_uint_eq(left[0].steady, 0);
}
END_TEST

START_TEST(reflected_frame_is_not)
{
	struct sent sent = tcp(VM, BEHIND);

	told.reflect = true;
	rig_port(rig, "fourth", 4, TENANT);
	rig_attach(rig, &translates);
	rig_publish(rig);
	ck_assert_uint_eq(goes(VM, build(&sent), OTHER), 0);
}
END_TEST

START_TEST(frame_from_the_wire_is_steady_if_the_translation_says_so)
{
	struct sent sent = tcp(BEHIND, OTHER);
	uint32_t size;

	uplink->info.mtu = 9000;
	rig_attach(rig, &translates);
	rig_publish(rig);
	size = build(&sent);
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), 0);
	told.from_wire = true;
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), 9000);
	told.from_wire = false;
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), 0);
}
END_TEST

/* Of a burst, those of which it was said. */
START_TEST(certainty_is_each_frame_s_own)
{
	struct sent sent = tcp(BEHIND, OTHER);
	struct vs_packet *packets[2];
	uint32_t size;

	told.from_wire = told.in = true;
	rig_attach(rig, &filters_in);
	rig_attach(rig, &translates);
	rig_publish(rig);
	size = build(&sent);
	goes(UPLINK, size, OTHER);
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), MTU);
	/* what a filter says of it is no word of the translation's */
	told.from_wire = false;
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), 0);
	/* nor the other way round */
	told.from_wire = true;
	told.in = false;
	sent.target++;
	size = build(&sent);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(goes(UPLINK, size, OTHER), 0);
	told.in = true;
	goes(UPLINK, size, OTHER);
	packets[0] = rig_packet(rig, UPLINK, bytes, 30); /* it is cut */
	packets[1] = rig_packet(rig, UPLINK, bytes, size);
	left_count = 0;
	rig_burst(rig, UPLINK, packets, 2);
	ck_assert_uint_eq(left_count, 1);
	ck_assert_uint_eq(left[0].steady, MTU);
}
END_TEST

START_TEST(frames_of_the_provider_network_pass_through_steadily)
{
	struct sent in = tcp(BEHIND, HOST);

	uplink->info.mtu = 9000;
	rig_publish(rig);
	ck_assert_uint_eq(to_provider(), MTU);
	ck_assert_uint_eq(goes(UPLINK, build(&in), HOST), 9000);
}
END_TEST

/* -- what takes it back -------------------------------------------------------
 */

START_TEST(changes_are_counted_when_something_is_published)
{
	uint64_t before = changes;

	rig_publish(rig);
	ck_assert_uint_gt(changes, before);
	before = changes;
	rig_publish(rig);
	ck_assert_uint_gt(changes, before);
}
END_TEST

START_TEST(changes_are_counted_when_an_extension_invalidates)
{
	const struct vs_main_host *host;
	uint64_t before;

	rig_attach(rig, &filters_in);
	rig_publish(rig);
	host = vs_attachment_instance(rig->stack[0])->host;
	before = changes;
	host->invalidate(host);
	ck_assert_uint_gt(changes, before);
}
END_TEST

static void hear(uint16_t port, uint8_t mac)
{
	struct sent sent = tcp(mac, OTHER);

	left_count = 0;
	rig_input(rig, port, bytes, build(&sent));
}

START_TEST(changes_are_counted_when_a_mac_moves_and_not_for_traffic)
{
	uint64_t before;

	vm->mac_guard = false;
	rig_port(rig, "second", 4, TENANT)->mac_guard = false;
	rig_publish(rig);
	before = changes;
	hear(VM, 99); /* new: who had no place is flooded to, not steady */
	for (int i = 0; i < 5; i++) {
		hear(VM, 99);
		hear(VM, VM);
		rig_advance(rig, UINT64_C(2000000000));
	}
	ck_assert_uint_eq(changes, before);
	hear(4, 99);
	ck_assert_uint_eq(changes, before + 1);
	hear(4, 99);
	ck_assert_uint_eq(changes, before + 1);
	rig_advance(rig, UINT64_C(2000000000));
	hear(VM, 99);
	ck_assert_uint_eq(changes, before + 2);
}
END_TEST

/* -- the books ----------------------------------------------------------------
 */

static struct vs_worker *worker(void)
{
	return vs_switch_worker(rig->sw, 0);
}

static struct vs_ledger_row row_of(uint16_t port, uint32_t vsid)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;

	while (vs_ledger_next(vs_switch_ledger(rig->sw), &cursor, &row))
		if (row.port.value == port && row.vsid == vsid)
			return row;
	return (struct vs_ledger_row){0};
}

START_TEST(frames_that_went_past_are_booked_as_walked_ones)
{
	const struct vs_steady went = {.from = {VM},
				       .to = {OTHER},
				       .vsid = {TENANT},
				       .frames = 1000,
				       .bytes = 90000};
	struct vs_ledger_row before, after;
	struct vs_link *links[2];

	rig_publish(rig);
	steady();
	before = row_of(VM, TENANT);
	vs_worker_enter(worker());
	vs_worker_book(worker(), &went, links);
	vs_worker_park(worker());
	after = row_of(VM, TENANT);
	ck_assert_ptr_eq(links[0], &rig->link[VM]);
	ck_assert_ptr_eq(links[1], &rig->link[OTHER]);
	ck_assert_uint_eq(before.received, 1);
	ck_assert_uint_eq(after.received, 1001);
	ck_assert_uint_eq(after.sent, 1001);
	ck_assert_uint_eq(after.received_bytes - before.received_bytes, 90000);
	ck_assert_uint_eq(after.sent_bytes - before.sent_bytes, 90000);
	ck_assert_int_eq(vs_ledger_balance(&after), 0);
	ck_assert_uint_eq(rig_total(rig).received, 1001);
	steady();
	ck_assert_uint_eq(row_of(VM, TENANT).received, 1002);
}
END_TEST

START_TEST(frames_of_ports_that_are_gone_are_booked_too)
{
	const struct vs_steady went = {.from = {VM},
				       .to = {OTHER},
				       .vsid = {TENANT},
				       .frames = 3,
				       .bytes = 300};
	struct vs_link *links[2];

	rig_publish(rig);
	vm->link = NULL;
	rig->port_count = 1;
	rig_publish(rig);
	vs_worker_enter(worker());
	vs_worker_book(worker(), &went, links);
	ck_assert_ptr_null(links[0]);
	ck_assert_ptr_null(links[1]);
	vs_worker_park(worker());
	ck_assert_uint_eq(rig_total(rig).received, 3);
	ck_assert_uint_eq(rig_total(rig).sent, 3);
	ck_assert_int_eq(rig_balance(rig), 0);
	/* the port itself is gone */
	rig->plan[0] = *rig_port(rig, "late", 12, TENANT);
	rig->port_count = 1;
	rig_publish(rig);
	vs_worker_enter(worker());
	vs_worker_book(worker(), &went, links);
	ck_assert_ptr_null(links[0]);
	vs_worker_park(worker());
	ck_assert_uint_eq(rig_total(rig).received, 6);
	ck_assert_uint_eq(rig_total(rig).sent, 6);
}
END_TEST

static void add_which(TCase *tests)
{
	tcase_add_test(tests, frame_of_a_flow_from_port_to_port_is_steady);
	tcase_add_test(tests, packets_that_admit_lets_in_are_the_limit);
	tcase_add_test(tests, without_anybody_to_tell_nothing_is_steady);
	tcase_add_test(tests, frames_of_no_flow_are_not);
	tcase_add_test(tests, frame_with_a_tag_is_not);
	tcase_add_test(tests, frame_to_many_or_to_nobody_in_particular_is_not);
	tcase_add_test(tests, dhcp_is_not_in_either_family);
	tcase_add_test(tests, traced_frame_is_not);
	tcase_add_test(
		tests,
		guards_that_look_at_the_key_or_at_other_frames_are_no_hindrance);
	tcase_add_loop_test(
		tests,
		port_that_counts_limits_copies_or_judges_makes_it_unsteady, 0,
		2 * POLICIES);
	tcase_add_loop_test(tests, port_where_tags_mean_something_is_unsteady,
			    0, 4);
	tcase_add_test(tests, uplink_that_carries_vlans_is_unsteady);
}

static void add_stack(TCase *tests)
{
	tcase_add_loop_test(tests, flow_that_somebody_watches_is_not, 0, 3);
	tcase_add_loop_test(
		tests, filter_that_says_nothing_of_the_flow_makes_it_unsteady,
		0, 2);
	tcase_add_loop_test(
		tests, filter_that_answers_for_the_flow_makes_it_steady, 0, 2);
	tcase_add_loop_test(tests, every_filter_must_answer, 0, 2);
	tcase_add_test(tests,
		       without_a_flow_cache_nobody_knows_what_a_filter_says);
	tcase_add_test(tests, edited_frame_is_not);
	tcase_add_test(tests, frame_that_was_held_is_not);
	tcase_add_test(
		tests,
		recipe_is_as_steady_as_its_maker_says_and_the_port_allows);
	tcase_add_test(tests, recipe_that_somebody_watches_is_not);
	tcase_add_test(tests, recipe_of_a_frame_that_was_held_is_not);
	tcase_add_test(tests, frame_that_an_extension_made_is_not);
	tcase_add_test(tests, reflected_frame_is_not);
	tcase_add_test(
		tests,
		frame_from_the_wire_is_steady_if_the_translation_says_so);
	tcase_add_test(tests, certainty_is_each_frame_s_own);
	tcase_add_test(tests,
		       frames_of_the_provider_network_pass_through_steadily);
}

static void add_changes(TCase *tests)
{
	tcase_add_test(tests, changes_are_counted_when_something_is_published);
	tcase_add_test(tests,
		       changes_are_counted_when_an_extension_invalidates);
	tcase_add_test(
		tests,
		changes_are_counted_when_a_mac_moves_and_not_for_traffic);
	tcase_add_test(tests, frames_that_went_past_are_booked_as_walked_ones);
	tcase_add_test(tests, frames_of_ports_that_are_gone_are_booked_too);
}

int main(void)
{
	Suite *suite = suite_create("steady");
	TCase *tests = tcase_create("steady");

	tcase_add_checked_fixture(tests, setup, teardown);
	add_which(tests);
	add_stack(tests);
	add_changes(tests);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
