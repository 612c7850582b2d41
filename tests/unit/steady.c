// SPDX-License-Identifier: Apache-2.0
/*
 * Which entries of the outbox stand for their flow (core/steady.h), by frame
 * and port, and how frames that went past the worker get into the books.
 */
#include "tests/support/steady_rig.h"

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

static void add_books(TCase *tests)
{
	tcase_add_test(tests, frames_that_went_past_are_booked_as_walked_ones);
	tcase_add_test(tests, frames_of_ports_that_are_gone_are_booked_too);
}

int main(void)
{
	Suite *suite = suite_create("steady");
	TCase *tests = tcase_create("steady");

	tcase_add_checked_fixture(tests, setup, teardown);
	add_which(tests);
	add_books(tests);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
